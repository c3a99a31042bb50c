"""Sessions, attendees, PDF reports and recordings: sections 4, 5 and 10 of the notes on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import define

from conferencing.model import Recording, Role, Session
from conferencing.sandbox.pdf import pdf
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .people import registration_row, session_of
from .rooms import escaped
from .shared import Refused, route

if TYPE_CHECKING:
    from . import ClickMeetingSimulator

LANGUAGES = ("en", "pl", "ru", "de", "es")
ROLES = {Role.ATTENDEE: "listener", Role.PRESENTER: "presenter", Role.HOST: "host"}
DONE = 100
LINK_LIVES = timedelta(hours=2)

Given = dict[str, Any]


@define
class ReportJob:
    """A PDF in the making: it gets on each time that somebody asks."""

    code: str
    polls: int = 0

    @property
    def progress(self) -> int:
        return (0, 40, DONE)[min(self.polls, 2)]


@route("GET", "/v1/conferences/{room:\\d+}/sessions")
def list_sessions(simulator: ClickMeetingSimulator, given: Given, room: str) -> Answer:
    simulator.world.room(room)
    rows = simulator.world.sessions_of(room)
    return Answer.json([{"id": int(one.id), **_summary(simulator, one)} for one in rows])


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}")
def get_session(simulator: ClickMeetingSimulator, given: Given, room: str, session: str) -> Answer:
    present = _session(simulator, room, session)
    attendees = [
        {
            "id": int(visit.id),
            "start_date": _minute(simulator, present, visit.joined_at),
            "end_date": _minute(simulator, present, visit.left_at),
            "login": escaped(visit.name),
            "email": visit.email,
        }
        for visit in simulator.world.visits_of(session)
    ]
    reports = {language: _report(simulator, room, session, language) for language in LANGUAGES}
    return Answer.json({**_summary(simulator, present), "attendees": attendees, "pdf": reports})


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/attendees")
def list_attendees(
    simulator: ClickMeetingSimulator, given: Given, room: str, session: str
) -> Answer:
    present = _session(simulator, room, session)
    visits = simulator.world.visits_of(session)
    return Answer.json([_attendee(simulator, present, visit) for visit in visits])


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/registrations")
def list_session_registrations(
    simulator: ClickMeetingSimulator, given: Given, room: str, session: str
) -> Answer:
    _session(simulator, room, session)
    people = simulator.world.participants[room]
    came = [one for one in people if session_of(simulator, one) == session]
    return Answer.json([registration_row(simulator, one) for one in came])


def _session(simulator: ClickMeetingSimulator, room: str, session: str) -> Session:
    present = simulator.world.session(session)
    if present.room_id != room:
        raise Refused(404, {})
    return present


def _summary(simulator: ClickMeetingSimulator, session: Session) -> dict[str, Any]:
    return {
        "total_visitors": session.people,
        "max_visitors": session.peak,
        "start_date": _minute(simulator, session, session.started_at),
        "end_date": _minute(simulator, session, session.ended_at),
    }


def _attendee(simulator: ClickMeetingSimulator, session: Session, visit: Visit) -> dict[str, Any]:
    return {
        "uid": visit.id,
        "role": ROLES.get(visit.role, "listener"),
        "nickname": escaped(visit.name),
        "email": visit.email,
        "device": visit.device,
        "rating": None if visit.rating is None else str(visit.rating),
        "rating_comment": visit.comment and escaped(visit.comment),
        "start_date": _minute(simulator, session, visit.joined_at),
        "end_date": _minute(simulator, session, visit.left_at),
        "user_ip": f"198.51.100.{int(visit.id) % 254 + 1}",
        "polls": [],
    }


def _minute(
    simulator: ClickMeetingSimulator, session: Session, moment: datetime | None
) -> str | None:
    """Write an instant as sessions do: the seconds are cut to 00."""
    room = simulator.world.rooms.get(session.room_id or "")
    zone = room.timezone if room else None
    return simulator.local(moment.replace(second=0), zone) if moment else None


# --------------------------------------------------------------------------------------- reports


@route("GET", "/v1/conferences/{room:\\d+}/sessions/{session:\\d+}/generate-pdf/{language}")
def generate_pdf(
    simulator: ClickMeetingSimulator, given: Given, room: str, session: str, language: str
) -> Answer:
    present = _session(simulator, room, session)
    if language not in LANGUAGES:
        raise Refused(422, {"lang": f"must be one of {', '.join(LANGUAGES)}"})
    job = simulator.reports.get((session, language))
    if job is None:
        job = ReportJob(code=simulator.code(6, "abcdefghijkmnpqrstuvwxyzABCDEFGHJK"))
        simulator.reports[session, language] = job
    else:
        job.polls += 1
    if job.progress == DONE:
        names = [visit.name for visit in simulator.world.visits_of(session)]
        lines = [f"Session {present.id}", f"Language {language}", *names]
        simulator.world.files[f"{language}/{session}/{job.code}"] = pdf(lines)
    state = _report(simulator, room, session, language)
    if job.progress < DONE:
        del state["url"]
    return Answer.json(state)


def _report(
    simulator: ClickMeetingSimulator, room: str, session: str, language: str
) -> dict[str, Any]:
    """Return a report's state as a session's detail has it: asked for, the url is there at once."""
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
def list_recordings(simulator: ClickMeetingSimulator, given: Given, room: str) -> Answer:
    simulator.world.room(room)
    rows = [one for one in simulator.world.recordings.values() if one.room_id == room]
    return Answer.json([_recording(simulator, one) for one in rows])


@route("GET", "/v1/conferences/recordings")
def list_account_recordings(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    rows = simulator.world.recordings.values()
    return Answer.json(
        [_recording(simulator, one) | {"conference_id": int(one.room_id or 0)} for one in rows]
    )


@route("DELETE", "/v1/conferences/{room:\\d+}/recordings")
def delete_recordings(simulator: ClickMeetingSimulator, given: Given, room: str) -> Answer:
    simulator.world.room(room)
    for one in [one for one in simulator.world.recordings.values() if one.room_id == room]:
        del simulator.world.recordings[one.id]
    return Answer.json({"STATUS": "OK"})


@route("DELETE", "/v1/conferences/{room:\\d+}/recordings/{recording:\\d+}")
def delete_recording(
    simulator: ClickMeetingSimulator, given: Given, room: str, recording: str
) -> Answer:
    present = simulator.world.recordings.get(recording)
    if present is None or present.room_id != room:
        raise Refused(404, {})
    del simulator.world.recordings[recording]
    return Answer.json({"STATUS": "OK"})


def _recording(simulator: ClickMeetingSimulator, one: Recording) -> dict[str, Any]:
    started = (one.started_at or simulator.world.now).astimezone(UTC).replace(microsecond=0)
    expires = int((simulator.world.now + LINK_LIVES).timestamp())
    size = one.files[0].size or 0
    return {
        "id": int(one.id),
        "recording_url": f"{simulator.root}/r/{one.id}/recording.mp4?st=sig&e={expires}",
        "recording_duration": int(one.duration.total_seconds()) if one.duration else 0,
        "recorder_started": f"{started:%Y-%m-%d %H:%M:%S}",
        "recorder_start_date": started.isoformat(),
        "recording_file_size": size if simulator.quirks["documented_types"] else str(size),
        "recording_name": escaped(one.name or ""),
    }
