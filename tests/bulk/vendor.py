"""A vendor that registers people as often as it is asked, and goes wrong where it is told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from conferencing import Conference, Room
from conferencing.sandbox import Answer, Call, Fault, Sandbox, ServedSimulator, World
from conferencing_clickmeeting.simulator import ClickMeetingSimulator

POST, LIST = "post", "list"

Plan = Callable[[str, int], Fault | None]
"""What goes wrong: told the kind of a call, and how many of that kind there were with it."""


class Repeating(ClickMeetingSimulator):
    """Be ClickMeeting, but register twice who is sent twice: its `exist` would hide a double."""

    def handle(self, call: Call) -> Answer:
        if kind_of(call.path) != POST:
            return super().handle(call)
        room, people = call.path.split("/")[-2], self.world.participants
        before, people[room] = people[room], []
        try:
            return super().handle(call)
        finally:
            before.extend(people[room])
            people[room] = before


class Planned(ServedSimulator):
    """Ask `plan` what goes wrong with each registration and each reading of the list."""

    def __init__(self, simulator: ClickMeetingSimulator) -> None:
        super().__init__(simulator)
        self.plan: Plan = lambda _kind, _number: None
        self.counts: Counter[str] = Counter()

    def next_fault(self, path: str) -> Fault | None:
        kind = kind_of(path)
        self.counts[kind] += 1
        return self.plan(kind, self.counts[kind]) or super().next_fault(path)

    @property
    def world(self) -> World:
        return self.simulator.world

    def registered(self, room: Room) -> Counter[str]:
        """Count how often each address is registered."""
        return Counter(person.email or "" for person in self.world.participants[room.id])


def settle_in(sandbox: Sandbox) -> Planned:
    """Put this vendor into a running sandbox."""
    simulator = Repeating()
    simulator.origin = sandbox.origin
    served = Planned(simulator)
    sandbox.simulators["clickmeeting"] = served
    return served


def kind_of(path: str) -> str:
    """Tell registrations and lists of them from all other calls."""
    if path.endswith("/registration"):
        return POST
    return LIST if "/registrations/" in path else ""


def at(faults: dict[int, str | Fault], kind: str = POST) -> Plan:
    """Let the calls of these numbers go wrong, counted from 1."""
    return lambda its, number: (
        as_fault(faults[number]) if its == kind and number in faults else None
    )


def always(fault: str | Fault, kind: str = POST) -> Plan:
    """Let all calls of a kind go wrong."""
    return lambda its, _number: as_fault(fault) if its == kind else None


def as_fault(given: str | Fault) -> Fault:
    return given if isinstance(given, Fault) else Fault(kind=given)


def answer_with(status: int, **details: Any) -> Fault:
    return Fault(kind="status", status=status, body='{"errors":[]}', **details)


async def open_room(conference: Conference) -> Room:
    """Make a room in which people can be registered."""
    return await conference.create_room("Launch", registration=True, permanent=True)


def people(count: int, first: int = 1) -> list[dict[str, str]]:
    """Return rows of so many people: person1@example.com and so on."""
    return [
        {"email": f"person{number}@example.com", "first_name": "Ann", "last_name": f"Lee {number}"}
        for number in range(first, first + count)
    ]


def emails(rows: Iterable[dict[str, str]]) -> Counter[str]:
    return Counter(row["email"] for row in rows)
