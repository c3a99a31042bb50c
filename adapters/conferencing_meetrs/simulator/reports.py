"""Usage and feedback: section 6 of the notes on the wire, from who was really in the rooms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from conferencing.errors import NotFound
from conferencing.model import Room, Session, SessionStatus
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .shared import Given, Refused, guid, instant, micros, route, ticks

if TYPE_CHECKING:
    from . import MeetRSSimulator
    from .tokens import Account

FREE = 20 * 60
A_MEETING = 1


@route("GET", "/v1/usage", "from", "to")
def usage(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    return _usage(simulator, given, _family(simulator, tenant))


@route("GET", "/v1/usage/{code}", "from", "to")
def usage_of(simulator: MeetRSSimulator, given: Given, tenant: Account, code: str) -> Answer:
    return _usage(simulator, given, {_relative(simulator, tenant, code)})


@route("GET", "/v1/feedbacks", "from", "to")
def feedbacks(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    return _feedbacks(simulator, given, _family(simulator, tenant))


@route("GET", "/v1/feedbacks/{code}", "from", "to")
def feedbacks_of(simulator: MeetRSSimulator, given: Given, tenant: Account, code: str) -> Answer:
    return _feedbacks(simulator, given, {_relative(simulator, tenant, code)})


@route("GET", "/v1/tenants")
def tenants(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    """List a tenant and those below it: an assumption in all but its being there."""
    if not simulator.quirks["assumed_tenants"]:
        raise NotFound("there is nothing here")
    family = _family(simulator, tenant)
    known = [one for one in simulator.tenants.values() if one.id in family]
    return Answer.json(
        [
            {"id": one.id, "code": one.code, "name": one.name, "parentId": one.parent}
            for one in known
        ]
    )


def _family(simulator: MeetRSSimulator, tenant: Account) -> set[str]:
    """Return the ids of a tenant and of all below it."""
    known = {tenant.id}
    for one in simulator.tenants.values():  # a parent is always older
        if one.parent in known:
            known.add(one.id)
    return known


def _relative(simulator: MeetRSSimulator, tenant: Account, code: str) -> str:
    """Return the id of a tenant that is known by code or id, and may be asked for."""
    for one in simulator.tenants.values():
        if code in {one.code, one.id} and one.id in _family(simulator, tenant):
            return one.id
    raise NotFound("there is no such tenant")


def _window(simulator: MeetRSSimulator, given: Given) -> tuple[datetime, datetime]:
    """Return the range that is asked for: what is not said is that of the present month."""
    now = simulator.world.now.astimezone(UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (month + timedelta(days=32)).replace(day=1)
    since = instant(given.get("from"), "from") or month
    until = instant(given.get("to"), "to") or following - timedelta(microseconds=1)
    if since > until:
        raise Refused(400, "from is after to")
    return since, until


# ---------------------------------------------------------------------------------------- usage


def _usage(simulator: MeetRSSimulator, given: Given, family: set[str]) -> Answer:
    since, until = _window(simulator, given)
    rows = [
        _usage_row(simulator, session, ended)
        for session, ended in _ended(simulator, family)
        if since <= ended <= until
    ]
    return Answer.json(rows)


def _ended(simulator: MeetRSSimulator, family: set[str]) -> Iterator[tuple[Session, datetime]]:
    """Give what is over, with its end: a meet that all have left is, until somebody comes back."""
    world = simulator.world
    for session in world.sessions.values():
        visits = list(world.visits_of(session.id))
        left = [visit.left_at for visit in visits if visit.left_at is not None]
        over = session.status is SessionStatus.ENDED or (visits and len(left) == len(visits))
        ended = session.ended_at or max(left, default=None)
        if over and ended and world.notes[session.room_id or ""]["tenant"] in family:
            yield session, ended


def _usage_row(simulator: MeetRSSimulator, session: Session, ended: datetime) -> Given:
    note = simulator.world.notes[session.room_id or ""]
    room: Room = note["room"]  # as it was, if it is deleted
    visits = list(simulator.world.visits_of(session.id))
    billable = seconds(visits, 2)
    return {
        "code": session.room_id,
        "title": room.name,
        "description": room.description,
        "participants": session.people,
        "createdAt": micros(room.created_at),
        "startedAt": ticks(session.started_at),
        "endedAt": ticks(ended),
        "totalDurationInSeconds": seconds(visits, 1),
        "billableDurationInSeconds": billable,
        "isFree": billable < FREE,
        "isSubscriptionCovered": simulator.quirks["covered"],
        "subscriptionId": guid(simulator.seed, "subscription", note["tenant"]),
        "id": session.id,
    }


def seconds(visits: list[Visit], people: int) -> int:
    """Return how long at least so many people were there, in whole seconds rounded up."""
    stays = [(_who(one), one.joined_at, one.left_at) for one in visits]
    known = [(who, joined, left) for who, joined, left in stays if left is not None]
    moments = sorted({moment for _, *stay in known for moment in stay})
    total = sum(
        (
            end - start
            for start, end in pairwise(moments)
            if len({who for who, joined, left in known if joined <= start and end <= left})
            >= people
        ),
        timedelta(),
    )
    return -(-total // timedelta(seconds=1))


def _who(visit: Visit) -> str:
    """Return who a stay is of: two devices of one person are no company."""
    return (visit.email or visit.id).casefold()


# ------------------------------------------------------------------------------------- feedback


def _feedbacks(simulator: MeetRSSimulator, given: Given, family: set[str]) -> Answer:
    since, until = _window(simulator, given)
    world = simulator.world
    rows: list[Any] = []
    for visit in world.visits.values():
        code = world.session(visit.session_id).room_id or ""
        told = visit.rating is not None and visit.left_at is not None
        mine = world.notes[code]["tenant"] in family
        if told and mine and since <= (visit.left_at or since) <= until:
            rows.append(_feedback_row(simulator, visit, code))
    return Answer.json(rows)


def _feedback_row(simulator: MeetRSSimulator, visit: Visit, code: str) -> Given:
    """Return a feedback; the sizes of the screen are texts, as in the vendor's sample."""
    return {
        "rating": visit.rating,
        "text": visit.comment or "",
        "userId": guid(simulator.seed, "user", _who(visit)),
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
        "id": guid(simulator.seed, "feedback", visit.id),
    }
