"""How a walk ended, how sure we are, and each piece of evidence."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple, TypeAlias

Verdict: TypeAlias = Literal["complete", "failed", "incomplete", "stopped", "unproven"]


class Check(NamedTuple):
    """One piece of evidence."""

    name: str
    outcome: Literal["failed", "passed", "unavailable"]
    expected: int | None
    found: int | None
    note: str | None


class Counts(NamedTuple):
    """What was counted."""

    pages: int
    requests: int
    retries: int
    records: int
    duplicates: int
    revisions: int
    dropped: int
    bytes: int


class Drift(NamedTuple):
    """Changes of the list while it was walked."""

    events: int
    repaired: int
    open: int


class End(NamedTuple):
    """What ended the walk."""

    page: int
    signal: str
    locator: str | None
    value: Any


class Failure(NamedTuple):
    """The error that ended the walk."""

    kind: str
    code: str
    advice: str
    page: int | None
    attempts: int | None
    status: int | None
    retry_at: int | None
    url: str | None


class Sink(NamedTuple):
    """Where the records went."""

    #: What it promises: ``transactional``, ``appendable``, ``idempotent`` or ``at_least_once``.
    kind: str
    path: str | None


class Total(NamedTuple):
    """The server's total."""

    kind: str | None
    first: int | None
    last: int | None


class Waits(NamedTuple):
    """Milliseconds spent waiting, by reason."""

    backoff: int
    pace: int
    retry_after: int


class Event(NamedTuple):
    """One request or one wait, in milliseconds of the walk's clock."""

    start: int
    end: int
    what: Literal["answered", "failed", "waited"]
    how: str


class Report:
    """The report of a walk. It never holds a token, a cursor or a secret."""

    version: str
    source: str
    #: Identifies the walk over all its resumptions.
    generation: str
    verdict: Verdict
    #: How completeness is known, if it is.
    basis: Literal["contract", "observed"] | None
    end: End | None
    checks: tuple[Check, ...]
    counts: Counts
    total: Total
    drift: Drift
    waits_ms: Waits
    capture: dict[str, Any]
    error: Failure | None
    sink: Sink | None
    checkpoint: str | None
    #: RFC 3339.
    started: str | None
    elapsed_ms: int
    #: The last requests and waits of this process.
    timeline: tuple[Event, ...]

    def __init__(self, text: str, timeline: tuple[Event, ...] = ()) -> None:
        data: dict[str, Any] = json.loads(text)
        self._text = text
        for name in ("version", "source", "generation", "verdict", "basis", "capture", "checkpoint", "started"):
            setattr(self, name, data[name])
        self.elapsed_ms = data["elapsed_ms"]
        self.end = End(**data["end"]) if data["end"] else None
        self.checks = tuple(Check(**check) for check in data["checks"])
        self.counts = Counts(**data["counts"])
        self.total = Total(**data["total"])
        self.drift = Drift(**data["drift"])
        self.waits_ms = Waits(**data["waits_ms"])
        self.error = Failure(**data["error"]) if data["error"] else None
        sink = data["sink"]
        self.sink = Sink(sink["class"], sink["path"]) if sink else None
        self.timeline = timeline

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Reads a report that ``to_json`` or the command has written."""
        return cls(text)

    def to_json(self) -> str:
        """The report as JSON, the same in every language."""
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """The report as plain objects."""
        data: dict[str, Any] = json.loads(self._text)
        return data

    def check(self, name: str) -> Check:
        """The check of that name."""
        return next(check for check in self.checks if check.name == name)

    def __str__(self) -> str:
        from ._everypage import summary

        return summary(self._text)

    def __repr__(self) -> str:
        return f"<everypage.Report of {self.source}: {self.verdict}, {self.counts.records} records>"

    def _repr_html_(self) -> str:
        from ._html import page

        return page(self)
