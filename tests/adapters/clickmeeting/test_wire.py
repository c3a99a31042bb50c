"""The vendor's JSON, as recorded and as documented, read into the model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from samples import read_sample, reply_of

from conferencing import (
    Anyone,
    MalformedResponse,
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
from conferencing.http.provider import confirm
from conferencing_clickmeeting.wire import base, people, rooms, sessions

NOW = datetime(2026, 9, 30, tzinfo=UTC)
SUMMER = timezone(timedelta(hours=2))
WARSAW = ZoneInfo("Europe/Warsaw")


sample = partial(read_sample, "clickmeeting")


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


# ----------------------------------------------------------------------------------------- rooms


def test_recorded_room_reads_the_same_in_each_wrapper() -> None:
    row = sample("room")
    (room,) = rooms.read_rooms(reply_of([row]), NOW)
    assert room == rooms.read_created_room(reply_of({"room": row}, 201), NOW)
    assert room == rooms.read_room(reply_of({"conference": row}), NOW)
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


def test_permanent_room_has_no_dates() -> None:
    row = without(sample("room"), "starts_at", "ends_at", "ccc") | {"permanent_room": True}
    (room,) = rooms.read_rooms(reply_of([row]), NOW)
    assert (room.permanent, room.starts_at, room.duration) == (True, None, None)
    assert room.status is RoomStatus.OPEN


@pytest.mark.parametrize(
    ("change", "field", "expected"),
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
def test_room_in_other_spellings_is_read(change, field, expected) -> None:
    answer = reply_of([sample("room") | change])
    (room,) = rooms.read_rooms(answer, NOW)
    assert getattr(room, field) == expected
    assert answer.problems == []


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"lobby_enabled": "on"}, "waiting_room", None),
        ({"registration_enabled": 2}, "registration", None),
        ({"access_type": []}, "entry", None),
        ({"starts_at": "2026-10-01 10:00:00"}, "starts_at", None),
        ({"ends_at": ""}, "duration", None),
        ({"room_type": None}, "kind", RoomKind.UNKNOWN),
        ({"settings": "none"}, "settings", None),
        ({"settings": {"encryption_enabled": "x"}}, "settings", RoomSettings()),
        ({"timezone": 5}, "timezone", None),
        ({"created_at": 0}, "created_at", None),
        ({"room_url": []}, "join_url", None),
    ],
)
def test_room_with_odd_value_leaves_it_unknown(change, field, expected) -> None:
    row = sample("room") | change
    created = rooms.read_created_room(reply_of({"room": row}, 201), NOW)
    (listed,) = rooms.read_rooms(reply_of([row]), NOW)
    assert getattr(created, field) == getattr(listed, field) == expected
    (name,) = change
    assert created.native[name] == change[name]


def test_room_start_keeps_time_of_day_over_clock_change() -> None:
    change = {"starts_at": "2026-10-22T10:00:00+02:00", "ends_at": "2026-10-22T13:00:00+02:00"}
    (room,) = rooms.read_rooms(reply_of([sample("room") | change]), NOW)
    assert room.starts_at.tzinfo == WARSAW
    assert (room.starts_at + timedelta(days=7)).isoformat() == "2026-10-29T10:00:00+01:00"


@pytest.mark.parametrize("zone", ["Europe/Warszawa", "", None, "../etc"])
def test_room_start_in_unknown_zone_keeps_its_offset(zone) -> None:
    (room,) = rooms.read_rooms(reply_of([sample("room") | {"timezone": zone}]), NOW)
    assert room.starts_at.isoformat() == "2026-10-01T10:00:00+02:00"
    assert room.timezone == zone


def test_room_start_at_the_end_of_time_keeps_its_offset() -> None:
    start = "9999-12-31T23:59:59-11:00"
    (room,) = rooms.read_rooms(reply_of([sample("room") | {"starts_at": start}]), NOW)
    assert room.starts_at.isoformat() == start


def test_rooms_in_an_object_are_a_list() -> None:
    row = sample("room")
    pair = rooms.read_rooms(reply_of([row, row]), NOW)
    assert rooms.read_rooms(reply_of({"0": row, "1": row}), NOW) == pair
    assert rooms.read_rooms(reply_of({}), NOW) == rooms.read_rooms(reply_of([]), NOW) == []


def test_unreadable_room_is_left_out_and_reported() -> None:
    row = sample("room")
    answer = reply_of([row, row | {"id": None}])
    (room,) = rooms.read_rooms(answer, NOW)
    assert room.id == "2632001"
    assert len(answer.problems) == 1
    assert "$[1].id" in answer.problems[0]


# -------------------------------------------------------------------------- sessions and attendance


def test_recorded_session_reads_the_same_listed_and_alone() -> None:
    (listed,) = sessions.read_sessions(reply_of(sample("session_list")), "2632001")
    assert listed.id == "2632001:5342001"
    assert (listed.people, listed.peak) == (3, 3)
    assert listed.status is SessionStatus.ENDED
    alone = sessions.read_session(reply_of(sample("session_detail")), "2632001", "5342001")
    assert (alone.id, alone.room_id) == (listed.id, listed.room_id)
    assert (alone.started_at, alone.duration) == (listed.started_at, timedelta(minutes=79))
    assert alone.native["pdf"]["pl"]["progress"] == 0


@pytest.mark.parametrize("end", [{}, {"end_date": None}], ids=["missing", "null"])
def test_session_without_end_is_running(end) -> None:
    row = without(sample("session_list")[0], "end_date") | end
    (listed,) = sessions.read_sessions(reply_of([row]), "1")
    detail = without(sample("session_detail"), "end_date") | end
    alone = sessions.read_session(reply_of(detail), "1", "2")
    for session in (listed, alone):
        assert (session.status, session.ended_at) == (SessionStatus.RUNNING, None)


@pytest.mark.parametrize("end", ["", "2026-10-01 11:20:00", 0, []])
def test_session_with_odd_end_has_unknown_status(end) -> None:
    (session,) = sessions.read_sessions(
        reply_of([sample("session_list")[0] | {"end_date": end}]), "1"
    )
    assert (session.status, session.ended_at) == (SessionStatus.UNKNOWN, None)
    assert session.people == 3


def test_session_without_start_raises() -> None:
    with pytest.raises(MalformedResponse) as caught:
        sessions.read_session(reply_of({}), "1", "2")
    assert caught.value.path == "$.start_date"


def test_recorded_attendee_is_one_person_with_one_stay() -> None:
    records = sessions.read_attendance(reply_of(sample("attendees")), "1:2")
    (ann,) = sessions.merge_attendance(records, {})
    assert (ann.id, ann.display_name, ann.email) == ("7823001", "Ann", "ann@example.com")
    assert ann.role is Role.ATTENDEE
    assert ann.duration == timedelta(minutes=75)
    assert ann.native["polls"][0]["questions"][0]["answers"][0]["points"] == 1


def test_attendee_without_times_gets_those_of_detail() -> None:
    row = without(sample("attendees")[0], "start_date", "end_date")
    records = sessions.read_attendance(reply_of([row]), "1:2")
    segments = sessions.read_segments(reply_of(sample("session_detail")))
    (ann,) = sessions.merge_attendance(records, segments)
    assert ann.duration == timedelta(minutes=75)
    (alone,) = sessions.merge_attendance(
        records, sessions.read_segments(reply_of({"attendees": None}))
    )
    assert (alone.segments, alone.duration) == ((), None)


def test_attendees_without_address_stay_apart() -> None:
    row = sample("attendees")[0]
    rows = [row | {"uid": "1", "email": None}, row | {"uid": "2", "email": ""}, row | {"uid": 3}]
    records = sessions.merge_attendance(sessions.read_attendance(reply_of(rows), "1:2"), {})
    assert [(record.id, record.email) for record in records] == [
        ("1", None),
        ("2", None),
        ("3", "ann@example.com"),
    ]


@pytest.mark.parametrize("uid", [{"uid": None}, {"uid": ""}, {}], ids=["null", "empty", "missing"])
def test_attendee_without_uid_is_left_out_and_reported(uid) -> None:
    row = sample("attendees")[0]
    answer = reply_of([without(row, "uid") | uid, row])
    (ann,) = sessions.read_attendance(answer, "1:2")
    assert ann.id == "7823001"
    assert ann.native["uid"] == "7823001"
    assert len(answer.problems) == 1
    assert "$[0].uid" in answer.problems[0]


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"role": None}, "role", Role.UNKNOWN),
        ({"role": 5}, "role", Role.UNKNOWN),
        ({"end_date": ""}, "left_at", None),
        ({"end_date": "2026-10-01T11:20:00"}, "left_at", None),
        ({"start_date": "2026-10-01T10:05:00"}, "segments", ()),
        ({"nickname": {}}, "display_name", None),
        ({"email": 5}, "email", None),
    ],
)
def test_attendee_with_odd_value_leaves_it_unknown(change, field, expected) -> None:
    row = sample("attendees")[0]
    answer = reply_of([row | change, row | {"uid": "2"}])
    odd, other = sessions.read_attendance(answer, "1:2")
    assert getattr(odd, field) == expected
    assert (other.id, other.duration) == ("2", timedelta(minutes=75))
    assert answer.problems == []


def test_odd_stay_in_detail_keeps_the_others() -> None:
    detail = sample("session_detail")
    row = detail["attendees"][0]
    rows = [row | {"id": None}, row | {"end_date": ""}, row | {"id": 2, "start_date": 0}]
    segments = sessions.read_segments(reply_of(detail | {"attendees": rows}))
    assert list(segments) == ["7823001"]
    assert segments["7823001"].left_at is None


@pytest.mark.parametrize(
    ("change", "ratings"),
    [
        ({"rating": "5"}, [5]),
        ({"rating": 4}, [4]),
        ({"rating": "0"}, [0]),
        ({"rating": None}, []),
        ({"rating": ""}, []),
        ({"rating": "five", "rating_comment": "fine"}, [None]),
    ],
)
def test_rating_is_a_number_in_text(change, ratings) -> None:
    session = sessions.read_session(reply_of(sample("session_detail")), "1", "2")
    feedback = sessions.read_feedback(reply_of([sample("attendees")[0] | change]), session)
    assert [entry.rating for entry in feedback] == ratings


# ------------------------------------------------------------------------ reports and recordings


@pytest.mark.parametrize(
    ("name", "status", "progress", "has_file"),
    [
        ("report_queued", ReportStatus.QUEUED, 0, False),
        ("report_running", ReportStatus.RUNNING, 40, False),
        ("report_ready", ReportStatus.READY, 100, True),
    ],
)
def test_report_has_the_recorded_states(name, status, progress, has_file) -> None:
    report = sessions.read_report(reply_of(sample(name)), "1", "2", "en")
    assert (report.id, report.session_id) == ("1:2:en", "1:2")
    assert (report.status, report.progress) == (status, progress)
    assert (report.file is not None) is has_file


@pytest.mark.parametrize(
    ("change", "field", "expected"),
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
def test_recording_of_any_year_is_read(change, field, expected) -> None:
    (recording,) = sessions.read_recordings(reply_of([sample("recordings")[0] | change]), None)
    owner = recording if hasattr(recording, field) else recording.files[0]
    assert getattr(owner, field) == expected


@pytest.mark.parametrize("url", [{"recording_url": None}, {"recording_url": ""}, {}])
def test_recording_without_url_has_no_file(url) -> None:
    row = sample("recordings")[0]
    answer = reply_of([without(row, "recording_url") | url, row | {"id": 6}])
    bare, other = sessions.read_recordings(answer, "1")
    assert (bare.files, bare.status) == ((), RecordingStatus.UNKNOWN)
    assert (bare.id, bare.duration) == ("1:4284001", timedelta(seconds=1292))
    assert (other.id, len(other.files)) == ("1:6", 1)
    assert answer.problems == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recording_file_size": ""}, "size"),
        ({"recorder_start_date": "", "recorder_started": ""}, "started_at"),
        ({"recording_duration": "21 min"}, "duration"),
        ({"recording_duration": 10**15}, "duration"),
        ({"recording_name": 5}, "name"),
        ({"conference_id": ""}, "room_id"),
    ],
)
def test_recording_with_odd_value_leaves_it_unknown(change, field) -> None:
    row = sample("recordings")[0] | {"conference_id": 2632001}
    answer = reply_of([row | change, row | {"id": 6}])
    odd, other = sessions.read_recordings(answer, None)
    owner = odd if hasattr(odd, field) else odd.files[0]
    assert getattr(owner, field) is None
    assert (other.id, other.duration) == ("2632001:6", timedelta(seconds=1292))
    assert answer.problems == []


# ---------------------------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("change", "field", "expected"),
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
        ({"fields": "none"}, "fields", {}),
        ({"url": None}, "join_link", None),
        ({}, "registered_at", datetime(2026, 9, 23, 13, 40, 4, tzinfo=SUMMER)),
        ({}, "id", "3203001"),
        ({}, "email", "ann@example.com"),
    ],
)
def test_registration_is_read(change, field, expected) -> None:
    answer = reply_of([sample("registrations")[0] | change])
    (participant,) = people.read_participants(answer, "2632001")
    assert getattr(participant, field) == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"registration_confirmed": ""}, "confirmed_at"),
        ({"registration_confirmed": "soon"}, "confirmed_at"),
        ({"registration_confirmed": True}, "confirmed_at"),
        ({"registration_confirmed": 1}, "confirmed_at"),
        ({"registration_confirmed": "2026-09-23T15:29:52"}, "confirmed_at"),
        ({"registration_date": "2026-09-23T13:40:04"}, "registered_at"),
        ({"session_id": ""}, "session_id"),
        ({"url": 5}, "join_link"),
    ],
)
def test_registration_with_odd_value_leaves_it_unknown(change, field) -> None:
    row = sample("registrations")[0]
    answer = reply_of([row | change, row | {"id": 2}])
    odd, other = people.read_participants(answer, "2632001")
    assert getattr(odd, field) is None
    assert (other.id, other.email) == ("2", "ann@example.com")
    assert answer.problems == []


@pytest.mark.parametrize("email", [{}, {"email": None}, {"email": ""}])
@pytest.mark.parametrize("label", ["Email Address", "Adres e-mail"])
def test_address_in_fields_only_is_found(email, label) -> None:
    row = without(sample("registrations")[0], "email") | email
    row["fields"] = {"First Name": "Ann @ work", "Last Name": "Lee", label: "ann@example.com"}
    (ann,) = people.read_participants(reply_of([row]), "1")
    assert ann.email == ann.join_link.person.email == "ann@example.com"


def test_address_of_row_precedes_that_of_fields() -> None:
    row = sample("registrations")[0] | {"fields": {"Email Address": "other@example.com"}}
    (ann,) = people.read_participants(reply_of([row]), "1")
    assert ann.email == "ann@example.com"


@pytest.mark.parametrize(
    ("exist", "existed"), [(1, True), (0, False), ("1", True), (None, None), ("yes", None)]
)
def test_repeated_registration_is_reported(exist, existed) -> None:
    answer = reply_of(sample("registered") | {"exist": exist})
    created = people.read_registration(answer, "1", Person(email="a@b.c"))
    assert created.existed is existed
    assert created.join_link.url == "https://acme.clickmeeting.com/861961000?r=Amt4Example__"


@pytest.mark.parametrize("url", [{}, {"url": None}, {"url": ""}, {"url": 5}])
def test_registration_without_url_has_no_link(url) -> None:
    person = Person(email="a@b.c")
    created = people.read_registration(reply_of({"status": "OK"} | url), "1", person)
    assert (created.email, created.join_link, created.existed) == ("a@b.c", None, None)
    assert created.native["status"] == "OK"


def test_registration_without_status_and_url_raises() -> None:
    with pytest.raises(MalformedResponse) as caught:
        people.read_registration(reply_of({}), "1", Person())
    assert caught.value.path == "$.status"


def test_tokens_have_recipient_and_first_use() -> None:
    free, used = people.read_access_tokens(reply_of(sample("tokens")), "1")
    assert (free.code.reveal(), free.sent_to, free.first_used_at) == ("G986DW", None, None)
    assert used.sent_to == "ann@example.com"
    assert used.first_used_at == datetime(2026, 10, 1, 10, 5, tzinfo=SUMMER)


@pytest.mark.parametrize("payload", [["G986DW"], [{"token": "G986DW"}], {"token": "G986DW"}])
def test_token_of_address_is_read_in_each_shape(payload) -> None:
    (token,) = people.read_personal_tokens(reply_of(payload), "1", "ann@example.com")
    assert (token.code.reveal(), token.sent_to) == ("G986DW", "ann@example.com")


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/room", "https://a.example/room?l=KEY__"),
        ("https://a.example/room?lang=pl", "https://a.example/room?lang=pl&l=KEY__"),
    ],
)
def test_autologin_hash_is_the_parameter_l(url, link) -> None:
    key = people.read_autologin_hash(reply_of({"autologin_hash": "KEY__"}))
    assert people.add_autologin_hash(url, key) == link


# -------------------------------------------------------------------------------------- failures


def test_recorded_failure_keeps_its_texts() -> None:
    answer = reply_of(sample("failure"), 422)
    assert base.read_failure(answer) == Failure(problems=("password ...",))


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"code": 404, "name": "NOT_FOUND", "errors": [{"name": "NOT_FOUND"}]}, 404),
        ({"code": "403", "name": "FORBIDDEN", "errors": []}, 403),
        ({"code": 500, "errors": None}, 500),
        ("404 Not Found", 404),
        ("500 Internal Server Error", 500),
    ],
)
def test_failure_inside_200_is_a_failure(payload, status) -> None:
    failure = base.read_failure(reply_of(payload))
    assert failure is not None
    assert failure.status == status


@pytest.mark.parametrize(
    "payload",
    [
        {"code": 200, "errors": []},
        {"code": 404},
        {"code": True, "errors": []},
        {"errors": [{"name": "x"}]},
        [{"code": 404, "errors": []}],
        {"result": "OK"},
        "200 OK",
        "4040",
        True,
        None,
    ],
)
def test_success_is_no_failure(payload) -> None:
    assert base.read_failure(reply_of(payload)) is None


@pytest.mark.parametrize(
    "body", [b'{"result":"OK"}', b'{"STATUS":"OK"}', b'"200 OK"', b"true", b"", b" \n", b"OK"]
)
def test_acknowledgement_in_each_form_is_success(body) -> None:
    confirm(Reply(200, {}, body))


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html></html>", b"null", b" false\n"])
def test_acknowledgement_without_success_raises(body) -> None:
    with pytest.raises(MalformedResponse, match="does not confirm"):
        confirm(Reply(200, {}, body))
