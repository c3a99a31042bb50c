"""Reports and the dashboard: docs/vendors/zoom.md#attendance"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from conferencing.model import Room, Session
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .attendance import Presence, live_row, report_row
from .endpoints import Endpoints
from .errors import no_permission, no_room, refuse_field
from .formats import RUN, read_date, read_run_id
from .pages import PAGING, write_page
from .past import check_age, is_between, write_answers, write_people
from .rooms import check_addon
from .runs import count_people, find_run, fits, run_row
from .state import Caller, RoomDetails, ZoomState
from .users import user_of

__all__ = ["endpoints"]

endpoints = Endpoints()

REPORT: Final = "/report/{family:meetings|webinars}/{run:" + RUN + "}"
METRICS: Final = "/metrics/{family:meetings|webinars}/{run:" + RUN + "}"
A_MONTH: Final = timedelta(days=31)
SIX_MONTHS: Final = 6

Row = dict[str, Any]
Run = tuple[Session, Room, RoomDetails]


@endpoints("GET", REPORT + "/participants", "H", "report:read:list_{kind}_participants:admin",
           *PAGING, "include_fields")  # fmt: skip
def report_participants(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, _, _ = _find_reported_run(simulator, caller, family, run)
    fractions = family == "webinars" and simulator.quirks["fractional_times"]
    return write_people(simulator, fields, session, _with_fractions if fractions else report_row)


def _with_fractions(presence: Presence, *, registrant: bool) -> Row:
    """Return a row with fractions of seconds, as some reports of webinars have them."""
    row = report_row(presence, registrant=registrant)
    times = {name: row[name] for name in ("join_time", "leave_time") if name in row}
    return row | {name: time.replace("Z", ".000Z") for name, time in times.items()}


@endpoints("GET", REPORT + "/polls", "H", "report:read:list_{kind}_polls:admin")
def report_polls(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, room, _ = _find_reported_run(simulator, caller, family, run)
    return write_answers(simulator, session, room, "polls")


@endpoints("GET", REPORT + "/qa", "H", "report:read:{kind}_qna:admin")
def report_questions(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, room, _ = _find_reported_run(simulator, caller, family, run)
    return write_answers(simulator, session, room, "qa")


@endpoints("GET", REPORT, "H", "report:read:{kind}:admin")
def report_run(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    session, room, details = _find_reported_run(simulator, caller, family, run)
    row = run_row(simulator, session, room, details)
    more = {"dept": "", "tracking_fields": details.tracking_fields, "custom_keys": []}
    return Answer.json(row | more)


def _find_reported_run(simulator: ZoomState, caller: Caller, family: str, part: str) -> Run:
    """Return a run that has a report: of two people or more, and not older than six months."""
    _check_reports(simulator)
    kind = family.removesuffix("s")
    session, room, details = find_run(simulator, caller, part, kind)
    check_addon(simulator, kind, details.host_id)
    check_age(simulator, session)
    if not _has_report(simulator, session):
        raise no_room(kind, read_run_id(part))
    return session, room, details


def _has_report(simulator: ZoomState, session: Session) -> bool:
    alone = count_people(simulator, session) < 2  # noqa: PLR2004
    if alone and not simulator.quirks["one_person_reports"]:
        return False
    return bool(fits(simulator, SIX_MONTHS)([session]))


def _check_reports(simulator: ZoomState) -> None:
    if simulator.plan == "free":
        raise no_permission("Only available for Paid or ZMP account.")


@endpoints("GET", "/report/users/{user}/meetings", "H", "report:read:user:admin",
           *PAGING, "from", "to", "type")  # fmt: skip
def report_user(simulator: ZoomState, fields: Fields, caller: Caller, user: str) -> Answer:
    """List a host's runs of at most a month, webinars too."""
    _check_reports(simulator)
    host = user_of(simulator, caller, user)
    fields.require("from", "to")
    since, until = read_date(fields.text("from"), "from"), read_date(fields.text("to"), "to")
    if since is None or until is None or not timedelta() <= until - since <= A_MONTH:
        raise refuse_field("from")
    rows: list[Row] = []
    for session in reversed(list(simulator.world.sessions.values())):
        room = simulator.room_or_deleted(session.room_id or "")
        if room is None or session.ended_at is None or not _has_report(simulator, session):
            continue
        details = simulator.details_of(room)
        if details.host_id == host.id and is_between(session, since, until):
            rows.append(run_row(simulator, session, room, details) | {"source": "Zoom"})
    body = {"from": since.isoformat(), "to": until.isoformat()}
    return Answer.json(body | write_page(simulator, fields, "meetings", rows, numbered=True))


# ------------------------------------------------------------------------------------- dashboard


@endpoints("GET", METRICS + "/participants", "H", "dashboard:read:list_{kind}_participants:admin",
           *PAGING, "type", "include_fields")  # fmt: skip
def list_metrics(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, run: str
) -> Answer:
    """List who is in a run that goes on, or was in one: only with the business plan."""
    if simulator.plan != "business":
        raise no_permission("This API is available for Business or higher plans.")
    which = fields.choice("type", ("live", "past", "pastOne")) or "live"
    if which != "live":
        session, _, _ = find_run(simulator, caller, run, family.removesuffix("s"))
        if (count_people(simulator, session) < 2) != (which == "pastOne"):  # noqa: PLR2004
            raise no_room(family.removesuffix("s"), read_run_id(run))
    else:
        session = _live_run(simulator, family, run)
    return write_people(simulator, fields, session, live_row, registrant=which != "live")


def _live_run(simulator: ZoomState, family: str, part: str) -> Session:
    kind = family.removesuffix("s")
    name = read_run_id(part, kind)
    chosen = simulator.world.sessions.get(name)
    session = simulator.world.running(chosen.room_id or "" if chosen else name)
    room = simulator.world.rooms.get(session.room_id or "") if session else None
    is_other = chosen is not None and session != chosen
    if session is None or room is None or is_other or simulator.details_of(room).kind != kind:
        raise no_room(kind, name)
    return session
