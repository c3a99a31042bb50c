"""What the simulator keeps for v4; the state of v1 is built on it, because both have one world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from attrs import frozen

from conferencing.model import Person, Role, Room, SessionStatus
from conferencing.sandbox.kit import Fields, Refusal
from conferencing.sandbox.simulator import Simulator
from conferencing.world import Visit, World

__all__ = ["CLOUD_QUIRKS", "CloudState", "Link", "epoch"]

CLOUD_QUIRKS: Final = (
    *("rooms_in_response", "records_as_list", "past_rooms_as_list", "idle_is_failure"),
    *("analytics_as_rows", "analytics_at_top"),
)


@frozen(kw_only=True)
class Link:
    """What a join link opens, and for whom."""

    room_id: str
    person: Person
    role: Role


class CloudState(Simulator):
    """The state behind the routes of v4."""

    name = "vconnct"
    project_id: ClassVar[str] = "project-1"
    default_quirks: ClassVar[Mapping[str, bool]] = dict.fromkeys(CLOUD_QUIRKS, False)

    def reset(self) -> None:
        """Forget everything; the credentials stay the same."""
        super().reset()
        self.key = self.world.random.randbytes(12).hex()
        self.secret = self.world.random.randbytes(24).hex()
        self.links: dict[str, Link] = {}
        self.branding: dict[str, int] = {}

    def new_world(self) -> World:
        """Return a world whose ids are UUIDs."""
        world = World(seed=self.seed, real_time=self.real_time)
        world.new_id = lambda _: str(UUID(bytes=self.world.random.randbytes(16), version=4))
        return world

    def cloud_room(self, fields: Fields) -> Room:
        """Return the room of `room_id`, which may be any string. Raises `Refusal` or `NotFound`."""
        room_id = fields.text("room_id")
        if not room_id:
            raise fields.refuse("room_id", "is required", "required")
        room = self.world.room(room_id)
        if "v4" not in self.world.notes[room.id]:
            raise Refusal(404, "room not found")
        return room

    def is_over(self, room_id: str) -> bool:
        """Return whether a room has run: a room of v4 runs once."""
        sessions = self.world.sessions_of(room_id)
        return bool(sessions) and all(s.status is SessionStatus.ENDED for s in sessions)

    def invitation(self, room_id: str, user_id: str, role: Role) -> str:
        """Return the URL of a new join link of v4."""
        code = self.world.random.randbytes(12).hex()
        person = Person(name=user_id, email=user_id if "@" in user_id else None)
        self.links[code] = Link(room_id=room_id, person=person, role=role)
        return self.join_url(code)

    def identity(self, visit: Visit) -> str:
        """Return the id of a person in v4's replies: the `user_id` of the link."""
        return visit.email or visit.id


def epoch(moment: datetime | None) -> str:
    """Return a time in seconds since 1970, as a string; empty if there is none."""
    return str(int(moment.timestamp())) if moment else ""
