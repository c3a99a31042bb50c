"""Calls about past runs: docs/vendors/zoom.md#attendance"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any, Final

from conferencing.model import Room, Session
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .attendance import past_row, presences
from .endpoints import Endpoints
from .errors import no_room, refuse
from .formats import RUN, instant, read_date, read_run_id
from .pages import PAGING, write_page
from .registrants import registrant_row, status_of
from .runs import count_people, find_run, fits, list_ended_runs, run_row, visits_in
from .state import Caller, RoomDetails, ZoomState

__all__ = ["check_age", "endpoints", "is_between", "write_answers", "write_people"]

endpoints = Endpoints()

PAST: Final = "/past_{family:meetings|webinars}/{run:" + RUN + "}"
MONTHS_KEPT: Final = 15
A_YEAR: Final = timedelta(days=366)

Row = dict[str, Any]
Run = tuple[Session, Room, RoomDetails]


# ------------------------------------------------------------------------------------- past runs


@endpoints("GET", PAST + "/instances", "M", "{kind}:read:list_past_instances", "from", "to")
def list_instances(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    """List the ended runs of 15 months, the newest first; the order is a guess."""
    kind = family.removesuffix("s")
    number = read_run_id(run, kind)
    room = simulator.room_or_deleted(number)
    if room is None or simulator.details_of(room).kind != kind:
        raise no_room(kind, number)
    since, until = read_date(fields.text("from"), "from"), read_date(fields.text("to"), "to")
    runs = fits(simulator, MONTHS_KEPT)(list_ended_runs(simulator, number))
    rows = [
        _instance(session)
        for session in reversed(runs)
        if _is_shown(simulator, session) and is_between(session, since, until)
    ]
    return Answer.json({family: rows})


def _instance(session: Session) -> Row:
    row = {"uuid": session.id, "start_time": instant(session.started_at or _never())}
    return row | ({"occurrence_id": session.occurrence_id} if session.occurrence_id else {})


def _never() -> Any:
    raise AssertionError("a session of a world has a start")


def _is_shown(simulator: ZoomState, session: Session) -> bool:
    """Return whether the account shows a run: one of a single person only if it is set to."""
    return simulator.quirks["one_person_runs"] or count_people(simulator, session) > 1


def is_between(session: Session, since: date | None, until: date | None) -> bool:
    day = (session.started_at or _never()).astimezone(UTC).date()
    return (since is None or day >= since) and (until is None or day <= until)


@endpoints("GET", PAST + "/participants", "M", "{kind}:read:list_past_participants",
           *PAGING, "include_fields")  # fmt: skip
def list_participants(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, _, _ = _past_run(simulator, caller, family, run)
    return write_people(simulator, fields, session, past_row)


@endpoints("GET", "/past_webinars/{run:" + RUN + "}/absentees", "H", "webinar:read:list_absentees",
           *PAGING, "occurrence_id")  # fmt: skip
def list_absentees(simulator: ZoomState, fields: Fields, caller: Caller, run: str) -> Answer:
    """List the approved registrants who were not in a run."""
    session, room, _ = _past_run(simulator, caller, "webinars", run)
    present = {(visit.email or "").lower() for visit in visits_in(simulator, session)}
    rows = [
        registrant_row(simulator, participant)
        for participant in simulator.world.participants[room.id]
        if status_of(participant) == "approved" and (participant.email or "").lower() not in present
    ]
    return Answer.json(write_page(simulator, fields, "registrants", rows, numbered=True))


@endpoints("GET", "/past_meetings/{run:" + RUN + "}/polls", "M", "meeting:read:list_poll_results")
def get_meeting_polls(simulator: ZoomState, fields: Fields, caller: Caller, run: str) -> Answer:
    session, room, _ = _past_run(simulator, caller, "meetings", run)
    return write_answers(simulator, session, room, "polls")


@endpoints("GET", "/past_webinars/{run:" + RUN + "}/polls", "M", "webinar:read:list_past_polls")
def get_webinar_polls(simulator: ZoomState, fields: Fields, caller: Caller, run: str) -> Answer:
    session, room, _ = _past_run(simulator, caller, "webinars", run)
    return write_answers(simulator, session, room, "polls")


@endpoints("GET", PAST + "/qa", "M", "{kind}:read:past_qa")
def get_questions(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, room, _ = _past_run(simulator, caller, family, run)
    return write_answers(simulator, session, room, "qa")


@endpoints("GET", PAST, "L", "{kind}:read:past_{kind}")
def get_run(simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str) -> Answer:
    """Return the summary of a meeting's run; for webinars there is the report only."""
    if family == "webinars":
        raise refuse(404, 2300, "This API endpoint is not recognized.")
    session, room, details = _past_run(simulator, caller, family, run)
    more = {"host_id": details.host_id, "dept": "", "source": "Zoom"}
    return Answer.json(run_row(simulator, session, room, details) | more)


def _past_run(simulator: ZoomState, caller: Caller, family: str, part: str) -> Run:
    kind = family.removesuffix("s")
    session, room, details = find_run(simulator, caller, part, kind)
    check_age(simulator, session)
    if not _is_shown(simulator, session):
        raise no_room(kind, read_run_id(part))
    return session, room, details


def check_age(simulator: ZoomState, session: Session) -> None:
    if session.ended_at is not None and session.ended_at + A_YEAR < simulator.world.now:
        message = "Can not access a meeting a year ago."
        raise refuse(400, 12702, message)


def write_people(
    simulator: ZoomState,
    fields: Fields,
    session: Session,
    write_row: Callable[..., Row],
    *,
    registrant: bool = True,
) -> Answer:
    wanted = registrant and "registrant_id" in (fields.text("include_fields") or "")
    rows = [write_row(presence, registrant=wanted) for presence in presences(simulator, session)]
    return Answer.json(write_page(simulator, fields, "participants", rows))


def write_answers(simulator: ZoomState, session: Session, room: Room, what: str) -> Answer:
    """Return polls or questions; a test puts those of a run into the notes of the world."""
    questions = simulator.world.notes[session.id].get(what, [])
    start = instant(session.started_at or _never())
    body = {"id": int(room.id), "uuid": session.id, "start_time": start, "questions": questions}
    return Answer.json(body)
