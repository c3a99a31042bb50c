"""Who was there and for how long: the edge cases, one row each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from conferencing import (
    Attendance,
    MatchedBy,
    MergedBy,
    Participant,
    PersonAttendance,
    Role,
    Segment,
    Session,
)
from conferencing.attendance import match, merge, merge_segments, no_shows

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")

Stay = tuple[int, int | None]


@pytest.mark.parametrize(
    ("stays", "joined", "minutes"),
    [
        ([], [], None),
        ([(0, 30)], [(0, 30)], 30),
        ([(0, 10), (20, 30)], [(0, 10), (20, 30)], 20),
        ([(20, 30), (0, 10)], [(0, 10), (20, 30)], 20),
        ([(0, 30), (10, 40)], [(0, 40)], 40),
        ([(0, 30), (10, 20)], [(0, 30)], 30),
        ([(0, 30), (0, 30)], [(0, 30)], 30),
        ([(0, 10), (10, 20)], [(0, 20)], 20),
        ([(0, 10), (30, 40), (5, 35)], [(0, 40)], 40),
        ([(5, 5)], [(5, 5)], 0),
        ([(5, 5), (5, 5)], [(5, 5)], 0),
        ([(0, 30), (20, 10)], [(0, 30)], 30),
        ([(0, None)], [(0, None)], None),
        ([(0, 10), (5, None)], [(0, 10), (5, None)], None),
        ([(5, None), (0, 10), (8, 20)], [(0, 20), (5, None)], None),
        ([(0, None), (0, None)], [(0, None), (0, None)], None),
    ],
    ids=[
        "nobody",
        "one stay",
        "a gap does not count",
        "out of order",
        "two devices overlap",
        "one device inside the other's time",
        "the same row twice",
        "rejoined at once",
        "a bridge",
        "zero length",
        "zero length twice",
        "left before joined, inside another",
        "unknown leave",
        "one unknown leave of two",
        "unknown leave among overlaps",
        "unknown leave twice",
    ],
)
def test_duration_is_the_union_of_segments(stays, joined, minutes) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert merge_segments(segments(*stays)) == segments(*joined)
    assert present(*stays).duration == expected


@pytest.mark.parametrize(
    ("stays", "minutes"),
    [
        ([(0, 55), (55, None)], 55),
        ([(0, 10), (5, None), (20, 30)], 20),
        ([(0, None)], 0),
        ([(0, 30), (10, 40)], 40),
        ([], 0),
    ],
)
def test_known_duration_is_a_lower_bound(stays, minutes) -> None:
    assert present(*stays).known_duration == timedelta(minutes=minutes)


def test_reported_duration_is_known() -> None:
    half_hour = timedelta(minutes=30)
    record = Attendance(id="1", reported_duration=half_hour)
    assert record.known_duration == record.duration == half_hour


@pytest.mark.parametrize(
    ("stays", "share"),
    [
        ([(0, 60), (30, None)], 1.0),
        ([(30, 60), (40, None)], 0.5),
        ([(0, 30), (60, None)], 0.5),
        ([(0, 30), (90, None)], 0.5),
        ([(0, 50), (30, None)], None),
        ([(40, None), (45, 60)], None),
    ],
)
def test_share_is_known_if_other_stays_cover_the_rest(stays, share) -> None:
    session = Session(id="s", started_at=at(0), ended_at=at(60))
    assert present(*stays).share_of(session) == share
    assert present(*stays).duration is None


def test_sessions_that_overlap_count_once_per_person() -> None:
    first = evolve(present((0, 60)), session_id="a")
    second = evolve(present((30, 90)), session_id="b")
    assert PersonAttendance(records=(first, second)).duration == timedelta(minutes=90)
    unended = evolve(present((50, None)), session_id="c")
    person = PersonAttendance(records=(first, second, unended))
    assert (person.duration, person.known_duration) == (None, timedelta(minutes=90))


@pytest.mark.parametrize("stay", [(10, 5), (10, 10)])
def test_empty_segment_is_absorbed(stay) -> None:
    assert present(stay).duration == timedelta()
    assert merge_segments(segments(stay, (10, 20))) == segments((10, 20))
    assert len(merge_segments(segments(stay, (10, 10), stay))) == 1


@pytest.mark.parametrize(
    ("stays", "first", "last"),
    [
        ([], None, None),
        ([(20, 30), (0, 10)], 0, 30),
        ([(0, 40), (10, 20)], 0, 40),
        ([(0, 40), (10, None)], 0, None),
    ],
)
def test_first_and_last_are_of_all_segments(stays, first, last) -> None:
    record = present(*stays)
    assert record.joined_at == (None if first is None else at(first))
    assert record.left_at == (None if last is None else at(last))


@pytest.mark.parametrize(
    ("stays", "share"),
    [
        ([(0, 60)], 1.0),
        ([(-30, 90)], 1.0),
        ([(-30, 30)], 0.5),
        ([(45, 90)], 0.25),
        ([(0, 15), (30, 45)], 0.5),
        ([(0, 30), (15, 30)], 0.5),
        ([(-30, -10)], 0.0),
        ([(70, 80)], 0.0),
        ([(30, 20)], 0.0),
        ([(0, 30), (10, None)], None),
        ([], None),
    ],
)
def test_share_counts_time_inside_the_session(stays, share) -> None:
    session = Session(id="s", started_at=at(0), ended_at=at(60))
    assert present(*stays).share_of(session) == share


@pytest.mark.parametrize(
    "session",
    [
        Session(id="s"),
        Session(id="s", started_at=START),
        Session(id="s", ended_at=START),
        Session(id="s", started_at=START, ended_at=START),
        Session(id="s", started_at=START, ended_at=START - timedelta(hours=1)),
    ],
    ids=["no times", "still running", "no start", "no length", "ends before it starts"],
)
def test_share_without_session_length_is_none(session) -> None:
    assert present((0, 30)).share_of(session) is None


@pytest.mark.parametrize(
    ("joined", "left", "minutes"),
    [
        (datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 2, 30, fold=1), 120),  # noqa: DTZ001
        (datetime(2026, 10, 25, 2, 50), datetime(2026, 10, 25, 2, 10, fold=1), 20),  # noqa: DTZ001
        (datetime(2027, 3, 28, 1, 30), datetime(2027, 3, 28, 3, 30), 60),  # noqa: DTZ001
    ],
    ids=["back, an hour twice", "back, left earlier by the wall clock", "forward"],
)
def test_segment_over_clock_change_has_real_length(joined, left, minutes) -> None:
    stay = Segment(joined_at=joined.replace(tzinfo=WARSAW), left_at=left.replace(tzinfo=WARSAW))
    record = Attendance(id="1", segments=(stay,))
    assert record.duration == stay.duration == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        ("a:x b:y", "a b"),
        ("a:x a:x", "aa:id,email"),
        ("a a", "aa:id"),
        ("a:x b:X", "ab:email"),
        ("a:x b: a", "aa:id b"),
        ("a:x b:y c:x b:z d:z", "ac:email bbd:id,email"),
        ("a:x b:y a:y", "aba:id,email"),
        ("a b:x c:y a:x b:y", "aabbc:id,email"),
    ],
    ids=[
        "two people",
        "a rejoin",
        "a rejoin without an e-mail",
        "two devices, one e-mail in two spellings",
        "no e-mail is no common e-mail",
        "two people on several devices",
        "a row that belongs to two groups joins them",
        "a chain over ids and e-mails",
    ],
)
def test_rows_of_a_person_are_merged(rows, groups) -> None:
    merged = merge(row(word, minute) for minute, word in enumerate(rows.split()))
    ids = "".join(word[0] for word in rows.split())
    letters = [
        "".join(sorted(ids[stay.joined_at.minute] for stay in record.segments))
        + (":" + ",".join(record.merged_by) if record.merged_by else "")
        for record in merged
    ]
    assert letters == [sort_letters(group) for group in groups.split()]
    assert sum(len(record.segments) for record in merged) == len(rows.split())


def test_row_sent_twice_is_one_stay() -> None:
    stay = Attendance(id="1", segments=segments((0, 10)))
    [merged] = merge([stay, stay, Attendance(id="1", segments=segments((5, 15)))])
    assert merged.segments == segments((0, 10), (5, 15))


def test_namesakes_are_merged_on_request_only() -> None:
    rows = [
        Attendance(id="1", session_id="s", display_name="Ann Lee"),
        Attendance(id="2", session_id="s", display_name="ANN lee"),
    ]
    assert merge(rows) == rows
    [merged] = merge(rows, by=[MergedBy.NAME])
    assert merged.display_name == "Ann Lee"
    assert merged.merged_by == (MergedBy.NAME,)


def test_different_sessions_are_never_merged() -> None:
    rows = [
        Attendance(id="1", session_id=session_id, email="ann@example.com")
        for session_id in ("s1", "s2", "s1")
    ]
    assert [record.session_id for record in merge(rows)] == ["s1", "s2"]


def test_merged_record_keeps_known_values() -> None:
    rows = [
        Attendance(id="1", display_name="Ann", role=Role.GUEST, segments=segments((20, 30))),
        Attendance(id="1", display_name="Anna", role=Role.UNKNOWN, segments=segments((0, None))),
        Attendance(
            id="1",
            email="ann@example.com",
            role=Role.PRESENTER,
            participant_id="p-1",
            matched_by=MatchedBy.REGISTRATION,
        ),
    ]
    [merged] = merge(rows)
    assert (merged.display_name, merged.email, merged.role) == (
        "Ann",
        "ann@example.com",
        Role.PRESENTER,
    )
    assert merged.segments == segments((0, None), (20, 30))
    assert (merged.participant_id, merged.matched_by) == ("p-1", MatchedBy.REGISTRATION)


def test_record_is_matched_by_email() -> None:
    people = [
        Participant(id="p-1", email="Ann@Example.com"),
        Participant(id="p-2", email="two@example.com"),
        Participant(id="p-3", email="TWO@example.com"),
        Participant(id=None, email="noid@example.com"),
        Participant(id="p-4", name="Zoë"),
    ]
    emails = [" ann@example.COM", "two@example.com", "noid@example.com", "no@example.com", None]
    records = [Attendance(id=str(key), email=email) for key, email in enumerate(emails)]
    linked = match([*records, Attendance(id="z", display_name="Zoë")], people)
    assert [record.participant_id for record in linked] == ["p-1", None, None, None, None, None]
    assert [record.matched_by for record in linked] == [*[MatchedBy.EMAIL] * 3, None, None, None]


def test_vendor_link_is_kept() -> None:
    record = Attendance(
        id="1",
        email="ann@example.com",
        participant_id="p-9",
        matched_by=MatchedBy.REGISTRATION,
    )
    assert match([record], [Participant(id="p-1", email="ann@example.com")]) == [record]


def test_no_shows_are_absent_registrations() -> None:
    present, by_key, absent, nameless = people = [
        Participant(id="p-1", email="Ann@Example.com"),
        Participant(id="p-2", email="old@example.com"),
        Participant(id="p-3", email="absent@example.com"),
        Participant(id=None, name="Zoë"),
    ]
    records = [
        Attendance(id="1", email="ann@example.com"),
        Attendance(id="2", email="new@example.com", participant_id="p-2"),
        Attendance(id="3", display_name="Zoë"),
    ]
    assert no_shows(iter(records), iter(people)) == [absent, nameless]
    assert no_shows([], people) == [present, by_key, absent, nameless]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def segments(*stays: Stay) -> tuple[Segment, ...]:
    return tuple(
        Segment(joined_at=at(joined), left_at=None if left is None else at(left))
        for joined, left in stays
    )


def present(*stays: Stay) -> Attendance:
    return Attendance(id="1", segments=segments(*stays))


def row(word: str, minute: int) -> Attendance:
    """Read `id` or `id:mailbox`; the segment of each row begins in a minute of its own."""
    key, _, mailbox = word.partition(":")
    email = f"{mailbox}@example.com" if mailbox else None
    return Attendance(id=key, session_id="s", email=email, segments=segments((minute, minute + 1)))


def sort_letters(group: str) -> str:
    letters, colon, reasons = group.partition(":")
    return "".join(sorted(letters)) + colon + reasons
