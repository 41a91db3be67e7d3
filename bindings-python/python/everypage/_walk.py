"""A walk: one object for ``for`` and ``async for``, by record or by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._checkpoint import Checkpoint
from ._errors import RecordError, UsageError

if TYPE_CHECKING:
    import os

    import duckdb
    import pandas
    import polars
    import pyarrow

    from . import _everypage
    from ._clients import Adapter
    from ._progress import Progress
    from ._report import Report

T = TypeVar("T")

#: Milliseconds after which a wait looks up, so that Ctrl-C is heard.
_SLICE = 50


class Page(Generic[T]):
    """The fresh records of one response."""

    __slots__ = ("_native", "_read", "_records", "_turn")

    def __init__(self, native: _everypage.Page, turn: Turn[T]) -> None:
        self._native, self._turn = native, turn
        self._records: list[T] | None = None

    @property
    def number(self) -> int:
        """The position of its response among the accepted ones, from 1."""
        return self._native.number

    @property
    def records(self) -> list[T]:
        """The records."""
        if self._records is None:
            self._records = self._turn.read(self._native)
        return self._records

    @property
    def raw(self) -> list[bytes]:
        """The records, each as the bytes the server sent."""
        return self._native.raw()

    @property
    def revisions(self) -> Sequence[int]:
        """Places of records that are newer bytes of a record delivered before."""
        return self._native.revisions()

    def ndjson(self) -> bytes:
        """The records as lines, each with the bytes the server sent."""
        return self._native.ndjson()

    def commit(self) -> None:
        """Acknowledges the page: it is stored. Asking for the next page does so, too."""
        self._turn.commit(self._native)

    def __len__(self) -> int:
        return len(self._native)

    def __iter__(self) -> Iterator[T]:
        return iter(self.records)

    def __repr__(self) -> str:
        return f"<everypage.Page {self.number}, {len(self)} records>"


class Turn(Generic[T]):
    """The one use of a walk, while it lasts."""

    def __init__(self, walk: Walk[T]) -> None:
        self._walk, self._native, self._shown = walk, walk._native, walk._display()
        self.read: Callable[[_everypage.Page], list[T]] = walk._read
        self._in_hand: int | None = None
        self._over = False

    def next(self) -> Page[T] | None:
        """The next page, or ``None`` after the last."""
        found = self._native.next(_SLICE)
        while isinstance(found, str):
            self.show()
            if found == "over":
                self.close()
                return None
            found = self._native.next(_SLICE)
        return self._hand(found)

    async def next_async(self, bridge: Any) -> Page[T] | None:
        """The same, in an event loop."""
        while True:
            told, news = bridge.news()
            if not self._native.request(told):
                await news()
            found = self._native.take()
            if not isinstance(found, str):
                return self._hand(found)
            self.show()
            if found == "over":
                self.close()
                return None

    def _hand(self, page: _everypage.Page) -> Page[T]:
        self._in_hand = page.id
        self.show()
        return Page(page, self)

    def commit(self, page: _everypage.Page) -> None:
        if self._in_hand != page.id:
            raise UsageError("this page is acknowledged, or no longer the one in hand")
        self._native.commit()
        self._in_hand = None

    def show(self) -> None:
        if self._shown is not None:
            self._shown.show(self._walk.progress)

    def close(self) -> None:
        """Ends the walk where it stands, unless it has ended."""
        if not self._over:
            self._over = True
            self._native.close()
            if self._shown is not None:
                self._shown.close()


class Pages(Generic[T]):
    """The pages of a walk, for ``for`` and ``async for``."""

    def __init__(self, walk: Walk[T]) -> None:
        self._walk = walk

    def __iter__(self) -> Iterator[Page[T]]:
        return self._walk._pages(self._walk._begin())

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self._walk._pages_async(self._walk._begin_async())


class Walk(Generic[T]):
    """One traversal of a list, from its start or a checkpoint to a report. It is used once.

    By record, a page is acknowledged, and so part of the checkpoint, when the first record after it is asked for; by
    page, when the next page is asked for or ``commit()`` is called.
    """

    def __init__(
        self,
        native: _everypage.Walk,
        source: _everypage.Source,
        adapter: Adapter | None,
        raw: bool,
        progress: bool | Callable[[Progress], object] | None,
    ) -> None:
        self._native, self._adapter, self._wish, self._begun = native, adapter, progress, False
        self._read: Callable[[_everypage.Page], list[T]] = _raw if raw else _objects
        self._report: Report | None = None
        #: The source's name.
        self.name = source.name

    def __iter__(self) -> Iterator[T]:
        return self._records(self._begin())

    def __aiter__(self) -> AsyncIterator[T]:
        return self._records_async(self._begin_async())

    def pages(self) -> Pages[T]:
        """The pages instead of the records."""
        return Pages(self)

    def collect(self) -> list[T]:
        """All records."""
        found: list[T] = []
        for page in self.pages():
            found += page.records
        return found

    async def collect_async(self) -> list[T]:
        """All records, in an event loop."""
        found: list[T] = []
        async for page in self.pages():
            found += page.records
        return found

    def to_jsonl(self, path: str | os.PathLike[str], *, resume: bool = False) -> Report:
        """Stores the records in a file, one a line, with the checkpoint beside it (``PATH.checkpoint``).

        A file that exists is refused; with ``resume`` the walk goes on where its checkpoint stands, whatever became of
        the process that wrote it. Ctrl-C brings the file to a good end first.
        """
        from threading import Event

        self._start(needs_loop=False)
        done, shown = Event(), self._display()
        self._native.store(path, resume, done.set)
        try:
            while not done.wait(_SLICE / 1000):
                if shown is not None:
                    shown.show(self.progress)
        except BaseException:
            self._native.stop()
            done.wait()
            raise
        finally:
            if shown is not None:
                shown.close()
        self._native.take()
        return self._ended()

    async def to_jsonl_async(self, path: str | os.PathLike[str], *, resume: bool = False) -> Report:
        """The same, in an event loop."""
        bridge = self._begin_loop()
        told, news = bridge.news()
        self._native.store(path, resume, told)
        try:
            await news()
        finally:
            self._native.stop()
        self._native.take()
        return self._ended()

    def to_arrow(self, *, schema: pyarrow.Schema | None = None) -> pyarrow.Table:
        """All records as an Arrow table; needs ``everypage[arrow]``."""
        from ._frames import to_arrow

        table: pyarrow.Table = to_arrow(self.pages(), schema)
        return table

    def to_polars(self, *, schema: pyarrow.Schema | None = None) -> polars.DataFrame:
        """All records as a Polars frame; needs ``everypage[polars]``."""
        from ._frames import to_polars

        frame: polars.DataFrame = to_polars(self.pages(), schema)
        return frame

    def to_pandas(self, *, schema: pyarrow.Schema | None = None) -> pandas.DataFrame:
        """All records as a pandas frame; needs ``everypage[pandas]``. Whole numbers with gaps become ``Int64``."""
        from ._frames import to_pandas

        frame: pandas.DataFrame = to_pandas(self.pages(), schema)
        return frame

    def to_duckdb(self, *, schema: pyarrow.Schema | None = None) -> duckdb.DuckDBPyRelation:
        """All records as a DuckDB relation; needs ``everypage[duckdb]``."""
        from ._frames import to_duckdb

        relation: duckdb.DuckDBPyRelation = to_duckdb(self.pages(), schema)
        return relation

    def checkpoint(self) -> Checkpoint | None:
        """Where to go on: what was acknowledged, and nothing else. ``None`` before the first request."""
        text = self._native.checkpoint()
        return None if text is None else Checkpoint(text)

    def stop(self) -> None:
        """Ends the walk as ``stopped``, from any thread."""
        self._native.stop()

    @property
    def report(self) -> Report | None:
        """How the walk ended; ``None`` while it runs."""
        if self._report is None and (text := self._native.report()) is not None:
            from ._report import Event, Report

            self._report = Report(text, tuple(Event(*event) for event in self._native.timeline()))  # type: ignore[arg-type]
        return self._report

    @property
    def progress(self) -> Progress:
        """Where the walk stands."""
        from ._progress import Progress

        return Progress(*self._native.progress())

    def __repr__(self) -> str:
        state = self.report.verdict if self.report else "running" if self._begun else "not begun"
        return f"<everypage.Walk of {self.name}: {state}>"

    def _start(self, *, needs_loop: bool) -> None:
        if self._begun:
            raise UsageError("a walk is used once; start a new one or resume from its checkpoint")
        if self._adapter is not None and self._adapter.is_async and not needs_loop:
            raise UsageError("an async client needs `async for`, or one of the methods that end in `_async`")
        self._begun = True

    def _begin(self) -> Turn[T]:
        self._start(needs_loop=False)
        return Turn(self)

    def _begin_loop(self) -> Any:
        from ._bridge import current

        self._start(needs_loop=True)
        bridge = current()
        if self._adapter is not None:
            self._adapter.bind(bridge)
        return bridge

    def _begin_async(self) -> tuple[Turn[T], Any]:
        bridge = self._begin_loop()
        return Turn(self), bridge

    def _display(self) -> Any:
        if self._wish is False:
            return None
        from ._progress import pick

        return pick(self._wish, self.name)

    def _ended(self) -> Report:
        report = self.report
        assert report is not None
        return report

    def _pages(self, turn: Turn[T]) -> Iterator[Page[T]]:
        try:
            while (page := turn.next()) is not None:
                yield page
        finally:
            turn.close()

    def _records(self, turn: Turn[T]) -> Iterator[T]:
        try:
            while (page := turn.next()) is not None:
                yield from page.records
        finally:
            turn.close()

    async def _pages_async(self, begun: tuple[Turn[T], Any]) -> AsyncIterator[Page[T]]:
        turn, bridge = begun
        try:
            while (page := await turn.next_async(bridge)) is not None:
                yield page
        finally:
            turn.close()

    async def _records_async(self, begun: tuple[Turn[T], Any]) -> AsyncIterator[T]:
        turn, bridge = begun
        try:
            while (page := await turn.next_async(bridge)) is not None:
                for record in page.records:
                    yield record
        finally:
            turn.close()


def _raw(page: _everypage.Page) -> list[Any]:
    return page.raw()


def _objects(page: _everypage.Page) -> list[Any]:
    records = page.objects()
    if records is not None:
        return records
    return [_slowly(record, page.number, index) for index, record in enumerate(page.raw(), 1)]


def _slowly(record: bytes, page: int, index: int) -> Any:
    """What the quick reader refuses: Python's own takes lone surrogates as they are."""
    import json

    try:
        return json.loads(record)
    except ValueError as error:
        refused = RecordError(
            f"record {index} of page {page} can't be made a Python object ({type(error).__name__}): "
            "`raw=True` gives its bytes"
        )
        refused.page, refused.index, refused.resumable = page, index, True
        raise refused from None
