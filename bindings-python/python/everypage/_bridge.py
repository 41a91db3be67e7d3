"""What is needed of an event loop: to be woken from another thread, and to run a client's requests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any, Protocol


class Bridge(Protocol):
    """A running loop, asyncio's or trio's."""

    def news(self) -> tuple[Callable[[], None], Callable[[], Coroutine[Any, Any, object]]]:
        """Something that any thread may call once, and something that waits for that."""
        ...

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]], started: Callable[[Callable[[], None]], None]) -> None:
        """Runs this in the loop, from any thread; what is handed to ``started`` cancels it, from any thread."""
        ...


def current() -> Bridge:
    """The loop this runs in."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return Trio()
    return Asyncio()


class Asyncio:
    def __init__(self) -> None:
        import asyncio

        self._asyncio = asyncio
        self._loop = asyncio.get_running_loop()
        self._tasks: set[Any] = set()

    def news(self) -> tuple[Callable[[], None], Callable[[], Coroutine[Any, Any, object]]]:
        event = self._asyncio.Event()
        return lambda: self._call(event.set), event.wait

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]], started: Callable[[Callable[[], None]], None]) -> None:
        def begin() -> None:
            task = self._loop.create_task(work())
            # A loop holds its tasks only weakly.
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            started(lambda: self._call(task.cancel))

        self._call(begin)

    def _call(self, work: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)


class Trio:
    def __init__(self) -> None:
        import trio

        self._trio = trio
        self._token = trio.lowlevel.current_trio_token()

    def news(self) -> tuple[Callable[[], None], Callable[[], Coroutine[Any, Any, object]]]:
        event = self._trio.Event()
        return lambda: self._call(event.set), event.wait

    def spawn(self, work: Callable[[], Coroutine[Any, Any, None]], started: Callable[[Callable[[], None]], None]) -> None:
        scope = self._trio.CancelScope()

        async def scoped() -> None:
            with scope:
                await work()

        def begin() -> None:
            self._trio.lowlevel.spawn_system_task(scoped)
            started(lambda: self._call(scope.cancel))

        self._call(begin)

    def _call(self, work: Callable[[], object]) -> None:
        try:
            self._token.run_sync_soon(work)
        except self._trio.RunFinishedError:
            # Nobody is left to be told.
            pass
