"""Attendance against a brute-force grid of minutes and a brute-force search for groups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from conferencing import Attendance, MergedBy, Segment, Session
from conferencing.attendance import merge, merge_segments

START = datetime(2026, 10, 25, 0, tzinfo=UTC)  # an hour before Warsaw's clocks go back
ZONES = [UTC, ZoneInfo("Europe/Warsaw"), timezone(timedelta(hours=5, minutes=30))]
MINUTES = range(170)

minute = st.integers(0, 120)
stay = st.builds(lambda at, long: (at, at + long), minute, st.integers(-10, 40))
stays = st.lists(stay)
zone = st.sampled_from(ZONES)
spans = st.tuples(minute, st.integers(1, 60)).map(lambda span: (span[0], span[0] + span[1]))
row = st.builds(
    Attendance,
    id=st.sampled_from("abcd"),
    session_id=st.sampled_from(["s1", "s2"]),
    email=st.sampled_from([None, "x@example.com", "X@Example.com", "y@example.com", "z@e.com"]),
    display_name=st.sampled_from([None, "Ann", "ANN", "Zoë"]),
)
rows = st.lists(row, max_size=12).map(
    lambda rows: [evolve(row, segments=(seg(n, n + 1),)) for n, row in enumerate(rows)]
)
reasons = st.sampled_from(
    [[], *([reason] for reason in MergedBy), list(MergedBy)[:2], list(MergedBy)]
)


@given(stays)
def test_duration_is_the_minutes_covered(stays) -> None:
    record = Attendance(id="1", segments=segments(stays))
    expected = timedelta(minutes=len(covered(stays))) if stays else None
    assert record.duration == expected


@given(stays, spans)
def test_share_is_the_part_of_session_minutes(stays, span) -> None:
    session = Session(id="s", started_at=at(span[0]), ended_at=at(span[1]))
    share = Attendance(id="1", segments=segments(stays)).share_of(session)
    if not stays:
        assert share is None
    else:
        inside = covered(stays) & set(range(*span))
        assert share == len(inside) / (span[1] - span[0])


@given(stays)
def test_union_is_ordered_and_disjoint(stays) -> None:
    joined = merge_segments(segments(stays))
    for earlier, later in pairwise(joined):
        assert max(earlier.joined_at, earlier.left_at or START) < later.joined_at


@given(stays, st.lists(minute, max_size=3), st.randoms(use_true_random=False))
@example([(0, 0), (0, -1)], [], Random(0))
def test_union_is_idempotent_in_any_order(stays, unended, random) -> None:
    given_stays = [*segments(stays), *(Segment(joined_at=at(segment)) for segment in unended)]
    joined = merge_segments(given_stays)
    assert merge_segments(joined) == joined
    assert merge_segments(reversed(given_stays)) == joined
    random.shuffle(given_stays)
    assert merge_segments(given_stays) == joined
    assert sum(segment.left_at is None for segment in joined) == len(unended)


@given(st.lists(st.tuples(stay, zone)), spans, zone)
def test_zones_of_instants_change_nothing(stays, span, zone) -> None:
    plain = segments([stay for stay, _ in stays])
    converted = tuple(
        Segment(
            joined_at=segment.joined_at.astimezone(zone), left_at=segment.left_at.astimezone(zone)
        )
        for segment, (_, zone) in zip(plain, stays, strict=True)
    )
    session = Session(id="s", started_at=at(span[0]), ended_at=at(span[1]))
    local = Session(
        id="s",
        started_at=session.started_at.astimezone(zone),
        ended_at=session.ended_at.astimezone(zone),
    )
    plain_record, same = Attendance(id="1", segments=plain), Attendance(id="1", segments=converted)
    assert same.duration == plain_record.duration
    assert same.share_of(local) == plain_record.share_of(session)
    for edge in ("joined_at", "left_at"):
        assert stamp(getattr(same, edge)) == stamp(getattr(plain_record, edge))


@given(rows, reasons)
def test_merge_equals_search_of_all_pairs(rows, by) -> None:
    assert grouped(merge(rows, by)) == components(rows, by)


@given(rows.flatmap(lambda table: st.tuples(st.just(table), st.permutations(table))), reasons)
def test_merge_does_not_depend_on_order(both, by) -> None:
    rows, shuffled = both
    assert grouped(merge(rows, by)) == grouped(merge(shuffled, by))


@given(rows)
def test_merge_is_idempotent(rows) -> None:
    by_all = list(MergedBy)
    assert grouped(merge(merge(rows, by_all), by_all)) == grouped(merge(rows, by_all))


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def stamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def seg(joined: int, left: int) -> Segment:
    return Segment(joined_at=at(joined), left_at=at(left))


def segments(stays: list[tuple[int, int]]) -> tuple[Segment, ...]:
    return tuple(seg(*stay) for stay in stays)


def covered(stays: list[tuple[int, int]]) -> set[int]:
    return {minute for minute in MINUTES for joined, left in stays if joined <= minute < left}


def grouped(records: list[Attendance]) -> set[frozenset[datetime]]:
    """Tell each record by the beginnings of its segments: each row had one of its own."""
    return {frozenset(stay.joined_at for stay in record.segments) for record in records}


def components(rows: list[Attendance], by: list[MergedBy]) -> set[frozenset[datetime]]:
    groups = [{number} for number in range(len(rows))]
    for first, row in enumerate(rows):
        for second, other in enumerate(rows):
            if same(row, other, by):
                home, away = groups[first], groups[second]
                home |= away
                groups = [home if group & away else group for group in groups]
    return {frozenset(rows[n].segments[0].joined_at for n in group) for group in groups}


def same(first: Attendance, other: Attendance, by: list[MergedBy]) -> bool:
    pairs = {
        MergedBy.REGISTRATION: (first.participant_id, other.participant_id),
        MergedBy.ID: (first.id, other.id),
        MergedBy.EMAIL: (first.email, other.email),
        MergedBy.NAME: (first.display_name, other.display_name),
    }
    alike = any(a and b and a.casefold() == b.casefold() for a, b in (pairs[key] for key in by))
    return first.session_id == other.session_id and alike
