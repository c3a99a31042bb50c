"""Save a download atomically: the file appears complete or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from conferencing.files import PartialFile
from conferencing.handles import Handle
from conferencing.provider import close_pages

__all__ = ["save"]


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
    part = Handle(partial(PartialFile, to, replace=replace, field="to"), PartialFile.discard)
    written = 0
    try:
        await part.run(lambda _: None)  # so that a path that cannot be written costs no download
        async for piece in pieces:
            await part.run(partial(_write, piece=piece))
            written += len(piece)
            if progress is not None:
                progress(written)
        await part.run(PartialFile.commit)
    finally:
        await close_pages(pieces)
        await part.aclose()
    return to


def _write(part: PartialFile, piece: bytes) -> None:
    part.write(piece)
