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
    member
    for module in (people, rooms, sessions, attendance)
    for name in module.__all__
    if isinstance(member := getattr(module, name), type) and attrs.has(member)
]
ENUMS = [
    member
    for module in (people, rooms, sessions, attendance)
    for name in module.__all__
    if isinstance(member := getattr(module, name), type) and issubclass(member, StrEnum)
]
POSITIONAL = {"Passcode", "SignIn"}  # their one telling value comes first
WITH_NATIVE = [kind for kind in CLASSES if "native" in attrs.fields_dict(kind)]

every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def test_tables_cover_the_model() -> None:
    assert {"Room", "JoinLink", "Attendance", "Segment", "Anyone", "SignIn"} <= {
        cls.__name__ for cls in CLASSES
    }
    assert len(CLASSES) == 22


@every_class
def test_value_is_immutable(cls: type) -> None:
    value = full(cls)
    for field in attrs.fields(cls):
        with pytest.raises(AttributeError):
            setattr(value, field.name, None)
        with pytest.raises(AttributeError):
            delattr(value, field.name)
    with pytest.raises(AttributeError):
        value.surely_not_a_field = 1


@every_class
def test_value_takes_keywords_only(cls: type) -> None:
    arguments = ["google"] * (2 if cls.__name__ in POSITIONAL else 1)
    with pytest.raises(TypeError, match="positional"):
        cls(*arguments)


@every_class
def test_value_has_no_dictionary(cls: type) -> None:
    assert not hasattr(full(cls), "__dict__")


@every_class
def test_value_is_pickled_in_every_protocol(cls: type) -> None:
    value = full(cls)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(value, protocol))
        assert type(copied) is cls
        assert plain(copied) == plain(value)


@every_class
def test_equal_fields_make_equal_values(cls: type) -> None:
    assert full(cls) == full(cls)
    assert hash(full(cls)) == hash(full(cls))


@every_class
def test_values_differ_by_any_field(cls: type) -> None:
    value = full(cls)
    for field in attrs.fields(cls):
        if field.name != "native":
            other = attrs.evolve(value, **{field.alias: sample(cls, field.alias, variant=1)})
            assert other != value, field.name


@pytest.mark.parametrize("cls", WITH_NATIVE, ids=lambda cls: cls.__name__)
def test_native_does_not_count_in_equality(cls: type) -> None:
    other = attrs.evolve(full(cls), native=Native({"something": "else"}))
    assert other == full(cls)
    assert hash(other) == hash(full(cls))
    assert other.native["something"] == "else"


@every_class
def test_repr_is_a_short_line(cls: type) -> None:
    shown = repr(full(cls))
    assert shown.startswith(f"{cls.__name__}(")
    assert len(shown) < 300
    assert "\n" not in shown


@pytest.mark.parametrize("cls", WITH_NATIVE, ids=lambda cls: cls.__name__)
def test_repr_hides_addresses_and_native(cls: type) -> None:
    shown = repr(full(cls))
    assert "email" not in shown
    assert "native" not in shown


@pytest.mark.parametrize("enum", [enum for enum in ENUMS if hasattr(enum, "UNKNOWN")])
def test_vendor_enumerations_have_unknown(
    enum: type[StrEnum],
) -> None:
    assert enum("unknown") is enum.UNKNOWN
    assert pickle.loads(pickle.dumps(enum.UNKNOWN)) is enum.UNKNOWN


def test_room_may_have_only_an_id() -> None:
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
def test_display_name_falls_back_to_first_and_last(person: Person, shown: str | None) -> None:
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
def test_end_over_clock_change_is_an_instant(
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
def test_end_without_start_or_duration_is_none(room: Room) -> None:
    assert room.ends_at is None


def test_session_over_clock_change_has_real_length() -> None:
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
    return cls(**{field.alias: sample(cls, field.alias, variant) for field in attrs.fields(cls)})


def sample(cls: type, alias: str, variant: int = 0) -> Any:
    name = next(field.name for field in attrs.fields(cls) if field.alias == alias)
    return _of(get_type_hints(cls)[name], name, variant)


def _of(hint: Any, name: str, variant: int) -> Any:
    if hint == EntryRule:
        hint = people.Passcode
    if get_origin(hint) in {Union, UnionType}:
        hint = next(get_arg for get_arg in get_args(hint) if get_arg is not NoneType)
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


@pytest.mark.parametrize(
    ("participant", "shown"),
    [
        (Participant(id="7", email="ann@x.org"), "Participant(id='7')"),
        (
            Participant(room_id="r", email="ann@x.org"),
            "Participant(a***@x.org, room_id='r')",
        ),
        (Participant(room_id="r"), "Participant(room_id='r')"),
        (Participant(email="ann"), "Participant()"),
    ],
)
def test_participant_repr_begins_with_who_it_is(participant: Participant, shown: str) -> None:
    assert repr(participant) == shown


@every_class
def test_html_hides_links_and_native(cls: type) -> None:
    render = getattr(full(cls), "_repr_html_", None)
    if render is not None:
        html = render()
        assert html.startswith(f"<table><caption>{cls.__name__}</caption>")
        assert "https:" not in html
        assert "<th>native</th>" not in html


def test_html_is_escaped_and_leaves_out_what_is_not_set() -> None:
    assert Room(id="1", name="<b>&", capacity=0)._repr_html_() == (
        "<table><caption>Room</caption><tr><th>id</th><td>1</td></tr>"
        "<tr><th>name</th><td>&lt;b&gt;&amp;</td></tr><tr><th>kind</th><td>unknown</td></tr>"
        "<tr><th>status</th><td>unknown</td></tr><tr><th>capacity</th><td>0</td></tr></table>"
    )
