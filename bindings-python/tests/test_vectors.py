"""Every conformance vector, replayed by the machine as Python sees it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from everypage import _everypage

VECTORS = sorted((ROOT / "tests" / "vectors").glob("*.json"))


def test_there_are_as_many_as_are_listed() -> None:
    listed = re.search(r"^(\d+) vectors:$", (ROOT / "tests" / "vectors" / "README.md").read_text(), re.M)
    assert listed is not None
    assert len(VECTORS) == int(listed[1])


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    vector = json.loads(path.read_text(encoding="utf-8"))
    auth = json.dumps(vector["auth"]) if "auth" in vector else None
    source = _everypage.Source.read(json.dumps(vector["source"]), "", vector.get("vars", {}), auth)
    start = vector["start"]

    def moment(tick: int) -> tuple[int, int | None]:
        return tick, None if start["unix"] is None else start["unix"] + tick - start["tick"]

    machine = _everypage.Machine(source, vector["seed"], moment(start["tick"]), vector.get("checkpoint"))
    for step in vector["steps"]:
        at = moment(step.pop("at"))
        ((what, told),) = step.items()
        play(machine, what, told, at)


def play(machine: _everypage.Machine, what: str, told: Any, at: tuple[int, int | None]) -> None:
    match what:
        case "acknowledge":
            machine.acknowledge(told)
        case "checkpoint":
            assert machine.checkpoint() == told
        case "credentials":
            auth = None if told["auth"] is None else json.dumps(told["auth"])
            machine.credentials(told["generation"], auth, at)
        case "failure":
            machine.fail(told["ticket"], told["kind"], "", at)
        case "response":
            body = base64.b64decode(told["body_base64"]) if "body_base64" in told else told.get("body", "").encode()
            machine.respond(
                told["ticket"],
                told["status"],
                [(name, value.encode()) for name, value in told["headers"]],
                body,
                at,
                url=told.get("url"),
                headers_hidden=told.get("headers_hidden", False),
            )
        case "stop":
            machine.stop()
        case _:
            assert seen(*machine.poll(at)) == (what, told)


def seen(what: str, found: Any) -> tuple[str, Any]:
    match what:
        case "deliver":
            records = [record.decode("utf-8", "replace") for record in found.raw()]
            return what, {"page": found.id, "number": found.number, "records": records}
        case "finish":
            return what, {**json.loads(found), "version": "VERSION"}
        case "send":
            ticket, method, url, headers, body, deadline = found
            text = None if body is None else body.decode("utf-8", "replace")
            sent = {"ticket": ticket, "method": method, "url": url, "body": text, "deadline": deadline}
            return what, {**sent, "headers": [list(field) for field in headers]}
        case "sleep":
            return what, {"until": found[0], "why": found[1]}
        case _:
            return what, found
