"""Events of webhooks from changes of the world: docs/vendors/bigbluebutton.md#webhooks

`build_events` is a function of the state and one change. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from conferencing.model import Role, Session
from conferencing.world import Change, Visit

from .state import BigBlueButtonState, Meeting, milliseconds

__all__ = ["build_events", "meeting_of_event", "name_of_event"]

Row = dict[str, Any]
Builder = Callable[[BigBlueButtonState, Change], Iterator[Row]]


def build_events(simulator: BigBlueButtonState, change: Change) -> list[Row]:
    """Return the events that are sent for a change, in order."""
    build = _BUILDERS.get(change.kind)
    return [] if build is None else list(build(simulator, change))


def name_of_event(event: Mapping[str, Any]) -> str:
    """Return the id of an event's kind."""
    return str(event["data"]["id"])


def meeting_of_event(event: Mapping[str, Any]) -> str:
    """Return the external id of the meeting that an event is about."""
    return str(event["data"]["attributes"]["meeting"]["external-meeting-id"])


def _event(name: str, at: int, meeting: Row, **attributes: Any) -> Row:
    return {
        "data": {
            "type": "event",
            "id": name,
            "attributes": {"meeting": meeting, **attributes},
            "event": {"ts": at},
        }
    }


def _ids(meeting: Meeting) -> Row:
    return {"internal-meeting-id": meeting.internal, "external-meeting-id": meeting.id}


def _meeting_of(simulator: BigBlueButtonState, session: Session) -> Meeting:
    return simulator.meeting_of(session)


def _build_created(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    meeting = _meeting_of(simulator, simulator.world.sessions[change.subject_id])
    row = {
        **_ids(meeting),
        "name": meeting.name,
        "is-breakout": meeting.flag("isBreakout"),
        "duration": meeting.number("duration"),
        "create-time": meeting.create_time,
        "moderator-pass": meeting.moderator_password,
        "viewer-pass": meeting.attendee_password,
        "record": meeting.flag("record"),
        "voice-conf": meeting.voice_bridge,
        "max-users": meeting.number("maxParticipants"),
        "metadata": meeting.metadata,
    }
    yield _event("meeting-created", milliseconds(change.at), row)


def _build_ended(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    session = simulator.world.sessions[change.subject_id]
    meeting = _meeting_of(simulator, session)
    yield _event("meeting-ended", milliseconds(session.ended_at or change.at), _ids(meeting))


def _build_joined(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    visit = simulator.world.visits[change.subject_id]
    if visit.waits:
        return
    meeting = _meeting_of(simulator, simulator.world.sessions[visit.session_id])
    yield _event(
        "user-joined",
        milliseconds(visit.segments()[-1].joined_at),
        _ids(meeting),
        user=_user(simulator, visit, complete=True),
    )


def _build_left(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    visit = simulator.world.visits[change.subject_id]
    if simulator.quirks["lose_left"] or not visit.segments() or visit.waits:
        return
    meeting = _meeting_of(simulator, simulator.world.sessions[visit.session_id])
    at = milliseconds(visit.left_at or change.at)
    yield _event("user-left", at, _ids(meeting), user=_user(simulator, visit, complete=False))


def _user(simulator: BigBlueButtonState, visit: Visit, *, complete: bool) -> Row:
    """Return a person; an event about leaving has the ids alone."""
    ids = {
        "internal-user-id": simulator.internal_user(visit),
        "external-user-id": simulator.external_user(visit),
    }
    if not complete:
        return ids
    host = visit.role is Role.HOST
    return {
        **ids,
        "name": visit.name,
        "role": "MODERATOR" if host else "VIEWER",
        "presenter": host,
        "guest": visit.role is Role.GUEST,
    }


def _build_published(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    recording = simulator.world.recordings[change.subject_id]
    details = simulator.recordings[change.subject_id]
    started = milliseconds(recording.started_at)
    length = recording.duration.total_seconds() if recording.duration else 0
    meeting = {"internal-meeting-id": details.internal, "external-meeting-id": recording.room_id}
    row = {
        "name": recording.name,
        "is-breakout": False,
        "start-time": started,
        "end-time": started + round(length * 1000),
        "size": recording.files[0].size,
        "metadata": details.metadata,
    }
    yield _event(
        "rap-publish-ended",
        milliseconds(change.at),
        meeting,
        **{"record-id": recording.id, "success": True, "recording": row},
    )


def _build_deleted(simulator: BigBlueButtonState, change: Change) -> Iterator[Row]:
    recording = simulator.world.recordings[change.subject_id]
    meeting = {
        "internal-meeting-id": recording.session_id or recording.id,
        "external-meeting-id": recording.room_id,
    }
    yield _event("rap-deleted", milliseconds(change.at), meeting, **{"record-id": recording.id})


_BUILDERS: Final[Mapping[str, Builder]] = {
    "session started": _build_created,
    "session ended": _build_ended,
    "entered": _build_joined,
    "moved": _build_joined,
    "left": _build_left,
    "recording ready": _build_published,
    "recording deleted": _build_deleted,
}
