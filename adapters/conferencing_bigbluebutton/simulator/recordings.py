"""Recordings, from processing to deletion: docs/vendors/bigbluebutton.md#recordings"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conferencing.model import Recording, Session
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer, Call

from .errors import refuse
from .state import BigBlueButtonState, RecordingDetails, milliseconds
from .xml import Elements, write_success

__all__ = ["answer_file", "details_of", "publish_ready", "record_session", "route", "upload_track"]

route = Router()

STATES: Final = ("processing", "processed", "published", "unpublished", "deleted")
LONGEST_PAGE: Final = 100


def record_session(simulator: BigBlueButtonState, session: Session) -> Recording | None:
    """Record an ended session that has a recording mark; it is ready some time later."""
    meeting = simulator.meeting_of(session)
    marked = meeting.is_marked or meeting.flag("autoStartRecording")
    if not meeting.flag("record") or not marked or session.started_at is None:
        return None
    ended = session.ended_at or simulator.world.now
    simulator.chosen_ids["recording"] = session.id
    recording = simulator.world.record(meeting.id, ended - session.started_at)
    ready_at = simulator.world.now + simulator.processing
    simulator.recordings[recording.id] = RecordingDetails(
        internal=session.id,
        state="processing",
        published=False,
        metadata=dict(meeting.metadata),
        ready_at=ready_at,
    )
    return recording


def publish_ready(simulator: BigBlueButtonState) -> None:
    """Publish the recordings that have been processed by now."""
    now = simulator.world.now
    for recording_id, details in list(simulator.recordings.items()):
        if details.ready_at is not None and details.ready_at <= now:
            details.state, details.published, details.ready_at = "published", True, None
            recording = simulator.world.recordings.get(recording_id)
            if recording is not None:
                simulator.world.announce("recording ready", recording.room_id or "", recording_id)


def details_of(simulator: BigBlueButtonState, recording: Recording) -> RecordingDetails:
    """Return the details of a recording; of one that a test put into the world, the usual ones."""
    return simulator.recordings.setdefault(recording.id, RecordingDetails(internal=recording.id))


# --------------------------------------------------------------------------------------------- lists


@route("GET", "getRecordings", "meetingID", "recordID", "state", "offset", "limit")
def get_recordings(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Return recordings, of meetings or by the beginnings of their ids, the newest first."""
    offset = fields.number("offset", 0) or 0
    limit = fields.number("limit", 1, LONGEST_PAGE)
    rows = [each for each in _list(simulator) if _matches(simulator, each, fields)]
    if not simulator.quirks["no_paging"]:
        rows = rows[offset : offset + limit] if limit else rows[offset:]
    if not rows:
        text = "There are no recordings for the meeting(s)."
        return write_success([("recordings", None)], "noRecordings", text)
    return write_success(
        [("recordings", [("recording", _write(simulator, recording)) for recording in rows])]
    )


def _list(simulator: BigBlueButtonState) -> list[Recording]:
    recordings = simulator.world.recordings.values()
    return sorted(recordings, key=lambda each: milliseconds(each.started_at), reverse=True)


def _matches(simulator: BigBlueButtonState, recording: Recording, fields: Fields) -> bool:
    details = details_of(simulator, recording)
    states = (fields.text("state") or "published,unpublished").split(",")
    if "any" not in states and details.state not in states:
        return False
    metadata = {
        name.removeprefix("meta_").lower(): value
        for name, value in fields.items()
        if name.startswith("meta_")
    }
    if not metadata.items() <= details.metadata.items():
        return False
    if fields.text("recordID"):
        return recording.id.startswith(tuple(fields["recordID"].split(",")))
    meetings = fields.text("meetingID")
    return not meetings or recording.room_id in meetings.split(",")


def _write(simulator: BigBlueButtonState, recording: Recording) -> Elements:
    details = details_of(simulator, recording)
    started = milliseconds(recording.started_at)
    length = recording.duration.total_seconds() if recording.duration else 0
    formats = [
        ("format", _format(simulator, recording, number)) for number in range(len(recording.files))
    ]
    ready = details.state in {"published", "unpublished"}
    return [
        ("recordID", recording.id),
        ("meetingID", recording.room_id),
        ("internalMeetingID", details.internal),
        ("name", recording.name),
        ("isBreakout", False),
        ("published", details.published),
        ("state", details.state),
        ("startTime", started),
        ("endTime", started + round(length * 1000)),
        ("participants", _count_people(simulator, recording)),
        ("metadata", [(name, value) for name, value in details.metadata.items()] or None),
        ("playback", formats if ready else None),
    ]


def _count_people(simulator: BigBlueButtonState, recording: Recording) -> int:
    session = simulator.world.sessions.get(recording.session_id or "")
    return (session.people or 0) if session else 0


def _format(simulator: BigBlueButtonState, recording: Recording, number: int) -> Elements:
    """Return one form of a recording: the first is a video, the others podcasts."""
    file_id = simulator.world.file_ids[recording.id][number]
    kind = "podcast" if number else "video"
    host = "localhost" if simulator.quirks["other_file_host"] else "127.0.0.1"
    root = simulator.root.replace("127.0.0.1", host)
    length = recording.duration.total_seconds() if recording.duration else 0
    return [
        ("type", kind),
        ("url", f"{root}/playback/{kind}/{file_id}"),
        ("processingTime", 9_580),
        ("length", round(length / 60)),
        ("size", recording.files[number].size),
    ]


def answer_file(simulator: BigBlueButtonState, path: str) -> Answer:
    """Return a file of a recording, or a page about one that is not there."""
    content = simulator.world.files.get(path.rpartition("/")[2])
    if content is None:
        return Answer.html("<!DOCTYPE html><title>404</title>Not Found", 404)
    media_type = "text/vtt" if content.startswith(b"WEBVTT") else "video/mp4"
    return Answer(body=content, media_type=media_type)


# ------------------------------------------------------------------------------------------- changes


def _change(
    simulator: BigBlueButtonState, fields: Fields, change: Callable[[Recording], object]
) -> None:
    """Change each recording of the list of ids. Raises a refusal if none of them exists."""
    ids = fields.require_text("recordID").split(",")
    recordings = [
        simulator.world.recordings[name] for name in ids if name in simulator.world.recordings
    ]
    if not recordings:
        raise refuse("notFound", "We could not find recordings")
    for recording in recordings:
        change(recording)


@route("GET", "publishRecordings", "recordID", "publish")
def publish(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Publish recordings, or take them back."""
    published = fields.require_text("publish") == "true"

    def change(recording: Recording) -> None:
        details = details_of(simulator, recording)
        details.published = published
        details.state = "published" if published else "unpublished"

    _change(simulator, fields, change)
    return write_success([("published", published)])


@route("GET", "updateRecordings", "recordID")
def update(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Change metadata; an empty value removes an entry."""
    changes = {
        name.removeprefix("meta_").lower(): value
        for name, value in fields.items()
        if name.startswith("meta_")
    }

    def change(recording: Recording) -> None:
        details = details_of(simulator, recording)
        merged = {**details.metadata, **changes}
        details.metadata = {name: value for name, value in merged.items() if value}

    _change(simulator, fields, change)
    return write_success([("updated", True)])


@route("GET", "deleteRecordings", "recordID")
def delete(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Delete recordings."""

    def change(recording: Recording) -> None:
        simulator.world.announce("recording deleted", recording.room_id or "", recording.id)
        del simulator.world.recordings[recording.id]
        simulator.recordings.pop(recording.id, None)

    _change(simulator, fields, change)
    return write_success([("deleted", True)])


# ------------------------------------------------------------------------------------------ captions


@route("GET", "getRecordingTextTracks", "recordID")
def get_tracks(simulator: BigBlueButtonState, fields: Fields) -> Answer:
    """Return the text tracks of a recording, in JSON."""
    recording = simulator.world.recordings.get(fields.require_text("recordID"))
    if recording is None:
        return _fail_in_json("notFound", "We could not find recordings")
    tracks = details_of(simulator, recording).tracks
    return Answer.json({"response": {"returncode": "SUCCESS", "tracks": tracks}})


def upload_track(simulator: BigBlueButtonState, fields: Fields, call: Call) -> Answer:
    """Take a text track from a multipart form."""
    recording = simulator.world.recordings.get(fields.require_text("recordID"))
    if recording is None:
        return _fail_in_json("paramError", "Invalid recordID")
    if fields.text("kind") not in {"subtitles", "captions"}:
        return _fail_in_json("invalidKind", "Invalid kind parameter")
    if b'name="file"' not in call.body:
        return _fail_in_json("empty_uploaded_text_track", "Empty uploaded text track.")
    file_id = simulator.new_text(12)
    start = call.body.index(b"\r\n\r\n") + 4
    simulator.world.files[file_id] = call.body[start : call.body.index(b"\r\n--", start)]
    details_of(simulator, recording).tracks.append(
        {
            "href": f"{simulator.root}/playback/captions/{file_id}",
            "kind": fields["kind"],
            "label": fields.text("label") or "",
            "lang": fields.text("lang") or "",
            "source": "upload",
        }
    )
    text = "Text track uploaded successfully"
    return _answer_json("SUCCESS", "upload_text_track_success", text, recordId=recording.id)


def _fail_in_json(key: str, message: str) -> Answer:
    return _answer_json("FAILED", key, message)


def _answer_json(code: str, key: str, message: str, **fields: Any) -> Answer:
    envelope = {"returncode": code, "messageKey": key, "message": message, **fields}
    return Answer.json({"response": envelope})
