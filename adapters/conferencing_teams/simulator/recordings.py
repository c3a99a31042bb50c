"""Recordings and transcripts: docs/vendors/teams.md#recordings"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import FileKind, Recording
from conferencing.sandbox.simulator import Answer

from .endpoints import QUOTE, Endpoints, Rights
from .errors import no_meeting, refuse
from .ids import transcript_id
from .meetings import find_meeting
from .requests import Request, answer_page, find_path_user
from .state import MeetingDetails, TeamsState
from .times import format_time

__all__ = ["answer_file", "endpoints"]

endpoints = Endpoints()

VIDEOS: Final = Rights(
    app="OnlineMeetingRecording.Read.All", user="OnlineMeetingRecording.Read.All"
)
TEXTS: Final = Rights(
    app="OnlineMeetingTranscript.Read.All", user="OnlineMeetingTranscript.Read.All"
)
COLLECTION: Final = "/users/{user}/onlineMeetings/{meeting}"
OPTIONS: Final = "select filter top"

Row = dict[str, Any]
Part = tuple[str, Row]
"""The id of a file of the world, and its row."""


def _list_parts(simulator: TeamsState, meeting: MeetingDetails, kind: FileKind) -> dict[str, Part]:
    """Return recordings or transcripts by their ids; only those of meetings in a calendar are served."""
    if not meeting.in_calendar:
        return {}
    parts: dict[str, Part] = {}
    for recording in simulator.world.recordings.values():
        if recording.room_id != meeting.room_id:
            continue
        file_ids = simulator.world.file_ids[recording.id]
        for file_id, file in zip(file_ids, recording.files, strict=True):
            if file.kind is kind:
                own_id = transcript_id(file_id) if kind is FileKind.TRANSCRIPT else file_id
                parts[own_id] = (file_id, _row(simulator, meeting, recording, own_id, kind))
    return parts


def _row(
    simulator: TeamsState,
    meeting: MeetingDetails,
    recording: Recording,
    own_id: str,
    kind: FileKind,
) -> Row:
    start, length = recording.started_at, recording.duration
    end = start + length if start and length else None
    word = "transcript" if kind is FileKind.TRANSCRIPT else "recording"
    user = {"id": meeting.owner, "displayName": None, "tenantId": simulator.tenant}
    return {
        "id": own_id,
        "meetingId": meeting.id,
        "callId": recording.session_id,
        "contentCorrelationId": f"correlation-{recording.id}",
        "createdDateTime": format_time(start),
        "endDateTime": format_time(end),
        f"{word}ContentUrl": f"https://graph.microsoft.com/v1.0/$metadata#users('{meeting.owner}')",
        "meetingOrganizer": {"application": None, "device": None, "user": user},
    }


def _list_rows(
    simulator: TeamsState, request: Request, user: str, meeting: str, kind: FileKind
) -> list[Row]:
    details = find_meeting(simulator, request, user, meeting)
    return [row for _, row in _list_parts(simulator, details, kind).values()]


def _find(
    simulator: TeamsState, request: Request, user: str, meeting: str, media: str, *, kind: FileKind
) -> Part:
    details = find_meeting(simulator, request, user, meeting)
    part = _list_parts(simulator, details, kind).get(media)
    if part is None:
        raise no_meeting()
    return part


def _check_transcripts(simulator: TeamsState) -> None:
    if simulator.quirks["transcripts_off"]:
        raise refuse(403, "GraphAccessToTranscriptsDisabled", "Transcripts are switched off.")


# ------------------------------------------------------------------------------------------- calls


@endpoints("GET", f"{COLLECTION}/recordings", VIDEOS, options=OPTIONS)
def list_recordings(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    rows = _list_rows(simulator, request, user, meeting, FileKind.VIDEO)
    return answer_page(simulator, request, rows, **{"@odata.count": len(rows)})


@endpoints("GET", f"{COLLECTION}/transcripts", TEXTS, options=OPTIONS)
def list_transcripts(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    _check_transcripts(simulator)
    rows = _list_rows(simulator, request, user, meeting, FileKind.TRANSCRIPT)
    return answer_page(simulator, request, rows, **{"@odata.count": len(rows)})


@endpoints("GET", f"{COLLECTION}/recordings/{{media}}", VIDEOS)
def get_recording(
    simulator: TeamsState, request: Request, user: str, meeting: str, media: str
) -> Answer:
    return Answer.json(_find(simulator, request, user, meeting, media, kind=FileKind.VIDEO)[1])


@endpoints("GET", f"{COLLECTION}/transcripts/{{media}}", TEXTS)
def get_transcript(
    simulator: TeamsState, request: Request, user: str, meeting: str, media: str
) -> Answer:
    return Answer.json(_find(simulator, request, user, meeting, media, kind=FileKind.TRANSCRIPT)[1])


@endpoints("GET", f"{COLLECTION}/recordings/{{media}}/content", VIDEOS)
def get_video(
    simulator: TeamsState, request: Request, user: str, meeting: str, media: str
) -> Answer:
    file_id, _ = _find(simulator, request, user, meeting, media, kind=FileKind.VIDEO)
    return answer_file(simulator, file_id, "video/mp4")


@endpoints("GET", f"{COLLECTION}/transcripts/{{media}}/content", TEXTS, options="format")
def get_text(
    simulator: TeamsState, request: Request, user: str, meeting: str, media: str
) -> Answer:
    _check_transcripts(simulator)
    file_id, _ = _find(simulator, request, user, meeting, media, kind=FileKind.TRANSCRIPT)
    if request.query.get("$format", "text/vtt") != "text/vtt":
        raise refuse(400, "BadRequest", "The format is not supported.")
    return answer_file(simulator, file_id, "text/vtt")


def answer_file(simulator: TeamsState, file_id: str, media_type: str) -> Answer:
    """Answer a file, or a redirect to where it can be read without a token."""
    content = simulator.world.files.get(file_id)
    if content is None:
        raise no_meeting()
    if simulator.quirks["content_redirects"]:
        location = f"{simulator.root}/files/{file_id}"
        return Answer(status=302).with_headers({"Location": location})
    return Answer(body=content, media_type=media_type)


_ALL: Final = rf"\(meetingOrganizerUserId={QUOTE}{{organizer}}{QUOTE}(?:,.*)?\)"


@endpoints(
    "GET", rf"/users/{{user}}/onlineMeetings/getAllRecordings{_ALL}", VIDEOS, options=OPTIONS
)
def list_all_recordings(
    simulator: TeamsState, request: Request, user: str, organizer: str
) -> Answer:
    return _answer_all(simulator, request, user, organizer, FileKind.VIDEO)


@endpoints(
    "GET", rf"/users/{{user}}/onlineMeetings/getAllTranscripts{_ALL}", TEXTS, options=OPTIONS
)
def list_all_transcripts(
    simulator: TeamsState, request: Request, user: str, organizer: str
) -> Answer:
    _check_transcripts(simulator)
    return _answer_all(simulator, request, user, organizer, FileKind.TRANSCRIPT)


def _answer_all(
    simulator: TeamsState, request: Request, user: str, organizer: str, kind: FileKind
) -> Answer:
    owner = find_path_user(simulator, request, user)
    if owner.id != organizer:
        raise refuse(400, "BadRequest", "The organizer is not the user in the path.")
    meetings = [each for each in simulator.meetings.values() if each.owner == owner.id]
    rows = [
        row
        for meeting in meetings
        if meeting.room_id in simulator.world.rooms
        for _, row in _list_parts(simulator, meeting, kind).values()
    ]
    return answer_page(simulator, request, rows)
