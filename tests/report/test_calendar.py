"""Calendar files: read back, with the right hour everywhere and the same name each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from crowd import HOSTILE, ROOM, START
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from conferencing import InvalidRequest, JoinLink, Occurrence, Participant, Person, Room
from conferencing.calendar import Method, invitation

HOST = Person(email="host@example.com", name="Zoë Host")
ANN = Person(email="ann@example.com", first_name="Ann", last_name="Lee")
LINK = JoinLink(url="https://meet.example/j/abc?x=1,2;y", personal=True, person=ANN)


def test_an_invitation_says_when_where_and_who_asks_whom() -> None:
    event = only(invitation(ROOM, LINK, provider="clickmeeting", organizer=HOST, now=START))
    assert str(event["summary"]) == "Launch of the new things"
    assert event["dtstart"].dt == START.astimezone(ZoneInfo("Europe/Warsaw"))
    assert event["dtstart"].params["tzid"] == "Europe/Warsaw"
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(hours=1)
    assert event["dtstamp"].dt == START
    assert str(event["location"]) == str(event["url"]) == LINK.url
    assert LINK.url in str(event["description"])
    assert str(event["organizer"]) == "mailto:host@example.com"
    assert event["organizer"].params["cn"] == "Zoë Host"
    assert str(event["attendee"]) == "mailto:ann@example.com"
    assert event["attendee"].params["cn"] == "Ann Lee"
    assert event["attendee"].params["rsvp"] == "TRUE"
    assert str(event["status"]) == "CONFIRMED"
    assert str(event["class"]) == "PRIVATE"


def test_the_file_is_what_every_program_expects_on_the_wire() -> None:
    data = invitation(ROOM, LINK, provider="clickmeeting", organizer=HOST)
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert b"VERSION:2.0" in lines
    assert b"METHOD:REQUEST" in lines
    assert max(map(len, lines)) <= 75
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"name": "Other", "starts_at": START + timedelta(days=1)}, True),
        ({"id": "r2"}, False),
    ],
)
def test_a_later_file_of_the_same_room_replaces_the_earlier(
    changes: dict[str, Any], same: bool
) -> None:
    before = only(invitation(ROOM, provider="clickmeeting", account="main"))
    after = only(invitation(evolve(ROOM, **changes), provider="clickmeeting", account="main"))
    assert (before["uid"] == after["uid"]) is same


def test_no_two_rooms_of_different_accounts_have_one_name() -> None:
    names = {
        str(only(invitation(evolve(ROOM, id=room), provider=provider, account=account))["uid"])
        for room in ("1", "11", '1","1')
        for account in ("", "1", "a")
        for provider in ("a", "a1", "b")
    }
    assert len(names) == 27
    assert all("@" in name for name in names)


def test_the_sequence_grows_with_each_change_of_the_room() -> None:
    rooms = [evolve(ROOM, updated_at=START + timedelta(days=day)) for day in (0, 1, 365 * 60)]
    found = [only(invitation(room, provider="c"))["sequence"] for room in rooms]
    assert found == sorted(set(found))
    assert 0 < found[-1] < 2**31
    assert only(invitation(ROOM, provider="c"))["sequence"] == 0
    assert only(invitation(rooms[1], provider="c", sequence=7))["sequence"] == 7


def test_a_room_without_a_start_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="'r9' has no starts_at") as caught:
        invitation(Room(id="r9"), provider="c")
    assert caught.value.field == "starts_at"
    odd = evolve(ROOM, occurrences=(Occurrence(id="o1", starts_at=START), Occurrence(id="o2")))
    with pytest.raises(InvalidRequest, match="'o2'"):
        invitation(odd, provider="c")


def test_a_recurring_room_has_an_event_for_each_date_and_is_only_told() -> None:
    dates = tuple(
        Occurrence(id=f"o{n}", starts_at=START + timedelta(days=14 * n)) for n in range(4)
    )
    room = evolve(ROOM, occurrences=dates)
    calendar = read(invitation(room, LINK, provider="c", organizer=HOST))
    assert calendar["method"] == "PUBLISH"
    events = calendar.walk("VEVENT")
    assert [event["dtstart"].dt for event in events] == [date.starts_at for date in dates]
    assert len({str(event["uid"]) for event in events}) == 4
    assert {event["dtend"].dt - event["dtstart"].dt for event in events} == {timedelta(hours=1)}
    assert all("attendee" not in event for event in events)
    renamed = read(invitation(evolve(room, name="New"), provider="c")).walk("VEVENT")
    assert [str(event["uid"]) for event in renamed] == [str(event["uid"]) for event in events]


@pytest.mark.parametrize(
    ("organizer", "person", "expected"),
    [
        (HOST, ANN, "REQUEST"),
        (HOST, Participant(id="p", email="ann@example.com"), "REQUEST"),
        (None, ANN, "PUBLISH"),
        (HOST, None, "PUBLISH"),
        (Person(name="No mail"), ANN, "PUBLISH"),
    ],
)
def test_an_answer_is_asked_for_only_where_it_has_somewhere_to_go(
    organizer: Person | None, person: Person | None, expected: str
) -> None:
    calendar = read(invitation(ROOM, provider="c", organizer=organizer, person=person))
    assert calendar["method"] == expected


def test_the_rooms_own_host_asks_if_nobody_else_does() -> None:
    room = evolve(ROOM, host=HOST)
    assert read(invitation(room, LINK, provider="c"))["method"] == "REQUEST"


def test_a_method_is_taken_as_asked_or_refused() -> None:
    gone = read(invitation(ROOM, provider="c", organizer=HOST, person=ANN, method="cancel"))
    assert gone["method"] == "CANCEL"
    assert str(gone.walk("VEVENT")[0]["status"]) == "CANCELLED"
    with pytest.raises(InvalidRequest, match="organizer and person"):
        invitation(ROOM, provider="c", method=Method.REQUEST)
    with pytest.raises(InvalidRequest, match="publish, request, cancel"):
        invitation(ROOM, provider="c", method="reply")


ZONES = [
    "Europe/Warsaw", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata",
    "America/Santiago", "Asia/Jerusalem", "Africa/Casablanca", "Pacific/Auckland", "Asia/Tehran",
]  # fmt: skip


@settings(max_examples=100, deadline=None, database=None)
@given(st.sampled_from(ZONES), st.integers(0, 10 * 366 * 24))
def test_the_zone_in_the_file_gives_the_right_hour_by_itself(zone: str, hours: int) -> None:
    start = datetime(2024, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    room = evolve(ROOM, timezone=zone, starts_at=start)
    calendar = read(invitation(room, provider="c"))
    (event,) = calendar.walk("VEVENT")
    assert event["dtstart"].dt.astimezone(UTC) == room.starts_at
    if event["dtstart"].dt.tzinfo == UTC:
        return  # in the hour that comes twice, no time of day would do
    (part,) = calendar.walk("VTIMEZONE")
    wall = event["dtstart"].dt.replace(tzinfo=None)
    assert offset_in(part, wall) == event["dtstart"].dt.utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_outlook_finds_at_most_one_rule_for_winter_and_one_for_summer(zone: str) -> None:
    calendar = read(invitation(evolve(ROOM, timezone=zone), provider="c"))
    (part,) = calendar.walk("VTIMEZONE")
    names = [one.name for one in part.subcomponents]
    assert names.count("STANDARD") == 1
    assert names.count("DAYLIGHT") <= 1
    for one in part.subcomponents:
        assert "rdate" not in one
        assert ("rrule" in one) == (len(names) == 2)


def test_dates_over_an_irregular_change_of_clocks_keep_their_hours() -> None:
    dates = tuple(
        Occurrence(id=f"{month}", starts_at=datetime(2026, month, 10, 9, tzinfo=UTC))
        for month in (1, 7)
    )
    room = evolve(ROOM, timezone="Asia/Jerusalem", occurrences=dates)
    calendar = read(invitation(room, provider="c"))
    (part,) = calendar.walk("VTIMEZONE")
    for event in calendar.walk("VEVENT"):
        at = event["dtstart"].dt
        assert part.to_tz(lookup_tzid=False).utcoffset(at.replace(tzinfo=None)) == at.utcoffset()


def test_utc_needs_no_zone_and_no_known_end_gives_no_end() -> None:
    room = evolve(ROOM, timezone=None, duration=None)
    calendar = read(invitation(room, provider="c"))
    assert calendar.walk("VTIMEZONE") == []
    assert b"DTSTART:20261001T080000Z" in invitation(room, provider="c")
    assert "dtend" not in calendar.walk("VEVENT")[0]


@pytest.mark.parametrize(("hour", "length"), [(0, 1), (0, 3), (1, 1)])
def test_an_event_in_the_hour_that_comes_twice_is_when_it_is(hour: int, length: int) -> None:
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)  # 2:30, the first time and the second
    room = evolve(ROOM, starts_at=start, duration=timedelta(hours=length))
    event = only(invitation(room, provider="c"))
    assert event["dtstart"].dt.astimezone(UTC) == start
    assert event["dtend"].dt.astimezone(UTC) == start + timedelta(hours=length)


@pytest.mark.parametrize("text", [*HOSTILE, "a\r\nATTENDEE:mailto:evil@example.com", 'x";,:\\n'])
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    someone = Person(email=f"{text}@example.com", name=text)
    room = evolve(ROOM, name=text, description=text)
    data = invitation(room, provider="c", organizer=someone, person=someone)
    calendar = read(data)
    assert len(calendar.walk()) == 5  # calendar, zone with two parts, event
    (event,) = calendar.walk("VEVENT")
    assert not isinstance(event["attendee"], list)
    assert set(event) <= {
        "UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP",
        "DESCRIPTION", "ORGANIZER", "ATTENDEE",
    }  # fmt: skip


def offset_in(part: Timezone, wall: datetime) -> timedelta:
    """Work out an offset from a VTIMEZONE as its reader does: by the last onset before a time."""
    onsets = [
        (onset, one["tzoffsetto"].td)
        for one in part.subcomponents
        for onset in onsets_of(one)
        if onset <= wall
    ]
    return max(onsets)[1]


def onsets_of(one: Any) -> list[datetime]:
    first = one["dtstart"].dt
    if "rrule" not in one:
        dates = one.get("rdate", [])
        listed = dates if isinstance(dates, list) else [dates]
        return [first, *(date.dt for found in listed for date in found.dts)]
    (month,), (byday,) = one["rrule"]["bymonth"], one["rrule"]["byday"]
    week, weekday = int(byday[:-2]), ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(byday[-2:])
    return [onset(first, year, int(month), week, weekday) for year in range(first.year, 2040)]


def onset(first: datetime, year: int, month: int, week: int, weekday: int) -> datetime:
    days = [
        day
        for number in range(31)
        if (day := first.replace(year=year, month=month, day=1) + timedelta(days=number)).month
        == month
        and day.weekday() == weekday
    ]
    return days[week] if week < 0 else days[week - 1]


def read(data: bytes) -> Calendar:
    return Calendar.from_ical(data)


def only(data: bytes) -> Any:
    (event,) = read(data).walk("VEVENT")
    return event
