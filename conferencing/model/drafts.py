"""What users ask for: drafts of rooms, registrations, sessions and invitations, validated at once.

A field that is None is not set: a creation then uses the vendor's default, and an update leaves
the value as it is. `native` is merged last into the request, in the vendor's own terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from attrs import Attribute, evolve, field, fields, frozen

from conferencing.errors import InvalidRequest

from .base import parse_enum
from .emails import parse_address
from .names import have_common_word, split_name
from .people import Anyone, EntryRule, Passcode, Person, PersonalToken, Role, SignIn
from .recurrence import parse_recurrence
from .rooms import RoomKind, RoomKindName, RoomSettings, RoomStatus, RoomStatusName, Template
from .zones import zone_of

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


def build_person(
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    name: str | None = None,
) -> Person:
    """Return a `Person`. `email` takes the forms of `parse_address`; a full `name` is split.

    Raises `InvalidRequest` that names the field for anything else.
    """
    names = {"first_name": first_name, "last_name": last_name, "name": name}
    for field_name, value in names.items():
        if value is not None and not _is_string(value):
            raise InvalidRequest(
                f"{field_name} is {value!r}; it must be a string", field=field_name
            )
    return complete_person(
        Person(email=email, first_name=first_name, last_name=last_name, name=name)
    )


def complete_person(person: Person) -> Person:
    """Return a person with a checked address, and with first and last name from the full name.

    Some vendors register nobody without first and last name. A name beside the address
    (`Ann Lee <ann@example.com>`) is the person's if there is no other.
    """
    person = _check_address(person)
    if not person.name or person.first_name or person.last_name:
        return person
    return _with_name(person, person.name)


def _check_address(person: Person) -> Person:
    """Return a person with a checked address. Raises `InvalidRequest` if it names somebody else."""
    if person.email is None:
        return person
    name, email = parse_address(person.email)
    own = person.display_name
    if name and own and not have_common_word(split_name(name).name, own):
        raise InvalidRequest(
            f"{person.email!r} names another person than {own!r}; correct one of them",
            field="email",
        )
    person = person if email == person.email else evolve(person, email=email)
    return _with_name(person, name) if name and not own else person


def _with_name(person: Person, name: str) -> Person:
    full = split_name(name)
    return evolve(person, name=full.name, first_name=full.first, last_name=full.last)


def _is_string(value: object) -> bool:
    return isinstance(value, str)


# ----------------------------------------------------------------------------- converters


def _to_contact(value: Person) -> Person:
    return complete_person(value) if isinstance(value, Person) else value  # pyright: ignore[reportUnnecessaryIsInstance]


def _to_contacts(people: Iterable[Person]) -> tuple[Person, ...]:
    # Whoever has no address is refused by the validator, with all of the others in view.
    return tuple(
        _to_contact(person) if getattr(person, "email", None) else person for person in people
    )


def _with_address(value: Person | None) -> Person | None:
    return _check_address(value) if isinstance(value, Person) else value


def _to_host(value: Person) -> Person:
    return _check_address(value) if isinstance(value, Person) else value  # pyright: ignore[reportUnnecessaryIsInstance]


def _kind(value: str | None) -> RoomKind | None:
    return None if value is None else parse_enum(RoomKind, "kind", value)


def _status(value: str | None) -> RoomStatus | None:
    return None if value is None else parse_enum(RoomStatus, "status", value)


def _role(value: str) -> Role:
    return parse_enum(Role, "role", value)


def _template(value: str | Template | None) -> str | None:
    return value.id if isinstance(value, Template) else value


def _entry_or_none(value: EntryRule | Iterable[EntryRule] | None) -> tuple[EntryRule, ...] | None:
    if value is None:
        return None
    rules: tuple[Any, ...] = tuple(value) if isinstance(value, Iterable) else (value,)
    if not rules or not all(isinstance(rule, EntryRule) for rule in rules):
        names = ", ".join(rule.__name__ for rule in (Anyone, Passcode, PersonalToken, SignIn))
        raise InvalidRequest(f"entry takes one or several of {names}", field="entry")
    return rules


def _entry(value: EntryRule | Iterable[EntryRule] | None) -> tuple[EntryRule, ...]:
    return (_entry_or_none(value) if value else None) or ()


def _invitees(value: Iterable[Invitee | Person] | None) -> tuple[Invitee, ...] | None:
    if value is None:
        return None
    people: tuple[object, ...] = tuple(value) if _is_iterable(value) else (value,)
    invitees = tuple(
        Invitee(person=person) if isinstance(person, Person) else person for person in people
    )
    if not all(isinstance(invitee, Invitee) for invitee in invitees):
        raise InvalidRequest("people takes Invitee and Person values", field="people")
    return cast("tuple[Invitee, ...]", invitees) or None


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable)


# ----------------------------------------------------------------------------- validators


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
    if value is not None:
        zone_of(value or "(empty)", attribute.name)


def _rule(_: object, __: Attribute[Any], value: str | None) -> None:
    if value is not None:
        parse_recurrence(value)


def _require_type(kind: type, expected: str) -> Callable[[object, Attribute[Any], Any], None]:
    """Return a validator: None, or an instance of `kind` (True is not a number)."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value is None or (isinstance(value, kind) and (kind is not int or value is not True)):
            return
        raise InvalidRequest(
            f"{attribute.name} is {value!r}; it must be {expected}", field=attribute.name
        )

    return check


def _has_emails(_: object, attribute: Attribute[Any], people: tuple[Person, ...]) -> None:
    if not people or not all(getattr(person, "email", None) for person in people):
        raise InvalidRequest(
            f"{attribute.name} takes one or more people, each with an e-mail address",
            field=attribute.name,
        )


_string = _require_type(str, "a string")
_boolean = _require_type(bool, "True or False")
_person = _require_type(Person, "a Person")
_mapping = _require_type(Mapping, "a mapping")
_moment = [_require_type(datetime, "an aware datetime"), _aware]
_length = [_require_type(timedelta, "a timedelta"), _positive]


# --------------------------------------------------------------------------------- drafts


@frozen(kw_only=True)
class Invitee:
    """Who may enter a room, in which role, and by which of several entry rules.

    Without a person: everybody who satisfies one of the rules.
    """

    person: Person | None = field(default=None, converter=_with_address, validator=_person)
    role: Role = field(default=Role.ATTENDEE, converter=_role)
    entry: tuple[EntryRule, ...] = field(default=(), converter=_entry)


class PersonFields(TypedDict, total=False):
    """Keyword arguments that describe a person, in place of a `Person`."""

    email: str | None
    first_name: str | None
    last_name: str | None
    name: str | None


class RoomFields(TypedDict, total=False):
    """Keyword arguments of `create_room` besides the name; its docstring explains them."""

    kind: RoomKindName | None
    starts_at: datetime | None
    duration: timedelta | None
    timezone: str | None
    permanent: bool | None
    recurrence: str | None
    entry: EntryRule | Iterable[EntryRule] | None
    description: str | None
    registration: bool | None
    approval: bool | None
    waiting_room: bool | None
    capacity: int | None
    settings: RoomSettings | None
    host: Person | None
    people: Iterable[Invitee | Person] | None
    template: Template | str | None


class RoomChanges(RoomFields, total=False):
    """Keyword arguments of `update_room`."""

    name: str | None
    status: RoomStatusName | None


@frozen(kw_only=True)
class RoomDraft:
    """The fields of a room to create, or the changes to one.

    `starts_at` must be aware. `timezone` is the IANA name of the zone to plan in; without it, the
    zone of `starts_at` is used if it has a name. `recurrence` is a rule of RFC 5545, such as
    `FREQ=WEEKLY;COUNT=10`, for a series that begins at `starts_at`. With `approval`, registrations
    wait until the host approves them. `entry` takes one rule or several. `people` are
    those who may enter, where a vendor takes them with the room. `template` is a template or its
    id. Raises `InvalidRequest` that names the field for an invalid value.
    """

    name: str | None = field(default=None, validator=_string)
    kind: RoomKind | None = field(default=None, converter=_kind)
    starts_at: datetime | None = field(default=None, validator=_moment)
    duration: timedelta | None = field(default=None, validator=_length)
    timezone: str | None = field(default=None, validator=[_string, _zone])
    permanent: bool | None = field(default=None, validator=_boolean)
    recurrence: str | None = field(default=None, validator=[_string, _rule])
    entry: tuple[EntryRule, ...] | None = field(default=None, converter=_entry_or_none)
    description: str | None = field(default=None, validator=_string)
    registration: bool | None = field(default=None, validator=_boolean)
    approval: bool | None = field(default=None, validator=_boolean)
    waiting_room: bool | None = field(default=None, validator=_boolean)
    capacity: int | None = field(
        default=None, validator=[_require_type(int, "a number"), _positive]
    )
    settings: RoomSettings | None = field(
        default=None, validator=_require_type(RoomSettings, "RoomSettings(...)")
    )
    host: Person | None = field(default=None, converter=_with_address, validator=_person)
    people: tuple[Invitee, ...] | None = field(default=None, converter=_invitees)
    template: str | None = field(default=None, converter=_template, validator=_string)
    status: RoomStatus | None = field(default=None, converter=_status)
    native: Mapping[str, Any] = field(
        factory=dict[str, Any],
        validator=_mapping,
        eq=False,
        repr=False,
    )

    def set_fields(self) -> frozenset[str]:
        """Return the names of the fields that are not None; those of `settings` as `settings.<name>`."""
        names = {name for name in _FIELDS if getattr(self, name) is not None} - {"native"}
        if self.settings is not None:
            names.remove("settings")
            names |= {f"settings.{name}" for name in _set_settings(self.settings)}
        return frozenset(names)


_FIELDS = tuple(attribute.name for attribute in fields(RoomDraft))


def _set_settings(settings: RoomSettings) -> set[str]:
    attributes = cast("tuple[Attribute[Any], ...]", fields(RoomSettings))
    names = (attribute.name for attribute in attributes)
    return {name for name in names if getattr(settings, name) is not None}


@frozen(kw_only=True)
class RegistrationDraft:
    """A person to register, and whether the vendor should mail a confirmation, in which language.

    `fields` are the answers to the registration form under the vendor's own keys.
    """

    person: Person = field(converter=_to_contact, validator=_person)
    fields: Mapping[str, str] = field(factory=dict[str, str], validator=_mapping)
    confirmation: bool | None = field(default=None, validator=_boolean)
    language: str | None = field(default=None, validator=_string)
    native: Mapping[str, Any] = field(
        factory=dict[str, Any], validator=_mapping, eq=False, repr=False
    )


@frozen(kw_only=True)
class SessionDraft:
    """The host and the title of a session to start, and how others may enter it."""

    host: Person = field(converter=_to_host, validator=_person)
    title: str | None = field(default=None, validator=_string)
    entry: tuple[EntryRule, ...] | None = field(default=None, converter=_entry_or_none)
    native: Mapping[str, Any] = field(
        factory=dict[str, Any], validator=_mapping, eq=False, repr=False
    )


@frozen(kw_only=True)
class Invitation:
    """The people whom the vendor should invite by e-mail, their role and the language."""

    people: tuple[Person, ...] = field(converter=_to_contacts, validator=_has_emails)
    role: Role = Role.ATTENDEE
    language: str | None = field(default=None, validator=_string)
    native: Mapping[str, Any] = field(
        factory=dict[str, Any], validator=_mapping, eq=False, repr=False
    )
