"""The vendor's JSON, as recorded and as documented, read into the model."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from conferencing import (
    Anyone,
    Passcode,
    Person,
    PersonalToken,
    RecordingStatus,
    ReportStatus,
    Role,
    RoomKind,
    RoomSettings,
    RoomStatus,
    SessionStatus,
)
from conferencing.http import Failure, Reply
from conferencing_clickmeeting import wire

NOW = datetime(2026, 9, 30, tzinfo=UTC)
SUMMER = timezone(timedelta(hours=2))


def sample(name: str) -> Any:
    return json.loads((Path(__file__).parent / "samples" / f"{name}.json").read_text("utf-8"))


# ----------------------------------------------------------------------------------------- rooms


def test_a_recorded_room_reads_the_same_in_a_list_and_in_either_wrapping() -> None:
    row = sample("room")
    (room,) = wire.rooms([row], NOW)
    assert room == wire.created_room({"room": row}, NOW)
    assert room == wire.fetched_room({"conference": row}, NOW)
    assert (room.id, room.name) == ("2632001", "Launch & demo")
    assert (room.kind, room.status) == (RoomKind.WEBINAR, RoomStatus.SCHEDULED)
    assert room.starts_at == datetime(2026, 10, 1, 10, tzinfo=SUMMER)
    assert (room.duration, room.timezone) == (timedelta(hours=3), "Europe/Warsaw")
    assert room.permanent is False
    assert room.entry == (Anyone(),)
    assert room.join_url == "https://acme.clickmeeting.com/launch_demo"
    assert (room.description, room.registration, room.waiting_room) == ("", True, True)
    assert room.settings == RoomSettings()
    assert room.created_at == room.updated_at == datetime(2026, 9, 20, 12, tzinfo=SUMMER)
    assert room.native["ccc"] == "2026-10-01 08:00:00"


def test_a_permanent_room_has_no_dates() -> None:
    row = without(sample("room"), "starts_at", "ends_at", "ccc") | {"permanent_room": True}
    (room,) = wire.rooms([row], NOW)
    assert (room.permanent, room.starts_at, room.duration) == (True, None, None)
    assert room.status is RoomStatus.OPEN


@pytest.mark.parametrize(
    ("said", "field", "read"),
    [
        ({"lobby_enabled": "1"}, "waiting_room", True),
        ({"lobby_enabled": "0"}, "waiting_room", False),
        ({"lobby_enabled": 1}, "waiting_room", True),
        ({"lobby_enabled": None}, "waiting_room", None),
        ({"registration_enabled": False}, "registration", False),
        ({"registration_enabled": "1"}, "registration", True),
        ({"permanent_room": 1}, "permanent", True),
        ({"access_type": "1"}, "entry", (Anyone(),)),
        ({"access_type": 2, "password": "s3cret"}, "entry", (Passcode("s3cret"),)),
        ({"access_type": 2}, "entry", None),
        ({"access_type": 3}, "entry", (PersonalToken(),)),
        ({"access_type": 4}, "entry", None),
        ({"settings": []}, "settings", RoomSettings()),
        ({"settings": None}, "settings", None),
        ({"settings": {"encryption_enabled": "1"}}, "settings", RoomSettings(encryption=True)),
        ({"settings": {"brand_new": 5}}, "settings", RoomSettings()),
        ({"id": "2632001"}, "id", "2632001"),
        (
            {"name": "&lt;b&gt; &quot;x&quot; &#039;y&#039; &amp;amp;"},
            "name",
            "<b> \"x\" 'y' &amp;",
        ),
        ({"room_type": "automated"}, "kind", RoomKind.UNKNOWN),
        ({"status": "archived"}, "status", RoomStatus.UNKNOWN),
        ({"status": "inactive"}, "status", RoomStatus.ENDED),
        ({"starts_at": "2026-09-29T10:00:00+02:00"}, "status", RoomStatus.OPEN),
        ({"parent_id": {"new": ["shape"]}}, "id", "2632001"),
        ({"lobby_description": None}, "description", None),
        ({"timezone": None}, "timezone", None),
    ],
)
def test_spellings_of_other_years_and_of_the_reference_read_too(
    said: dict[str, Any], field: str, read: Any
) -> None:
    (room,) = wire.rooms([sample("room") | said], NOW)
    assert getattr(room, field) == read


def test_the_references_object_of_objects_is_a_list_too() -> None:
    row = sample("room")
    assert wire.rooms({"0": row, "1": row}, NOW) == wire.rooms([row, row], NOW)
    assert wire.rooms({}, NOW) == wire.rooms([], NOW) == []


# ------------------------------------------------------------------------------------ what happened


def test_a_recorded_session_reads_the_same_in_a_list_and_alone() -> None:
    (listed,) = wire.sessions(sample("session_list"), "2632001")
    assert listed.id == "2632001:5342001"
    assert (listed.people, listed.peak) == (3, 3)
    assert listed.status is SessionStatus.ENDED
    alone = wire.session(sample("session_detail"), "2632001", "5342001")
    assert (alone.id, alone.room_id) == (listed.id, listed.room_id)
    assert (alone.started_at, alone.duration) == (listed.started_at, timedelta(minutes=79))
    assert alone.native["pdf"]["pl"]["progress"] == 0


@pytest.mark.parametrize("end", [{}, {"end_date": None}], ids=["missing", "null"])
def test_a_session_without_an_end_runs(end: dict[str, None]) -> None:
    row = without(sample("session_list")[0], "end_date") | end
    (listed,) = wire.sessions([row], "1")
    alone = wire.session(without(sample("session_detail"), "end_date") | end, "1", "2")
    for session in (listed, alone):
        assert (session.status, session.ended_at) == (SessionStatus.RUNNING, None)


def test_a_recorded_attendee_is_one_person_with_one_stay() -> None:
    (ann,) = wire.attendance(wire.attendees(sample("attendees"), "1:2"), {})
    assert (ann.id, ann.display_name, ann.email) == ("7823001", "Ann", "ann@example.com")
    assert ann.role is Role.ATTENDEE
    assert ann.duration == timedelta(minutes=75)
    assert ann.native["polls"][0]["questions"][0]["answers"][0]["points"] == 1


def test_the_detail_lends_its_times_by_the_same_number_in_another_type() -> None:
    rows = wire.attendees([without(sample("attendees")[0], "start_date", "end_date")], "1:2")
    (ann,) = wire.attendance(rows, wire.stays(sample("session_detail")))
    assert ann.duration == timedelta(minutes=75)
    (alone,) = wire.attendance(rows, wire.stays({}))
    assert (alone.segments, alone.duration) == ((), None)


def test_rows_without_an_address_stay_apart_and_a_blank_one_is_none() -> None:
    row = sample("attendees")[0]
    rows = [row | {"uid": "1", "email": None}, row | {"uid": "2", "email": ""}, row | {"uid": 3}]
    told = wire.attendance(wire.attendees(rows, "1:2"), {})
    assert [(one.id, one.email) for one in told] == [
        ("1", None),
        ("2", None),
        ("3", "ann@example.com"),
    ]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"rating": "5"}, [5]),
        ({"rating": 4}, [4]),
        ({"rating": "0"}, [0]),
        ({"rating": None}, []),
    ],
)
def test_a_rating_is_a_number_in_text(said: dict[str, Any], read: list[int]) -> None:
    session = wire.session(sample("session_detail"), "1", "2")
    told = wire.feedback([sample("attendees")[0] | said], session)
    assert [one.rating for one in told] == read


@pytest.mark.parametrize(
    ("name", "status", "progress", "has_file"),
    [
        ("report_queued", ReportStatus.QUEUED, 0, False),
        ("report_running", ReportStatus.RUNNING, 40, False),
        ("report_ready", ReportStatus.READY, 100, True),
    ],
)
def test_the_states_of_a_report(
    name: str, status: ReportStatus, progress: int, has_file: bool
) -> None:
    report = wire.report(sample(name), "1", "2", "en")
    assert (report.id, report.session_id) == ("1:2:en", "1:2")
    assert (report.status, report.progress) == (status, progress)
    assert (report.file is not None) is has_file


@pytest.mark.parametrize(
    ("said", "field", "read"),
    [
        ({"recording_file_size": 183812200}, "size", 183812200),
        ({"recording_file_size": None}, "size", None),
        ({"recorder_start_date": None}, "started_at", datetime(2026, 10, 1, 8, 1, 10, tzinfo=UTC)),
        ({"recording_name": "A &amp; B"}, "name", "A & B"),
        ({"conference_id": 2632001}, "room_id", "2632001"),
        ({}, "room_id", None),
        ({}, "duration", timedelta(seconds=1292)),
        ({}, "status", RecordingStatus.READY),
        ({}, "size", 183812200),
        ({}, "expires_at", datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)),
    ],
)
def test_recordings_of_several_years(said: dict[str, Any], field: str, read: Any) -> None:
    (told,) = wire.recordings([sample("recordings")[0] | said], None)
    owner = told if hasattr(told, field) else told.files[0]
    assert getattr(owner, field) == read


# ----------------------------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("said", "field", "read"),
    [
        ({"registration_confirmed": "null"}, "confirmed_at", None),
        ({"registration_confirmed": None}, "confirmed_at", None),
        (
            {"registration_confirmed": "2026-09-23T15:29:52+02:00"},
            "confirmed_at",
            datetime(2026, 9, 23, 15, 29, 52, tzinfo=SUMMER),
        ),
        ({"session_id": 5342001}, "session_id", "2632001:5342001"),
        ({"visitor_nickname": "O&#039;Neill"}, "name", "O'Neill"),
        ({"fields": {"Imię": "A &amp; B", "Wiek": 5}}, "fields", {"Imię": "A & B"}),
        ({"fields": []}, "fields", {}),
        ({"url": None}, "join_link", None),
        ({}, "registered_at", datetime(2026, 9, 23, 13, 40, 4, tzinfo=SUMMER)),
        ({}, "id", "3203001"),
        ({}, "email", "ann@example.com"),
    ],
)
def test_registrations(said: dict[str, Any], field: str, read: Any) -> None:
    (one,) = wire.participants([sample("registrations")[0] | said], "2632001")
    assert getattr(one, field) == read


@pytest.mark.parametrize(("exist", "existed"), [(1, True), (0, False), ("1", True), (None, None)])
def test_a_repeated_registration_is_told_as_such(exist: Any, existed: bool | None) -> None:
    made = wire.registered(sample("registered") | {"exist": exist}, "1", Person(email="a@b.c"))
    assert made.existed is existed
    assert made.join_link.url == "https://acme.clickmeeting.com/861961000?r=Amt4Example__"


def test_tokens_say_whom_they_were_sent_and_when_they_were_used() -> None:
    free, used = wire.tokens(sample("tokens"), "1")
    assert (free.code.reveal(), free.sent_to, free.first_used_at) == ("G986DW", None, None)
    assert used.sent_to == "ann@example.com"
    assert used.first_used_at == datetime(2026, 10, 1, 10, 5, tzinfo=SUMMER)


@pytest.mark.parametrize("payload", [["G986DW"], [{"token": "G986DW"}], {"token": "G986DW"}])
def test_the_token_of_an_address_comes_in_three_shapes(payload: Any) -> None:
    (token,) = wire.tokens_of(payload, "1", "ann@example.com")
    assert (token.code.reveal(), token.sent_to) == ("G986DW", "ann@example.com")


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/room", "https://a.example/room?l=KEY__"),
        ("https://a.example/room?lang=pl", "https://a.example/room?lang=pl&l=KEY__"),
    ],
)
def test_a_hash_goes_into_the_parameter_l(url: str, link: str) -> None:
    key = wire.autologin({"autologin_hash": "KEY__"})
    assert wire.with_hash(url, key) == link


def test_a_recorded_failure_keeps_its_texts() -> None:
    body = json.dumps(sample("failure")).encode()
    assert wire.failure(Reply(422, {}, body)) == Failure(problems=("password ...",))
    assert wire.failure(Reply(200, {}, body)) is None


# --------------------------------------------------------------------------------------- helpers


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
