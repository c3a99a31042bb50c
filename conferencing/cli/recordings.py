"""`conferencing recordings`: list, download and delete recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from conferencing.conference import Conference
from conferencing.errors import ConferencingError, NotFound
from conferencing.model import Recording

from .errors import FAILED, PARTLY, describe_error
from .options import (
    COMMON,
    DELETE,
    LIST,
    CommonOptions,
    DeleteOptions,
    ListOptions,
    UsageError,
    confirm,
)
from .output import Output, print_line
from .progress import progress_bar
from .runner import list_values, run, run_action, run_for_each
from .tables import Column
from .zones import find_room_zone, find_zones_by_room

__all__ = ["build_file_name", "delete", "download", "list_"]

COLUMNS = (
    Column("id"),
    Column("name", shorten=True),
    Column("status", drop=2),
    Column("started_at"),
    Column("duration", drop=1),
    Column("files", drop=3, shorten=True),
)

SUFFIXES: Final = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
}


def list_(room: str | None = None, /, *, options: ListOptions = LIST) -> Output | None:
    """List the recordings of a room, or of the whole account.

    Parameters
    ----------
    room
        Room id.
    """
    return list_values(
        options,
        lambda conference: conference.recordings(room),
        COLUMNS,
        find_zones=find_room_zone(room) if room else find_zones_by_room,
    )


def download(
    recording: list[str] | None = None,
    /,
    *,
    room: str | None = None,
    to: Path = Path(),
    replace: bool = False,
    options: CommonOptions = COMMON,
) -> Output | None:
    """Save recordings in a folder, as recording-ID.mp4 and the like.

    A file appears only when its download is complete.

    Parameters
    ----------
    recording
        Recording ids; all recordings of --room if there are none.
    room
        Id of the room of the recordings.
    to
        Folder to save them in (default: the current folder).
    replace
        Overwrite existing files.
    """
    if not recording and not room:
        raise UsageError("give recording ids, or --room ROOM for all recordings of a room")
    if not to.is_dir():
        raise UsageError(f"--to: there is no folder {str(to)!r}")

    async def work(conference: Conference) -> Output:
        listed = await conference.recordings(room).collect()
        chosen = _select(listed, recording, room)
        return await _save(conference, chosen, to, replace=replace, hide_bar=options.json)

    return run(options, work)


def delete(
    recording: list[str] | None = None,
    /,
    *,
    room: str | None = None,
    options: DeleteOptions = DELETE,
) -> Output | None:
    """Delete recordings.

    Parameters
    ----------
    recording
        Recording ids.
    room
        Id of a room, to delete all of its recordings.
    """
    if bool(recording) == bool(room):
        raise UsageError("give either recording ids or --room ROOM for all recordings of a room")
    if room:
        confirm(options, f"Delete all recordings of room {room}?")
        sentence = f"Deleted all recordings of room {room}."
        return run_action(options, lambda conference: conference.delete_recordings(room), sentence)
    ids = recording or []
    confirm(options, f"Delete {', '.join(ids)}?")
    return run_for_each(
        options,
        ids,
        lambda conference, recording_id: conference.delete_recording(recording_id),
        "recording",
    )


def build_file_name(recording: Recording) -> str:
    """Return the name to save a recording under, made of its id and type only.

    The recording's own name and URL are not used: they are hostile input.
    """
    part = re.sub(r"[^\w.-]+", "-", recording.id).strip(".-") or "0"
    media_type = recording.files[0].media_type if recording.files else None
    return f"recording-{part}{SUFFIXES.get(media_type or '', '')}"


def _select(
    listed: Sequence[Recording], ids: Sequence[str] | None, room: str | None
) -> list[Recording]:
    by_id = {recording.id: recording for recording in listed}
    for recording_id in ids or ():
        if recording_id not in by_id:
            place = f"room {room}" if room else "the account; add --room ROOM to look in a room"
            raise NotFound(f"there is no recording {recording_id!r} in {place}")
    return [by_id[recording_id] for recording_id in ids] if ids else list(listed)


async def _save(
    conference: Conference,
    recordings: Sequence[Recording],
    to: Path,
    *,
    replace: bool,
    hide_bar: bool,
) -> Output:
    paths: list[Path] = []
    failures: list[tuple[str, str]] = []
    for recording in recordings:
        path = to / build_file_name(recording)
        size = recording.files[0].size if recording.files else None
        try:
            with progress_bar(path.name, size, hide=hide_bar, in_bytes=True) as progress:
                await conference.download(recording, path, replace=replace, progress=progress)
            paths.append(path)
        except ConferencingError as error:
            if len(recordings) == 1:
                raise
            failures.append((recording.id, describe_error(error, {"recording": recording.id})))
    return _build_download_output(paths, failures)


def _build_download_output(paths: Sequence[Path], failures: Sequence[tuple[str, str]]) -> Output:
    def show(console: Console) -> None:
        for path in paths:
            print_line(console, str(path))
        for recording_id, reason in failures:
            print_line(console, f"Recording {recording_id} was not saved: {reason}", "red")
        if not paths and not failures:
            print_line(console, "There are no recordings.")

    data = {
        "files": [str(path) for path in paths],
        "failed": [{"id": recording_id, "reason": reason} for recording_id, reason in failures],
    }
    return Output(data, show, (PARTLY if paths else FAILED) if failures else 0)
