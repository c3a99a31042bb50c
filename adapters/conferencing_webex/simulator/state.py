"""What Webex's simulator adds to a `World`: users, plans of rooms, links, hooks, counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar, Final, cast

from attrs import define, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Person, Role, Room, RoomKind
from conferencing.sandbox.kit import ReplyShape
from conferencing.sandbox.simulator import Simulator
from conferencing.sandbox.webhooks import WebhookSender
from conferencing.world import User, World

from .ids import make_ids, occurrence_id, run_id

__all__ = ["Caller", "Hook", "Invited", "Plan", "PlannedRun", "WebexState"]

SITE: Final = "demo.webex.com"
USERS: Final = (
    ("ada@example.com", "Ada", "Host"),
    ("piotr@example.com", "Piotr", "Wolny"),
)


@frozen(kw_only=True)
class Caller:
    """Who calls: a user by an integration, or a service app, which is not a user."""

    user_id: str
    admin: bool
    service: bool


@define(kw_only=True)
class PlannedRun:
    """An occurrence. `slot` is the start that the series planned, which its id keeps."""

    slot: datetime
    start: datetime
    end: datetime
    modified: bool = False


@define(kw_only=True)
class Invited:
    """Somebody who is invited."""

    id: str
    email: str
    name: str
    co_host: bool = False
    panelist: bool = False

    @property
    def role(self) -> Role:
        """The role in the room."""
        if self.co_host:
            return Role.HOST
        return Role.PRESENTER if self.panelist else Role.ATTENDEE


@define(kw_only=True)
class Plan:
    """A series: what Webex adds to the neutral `Room`. `keys` are secrets of links."""

    kind: str
    host_id: str
    number: str
    timezone: str
    start: datetime
    end: datetime
    password: str
    keys: dict[str, str]
    recurrence: str | None = None
    options: dict[str, Any] = field(factory=dict[str, Any])
    form: dict[str, Any] | None = None
    occurrences: list[PlannedRun] = field(factory=list[PlannedRun])
    invitees: list[Invited] = field(factory=list[Invited])


@define(kw_only=True)
class Hook:
    """A webhook. `failures` are the times of deliveries that failed."""

    id: str
    owner: str
    body: dict[str, Any]
    created: datetime
    status: str = "active"
    failures: list[datetime] = field(factory=list[datetime])


class WebexState(Simulator):
    """The state behind the routes.

    Tokens have all scopes of a user; `admin` says whether the user of an integration is an administrator, and `webinars` whether users have a licence for webinars. `url` and
    `zone` are those of the call that is being answered.
    """

    name = "webex"
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 409,
        InvalidRequest: 400,
    }
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "refuse_unknown": False,
        "missing_fields": False,
        "extra_fields": False,
        "other_spellings": False,
        "refuse_past": True,
        "daily_limits": True,
        "html_429": False,
        "late_runs": True,
        "late_recordings": True,
        "ends_when_empty": True,
        "lose_left": False,
        "unknown_is_1970": False,
        "empty_page": False,
        "broken_links": False,
        "masked_passwords": False,
        "no_download_links": False,
        "no_transcript_links": False,
    }
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *("agenda", "hostKey", "phoneAndVideoSystemPassword", "sipAddress", "telephony"),
                *("dialInIpAddress", "isModified", "trackingId", "errors", "orgId", "sourceId"),
                *("registrationId", "hasChat", "hasPolls", "muted", "video", "integrationTags"),
            ]
        ),
        # docs/vendors/webex.md#oddity-4
        spellings={
            "questionId": str,
            "durationSeconds": str,
            "sizeBytes": str,
            "totalParticipants": str,
        },
    )

    def reset(self) -> None:
        """Forget everything; the credentials are made from the seed, and stay the same."""
        super().reset()
        self.admin = True
        self.webinars = True
        self.webhook_secret = self.make_key("webhook", 16)
        self.plans: dict[str, Plan] = {}
        self.links: dict[str, tuple[str, Role, Person, datetime]] = {}
        self.runs_of: dict[str, str] = {}
        self.tickets: dict[str, tuple[str, datetime]] = {}
        self.bin: dict[str, Any] = {}
        self.hooks: dict[str, Hook] = {}
        self.sent: dict[int, str] = {}
        self.counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.runs = 0
        # Each hook has a secret of its own, and nothing is sent again.
        self.sender = WebhookSender(
            self.world, lambda _, __: {}, quirks=self.quirks, retry_after=()
        )
        self.webhooks = self.sender
        self.url, self.zone = "", cast("tzinfo", UTC)
        for email, first, last in USERS:
            self.world.add_user(email, first_name=first, last_name=last)

    def new_world(self) -> World:
        """Return a world with ids in Webex's forms."""
        return World(seed=self.seed, real_time=self.real_time, new_id=make_ids(self.seed))

    def new_key(self, length: int = 32) -> str:
        """Return random hexadecimal digits."""
        return self.world.random.randbytes(length).hex()[:length]

    def new_digits(self, length: int) -> str:
        """Return random digits, the first of which is not 0."""
        low = 10 ** (length - 1)
        return str(self.world.random.randrange(low, 10 * low))

    def user(self, email: str) -> User | None:
        """Return the user with an address."""
        users = self.world.users.values()
        return next((user for user in users if user.email.lower() == email.lower()), None)

    def plan_of(self, room: Room) -> Plan:
        """Return the plan of a room; of one that a test added to the world, a usual one."""
        plan = self.plans.get(room.id)
        if plan is None:
            start = room.starts_at or self.world.now
            plan = self.plans[room.id] = self.new_plan(
                kind="webinar" if room.kind is RoomKind.WEBINAR else "meeting",
                host_id=self.host.id,
                timezone=room.timezone or "UTC",
                start=start,
                end=start + (room.duration or timedelta(hours=1)),
            )
            plan.occurrences = [PlannedRun(slot=start, start=start, end=plan.end)]
            plan.form = {"autoAcceptRequest": True} if room.registration else None
        return plan

    def new_plan(self, **fields: Any) -> Plan:
        """Return a plan with new numbers and secrets."""
        keys = {name: self.new_key() for name in ("web", "register")}
        keys |= {"phone": self.new_digits(8), "host": self.new_digits(6)}
        password = f"aB3${self.new_key(6)}"
        return Plan(number=self.new_digits(11), password=password, keys=keys, **fields)

    def announce_run(self, room_id: str) -> None:
        """Choose the id of the next run of a room."""
        self.runs += 1
        self.world.next_session_ids[room_id] = run_id(room_id, self.runs)

    def occurrence_of(self, room_id: str, run: PlannedRun) -> str:
        """Return the id of an occurrence."""
        return occurrence_id(room_id, run.slot)
