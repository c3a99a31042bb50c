"""Changed replies, and whether a value that was read had been sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from attrs import evolve

from conferencing import Attendance, Person, Room, Segment, Session
from conferencing.testing.evidence import Evidence, less_known
from conferencing.testing.mutation import add_keys, format_place, leaves, mutate, remove, replace

DOCUMENT = {"a": [1, {"b": "x"}], "c": None}
ROOM = Room(id="5", name="Launch", duration=timedelta(hours=1))
MOMENT = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


def test_leaves_have_places() -> None:
    assert dict(leaves(DOCUMENT)) == {("a", 0): 1, ("a", 1, "b"): "x", ("c",): None}
    assert format_place(("a", 1, "b")) == "$.a[1].b"


def test_changes_leave_document_alone() -> None:
    assert replace(DOCUMENT, ("a", 1, "b"), 7) == {"a": [1, {"b": 7}], "c": None}
    assert remove(DOCUMENT, ("a", 1, "b")) == {"a": [1, {}], "c": None}
    assert add_keys({"a": [{}]}).keys() == {"a", "brand_new"}
    assert DOCUMENT == {"a": [1, {"b": "x"}], "c": None}


def test_mutations_repeat_by_seed() -> None:
    body = json.dumps({"rooms": [{"id": 1, "name": "x"}] * 3}).encode()
    first = [mutate(body, Random(number)) for number in range(200)]
    assert first == [mutate(body, Random(number)) for number in range(200)]
    assert sum(change.body != body for change in first) > 190
    assert 0 < sum(change.opaque for change in first) < 40


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        (ROOM, None),
        (evolve(ROOM, duration=None, name=""), None),
        (evolve(ROOM, duration=timedelta()), ".duration: expected"),
        (evolve(ROOM, name="Other"), ".name: expected"),
        (Session(id="5"), "expected Room"),
    ],
)
def test_less_known_allows_unknown_only(actual: object, problem: str | None) -> None:
    problems = list(less_known(actual, ROOM))
    assert (problem in problems[0]) if problem else (problems == [])


def test_less_known_list_may_lose_items() -> None:
    other = evolve(ROOM, id="6", name="Demo")
    assert list(less_known([other], [ROOM, other])) == []
    assert list(less_known([evolve(other, name="Made up")], [ROOM, other])) != []


def test_zero_segment_is_not_less_known() -> None:
    stay = Attendance(id="1", segments=(Segment(joined_at=MOMENT, left_at=MOMENT + timedelta(1)),))
    open_end = evolve(stay, segments=(Segment(joined_at=MOMENT),))
    zero = evolve(stay, segments=(Segment(joined_at=MOMENT, left_at=MOMENT),))
    assert list(less_known(open_end, stay)) == []
    assert list(less_known(zero, stay)) != []


BODIES = [json.dumps({"id": 5, "name": "A &amp; B", "at": 1790848800, "on": "1"}).encode()]


@pytest.mark.parametrize(
    ("model", "made_up"),
    [
        (Room(id="5", name="A & B", registration=True), []),
        (Room(id="5", name="A & B", created_at=datetime.fromtimestamp(1790848800, UTC)), []),
        (Room(id="66", name="A & B"), ["id"]),
        (Room(id="5", name="C"), ["name"]),
        (Room(id="5", name="A & B", created_at=MOMENT.replace(year=1999)), ["created_at"]),
    ],
)
def test_evidence_finds_made_up_values(model: Room, made_up: list[str]) -> None:
    evidence = Evidence(Person(), BODIES)
    assert [name for name, _, _ in evidence.find_unexplained(model, [])] == made_up


def test_evidence_accepts_values_put_in() -> None:
    evidence = Evidence(Person(), BODIES)
    assert evidence.find_unexplained(Room(id="5", name="C"), ["C"]) == []
    assert evidence.find_unexplained(Room(id="7", name=""), [{"deep": [7]}]) == []
