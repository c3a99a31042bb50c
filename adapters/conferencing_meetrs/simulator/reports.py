"""Usage and feedback, from the visits of the world.

docs/vendors/meetrs.md#usage, docs/vendors/meetrs.md#feedback
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from conferencing.errors import NotFound
from conferencing.model import Room, Session, SessionStatus
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .state import MeetRSState, Tenant, micros, stable_id, ticks

__all__ = ["measure_seconds", "route"]

route = Router()

FREE_SECONDS: Final = 20 * 60
A_MEETING: Final = 1

Row = dict[str, Any]


@route("GET", "/v1/usage", "from", "to")
def get_usage(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    return _usage(simulator, fields, _family(simulator, tenant))


@route("GET", "/v1/usage/{code}", "from", "to")
def get_usage_of(simulator: MeetRSState, fields: Fields, tenant: Tenant, code: str) -> Answer:
    return _usage(simulator, fields, {_relative(simulator, tenant, code)})


@route("GET", "/v1/feedbacks", "from", "to")
def get_feedbacks(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    return _feedbacks(simulator, fields, _family(simulator, tenant))


@route("GET", "/v1/feedbacks/{code}", "from", "to")
def get_feedbacks_of(simulator: MeetRSState, fields: Fields, tenant: Tenant, code: str) -> Answer:
    return _feedbacks(simulator, fields, {_relative(simulator, tenant, code)})


@route("GET", "/v1/tenants")
def list_tenants(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    """List a tenant and those below it. Only the existence of the list is documented."""
    if not simulator.quirks["assumed_tenants"]:
        raise NotFound("there is nothing here")
    family = _family(simulator, tenant)
    rows = [
        {"id": member.id, "code": member.code, "name": member.name, "parentId": member.parent}
        for member in simulator.tenants.values()
        if member.id in family
    ]
    return Answer.json(rows)


def _family(simulator: MeetRSState, tenant: Tenant) -> set[str]:
    """Return the ids of a tenant and of all below it."""
    family = {tenant.id}
    for member in simulator.tenants.values():  # a parent is always added before its children
        if member.parent in family:
            family.add(member.id)
    return family


def _relative(simulator: MeetRSState, tenant: Tenant, code: str) -> str:
    """Return the id of a tenant of the family, by its code or id. Raises `NotFound`."""
    for member in simulator.tenants.values():
        if code in {member.code, member.id} and member.id in _family(simulator, tenant):
            return member.id
    raise NotFound("there is no such tenant")


def _window(simulator: MeetRSState, fields: Fields) -> tuple[datetime, datetime]:
    """Return the requested range; a missing end is the current month's."""
    now = simulator.world.now.astimezone(UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (month + timedelta(days=32)).replace(day=1)
    since = fields.time("from") or month
    until = fields.time("to") or following - timedelta(microseconds=1)
    if since > until:
        raise Refusal(400, "from is after to")
    return since, until


# ---------------------------------------------------------------------------------------- usage


def _usage(simulator: MeetRSState, fields: Fields, family: set[str]) -> Answer:
    since, until = _window(simulator, fields)
    rows = [
        _usage_row(simulator, session, ended)
        for session, ended in _list_ended(simulator, family)
        if since <= ended <= until
    ]
    return Answer.json(rows)


def _list_ended(simulator: MeetRSState, family: set[str]) -> Iterator[tuple[Session, datetime]]:
    """Yield the sessions that are over, with their ends.

    A meeting that everybody has left is over, until somebody comes back.
    """
    world = simulator.world
    for session in world.sessions.values():
        visits = list(world.visits_of(session.id))
        left = [visit.left_at for visit in visits if visit.left_at is not None]
        over = session.status is SessionStatus.ENDED or (visits and len(left) == len(visits))
        ended = session.ended_at or max(left, default=None)
        if over and ended and world.notes[session.room_id or ""]["tenant"] in family:
            yield session, ended


def _usage_row(simulator: MeetRSState, session: Session, ended: datetime) -> Row:
    note = simulator.world.notes[session.room_id or ""]
    room: Room = note["room"]  # reports outlive the room
    visits = list(simulator.world.visits_of(session.id))
    billable = measure_seconds(visits, 2)
    return {
        "code": session.room_id,
        "title": room.name,
        "description": room.description,
        "participants": session.people,
        "createdAt": micros(room.created_at),
        "startedAt": ticks(session.started_at),
        "endedAt": ticks(ended),
        "totalDurationInSeconds": measure_seconds(visits, 1),
        "billableDurationInSeconds": billable,
        "isFree": billable < FREE_SECONDS,
        "isSubscriptionCovered": simulator.quirks["covered"],
        "subscriptionId": stable_id(simulator.seed, "subscription", note["tenant"]),
        "id": session.id,
    }


def measure_seconds(visits: list[Visit], people: int) -> int:
    """Return for how long at least `people` people were present, in seconds, rounded up.

    The sample's total of 17 is 16.78 s rounded up: docs/vendors/meetrs.md#usage
    """
    ended = [(_person_key(v), v.joined_at, v.left_at) for v in visits if v.left_at is not None]
    moments = sorted({moment for _, joined, left in ended for moment in (joined, left)})
    total = timedelta()
    for start, end in pairwise(moments):
        present = {key for key, joined, left in ended if joined <= start and end <= left}
        if len(present) >= people:
            total += end - start
    return -(-total // timedelta(seconds=1))


def _person_key(visit: Visit) -> str:
    """Return a key of the person, because two devices of one person count once."""
    return (visit.email or visit.id).casefold()


# ------------------------------------------------------------------------------------- feedback


def _feedbacks(simulator: MeetRSState, fields: Fields, family: set[str]) -> Answer:
    since, until = _window(simulator, fields)
    world = simulator.world
    rows: list[Any] = []
    for visit in world.visits.values():
        code = world.session(visit.session_id).room_id or ""
        is_rated = visit.rating is not None and visit.left_at is not None
        in_family = world.notes[code]["tenant"] in family
        if is_rated and in_family and since <= (visit.left_at or since) <= until:
            rows.append(_feedback_row(simulator, visit, code))
    return Answer.json(rows)


def _feedback_row(simulator: MeetRSState, visit: Visit, code: str) -> Row:
    """Return a feedback, where the sizes of the screen are strings.

    docs/vendors/meetrs.md#oddity-13
    """
    return {
        "rating": visit.rating,
        "text": visit.comment or "",
        "userId": stable_id(simulator.seed, "user", _person_key(visit)),
        "resourceId": code,
        "resourceType": A_MEETING,
        "tenantId": simulator.world.notes[code]["tenant"],
        "timestamp": ticks(visit.left_at),
        "appVersion": "2.7.21.1050",
        "browser": visit.device,
        "operatingSystem": "Windows",
        "screenHeight": "1200",
        "screenWidth": "1920",
        "isTouchEnabled": False,
        "id": stable_id(simulator.seed, "feedback", visit.id),
    }
