"""Calendar files, read back by icalendar."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from attrs import evolve
from crowd import HOSTILE, ROOM, START
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from conferencing import InvalidRequest, JoinLink, Occurrence, Participant, Person, Room
from conferencing.calendar import Method, cancellation, invitation

HOST = Person(email="host@example.com", name="Zoë Host")
ANN = Person(email="ann@example.com", first_name="Ann", last_name="Lee")
LINK = JoinLink(url="https://meet.example/j/abc?x=1,2;y", personal=True, person=ANN)


def test_invitation_has_times_place_and_people() -> None:
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


def test_file_has_calendar_headers_and_folded_lines() -> None:
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
def test_uid_depends_on_room_id_only(changes: dict[str, Any], same: bool) -> None:
    before = only(invitation(ROOM, provider="clickmeeting", account="main"))
    after = only(invitation(evolve(ROOM, **changes), provider="clickmeeting", account="main"))
    assert (before["uid"] == after["uid"]) is same


def test_uids_differ_between_accounts() -> None:
    names = {
        str(only(invitation(evolve(ROOM, id=room), provider=provider, account=account))["uid"])
        for room in ("1", "11", '1","1')
        for account in ("", "1", "a")
        for provider in ("a", "a1", "b")
    }
    assert len(names) == 27
    assert all("@" in name for name in names)


def test_sequence_grows_with_updated_at() -> None:
    rooms = [evolve(ROOM, updated_at=START + timedelta(days=day)) for day in (0, 1, 365 * 60)]
    numbers = [only(invitation(room, provider="c"))["sequence"] for room in rooms]
    assert numbers == sorted(set(numbers))
    assert 0 < numbers[-1] < 2**31
    assert only(invitation(ROOM, provider="c"))["sequence"] == 0
    assert only(invitation(rooms[1], provider="c", sequence=7))["sequence"] == 7


def test_room_without_start_raises() -> None:
    with pytest.raises(InvalidRequest, match="'r9' has no starts_at") as caught:
        invitation(Room(id="r9"), provider="c")
    assert caught.value.field == "starts_at"
    odd = evolve(ROOM, occurrences=(Occurrence(id="o1", starts_at=START), Occurrence(id="o2")))
    with pytest.raises(InvalidRequest, match="'o2'"):
        invitation(odd, provider="c")


def test_recurring_room_publishes_event_per_date() -> None:
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
def test_method_is_request_if_both_have_addresses(
    organizer: Person | None, person: Person | None, expected: str
) -> None:
    calendar = read(invitation(ROOM, provider="c", organizer=organizer, person=person))
    assert calendar["method"] == expected


def test_host_of_room_is_the_default_organizer() -> None:
    room = evolve(ROOM, host=HOST)
    assert read(invitation(room, LINK, provider="c"))["method"] == "REQUEST"


def test_given_method_is_used_or_raises() -> None:
    gone = read(invitation(ROOM, provider="c", organizer=HOST, person=ANN, method="cancel"))
    assert gone["method"] == "CANCEL"
    assert str(gone.walk("VEVENT")[0]["status"]) == "CANCELLED"
    with pytest.raises(InvalidRequest, match="organizer and person"):
        invitation(ROOM, provider="c", method=Method.REQUEST)
    with pytest.raises(InvalidRequest, match="publish, request, cancel"):
        invitation(ROOM, provider="c", method="reply")


def test_cancellation_has_a_higher_sequence() -> None:
    room = evolve(ROOM, updated_at=START)
    people: dict[str, Any] = {"provider": "c", "organizer": HOST, "person": ANN}
    for changed in (ROOM, room):
        request = only(invitation(changed, **people))
        cancel = only(invitation(changed, method="cancel", **people))
        assert cancel["sequence"] == request["sequence"] + 1
        assert cancel["uid"] == request["uid"]
    assert only(invitation(room, method="cancel", sequence=7, **people))["sequence"] == 7
    with pytest.raises(InvalidRequest, match="negative") as caught:
        invitation(room, sequence=-1, **people)
    assert caught.value.field == "sequence"


@pytest.mark.parametrize("as_path", [False, True])
def test_saved_invitation_is_cancelled(tmp_path: Path, *, as_path: bool) -> None:
    path = tmp_path / "launch.ics"
    path.write_bytes(invitation(ROOM, LINK, provider="c", organizer=HOST, sequence=4))
    later = START + timedelta(days=1)
    data = cancellation(path if as_path else path.read_bytes(), now=later)
    before, after = only(path.read_bytes()), only(data)
    assert read(data)["method"] == "CANCEL"
    assert (str(after["status"]), after["sequence"], after["dtstamp"].dt) == ("CANCELLED", 5, later)
    for name in ("uid", "dtstart", "dtend", "organizer", "attendee", "summary"):
        assert after[name] == before[name]
    assert "rsvp" not in after["attendee"].params
    assert len(read(data).walk("VTIMEZONE")) == 1


def test_every_date_of_a_series_is_cancelled() -> None:
    dates = tuple(Occurrence(id=f"o{n}", starts_at=START + timedelta(days=7 * n)) for n in range(3))
    sent = invitation(evolve(ROOM, occurrences=dates), provider="c", sequence=1)
    events = read(cancellation(sent, sequence=9)).walk("VEVENT")
    assert [str(event["status"]) for event in events] == ["CANCELLED"] * 3
    assert {event["sequence"] for event in events} == {9}
    with pytest.raises(InvalidRequest, match="more than that of the event, 1"):
        cancellation(sent, sequence=1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a calendar file"),
        (b"hello", "not a calendar file"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "no event"),
        (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", "no event"),
    ],
)
def test_file_without_event_cannot_be_cancelled(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        cancellation(data)
    assert caught.value.field == "source"


def test_missing_file_cannot_be_cancelled(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"gone\.ics cannot be read"):
        cancellation(tmp_path / "gone.ics")


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "Mars/Olympus", "../etc", "UTC+2"])
def test_unknown_zone_is_written_in_utc_with_a_note(zone: str) -> None:
    calendar = read(invitation(evolve(ROOM, timezone=zone), provider="c"))
    (event,) = calendar.walk("VEVENT")
    assert event["dtstart"].dt == START
    assert str(event["dtstart"].dt.tzinfo) == "UTC"
    assert zone in str(event["comment"])
    assert calendar.walk("VTIMEZONE") == []


def test_known_zone_has_no_note() -> None:
    assert "comment" not in only(invitation(ROOM, provider="c"))


YEARLY = [
    "Europe/Warsaw", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Auckland",
    "Atlantic/Azores", "Asia/Beirut", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tehran",
    "Antarctica/Troll", "Pacific/Chatham",
]  # fmt: skip
IRREGULAR = ["Africa/Cairo", "Asia/Gaza", "Asia/Jerusalem", "America/Nuuk", "America/Santiago"]


@settings(max_examples=100, deadline=None, database=None)
@given(st.sampled_from(YEARLY), st.integers(0, 10 * 366 * 24))
def test_zone_in_file_gives_the_right_time(zone: str, hours: int) -> None:
    start = datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    calendar = read(invitation(evolve(ROOM, timezone=zone, starts_at=start), provider="c"))
    (event,) = calendar.walk("VEVENT")
    assert event["dtstart"].dt.astimezone(UTC) == start
    if str(event["dtstart"].dt.tzinfo) == "UTC":
        assert is_repeated(start, zone) or is_repeated(start + timedelta(hours=1), zone)
    else:
        check_offsets(calendar)


@pytest.mark.exhaustive
@pytest.mark.parametrize("zone", sorted(available_timezones() - {"UTC", "localtime"}))
def test_every_zone_gives_the_right_times(zone: str) -> None:
    starts = [
        datetime(year, month, day, hour, 30, tzinfo=UTC)
        for year in (2027, 2031)
        for month in range(1, 13)
        for day in (1, 9, 14, 26, 28)
        for hour in (0, 6, 12, 18)
    ]
    dates = tuple(Occurrence(id=f"{start}", starts_at=start) for start in starts)
    calendar = read(invitation(evolve(ROOM, timezone=zone, occurrences=dates), provider="c"))
    events = calendar.walk("VEVENT")
    assert [event["dtstart"].dt.astimezone(UTC) for event in events] == starts
    if calendar.walk("VTIMEZONE"):
        check_rules(calendar)
        check_offsets(calendar)
    else:
        assert {str(event["dtstart"].dt.tzinfo) for event in events} == {"UTC"}


@pytest.mark.parametrize("zone", YEARLY)
def test_zone_has_at_most_one_rule_per_season(zone: str) -> None:
    check_rules(read(invitation(evolve(ROOM, timezone=zone), provider="c")))


@pytest.mark.parametrize("zone", IRREGULAR)
def test_zone_without_yearly_rule_is_in_utc(zone: str) -> None:
    """Clocks change there at 24:00, at 26:00 or before midnight, which no yearly rule can say."""
    calendar = read(invitation(evolve(ROOM, timezone=zone), provider="c"))
    assert calendar.walk("VTIMEZONE") == []
    assert calendar.walk("VEVENT")[0]["dtstart"].dt == START
    assert str(calendar.walk("VEVENT")[0]["dtstart"].dt.tzinfo) == "UTC"


@pytest.mark.parametrize(("changes_at", "in_utc"), [([], False), ([2020], False), ([2028], True)])
def test_zone_with_later_changes_is_in_utc(
    tmp_path: Path, changes_at: list[int], *, in_utc: bool
) -> None:
    moments = [int(datetime(year, 3, 1, tzinfo=UTC).timestamp()) for year in changes_at]
    footer = "<+00>0" if changes_at == [2020] else "<+01>-1"
    (tmp_path / "Mars").mkdir()
    (tmp_path / "Mars" / "Olympus").write_bytes(build_tzif(moments, footer))
    data = invite_in_process("Mars/Olympus", PYTHONTZPATH=str(tmp_path))
    assert (b"DTSTART:20261001T080000Z" in data) == in_utc
    assert (b"BEGIN:STANDARD" in data) != in_utc


def test_zone_is_read_from_tzdata_without_system() -> None:
    data = invite_in_process("Europe/Warsaw", PYTHONTZPATH="")
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in data


def test_utc_room_without_duration_has_no_end() -> None:
    room = evolve(ROOM, timezone=None, duration=None)
    calendar = read(invitation(room, provider="c"))
    assert calendar.walk("VTIMEZONE") == []
    assert b"DTSTART:20261001T080000Z" in invitation(room, provider="c")
    assert "dtend" not in calendar.walk("VEVENT")[0]


@pytest.mark.parametrize(("hour", "length"), [(0, 1), (0, 3), (1, 1)])
def test_event_in_repeated_hour_keeps_its_time(hour: int, length: int) -> None:
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)  # 2:30, the first time and the second
    room = evolve(ROOM, starts_at=start, duration=timedelta(hours=length))
    event = only(invitation(room, provider="c"))
    assert event["dtstart"].dt.astimezone(UTC) == start
    assert event["dtend"].dt.astimezone(UTC) == start + timedelta(hours=length)


@pytest.mark.parametrize("text", [*HOSTILE, "a\r\nATTENDEE:mailto:evil@example.com", 'x";,:\\n'])
def test_hostile_text_stays_in_its_property(text: str) -> None:
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


def check_rules(calendar: Calendar) -> None:
    """Assert that the zone is one that Outlook reads: a part for each season, without lists."""
    (zone,) = calendar.walk("VTIMEZONE")
    names = [part.name for part in zone.subcomponents]
    assert names.count("STANDARD") == 1
    assert names.count("DAYLIGHT") <= 1
    for part in zone.subcomponents:
        assert "rdate" not in part
        assert ("rrule" in part) == (len(names) == 2)


def check_offsets(calendar: Calendar) -> None:
    """Assert that the zone gives each event its offset, by the last onset before it."""
    (zone,) = calendar.walk("VTIMEZONE")
    onsets = sorted(
        (onset, part["tzoffsetto"].td) for part in zone.subcomponents for onset in onsets_of(part)
    )
    for event in calendar.walk("VEVENT"):
        start = event["dtstart"].dt
        if str(start.tzinfo) != "UTC":
            wall = start.replace(tzinfo=None)
            assert max(pair for pair in onsets if pair[0] <= wall)[1] == start.utcoffset(), start


def onsets_of(part: Any) -> list[datetime]:
    first = part["dtstart"].dt
    if "rrule" not in part:
        return [first]
    (month,), (byday,) = part["rrule"]["bymonth"], part["rrule"]["byday"]
    week, weekday = int(byday[:-2]), ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(byday[-2:])
    return [find_onset(first, year, int(month), week, weekday) for year in range(2020, 2040)]


def find_onset(first: datetime, year: int, month: int, week: int, weekday: int) -> datetime:
    days = [
        day
        for number in range(31)
        if (day := first.replace(year=year, month=month, day=1) + timedelta(days=number)).month
        == month
        and day.weekday() == weekday
    ]
    return days[week] if week < 0 else days[week - 1]


def is_repeated(at: datetime, zone: str) -> bool:
    return at.astimezone(ZoneInfo(zone)).fold == 1


def build_tzif(moments: list[int], footer: str) -> bytes:
    """Return a TZif file (RFC 8536) of a zone at +1 h, which goes to UTC at each of the moments."""
    header = struct.Struct(">4sc15x6l")
    types = struct.pack(">lBBlBB", 3600, 0, 0, 0, 0, 4)
    version_1 = header.pack(b"TZif", b"2", 0, 0, 0, 0, 1, 4) + types[:6] + b"+01\0"
    start = header.pack(b"TZif", b"2", 0, 0, 0, len(moments), 2, 8)
    times = struct.pack(f">{len(moments)}q", *moments) + b"\1" * len(moments)
    return version_1 + start + times + types + b"+01\0+00\0" + f"\n{footer}\n".encode()


def invite_in_process(zone: str, **environment: str) -> bytes:
    """Return the invitation to a room in a zone, built by another process."""
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from attrs import evolve; from crowd import ROOM\n"
        "from conferencing.calendar import invitation\n"
        f"room = evolve(ROOM, timezone={zone!r})\n"
        "sys.stdout.buffer.write(invitation(room, provider='c'))"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    env = os.environ | environment
    return subprocess.run(command, env=env, capture_output=True, check=True, timeout=60).stdout


def read(data: bytes) -> Calendar:
    return Calendar.from_ical(data)


def only(data: bytes) -> Any:
    (event,) = read(data).walk("VEVENT")
    return event
