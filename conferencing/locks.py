"""Exclusive locks on files: on the file itself, whichever name it was opened under."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from conferencing.errors import InvalidRequest

if sys.platform == "win32":
    import msvcrt

    _BYTE = 2**62  # a byte that nobody reads: on Windows, others cannot read what is locked

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


__all__ = ["FileInUse", "FileLock"]


class FileInUse(InvalidRequest):
    """Another run holds the lock on the file."""


class FileLock:
    """An exclusive lock on an existing file, until it is closed.

    It belongs to the file and not to its name: symbolic and hard links lead to the same lock, and
    there is no lock file that somebody could remove. `what` names the file in errors. Raises
    `FileInUse` if the file is locked, and `InvalidRequest` if its file system keeps no locks.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        while True:
            self._descriptor = os.open(path, os.O_RDWR)
            try:
                self._acquire(what)
                if self._is_current():
                    return
            except BaseException:
                os.close(self._descriptor)
                raise
            os.close(self._descriptor)  # replaced between opening and locking: lock the new file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise `OSError` unless the path still leads to the locked file."""
        if not self._is_current():
            raise OSError("the file was deleted or replaced during the run")

    def truncate(self) -> None:
        """Make the file empty."""
        os.ftruncate(self._descriptor, 0)

    def _acquire(self, what: str) -> None:
        if not _locks(self._descriptor, self._path, what):
            raise FileInUse(f"{what} {self._path} is in use by another run", field="journal")
        probe = os.open(self._path, os.O_RDWR)
        try:
            same = os.path.samestat(os.fstat(probe), os.fstat(self._descriptor))
            if same and _locks(probe, self._path, what):
                raise _no_locks(self._path, what, "a second lock on it succeeds")
        finally:
            os.close(probe)

    def _is_current(self) -> bool:
        try:
            current = self._path.stat()
        except OSError:
            return False
        return os.path.samestat(current, os.fstat(self._descriptor))


def _locks(descriptor: int, path: Path, what: str) -> bool:
    """Lock the file and return True, or return False if it is locked already."""
    try:
        _try_lock(descriptor)
    except (BlockingIOError, PermissionError):  # the second on Windows
        return False
    except OSError as error:
        raise _no_locks(path, what, error.strerror or str(error)) from error
    return True


def _no_locks(path: Path, what: str, reason: str) -> InvalidRequest:
    return InvalidRequest(
        f"{what} {path} is on a file system that does not keep locks ({reason}), so two runs could"
        " do the same work twice; put it on a local disk",
        field="journal",
    )
