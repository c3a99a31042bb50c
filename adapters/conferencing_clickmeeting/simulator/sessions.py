"""Sessions, attendees, PDF reports and recordings.

docs/vendors/clickmeeting.md#sessions-list, docs/vendors/clickmeeting.md#attendees,
docs/vendors/clickmeeting.md#pdf-report, docs/vendors/clickmeeting.md#recordings
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conferencing.model import Recording, Role, Session
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.pdf import pdf
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .people import find_session, registration_row
from .state import ClickMeetingState, ReportJob, escape_html

__all__ = ["public_file", "route"]

route = Router()

LANGUAGES: Final = ("en", "pl", "ru", "de", "es")
ROLES: Final = {Role.ATTENDEE: "listener", Role.PRESENTER: "presenter", Role.HOST: "host"}
DONE: Final = 100
LINK_LIFETIME: Final = timedelta(hours=2)


@route("GET", "/v1/conferences/{room:\\d+}/sessions")
def list_sessions(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    simulator.world.room(room)
    sessions = simulator.world.sessions_of(room)
    # Live programs got 404 until a room was held: docs/vendors/clickmeeting.md#oddity-2
    if not sessions and simulator.quirks["no_sessions_is_404"]:
        raise Refusal(404)
    rows = [{"id": int(session.id), **_summary(simulator, session)} for session in sessions]
    return Answer.json(rows)


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}")
def get_session(simulator: ClickMeetingState, fields: Fields, room: str, session: str) -> Answer:
    world_session = _session(simulator, room, session)
    attendees = [
        {
            "id": int(visit.id),
            "start_date": _minute(simulator, world_session, visit.joined_at),
            "end_date": _minute(simulator, world_session, visit.left_at),
            "login": escape_html(visit.name),
            "email": visit.email,
        }
        for visit in simulator.world.visits_of(session)
    ]
    reports = {language: _report(simulator, room, session, language) for language in LANGUAGES}
    # The detail does not have the id of the session: docs/vendors/clickmeeting.md#oddity-14
    summary = _summary(simulator, world_session)
    return Answer.json({**summary, "attendees": attendees, "pdf": reports})


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/attendees")
def list_attendees(simulator: ClickMeetingState, fields: Fields, room: str, session: str) -> Answer:
    world_session = _session(simulator, room, session)
    visits = simulator.world.visits_of(session)
    return Answer.json([_attendee(simulator, world_session, visit) for visit in visits])


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/registrations")
def list_session_registrations(
    simulator: ClickMeetingState, fields: Fields, room: str, session: str
) -> Answer:
    _session(simulator, room, session)
    participants = simulator.world.participants[room]
    return Answer.json(
        [
            registration_row(simulator, participant)
            for participant in participants
            if find_session(simulator, participant) == session
        ]
    )


def _session(simulator: ClickMeetingState, room: str, session: str) -> Session:
    world_session = simulator.world.session(session)
    if world_session.room_id != room:
        raise Refusal(404)
    return world_session


def _summary(simulator: ClickMeetingState, session: Session) -> dict[str, Any]:
    return {
        "total_visitors": session.people,
        "max_visitors": session.peak,
        "start_date": _minute(simulator, session, session.started_at),
        "end_date": _minute(simulator, session, session.ended_at),
    }


def _attendee(simulator: ClickMeetingState, session: Session, visit: Visit) -> dict[str, Any]:
    """Return an attendee; in the session's detail, id and name have other names and types.

    docs/vendors/clickmeeting.md#oddity-15
    """
    row: dict[str, Any] = {
        "uid": visit.id,
        "role": ROLES.get(visit.role, "listener"),
        "nickname": escape_html(visit.name),
        "email": visit.email,
        "device": visit.device,
        "rating": None if visit.rating is None else str(visit.rating),
        "rating_comment": visit.comment and escape_html(visit.comment),
        "start_date": _minute(simulator, session, visit.joined_at),
        "end_date": _minute(simulator, session, visit.left_at),
        "user_ip": f"198.51.100.{int(visit.id) % 254 + 1}",
        "polls": [],
    }
    if simulator.quirks["missing_fields"]:
        # The vendor's own sample has no times here: docs/vendors/clickmeeting.md#oddity-18
        del row["start_date"], row["end_date"]
    return row


def _minute(simulator: ClickMeetingState, session: Session, moment: datetime | None) -> str | None:
    """Return a time of a session, whose seconds are cut: docs/vendors/clickmeeting.md#oddity-16"""
    room = simulator.world.rooms.get(session.room_id or "")
    zone = room.timezone if room else None
    return simulator.local_time(moment.replace(second=0), zone) if moment else None


# --------------------------------------------------------------------------------------- reports


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/generate-pdf/{language}")
def generate_pdf(
    simulator: ClickMeetingState, fields: Fields, room: str, session: str, language: str
) -> Answer:
    world_session = _session(simulator, room, session)
    if language not in LANGUAGES:
        raise fields.refuse("lang", f"must be one of {', '.join(LANGUAGES)}")
    job = simulator.reports.get((session, language))
    if job is None:
        job = ReportJob(code=simulator.random_text(6, "abcdefghijkmnpqrstuvwxyzABCDEFGHJK"))
        simulator.reports[session, language] = job
    else:
        job.polls += 1
    if job.progress == DONE:
        names = [visit.name for visit in simulator.world.visits_of(session)]
        lines = [f"Session {world_session.id}", f"Language {language}", *names]
        simulator.world.files[f"{language}/{session}/{job.code}"] = pdf(lines)
    state = _report(simulator, room, session, language)
    if job.progress < DONE:
        del state["url"]
    return Answer.json(state)


def _report(simulator: ClickMeetingState, room: str, session: str, language: str) -> dict[str, Any]:
    """Return the state of a report as the session's detail has it: with the url from the start.

    docs/vendors/clickmeeting.md#oddity-22
    """
    job = simulator.reports.get((session, language))
    if job is None:
        path = f"v1/conferences/{room}/sessions/{session}/generate-pdf/{language}"
        return {"generate_pdf_url": f"{simulator.root}/{path}", "progress": 0}
    return {
        "status": {0: "NEW", DONE: "FINISHED"}.get(job.progress, "IN PROGRESS"),
        "url": f"{simulator.root}/panel/pdf/{language}/{session}/{job.code}",
        "progress": job.progress,
    }


# ------------------------------------------------------------------------------------ recordings


@route("GET", "/v1/conferences/{room:\\d+}/recordings")
def list_recordings(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    recordings = _recordings(simulator, room)
    return Answer.json([_recording_row(simulator, recording) for recording in recordings])


@route("GET", "/v1/conferences/recordings")
def list_account_recordings(simulator: ClickMeetingState, fields: Fields) -> Answer:
    return Answer.json(
        [
            {**_recording_row(simulator, recording), "conference_id": int(recording.room_id or 0)}
            for recording in simulator.world.recordings.values()
        ]
    )


@route("DELETE", "/v1/conferences/{room:\\d+}/recordings")
def delete_recordings(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    for recording in _recordings(simulator, room):
        del simulator.world.recordings[recording.id]
    # The key is in capitals here alone: docs/vendors/clickmeeting.md#oddity-27
    return Answer.json({"STATUS": "OK"})


@route("DELETE", "/v1/conferences/{room:\\d+}/recordings/{recording:\\d+}")
def delete_recording(
    simulator: ClickMeetingState, fields: Fields, room: str, recording: str
) -> Answer:
    if recording not in {row.id for row in _recordings(simulator, room)}:
        raise Refusal(404)
    del simulator.world.recordings[recording]
    return Answer.json({"STATUS": "OK"})


def _recordings(simulator: ClickMeetingState, room: str) -> list[Recording]:
    simulator.world.room(room)
    recordings = simulator.world.recordings.values()
    return [recording for recording in recordings if recording.room_id == room]


def _recording_row(simulator: ClickMeetingState, recording: Recording) -> dict[str, Any]:
    started = (recording.started_at or simulator.world.now).astimezone(UTC).replace(microsecond=0)
    expires = int((simulator.world.now + LINK_LIFETIME).timestamp())
    duration = recording.duration or timedelta()
    return {
        "id": int(recording.id),
        "recording_url": f"{simulator.root}/r/{recording.id}/recording.mp4?st=sig&e={expires}",
        "recording_duration": int(duration.total_seconds()),
        "recorder_started": f"{started:%Y-%m-%d %H:%M:%S}",
        "recorder_start_date": started.isoformat(),
        # A string since 2023: docs/vendors/clickmeeting.md#oddity-25
        "recording_file_size": str(recording.files[0].size or 0),
        "recording_name": escape_html(recording.name or ""),
    }


# ------------------------------------------------------------------------------- files for all


def public_file(simulator: ClickMeetingState, path: str) -> Answer | None:
    """Return a PDF report or a recording, whose URLs lie outside of `/v1` and need no key."""
    report = re.fullmatch(r"/panel/pdf/(\w+/\d+/\w+)", path)
    video = re.fullmatch(r"/r/(\d+)/recording\.mp4", path)
    if report and report[1] in simulator.world.files:
        return Answer(body=simulator.world.files[report[1]], media_type="application/pdf")
    if video and video[1] in simulator.world.recordings:
        return Answer(body=simulator.world.files[video[1]], media_type="video/mp4")
    if report or video:
        return Answer.html("<h1>404</h1>", 404)
    return None
