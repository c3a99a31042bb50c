"""People over several sessions, and how many at a time, against a brute-force grid of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from conferencing import (
    Attendance,
    Headcount,
    MatchedBy,
    MergedBy,
    Participant,
    PersonAttendance,
    Segment,
    Session,
)
from conferencing.attendance import concurrency, group_by_person, match, merge, no_shows, peak

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = [UTC, WARSAW, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")]
# Sessions begin an hour before midnight in Warsaw, on the days before and after the clocks go back,
# and on an evening before they go forward.
STARTS = [
    datetime(2026, 10, 24, 23, tzinfo=WARSAW).astimezone(UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=WARSAW).astimezone(UTC),
    datetime(2027, 3, 28, 1, tzinfo=WARSAW).astimezone(UTC),
]
GRID = range(200)

minute = st.integers(0, 150)
stay = st.tuples(minute, st.integers(-5, 45)).map(lambda pair: (pair[0], pair[0] + pair[1]))
zone = st.sampled_from(ZONES)
people = st.sampled_from(["ann", "bob", "eve"])
devices = st.lists(
    st.tuples(people, st.integers(0, 2), st.lists(stay, max_size=4), zone), max_size=10
)
"""Each device: its owner, session and times, and the zone of those times."""


@given(devices)
def test_duration_counts_minutes_of_any_device(devices) -> None:
    people = group_by_person(merge(records(devices), by=[MergedBy.EMAIL]))
    grid = minutes_of(devices)
    assert {person.email.casefold() for person in people} == {email(who) for who, *_ in devices}
    for person in people:
        complete = all(record.segments for record in person.records)
        present = timedelta(minutes=len(moments_of(person.email.casefold(), grid)))
        assert (person.duration, person.known_duration) == (present if complete else None, present)


@given(devices)
def test_unmerged_devices_count_once(devices) -> None:
    whole = [device for device in devices if device[2]]
    grid = minutes_of(whole)
    for person in group_by_person(records(whole)):
        present = len(moments_of(person.email.casefold(), grid))
        assert person.duration == timedelta(minutes=present)


@given(devices, st.randoms(use_true_random=False))
def test_people_do_not_depend_on_row_order(devices, random) -> None:
    rows = records(devices)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert grouped(group_by_person(rows)) == grouped(group_by_person(shuffled))


@given(devices)
@example([("ann", 0, [(0, 0)], UTC), ("ann", 0, [(10, 5)], UTC)])
def test_steps_count_records_per_minute(devices) -> None:
    in_first = [(who, 0, stays, zone) for who, _, stays, zone in devices]
    steps = concurrency(merge(records(in_first), by=[MergedBy.EMAIL]))
    grid = minutes_of(in_first)
    for number in GRID:
        expected = sum(number in covered for covered in grid.values())
        assert present_at(steps, STARTS[0] + timedelta(minutes=number)) == expected


@given(devices)
def test_steps_are_ordered_changes_ending_at_zero(devices) -> None:
    steps = concurrency(records(devices))
    assert all(first.at < two.at and first.people != two.people for first, two in pairwise(steps))
    assert not steps or steps[-1].people == 0
    assert all(step.people >= 0 for step in steps)


@given(devices)
def test_peak_is_the_first_fullest_minute(devices) -> None:
    in_first = [(who, 0, stays, zone) for who, _, stays, zone in devices]
    top = peak(concurrency(merge(records(in_first), by=[MergedBy.EMAIL])))
    grid = minutes_of(in_first)
    full = [sum(number in covered for covered in grid.values()) for number in GRID]
    if not any(full):
        assert top is None
    else:
        assert top == Headcount(STARTS[0] + timedelta(minutes=full.index(max(full))), max(full))


@given(devices, zone)
def test_zone_of_times_changes_no_step(devices, zone) -> None:
    elsewhere = [(who, number, stays, zone) for who, number, stays, _ in devices]
    assert concurrency(records(devices)) == concurrency(records(elsewhere))


@given(st.lists(st.tuples(stay, st.sampled_from(["s1", "s2"]), st.sampled_from("xy"))))
def test_namesakes_stay_apart_by_default(rows) -> None:
    named = [
        Attendance(id=f"{n}", session_id=where, display_name="Kim", email=f"{who}@example.com", segments=(segment(*at),))
        for n, (at, where, who) in enumerate(rows)
    ]  # fmt: skip
    assert len(group_by_person(merge(named))) == len({who for _, _, who in rows})
    by_name = group_by_person(named, by=[MergedBy.NAME])
    assert len(by_name) == min(1, len(rows))
    assert all(
        person.grouped_by == (MergedBy.NAME,) for person in by_name if len(person.records) > 1
    )


@given(st.lists(st.tuples(people, st.integers(0, 2), st.one_of(st.none(), st.integers(0, 60)))))
def test_open_segment_has_unknown_duration(stays) -> None:
    rows = [
        Attendance(id=f"{n}", session_id=f"s{where}", email=email(who), segments=(ended(n, long),))
        for n, (who, where, long) in enumerate(stays)
    ]
    for person in group_by_person(merge(rows)):
        is_open = any(stay.left_at is None for row in person.records for stay in row.segments)
        assert (person.duration is None) == is_open
    complete = [record for record in rows if record.segments[0].left_at is not None]
    assert concurrency(rows) == concurrency(complete)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60)), min_size=1, max_size=4))
def test_truncated_times_err_by_under_a_minute(stays) -> None:
    exact = [(at, at + long) for at, long in stays]
    cut = [(int(joined), int(left)) for joined, left in exact]
    true = Attendance(id="1", segments=tuple(segment(*pair) for pair in exact)).duration
    truncated = Attendance(id="1", segments=tuple(segment(*pair) for pair in cut)).duration
    assert abs(truncated - true) < timedelta(minutes=len(stays), seconds=1)


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (datetime(2026, 10, 25, 1, 30, tzinfo=WARSAW), timedelta(hours=3)),  # 1:30 to 3:30
        (datetime(2027, 3, 28, 1, 30, tzinfo=WARSAW), timedelta(hours=1)),  # 1:30 to 3:30, too
        (datetime(2026, 12, 31, 23, tzinfo=WARSAW), timedelta(hours=2)),
    ],
)
def test_session_over_clock_change_keeps_length(start, length) -> None:
    end = (start.astimezone(UTC) + length).astimezone(WARSAW)
    session = Session(id="s", started_at=start, ended_at=end)
    record = Attendance(id="1", session_id="s", segments=(Segment(joined_at=start, left_at=end),))
    assert record.duration == length
    assert record.share_of(session) == 1.0
    assert concurrency([record]) == [Headcount(start, 1), Headcount(end, 0)]


def test_durations_without_times_are_not_added() -> None:
    half_hour = timedelta(minutes=30)
    rows = [
        Attendance(id=number, session_id="s", email="ann@example.com", reported_duration=half_hour)
        for number in "12"
    ]
    assert group_by_person(rows[:1])[0].duration == half_hour
    assert group_by_person(rows)[0].duration is None
    elsewhere = [rows[0], evolve(rows[1], session_id="t")]
    assert group_by_person(elsewhere)[0].duration == 2 * half_hour


def test_registration_unites_changed_names() -> None:
    registered = [Participant(id="p1", email="ann@example.com", name="Ann")]
    rows = match(
        [
            Attendance(id="1", session_id="s1", email="ANN@example.com ", display_name="Ann"),
            Attendance(id="2", session_id="s2", participant_id="p1", display_name="iPad"),
        ],
        registered,
    )
    (person,) = group_by_person(rows)
    assert (person.participant_id, person.matched_by) == ("p1", MatchedBy.EMAIL)
    assert person.grouped_by == (MergedBy.REGISTRATION,)
    assert person.display_name == "Ann"
    assert no_shows(rows, registered) == []


def test_anonymous_record_stays_apart() -> None:
    rows = [Attendance(id=number, session_id="s", display_name="Guest") for number in "123"]
    assert [len(person.records) for person in group_by_person(rows)] == [1, 1, 1]


@pytest.mark.parametrize("by", [MergedBy.EMAIL, MergedBy.NAME])
def test_blank_names_stay_apart(by) -> None:
    rows = [Attendance(id=number, session_id="s", email=" ", display_name=" _ ") for number in "12"]
    assert len(group_by_person(rows, by=[by])) == 2
    assert len(merge(rows, by=[by])) == 2


def records(
    devices: list[tuple[str, int, list[tuple[int, int]], tzinfo]],
) -> list[Attendance]:
    return [
        Attendance(
            id=f"{number}",
            session_id=f"s{where}",
            email=email(who).upper() if number % 2 else email(who),
            segments=tuple(segment(*stay, start=STARTS[where], zone=zone) for stay in stays),
        )
        for number, (who, where, stays, zone) in enumerate(devices)
    ]


def minutes_of(
    devices: list[tuple[str, int, list[tuple[int, int]], tzinfo]],
) -> dict[tuple[str, int], set[int]]:
    """Return the minutes of each person in each session, one by one."""
    grid = {(email(who), number): set() for who in ("ann", "bob", "eve") for number in range(3)}
    for who, where, stays, _ in devices:
        grid[email(who), where] |= {
            number for number in GRID for joined, left in stays if joined <= number < left
        }
    return grid


def moments_of(email: str, grid: dict[tuple[str, int], set[int]]) -> set[datetime]:
    """Return the minutes of a person in all sessions; where sessions overlap, once."""
    return {
        STARTS[session] + timedelta(minutes=minute)
        for (owner, session), minutes in grid.items()
        if owner == email
        for minute in minutes
    }


def present_at(steps: list[Headcount], at: datetime) -> int:
    return next((step.people for step in reversed(steps) if step.at <= at), 0)


def email(who: str) -> str:
    return f"{who}@example.com"


def segment(joined: float, left: float, start: datetime = STARTS[0], zone: tzinfo = UTC) -> Segment:
    return Segment(
        joined_at=(start + timedelta(minutes=joined)).astimezone(zone),
        left_at=(start + timedelta(minutes=left)).astimezone(zone),
    )


def ended(joined: int, long: int | None) -> Segment:
    whole = segment(joined, joined + (long or 0))
    return whole if long is not None else evolve(whole, left_at=None)


def grouped(people: list[PersonAttendance]) -> set[frozenset[str]]:
    return {frozenset(record.id for record in person.records) for person in people}
