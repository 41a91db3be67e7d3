"""The fault server against every kind of client: the walk is whole, or says why it isn't."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from support import ASYNC, CLIENTS, SYNC, Server, by_hand, collect

import everypage

#: What a walk gets over.
SURVIVED = [
    "429=30%:after=0",
    "5xx",
    "bom",
    "empty-200",
    "error-in-200",
    "errors-empty-data",
    "excess-body",
    "gzip",
    "gzip-no-trailer",
    "gzip-two-members",
    "html-200",
    "junk-after",
    "lost-response",
    "redirect",
    "reset-before",
    "reset-in-body",
    "slow-drip",
    "truncate-chunked",
    "truncate-close",
    "truncate-gzip",
    "truncate-json",
    "truncate-length",
]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", SURVIVED)
def test_a_fault_is_survived(serve: Callable[..., Server], budget: everypage.Budget, client: str, fault: str) -> None:
    with_rate = fault if "=" in fault or fault in ("bom", "gzip") else f"{fault}=30%"
    server = serve("--records=400", f"--fault={with_rate}", "--seed=3")
    records, walk = collect(client, server.source(), budget=budget)
    assert {record["id"] for record in records} == server.ids()
    assert len(records) == 400
    assert walk.report is not None
    assert walk.report.verdict == "complete"


@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_is_lost_while_the_list_changes(
    serve: Callable[..., Server], budget: everypage.Budget, client: str
) -> None:
    server = serve("--records=1000", "--churn=mixed", "--churn-every=3", "--churn-size=10", "--latency-ms=1")
    records, walk = collect(client, server.source(concurrency=4), budget=budget)
    ids = [record["id"] for record in records]
    assert len(ids) == len(set(ids))
    assert server.ids() <= set(ids)
    assert walk.report is not None
    assert walk.report.verdict == "complete"


@pytest.mark.parametrize("client", CLIENTS)
def test_nobody_listens(budget: everypage.Budget, client: str) -> None:
    source = everypage.Source("http://127.0.0.1:9/?key=hunter2").single().records("/data")
    source.set(["retry"], {"attempts": 2, "base": "1ms"}).auth_query("token", "hunter3")
    with pytest.raises(everypage.NetworkError) as caught:
        collect(client, source, budget=budget)
    error = caught.value
    assert isinstance(error, ConnectionError)
    assert (error.code, error.kind, error.page, error.resumable) == ("EP_NETWORK", "Network", 1, True)
    assert error.report is not None
    assert error.report.verdict == "failed"
    # The exceptions of HTTP libraries hold the URL; ours doesn't, nor is theirs shown with it.
    assert error.__cause__ is None
    assert (client == "built-in") == (error.client_error is None)
    assert "hunter" not in shown(error)


def shown(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error)) + repr(error) + str({**vars(error), "client_error": None})


@pytest.mark.parametrize("client", CLIENTS)
def test_a_login_is_needed(serve: Callable[..., Server], budget: everypage.Budget, client: str) -> None:
    server = serve("--records=100", "--auth-token=hunter2")
    wrong: everypage.Auth = {"bearer": "hunter3"}
    with pytest.raises(everypage.AuthRequiredError) as caught:
        collect(client, server.source(), auth=wrong, budget=budget)
    assert isinstance(caught.value, PermissionError)
    assert caught.value.status == 401
    assert "hunter" not in shown(caught.value)
    records, _ = collect(client, server.source(), auth={"bearer": "hunter2"}, budget=budget)
    assert len(records) == 100


@pytest.mark.parametrize("client", CLIENTS)
def test_fresh_credentials_are_asked_for(
    serve: Callable[..., Server], budget: everypage.Budget, client: str
) -> None:
    server = serve("--records=300", "--auth-token=old", "--fresh-token=new", "--fault=401-once")
    asked: list[int] = []

    def auth(generation: int) -> everypage.Auth:
        asked.append(generation)
        return {"bearer": "new" if generation else "old"}

    records, _ = collect(client, server.source(), auth=auth, budget=budget)
    assert len(records) == 300
    assert len(asked) == 2
    assert asked[0] == 0


class Own(Exception):
    """An exception of the caller's own code."""


def test_the_callers_own_exception_comes_back_as_itself(serve: Callable[..., Server]) -> None:
    server, own = serve("--records=300"), Own("mine")
    calls: list[everypage.Request] = []

    def client(request: everypage.Request) -> everypage.Response:
        calls.append(request)
        if len(calls) == 3:
            raise own
        return by_hand(request)

    walk = everypage.walk(server.source(), client=client)
    with pytest.raises(Own) as caught:
        walk.collect()
    assert caught.value is own
    assert len(calls) == 3
    assert walk.report is not None
    assert walk.report.error is not None
    assert walk.report.error.code == "EP_CANCELLED"
    # What was stored before stays: the walk goes on from there.
    rest = everypage.walk(server.source(), client=by_hand, resume=walk.checkpoint()).collect()
    assert 0 < len(rest) < 300


def test_the_callers_own_exception_comes_back_from_a_loop(serve: Callable[..., Server]) -> None:
    server, own = serve("--records=300"), Own("mine")

    async def client(request: everypage.Request) -> everypage.Response:
        raise own

    with pytest.raises(Own) as caught:
        asyncio.run(everypage.walk(server.source(), client=client).collect_async())
    assert caught.value is own


def test_the_exception_of_credentials_comes_back_as_itself(serve: Callable[..., Server]) -> None:
    server, own = serve("--records=300", "--auth-token=other"), Own("mine")

    def auth(generation: int) -> everypage.Auth:
        if generation:
            raise own
        return {"bearer": "old"}

    with pytest.raises(Own) as caught:
        everypage.walk(server.source(), auth=auth).collect()
    assert caught.value is own


def test_an_answer_of_the_wrong_kind_is_the_callers_fault(serve: Callable[..., Server]) -> None:
    source = serve("--records=10").source()
    with pytest.raises(TypeError, match="not with a str"):
        everypage.walk(source, client=lambda request: "no answer").collect()
    with pytest.raises(everypage.UsageError, match="not a int"):
        everypage.walk(source, client=3)


def test_an_async_client_needs_a_loop(serve: Callable[..., Server]) -> None:
    async def inside() -> None:
        for name in ASYNC:
            client = ASYNC[name]()
            walk = everypage.walk(serve("--records=10").source(), client=client)
            with pytest.raises(everypage.UsageError, match="async for"):
                walk.collect()
            assert len(await walk.collect_async()) == 10
            if close := getattr(client, "aclose", None) or getattr(client, "close", None):
                await close()

    asyncio.run(inside())


@pytest.mark.parametrize("client", [name for name in CLIENTS if "callable" not in name])
def test_the_url_is_sent_byte_for_byte(client: str) -> None:
    """Where a library would write a URL differently."""
    lines: list[str] = []
    with Raw(lambda head: lines.append(head.split("\r\n")[0]) or b"[]") as raw:  # type: ignore[func-returns-value]
        for query in ("a=%2C,%7e~", "q='x'", "b=a+b%20c", "c=%e4|x", "d=[1]&d=[2]"):
            source = everypage.Source(f"{raw.url}/leads?{query}").records("").single()
            collect(client, source)
            # requests leaves it to urllib3, which writes some characters its own way.
            if client != "requests" or query in ("q='x'", "b=a+b%20c"):
                assert lines.pop() == f"GET /leads?{query} HTTP/1.1"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_body_has_a_limit(serve: Callable[..., Server], budget: everypage.Budget, client: str) -> None:
    server = serve("--records=100", "--fault=gzip-bomb=100%:mib=4")
    source = server.source(limits={"body": "1MiB"})
    with pytest.raises(everypage.TooLargeError):
        collect(client, source, budget=budget)


def test_credentials_of_netrc_do_not_replace_the_sources(
    serve: Callable[..., Server], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve("--records=10", "--auth-token=mine")
    with requests.Session() as session:
        walk = everypage.walk(server.source(), client=session, auth={"bearer": "mine"})
        assert len(walk.collect()) == 10


def test_settings_of_the_callers_client_stay(serve: Callable[..., Server]) -> None:
    heads: list[str] = []
    with Raw(lambda head: heads.append(head) or b"[]") as raw:  # type: ignore[func-returns-value]
        source = everypage.Source(f"{raw.url}/leads").records("").single()
        with requests.Session() as session:
            session.headers["x-team"] = "east"
            session.params = {"team": "west"}
            everypage.walk(source, client=session).collect()
        import httpx

        def respond(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=[{"mocked": True}])

        with httpx.Client(transport=httpx.MockTransport(respond)) as client:
            assert everypage.walk(source, client=client).collect() == [{"mocked": True}]
    assert "x-team: east" in heads[0]
    assert heads[0].startswith("GET /leads?team=west ")


class Raw:
    """A server that answers every request with the bytes of a function over its head."""

    def __init__(self, answer: Callable[[str], bytes]) -> None:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._answer = answer

    def __enter__(self) -> Raw:
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        import socket

        # A thread in `accept` is woken by a last visitor.
        self._open = False
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        self._socket.close()

    _open = True

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head and (read := connection.recv(65536)):
                    head += read
                if not self._open:
                    return
                if head:
                    body = self._answer(head.decode())
                    lines = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
                    connection.sendall(lines.encode() + body)


def test_every_kind_of_client_is_tried() -> None:
    assert len(SYNC) + len(ASYNC) == 9
