"""Recordings as Zoom writes them: docs/vendors/zoom.md#recordings

Zoom has one recording for each run, with a set of files; the recordings of a run in the world are
joined. Files made by a test get their kind from their media type.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from conferencing.model import Recording, Room, SessionStatus
from conferencing.world import Change

from .errors import no_recording
from .formats import instant, minutes, read_run_id
from .state import Caller, RoomDetails, ZoomState

__all__ = [
    "RunRecording",
    "find_recording",
    "find_recordings",
    "is_ready",
    "play_link",
    "record_by_itself",
    "recording_row",
    "secrets_row",
    "settings_of",
    "share_link",
    "start_of",
    "take_ready",
    "transcript_of",
]

READY_AFTER: Final = timedelta(minutes=5)
MEDIA_TYPES: Final = ("video/mp4", "audio/mp4", "text/vtt", "text/plain")
KINDS: Final = {
    "video/mp4": ("MP4", "MP4", "shared_screen_with_speaker_view"),
    "audio/mp4": ("M4A", "M4A", "audio_only"),
    "text/vtt": ("TRANSCRIPT", "VTT", "audio_transcript"),
    "text/plain": ("CHAT", "TXT", "chat_file"),
    "text/csv": ("CSV", "CSV", "poll"),
    "application/json": ("TIMELINE", "JSON", "timeline"),
    "image/jpeg": ("TB", "JPG", "thumbnail"),
}
BARE: Final = {"TIMELINE", "CC"}
"""Kinds of files without `id`, `status`, `file_size`, `recording_type` and `play_url`."""

Row = dict[str, Any]


@frozen(kw_only=True)
class RunRecording:
    """The recordings of one run in the world, which are one recording at Zoom."""

    uuid: str
    room: Room
    details: RoomDetails
    parts: tuple[Recording, ...]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size or 0 for part in self.parts for file in part.files)


def uuid_of(simulator: ZoomState, recording: Recording) -> str:
    """Return the uuid of a recording's run; one without a run gets a uuid of its own."""
    note = simulator.world.notes[recording.id]
    if recording.session_id is None and "uuid" not in note:
        note["uuid"] = simulator.world.new_id("session")
    return recording.session_id or str(note["uuid"])


def find_recordings(
    simulator: ZoomState, host_id: str | None = None, *, trashed: bool = False
) -> list[RunRecording]:
    """Return the recordings that are ready, or those in the trash, the newest first."""
    pool = list(simulator.world.recordings.values())
    if trashed:
        pool = [recording for recording, _ in simulator.trash.values()]
    groups: dict[str, list[Recording]] = {}
    for recording in pool:
        if is_ready(simulator, recording):
            groups.setdefault(uuid_of(simulator, recording), []).append(recording)
    runs = [_join(simulator, uuid, parts) for uuid, parts in groups.items()]
    own = [run for run in runs if run is not None and host_id in {None, run.details.host_id}]
    return sorted(own, key=lambda run: start_of(simulator, run), reverse=True)


def _join(simulator: ZoomState, uuid: str, parts: list[Recording]) -> RunRecording | None:
    room = simulator.room_or_deleted(parts[0].room_id or "")
    if room is None:
        return None
    details = simulator.details_of(room)
    return RunRecording(uuid=uuid, room=room, details=details, parts=tuple(parts))


def find_recording(
    simulator: ZoomState, caller: Caller, part: str, *, trashed: bool = False
) -> RunRecording:
    """Return the recording of a run by its uuid, or the latest one of a room by its number."""
    name = read_run_id(part)
    for run in find_recordings(simulator, caller.user_id, trashed=trashed):
        if name in {run.uuid, run.room.id}:
            return run
    raise no_recording()


def is_ready(simulator: ZoomState, recording: Recording) -> bool:
    """Return whether a recording is processed; one that a test made is at once."""
    return all(key not in {recording.id, ""} for key, _ in simulator.processing)


def record_by_itself(simulator: ZoomState, change: Change) -> None:
    """Record a run that has ended if the room is set to, ready some minutes later."""
    room = simulator.world.rooms.get(change.room_id)
    if change.kind != "session ended" or room is None or not simulator.quirks["auto_record"]:
        return
    session = simulator.world.sessions[change.subject_id]
    recorded = simulator.details_of(room).settings.get("auto_recording") == "cloud"
    if recorded and session.duration and session.status is SessionStatus.ENDED:
        simulator.processing.append(("", simulator.world.now + READY_AFTER))
        recording = simulator.world.record(room.id, session.duration, media_types=MEDIA_TYPES)
        simulator.processing[-1] = (recording.id, simulator.world.now + READY_AFTER)


def take_ready(simulator: ZoomState) -> list[Recording]:
    """Return the recordings whose processing is over now, and forget that they were in it."""
    ready = [key for key, ready_at in simulator.processing if ready_at <= simulator.world.now]
    simulator.processing = [row for row in simulator.processing if row[0] not in ready]
    return [simulator.world.recordings[key] for key in ready if key in simulator.world.recordings]


# -------------------------------------------------------------------------------------- the rows


def start_of(simulator: ZoomState, run: RunRecording) -> datetime:
    """Return when a run started, or else its first recording."""
    session = simulator.world.sessions.get(run.uuid)
    started_at = session.started_at if session else None
    return started_at or run.parts[0].started_at or simulator.world.now


def recording_row(simulator: ZoomState, run: RunRecording, *, text_type: bool = True) -> Row:
    """Return a recording. Its `type` is a text in replies, and a number in webhooks.

    docs/vendors/zoom.md#oddity-12
    """
    files = [row for part in run.parts for row in _file_rows(simulator, run, part)]
    audio = simulator.quirks["only_audio_files"]
    length = sum((part.duration or timedelta() for part in run.parts), timedelta())
    return {
        "uuid": run.uuid,
        "id": int(run.room.id),
        "account_id": simulator.account_id,
        "host_id": run.details.host_id,
        "topic": run.room.name,
        "type": str(run.details.type) if text_type else run.details.type,
        "start_time": instant(start_of(simulator, run)),
        "duration": minutes(length),
        "total_size": run.size,
        "recording_count": len(files),
        "recording_play_passcode": simulator.make_key(f"play/{run.uuid}", 24),
        "auto_delete": False,
        "recording_files": [] if audio else files,
    }


def secrets_row(simulator: ZoomState, run: RunRecording) -> Row:
    """Return what a single recording and events have, and lists do not."""
    row: Row = {"password": settings_of(simulator, run)["password"], "participant_audio_files": []}
    if simulator.quirks["only_audio_files"]:
        files = [file for part in run.parts for file in _file_rows(simulator, run, part)]
        row["participant_audio_files"] = [_audio(file) for file in files]
    return row


def share_link(simulator: ZoomState, run: RunRecording) -> str:
    return f"{simulator.root}/rec/share/{simulator.make_key(run.uuid, 32)}"


def _file_rows(simulator: ZoomState, run: RunRecording, part: Recording) -> list[Row]:
    file_ids = simulator.world.file_ids.get(part.id, (part.id,))
    return [
        file_row(simulator, run, part, file_id, place) for place, file_id in enumerate(file_ids)
    ]


def file_row(
    simulator: ZoomState, run: RunRecording, part: Recording, file_id: str, place: int
) -> Row:
    """Return a file. Timelines and closed captions have fewer fields than the others."""
    file = part.files[place]
    kind, extension, recording_type = KINDS.get(file.media_type or "", KINDS["video/mp4"])
    start = part.started_at or simulator.world.now
    row: Row = {
        "meeting_id": run.uuid,
        "recording_start": instant(start),
        "recording_end": instant(start + (part.duration or timedelta())),
        "file_type": kind,
        "file_extension": extension,
        "download_url": f"{simulator.root}/rec/download/{file_id}",
    }
    if kind in BARE:
        return row
    return {
        "id": file_id,
        **row,
        "file_size": file.size,
        "recording_type": recording_type,
        "status": "completed",
        "play_url": play_link(simulator, file_id),
    }


def play_link(simulator: ZoomState, file_id: str) -> str:
    return f"{simulator.root}/rec/play/{simulator.make_key(f'play/{file_id}', 32)}"


def _audio(file: Row) -> Row:
    """Return a file as one of the audio files of people: docs/vendors/zoom.md#oddity-14"""
    names = ("id", "recording_start", "recording_end", "file_type", "file_size", "status")
    row = {name: file[name] for name in names if name in file}
    return {**row, "file_name": "Audio only - Ann Lee", "download_url": file["download_url"]}


def settings_of(simulator: ZoomState, run: RunRecording) -> Row:
    """Return the settings of a run's recording, with a passcode made up at first."""
    settings = simulator.recording_settings[run.uuid]
    if not settings:
        settings |= {
            "share_recording": "publicly",
            "viewer_download": True,
            "recording_authentication": False,
            "on_demand": False,
            "approval_type": 2,
            "send_email_to_host": False,
            "show_social_share_buttons": False,
            "password": f"{simulator.make_key(f'recording/{run.uuid}', 7)}!",
            "topic": run.room.name,
            "auto_delete": False,
        }
    return settings


def transcript_of(run: RunRecording, simulator: ZoomState) -> tuple[str, Recording] | None:
    """Return the id of the transcript's file with its recording, or None if there is none."""
    for part in run.parts:
        file_ids = simulator.world.file_ids.get(part.id, (part.id,))
        for file_id, file in zip(file_ids, part.files, strict=True):
            if file.media_type == "text/vtt":
                return file_id, part
    return None
