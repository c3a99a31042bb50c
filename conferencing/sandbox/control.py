"""The control side of a simulator: move people, turn the clock, set faults. JSON in, JSON out.

    GET  state | outbox | seen
    POST reset | clock {advance} | enter {room, name, email, role} | leave {visit, rating, comment}
         | end_session {room} | record {room, seconds} | fault {kind, times, …} | switch {name: bool}

Times are seconds. It lives outside of the vendors' paths, so that no vendor ever has to speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conferencing.errors import InvalidRequest, NotFound
from conferencing.model import Role
from conferencing.model.base import parse_enum

from .faults import Fault

if TYPE_CHECKING:
    from conferencing.world import Visit, World

    from .server import ServedSimulator

__all__ = ["control"]

Given = Mapping[str, Any]


def control(served: ServedSimulator, method: str, action: str, given: Given) -> Any:
    """Do one thing and return what to say of it. Raises errors of ours for what cannot be."""
    known = _ACTIONS.get((method, action))
    if known is None:
        actions = ", ".join(f"{verb} {name}" for verb, name in _ACTIONS)
        raise NotFound(f"there is no {method} {action!r} here, only {actions}")
    return known(served, given)


def _state(served: ServedSimulator, _: Given) -> Any:
    world = served.simulator.world
    return {
        "now": world.now.isoformat(),
        "rooms": [_room(world, room_id) for room_id in world.rooms],
        "mails": len(world.outbox),
        "seen": len(served.requests),
        "faults": [fault.kind for fault in served.faults],
        "switches": served.simulator.quirks,
    }


def _room(world: World, room_id: str) -> dict[str, Any]:
    session = world.running(room_id)
    inside = [one for one in world.visits_of(session.id) if one.left_at is None] if session else []
    return {
        "id": room_id,
        "name": world.rooms[room_id].name,
        "session": session.id if session else None,
        "sessions": [one.id for one in world.sessions_of(room_id)],
        "inside": [_visit(one) for one in inside],
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "visit": visit.id,
        "session": visit.session_id,
        "name": visit.name,
        "email": visit.email,
        "role": visit.role,
        "joined_at": visit.joined_at.isoformat(),
    }


def _outbox(served: ServedSimulator, _: Given) -> Any:
    return [
        {
            "kind": mail.kind,
            "to": mail.to,
            "room": mail.room_id,
            "role": mail.role,
            "language": mail.language,
            "sent_at": mail.sent_at.isoformat(),
            "url": mail.link.url if mail.link else None,
        }
        for mail in served.simulator.world.outbox
    ]


def _seen(served: ServedSimulator, _: Given) -> Any:
    return [{"method": one.method, "path": one.path, "fault": one.fault} for one in served.requests]


def _reset(served: ServedSimulator, _: Given) -> Any:
    served.reset()
    return {"ok": True}


def _clock(served: ServedSimulator, given: Given) -> Any:
    seconds = _number(given, "advance")
    return {"now": served.simulator.world.advance(timedelta(seconds=seconds)).isoformat()}


def _enter(served: ServedSimulator, given: Given) -> Any:
    role = parse_enum(Role, "role", given.get("role", "attendee"))
    room, name = _text(given, "room"), _text(given, "name")
    return _visit(
        served.simulator.world.enter(room, name, _told(given, "email", str, "a text"), role)
    )


def _leave(served: ServedSimulator, given: Given) -> Any:
    visit = served.simulator.world.leave(
        _text(given, "visit"),
        _told(given, "rating", int, "a whole number"),
        _told(given, "comment", str, "a text"),
    )
    return {"visit": visit.id, "left_at": visit.left_at and visit.left_at.isoformat()}


def _end_session(served: ServedSimulator, given: Given) -> Any:
    return {"session": served.simulator.world.end_session(_text(given, "room")).id}


def _record(served: ServedSimulator, given: Given) -> Any:
    length = timedelta(seconds=_number(given, "seconds"))
    return {"recording": served.simulator.world.record(_text(given, "room"), length).id}


def _fault(served: ServedSimulator, given: Given) -> Any:
    served.faults.append(Fault.read(given))
    return {"ok": True}


def _switch(served: ServedSimulator, given: Given) -> Any:
    quirks = served.simulator.quirks
    for name, value in given.items():
        if name not in quirks or not isinstance(value, bool):
            known = ", ".join(quirks)
            raise InvalidRequest(f"{name} is no switch with true or false; known: {known}")
    quirks.update(given)
    return quirks


_MOST = 10.0**10
"""Seconds that a clock can bear: three hundred years."""


def _told(given: Given, name: str, kind: type, expected: str) -> Any:
    value = given.get(name)
    if value is not None and (not isinstance(value, kind) or value is True):
        raise InvalidRequest(f"{name} must be {expected}", field=name)
    return value


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name} must be a text", field=name)
    return value


def _number(given: Given, name: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MOST < value < _MOST:
        raise InvalidRequest(f"{name} must be a number of seconds", field=name)
    return float(value)


_ACTIONS = {
    ("GET", "state"): _state,
    ("GET", "outbox"): _outbox,
    ("GET", "seen"): _seen,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("POST", "enter"): _enter,
    ("POST", "leave"): _leave,
    ("POST", "end_session"): _end_session,
    ("POST", "record"): _record,
    ("POST", "fault"): _fault,
    ("POST", "switch"): _switch,
}
