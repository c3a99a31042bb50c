"""Every value of the model: immutable, keyword-only, slotted, picklable, equal without `native`."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import attrs
import pytest

from conferencing import EntryRule, Person, RoomKind
from conferencing.model import Participant, Room, Session, attendance, people, rooms, sessions
from conferencing.model.native import Native
from conferencing.model.secret import Secret

WARSAW = ZoneInfo("Europe/Warsaw")

CLASSES = [
    found
    for module in (people, rooms, sessions, attendance)
    for name in module.__all__
    if isinstance(found := getattr(module, name), type) and attrs.has(found)
]
ENUMS = [
    found
    for module in (people, rooms, sessions, attendance)
    for name in module.__all__
    if isinstance(found := getattr(module, name), type) and issubclass(found, StrEnum)
]
POSITIONAL = {"Passcode", "SignIn"}  # their one telling value comes first
WITH_NATIVE = [one for one in CLASSES if "native" in attrs.fields_dict(one)]

every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def test_the_tables_below_cover_the_model() -> None:
    assert {"Room", "JoinLink", "Attendance", "Segment", "Anyone", "SignIn"} <= {
        cls.__name__ for cls in CLASSES
    }
    assert len(CLASSES) == 22


@every_class
def test_a_value_never_changes(cls: type) -> None:
    value = full(cls)
    for field in attrs.fields(cls):
        with pytest.raises(AttributeError):
            setattr(value, field.name, None)
        with pytest.raises(AttributeError):
            delattr(value, field.name)
    with pytest.raises(AttributeError):
        value.surely_not_a_field = 1


@every_class
def test_a_value_is_made_by_keywords(cls: type) -> None:
    arguments = ["google"] * (2 if cls.__name__ in POSITIONAL else 1)
    with pytest.raises(TypeError, match="positional"):
        cls(*arguments)


@every_class
def test_a_value_has_slots_and_no_dictionary(cls: type) -> None:
    assert not hasattr(full(cls), "__dict__")


@every_class
def test_a_value_survives_pickling_in_every_protocol(cls: type) -> None:
    value = full(cls)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(value, protocol))
        assert type(copied) is cls
        assert plain(copied) == plain(value)


@every_class
def test_values_with_equal_fields_are_equal(cls: type) -> None:
    assert full(cls) == full(cls)
    assert hash(full(cls)) == hash(full(cls))


@every_class
def test_values_that_differ_in_any_one_field_are_not_equal(cls: type) -> None:
    for field in attrs.fields(cls):
        if field.name != "native":
            other = attrs.evolve(full(cls), **{field.alias: sample(cls, field.alias, variant=1)})
            assert other != full(cls), field.name


@pytest.mark.parametrize("cls", WITH_NATIVE, ids=lambda cls: cls.__name__)
def test_what_the_vendor_says_beside_the_model_does_not_count_in_equality(cls: type) -> None:
    other = attrs.evolve(full(cls), native=Native({"something": "else"}))
    assert other == full(cls)
    assert hash(other) == hash(full(cls))
    assert other.native["something"] == "else"


@every_class
def test_a_repr_is_one_short_line(cls: type) -> None:
    shown = repr(full(cls))
    assert shown.startswith(f"{cls.__name__}(")
    assert len(shown) < 300
    assert "\n" not in shown


@pytest.mark.parametrize("cls", WITH_NATIVE, ids=lambda cls: cls.__name__)
def test_a_repr_tells_neither_mail_addresses_nor_native(cls: type) -> None:
    shown = repr(full(cls))
    assert "email" not in shown
    assert "native" not in shown


@pytest.mark.parametrize("enum", [enum for enum in ENUMS if hasattr(enum, "UNKNOWN")])
def test_unknown_is_a_word_of_its_own_in_each_enumeration_that_vendors_fill(
    enum: type[StrEnum],
) -> None:
    assert enum("unknown") is enum.UNKNOWN
    assert pickle.loads(pickle.dumps(enum.UNKNOWN)) is enum.UNKNOWN


def test_a_room_may_be_known_by_its_id_alone() -> None:
    room = Room(id="r-1")
    assert (room.name, room.kind, room.entry, dict(room.native)) == ("", RoomKind.UNKNOWN, None, {})
    assert repr(room) == "Room(id='r-1', name='', kind=unknown, status=unknown)"


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        (Person(), None),
        (Person(email="ann@example.com"), None),
        (Person(first_name="Ann"), "Ann"),
        (Person(last_name="Lee"), "Lee"),
        (Person(first_name="Ann", last_name="Lee"), "Ann Lee"),
        (Person(first_name="Ann", last_name="Lee", name="Annie"), "Annie"),
        (Person(first_name="", last_name=""), None),
    ],
)
def test_a_display_name_is_the_given_one_or_first_and_last(
    person: Person, shown: str | None
) -> None:
    assert person.display_name == shown
    assert Participant(**attrs.asdict(person)).display_name == shown
    assert Participant(**attrs.asdict(person)).person == person


@pytest.mark.parametrize(
    ("starts_at", "hours", "end"),
    [
        (datetime(2026, 10, 1, 8, tzinfo=UTC), 2, datetime(2026, 10, 1, 10, tzinfo=UTC)),
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=WARSAW),
            4,
            datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
        ),
        (datetime(2027, 3, 28, 1, 30, tzinfo=WARSAW), 2, datetime(2027, 3, 28, 2, 30, tzinfo=UTC)),
    ],
    ids=["utc", "clocks go back", "clocks go forward"],
)
def test_a_planned_end_is_an_instant_also_when_the_clocks_change(
    starts_at: datetime, hours: int, end: datetime
) -> None:
    assert Room(id="r", starts_at=starts_at, duration=timedelta(hours=hours)).ends_at == end


@pytest.mark.parametrize(
    "room",
    [
        Room(id="r"),
        Room(id="r", starts_at=datetime(2026, 10, 1, tzinfo=UTC)),
        Room(id="r", duration=timedelta(hours=1)),
    ],
)
def test_an_open_start_or_duration_leaves_the_end_open(room: Room) -> None:
    assert room.ends_at is None


def test_a_session_lasts_as_long_as_it_ran_also_when_the_clocks_change() -> None:
    session = Session(
        id="s",
        started_at=datetime(2026, 10, 25, 1, 30, tzinfo=WARSAW),
        ended_at=datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=WARSAW),
    )
    assert session.duration == timedelta(hours=2)
    assert Session(id="s", started_at=session.started_at).duration is None
    assert Session(id="s", ended_at=session.ended_at).duration is None


def full(cls: type, variant: int = 0) -> Any:
    """Return an instance with every field filled in; each variant differs from the others."""
    return cls(**{one.alias: sample(cls, one.alias, variant) for one in attrs.fields(cls)})


def sample(cls: type, alias: str, variant: int = 0) -> Any:
    name = next(one.name for one in attrs.fields(cls) if one.alias == alias)
    return _of(get_type_hints(cls)[name], name, variant)


def _of(hint: Any, name: str, variant: int) -> Any:
    if hint == EntryRule:
        hint = people.Passcode
    if get_origin(hint) in {Union, UnionType}:
        hint = next(one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        return (_of(get_args(hint)[0], name, variant),)
    if isinstance(hint, type) and attrs.has(hint):
        return full(hint, variant)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)[variant]
    text = f"https://example.com/{variant}" if name == "_url" else f"{name}-{variant}"
    return _plain_sample(get_origin(hint) or hint, text, variant)


def _plain_sample(kind: type, text: str, variant: int) -> Any:
    samples: dict[type, Any] = {
        str: text,
        Secret: text,
        Mapping: Native({"key": text}),
        bool: bool(variant),
        int: 7 + variant,
        datetime: datetime(2026, 10, 1 + variant, 8, tzinfo=UTC),
        timedelta: timedelta(hours=1 + variant),
    }
    return samples[kind]


def plain(value: Any) -> Any:
    """Return all fields, with every secret made the same: its value does not travel."""

    def told(_: object, __: object, part: Any) -> Any:
        return "secret" if isinstance(part, Secret) else part

    return attrs.asdict(value, value_serializer=told)
