"""What is put to the test: every operation of every adapter, how it is set up, and how it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final

from attrs import evolve, field, frozen

from conferencing import Passcode, Person, Role
from conferencing.capabilities import Operation, Support
from conferencing.model.drafts import Invitee
from conferencing.testing.base import SuiteBase
from conferencing.testing.plays import CASES
from conferencing.testing.scenario import ANN, HOST, Scenario

__all__ = ["ADAPTERS", "PASSCODE", "Case", "cases"]

Call = Callable[[Scenario], Awaitable[Any]]

PIA: Final = Person(email="pia@example.com", first_name="Pia", last_name="Holm")
PASSCODE: Final = "pass-c0de-77"
_PASSCODE_OF: Final = {"vconnct": Role.HOST}
"""For whom a room's passcode is, where that has to be said."""


class ClickMeeting(SuiteBase):
    name = provider = "clickmeeting"


class VConnct(SuiteBase):
    name = provider = "vconnct"


class VConnctV4(SuiteBase):
    name = "vconnct-v4"
    provider = "vconnct"
    dialect = "v4"


class MeetRS(SuiteBase):
    name = provider = "meetrs"


ADAPTERS: Final[Mapping[str, type[SuiteBase]]] = {
    "clickmeeting": ClickMeeting,
    "vconnct": VConnct,
    "vconnct-v4": VConnctV4,
    "meetrs": MeetRS,
}


@frozen(kw_only=True)
class Case:
    """One operation of one adapter, called in one way. `once`: it must not happen twice."""

    adapter: str
    name: str
    needs: tuple[str, ...]
    call: Call = field(repr=False)
    setup: Callable[[Scenario], Awaitable[None]] | None = field(default=None, repr=False)
    by_id: Callable[[Scenario, str], Awaitable[Any]] | None = field(default=None, repr=False)
    once: bool = False

    def __str__(self) -> str:
        return f"{self.adapter} {self.name}"


@cache
def cases(*adapters: str) -> tuple[Case, ...]:
    """Return all operations of these adapters, or of all."""
    return tuple(one for name in adapters or ADAPTERS for one in _cases(name))


def _cases(adapter: str) -> Iterator[Case]:
    suite = ADAPTERS[adapter]
    known = suite.operations(Support.NATIVE, Support.EMULATED, Support.UNVERIFIED)
    for operation in known:
        play = CASES[operation]
        yield Case(
            adapter=adapter,
            name=operation.value,
            needs=play.needs,
            call=play.call if operation is not Operation.REQUEST else _raw,
            by_id=play.by_id if operation is not Operation.REQUEST else None,
            once=play.once,
        )
    for name, needs, call, once in _FURTHER[adapter]:
        by_id = _host_link if name == "join_link of a host" else None
        yield Case(adapter=adapter, name=name, needs=needs, call=call, once=once, by_id=by_id)
    for name, setup, call in _PREPARED.get(adapter, ()):
        yield Case(adapter=adapter, name=name, needs=(), setup=setup, call=call)


# ------------------------------------------------- other ways to call them, with other requests


async def _raw(scenario: Scenario) -> Any:
    reply: Any = await scenario.conference.request("GET", _LISTING[scenario.harness.suite.name])
    return reply.status  # what the body holds is not this library's business


def _guarded(scenario: Scenario) -> Awaitable[Any]:
    entry = Passcode(PASSCODE, role=_PASSCODE_OF.get(scenario.conference.provider.name))
    return scenario.make_room(**scenario.fields() | {"entry": entry})


def _with_people(scenario: Scenario) -> Awaitable[Any]:
    entry = Passcode(PASSCODE)
    invited = [Invitee(person=ANN, entry=entry), Invitee(person=PIA, role=Role.HOST, entry=entry)]
    return scenario.make_room(people=invited)


async def _running_guarded(scenario: Scenario) -> None:
    scenario.room = await _guarded(scenario)
    await scenario.begin()


async def _planned(scenario: Scenario) -> None:
    scenario.room = await scenario.make_room(starts_at=scenario.clock.now() + timedelta(hours=1))


def _host_link(scenario: Scenario, an_id: str) -> Awaitable[Any]:
    """Ask for a link into a room of which all is known but its id, which is another one."""
    room = evolve(scenario.room, id=an_id)
    return scenario.conference.join_link(room, role=Role.HOST, person=HOST)


def _link_of(role: Role) -> Call:
    return lambda scenario: scenario.conference.join_link(scenario.room, role=role, person=HOST)


_LISTING: Final = {
    "clickmeeting": "/conferences/active",
    "vconnct": "/api/v1/list_meetings/",
    "vconnct-v4": "/rooms/get_active_rooms_info",
    "meetrs": "/meetings",
}

# fmt: off
_FURTHER: Final[Mapping[str, tuple[tuple[str, tuple[str, ...], Call, bool], ...]]] = {
    "clickmeeting": (
        ("create_room with a passcode", (), _guarded, True),
        ("join_link of a host", ("room",), _link_of(Role.HOST), False),
        ("join_link of a presenter", ("room",), _link_of(Role.PRESENTER), False),
        ("join_link with a token", ("ticketed",),
            lambda s: s.conference.join_link(s.room.id, person=ANN, token=s.tokens[0]), False),
        ("register by mail", ("room",),
            lambda s: s.conference.register(s.room, PIA, confirmation=True), True),
        ("list_participants of a session", ("ended",),
            lambda s: s.conference.participants(s.session).collect(), False),
        ("list_attendance of a room", ("ended",),
            lambda s: s.conference.attendance(s.room).collect(), False),
        ("list_recordings of a session", ("recorded",),
            lambda s: s.conference.recordings(s.session).collect(), False),
        ("list_recordings of the account", ("recorded",),
            lambda s: s.conference.recordings().collect(), False),
        ("list_access_tokens of a person", ("ticketed",),
            lambda s: s.conference.access_tokens(s.room, email=ANN.email).collect(), False),
    ),
    "vconnct": (
        ("create_room with a passcode", (), _guarded, True),
        ("join_link of a host", ("running",), _link_of(Role.HOST), False),
        ("list_attendance of a room", ("ended",),
            lambda s: s.conference.attendance(s.room).collect(), False),
        ("list_recordings of a session", ("recorded",),
            lambda s: s.conference.recordings(s.session).collect(), False),
    ),
    "vconnct-v4": (
        ("join_link of a host", ("running",), _link_of(Role.HOST), False),
        ("list_attendance of a room", ("ended",),
            lambda s: s.conference.attendance(s.room).collect(), False),
    ),
    "meetrs": (
        ("create_room with a passcode", (), _guarded, True),
        ("create_room with people", (), _with_people, True),
        ("feedback of a tenant", ("ended",),
            lambda s: s.conference.feedback(tenant=min(s.served.simulator.tenants)).collect(), False),
    ),
}

_PREPARED: Final[Mapping[str, tuple[tuple[str, Callable[[Scenario], Awaitable[None]], Call], ...]]] = {
    "vconnct": (
        ("join_link into a room with a passcode", _running_guarded,
            lambda s: s.conference.join_link(s.room, person=ANN)),
    ),
    "vconnct-v4": (
        ("start_session of a planned room", _planned,
            lambda s: s.conference.start_session(s.room, HOST)),
    ),
}
# fmt: on
