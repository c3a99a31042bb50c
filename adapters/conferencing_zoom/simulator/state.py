"""What Zoom's simulator keeps: the account, its apps and users, and what a `World` has no place for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from attrs import define, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Recording, Room
from conferencing.sandbox.kit import ReplyShape
from conferencing.sandbox.simulator import Simulator
from conferencing.world import World

from .ids import make_ids, make_text

__all__ = ["App", "Caller", "Event", "Panelist", "PlannedRun", "RoomDetails", "ZoomState"]

A_DAY: Final = 86_400
WEBINAR_HOSTS: Final = ("olga@example.com",)
USERS: Final = (
    ("olga@example.com", "Olga", "Host", "Europe/Warsaw", True),
    ("piotr@example.com", "Piotr", "Wolny", "UTC", True),
    ("eve@example.com", "Eve", "Basic", "UTC", False),
)


@frozen(kw_only=True)
class App:
    """An app of the account. `scopes` are those that its next token gets."""

    id: str
    secret: str = field(repr=False)
    scopes: frozenset[str]


@frozen(kw_only=True)
class Caller:
    """Who calls: an app, on its own or for the user who installed it."""

    app_id: str
    user_id: str | None
    scopes: frozenset[str]


@define(kw_only=True)
class PlannedRun:
    """An occurrence of a recurring room. `status` is `available` or `deleted`."""

    starts_at: datetime
    duration: timedelta
    status: str = "available"

    @property
    def id(self) -> str:
        """The planned start in milliseconds since the epoch, as text."""
        return str(int(self.starts_at.timestamp()) * 1000)


@frozen(kw_only=True)
class Panelist:
    """A panelist of a webinar with the key of the personal link."""

    id: str
    name: str
    email: str
    key: str = field(repr=False)


@define(kw_only=True)
class RoomDetails:
    """What Zoom adds to the neutral `Room`; `kind` is `meeting` or `webinar`."""

    kind: str
    type: int
    host_id: str
    register_code: str
    password: str = ""
    settings: dict[str, Any] = field(factory=dict[str, Any])
    recurrence: dict[str, Any] | None = None
    occurrences: list[PlannedRun] = field(factory=list[PlannedRun])
    tracking_fields: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    panelists: list[Panelist] = field(factory=list[Panelist])
    questions: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    custom_questions: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    tracking_sources: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    extra: dict[str, Any] = field(factory=dict[str, Any])

    @property
    def permanent(self) -> bool:
        """Whether the room has no dates: types 3 and 6."""
        return self.type in {3, 6}

    @property
    def registers(self) -> bool:
        """Whether people register. Permanent rooms have no registration."""
        return self.settings.get("approval_type", 2) != 2 and not self.permanent  # noqa: PLR2004


@frozen(kw_only=True)
class Event:
    """An event to send: its name, its payload, and what stands beside the payload."""

    name: str
    at: datetime
    payload: Mapping[str, Any] = field(repr=False)
    beside: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)


class ZoomState(Simulator):
    """The state behind the routes.

    `plan` is `free`, `pro` or `business`. `webinar_hosts` are the ids of users with the add-on.
    `events` are those that have happened, in order, whether anybody subscribed to them or not.
    """

    name = "zoom"
    dialects: ClassVar[tuple[str, ...]] = ("", "user")
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 400,
        InvalidRequest: 400,
    }
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "refuse_unknown": False,
        "failures_in_200": False,
        "missing_fields": False,
        "extra_fields": False,
        "other_spellings": False,
        "no_plan_in_200": False,
        "invalid_client_is_401": False,
        "passcode_required": True,
        "daily_limits": True,
        "rate_limits": False,
        "bare_429": False,
        "ends_when_empty": True,
        "end_idle_is_400": False,
        "undeletable_while_running": True,
        "one_person_runs": True,
        "one_person_reports": False,
        "late_rows": False,
        "duplicate_rows": False,
        "blank_people": False,
        "auto_record": False,
        "only_audio_files": False,
        "other_file_host": False,
        "ids_as_text": True,
        "lose_left": False,
        "fractional_times": False,
        "other_language": False,
    }
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *("agenda", "chat_join_url", "creation_source", "host_email", "pre_schedule"),
                *("h323_password", "pstn_password", "participant_pin_code", "failover"),
                *("customer_key", "bo_mtg_id", "page_count", "total_records", "recording_type"),
            ]
        ),
        # docs/vendors/zoom.md#oddity-12; the sample of an own client has a text as `id`
        spellings={"id": lambda value: str(value) if isinstance(value, int) else value},
        data_maps=frozenset(["settings"]),
    )

    def reset(self) -> None:
        """Forget everything; the credentials are made from the seed, and stay the same."""
        super().reset()
        self.plan = "business"
        self.account_id = f"aCc0unt-{self.make_key('account', 12)}"
        self.secret_token = self.make_key("secret token", 22)
        self.updates: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.deleted: dict[str, Room] = {}
        self.details: dict[str, RoomDetails] = {}
        self.page_tokens: dict[str, tuple[str, int, datetime]] = {}
        self.host_keys: dict[str, tuple[str, datetime]] = {}
        self.invite_links: dict[str, tuple[str, str, datetime | None]] = {}
        self.trash: dict[str, tuple[Recording, datetime]] = {}
        self.recording_settings: defaultdict[str, dict[str, Any]] = defaultdict(dict[str, Any])
        self.processing: list[tuple[str, datetime]] = []
        self.tracking_fields: dict[str, dict[str, Any]] = {}
        self.counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self.download_tokens: dict[str, datetime] = {}
        self.events: list[Event] = []
        self.path = ""
        for email, first, last, zone, licensed in USERS:
            self.world.add_user(
                email, first_name=first, last_name=last, timezone=zone, licensed=licensed
            )
        self.webinar_hosts = {
            user.id for user in self.world.users.values() if user.email in WEBINAR_HOSTS
        }

    def new_world(self) -> World:
        """Return a world with ids in Zoom's forms."""
        return World(seed=self.seed, real_time=self.real_time, new_id=make_ids(self.seed))

    def new_text(self, length: int) -> str:
        """Return random letters, digits, `-` and `_`."""
        return make_text(self.world.random, length)

    def new_download_token(self, ttl: int = A_DAY) -> str:
        """Return a token with which files can be downloaded for `ttl` seconds."""
        token = self.new_text(64)
        self.download_tokens[token] = self.world.now + timedelta(seconds=ttl)
        return token

    def details_of(self, room: Room) -> RoomDetails:
        """Return the details of a room; of one that a test added to the world, the usual ones."""
        details = self.details.get(room.id)
        if details is None:
            is_webinar = room.kind == "webinar"
            types = (6 if room.permanent else 5) if is_webinar else (3 if room.permanent else 2)
            details = RoomDetails(
                kind="webinar" if is_webinar else "meeting",
                type=types,
                host_id=self.host.id,
                register_code=self.new_text(22),
                settings={"approval_type": 0 if room.registration else 2},
            )
            self.details[room.id] = details
        return details

    def room_or_deleted(self, number: str) -> Room | None:
        """Return a room, also one that is deleted: its past runs remain."""
        return self.world.rooms.get(number) or self.deleted.get(number)
