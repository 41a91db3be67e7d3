"""Fixtures: servers that end with their test, and a budget of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support import Server

import everypage


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts lead servers, which end with the test."""
    servers: list[Server] = []

    def start(*options: str) -> Server:
        servers.append(Server(*options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def budget() -> everypage.Budget:
    """A budget of the test's own: a server that fails all the time empties the one that is shared."""
    return everypage.Budget()
