"""Who is and was in a run: docs/vendors/webex.md#attendance"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from conferencing.model import Role, Session
from conferencing.model.emails import email_key, same_email
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import Place, User, Visit

from .access import find_host, find_room, find_run, is_hidden
from .errors import not_found
from .formats import EPOCH, milliseconds, seconds
from .ids import kind_of
from .pages import page_answer
from .rooms import run_state
from .state import SITE, Caller, WebexState

__all__ = ["list_people", "person_row", "route"]

route = Router()

Row = dict[str, Any]


@route("GET", "/v1/meetingParticipants", "max", "meetingId", "breakoutSessionId",
       "meetingStartTimeFrom", "meetingStartTimeTo", "hostEmail", "joinTimeFrom", "joinTimeTo",
       "cursor")  # fmt: skip
def list_participants(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List the people of a run; of a series or an occurrence, those of its last run."""
    host = find_host(simulator, fields, caller)
    session = _find(simulator, host, fields.require_text("meetingId"))
    rows = [person_row(simulator, session, visits) for visits in list_people(simulator, session)]
    plan = simulator.plans[session.room_id or ""]
    if plan.kind == "webinar" and run_state(simulator, session) == "inProgress":
        rows = [row for row in rows if row["host"] or _is_panelist(simulator, session, row)]
    return page_answer(simulator, fields, rows)


def _find(simulator: WebexState, host: User, meeting: str) -> Session:
    if kind_of(meeting) == "meeting":
        return find_run(simulator, host, meeting)
    room, _, run = find_room(simulator, host, meeting)
    sessions = [
        each
        for each in simulator.world.sessions_of(room.id)
        if not is_hidden(simulator, each) and (run is None or simulator.runs_of[each.id] == meeting)
    ]
    if not sessions:
        raise not_found()
    return sessions[-1]


def _is_panelist(simulator: WebexState, session: Session, row: Row) -> bool:
    """Return whether somebody shows in a webinar that goes on; nobody is unmuted here."""
    invitees = simulator.plans[session.room_id or ""].invitees
    return any(each.panelist and same_email(each.email, row["email"]) for each in invitees)


def list_people(simulator: WebexState, session: Session) -> list[list[Visit]]:
    """Return the visits of each person, who is known by the address, or by one visit."""
    people: dict[str, list[Visit]] = {}
    for visit in simulator.world.visits_of(session.id):
        key = email_key(visit.email) if visit.email else visit.id
        people.setdefault(key, []).append(visit)
    return list(people.values())


def person_row(simulator: WebexState, session: Session, visits: Sequence[Visit]) -> Row:
    """Return a person with a device for each join; that the lobby is in no device is a guess."""
    first = visits[0]
    plan = simulator.plans[session.room_id or ""]
    ended = [visit.left_at for visit in visits if visit.left_at is not None]
    left = max(ended) if len(ended) == len(visits) else None
    key = simulator.make_key(f"{session.id}/{first.id}", 32)
    row: Row = {
        "id": f"{session.id}_{UUID(key)}",
        "orgId": str(UUID(simulator.make_key("org", 32))),
        "host": any(visit.role is Role.HOST for visit in visits),
        "coHost": False,
        "spaceModerator": False,
        "email": first.email or "",
        "displayName": first.name,
        "invitee": any(same_email(each.email, first.email) for each in plan.invitees),
        "muted": True,
        "video": "off",
        "state": _state(visits),
        "joinedTime": seconds(min(visit.joined_at for visit in visits)),
        "leftTime": seconds(left) if left else None,
        "siteUrl": SITE,
        "meetingId": session.id,
        "hostEmail": simulator.world.users[plan.host_id].email,
        "devices": [device for visit in visits for device in _devices(simulator, visit)],
    }
    if left is None:
        row["leftTime"] = EPOCH if simulator.quirks["unknown_is_1970"] else None
    return {name: value for name, value in row.items() if value is not None}


def _state(visits: Sequence[Visit]) -> str:
    inside = [visit for visit in visits if visit.left_at is None]
    if not inside:
        return "end"
    if all(visit.waits for visit in inside):
        return "lobby"
    place = inside[-1].stays[-1].place if inside[-1].stays else Place.ROOM
    return "breakoutSession" if place is Place.BREAKOUT else "joined"


def _devices(simulator: WebexState, visit: Visit) -> list[Row]:
    devices: list[Row] = []
    for number, segment in enumerate(visit.segments()):
        key = simulator.make_key(f"device/{visit.id}/{number}", 32)
        row: Row = {
            "correlationId": str(UUID(key)),
            "deviceType": "webex_meeting_center_mac",
            "audioType": "voip",
            "joinedTime": milliseconds(segment.joined_at),
            "callType": "callIn",
        }
        if segment.left_at is not None:
            row["leftTime"] = milliseconds(segment.left_at)
            length = segment.left_at - segment.joined_at
            row["durationSecond"] = int(length.total_seconds())
        elif simulator.quirks["unknown_is_1970"]:
            row["leftTime"] = EPOCH
        devices.append(row)
    return devices


@route("PUT", "/v1/meetingParticipants/{participant}", "muted", "admit", "expel", "hostEmail")
def control_participant(
    simulator: WebexState, fields: Fields, caller: Caller, participant: str
) -> Answer:
    """Admit a person from the lobby, or put one out."""
    for session in simulator.world.sessions.values():
        for visits in list_people(simulator, session):
            if person_row(simulator, session, visits)["id"] == participant:
                for visit in visits:
                    if fields.flag("admit") and visit.left_at is None and visit.waits:
                        simulator.world.move(visit.id)
                    if fields.flag("expel") and visit.left_at is None:
                        simulator.world.leave(visit.id)
                return Answer.json(person_row(simulator, session, visits))
    raise not_found()
