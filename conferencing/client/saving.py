"""Save a download atomically: the file appears complete or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

from conferencing.client.listing import close_pages
from conferencing.errors import InvalidRequest
from conferencing.handles import Handle

__all__ = ["save"]

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system answers that does not support hard links."""


async def save(
    pieces: AsyncIterator[bytes],
    to: Path,
    replace: bool,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write the pieces to a temporary file beside `to`, then rename it.

    `progress` is called with the number of bytes written so far. Raises `InvalidRequest` if `to`
    cannot be written, if it exists and `replace` is not set, or if it is not a regular file: a
    device or a FIFO is never replaced.
    """
    part = Handle(partial(_open, to, replace), _discard)
    written = 0
    try:
        await part.run(lambda _: None)  # so that a path that cannot be written costs no download
        async for piece in pieces:
            await part.run(partial(_write, to=to, piece=piece))
            written += len(piece)
            if progress is not None:
                progress(written)
        await part.run(partial(_finish, to=to, replace=replace))
    finally:
        await close_pages(pieces)
        await part.aclose()
    return to


def _open(to: Path, replace: bool) -> IO[bytes]:
    with _writing(to):
        _check_target(to, replace)
        return tempfile.NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}.", delete=False)


def _write(part: IO[bytes], to: Path, piece: bytes) -> None:
    with _writing(to):
        part.write(piece)


def _finish(part: IO[bytes], to: Path, replace: bool) -> None:
    with _writing(to):
        part.close()
        _check_target(to, replace)
        if replace:
            Path(part.name).replace(to)
        else:
            _rename_to_new(Path(part.name), to)


def _check_target(to: Path, replace: bool) -> None:
    if not os.path.lexists(to):
        return
    if not replace:
        raise _exists(to)
    if to.exists() and not to.is_file():
        raise InvalidRequest(f"{to} is not a regular file and is not replaced", field="to")


def _rename_to_new(part: Path, to: Path) -> None:
    """Rename `part`, but fail if `to` exists by now. A plain rename would replace it."""
    try:
        to.hardlink_to(part)
    except FileExistsError as error:
        raise _exists(to) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The next best: claim the name, then replace the empty file.
        try:
            os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError as exists:
            raise _exists(to) from exists
        part.replace(to)


def _exists(to: Path) -> InvalidRequest:
    return InvalidRequest(f"{to} exists; pass replace=True to overwrite it", field="to")


@contextmanager
def _writing(to: Path) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequest(f"{to} cannot be written: {reason}", field="to") from error


def _discard(part: IO[bytes]) -> None:
    with suppress(OSError):  # closing writes what is buffered, and the disk may be full
        part.close()
    Path(part.name).unlink(missing_ok=True)
