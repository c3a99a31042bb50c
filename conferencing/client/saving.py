"""Writing what is read to a file that appears whole or not at all."""

from __future__ import annotations

import tempfile
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from conferencing.client.listing import closed
from conferencing.errors import InvalidRequest

__all__ = ["save"]


async def save(
    pieces: AsyncIterator[bytes],
    to: Path,
    replace: bool,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write the pieces to a temporary file beside `to`, then give it that name.

    `progress` is called with the number of bytes written so far.

    Raises `InvalidRequest` if `to` exists and `replace` is not set, or cannot be written.
    """
    part = await to_thread(_begin, to, replace)
    came = 0
    try:
        async for piece in pieces:
            await to_thread(_write, part, piece, to)
            came += len(piece)
            if progress is not None:
                progress(came)
        await to_thread(_finish, part, to)
    finally:
        await closed(pieces)
        await to_thread(_discard, part)
    return to


def _begin(to: Path, replace: bool) -> IO[bytes]:
    if to.exists() and not replace:
        raise InvalidRequest(f"{to} is there already (replace=True overwrites it)", field="to")
    with _writing(to):
        return tempfile.NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}.", delete=False)


def _write(part: IO[bytes], piece: bytes, to: Path) -> None:
    with _writing(to):
        part.write(piece)


def _finish(part: IO[bytes], to: Path) -> None:
    with _writing(to):
        part.close()
        Path(part.name).replace(to)


@contextmanager
def _writing(to: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise InvalidRequest(f"{to} cannot be written ({reason})", field="to")


def _discard(part: IO[bytes]) -> None:
    part.close()
    Path(part.name).unlink(missing_ok=True)
