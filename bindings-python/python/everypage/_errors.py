"""What can go wrong: your settings, your calls, the world.

Names and codes are stable; texts are not. No text holds a secret, a query or a cursor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from ._checkpoint import Checkpoint
    from ._report import Report


class EverypageError(Exception):
    """The family: every error of this package is one."""

    #: The stable code, such as ``EP_RATE_LIMITED``.
    code: str = "EP_INTERNAL"
    #: The stable name of the kind, such as ``RateLimited``.
    kind: str = "Internal"
    #: One sentence: what happened and what to do.
    advice: str = ""
    #: Whether the walk can go on from ``checkpoint``.
    resumable: bool = False
    #: The report of the walk, if it had begun.
    report: Report | None = None
    #: Where the walk can go on, if it had begun.
    checkpoint: Checkpoint | None = None
    #: The page that was being fetched, from 1.
    page: int | None = None
    #: Attempts made at that page.
    attempts: int | None = None
    #: The status of the last answer.
    status: int | None = None
    #: When the server will answer again, if it said so: seconds since 1970.
    retry_at: float | None = None
    #: Origin and path of the request.
    url: str | None = None
    #: What the HTTP client raised last, if one was given. Its text may hold the whole URL, so it is not chained.
    client_error: BaseException | None = None


class Fault(NamedTuple):
    """One thing wrong with a source."""

    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"`{self.field}`: found {self.found}, expected {self.expected}"


class InvalidSource(EverypageError, ValueError):
    """The source can't be walked as it is described; ``faults`` lists everything that is wrong with it."""

    code = "EP_INVALID_SOURCE"
    kind = "InvalidSource"
    faults: tuple[Fault, ...] = ()


class SettingsError(EverypageError, ValueError):
    """A client can't be set up like this, or a source file can't be read."""

    code = "EP_SETTINGS"
    kind = "Settings"


class UsageError(EverypageError, RuntimeError):
    """A call that doesn't fit the walk's state. It changed nothing."""

    code = "EP_USAGE"
    kind = "Usage"


class RecordError(EverypageError, ValueError):
    """A record that is no Python object: ``raw=True`` gives its bytes."""

    code = "EP_RECORD"
    kind = "Record"
    #: The record's place among the page's records, from 1.
    index: int = 0


class WalkError(EverypageError):
    """The world: what ended a walk, or kept it from being stored."""

    known: ClassVar[dict[str, type[WalkError]]] = {}

    def __init_subclass__(cls) -> None:
        WalkError.known[cls.code] = cls


class AuthRequiredError(WalkError, PermissionError):
    code, kind = "EP_AUTH_REQUIRED", "AuthRequired"


class BadBodyError(WalkError, ValueError):
    code, kind = "EP_BAD_BODY", "BadBody"


class BadResponseError(WalkError):
    code, kind = "EP_BAD_RESPONSE", "BadResponse"


class WalkCancelledError(WalkError):
    code, kind = "EP_CANCELLED", "Cancelled"


class CaptivePortalError(WalkError):
    code, kind = "EP_CAPTIVE_PORTAL", "CaptivePortal"


class CheckpointCorruptError(WalkError, ValueError):
    code, kind = "EP_CHECKPOINT_CORRUPT", "CheckpointCorrupt"


class CheckpointLockedError(WalkError, BlockingIOError):
    code, kind = "EP_CHECKPOINT_LOCKED", "CheckpointLocked"


class CheckpointMismatchError(WalkError, ValueError):
    code, kind = "EP_CHECKPOINT_MISMATCH", "CheckpointMismatch"


class CheckpointVersionError(WalkError, ValueError):
    code, kind = "EP_CHECKPOINT_VERSION", "CheckpointVersion"


class CrossOriginError(WalkError, PermissionError):
    code, kind = "EP_CROSS_ORIGIN", "CrossOriginNext"


class CursorExpiredError(WalkError):
    code, kind = "EP_CURSOR_EXPIRED", "CursorExpired"


class DeadlineError(WalkError, TimeoutError):
    code, kind = "EP_DEADLINE", "Deadline"


class HeaderNotVisibleError(WalkError):
    code, kind = "EP_HEADER_NOT_VISIBLE", "HeaderNotVisible"


class HostCallbackError(WalkError):
    code, kind = "EP_HOST_CALLBACK", "HostCallback"


class HttpStatusError(WalkError):
    code, kind = "EP_HTTP_STATUS", "HttpStatus"


class IncompleteError(WalkError):
    code, kind = "EP_INCOMPLETE", "Incomplete"


class InternalError(WalkError):
    code, kind = "EP_INTERNAL", "Internal"


class LimitReachedError(WalkError):
    code, kind = "EP_LIMIT_REACHED", "LimitReached"


class ListRestartedError(WalkError):
    code, kind = "EP_LIST_RESTARTED", "ListRestarted"


class LoopDetectedError(WalkError):
    code, kind = "EP_LOOP", "LoopDetected"


class NetworkError(WalkError, ConnectionError):
    code, kind = "EP_NETWORK", "Network"


class NetworkOrCorsError(NetworkError):
    code, kind = "EP_NETWORK_OR_CORS", "NetworkOrCors"


class NoProgressError(WalkError):
    code, kind = "EP_NO_PROGRESS", "NoProgress"


class ProxyAuthError(WalkError):
    code, kind = "EP_PROXY_AUTH", "ProxyAuth"


class QuotaExhaustedError(WalkError):
    code, kind = "EP_QUOTA_EXHAUSTED", "QuotaExhausted"


class RateLimitedError(WalkError):
    code, kind = "EP_RATE_LIMITED", "RateLimited"


class ResultWindowError(WalkError):
    code, kind = "EP_RESULT_WINDOW", "ResultWindowExceeded"


class RetryBudgetError(WalkError):
    code, kind = "EP_RETRY_BUDGET", "RetryBudgetExhausted"


class ServerError(WalkError):
    code, kind = "EP_SERVER_ERROR", "ServerError"


class SinkMismatchError(WalkError, ValueError):
    code, kind = "EP_SINK_MISMATCH", "SinkMismatch"


class SourceChangedError(WalkError):
    code, kind = "EP_SOURCE_CHANGED", "SourceChanged"


class SourceMismatchError(WalkError, ValueError):
    code, kind = "EP_SOURCE_MISMATCH", "SourceMismatch"


class StorageError(WalkError, OSError):
    code, kind = "EP_STORAGE", "Storage"


class AttemptTimeoutError(WalkError, TimeoutError):
    code, kind = "EP_TIMEOUT", "Timeout"


class TlsError(WalkError, ConnectionError):
    code, kind = "EP_TLS", "Tls"


class TooLargeError(WalkError):
    code, kind = "EP_TOO_LARGE", "TooLarge"


class UnsafeCursorError(WalkError, ValueError):
    code, kind = "EP_UNSAFE_CURSOR", "UnsafeCursor"


class UnsafeUrlError(WalkError, ValueError):
    code, kind = "EP_UNSAFE_URL", "UnsafeUrl"


class UrlMismatchError(WalkError):
    code, kind = "EP_URL_MISMATCH", "UrlMismatch"


def build(
    told: tuple[str, str, bool, str], report: str | None, checkpoint: str | None, client_error: BaseException | None
) -> EverypageError:
    """Makes the exception for an error of the native module."""
    import json

    code, message, resumable, text = told
    details: dict[str, Any] = json.loads(text) or {}
    own: dict[str, type[EverypageError]] = {
        kind.code: kind for kind in (InvalidSource, SettingsError, UsageError)
    }
    error = (own.get(code) or WalkError.known.get(code, WalkError))(message)
    error.code, error.resumable = code, resumable
    error.kind = details.get("kind", error.kind)
    error.advice = details.get("advice", message)
    if isinstance(error, InvalidSource):
        error.faults = tuple(Fault(**fault) for fault in details["faults"])
    for name in ("page", "attempts", "status", "url"):
        setattr(error, name, details.get(name))
    if (retry_at := details.get("retry_at")) is not None:
        error.retry_at = retry_at / 1000
    if report is not None:
        from ._report import Report

        error.report = Report.from_json(report)
    if checkpoint is not None:
        from ._checkpoint import Checkpoint

        error.checkpoint = Checkpoint(checkpoint)
    error.client_error = client_error
    return error
