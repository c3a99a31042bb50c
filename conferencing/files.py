"""Write files atomically: a file appears complete or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["check_target", "write_atomically"]

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system answers that does not support hard links."""


def write_atomically(
    path: Path, content: bytes, *, replace: bool = False, mode: int = 0o666, field: str = "path"
) -> None:
    """Write a temporary file beside `path` and rename it; its permissions are `mode` less the umask.

    Raises `InvalidRequest` that names `field` if `path` cannot be written, if it exists and `replace`
    is not set, and if it is not a regular file: a device or a FIFO is never replaced.
    """
    check_target(path, replace=replace, field=field)
    with _convert_errors(path, field):
        part = path.with_name(f".conferencing-{token_hex(8)}.part")
        try:
            with open(part, "xb", opener=partial(os.open, mode=mode)) as file:
                file.write(content)
            if replace:
                part.replace(path)
            else:
                _rename_to_new(part, path)
        except FileExistsError as error:
            raise _exists(path, field) from error
        finally:
            part.unlink(missing_ok=True)


def check_target(path: Path, *, replace: bool = False, field: str = "path") -> None:
    """Raise `InvalidRequest` if `write_atomically` would not write to `path`."""
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
