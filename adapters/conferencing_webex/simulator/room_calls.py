"""The calls of rooms: docs/vendors/webex.md#rooms"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from conferencing.model import Role, Room, RoomKind, Session
from conferencing.model.zones import zone_of
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .access import find_host, find_room, find_run, find_series, is_hidden, may_see
from .drafts import CHANGED, CREATED, read_form, read_options, read_password, read_times
from .errors import not_found, refuse, wrong_kind
from .formats import read_time
from .ids import kind_of, series_of
from .invitees import add_invitee, notify
from .limits import count_creation
from .pages import page_answer
from .rooms import (
    defaults_of,
    find_current,
    occurrence_row,
    plan_occurrences,
    run_row,
    series_row,
    sync_room,
)
from .state import Caller, Plan, PlannedRun, WebexState
from .webhooks import announce

__all__ = ["route"]

route = Router()

WEEK = timedelta(days=7)


@route("POST", "/v1/meetings", *CREATED)
def create_meeting(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """Create a series; a meeting that takes place once is a series of one."""
    host = find_host(simulator, fields, caller)
    count_creation(simulator, host)
    kind = fields.choice("scheduledType", ("meeting", "webinar")) or "meeting"
    _check_kind(simulator, fields, kind)
    fields.require("title", *(() if fields.get("templateId") else ("start", "end")))
    _check_texts(fields)
    now = simulator.world.now
    plan = simulator.new_plan(
        kind=kind,
        host_id=host.id,
        timezone="UTC",
        start=now,
        end=now + timedelta(hours=1),
        options=defaults_of(kind),
    )
    read_times(simulator, fields, plan)
    read_password(fields, plan)
    plan.options = read_options(fields, kind, plan.options)
    form = fields.child("registration")
    plan.form = read_form(form) if form else None
    plan.occurrences = plan_occurrences(plan)
    room = simulator.world.add_room(
        name=fields.require_text("title"),
        kind=RoomKind.WEBINAR if kind == "webinar" else RoomKind.MEETING,
        description=fields.text("agenda"),
    )
    simulator.plans[room.id] = plan
    room = sync_room(simulator, room, plan)
    for row in fields.children("invitees"):
        add_invitee(simulator, plan, row)
    if fields.flag("sendEmail") is not False:
        simulator.world.post("scheduled", host.email, room.id, role=Role.HOST)
        for invited in plan.invitees:
            notify(simulator, room, invited)
    announce(simulator, "meetings", "created", room, _row(simulator, room, plan, "UTC"))
    return Answer.json(_row(simulator, room, plan, fields.text("timezone") or "UTC"))


def _check_kind(simulator: WebexState, fields: Fields, kind: str) -> None:
    if kind == "webinar" and not simulator.webinars:
        raise refuse(403)
    if kind == "webinar" and fields.number("sessionTypeId") is None:
        raise refuse(400, "Parameter 'sessionTypeId' is required for a webinar.")


def _check_texts(fields: Fields) -> None:
    for name, longest in (("title", 128), ("agenda", 1300)):
        if len(fields.text(name) or "") > longest:
            raise refuse(400, f"Parameter '{name}' is longer than {longest} characters.")


def _row(
    simulator: WebexState, room: Room, plan: Plan, zone: str, run: PlannedRun | None = None
) -> dict[str, Any]:
    if run is not None:
        return occurrence_row(simulator, room, plan, run, zone_of(zone))
    return series_row(simulator, room, plan, zone_of(zone))


# -------------------------------------------------------------------------------------------- read


@route("GET", "/v1/meetings", "meetingNumber", "webLink", "roomId", "meetingSeriesId", "max",
       "from", "to", "meetingType", "state", "scheduledType", "isModified", "current", "hostEmail",
       "siteUrl", "integrationTag", "cursor")  # fmt: skip
def list_meetings(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List series, occurrences or runs in a range, which is a week by default."""
    host = find_host(simulator, fields, caller)
    kind = fields.choice("meetingType", ("meetingSeries", "scheduledMeeting", "meeting"))
    series = fields.text("meetingSeriesId")
    kinds = [kind or "meetingSeries"] if kind or not series else ["scheduledMeeting", "meeting"]
    rows: list[dict[str, Any]] = []
    for each in kinds:
        since, until = _read_range(simulator, fields, each)
        rows += _LISTS[each](simulator, host, series, since, until)
    state, scheduled = fields.text("state"), fields.text("scheduledType")
    rows = [row for row in rows if state in {None, row["state"]}]
    if not series:
        rows = [row for row in rows if scheduled in {None, row["scheduledType"]}]
    return page_answer(simulator, fields, rows)


def _read_range(simulator: WebexState, fields: Fields, kind: str) -> tuple[datetime, datetime]:
    """Return the range: a week from the one bound, or ahead; for runs, a week back."""
    since, until = fields.text("from"), fields.text("to")
    zone = simulator.zone
    start = read_time(since, zone, "from") if since else None
    end = read_time(until, zone, "to") if until else None
    if start is None and end is None:
        now = simulator.world.now
        return (now - WEEK, now) if kind == "meeting" else (now, now + WEEK)
    start = start or (end or simulator.world.now) - WEEK
    end = end or start + WEEK
    if start > end:
        raise refuse(400, "Parameter 'from' is after 'to'.")
    return start, end


def _visible(simulator: WebexState, host: User, series: str | None) -> list[tuple[Room, Plan]]:
    pairs = [(room, simulator.plan_of(room)) for room in simulator.world.rooms.values()]
    return [
        (room, plan) for room, plan in pairs if series in {None, room.id} and may_see(plan, host)
    ]


def _list_series(
    simulator: WebexState, host: User, series: str | None, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    return [
        series_row(simulator, room, plan, simulator.zone)
        for room, plan in _visible(simulator, host, series)
        if any(run.start < until and run.end > since for run in plan.occurrences)
    ]


def _list_occurrences(
    simulator: WebexState, host: User, series: str | None, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    return [
        occurrence_row(simulator, room, plan, run, simulator.zone)
        for room, plan in _visible(simulator, host, series)
        for run in plan.occurrences
        if run.start < until and run.end > since
    ]


def _list_runs(
    simulator: WebexState, host: User, series: str | None, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    def is_listed(session: Session) -> bool:
        plan = simulator.plans.get(series_of(session.id))
        started = session.started_at or since
        return (
            plan is not None
            and may_see(plan, host)
            and series in {None, series_of(session.id)}
            and since <= started < until
            and not is_hidden(simulator, session)
        )

    sessions = [each for each in simulator.world.sessions.values() if is_listed(each)]
    return [run_row(simulator, session, simulator.zone) for session in sessions]


_LISTS = {
    "meetingSeries": _list_series,
    "scheduledMeeting": _list_occurrences,
    "meeting": _list_runs,
}


@route("GET", "/v1/meetings/sessionTypes", "hostEmail", "siteUrl")
def list_session_types(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    find_host(simulator, fields, caller)
    rows = [{"id": "3", "name": "Webex Meetings Pro", "type": "meeting", "attendeesCapacity": 1000}]
    if simulator.webinars:
        capacity = {"type": "webinar", "attendeesCapacity": 3000}
        rows.append({"id": "628", "name": "Webex Webinars 3000", **capacity})
    return Answer.json({"items": rows})


@route("GET", "/v1/meetings/templates", "templateType", "locale", "isDefault", "isStandard",
       "hostEmail", "siteUrl")  # fmt: skip
def list_templates(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List the templates, all at once."""
    find_host(simulator, fields, caller)
    rows = [
        {
            "id": template.id,
            "name": template.name,
            "locale": "en_US",
            "siteUrl": "demo.webex.com",
            "templateType": template.description or "meeting",
            "isDefault": template.default,
            "isStandard": False,
        }
        for template in simulator.world.templates.values()
    ]
    return Answer.json({"items": rows})


@route("GET", "/v1/meetings/{meeting}", "current", "hostEmail")
def get_meeting(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Return a series; with `current`, the occurrence that is ready or next."""
    host = find_host(simulator, fields, caller)
    if kind_of(meeting) == "meeting":
        return Answer.json(run_row(simulator, find_run(simulator, host, meeting), simulator.zone))
    room, plan, run = find_room(simulator, host, meeting)
    if run is None and fields.flag("current"):
        run = find_current(simulator, plan)
    return Answer.json(_row(simulator, room, plan, str(simulator.zone), run))


# ------------------------------------------------------------------------------- change and delete


@route("PATCH", "/v1/meetings/{meeting}", *CHANGED)
@route("PUT", "/v1/meetings/{meeting}", *CHANGED)
def change_meeting(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Change a series or an occurrence; refused while a run goes on."""
    host = find_host(simulator, fields, caller)
    room, plan, run = find_room(simulator, host, meeting)
    _check_idle(simulator, room)
    _check_texts(fields)
    zone = fields.text("timezone") or "UTC"
    if run is not None:
        _move(simulator, fields, plan, run)
    else:
        before = (plan.start, plan.end, plan.recurrence)
        read_times(simulator, fields, plan)
        if before != (plan.start, plan.end, plan.recurrence):  # undoes changes of single dates
            plan.occurrences = plan_occurrences(plan)
    read_password(fields, plan)
    plan.options = read_options(fields, plan.kind, plan.options)
    name = fields.text("title") or room.name
    agenda = fields.text("agenda") if "agenda" in fields else room.description
    room = sync_room(simulator, room, plan, name=name, description=agenda)
    row = _row(simulator, room, plan, zone, run)
    announce(simulator, "meetings", "updated", room, row)
    return Answer.json(row)


def _check_idle(simulator: WebexState, room: Room) -> None:
    """Refuse during a run; that the status is 409 is a guess."""
    if simulator.world.running(room.id):
        raise refuse(409, "Meeting is in progress")


def _move(simulator: WebexState, fields: Fields, plan: Plan, run: PlannedRun) -> None:
    """Move an occurrence within its own days, in the zone of the plan."""
    moved = Plan(**{name: getattr(plan, name) for name in _TIMED}, start=run.start, end=run.end)
    read_times(simulator, fields, moved)
    zone, place = zone_of(plan.timezone), plan.occurrences.index(run)
    low = _midnight(run.slot, zone) if place else None
    following = plan.occurrences[place + 1 :]
    high = _midnight(following[0].slot, zone) if following else None
    if (low and moved.start < low) or (high and moved.end > high):
        raise refuse(400, "meeting.err.two_meeting_schedule_at_same_day")
    run.modified = run.modified or (run.start, run.end) != (moved.start, moved.end)
    run.start, run.end = moved.start, moved.end


_TIMED = ("kind", "host_id", "number", "timezone", "password", "keys")


def _midnight(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


@route("DELETE", "/v1/meetings/{meeting}", "hostEmail", "sendEmail")
def delete_meeting(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Delete a series with all its dates, or one date."""
    host = find_host(simulator, fields, caller)
    room, plan, run = find_room(simulator, host, meeting)
    _check_idle(simulator, room)
    row = _row(simulator, room, plan, "UTC", run)
    if run is not None and len(plan.occurrences) > 1:
        plan.occurrences.remove(run)
    else:
        simulator.world.remove_room(room.id)
    if fields.flag("sendEmail") is not False:
        for invited in plan.invitees:
            simulator.world.post("cancellation", invited.email, room.id)
    announce(simulator, "meetings", "deleted", room, row)
    return Answer(status=204)


@route("POST", "/v1/meetings/{meeting}/end", "reason")
def end_meeting(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """End a run; the id of a series means the one that goes on. Otherwise 409 is a guess."""
    series = series_of(meeting)
    plan, running = simulator.plans.get(series), simulator.world.running(series)
    if plan is None or (plan.host_id != caller.user_id and not caller.admin):
        raise not_found()
    if kind_of(meeting) == "scheduledMeeting":
        raise wrong_kind(meeting)
    if kind_of(meeting) == "meeting" and meeting not in simulator.world.sessions:
        raise not_found()
    if running is None or meeting not in {series, running.id}:
        raise refuse(409, "Meeting is not in progress")
    simulator.world.end_session(series)
    return Answer(status=204)


# ---------------------------------------------------------------------------------------- the form


@route("GET", "/v1/meetings/{meeting}/registration", "current", "hostEmail")
def get_form(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    _, plan = find_series(simulator, find_host(simulator, fields, caller), meeting)
    if plan.form is None:
        raise not_found()
    return Answer.json(plan.form)


@route("PUT", "/v1/meetings/{meeting}/registration", "hostEmail")
def set_form(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Switch registration on, or replace the form."""
    room, plan = find_series(simulator, find_host(simulator, fields, caller), meeting)
    plan.form = read_form(fields)
    sync_room(simulator, room, plan)
    return Answer.json(plan.form)


@route("DELETE", "/v1/meetings/{meeting}/registration", "hostEmail")
def delete_form(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Switch registration off; the host is named by a header."""
    room, plan = find_series(simulator, find_host(simulator, fields, caller), meeting)
    plan.form = None
    sync_room(simulator, room, plan)
    return Answer(status=204)
