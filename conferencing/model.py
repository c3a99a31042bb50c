"""What a conference is made of: values only. No connection, no I/O and no vendor in here.

Four levels of *when*: a `Room` (what was planned), an `Occurrence` of it (a planned date), a
`Session` (a run that really took place), and the segments in which one person was present
(`conferencing.attendance`).

Every value is immutable, keyword-only and picklable, and equal to another by its fields without
`native`, which is the vendor's own mapping. Every `datetime` is aware. Ids are opaque texts. An
enumeration read from a vendor that uses a word of its own is `UNKNOWN`; the word is in `native`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from attrs import field, frozen

from .native import NO_NATIVE
from .secret import Secret

__all__ = [
    "AccessToken",
    "Anyone",
    "EntryKind",
    "EntryRule",
    "Feedback",
    "File",
    "IdentityProvider",
    "JoinLink",
    "Occurrence",
    "Participant",
    "Passcode",
    "Person",
    "PersonalToken",
    "Recording",
    "RecordingStatus",
    "Report",
    "ReportStatus",
    "Role",
    "Room",
    "RoomKind",
    "RoomSettings",
    "RoomStatus",
    "Session",
    "SessionStatus",
    "SignIn",
    "Template",
    "Usage",
]


class RoomKind(StrEnum):
    MEETING = "meeting"
    WEBINAR = "webinar"
    UNKNOWN = "unknown"


class RoomStatus(StrEnum):
    SCHEDULED = "scheduled"  # its start lies ahead
    OPEN = "open"  # it may be entered
    LIVE = "live"  # a session runs, and the vendor tells
    ENDED = "ended"  # over, or switched off
    UNKNOWN = "unknown"


class SessionStatus(StrEnum):
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Role(StrEnum):
    HOST = "host"
    PRESENTER = "presenter"
    ATTENDEE = "attendee"
    GUEST = "guest"
    UNKNOWN = "unknown"


class EntryKind(StrEnum):
    OPEN = "open"
    PASSCODE = "passcode"
    TOKEN = "token"  # noqa: S105
    SIGN_IN = "sign-in"


class IdentityProvider(StrEnum):
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    LINKEDIN = "linkedin"
    FACEBOOK = "facebook"
    UNKNOWN = "unknown"


class RecordingStatus(StrEnum):
    PROCESSING = "processing"
    READY = "ready"
    UNKNOWN = "unknown"


class ReportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Record:
    """Give a repr of the `_shown` fields alone: short, and without personal data or secrets."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ("id",)

    def __repr__(self) -> str:
        known = ((name, getattr(self, name)) for name in self._shown)
        inside = ", ".join(f"{name}={_brief(value)}" for name, value in known if value is not None)
        return f"{type(self).__name__}({inside})"


def _brief(value: object) -> str:
    return str(value) if isinstance(value, StrEnum | datetime | timedelta) else repr(value)


def elapsed(since: datetime, until: datetime) -> timedelta:
    """Return the time between two instants. Within one zone, Python would subtract wall clocks."""
    return until.astimezone(UTC) - since.astimezone(UTC)


def _secret(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


# ---------------------------------------------------------------------------- who, and the way in


@frozen(kw_only=True, repr=False)
class Person(Record):
    """Say who somebody is. `name` is the name to display; without it, first and last name are."""

    _shown = ("display_name",)

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None

    @property
    def display_name(self) -> str | None:
        """The name to show in a room, or None if no name is known."""
        return self.name or " ".join(filter(None, (self.first_name, self.last_name))) or None

    @property
    def person(self) -> Person:
        """Itself: who is asked for may be a person or a registration, and both tell it so."""
        return self


@frozen(kw_only=True)
class Anyone:
    """Let in anyone who has the link."""

    kind: ClassVar[EntryKind] = EntryKind.OPEN


@frozen
class Passcode:
    """Let in who knows the passcode; with `role`, in that role only."""

    kind: ClassVar[EntryKind] = EntryKind.PASSCODE

    code: Secret = field(converter=_secret)
    role: Role | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class PersonalToken:
    """Let in who brings an unused `AccessToken` of the room."""

    kind: ClassVar[EntryKind] = EntryKind.TOKEN


@frozen
class SignIn:
    """Let in who signs in at a named identity provider, as `email` if that is given."""

    kind: ClassVar[EntryKind] = EntryKind.SIGN_IN

    identity: IdentityProvider = field(converter=IdentityProvider)
    email: str | None = field(default=None, kw_only=True, repr=False)


EntryRule = Anyone | Passcode | PersonalToken | SignIn
"""One way in. Where a room has several, any one of them lets a person in."""


@frozen(kw_only=True, repr=False)
class JoinLink(Record):
    """Hold a way into a room. `url` is given out on demand only: a link can be a credential.

    A `personal` link lets its bearer in as `person`; any other is the same for everybody.
    `session_id` names the one run that it leads into, where it does not outlive that.
    """

    _shown = ("role", "personal", "expires_at")

    _url: Secret = field(alias="url", converter=_secret)
    role: Role = Role.ATTENDEE
    personal: bool = False
    person: Person | None = None
    session_id: str | None = None
    expires_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return self._url.reveal()


@frozen(kw_only=True, repr=False)
class AccessToken(Record):
    """Hold a code that lets one person into a room once."""

    _shown = ("first_used_at",)

    code: Secret = field(converter=_secret)
    room_id: str | None = None
    sent_to: str | None = None
    first_used_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


# ------------------------------------------------------------------------------------------ rooms


@frozen(kw_only=True)
class RoomSettings:
    """Say what attendees may do and what is recorded. None: not said, or not known.

    `public_chat` to `see_cameras` are what attendees may use; `recording` allows it at all,
    `auto_recording` begins it with the session, `recording_control` lets hosts begin and stop it.
    """

    public_chat: bool | None = None
    private_chat: bool | None = None
    microphone: bool | None = None
    camera: bool | None = None
    see_cameras: bool | None = None
    shared_notes: bool | None = None
    change_layout: bool | None = None
    recording: bool | None = None
    auto_recording: bool | None = None
    recording_control: bool | None = None
    encryption: bool | None = None


@frozen(kw_only=True)
class Occurrence:
    """Say when one date of a recurring room is planned."""

    id: str
    starts_at: datetime | None = None
    duration: timedelta | None = None


@frozen(kw_only=True, repr=False)
class Room(Record):
    """Describe a room as its vendor has it. One that is known by its id alone is `Room(id=…)`.

    `starts_at` is an instant and `timezone` the IANA name of the zone in which it was planned. A
    `permanent` room has no dates. `join_url` is the plain link, the same for everybody. `entry` is
    None where the vendor does not tell.
    """

    _shown = ("id", "name", "kind", "status", "starts_at")

    id: str
    name: str = ""
    kind: RoomKind = RoomKind.UNKNOWN
    status: RoomStatus = RoomStatus.UNKNOWN
    starts_at: datetime | None = None
    duration: timedelta | None = None
    timezone: str | None = None
    permanent: bool | None = None
    entry: tuple[EntryRule, ...] | None = None
    join_url: str | None = None
    description: str | None = None
    registration: bool | None = None
    waiting_room: bool | None = None
    capacity: int | None = None
    settings: RoomSettings | None = None
    host: Person | None = None
    occurrences: tuple[Occurrence, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def ends_at(self) -> datetime | None:
        """The planned end, or None if start or duration is open."""
        if self.starts_at is None or self.duration is None:
            return None
        end = self.starts_at.astimezone(UTC) + self.duration
        return end.astimezone(self.starts_at.tzinfo)


@frozen(kw_only=True, repr=False)
class Template(Record):
    """Describe a set of room settings that the vendor keeps under an id."""

    _shown = ("id", "name", "default")

    id: str
    name: str = ""
    description: str | None = None
    default: bool = False
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


# --------------------------------------------------------------------- what happened in the rooms


@frozen(kw_only=True, repr=False)
class Session(Record):
    """Describe one run of a room. `ended_at` is None while it runs, and where nobody knows.

    `people` counts those who were there, `peak` the most at one time; both as the vendor counts.
    """

    _shown = ("id", "room_id", "status", "started_at", "ended_at")

    id: str
    room_id: str | None = None
    title: str | None = None
    status: SessionStatus = SessionStatus.UNKNOWN
    started_at: datetime | None = None
    ended_at: datetime | None = None
    people: int | None = None
    peak: int | None = None
    occurrence_id: str | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def duration(self) -> timedelta | None:
        """How long it ran, or None if its start or end is unknown."""
        if self.started_at is None or self.ended_at is None:
            return None
        return elapsed(self.started_at, self.ended_at)


@frozen(kw_only=True, repr=False)
class Participant(Record):
    """Describe a person who is registered for a room.

    `id` is None where the vendor does not tell it on registration: `get_participant` by e-mail
    finds it. `existed` says that the registration was there before. `fields` are the answers of
    the registration form under the vendor's own labels.
    """

    _shown = ("id", "room_id", "registered_at")

    id: str | None = None
    room_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    role: Role = Role.ATTENDEE
    existed: bool | None = None
    registered_at: datetime | None = None
    confirmed_at: datetime | None = None
    session_id: str | None = None
    join_link: JoinLink | None = None
    fields: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def person(self) -> Person:
        """Who this is, without the registration."""
        return Person(
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            name=self.name,
        )

    @property
    def display_name(self) -> str | None:
        """The name to show, or None if no name is known."""
        return self.person.display_name


@frozen(kw_only=True, repr=False)
class File(Record):
    """Hold one file to download: its media type, size in bytes, and until when its link lives."""

    _shown = ("media_type", "size", "expires_at")

    _url: Secret = field(alias="url", converter=_secret)
    media_type: str | None = None
    size: int | None = None
    expires_at: datetime | None = None

    @property
    def url(self) -> str:
        """The address to download it from; often signed, so treat it as a credential."""
        return self._url.reveal()


@frozen(kw_only=True, repr=False)
class Recording(Record):
    """Describe a recording: a set of files with a state. Links expire: list it anew to download."""

    _shown = ("id", "room_id", "name", "status", "started_at", "duration")

    id: str
    room_id: str | None = None
    session_id: str | None = None
    name: str | None = None
    status: RecordingStatus = RecordingStatus.UNKNOWN
    started_at: datetime | None = None
    duration: timedelta | None = None
    files: tuple[File, ...] = ()
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Report(Record):
    """Describe a report that the vendor makes of a session. `progress` goes from 0 to 100."""

    _shown = ("id", "kind", "language", "status", "progress")

    id: str
    session_id: str | None = None
    kind: str = "pdf"
    language: str | None = None
    status: ReportStatus = ReportStatus.UNKNOWN
    progress: int | None = None
    file: File | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Usage(Record):
    """Describe what one ended session cost. `billable` is the part that the vendor charges for."""

    _shown = ("id", "room_id", "title", "duration", "billable")

    id: str
    room_id: str | None = None
    title: str | None = None
    people: int | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: timedelta | None = None
    billable: timedelta | None = None
    free: bool | None = None
    covered: bool | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Feedback(Record):
    """Hold what one person thought of a session: a rating on the vendor's scale, and a text."""

    _shown = ("id", "rating", "given_at")

    id: str
    rating: int | None = None
    text: str | None = None
    room_id: str | None = None
    session_id: str | None = None
    person: Person | None = None
    given_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)
