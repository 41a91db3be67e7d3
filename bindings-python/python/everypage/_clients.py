"""The caller's own HTTP client as the transport of a walk.

A client is recognised by where its class comes from, so nothing is imported that isn't there. Each adapter sends one
request as it is told, without following redirects, and hands back the whole body or the kind of failure. What to do
about either is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, cast

from ._errors import UsageError
from ._failures import TooLarge, answered, judge

if TYPE_CHECKING:
    from ._bridge import Bridge
    from ._everypage import Call

_CHUNK = 1 << 16
#: Where a client has no timeouts of its own: to connect, and between two bytes, in seconds.
_TIMEOUTS = (10.0, 30.0)

Headers: TypeAlias = "Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]]"


class Request:
    """What a callable client is asked to send: exactly these bytes, and no redirect followed."""

    def __init__(self, call: Call) -> None:
        self.method = call.method
        self.url = call.url
        self.headers = dict(call.headers)
        self.body = call.body
        #: The most bytes the body of the answer may have.
        self.body_limit = call.body_limit

    def __repr__(self) -> str:
        return f"<everypage.Request {self.method} {self.url.split('?')[0]}>"


class Response(NamedTuple):
    """What a callable client answers with."""

    status: int
    headers: Headers
    #: The whole body, decoded.
    body: bytes
    #: The URL that was really asked, where the client may have followed a redirect.
    url: str | None = None


#: A client of requests, httpx or aiohttp, or a callable.
ClientLike: TypeAlias = "Callable[[Request], Response | Awaitable[Response]] | object"


class Adapter(Protocol):
    """Carries out calls."""

    #: Whether it runs in an event loop.
    is_async: bool

    def bind(self, bridge: Bridge) -> None: ...
    def __call__(self, call: Call) -> None: ...


def adapt(client: Any) -> Adapter:
    """The adapter for a client."""
    for kind in type(client).__mro__:
        root = kind.__module__.split(".")[0]
        match (root, kind.__name__):
            case ("requests", "Session"):
                return Sync(lambda call, seen: _requests(client, call, seen))
            case ("httpx" | "httpx2", "Client"):
                return Sync(lambda call, seen: _httpx(client, call, seen))
            case ("httpx" | "httpx2", "AsyncClient"):
                return Async(lambda call, seen: _httpx_async(client, call, seen))
            case ("aiohttp", "ClientSession"):
                return Async(lambda call, seen: _aiohttp(client, call, seen))
            case _:
                pass
    import inspect

    ask: Any = client
    if not callable(client):
        raise UsageError(
            "`client` is a Client of everypage, requests, httpx or aiohttp, or a callable; "
            f"not a {type(client).__name__}"
        )
    if inspect.iscoroutinefunction(client) or inspect.iscoroutinefunction(getattr(client, "__call__")):
        return Async(lambda call, seen: _called_async(ask, call))
    return Sync(lambda call, seen: _read(ask(Request(call)), call))


class Seen:
    """How far an exchange has come."""

    head = False


Answer: TypeAlias = tuple[int, list[tuple[str, bytes]], bytes, str | None]


class Sync:
    is_async = False

    def __init__(self, perform: Callable[[Call, Seen], Answer]) -> None:
        self._perform = perform

    def bind(self, bridge: Bridge) -> None:
        pass

    def __call__(self, call: Call) -> None:
        seen = Seen()
        try:
            call.respond(*self._perform(call, seen))
        except BaseException as error:
            _fail(call, error, seen)


class Async:
    is_async = True

    def __init__(self, perform: Callable[[Call, Seen], Awaitable[Answer]]) -> None:
        self._perform = perform
        self._bridge: Bridge | None = None

    def bind(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def __call__(self, call: Call) -> None:
        if self._bridge is None:
            raise UsageError("an async client needs `async for`, or one of the methods that end in `_async`")
        self._bridge.spawn(lambda: self._work(call), call.on_given_up)

    async def _work(self, call: Call) -> None:
        seen = Seen()
        try:
            call.respond(*await self._perform(call, seen))
        except Exception as error:
            _fail(call, error, seen)


def _fail(call: Call, error: BaseException, seen: Seen) -> None:
    if (answer := answered(error)) is not None:
        call.respond(answer[0], _pairs(answer[1]), answer[2], None)
        return
    kind = judge(error, seen.head)
    # The text of an error may hold the URL with a secret in it; its class doesn't.
    words = f"{type(error).__name__} {'while the body came' if seen.head else 'before an answer'}"
    call.fail(kind or "cancelled", words, error, kind is None)


def _pairs(headers: Headers) -> list[tuple[str, bytes]]:
    items = cast("Mapping[str, str | bytes]", headers).items() if isinstance(headers, Mapping) else headers
    return [(name, value if isinstance(value, bytes) else value.encode("utf-8")) for name, value in items]


def _latin(headers: Iterable[tuple[str, str]]) -> list[tuple[str, bytes]]:
    return [(name, value.encode("latin-1", "replace")) for name, value in headers]


class Body:
    """The body of an answer, as far as it may go."""

    def __init__(self, limit: int) -> None:
        self._bytes, self._limit = bytearray(), limit

    def add(self, chunk: bytes) -> None:
        self._bytes += chunk
        if len(self._bytes) > self._limit:
            raise TooLarge

    def whole(self) -> bytes:
        return bytes(self._bytes)


def _requests(session: Any, call: Call, seen: Seen) -> Answer:
    import requests

    headers = dict(call.headers)
    # A session without credentials of its own would take those of ~/.netrc instead of the source's.
    kept = "authorization" in headers and session.auth is None
    asked = requests.Request(call.method, call.url, headers, data=call.body, auth=_as_it_is if kept else None)
    prepared = session.prepare_request(asked)
    if prepared.url == requests.Request(call.method, call.url).prepare().url:
        # What requests would write differently goes out as it is.
        prepared.url = call.url
    settings = session.merge_environment_settings(prepared.url, {}, True, None, None)
    with session.send(prepared, allow_redirects=False, timeout=_TIMEOUTS, **settings) as response:
        seen.head = True
        body = Body(call.body_limit)
        for chunk in response.iter_content(_CHUNK):
            body.add(chunk)
        fields = getattr(response.raw, "headers", None) or response.headers
        return response.status_code, _latin(fields.items()), body.whole(), None


def _as_it_is(request: Any) -> Any:
    return request


def _httpx_request(client: Any, call: Call) -> Any:
    request = client.build_request(call.method, call.url, headers=call.headers, content=call.body)
    wanted = _target(call.url)
    if request.url.raw_path != wanted and not client.params:
        # What httpx would write differently goes out as it is.
        request.extensions = {**request.extensions, "target": wanted}
    return request


def _target(url: str) -> bytes:
    rest = url.split("://", 1)[-1].split("#")[0]
    at = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    target = rest[at:]
    return (target if target.startswith("/") else f"/{target}").encode()


def _httpx_headers(response: Any) -> list[tuple[str, bytes]]:
    return [(name.decode("latin-1"), value) for name, value in response.headers.raw]


def _httpx(client: Any, call: Call, seen: Seen) -> Answer:
    response = client.send(_httpx_request(client, call), stream=True, follow_redirects=False)
    try:
        seen.head = True
        body = Body(call.body_limit)
        for chunk in response.iter_bytes(_CHUNK):
            body.add(chunk)
        return response.status_code, _httpx_headers(response), body.whole(), None
    finally:
        response.close()


async def _httpx_async(client: Any, call: Call, seen: Seen) -> Answer:
    response = await client.send(_httpx_request(client, call), stream=True, follow_redirects=False)
    try:
        seen.head = True
        body = Body(call.body_limit)
        async for chunk in response.aiter_bytes(_CHUNK):
            body.add(chunk)
        return response.status_code, _httpx_headers(response), body.whole(), None
    finally:
        await response.aclose()


async def _aiohttp(session: Any, call: Call, seen: Seen) -> Answer:
    from yarl import URL

    asked = session.request(
        call.method,
        URL(call.url, encoded=True),
        headers=call.headers,
        data=call.body,
        allow_redirects=False,
        raise_for_status=False,
    )
    async with asked as response:
        seen.head = True
        body = Body(call.body_limit)
        async for chunk in response.content.iter_chunked(_CHUNK):
            body.add(chunk)
        headers = [(name.decode("latin-1"), value) for name, value in response.raw_headers]
        return response.status, headers, body.whole(), None


async def _called_async(client: Callable[[Request], Awaitable[Any]], call: Call) -> Answer:
    return _read(await client(Request(call)), call)


def _read(answer: object, call: Call) -> Answer:
    """The answer of a callable: ours, or a response of requests or httpx."""
    response: Any = answer
    url: str | None
    if isinstance(answer, Response):
        status, headers, body, url = answer
    elif all(hasattr(response, name) for name in ("status_code", "headers", "content")):
        status, headers, body, url = response.status_code, response.headers, response.content, str(response.url)
    else:
        kind = type(response).__name__
        raise TypeError(f"a client answers with an everypage.Response, not with a {kind}")
    if len(body) > call.body_limit:
        raise TooLarge
    return status, _pairs(headers), bytes(body), url
