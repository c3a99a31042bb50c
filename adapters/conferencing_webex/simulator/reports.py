"""Users, sites and reports: docs/vendors/webex.md#reports"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.model import Session, SessionStatus
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer

from .access import find_host
from .errors import refuse
from .formats import read_time, seconds
from .pages import page_answer
from .people import list_people, person_row
from .state import SITE, Caller, WebexState

__all__ = ["route"]

route = Router()

LONGEST: Final = timedelta(days=30)
OLDEST: Final = timedelta(days=90)
MOST: Final = 1000

Row = dict[str, Any]


@route("GET", "/v1/people/me", "callingData")
def get_me(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    user = simulator.world.users[caller.user_id]
    name = f"{user.first_name} {user.last_name}"
    return Answer.json({"id": user.id, "emails": [user.email], "displayName": name})


@route("GET", "/v1/meetingPreferences/sites", "userEmail", "siteUrl")
def list_sites(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    return Answer.json({"sites": [{"siteUrl": SITE, "default": True}]})


@route("GET", "/v1/meetingReports/usage", "siteUrl", "serviceType", "from", "to", "max", "cursor")
def report_usage(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """Report the ended runs of a site, for administrators."""
    since, until = _read_range(simulator, fields, caller)
    rows = [_usage_row(simulator, each) for each in _list_ended(simulator, since, until)]
    return page_answer(simulator, fields, rows, most=MOST)


def _read_range(simulator: WebexState, fields: Fields, caller: Caller) -> tuple[datetime, datetime]:
    if not caller.admin:
        raise refuse(403)
    if fields.require_text("siteUrl") != SITE:
        raise refuse(400, "Parameter 'siteUrl' is not a site of this organization.")
    now, since, until = simulator.world.now, fields.text("from"), fields.text("to")
    end = read_time(until, simulator.zone, "to") if until else now
    start = read_time(since, simulator.zone, "from") if since else end - LONGEST
    if not timedelta() <= end - start <= LONGEST or start < now - OLDEST:
        raise refuse(400, "The range of a report is at most 30 days of the last 90.")
    return start, end


def _list_ended(simulator: WebexState, since: datetime, until: datetime) -> list[Session]:
    return [
        session
        for session in simulator.world.sessions.values()
        if session.status is SessionStatus.ENDED and since <= (session.started_at or since) < until
    ]


def _usage_row(simulator: WebexState, session: Session) -> Row:
    series = session.room_id or ""
    plan, room = simulator.plans[series], simulator.world.rooms.get(series)
    host = simulator.world.users[plan.host_id]
    started = session.started_at or simulator.world.now
    ended = session.ended_at or started
    return {
        "meetingId": session.id,
        "meetingNumber": plan.number,
        "meetingTitle": room.name if room else "",
        "start": seconds(started, simulator.zone),
        "end": seconds(ended, simulator.zone),
        "duration": -(-(ended - started) // timedelta(minutes=1)),
        "scheduledType": plan.kind,
        "hostDisplayName": f"{host.first_name} {host.last_name}",
        "hostEmail": host.email,
        "totalParticipants": len(list_people(simulator, session)),
        "peakAttendee": session.peak or 0,
        "serviceType": "MeetingCenter",
    }


@route("GET", "/v1/meetingReports/attendees", "siteUrl", "from", "to", "max", "meetingId",
       "meetingNumber", "meetingTitle", "cursor")  # fmt: skip
def report_attendees(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """Report a row for each stay of somebody in an ended run."""
    since, until = _read_range(simulator, fields, caller)
    meeting = fields.text("meetingId")
    rows = [
        {
            "meetingId": session.id,
            "displayName": row["displayName"],
            "email": row["email"],
            "joinedTime": device["joinedTime"],
            "leftTime": device.get("leftTime"),
            "duration": device.get("durationSecond", 0) // 60,
            "participantType": "HOST" if row["host"] else "ATTENDEE",
            "invited": row["invitee"],
        }
        for session in _list_ended(simulator, since, until)
        if meeting in {None, session.id}
        for row in (
            person_row(simulator, session, each) for each in list_people(simulator, session)
        )
        for device in row["devices"]
    ]
    return page_answer(simulator, fields, rows, most=MOST)


@route("GET", "/v1/meetings/controls", "meetingId")
def get_controls(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    find_host(simulator, fields, caller)
    return Answer.json({"locked": False, "recordingStarted": False, "recordingPaused": False})
