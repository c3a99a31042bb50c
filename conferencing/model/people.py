"""People, entry rules and join links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from attrs import field, frozen

from .base import Record, parse_enum, to_secret
from .links import to_link
from .native import NO_NATIVE
from .secret import Secret

__all__ = [
    "AccessToken",
    "Anyone",
    "EntryKind",
    "EntryRule",
    "IdentityProvider",
    "JoinLink",
    "Participant",
    "Passcode",
    "Person",
    "PersonalToken",
    "RegistrationStatus",
    "Role",
    "RoleName",
    "SignIn",
]


class Role(StrEnum):
    HOST = "host"
    PRESENTER = "presenter"
    ATTENDEE = "attendee"
    GUEST = "guest"
    UNKNOWN = "unknown"


class RegistrationStatus(StrEnum):
    PENDING = "pending"  # waits for the host's approval
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


RoleName = Role | Literal["host", "presenter", "attendee", "guest"]
"""What arguments take for a role: a member, or its value. Convert other strings by `Role`."""


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


@frozen(kw_only=True, repr=False)
class Person(Record):
    """A person. `name` is the display name; without it, first and last name are used."""

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
        """The person itself, so that `Person` and `Participant` share an interface."""
        return self


@frozen(kw_only=True)
class Anyone:
    """Entry for anyone who has the link."""

    kind: ClassVar[EntryKind] = EntryKind.OPEN


@frozen
class Passcode:
    """Entry with a passcode; with `role`, in that role only."""

    kind: ClassVar[EntryKind] = EntryKind.PASSCODE

    code: Secret = field(converter=to_secret)
    role: Role | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class PersonalToken:
    """Entry with an unused `AccessToken` of the room."""

    kind: ClassVar[EntryKind] = EntryKind.TOKEN


def _identity(value: str) -> IdentityProvider:
    return parse_enum(IdentityProvider, "identity", value)


@frozen
class SignIn:
    """Entry by signing in at an identity provider; with `email`, as that account only."""

    kind: ClassVar[EntryKind] = EntryKind.SIGN_IN

    identity: IdentityProvider = field(converter=_identity)
    email: str | None = field(default=None, kw_only=True, repr=False)


EntryRule = Anyone | Passcode | PersonalToken | SignIn
"""How a person may enter a room. Where a room has several rules, any one of them is enough."""


@frozen(kw_only=True, repr=False)
class JoinLink(Record):
    """A link into a room. A link can be a credential, so `url` is not in the repr.

    `url` is a web address (http or https); anything else raises `MalformedResponse`.
    A `personal` link admits its holder as `person`; any other is the same for everybody.
    `session_id` is the one session it leads to, where it is not valid for later ones.
    """

    _shown = ("role", "personal", "expires_at")

    _url: Secret = field(alias="url", converter=to_link)
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
    """A code that admits one person to a room, once."""

    _shown = ("first_used_at",)

    code: Secret = field(converter=to_secret)
    room_id: str | None = None
    sent_to: str | None = None
    first_used_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Participant(Record):
    """A person registered for a room.

    `id` is None where the vendor does not return it on registration; `get_participant` by e-mail
    finds it. `status` is None where the vendor has no approval. `existed` is True if the person
    was registered before. `fields` are the answers to the registration form under the vendor's own
    labels.
    """

    _shown = ("id", "room_id", "status", "registered_at")

    id: str | None = None
    room_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    role: Role = Role.ATTENDEE
    status: RegistrationStatus | None = None
    existed: bool | None = None
    registered_at: datetime | None = None
    confirmed_at: datetime | None = None
    session_id: str | None = None
    join_link: JoinLink | None = None
    fields: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    def __repr__(self) -> str:
        """Return the usual repr; without an id, it begins with the masked address."""
        text = super().__repr__()
        who = None if self.id else _mask_address(self.email)
        return text.replace("(", f"({who}, ", 1) if who else text

    @property
    def person(self) -> Person:
        """The person without the registration."""
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


def _mask_address(email: str | None) -> str | None:
    """Return enough of an address to tell people apart in a log: a***@example.com."""
    name, at, domain = (email or "").rpartition("@")
    return f"{name[:1]}***@{domain}" if at else None
