"""Progress that picks itself: a bar in a notebook, a line in a terminal, else nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TextIO

#: Short walks show nothing.
_PATIENCE = 0.5
_EVERY = 0.1


class Progress(NamedTuple):
    """Where a walk stands."""

    pages: int
    requests: int
    #: Delivered and acknowledged.
    records: int
    #: The server's total, if it states one.
    total: int | None
    in_flight: int
    #: What the walk waits for: ``backoff``, ``pace`` or ``retry_after``.
    waiting: str | None


class Display(Protocol):
    def show(self, progress: Progress) -> None: ...
    def close(self) -> None: ...


def pick(wish: bool | Callable[[Progress], object] | None, name: str) -> Display | None:
    """The display for a wish; ``None``: as it fits the surroundings."""
    if wish is False:
        return None
    if callable(wish):
        return Called(wish)
    if in_notebook() and (bar := Bar.make(name)):
        return bar
    # Where a program has no console, there is no such stream.
    out: TextIO | None = sys.stderr
    if out is not None and (out.isatty() or wish):
        return Line(out, name, in_place=out.isatty())
    return None


def in_notebook() -> bool:
    """Whether a kernel runs this, not merely something that has loaded one."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and type(ipython.get_ipython()).__module__.startswith("ipykernel")


class Called:
    def __init__(self, call: Callable[[Progress], object]) -> None:
        self._call = call

    def show(self, progress: Progress) -> None:
        self._call(progress)

    def close(self) -> None:
        pass


class Throttled:
    """Shows something now and then, and not at all for a short walk."""

    def __init__(self) -> None:
        self._due = time.monotonic() + _PATIENCE
        self._last: Progress | None = None

    def show(self, progress: Progress) -> None:
        self._last = progress
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _EVERY
            self.draw(progress)

    def draw(self, progress: Progress) -> None:
        raise NotImplementedError


class Line(Throttled):
    def __init__(self, out: TextIO, name: str, *, in_place: bool) -> None:
        super().__init__()
        self._out, self._name, self._in_place, self._drawn = out, name, in_place, False
        self._start = time.monotonic()

    def draw(self, progress: Progress) -> None:
        seconds = max(time.monotonic() - self._start, 1e-9)
        of = f" of {progress.total:,}" if progress.total is not None else ""
        waiting = f", waiting ({progress.waiting.replace('_', ' ')})" if progress.waiting else ""
        text = (
            f"{self._name}: {progress.records:,}{of} records, {progress.pages:,} pages, "
            f"{progress.records / seconds:,.0f}/s{waiting}"
        )
        if self._in_place:
            self._out.write(f"\r\x1b[2K{text}")
            self._out.flush()
        else:
            # A log keeps every line: a few are enough.
            self._due = time.monotonic() + 10
            self._out.write(f"{text}\n")
        self._drawn = True

    def close(self) -> None:
        if self._drawn and self._in_place:
            self._out.write("\r\x1b[2K")
            self._out.flush()


class Bar(Throttled):
    def __init__(self, tqdm: Callable[..., object], name: str) -> None:
        super().__init__()
        self._make, self._name = tqdm, name
        self._bar: object | None = None

    @classmethod
    def make(cls, name: str) -> Bar | None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return None
        return cls(tqdm, name)

    def draw(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = self._make(desc=self._name, unit=" records", total=progress.total)
        self._set(progress)

    def _set(self, progress: Progress) -> None:
        bar = self._bar
        bar.total = progress.total  # type: ignore[union-attr]
        bar.n = progress.records  # type: ignore[union-attr]
        bar.set_postfix_str(progress.waiting or "", refresh=True)  # type: ignore[union-attr]

    def close(self) -> None:
        if self._bar is not None:
            if self._last is not None:
                self._set(self._last)
            self._bar.close()  # type: ignore[attr-defined]
