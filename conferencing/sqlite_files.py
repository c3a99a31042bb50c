"""SQLite files that several processes share, for stores of one machine."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from conferencing.handles import Handle

__all__ = ["SharedFile", "begin_transaction"]

T = TypeVar("T")

BUSY: Final = 0.05
"""How long a thread waits for a locked file, in seconds, before its coroutine tries again."""


class SharedFile:
    """A SQLite file that is opened at its first use. `prepare` makes its tables on each opening.

    It has to be on a local disk. With `private`, only its owner may read it.
    """

    def __init__(
        self, path: Path, prepare: Callable[[sqlite3.Connection], object], *, private: bool = False
    ) -> None:
        self._path = path
        self._prepare = prepare
        self._private = private
        self._file = Handle(self._open, sqlite3.Connection.close)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a thread, again as long as another process has the file locked.

        A thread cannot be cancelled, so it waits for a moment only, and the caller's deadline ends
        the loop.
        """
        while True:
            try:
                return await self._file.run(work)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
            await asyncio.sleep(BUSY)

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()

    def _open(self) -> sqlite3.Connection:
        if self._private:  # SQLite makes its journals with the permissions of the file
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        file = sqlite3.connect(
            self._path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(file)
        except BaseException:
            file.close()
            raise
        return file


def begin_transaction(file: sqlite3.Connection) -> sqlite3.Connection:
    """Begin an exclusive transaction; `with` on the connection commits it."""
    file.execute("BEGIN IMMEDIATE")
    return file
