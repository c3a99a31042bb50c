"""Fast constructors: they make the same frozen values as the classes."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from attrs import Factory, define, evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from conferencing import Attendance, Participant, Room, RoomKind, Segment, Session
from conferencing.model.fast import fast_constructor

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
VALUES: list[tuple[type[Any], dict[str, Any]]] = [
    (Segment, {"joined_at": NOON}),
    (Attendance, {"id": "7", "segments": (Segment(joined_at=NOON),)}),
    (Attendance, {"id": "7", "session_id": "1:2", "display_name": "Ann", "email": "ann@a.example"}),
    (Participant, {"id": "3", "email": "ann@a.example"}),
    (Room, {"id": "8", "kind": RoomKind.WEBINAR}),
    (Session, {"id": "4", "started_at": NOON}),
]


@pytest.mark.parametrize(("kind", "fields"), VALUES)
def test_fast_constructor_equals_the_class(kind, fields) -> None:
    fast, usual = fast_constructor(kind)(**fields), kind(**fields)
    assert fast.__class__ is kind
    assert (fast, repr(fast)) == (usual, repr(usual))
    assert attrs.asdict(fast, recurse=False) == attrs.asdict(usual, recurse=False)
    assert pickle.loads(pickle.dumps(fast)) == usual
    assert evolve(fast) == usual


@pytest.mark.parametrize(("kind", "fields"), VALUES)
def test_fast_value_is_frozen(kind, fields) -> None:
    fast = fast_constructor(kind)(**fields)
    name = attrs.fields(kind)[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(fast, name, "other")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        delattr(fast, name)
    with pytest.raises(AttributeError):
        fast.other = 1


@given(st.fixed_dictionaries({"id": st.text()}, optional={"email": st.none() | st.text()}))
def test_fast_value_keeps_any_text(fields) -> None:
    fast: Any = fast_constructor(Attendance)(**fields)
    assert fast == Attendance(**fields)
    assert hash(fast) == hash(Attendance(**fields))


@pytest.mark.parametrize("fields", [{}, {"id": "7", "idd": "8"}])
def test_fast_constructor_refuses_wrong_arguments(fields) -> None:
    with pytest.raises(TypeError):
        fast_constructor(Attendance)(**fields)


@frozen
class Checked:
    value: int = field(validator=attrs.validators.instance_of(int))


@frozen
class Converted:
    value: int = field(converter=int)


@frozen
class OfItself:
    value: int
    more: int = field(default=Factory(lambda self: self.value + 1, takes_self=True))


@frozen(slots=False)
class Loose:
    value: int


@define
class Busy:
    value: int

    def __attrs_post_init__(self) -> None:
        self.value += 1


@pytest.mark.parametrize("kind", [Checked, Converted, OfItself, Loose, Busy])
def test_class_with_logic_is_refused(kind) -> None:
    with pytest.raises(TypeError, match="more than store"):
        fast_constructor(kind)


def test_factory_default_is_not_shared() -> None:
    make = fast_constructor(Participant)
    first, other = make(id="1"), make(id="1")
    assert first.fields == {} == other.fields
    assert first.fields is not other.fields
