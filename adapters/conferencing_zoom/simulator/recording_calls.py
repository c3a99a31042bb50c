"""Calls about recordings and transcripts: docs/vendors/zoom.md#recordings"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from attrs import evolve

from conferencing.model import Recording
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .drafts import text_up_to
from .endpoints import Endpoints
from .errors import no_recording, refuse_field
from .formats import RUN, instant, read_date, read_run_id
from .pages import PAGING, write_page
from .recordings import (
    RunRecording,
    find_recording,
    find_recordings,
    recording_row,
    secrets_row,
    settings_of,
    start_of,
    transcript_of,
)
from .state import Caller, ZoomState
from .users import user_of

__all__ = ["empty_trash", "endpoints"]

endpoints = Endpoints()

RECORDINGS: Final = "/{family:meetings|webinars}/{run:" + RUN + "}/recordings"
FILE: Final = RECORDINGS + "/{file:[0-9a-f-]+}"
TRANSCRIPT: Final = "/meetings/{run:" + RUN + "}/transcript"
TRASH_FOR: Final = timedelta(days=30)
A_MONTH: Final = timedelta(days=31)
LONGEST_TTL: Final = 604_800
PASSCODE: Final = range(8, 11)
SETTINGS: Final = {
    "share_recording": Fields.text,
    "viewer_download": Fields.flag,
    "recording_authentication": Fields.flag,
    "password": text_up_to(10),
    "on_demand": Fields.flag,
    "approval_type": Fields.number,
    "auto_delete": Fields.flag,
    "send_email_to_host": Fields.flag,
    "show_social_share_buttons": Fields.flag,
    "topic": Fields.text,
}

Row = dict[str, Any]


@endpoints("GET", RECORDINGS, "L", "cloud_recording:read:list_recording_files",
           "include_fields", "ttl")  # fmt: skip
def get_recording(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    recording = find_recording(simulator, caller, run)
    row = recording_row(simulator, recording) | secrets_row(simulator, recording)
    ttl = fields.number("ttl", 0, LONGEST_TTL)
    if "download_access_token" in (fields.text("include_fields") or ""):
        row["download_access_token"] = simulator.new_download_token(ttl or LONGEST_TTL)
    return Answer.json(row)


@endpoints("GET", "/users/{user}/recordings", "M", "cloud_recording:read:list_user_recordings",
           *PAGING, "from", "to", "meeting_id", "trash", "trash_type", "mc")  # fmt: skip
def list_recordings(simulator: ZoomState, fields: Fields, caller: Caller, user: str) -> Answer:
    """List a user's recordings of at most a month, and without dates those of today only.

    docs/vendors/zoom.md#oddity-7
    """
    host = user_of(simulator, caller, user)
    today = simulator.world.now.date()
    since = read_date(fields.text("from"), "from") or today
    until = read_date(fields.text("to"), "to") or today
    if until - since > A_MONTH:
        raise refuse_field("from")
    trashed = fields.flag("trash") is True
    fields.choice("trash_type", ("meeting_recordings", "recording_file"))
    number = fields.text("meeting_id")
    runs = [
        run
        for run in find_recordings(simulator, host.id, trashed=trashed)
        if (trashed or _is_between(simulator, run, since, until))
        and (not number or number in {run.room.id, run.uuid})
    ]
    rows = [recording_row(simulator, run) for run in runs]
    body = {"from": since.isoformat(), "to": until.isoformat()}
    return Answer.json(body | write_page(simulator, fields, "meetings", rows))


def _is_between(simulator: ZoomState, run: RunRecording, since: date, until: date) -> bool:
    return since <= start_of(simulator, run).date() <= until


# ----------------------------------------------------------------------------- trash and deletion


@endpoints("DELETE", RECORDINGS, "L", "cloud_recording:delete:meeting_recording", "action")
def delete_recording(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    recording = find_recording(simulator, caller, run)
    _remove(simulator, fields, recording, list(recording.parts))
    return Answer(status=204)


@endpoints("DELETE", FILE, "L", "cloud_recording:delete:recording_file", "action")
def delete_file(
    simulator: ZoomState, fields: Fields, caller: Caller, *, family: str, run: str, file: str
) -> Answer:
    """Delete one file; a recording without files is gone."""
    recording = find_recording(simulator, caller, run)
    part, place = _find_file(simulator, recording, file)
    if len(part.files) == 1:
        _remove(simulator, fields, recording, [part])
    else:
        _drop_file(simulator, part, place, trashes=_trashes(fields))
    return Answer(status=204)


def _trashes(fields: Fields) -> bool:
    return (fields.choice("action", ("trash", "delete")) or "trash") == "trash"


def _find_file(simulator: ZoomState, run: RunRecording, file_id: str) -> tuple[Recording, int]:
    for part in run.parts:
        file_ids = simulator.world.file_ids.get(part.id, (part.id,))
        if file_id in file_ids:
            return part, file_ids.index(file_id)
    raise no_recording()


def _drop_file(simulator: ZoomState, part: Recording, place: int, *, trashes: bool) -> None:
    """Take a file out of a recording; in the trash it is a recording of its own."""
    world = simulator.world
    file_ids = world.file_ids[part.id]
    world.file_ids[part.id] = file_ids[:place] + file_ids[place + 1 :]
    files = part.files[:place] + part.files[place + 1 :]
    world.recordings[part.id] = evolve(part, files=files)
    if trashes:
        piece = evolve(part, id=world.new_id("recording"), files=(part.files[place],))
        world.file_ids[piece.id] = (file_ids[place],)
        world.notes[piece.id] |= world.notes[part.id]
        simulator.trash[piece.id] = (piece, world.now)


def _remove(
    simulator: ZoomState, fields: Fields, run: RunRecording, parts: list[Recording]
) -> None:
    trashes = _trashes(fields)
    kind = "recording trashed" if trashes else "recording deleted"
    simulator.world.announce(kind, run.room.id, parts[0].id)
    for part in parts:
        del simulator.world.recordings[part.id]
        if trashes:
            simulator.trash[part.id] = (part, simulator.world.now)


def empty_trash(simulator: ZoomState) -> None:
    """Delete what has been in the trash for 30 days."""
    for recording_id, (_, trashed_at) in list(simulator.trash.items()):
        if trashed_at + TRASH_FOR <= simulator.world.now:
            del simulator.trash[recording_id]


@endpoints("PUT", f"{RECORDINGS}/status", "L",
           "cloud_recording:update:recover_meeting_recordings", "action")  # fmt: skip
def recover_recording(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    fields.require("action")
    fields.choice("action", ("recover",))
    recording = find_recording(simulator, caller, run, trashed=True)
    for part in recording.parts:
        simulator.world.recordings[part.id], _ = simulator.trash.pop(part.id)
    simulator.world.announce("recording recovered", recording.room.id, recording.parts[0].id)
    return Answer(status=204)


@endpoints("PUT", f"{FILE}/status", "L",
           "cloud_recording:update:recover_single_recording", "action")  # fmt: skip
def recover_file(
    simulator: ZoomState, fields: Fields, caller: Caller, *, family: str, run: str, file: str
) -> Answer:
    fields.require("action")
    fields.choice("action", ("recover",))
    recording = find_recording(simulator, caller, run, trashed=True)
    part, _ = _find_file(simulator, recording, file)
    simulator.world.recordings[part.id], _ = simulator.trash.pop(part.id)
    return Answer(status=204)


# --------------------------------------------------------------------------------------- settings


@endpoints("GET", f"{RECORDINGS}/settings", "L", "cloud_recording:read:recording_settings")
def get_settings(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    return Answer.json(settings_of(simulator, find_recording(simulator, caller, run)))


@endpoints("PATCH", f"{RECORDINGS}/settings", "L",
           "cloud_recording:update:recording_settings", *SETTINGS)  # fmt: skip
def update_settings(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    recording = find_recording(simulator, caller, run)
    fields.check(SETTINGS)
    fields.choice("share_recording", ("publicly", "internally", "none"))
    password = fields.text("password")
    if password and len(password) not in PASSCODE:
        raise fields.refuse("password", "Invalid field.")
    changes = {name: fields[name] for name in SETTINGS if fields.get(name) is not None}
    settings_of(simulator, recording).update(changes)
    return Answer(status=204)


# -------------------------------------------------------------------------------------- transcript


@endpoints("GET", TRANSCRIPT, "M", "cloud_recording:read:meeting_transcript")
def get_transcript(simulator: ZoomState, fields: Fields, caller: Caller, run: str) -> Answer:
    """Return the transcript's link, or the reason why there is none."""
    for trashed in (False, True):
        for recording in find_recordings(simulator, caller.user_id, trashed=trashed):
            if read_run_id(run) in {recording.uuid, recording.room.id}:
                return Answer.json(_transcript_row(simulator, recording, trashed=trashed))
    raise no_recording()


def _transcript_row(simulator: ZoomState, run: RunRecording, *, trashed: bool) -> Row:
    row: Row = {
        "meeting_id": run.uuid,
        "account_id": simulator.account_id,
        "meeting_topic": run.room.name,
        "host_id": run.details.host_id,
        "auto_delete": False,
    }
    transcript = transcript_of(run, simulator)
    if trashed or transcript is None:
        reason = "DELETED_OR_TRASHED" if trashed else "NO_TRANSCRIPT_DATA"
        return row | {"can_download": False, "download_restriction_reason": reason}
    file_id, part = transcript
    ends = (part.started_at or simulator.world.now) + (part.duration or timedelta())
    return row | {
        "can_download": True,
        "transcript_created_time": instant(ends),
        "download_url": f"{simulator.root}/rec/download/{file_id}",
    }


@endpoints("DELETE", TRANSCRIPT, "M", "cloud_recording:delete:meeting_transcript")
def delete_transcript(simulator: ZoomState, fields: Fields, caller: Caller, run: str) -> Answer:
    recording = find_recording(simulator, caller, run)
    transcript = transcript_of(recording, simulator)
    if transcript is None:
        raise no_recording()
    part, place = _find_file(simulator, recording, transcript[0])
    _drop_file(simulator, part, place, trashes=False)
    return Answer(status=204)
