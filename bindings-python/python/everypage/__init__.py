"""Pulls complete lists out of paginated HTTP APIs: every record that was on the list from the first request to the
last, once, and a verdict on how sure that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _everypage
from ._checkpoint import Checkpoint
from ._errors import (
    AttemptTimeoutError,
    AuthRequiredError,
    BadBodyError,
    BadResponseError,
    CaptivePortalError,
    CheckpointCorruptError,
    CheckpointLockedError,
    CheckpointMismatchError,
    CheckpointVersionError,
    CrossOriginError,
    CursorExpiredError,
    DeadlineError,
    EverypageError,
    Fault,
    HeaderNotVisibleError,
    HostCallbackError,
    HttpStatusError,
    IncompleteError,
    InternalError,
    InvalidSource,
    LimitReachedError,
    ListRestartedError,
    LoopDetectedError,
    NetworkError,
    NetworkOrCorsError,
    NoProgressError,
    ProxyAuthError,
    QuotaExhaustedError,
    RateLimitedError,
    RecordError,
    ResultWindowError,
    RetryBudgetError,
    ServerError,
    SettingsError,
    SinkMismatchError,
    SourceChangedError,
    SourceMismatchError,
    StorageError,
    TlsError,
    TooLargeError,
    UnsafeCursorError,
    UnsafeUrlError,
    UrlMismatchError,
    UsageError,
    WalkCancelledError,
    WalkError,
)
from ._everypage import Budget
from ._walk import Page, Pages, Walk

if TYPE_CHECKING:
    import os

    from ._clients import ClientLike, Request, Response
    from ._progress import Progress
    from ._report import Report
    from ._source import Auth, Source, SourceLike

__version__ = _everypage.VERSION

#: Walks without a client or a budget of their own share these.
_shared: dict[str, Any] = {}


class Client:
    """The built-in transport with settings of its own; walks that are given it share its connections.

    ``proxy`` is a URL, for every request but those to hosts in ``NO_PROXY`` (default: as the environment says);
    ``ca`` a file of certificates (PEM) to trust besides the system's; times are seconds.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        ca: str | os.PathLike[str] | None = None,
        connect_timeout: float | None = None,
        idle_timeout: float | None = None,
        user_agent: str | None = None,
    ) -> None:
        extra: list[bytes] = []
        if ca is not None:
            with open(ca, "rb") as file:
                extra.append(file.read())
        self._native = _everypage.Client(proxy, extra, connect_timeout, idle_timeout, user_agent)


@overload
def walk(
    source: SourceLike,
    *,
    client: Client | ClientLike | None = None,
    auth: Auth | Callable[[int], Auth] | None = None,
    vars: Mapping[str, str] | None = None,
    resume: Checkpoint | None = None,
    strict: bool = False,
    progress: bool | Callable[[Progress], object] | None = None,
    budget: Budget | None = None,
    raw: Literal[False] = False,
    seed: int | None = None,
) -> Walk[Any]: ...


@overload
def walk(
    source: SourceLike,
    *,
    client: Client | ClientLike | None = None,
    auth: Auth | Callable[[int], Auth] | None = None,
    vars: Mapping[str, str] | None = None,
    resume: Checkpoint | None = None,
    strict: bool = False,
    progress: bool | Callable[[Progress], object] | None = None,
    budget: Budget | None = None,
    raw: Literal[True],
    seed: int | None = None,
) -> Walk[bytes]: ...


def walk(
    source: SourceLike,
    *,
    client: Client | ClientLike | None = None,
    auth: Auth | Callable[[int], Auth] | None = None,
    vars: Mapping[str, str] | None = None,
    resume: Checkpoint | None = None,
    strict: bool = False,
    progress: bool | Callable[[Progress], object] | None = None,
    budget: Budget | None = None,
    raw: bool = False,
    seed: int | None = None,
) -> Walk[Any]:
    """A walk over a list; nothing is sent before something is asked of it.

    source
        A mapping, the path of a JSON or TOML file, or a ``Source`` that was built.
    client
        A ``Client``; or your own: of requests, httpx (sync or async), an aiohttp session, or a callable that takes a
        ``Request`` and returns a ``Response``.
    auth
        Credentials, in the form of the source's ``auth``; or a callable that returns them, asked with 0 at first and
        with the next number whenever the server refuses those it has.
    vars
        What ``{NAME}`` in the source stands for.
    resume
        Where to go on.
    strict
        Whether a list that ends unproven or incomplete raises ``IncompleteError``.
    progress
        ``None`` shows what fits: a bar in a notebook, a line in a terminal, else nothing. ``False`` shows nothing,
        ``True`` something anywhere, and a callable is given each ``Progress``.
    budget
        Rate limits shared with other walks. By default all walks of a process share one.
    raw
        Whether records are bytes as the server sent them, instead of Python objects.
    seed
        Where chance comes from: with one seed, walks wait the same times.
    """
    from ._source import read

    authorize: Callable[[int], str] | None = None
    if callable(auth):
        import json

        ask = auth
        authorize = lambda generation: json.dumps(ask(generation))  # noqa: E731
        auth = ask(0)
    document = read(source, vars or {}, auth)
    adapter = None
    if client is None:
        client = _shared.get("client") or _shared.setdefault("client", Client())
    if isinstance(client, Client):
        transport: Any = client._native
    else:
        from ._clients import adapt

        transport = adapter = adapt(client)
    limits: Budget = budget or _shared.get("budget") or _shared.setdefault("budget", Budget())
    text = None if resume is None else resume.to_json()
    native = _everypage.start(document, transport, limits, authorize, text, strict, seed)
    return Walk(native, document, adapter, raw, progress)


#: Loaded when they are asked for, so that the import is quick.
_LATER = {
    "Auth": "_source",
    "Progress": "_progress",
    "Report": "_report",
    "Request": "_clients",
    "Response": "_clients",
    "Source": "_source",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "AttemptTimeoutError",
    "Auth",
    "AuthRequiredError",
    "BadBodyError",
    "BadResponseError",
    "Budget",
    "CaptivePortalError",
    "Checkpoint",
    "CheckpointCorruptError",
    "CheckpointLockedError",
    "CheckpointMismatchError",
    "CheckpointVersionError",
    "Client",
    "CrossOriginError",
    "CursorExpiredError",
    "DeadlineError",
    "EverypageError",
    "Fault",
    "HeaderNotVisibleError",
    "HostCallbackError",
    "HttpStatusError",
    "IncompleteError",
    "InternalError",
    "InvalidSource",
    "LimitReachedError",
    "ListRestartedError",
    "LoopDetectedError",
    "NetworkError",
    "NetworkOrCorsError",
    "NoProgressError",
    "Page",
    "Pages",
    "Progress",
    "ProxyAuthError",
    "QuotaExhaustedError",
    "RateLimitedError",
    "RecordError",
    "Report",
    "Request",
    "Response",
    "ResultWindowError",
    "RetryBudgetError",
    "ServerError",
    "SettingsError",
    "SinkMismatchError",
    "Source",
    "SourceChangedError",
    "SourceMismatchError",
    "StorageError",
    "TlsError",
    "TooLargeError",
    "UnsafeCursorError",
    "UnsafeUrlError",
    "UrlMismatchError",
    "UsageError",
    "Walk",
    "WalkCancelledError",
    "WalkError",
    "walk",
]
