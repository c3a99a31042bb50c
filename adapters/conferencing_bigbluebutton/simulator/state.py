"""What the simulator keeps: the secret, meetings that exist, webhooks, and what recordings have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any, ClassVar, Final

from attrs import define, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Room, RoomKind, Session
from conferencing.sandbox.simulator import Simulator
from conferencing.world import Visit, World

__all__ = [
    "BigBlueButtonState",
    "Hook",
    "Meeting",
    "RecordingDetails",
    "Ticket",
    "milliseconds",
]

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def milliseconds(moment: datetime | None) -> int:
    """Return a time in milliseconds since 1970; 0 for one that has not come yet."""
    return 0 if moment is None else round(moment.timestamp() * 1000)


@define(kw_only=True)
class Meeting:
    """One life of a meeting: what it was created with, and what happened to it."""

    id: str
    internal: str
    create_time: int
    parameters: dict[str, str]
    metadata: dict[str, str]
    attendee_password: str
    moderator_password: str
    voice_bridge: str
    forcibly_ended: bool = False
    ends_at: datetime | None = None
    is_marked: bool = False

    @property
    def name(self) -> str:
        """The name that people see."""
        return self.parameters.get("name", "")

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean parameter."""
        return self.parameters.get(name, str(default).lower()) == "true"

    def number(self, name: str, default: int = 0) -> int:
        """Return a number parameter."""
        return int(self.parameters.get(name) or default)


@frozen(kw_only=True)
class Ticket:
    """What a followed join link admits as, under its session token."""

    internal: str
    name: str
    user_id: str | None
    moderator: bool
    guest: bool = False


@frozen(kw_only=True)
class Hook:
    """A webhook: an address, for one meeting or all, for some events or all."""

    id: str
    url: str
    meeting: str | None = None
    events: tuple[str, ...] = ()
    raw: bool = False


@define(kw_only=True)
class RecordingDetails:
    """What the server keeps of a recording in addition to the neutral one."""

    internal: str
    state: str = "published"
    published: bool = True
    metadata: dict[str, str] = field(factory=dict[str, str])
    tracks: list[dict[str, str]] = field(factory=list[dict[str, str]])
    ready_at: datetime | None = None


class BigBlueButtonState(Simulator):
    """The state behind the calls.

    `end_delay` is how long after the call `end` a meeting is gone, `processing` how long a recording
    takes. `events` are those that have happened, whether anybody subscribed to them or not.
    """

    name = "bigbluebutton"
    address_key = "callback_url"
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 200,
        Conflict: 200,
        InvalidRequest: 200,
    }
    default_quirks: ClassVar[Mapping[str, bool]] = {
        "refuse_unknown": False,
        "extra_fields": False,
        "missing_fields": False,
        "cdata": False,
        "lower_case_codes": False,
        "old_keys": False,
        "failure_statuses": False,
        "broken_failures": False,
        "expires": True,
        "no_webhooks": False,
        "no_paging": False,
        "bearer_webhooks": False,
        "other_file_host": False,
        "lose_left": False,
        "no_callbacks": False,
    }

    def reset(self) -> None:
        """Forget everything; the secret is made from the seed, and stays the same."""
        super().reset()
        self.secret = self.make_key("secret", 40)
        self.webhook_algorithm = "sha1"
        self.end_delay = timedelta()
        self.processing = timedelta()
        self.meetings: dict[str, Meeting] = {}
        self.tickets: dict[str, Ticket] = {}
        self.user_ids: dict[str, str] = {}
        self.hooks: dict[str, Hook] = {}
        self.hook_messages: dict[int, str] = {}
        self.recordings: dict[str, RecordingDetails] = {}
        self.chosen_ids: dict[str, str] = {}
        self.events: list[Mapping[str, Any]] = []

    def new_world(self) -> World:
        """Return a world whose ids are the server's."""
        world = World(seed=self.seed, real_time=self.real_time)
        number = iter(range(1, 10**9))

        def make_id(kind: str) -> str:
            chosen: str | None = self.chosen_ids.pop(kind, None)
            digest = sha1(f"{self.seed}/{kind}/{next(number)}".encode(), usedforsecurity=False)
            return chosen or f"{digest.hexdigest()}-{milliseconds(world.now)}"

        world.new_id = make_id
        return world

    def new_text(self, length: int) -> str:
        """Return random lower-case letters and digits."""
        return "".join(self.world.random.choices(LETTERS, k=length))

    # -- meetings

    def find_meeting(self, meeting_id: str) -> Meeting | None:
        """Return the meeting that exists under an id, or None."""
        session = self.world.running(meeting_id)
        return None if session is None else self.meeting_of(session)

    def meeting_of(self, session: Session) -> Meeting:
        """Return the meeting of a session.

        One that a test started in the world has the parameters of the last one of its room.
        """
        meeting = self.meetings.get(session.id)
        if meeting is None:
            room_id = session.room_id or ""
            earlier = [each for each in self.meetings.values() if each.id == room_id]
            room = self.world.rooms.get(room_id)
            parameters = {"name": room.name if room else "", "meetingID": room_id}
            meeting = self.add_meeting(
                dict(earlier[-1].parameters) if earlier else parameters,
                session.id,
                milliseconds(session.started_at),
            )
        return meeting

    def add_meeting(self, parameters: dict[str, str], internal: str, create_time: int) -> Meeting:
        """Keep the details of a new meeting. Names of metadata lose their case."""
        metadata = {
            name.removeprefix("meta_").lower(): value
            for name, value in parameters.items()
            if name.startswith("meta_")
        }
        meeting = Meeting(
            id=parameters["meetingID"],
            internal=internal,
            create_time=create_time,
            parameters=parameters,
            metadata=metadata,
            attendee_password=parameters.get("attendeePW") or self.new_text(8),
            moderator_password=parameters.get("moderatorPW") or self.new_text(8),
            voice_bridge=parameters.get("voiceBridge")
            or str(self.world.random.randrange(10_000, 100_000)),
        )
        self.meetings[internal] = meeting
        return meeting

    def add_room(self, meeting_id: str, **fields: Any) -> Room:
        """Put a meeting's room into the world, or change the one that an earlier life has left."""
        if meeting_id in self.world.rooms:
            return self.world.change_room(meeting_id, **fields)
        self.chosen_ids["room"] = meeting_id
        return self.world.add_room(kind=RoomKind.MEETING, **fields)

    def list_meetings(self) -> list[Meeting]:
        """Return the meetings that exist."""
        running = map(self.find_meeting, self.world.rooms)
        return [meeting for meeting in running if meeting is not None]

    # -- people

    def list_present(self, meeting: Meeting) -> list[Visit]:
        """Return the visits of those who are in a meeting now, past its waiting room."""
        visits = self.world.visits_of(meeting.internal)
        return [visit for visit in visits if visit.left_at is None and not visit.waits]

    def internal_user(self, visit: Visit) -> str:
        """Return the internal id of a user, which each join gets anew."""
        return self.user_ids.setdefault(visit.id, f"w_{self.new_text(12)}")

    def external_user(self, visit: Visit) -> str:
        """Return the id that the link gave, or else the internal one.

        A world has an address of each person, which stands for it here.
        """
        return visit.email or self.internal_user(visit)

    def forget_meeting(self, meeting_id: str) -> None:
        """Remove a meeting without a trace, as when a server is restarted."""
        meeting = self.find_meeting(meeting_id)
        if meeting is not None:
            del self.world.sessions[meeting.internal]
            del self.meetings[meeting.internal]
