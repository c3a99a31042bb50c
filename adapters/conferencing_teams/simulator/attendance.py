"""Attendance reports and their records: docs/vendors/teams.md#attendance"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.model import Participant, Role, Session, SessionStatus
from conferencing.model.emails import email_key
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .endpoints import Endpoints, Rights
from .errors import no_meeting
from .meetings import find_meeting
from .requests import Request, answer_page
from .state import TeamsState
from .times import format_time
from .webinars import find_session

__all__ = ["end_empty_runs", "endpoints"]

endpoints = Endpoints()

NEWEST: Final = 50
RIGHTS: Final = Rights(app="OnlineMeetingArtifact.Read.All", user="OnlineMeetingArtifact.Read.All")
MEETING_REPORTS: Final = "/users/{user}/onlineMeetings/{meeting}/attendanceReports"
WEBINAR_REPORTS: Final = (
    "/solutions/virtualEvents/webinars/{webinar}/sessions/{session}/attendanceReports"
)
ROLES: Final = {
    Role.HOST: "Organizer",
    Role.PRESENTER: "Presenter",
    Role.ATTENDEE: "Attendee",
    Role.GUEST: "Attendee",
    Role.UNKNOWN: "None",
}

Row = dict[str, Any]


def end_empty_runs(simulator: TeamsState) -> None:
    """End runs that everybody has left: somebody who comes later opens a new one."""
    for session in list(simulator.world.sessions.values()):
        if session.status is not SessionStatus.RUNNING:
            continue
        ends = [visit.left_at for visit in simulator.world.visits_of(session.id)]
        left = [end for end in ends if end is not None]
        if ends and len(left) == len(ends) and session.room_id in simulator.world.rooms:
            simulator.world.end_session(session.room_id or "", max(left))


# ------------------------------------------------------------------------------------------- calls


@endpoints("GET", MEETING_REPORTS, RIGHTS)
def list_reports(simulator: TeamsState, request: Request, user: str, meeting: str) -> Answer:
    room = find_meeting(simulator, request, user, meeting).room_id
    return _answer_reports(simulator, request, room)


@endpoints("GET", WEBINAR_REPORTS, RIGHTS)
def list_webinar_reports(
    simulator: TeamsState, request: Request, webinar: str, session: str
) -> Answer:
    room = find_session(simulator, request, webinar, session).id
    return _answer_reports(simulator, request, room)


@endpoints("GET", f"{MEETING_REPORTS}/{{report}}", RIGHTS, options="expand")
def get_report(
    simulator: TeamsState, request: Request, user: str, meeting: str, report: str
) -> Answer:
    room = find_meeting(simulator, request, user, meeting).room_id
    return _answer_report(simulator, request, room, report)


@endpoints("GET", f"{WEBINAR_REPORTS}/{{report}}", RIGHTS, options="expand")
def get_webinar_report(
    simulator: TeamsState, request: Request, webinar: str, session: str, report: str
) -> Answer:
    room = find_session(simulator, request, webinar, session).id
    return _answer_report(simulator, request, room, report)


@endpoints("GET", f"{MEETING_REPORTS}/{{report}}/attendanceRecords", RIGHTS)
def list_records(
    simulator: TeamsState, request: Request, user: str, meeting: str, report: str
) -> Answer:
    room = find_meeting(simulator, request, user, meeting).room_id
    rows = _record_rows(simulator, _find_run(simulator, room, report))
    return answer_page(simulator, request, rows)


@endpoints("GET", f"{WEBINAR_REPORTS}/{{report}}/attendanceRecords", RIGHTS)
def list_webinar_records(
    simulator: TeamsState, request: Request, webinar: str, session: str, report: str
) -> Answer:
    room = find_session(simulator, request, webinar, session).id
    rows = _record_rows(simulator, _find_run(simulator, room, report))
    return answer_page(simulator, request, rows)


def _answer_reports(simulator: TeamsState, request: Request, room_id: str) -> Answer:
    """Answer the newest reports, the newest first; records are not in this list."""
    runs = _list_runs(simulator, room_id)[-NEWEST:]
    rows: list[Row] = [_report_row(simulator, run) for run in reversed(runs)]
    for row in rows:
        row["attendanceRecords"] = []
    return answer_page(simulator, request, rows)


def _answer_report(simulator: TeamsState, request: Request, room_id: str, report: str) -> Answer:
    run = _find_run(simulator, room_id, report)
    row = _report_row(simulator, run)
    if request.query.get("$expand") == "attendanceRecords":
        row["attendanceRecords"] = _record_rows(simulator, run)
    return Answer.json(row)


# -------------------------------------------------------------------------------------------- rows


def _list_runs(simulator: TeamsState, room_id: str) -> list[Session]:
    """Return the runs of which there is a report by now, the oldest first."""
    late = simulator.report_delay if simulator.quirks["late_reports"] else timedelta()
    runs = simulator.world.sessions_of(room_id)
    return [run for run in runs if run.ended_at and run.ended_at + late <= simulator.world.now]


def _find_run(simulator: TeamsState, room_id: str, report: str) -> Session:
    run = next((run for run in _list_runs(simulator, room_id) if run.id == report), None)
    if run is None:
        raise no_meeting()
    return run


def _report_row(simulator: TeamsState, run: Session) -> Row:
    return {
        "id": run.id,
        "totalParticipantCount": len(_group(simulator, run)),
        "meetingStartDateTime": format_time(run.started_at),
        "meetingEndDateTime": format_time(_to_milliseconds(run.ended_at)),
    }


def _to_milliseconds(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _group(simulator: TeamsState, run: Session) -> list[list[Visit]]:
    """Return the visits of each identity: somebody who comes back is the same."""
    people: dict[str, list[Visit]] = {}
    for visit in simulator.world.visits_of(run.id):
        key = email_key(visit.email) if visit.email else visit.id
        people.setdefault(key, []).append(visit)
    return list(people.values())


def _record_rows(simulator: TeamsState, run: Session) -> list[Row]:
    return [_record_row(simulator, run, visits) for visits in _group(simulator, run)]


def _record_row(simulator: TeamsState, run: Session, visits: list[Visit]) -> Row:
    first = visits[0]
    user = simulator.find_user(first.email or "")
    registration = _find_registration(simulator, run, first)
    intervals = [
        _interval(segment.joined_at, segment.left_at)
        for visit in visits
        for segment in visit.segments()
    ]
    kind = "communicationsUserIdentity" if user else "communicationsGuestIdentity"
    own_id = user.id if user else f"8:acs:{first.id}"
    identity = {"@odata.type": f"#microsoft.graph.{kind}", "id": own_id, "displayName": first.name}
    return {
        "id": own_id,
        "emailAddress": first.email if user or registration else None,
        "totalAttendanceInSeconds": sum(each["durationInSeconds"] for each in intervals),
        "role": "Oracle" if simulator.quirks["unknown_words"] else ROLES[first.role],
        "registrationId": registration.id if registration else None,
        "identity": None if simulator.quirks["null_identity"] else identity,
        "attendanceIntervals": intervals,
    }


def _find_registration(simulator: TeamsState, run: Session, visit: Visit) -> Participant | None:
    people = simulator.world.participants.get(run.room_id or "", [])
    key = email_key(visit.email) if visit.email else ""
    return next((each for each in people if key and email_key(each.email or "") == key), None)


def _interval(start: datetime, end: datetime | None) -> Row:
    """Return one presence; the length is cut to whole seconds."""
    length = (end - start) // timedelta(seconds=1) if end else 0
    return {
        "joinDateTime": format_time(start),
        "leaveDateTime": format_time(end),
        "durationInSeconds": length,
    }
