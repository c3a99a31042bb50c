"""`conferencing recordings`: list, download and delete them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from conferencing.conference import Conference
from conferencing.errors import ConferencingError, NotFound
from conferencing.model import Recording

from .options import DELETE, LIST, READ, CommonOptions, DeleteOptions, Listing, Usage, confirm
from .output import Output, say
from .progress import bar
from .work import FAILED, PARTLY, deleted, done, listed, perform

__all__ = ["delete", "download", "file_name", "list_"]

COLUMNS = ("id", "name", "status", "started_at", "duration", "files")

ENDINGS: Final = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}


def list_(room: str | None = None, /, *, at: Listing = LIST) -> Output | None:
    """List the recordings of a room, or of the whole account.

    Parameters
    ----------
    room
        The id of the room.
    """
    return listed(at, lambda conference: conference.recordings(room), COLUMNS)


def download(
    recording: list[str] | None = None,
    /,
    *,
    room: str | None = None,
    to: Path = Path(),
    replace: bool = False,
    at: CommonOptions = READ,
) -> Output | None:
    """Save recordings in a folder, under names of ours; each file appears whole or not at all.

    Parameters
    ----------
    recording
        The ids; without any, all of the room.
    room
        The id of the room that they are of.
    to
        The folder; this one, if nothing is said.
    replace
        Overwrite files that are there already.
    """
    if not recording and not room:
        raise Usage("say which recordings, or --room and its id for all of a room")
    if not to.is_dir():
        raise Usage(f"--to: there is no folder {str(to)!r}")

    async def work(conference: Conference) -> Output:
        found = await conference.recordings(room).collect()
        wanted = _wanted(found, recording, room)
        return await _saved(conference, wanted, to, replace=replace, hide_texts=at.json)

    return perform(at, work)


def delete(
    recording: list[str] | None = None,
    /,
    *,
    room: str | None = None,
    at: DeleteOptions = DELETE,
) -> Output | None:
    """Delete recordings.

    Parameters
    ----------
    recording
        The ids.
    room
        The id of a room, to delete all of its recordings.
    """
    if bool(recording) == bool(room):
        raise Usage("say which recordings, or --room and its id for all of a room")
    if room:
        confirm(at, f"Delete all recordings of room {room}?")
        sentence = f"The recordings of room {room} are deleted."
        return done(at, lambda conference: conference.delete_recordings(room), sentence)
    ids = recording or []
    confirm(at, f"Delete {', '.join(ids)}?")
    return deleted(at, ids, lambda conference, one: conference.delete_recording(one), "Recording")


def file_name(recording: Recording) -> str:
    """Return the name to save a recording under: made of its id, and nothing else of the server's."""
    part = re.sub(r"[^\w.-]+", "-", recording.id).strip(".-") or "0"
    kind = recording.files[0].media_type if recording.files else None
    return f"recording-{part}{ENDINGS.get(kind or '', '')}"


def _wanted(
    found: Sequence[Recording], ids: Sequence[str] | None, room: str | None
) -> list[Recording]:
    known = {one.id: one for one in found}
    for one in ids or ():
        if one not in known:
            place = f"room {room}" if room else "the account; add --room and its id to look there"
            raise NotFound(f"there is no recording {one!r} in {place}")
    return [known[one] for one in ids] if ids else list(found)


async def _saved(
    conference: Conference,
    wanted: Sequence[Recording],
    to: Path,
    *,
    replace: bool,
    hide_texts: bool,
) -> Output:
    saved: list[Path] = []
    failures: list[tuple[str, str]] = []
    for one in wanted:
        path = to / file_name(one)
        size = one.files[0].size if one.files else None
        try:
            with bar(path.name, size, hide_texts=hide_texts, of_bytes=True) as progress:
                await conference.download(one, path, replace=replace, progress=progress)
            saved.append(path)
        except ConferencingError as error:
            if len(wanted) == 1:
                raise
            failures.append((one.id, str(error)))
    return _told(saved, failures)


def _told(saved: Sequence[Path], failures: Sequence[tuple[str, str]]) -> Output:
    def show(console: Console) -> None:
        for path in saved:
            say(console, str(path))
        for one, reason in failures:
            say(console, f"Recording {one} is not saved: {reason}", "red")
        if not saved and not failures:
            say(console, "There are none.")

    data = {
        "files": [str(path) for path in saved],
        "failed": [{"id": one, "reason": reason} for one, reason in failures],
    }
    return Output(data, show, (PARTLY if saved else FAILED) if failures else 0)
