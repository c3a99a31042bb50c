"""Makers: the same frozen values as their classes make."""

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
def test_fast_constructor_equals_the_class(kind: type[Any], fields: dict[str, Any]) -> None:
    made, called = fast_constructor(kind)(**fields), kind(**fields)
    assert made.__class__ is kind
    assert (made, repr(made)) == (called, repr(called))
    assert attrs.asdict(made, recurse=False) == attrs.asdict(called, recurse=False)
    assert pickle.loads(pickle.dumps(made)) == called
    assert evolve(made) == called


@pytest.mark.parametrize(("kind", "fields"), VALUES)
def test_fast_value_is_frozen(kind: type[Any], fields: dict[str, Any]) -> None:
    made = fast_constructor(kind)(**fields)
    name = attrs.fields(kind)[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(made, name, "other")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        delattr(made, name)
    with pytest.raises(AttributeError):
        made.other = 1


@given(st.fixed_dictionaries({"id": st.text()}, optional={"email": st.none() | st.text()}))
def test_fast_value_keeps_any_text(fields: dict[str, Any]) -> None:
    made: Any = fast_constructor(Attendance)(**fields)
    assert made == Attendance(**fields)
    assert hash(made) == hash(Attendance(**fields))


@pytest.mark.parametrize("fields", [{}, {"id": "7", "idd": "8"}])
def test_fast_constructor_refuses_wrong_arguments(fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        fast_constructor(Attendance)(**fields)


@frozen
class Checked:
    it: int = field(validator=attrs.validators.instance_of(int))


@frozen
class Converted:
    it: int = field(converter=int)


@frozen
class OfItself:
    it: int
    more: int = field(default=Factory(lambda self: self.it + 1, takes_self=True))


@frozen(slots=False)
class Loose:
    it: int


@define
class Busy:
    it: int

    def __attrs_post_init__(self) -> None:
        self.it += 1


@pytest.mark.parametrize("kind", [Checked, Converted, OfItself, Loose, Busy])
def test_class_with_logic_is_refused(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match="more than keep"):
        fast_constructor(kind)


def test_factory_default_is_not_shared() -> None:
    make = fast_constructor(Participant)
    one, other = make(id="1"), make(id="1")
    assert one.fields == {} == other.fields
    assert one.fields is not other.fields
