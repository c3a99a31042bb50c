"""The control API of a simulator: move people, advance the clock, queue faults. JSON in, JSON out.

    GET  state | outbox | requests
    POST reset | clock {advance} | enter {room, name, email, role} | leave {visit, rating, comment}
         | end_session {room} | record {room, seconds} | fault {kind, times, …} | quirks {name: bool}

Durations are in seconds. The paths lie outside of the vendors' own, so that they cannot clash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias

from conferencing.errors import InvalidRequest, NotFound
from conferencing.model import Role
from conferencing.model.base import parse_enum
from conferencing.world import Visit, World

from .faults import Fault
from .served import ServedSimulator

__all__ = ["control"]

Parameters: TypeAlias = Mapping[str, Any]


def control(served: ServedSimulator, method: str, action: str, parameters: Parameters) -> Any:
    """Carry out an action and return its JSON. Raises `ConferencingError` if it is refused."""
    carry_out = _ACTIONS.get((method, action))
    if carry_out is None:
        actions = ", ".join(f"{verb} {name}" for verb, name in _ACTIONS)
        raise NotFound(f"{method} {action!r} is not an action; there are {actions}")
    return carry_out(served, parameters)


def _state(served: ServedSimulator, _: Parameters) -> Any:
    world = served.simulator.world
    return {
        "now": world.now.isoformat(),
        "rooms": [_room(world, room_id) for room_id in world.rooms],
        "mails": len(world.outbox),
        "requests": len(served.requests),
        "faults": [fault.kind for fault in served.faults],
        "quirks": served.simulator.quirks,
    }


def _room(world: World, room_id: str) -> dict[str, Any]:
    session = world.running(room_id)
    visits = world.visits_of(session.id) if session else ()
    return {
        "id": room_id,
        "name": world.rooms[room_id].name,
        "session": session.id if session else None,
        "sessions": [session.id for session in world.sessions_of(room_id)],
        "inside": [_visit(visit) for visit in visits if visit.left_at is None],
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


def _outbox(served: ServedSimulator, _: Parameters) -> Any:
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


def _requests(served: ServedSimulator, _: Parameters) -> Any:
    """List the requests; targets, headers and bodies are left out, because they hold secrets."""
    return [
        {"method": request.method, "path": request.path, "fault": request.fault}
        for request in served.requests
    ]


def _reset(served: ServedSimulator, _: Parameters) -> Any:
    served.reset()
    return {"ok": True}


def _clock(served: ServedSimulator, parameters: Parameters) -> Any:
    seconds = _seconds(parameters, "advance")
    return {"now": served.simulator.world.advance(timedelta(seconds=seconds)).isoformat()}


def _enter(served: ServedSimulator, parameters: Parameters) -> Any:
    role = parse_enum(Role, "role", parameters.get("role", "attendee"))
    room, name = _text(parameters, "room"), _text(parameters, "name")
    email = _optional(parameters, "email", str, "a string")
    return _visit(served.simulator.world.enter(room, name, email, role))


def _leave(served: ServedSimulator, parameters: Parameters) -> Any:
    visit = served.simulator.world.leave(
        _text(parameters, "visit"),
        _optional(parameters, "rating", int, "a whole number"),
        _optional(parameters, "comment", str, "a string"),
    )
    return {"visit": visit.id, "left_at": visit.left_at and visit.left_at.isoformat()}


def _end_session(served: ServedSimulator, parameters: Parameters) -> Any:
    return {"session": served.simulator.world.end_session(_text(parameters, "room")).id}


def _record(served: ServedSimulator, parameters: Parameters) -> Any:
    duration = timedelta(seconds=_seconds(parameters, "seconds"))
    return {"recording": served.simulator.world.record(_text(parameters, "room"), duration).id}


def _fault(served: ServedSimulator, parameters: Parameters) -> Any:
    served.faults.append(Fault.read(parameters))
    return {"ok": True}


def _quirks(served: ServedSimulator, parameters: Parameters) -> Any:
    quirks = served.simulator.quirks
    for name, on in parameters.items():
        if name not in quirks:
            names = ", ".join(quirks)
            raise InvalidRequest(f"{name!r} is not a quirk; there are {names}", field=name)
        if not isinstance(on, bool):
            raise InvalidRequest(f"{name} must be true or false", field=name)
    quirks.update(parameters)
    return quirks


# ------------------------------------------------------------------------- reading the parameters

_MOST_SECONDS: Final = 10.0**10
"""Three hundred years: a clock that is advanced further leaves the range of `datetime`."""


def _optional(parameters: Parameters, name: str, kind: type, expected: str) -> Any:
    value = parameters.get(name)
    if value is not None and (not isinstance(value, kind) or value is True):
        raise InvalidRequest(f"{name} must be {expected}", field=name)
    return value


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{name} must be a string, and not empty", field=name)
    return value


def _seconds(parameters: Parameters, name: str) -> float:
    value: Any = parameters.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -_MOST_SECONDS < value < _MOST_SECONDS:
        raise InvalidRequest(f"{name} must be a number of seconds", field=name)
    return float(value)


_ACTIONS: Final[Mapping[tuple[str, str], Callable[[ServedSimulator, Parameters], Any]]] = {
    ("GET", "state"): _state,
    ("GET", "outbox"): _outbox,
    ("GET", "requests"): _requests,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("POST", "enter"): _enter,
    ("POST", "leave"): _leave,
    ("POST", "end_session"): _end_session,
    ("POST", "record"): _record,
    ("POST", "fault"): _fault,
    ("POST", "quirks"): _quirks,
}
