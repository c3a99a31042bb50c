"""What users ask for: drafts of rooms, registrations and invitations, checked as they are made.

A field that is None is not said: on creation the vendor's default holds, on an update the present
value stays. `native` is merged last into what is sent, in the vendor's own terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypedDict, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, field, fields, frozen

from conferencing.errors import InvalidRequest

from .people import Anyone, EntryRule, Passcode, Person, PersonalToken, Role, SignIn
from .rooms import RoomKind, RoomSettings, RoomStatus, Template

__all__ = [
    "Invitation",
    "Invitee",
    "PersonFields",
    "RegistrationDraft",
    "RoomChanges",
    "RoomDraft",
    "RoomFields",
    "SessionDraft",
]

E = TypeVar("E", bound=StrEnum)


def parse_enum(enum: type[E], name: str, value: str) -> E:
    """Return the member that `value` names, or raise `InvalidRequest` with the names there are."""
    known = [member.value for member in enum if member.value != "unknown"]
    if value not in known:
        raise InvalidRequest(
            f"{name} is {value!r}; it must be one of {', '.join(known)}", field=name
        )
    return enum(value)


def person(
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    name: str | None = None,
) -> Person:
    """Return a `Person` after a look at the e-mail address: one @, nothing blank, no spaces."""
    if email is not None:
        local, at, domain = email.rpartition("@") if _is_text(email) else ("", "", "")
        if not (local and at and domain) or "@" in local or not email.isprintable() or " " in email:
            raise InvalidRequest(f"{email!r} is not an e-mail address", field="email")
    return Person(email=email, first_name=first_name, last_name=last_name, name=name)


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _kind(value: str | None) -> RoomKind | None:
    return None if value is None else parse_enum(RoomKind, "kind", value)


def _status(value: str | None) -> RoomStatus | None:
    return None if value is None else parse_enum(RoomStatus, "status", value)


def _template(value: str | Template | None) -> str | None:
    return value.id if isinstance(value, Template) else value


def _rules(value: EntryRule | Iterable[EntryRule] | None) -> tuple[EntryRule, ...] | None:
    if value is None:
        return None
    rules: tuple[Any, ...] = (value,)
    if isinstance(value, Iterable):
        rules = tuple(value)
    if not rules or not all(isinstance(rule, EntryRule) for rule in rules):
        entry_options = ", ".join(
            rule.__name__ for rule in (Anyone, Passcode, PersonalToken, SignIn)
        )
        raise InvalidRequest(f"entry takes one or several of {entry_options}", field="entry")
    return rules


def _invitees(value: Iterable[Invitee | Person] | None) -> tuple[Invitee, ...] | None:
    if value is None:
        return None
    given: tuple[object, ...] = tuple(value) if _is_iterable(value) else ("",)
    people = tuple(Invitee(person=one) if isinstance(one, Person) else one for one in given)
    if not all(isinstance(one, Invitee) for one in people):
        raise InvalidRequest("people takes Invitee and Person values", field="people")
    return cast("tuple[Invitee, ...]", people) or None


def _role(value: str) -> Role:
    return parse_enum(Role, "role", value)


def _ways(value: EntryRule | Iterable[EntryRule] | None) -> tuple[EntryRule, ...]:
    return (_rules(value) if value else None) or ()


def _aware(_: object, attribute: Attribute[Any], value: datetime | None) -> None:
    if value is not None and value.utcoffset() is None:
        raise InvalidRequest(
            f"{attribute.name} is {value.isoformat()} without a time zone; "
            "use an aware datetime, such as datetime(..., tzinfo=ZoneInfo('Europe/Warsaw'))",
            field=attribute.name,
        )


def _positive(_: object, attribute: Attribute[Any], value: Any) -> None:
    if value is not None and value <= type(value)():
        raise InvalidRequest(f"{attribute.name} is {value}; it must be more", field=attribute.name)


def _zone(_: object, attribute: Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    else:
        return
    raise InvalidRequest(
        f"{attribute.name} is {value!r}; it must be an IANA name such as 'Europe/Warsaw'",
        field=attribute.name,
    )


def _typed(kind: type, expected: str) -> Callable[[object, Attribute[Any], Any], None]:
    """Return a validator: None, or an instance of `kind` (a bool is no number)."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value is None or (isinstance(value, kind) and (kind is not int or value is not True)):
            return
        raise InvalidRequest(
            f"{attribute.name} is {value!r}; it must be {expected}", field=attribute.name
        )

    return check


def _mailable(_: object, attribute: Attribute[Any], people: tuple[Person, ...]) -> None:
    if not people or not all(getattr(one, "email", None) for one in people):
        raise InvalidRequest("it takes people, each with an e-mail", field=attribute.name)


_text = _typed(str, "a text")
_flag = _typed(bool, "True or False")
_moment = [_typed(datetime, "an aware datetime"), _aware]
_length = [_typed(timedelta, "a timedelta"), _positive]


@frozen(kw_only=True)
class Invitee:
    """Say who may enter a room, in which role, and by which of several ways.

    Without a person it is whoever comes by one of the ways.
    """

    person: Person | None = field(default=None, validator=_typed(Person, "a Person"))
    role: Role = field(default=Role.ATTENDEE, converter=_role)
    entry: tuple[EntryRule, ...] = field(default=(), converter=_ways)


class PersonFields(TypedDict, total=False):
    """Name what a person is given by, where no `Person` is given."""

    email: str | None
    first_name: str | None
    last_name: str | None
    name: str | None


class RoomFields(TypedDict, total=False):
    """Name what a room is created with, beside its name."""

    kind: RoomKind | str | None
    starts_at: datetime | None
    duration: timedelta | None
    timezone: str | None
    permanent: bool | None
    entry: EntryRule | Iterable[EntryRule] | None
    description: str | None
    registration: bool | None
    waiting_room: bool | None
    capacity: int | None
    settings: RoomSettings | None
    host: Person | None
    people: Iterable[Invitee | Person] | None
    template: Template | str | None


class RoomChanges(RoomFields, total=False):
    """Name what of a room can be changed."""

    name: str | None
    status: RoomStatus | str | None


@frozen(kw_only=True)
class RoomDraft:
    """Say what a room shall be, or what of it shall change.

    `starts_at` must be aware. `timezone` is the IANA name of the zone to plan in; without it, the
    zone of `starts_at` is used if it has a name. `entry` takes one rule or several; `people` are
    those who may enter, where a vendor takes them with the room. `template` is a template or its id. Raises `InvalidRequest`, naming the field, for a value that cannot be.
    """

    name: str | None = field(default=None, validator=_text)
    kind: RoomKind | None = field(default=None, converter=_kind)
    starts_at: datetime | None = field(default=None, validator=_moment)
    duration: timedelta | None = field(default=None, validator=_length)
    timezone: str | None = field(default=None, validator=[_text, _zone])
    permanent: bool | None = field(default=None, validator=_flag)
    entry: tuple[EntryRule, ...] | None = field(default=None, converter=_rules)
    description: str | None = field(default=None, validator=_text)
    registration: bool | None = field(default=None, validator=_flag)
    waiting_room: bool | None = field(default=None, validator=_flag)
    capacity: int | None = field(default=None, validator=[_typed(int, "a number"), _positive])
    settings: RoomSettings | None = field(
        default=None, validator=_typed(RoomSettings, "RoomSettings(...)")
    )
    host: Person | None = field(default=None, validator=_typed(Person, "a Person"))
    people: tuple[Invitee, ...] | None = field(default=None, converter=_invitees)
    template: str | None = field(default=None, converter=_template, validator=_text)
    status: RoomStatus | None = field(default=None, converter=_status)
    native: Mapping[str, Any] = field(
        factory=dict[str, Any],
        validator=_typed(Mapping, "a mapping"),
        eq=False,
        repr=False,
    )

    def set_fields(self) -> frozenset[str]:
        """Return the names of the fields that are not None; those of `settings` as `settings.<name>`."""
        names = {name for name in _FIELDS if getattr(self, name) is not None} - {"native"}
        if self.settings is not None:
            names.remove("settings")
            names |= {f"settings.{name}" for name in _said_settings(self.settings)}
        return frozenset(names)


_FIELDS = tuple(attribute.name for attribute in fields(RoomDraft))


def _said_settings(settings: RoomSettings) -> set[str]:
    names = cast("tuple[Attribute[Any], ...]", fields(RoomSettings))
    return {one.name for one in names if getattr(settings, one.name) is not None}


@frozen(kw_only=True)
class RegistrationDraft:
    """Say whom to register, and whether the vendor shall mail a confirmation, in which language.

    `fields` answer the registration form under the vendor's own keys.
    """

    person: Person = field(validator=_typed(Person, "a Person"))
    fields: Mapping[str, str] = field(factory=dict[str, str])
    confirmation: bool | None = None
    language: str | None = None
    native: Mapping[str, Any] = field(factory=dict[str, Any], eq=False, repr=False)


@frozen(kw_only=True)
class SessionDraft:
    """Say who starts a session, under which title, and how others may enter that session."""

    host: Person = field(validator=_typed(Person, "a Person"))
    title: str | None = field(default=None, validator=_text)
    entry: tuple[EntryRule, ...] | None = field(default=None, converter=_rules)
    native: Mapping[str, Any] = field(factory=dict[str, Any], eq=False, repr=False)


@frozen(kw_only=True)
class Invitation:
    """Say whom the vendor shall invite by mail, in which role and language."""

    people: tuple[Person, ...] = field(validator=_mailable)
    role: Role = Role.ATTENDEE
    language: str | None = None
    native: Mapping[str, Any] = field(factory=dict[str, Any], eq=False, repr=False)
