"""Where a walk can go on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


class Checkpoint:
    """The durable state of what was acknowledged: the same text in every language.

    It may hold positions and cursors, so it is written to files that only their owner can read, and not shown.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def to_json(self) -> str:
        """The checkpoint as JSON, with its checksum."""
        return self._text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it: to a new file, to disk, then over the old one."""
        path = os.fspath(path)
        beside = f"{path}.{os.getpid()}.new"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(self._text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self | None:
        """Reads it; ``None`` if there is none. Whether it is well shows when a walk resumes from it."""
        try:
            with open(path, encoding="utf-8", newline="") as file:
                return cls(file.read())
        except FileNotFoundError:
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checkpoint) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"<everypage.Checkpoint, {len(self._text)} characters>"
