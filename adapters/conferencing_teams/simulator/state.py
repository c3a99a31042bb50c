"""What Teams' simulator keeps: the tenant, its app and users, and what a `World` has no place for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar, Final
from urllib.parse import quote

from attrs import define, evolve, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Role, Room, RoomKind, RoomSettings
from conferencing.sandbox.kit import ReplyShape
from conferencing.sandbox.simulator import Simulator
from conferencing.world import User, World

from .ids import make_guid, make_ids, meeting_id, thread_id

__all__ = [
    "SIXTY_DAYS",
    "App",
    "Caller",
    "Directory",
    "EventDetails",
    "MeetingDetails",
    "TeamsState",
    "WebinarDetails",
]

SIXTY_DAYS: Final = timedelta(days=60)
APP_PERMISSIONS: Final = (
    "Calendars.ReadWrite",
    "OnlineMeetings.ReadWrite.All",
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetingRecording.Read.All",
    "OnlineMeetingTranscript.Read.All",
    "User.Read.All",
    "VirtualEvent.Read.All",
    "VirtualEvent.Read.Chat",
    "VirtualEventRegistration-Anon.ReadWrite.All",
)
SCOPES: Final = (
    "Calendars.ReadWrite",
    "OnlineMeetings.ReadWrite",
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetingRecording.Read.All",
    "OnlineMeetingTranscript.Read.All",
    "User.Read",
    "VirtualEvent.ReadWrite",
    "offline_access",
)


@define(kw_only=True)
class App:
    """An app of the tenant, with the permissions and scopes that its next tokens have."""

    id: str
    secret: str = field(repr=False)
    permissions: frozenset[str] = frozenset(APP_PERMISSIONS)
    scopes: frozenset[str] = frozenset(SCOPES)


@frozen(kw_only=True)
class Caller:
    """Who calls: the app, or a user who is signed in."""

    user_id: str | None
    permissions: frozenset[str]


@define(kw_only=True)
class Directory:
    """What a user has: a mailbox, Teams in it, and an access policy for the app."""

    mailbox: bool = True
    teams: bool = True
    policy: bool = True


USERS: Final = (
    ("lena@contoso.example", "Lena", "Vogt", Directory()),
    ("omar@contoso.example", "Omar", "Said", Directory()),
    ("nils@contoso.example", "Nils", "Ohne", Directory(mailbox=False, teams=False, policy=False)),
)


@define(kw_only=True)
class MeetingDetails:
    """An online meeting. `room_id` is the room of the world that it belongs to."""

    id: str
    owner: str
    room_id: str
    thread: str
    join_url: str
    join_id: str
    passcode: str
    created_at: datetime
    start: datetime
    end: datetime
    expires_at: datetime
    subject: str | None = None
    external_id: str | None = None
    in_calendar: bool = False
    attendees: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    settings: dict[str, Any] = field(factory=dict[str, Any])


@define(kw_only=True)
class EventDetails:
    """A calendar event. `sent` is the body by which it was made."""

    owner: str
    sent: dict[str, Any]
    fields: dict[str, Any]
    start: datetime
    end: datetime
    meeting_id: str | None = None
    transaction_id: str | None = None
    version: int = 1
    revised_at: datetime


@define(kw_only=True)
class WebinarDetails:
    """A webinar. A canceled one is kept, although the world has it no more."""

    id: str
    owner: str
    fields: dict[str, Any]
    session_id: str
    meeting_id: str
    status: str = "draft"
    external_id: str | None = None
    questions: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    presenters: list[dict[str, Any]] = field(factory=list[dict[str, Any]])


class TeamsState(Simulator):
    """The state behind the routes.

    `page_size` is how many rows a page has, and `refused_resources` are parts of those to which the
    app may not subscribe.
    """

    name = "teams"
    dialects: ClassVar[tuple[str, ...]] = ("", "plain")
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 409,
        InvalidRequest: 400,
    }
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "missing_fields": False,
        "extra_fields": False,
        "late_reports": True,
        "webinar_limit": False,
        "duplicate_is_400": False,
        "unmatched_is_404": False,
        "registered_again_is_204": False,
        "older_registration_rule": False,
        "empty_middle_page": False,
        "wrapped_value": False,
        "text_session_times": False,
        "unknown_words": False,
        "null_identity": False,
        "empty_code": False,
        "no_inner_error": False,
        "html_502": False,
        "transcripts_off": False,
        "content_redirects": False,
        "opaque_tokens": False,
    }
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *("creationDateTime", "joinInformation", "videoTeleconferenceId", "meetingType"),
                *("createdDateTime", "lastModifiedDateTime", "changeKey", "iCalUId", "createdBy"),
                *("audioConferencing", "onlineMeetingUrl", "chatInfo", "organizer"),
            ]
        )
    )

    def reset(self) -> None:
        """Forget everything; the credentials are made from the seed, and stay the same."""
        super().reset()
        keys = Random(f"teams/{self.seed}")  # noqa: S311 - it has to be repeatable
        self.tenant = make_guid(keys)
        self.app = App(id=make_guid(keys), secret=f"{keys.randbytes(20).hex()}~s")
        self.client_state = keys.randbytes(16).hex()
        self.directory: dict[str, Directory] = {}
        self.meetings: dict[str, MeetingDetails] = {}
        self.events: dict[str, EventDetails] = {}
        self.webinars: dict[str, WebinarDetails] = {}
        self.registrant_keys: dict[str, tuple[str, str]] = {}
        self.throttles: list[tuple[str, str | None, int]] = []
        self.webinar_writes: list[datetime] = []
        self.validated: set[str] = set()
        self.refused_resources: set[str] = set()
        self.page_size = 100
        self.report_delay = timedelta(seconds=60)
        for email, first, last, directory in USERS:
            user = self.world.add_user(email, first_name=first, last_name=last)
            self.directory[user.id] = evolve(directory)

    def new_world(self) -> World:
        """Return a world with ids in Graph's forms."""
        return World(seed=self.seed, real_time=self.real_time, new_id=make_ids(self.seed))

    def find_user(self, name: str) -> User | None:
        """Return a user by object id or sign-in name."""
        users = self.world.users
        return users.get(name) or next(
            (user for user in users.values() if user.email.lower() == name.lower()), None
        )

    # -- meetings

    def add_meeting(
        self, owner: str, start: datetime, end: datetime, room_id: str | None = None, **fields: Any
    ) -> MeetingDetails:
        """Add an online meeting; without a room, it is a room by itself."""
        random = self.world.random
        thread = thread_id(make_guid(random))
        own_id = meeting_id(owner, thread)
        meeting = MeetingDetails(
            id=own_id,
            owner=owner,
            room_id=room_id or own_id,
            thread=thread,
            join_url=self.meeting_url(thread, owner),
            join_id="".join(random.choices("123456789", k=12)),
            passcode=random.randbytes(3).hex(),
            created_at=self.world.now,
            start=start,
            end=end,
            expires_at=end + SIXTY_DAYS,
            **fields,
        )
        self.meetings[own_id] = meeting
        self.world.notes["meetings"][own_id] = meeting.room_id
        return meeting

    def meeting_url(self, thread: str, owner: str, **more: str) -> str:
        """Return a link in the form of Teams', with lower-case hex, to the simulator's own page."""
        context = '{"Tid":"%s","Oid":"%s"}' % (self.tenant, owner)  # noqa: UP031
        tail = "".join(f"&{name}={value}" for name, value in more.items())
        path = f"l/meetup-join/{_encode(thread)}/0?context={_encode(context)}{tail}"
        return f"{self.origin}/join/{self.name}/{path}"

    def touch(self, meeting: MeetingDetails) -> None:
        """Push the end of a meeting's life on, as each use does."""
        meeting.expires_at = max(meeting.end, self.world.now) + SIXTY_DAYS

    def find_live_meeting(self, own_id: str) -> MeetingDetails | None:
        """Return a meeting whose room the world still has."""
        meeting = self.meetings.get(own_id)
        return meeting if meeting and meeting.room_id in self.world.rooms else None

    # -- the world

    def put_room(self, room_id: str, **fields: Any) -> Room:
        """Add a room to the world, or change one, under Graph's own id."""
        if room_id in self.world.rooms:
            return self.world.change_room(room_id, **fields)
        now = self.world.now
        self.world.rooms[room_id] = Room(id=room_id, created_at=now, updated_at=now, **fields)
        self.world.announce("room created", room_id)
        return self.world.rooms[room_id]

    def sync_settings(self, meeting: MeetingDetails) -> None:
        """Let the world's room have what its meeting has."""
        room = self.world.rooms[meeting.room_id]
        if room.kind is RoomKind.WEBINAR:
            return
        own = meeting.settings
        lobby = own.get("lobbyBypassSettings", {}).get("scope")
        chat = own.get("allowMeetingChat")
        self.world.rooms[room.id] = evolve(
            room,
            waiting_room=None if lobby is None else lobby != "everyone",
            settings=RoomSettings(
                public_chat=None if chat is None else chat != "disabled",
                microphone=own.get("allowAttendeeToEnableMic"),
                camera=own.get("allowAttendeeToEnableCamera"),
                recording=own.get("allowRecording"),
                auto_recording=own.get("recordAutomatically"),
                encryption=own.get("isEndToEndEncryptionEnabled"),
            ),
        )

    def mail(self, kind: str, to: str, room_id: str) -> None:
        """Put a mail to somebody into the outbox."""
        self.world.post(kind, to, room_id, role=Role.ATTENDEE)


def _encode(text: str) -> str:
    """Return a text percent-encoded with lower-case hex."""
    quoted = quote(text, safe="")
    return "".join(
        part if not index else f"%{part[:2].lower()}{part[2:]}"
        for index, part in enumerate(quoted.split("%"))
    )
