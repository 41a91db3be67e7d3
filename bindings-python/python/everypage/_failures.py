"""From the exceptions of HTTP libraries to the closed list of failures."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any


class TooLarge(Exception):
    """The body is longer than it may be."""


#: By library and class. Where there are two, the second is for an answer whose head had come.
_KINDS: dict[str, tuple[str, str] | str] = {
    "aiohttp.ClientConnectorCertificateError": "tls_invalid",
    "aiohttp.ClientConnectorDNSError": "dns_temporary",
    "aiohttp.ClientConnectorSSLError": "tls_other",
    "aiohttp.ConnectionTimeoutError": "connect_timeout",
    "aiohttp.ContentEncodingError": "decode_error",
    "aiohttp.ServerTimeoutError": "read_timeout",
    "builtins.ConnectionRefusedError": "connect_refused",
    "builtins.TimeoutError": "read_timeout",
    "httpx.ConnectTimeout": "connect_timeout",
    "httpx.DecodingError": "decode_error",
    "httpx.PoolTimeout": "connect_timeout",
    "httpx.TimeoutException": "read_timeout",
    "requests.ConnectTimeout": "connect_timeout",
    "requests.ContentDecodingError": "decode_error",
    "requests.ReadTimeout": "read_timeout",
    "ssl.SSLCertVerificationError": "tls_invalid",
    "urllib3.ConnectTimeoutError": "connect_timeout",
    "urllib3.DecodeError": "decode_error",
    "urllib3.IncompleteRead": "body_truncated",
    "urllib3.InvalidChunkLength": "body_truncated",
    "urllib3.NewConnectionError": "connect_refused",
    "urllib3.ReadTimeoutError": "read_timeout",
}
#: Asked when nothing in the chain is more precise.
_OTHERWISE: dict[str, tuple[str, str] | str] = {
    "aiohttp.ClientConnectorError": "connect_refused",
    "aiohttp.ClientOSError": ("reset_before_response", "reset_in_body"),
    "aiohttp.ClientPayloadError": "body_truncated",
    "aiohttp.ClientResponseError": ("reset_before_response", "reset_in_body"),
    "aiohttp.ClientSSLError": "tls_other",
    "aiohttp.ServerDisconnectedError": ("reset_before_response", "reset_in_body"),
    "builtins.ConnectionError": ("reset_before_response", "reset_in_body"),
    "httpx.ConnectError": "connect_refused",
    "httpx.NetworkError": ("reset_before_response", "reset_in_body"),
    "httpx.ProxyError": "connect_refused",
    "httpx.RemoteProtocolError": ("reset_before_response", "body_truncated"),
    "requests.ChunkedEncodingError": "reset_in_body",
    "requests.ConnectionError": ("reset_before_response", "reset_in_body"),
    "ssl.SSLError": ("tls_other", "reset_in_body"),
}
_LIBRARIES = {"aiohttp", "h11", "h2", "httpcore", "httpx", "requests", "urllib3"}
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


def judge(error: BaseException, head: bool) -> str | None:
    """The kind of failure; ``None`` for an exception that is none of the network's, but of the caller's own code."""
    if isinstance(error, TooLarge):
        return "too_large"
    if not _of_the_network(error):
        return None
    chain = list(_chain(error))
    for cause in chain:
        if _name(type(cause)) == "socket.gaierror":
            import socket

            return "dns_temporary" if cause.args[:1] == (socket.EAI_AGAIN,) else "dns_not_found"
    for table in (_KINDS, _OTHERWISE):
        for cause in chain:
            for kind in type(cause).__mro__:
                found = table.get(_name(kind))
                if found is not None:
                    return found if isinstance(found, str) else found[head]
    return "connect_refused" if any(_errno(cause) in _UNREACHABLE for cause in chain) else "other"


def answered(error: BaseException) -> tuple[int, Any, bytes] | None:
    """The answer inside an exception: of hooks and settings that raise for a status, and of proxies."""
    name = _name(type(error))
    if name in ("httpx.HTTPStatusError", "requests.HTTPError"):
        response: Any = getattr(error, "response", None)
        if response is not None:
            return response.status_code, dict(response.headers), _content(response)
    # With a cause it is no answer, but something that is no HTTP.
    if name == "aiohttp.ClientResponseError" and error.__cause__ is None:
        return getattr(error, "status"), dict(getattr(error, "headers") or {}), b""
    if name in ("httpx.ProxyError", "requests.ProxyError", "aiohttp.ClientHttpProxyError") and "407" in str(error):
        return 407, {}, b""
    return None


def _content(response: Any) -> bytes:
    try:
        content: bytes = response.content
    except Exception:
        # It was being streamed: what counts is the status.
        return b""
    return content


def _of_the_network(error: BaseException) -> bool:
    if isinstance(error, (ConnectionError, TimeoutError)) or _errno(error) in _UNREACHABLE:
        return True
    roots = {_name(kind).split(".")[0] for kind in type(error).__mro__}
    return not roots.isdisjoint(_LIBRARIES | {"ssl", "socket"})


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _name(kind: type) -> str:
    root = kind.__module__.split(".")[0]
    if root == "httpx2" or root == "httpcore2":
        root = root[:-1]
    return f"{root}.{kind.__name__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what is beneath it. The bound is for a chain that bites its tail."""
    found: list[BaseException] = [error]
    for cause in found:
        yield cause
        inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        found += [next_ for next_ in inner if isinstance(next_, BaseException) and next_ not in found]
        if len(found) > 32:
            return
