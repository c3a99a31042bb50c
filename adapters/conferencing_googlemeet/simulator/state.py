"""What the simulator adds to a `World`: spaces, events and their tombstones, subscriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from attrs import define, evolve, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Recording, Room, RoomKind
from conferencing.sandbox.kit import ReplyShape
from conferencing.sandbox.simulator import Simulator
from conferencing.world import User, World

from .formats import calendar_time, make_code, make_ids, user_number

__all__ = ["CALENDAR_APP", "Caller", "Event", "MeetState", "Space", "Subscription"]

CALENDAR_APP: Final = "calendar"
"""The app that makes the spaces of events, whichever app made the event."""

USERS: Final = (
    ("olga@example.com", "Olga", "Host", "Europe/Warsaw"),
    ("piotr@example.com", "Piotr", "Wolny", "UTC"),
)
DEFAULTS: Final = {"accessType": "TRUSTED", "entryPointAccess": "ALL", "moderation": "OFF"}
"""The settings of new spaces, which an administrator chooses."""


@frozen(kw_only=True)
class Caller:
    """Who calls: a user, through an app, with what was granted."""

    email: str
    app: str
    scopes: frozenset[str]

    @property
    def number(self) -> str:
        """The user's id."""
        return user_number(self.email)


@define(kw_only=True)
class Space:
    """A space. `room_id` is that of the world: of the event, or of the space itself."""

    id: str
    code: str
    owner: str
    app: str
    room_id: str
    config: dict[str, Any] = field(factory=lambda: dict(DEFAULTS))
    members: dict[str, dict[str, Any]] = field(factory=dict[str, dict[str, Any]])


@define(kw_only=True)
class Event:
    """An event with the fields that Google keeps as they were sent. `version` grows with each change.

    `looks` counts how often it was read while its conference was pending.
    """

    body: dict[str, Any]
    calendar: str
    created: datetime
    updated: datetime
    version: int
    space_id: str | None = None
    sequence: int = 0
    progress: str | None = None
    looks: int = 0

    @property
    def etag(self) -> str:
        """The version, in quotes."""
        return f'"{self.version}"'

    def list_guests(self) -> list[dict[str, Any]]:
        """Return the guests."""
        return list(self.body.get("attendees") or ())

    @property
    def cancelled(self) -> bool:
        """Whether it was deleted; the id is taken for ever."""
        return self.body.get("status") == "cancelled"


@define(kw_only=True)
class Subscription:
    """A subscription of a user to the events of a space, or of all the user's spaces."""

    id: str
    owner: str
    target: str
    types: tuple[str, ...]
    topic: str
    created: datetime
    expires: datetime
    state: str = "ACTIVE"


class MeetState(Simulator):
    """The state behind the routes.

    `calendars` are events by calendar, which is a user's address. `failed` are events without a space. `entitled` are the users who may
    record. `delegated` are the scopes that the administrator has granted to the service account.
    """

    name = "googlemeet"
    dialects: ClassVar[tuple[str, ...]] = ("", "delegated")
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 409,
        InvalidRequest: 400,
    }
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "refuse_unknown": False,
        "assertion_times": False,
        "missing_fields": False,
        "extra_fields": False,
        "quotas": False,
        "quota_is_403": False,
        "pending_conferences": False,
        "pending_for_ever": False,
        "conference_failure": False,
        "mask_needed": False,
        "participants_read": True,
        "end_of_events": False,
        "auto_record": False,
        "late_records": False,
        "lose_end": False,
        "empty_pages": False,
        "anonymous_again": False,
        "phone_access": False,
    }
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *("kind", "htmlLink", "iCalUID", "sequence", "eventType", "creator", "reminders"),
                *("phoneAccess", "gatewaySipAccess", "defaultReminders", "accessRole", "label"),
                "iconUri",
            ]
        ),
        data_maps=frozenset(["private", "shared"]),
    )

    def reset(self) -> None:
        """Forget everything; the credentials are made from the seed, and stay the same."""
        super().reset()
        self.spaces: dict[str, Space] = {}
        self._by_code: dict[str, Space] = {}
        self._by_room: dict[str, Space] = {}
        self.failed: set[str] = set()
        self.calendars: defaultdict[str, dict[str, Event]] = defaultdict(dict[str, Event])
        self.subscriptions: dict[str, Subscription] = {}
        self.removed_files: dict[str, Recording] = {}
        self.processing: dict[str, datetime] = {}
        self.calls: list[tuple[str, datetime]] = []
        self.entitled: set[str] = {email for email, *_ in USERS}
        self.delegated: set[str] = set()
        self.push_endpoints: dict[str, str] = {}
        self._version = 3_443_561_990_988_000
        for email, first, last, zone in USERS:
            self.world.add_user(email, first_name=first, last_name=last, timezone=zone)

    def new_world(self) -> World:
        """Return a world with ids in Google's forms."""
        return World(seed=self.seed, real_time=self.real_time, new_id=make_ids(self.seed))

    def next_version(self) -> int:
        """Return a number for an etag, higher than all before."""
        self._version += 1000
        return self._version

    # -- users

    def find_user(self, email: str) -> User | None:
        """Return the user of the domain with an address, or None."""
        users = self.world.users.values()
        return next((user for user in users if user.email.casefold() == email.casefold()), None)

    def zone_of(self, calendar: str) -> str:
        """Return the zone of a calendar, which is its owner's."""
        user = self.find_user(calendar)
        return user.timezone if user else "UTC"

    # -- spaces

    def add_space(self, owner: str, app: str, room_id: str | None = None) -> Space:
        """Add a space for an event, or with no `room_id` one that is a room itself."""
        space_id = self.world.new_id("space")
        space = Space(
            id=space_id,
            code=make_code(self.world.random),
            owner=owner,
            app=app,
            room_id=room_id or space_id,
        )
        self.spaces[space_id] = space
        self.world.notes["rooms"][space_id] = space.room_id
        self._by_code[space.code] = self._by_room[space.room_id] = space
        return space

    def space_by(self, text: str) -> Space | None:
        """Return a space by its id, or by its code in any case."""
        return self.spaces.get(text) or self._by_code.get(text.casefold())

    def space_of_room(self, room_id: str) -> Space | None:
        """Return the space of a room of the world; a test may have added the room there."""
        room = self.world.rooms.get(room_id)
        if room is not None and room_id not in self._by_room and room_id not in self.failed:
            return self._adopt(room)
        return self._by_room.get(room_id)

    def _adopt(self, room: Room) -> Space:
        """Make an event with a space of a room that a test added to the world."""
        owner = self.host.email
        space = self.add_space(owner, CALENDAR_APP, room.id)
        start = room.starts_at or self.world.now
        end = start + (room.duration or timedelta(hours=1))
        zone = room.timezone or self.zone_of(owner)
        body = {
            "id": room.id,
            "status": "confirmed",
            "summary": room.name,
            "start": {"dateTime": start.isoformat(), "timeZone": zone},
            "end": {"dateTime": end.isoformat(), "timeZone": zone},
            "extendedProperties": {"private": {"conferencing": "room"}},
        }
        self.calendars[owner][room.id] = Event(
            body=body,
            calendar=owner,
            created=self.world.now,
            updated=self.world.now,
            version=self.next_version(),
            space_id=space.id,
            progress="success",
        )
        self.world.rooms[room.id] = _with_link(self, room, space)
        return space

    def adopt_rooms(self) -> None:
        """Give each room of the world that a test added an event and a space."""
        for room_id in self.world.rooms.keys() - self._by_room.keys():
            if room_id not in self.failed:
                self._adopt(self.world.rooms[room_id])

    def link_of(self, space: Space) -> str:
        """Return the link to a space."""
        return self.join_url(space.code)

    def stamp(self, event: Event) -> None:
        """Note that an event has changed now."""
        event.updated, event.version = self.world.now, self.next_version()
        event.body["updated"] = calendar_time(self.world.now)


def _with_link(state: MeetState, room: Room, space: Space) -> Room:
    return evolve(room, kind=RoomKind.MEETING, join_url=state.link_of(space))
