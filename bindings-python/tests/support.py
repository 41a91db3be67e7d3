"""What the tests share: the lead server of the project, and clients of every kind that walks can be given."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import requests

import everypage

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"


class Server:
    """One lead server."""

    def __init__(self, *options: str) -> None:
        command = [str(TARGET / "everypage-leadserver"), "--until-eof", *options]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def ids(self) -> set[str]:
        """The ids that were on the list all the time."""
        return set(self.get("/oracle"))

    def source(self, **more: Any) -> dict[str, Any]:
        """The list by offset, with short pauses between tries."""
        return {
            "name": "leads",
            "request": {"url": f"{self.url}/offset"},
            "records": "/data",
            "id": "/id",
            "order": {"by": "/created_at", "direction": "desc", "immutable": True},
            "size": {"write": "query:limit", "value": 50},
            "pagination": {"style": "offset"},
            "total": "body:/total",
            "retry": {"base": "1ms", "cap": "5ms"},
            **more,
        }

    def close(self) -> None:
        self._process.communicate()


#: Every kind of client, by name; the async ones are made inside a loop.
SYNC: dict[str, Callable[[], Any]] = {
    "built-in": lambda: None,
    "callable": lambda: by_hand,
    "httpx": httpx.Client,
    "httpx2": httpx2.Client,
    "requests": requests.Session,
}
ASYNC: dict[str, Callable[[], Any]] = {
    "aiohttp": aiohttp.ClientSession,
    "async callable": lambda: by_hand_async,
    "httpx-async": httpx.AsyncClient,
    "httpx2-async": httpx2.AsyncClient,
}
CLIENTS = [*SYNC, *ASYNC]


def by_hand(request: everypage.Request) -> everypage.Response:
    """A client as a user may write one, on the standard library."""
    import gzip
    import http.client
    from urllib.parse import urlsplit

    host = urlsplit(request.url).netloc
    target = request.url.split(host, 1)[1] or "/"
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(request.method, target, request.body, {**request.headers, "accept-encoding": "gzip"})
        answer = connection.getresponse()
        try:
            body = answer.read(request.body_limit + 1)
        except http.client.IncompleteRead as error:
            raise ConnectionResetError("cut") from error
        if answer.getheader("content-length") not in (None, str(len(body))):
            raise ConnectionResetError("cut")
        if answer.getheader("content-encoding") == "gzip":
            try:
                body = gzip.decompress(body)
            except (EOFError, OSError) as error:
                raise ConnectionResetError("bad gzip") from error
        return everypage.Response(answer.status, answer.getheaders(), body)
    except http.client.BadStatusLine as error:
        raise ConnectionResetError("no HTTP") from error
    finally:
        connection.close()


async def by_hand_async(request: everypage.Request) -> everypage.Response:
    return await asyncio.to_thread(by_hand, request)


def collect(name: str, source: Any, **options: Any) -> tuple[list[Any], everypage.Walk[Any]]:
    """Walks a list with a client of this kind."""
    if name in SYNC:
        client = SYNC[name]()
        walk = everypage.walk(source, client=client, **options)
        try:
            return walk.collect(), walk
        finally:
            getattr(client, "close", lambda: None)()

    async def inside() -> tuple[list[Any], everypage.Walk[Any]]:
        client = ASYNC[name]()
        try:
            walk = everypage.walk(source, client=client, **options)
            return await walk.collect_async(), walk
        finally:
            if close := getattr(client, "aclose", None) or getattr(client, "close", None):
                await close()

    return asyncio.run(inside())
