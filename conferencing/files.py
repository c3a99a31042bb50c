"""Write files atomically: a file appears complete or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["PartialFile", "check_target", "write_atomically"]

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system answers that does not support hard links."""


class PartialFile:
    """A temporary file beside `path` that takes its place when it is complete.

    Its permissions are `mode` less the umask. All methods block, and raise `InvalidRequest` that
    names `field` if `path` cannot be written, if it exists and `replace` is not set, and if it is not
    a regular file: a device or a FIFO is never replaced.
    """

    def __init__(
        self, path: Path, *, replace: bool = False, mode: int = 0o666, field: str = "path"
    ) -> None:
        self._path, self._replace, self._field = path, replace, field
        check_target(path, replace=replace, field=field)
        with _convert_errors(path, field):
            self._part = path.with_name(f".conferencing-{token_hex(8)}.part")
            self._file = open(self._part, "xb", opener=partial(os.open, mode=mode))  # noqa: SIM115

    def write(self, content: bytes) -> None:
        """Append bytes."""
        with _convert_errors(self._path, self._field):
            self._file.write(content)

    def commit(self) -> None:
        """Take the place of `path`; a file that appeared there meanwhile is kept or replaced."""
        with _convert_errors(self._path, self._field):
            self._file.close()
            check_target(self._path, replace=self._replace, field=self._field)
            if self._replace:
                self._part.replace(self._path)
                return
            try:
                _rename_to_new(self._part, self._path)
            except FileExistsError as error:
                raise _exists(self._path, self._field) from error

    def discard(self) -> None:
        """Close and remove the temporary file; after `commit()` there is none."""
        with suppress(OSError):  # closing writes what is buffered, and the disk may be full
            self._file.close()
        self._part.unlink(missing_ok=True)


def write_atomically(
    path: Path, content: bytes, *, replace: bool = False, mode: int = 0o666, field: str = "path"
) -> None:
    """Write a whole file by a `PartialFile`, whose arguments it takes."""
    part = PartialFile(path, replace=replace, mode=mode, field=field)
    try:
        part.write(content)
        part.commit()
    finally:
        part.discard()


def check_target(path: Path, *, replace: bool = False, field: str = "path") -> None:
    """Raise `InvalidRequest` if a `PartialFile` would not be written to `path`."""
    with _convert_errors(path, field):
        if not replace and os.path.lexists(path):
            raise _exists(path, field)
        if path.exists() and not path.is_file():
            raise InvalidRequest(f"{path} cannot be written: it is not a regular file", field=field)


def _rename_to_new(part: Path, path: Path) -> None:
    """Rename `part`; raise `FileExistsError` if `path` exists by now, which a rename would replace."""
    try:
        path.hardlink_to(part)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The next best: claim the name, then replace the empty file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        part.replace(path)


def _exists(path: Path, field: str) -> InvalidRequest:
    return InvalidRequest(f"{path} exists; pass replace=True to overwrite it", field=field)


@contextmanager
def _convert_errors(path: Path, field: str) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequest(f"{path} cannot be written: {reason}", field=field) from error
