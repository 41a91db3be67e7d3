"""Sources: a mapping, a file, or built step by step. All three are the same JSON document."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, TypedDict, cast

from . import _everypage
from ._errors import Fault, InvalidSource

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json] | Mapping[str, Json]"


class Auth(TypedDict, total=False):
    """Credentials: every value is a secret."""

    bearer: str
    basic: tuple[str, str] | list[str]
    header: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, str]


class Source:
    """Describes a list step by step, as the builder in Rust does.

    >>> leads = (
    ...     Source("https://api.example.com/v1/leads")
    ...     .records("/data")
    ...     .id("/id")
    ...     .size("query:limit", 100)
    ...     .cursor("body:/next", "query:cursor")
    ... )
    >>> leads.to_dict()["records"]
    '/data'
    """

    def __init__(self, url: str) -> None:
        self._document: dict[str, Any] = {"request": {"url": url}}

    def name(self, name: str) -> Source:
        """A label for reports."""
        return self.set(["name"], name)

    def query(self, name: str, value: Json) -> Source:
        """A query parameter of every request; a list repeats it."""
        return self.set(["request", "query", name], value)

    def header(self, name: str, value: str) -> Source:
        """A header of every request."""
        return self.set(["request", "headers", name], value)

    def read_only_post(self, body: Json) -> Source:
        """Sends a POST with this JSON body. By calling this you say that repeating the call changes nothing on the
        server."""
        posted = self.set(["request", "method"], "POST").set(["request", "read_only"], True)
        return posted if body is None else posted.set(["request", "body"], body)

    def bearer(self, token: str) -> Source:
        """Sends ``Authorization: Bearer …``. ``${NAME}`` is filled in from the environment."""
        return self.set(["auth", "bearer"], token)

    def basic(self, user: str, password: str) -> Source:
        """Sends ``Authorization: Basic …``."""
        return self.set(["auth", "basic"], [user, password])

    def auth_header(self, name: str, value: str) -> Source:
        """Sends a credential in a header."""
        return self.set(["auth", "header", name], value)

    def auth_query(self, name: str, value: str) -> Source:
        """Sends a credential in the query."""
        return self.set(["auth", "query", name], value)

    def records(self, pointer: str) -> Source:
        """Where the array of records is."""
        return self.set(["records"], pointer)

    def id(self, pointer: str) -> Source:
        """What identifies a record."""
        return self.set(["id"], pointer)

    def order(self, by: str, direction: Literal["asc", "desc"], immutable: bool) -> Source:
        """What the server sorts by, and whether a record never changes its place."""
        return self.set(["order"], {"by": by, "direction": direction, "immutable": immutable})

    def size(self, write: str, value: int) -> Source:
        """The page size and where it is asked for."""
        return self.set(["size", "write"], write).set(["size", "value"], value)

    def max_size(self, maximum: int) -> Source:
        """The greatest page size the server takes."""
        return self.set(["size", "max"], maximum)

    def cursor(self, read: str, write: str) -> Source:
        """A token of the server: where it is read and where it is written."""
        return self.set(["pagination"], {"style": "cursor", "read": read, "write": write})

    def keyset(self, write: str) -> Source:
        """The key of the last record, by default its id."""
        return self.set(["pagination"], {"style": "keyset", "write": write})

    def offset(self, write: str) -> Source:
        """Rows to skip."""
        return self.set(["pagination"], {"style": "offset", "write": write})

    def page(self, write: str) -> Source:
        """A page number."""
        return self.set(["pagination"], {"style": "page", "write": write})

    def link(self, read: str) -> Source:
        """A link of the server, followed as it is."""
        return self.set(["pagination"], {"style": "link", "read": read})

    def single(self) -> Source:
        """The whole list is one response."""
        return self.set(["pagination"], {"style": "single"})

    def state(self, state: Mapping[str, Json]) -> Source:
        """One variable of the long form; call it once for each."""
        return self._push(["pagination", "state"], state)

    def stable(self, promise: Literal["key", "snapshot"]) -> Source:
        """What the vendor promises of its tokens or links."""
        return self.set(["pagination", "stable"], promise)

    def end(self, signal: Json) -> Source:
        """One end signal, instead of the style's natural ones; call it once for each."""
        return self._push(["end"], signal)

    def total(self, read: str) -> Source:
        """Where the exact number of records is read."""
        return self.set(["total", "read"], read)

    def total_kind(self, kind: Literal["at_least", "estimate", "exact", "page", "remaining"]) -> Source:
        """How far the total can be trusted."""
        return self.set(["total", "kind"], kind)

    def rate(self, requests: int, per: str) -> Source:
        """A rate limit: so many requests in this time, such as ``"60s"``."""
        return self._push(["rate"], {"requests": requests, "per": per})

    def concurrency(self, requests: int) -> Source:
        """Requests in flight."""
        return self.set(["concurrency"], requests)

    def set(self, path: list[str], value: Json) -> Source:
        """Any other key, by its path: ``set(["limits", "pages"], 10)``."""
        self._place(path[:-1])[path[-1]] = value
        return self

    def to_dict(self) -> dict[str, Any]:
        """The document so far. It holds the credentials that were given."""
        copy: dict[str, Any] = json.loads(_dumps(self._document))
        return copy

    def _push(self, path: list[str], value: Json) -> Source:
        place = self._place(path[:-1])
        place[path[-1]] = [*place.get(path[-1], []), value]
        return self

    def _place(self, path: list[str]) -> dict[str, Any]:
        here = self._document
        for name in path:
            # What leads to a value becomes an object, as in Rust.
            if not isinstance(here.get(name), dict):
                here[name] = {}
            here = here[name]
        return here

    def __repr__(self) -> str:
        request = self._document["request"]["url"].split("?")[0]
        return f"<everypage.Source of {request}>"


SourceLike: TypeAlias = "Source | Mapping[str, Any] | str | os.PathLike[str]"


def read(source: SourceLike, variables: Mapping[str, str], auth: Mapping[str, Any] | None) -> _everypage.Source:
    """The validated source."""
    credentials = None if auth is None else _dumps(auth, "auth")
    if isinstance(source, Source):
        source = source._document
    if isinstance(source, Mapping):
        return _everypage.Source.read(_dumps(source), "", variables, credentials)
    return _everypage.Source.read(None, source, variables, credentials)


def _dumps(value: object, field: str = "source") -> str:
    try:
        return json.dumps(value, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        fault = _fault(value, "" if field == "source" else field) or Fault(field, "a value", "plain JSON")
        refused = InvalidSource(f"invalid source: {fault}")
        refused.faults = (fault,)
        raise refused from (None if field == "auth" else error)


def _plain(value: object) -> object:
    if not isinstance(value, Mapping):
        raise TypeError(type(value).__name__)
    members = cast("Mapping[str, object]", value)
    return dict(members)


def _fault(value: object, at: str) -> Fault | None:
    """The first place that is no JSON."""
    inner: list[tuple[str, object]]
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        inner = [(f"{at}.{name}".lstrip("."), item) for name, item in members.items()]
    elif isinstance(value, (list, tuple)):
        items = cast("list[object]", value)
        inner = [(f"{at}[{index}]", item) for index, item in enumerate(items)]
    elif value is None or isinstance(value, (str, int)) or (isinstance(value, float) and value - value == 0):
        return None
    else:
        return Fault(at or "source", f"a {type(value).__name__}", "an object, array, text, number or boolean")
    return next((fault for name, item in inner if (fault := _fault(item, name))), None)
