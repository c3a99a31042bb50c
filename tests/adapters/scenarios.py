"""A client of a vendor's simulator, and a session of half an hour; each vendor adds its rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from attrs import frozen
from exact import request_lines

from conferencing import Conference, Participant, Person, Recording, Role, Room, Session
from conferencing.sandbox import ServedSimulator, World

__all__ = ["BEA", "HOUR", "BaseScenario", "RecordedScenario", "catch_up", "hold_session"]

BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
OLGA = Person(name="Olga Host", email="olga@example.com")
HOUR = timedelta(hours=1)


@frozen(kw_only=True)
class BaseScenario:
    """A client and the simulator that it talks to."""

    conference: Conference
    served: ServedSimulator

    @property
    def simulator(self) -> Any:
        return self.served.simulator

    @property
    def world(self) -> World:
        return self.served.simulator.world

    def lines(self) -> list[str]:
        """Return the received requests, each as a line."""
        return request_lines(self.served)

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {"rooms": len(self.world.rooms), "mails": len(self.world.outbox)}


@frozen(kw_only=True)
class RecordedScenario(BaseScenario):
    """A room for which Bea is registered, and a recorded session in which she was for half an hour."""

    room: Room
    participant: Participant
    session: Session
    recording: Recording

    @classmethod
    async def read(
        cls,
        conference: Conference,
        served: ServedSimulator,
        room: Room,
        participant: Participant,
        *,
        recorded_in_room: bool = False,
    ) -> Self:
        """Read the session and its recording, and forget all requests so far.

        Some vendors list recordings by room only.
        """
        (session,) = await conference.sessions(room).collect()
        where = room if recorded_in_room else session
        (recording,) = await conference.recordings(where).collect()
        served.requests.clear()
        return cls(
            conference=conference, served=served, room=room, participant=participant,
            session=session, recording=recording,
        )  # fmt: skip


def hold_session(world: World, place: str, *, host: Person = OLGA, **recording: Any) -> None:
    """Let the host and Bea meet for half an hour, and record 20 minutes of it."""
    world.enter(place, host.name or "", host.email, Role.HOST)
    visit = world.enter(place, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(place)
    world.record(place, HOUR / 3, **recording)


def catch_up(conference: Conference, world: World) -> None:
    """Set the client's clock to that of the world."""
    clock: Any = conference.provider.context.clock
    clock.time = (world.now - clock.start).total_seconds()
