"""What GoTo's JSON is read as: samples, vectors, and what is odd in either direction."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from openapi_specs import find_copy
from samples import read_sample, reply_of

from conferencing import (
    Conflict,
    File,
    FileKind,
    InvalidRequest,
    MalformedResponse,
    MatchedBy,
    NotFound,
    Person,
    Precision,
    RegistrationStatus,
    Role,
    RoomStatus,
    UnsupportedOption,
)
from conferencing.http import GET, BasicAuth, Reply
from conferencing.model import Secret
from conferencing.model.drafts import RegistrationDraft, RoomDraft
from conferencing_gotowebinar.wire import base, people, recordings, rooms, sessions

VECTORS = find_copy("webexgoto-vectors.json")
NOW = datetime(2030, 4, 1, 8, tzinfo=UTC)
ROOM = "7878787878787878781"
sample = partial(read_sample, "gotowebinar")
BO = RegistrationDraft(person=Person(first_name="Bo", last_name="Li", email="bo@example.com"))


@pytest.fixture(scope="module")
def vectors() -> Any:
    if VECTORS is None:
        pytest.skip("there is no copy of the vectors")
    return json.loads(VECTORS.read_text("utf-8"))["gotowebinar"]


# ----------------------------------------------------------------------------------------- vectors


def test_basic_equals_the_vector(vectors) -> None:
    case = vectors["basic"]
    auth = BasicAuth(case["client_id"], Secret(case["client_secret"]))
    assert auth.headers(GET("/").encode())["Authorization"] == case["authorization"]


def test_keys_do_not_go_through_a_double(vectors) -> None:
    for case in vectors["keys"]:
        assert str(int(float(case["text"]))) == case["through_double"]
        for key in (case["text"], int(case["text"])):
            row = {**sample("webinar"), "webinarKey": key}
            assert rooms.read_room(reply_of(row), now=NOW).id == case["text"]


def test_query_equals_the_vector(vectors) -> None:
    times = {"fromTime": "2030-05-01T10:00:00+02:00", "toTime": "2030-05-31T22:00:00Z"}
    request = GET("/webinars", query={**times, **base.HAL}).encode()
    assert request.target == f"/webinars?{vectors['query']}"


def test_presence_equals_the_vector(vectors) -> None:
    case = vectors["presence"]
    (row,) = sample("attendees")
    row["attendance"] = [{"joinTime": a, "leaveTime": b} for a, b in case["attendance"]]
    (record,) = sessions.read_attendance(reply_of([row]), "s")
    assert record.duration == timedelta(seconds=case["seconds"])
    assert record.left_at is not None
    assert record.joined_at is not None
    assert record.left_at - record.joined_at == timedelta(seconds=case["span_seconds"])


# ------------------------------------------------------------------------------------------- rooms


def test_webinar_is_read() -> None:
    room = rooms.read_room(reply_of(sample("webinar")), now=NOW)
    assert (room.id, room.name, room.kind, room.status) == (ROOM, "Launch", "webinar", "scheduled")
    assert room.starts_at == datetime(2030, 5, 1, 10, tzinfo=UTC)
    assert str(room.starts_at.tzinfo) == room.timezone == "Europe/Berlin"
    assert (room.duration, room.description) == (timedelta(hours=1), "Welcome")
    assert (room.registration, room.approval, room.capacity, room.entry) == (True, None, 1000, None)
    assert room.host == Person(name="Olga Host", email="olga@example.com")
    assert room.join_url == f"https://attendee.gotowebinar.com/register/{ROOM}"
    assert room.occurrences == ()


def test_listed_webinar_has_approval_and_no_host() -> None:
    (room,) = rooms.read_rooms(reply_of(sample("webinars")), now=NOW)
    assert (room.id, room.approval, room.host, room.description) == (ROOM, False, None, None)


def test_page_without_hits_is_an_empty_list() -> None:
    assert rooms.read_rooms(reply_of(sample("no_webinars")), now=NOW) == []


def test_object_without_envelope_is_refused() -> None:
    with pytest.raises(MalformedResponse):
        rooms.read_rooms(reply_of({"webinars": []}), now=NOW)


def test_sequence_has_occurrences() -> None:
    room = rooms.read_room(reply_of(sample("sequence")), now=NOW)
    assert [date.id for date in room.occurrences] == [
        "2030-05-01T10:00:00Z",
        "2030-05-08T10:00:00Z",
        "2030-05-15T10:00:00Z",
    ]
    assert room.starts_at == room.occurrences[0].starts_at


STATUSES = [
    ({"inSession": True}, datetime(2030, 6, 1, tzinfo=UTC), RoomStatus.LIVE),
    ({}, NOW, RoomStatus.SCHEDULED),
    ({}, datetime(2030, 5, 1, 10, 30, tzinfo=UTC), RoomStatus.OPEN),
    ({}, datetime(2030, 5, 1, 11, tzinfo=UTC), RoomStatus.ENDED),
    ({"times": []}, NOW, RoomStatus.UNKNOWN),
    ({"times": [{"startTime": "soon"}]}, NOW, RoomStatus.UNKNOWN),
]


@pytest.mark.parametrize(("changes", "now", "status"), STATUSES)
def test_status_is_told_by_clock_and_session(changes, now, status) -> None:
    assert rooms.read_room(reply_of({**sample("webinar"), **changes}), now=now).status is status


def test_change_sends_the_whole_definition() -> None:
    before = rooms.read_definition(reply_of(sample("webinar")))
    body = rooms.write_changes(before, RoomDraft(duration=timedelta(minutes=30)))
    assert body == {
        "subject": "Launch",
        "description": "Welcome",
        "times": [{"startTime": "2030-05-01T10:00:00Z", "endTime": "2030-05-01T10:30:00Z"}],
        "timeZone": "Europe/Berlin",
        "locale": "en_US",
    }


def test_new_start_of_a_sequence_is_refused() -> None:
    before = rooms.read_definition(reply_of(sample("sequence")))
    with pytest.raises(UnsupportedOption, match="not one date"):
        rooms.write_changes(before, RoomDraft(starts_at=NOW))
    assert len(rooms.write_changes(before, RoomDraft(name="B"))["times"]) == 3


@pytest.mark.parametrize(
    "odd",
    [{"subject": None}, {"description": 5}, {"timeZone": []}, {"times": [{"startTime": "soon"}]}],
)
def test_definition_that_cannot_be_sent_back_is_refused(odd) -> None:
    with pytest.raises(MalformedResponse, match=next(iter(odd))):
        rooms.read_definition(reply_of({**sample("webinar"), **odd}))


def test_definition_without_optional_fields_is_read() -> None:
    webinar = {**sample("webinar"), "description": None}
    del webinar["locale"]
    body = rooms.write_changes(rooms.read_definition(reply_of(webinar)), RoomDraft(name="B"))
    assert (body["subject"], body["description"]) == ("B", "")
    assert "locale" not in body


# ------------------------------------------------------------------------------------------ people


def test_registrants_are_read_with_their_status() -> None:
    bo, cy = people.read_participants(reply_of(sample("registrants")), ROOM)
    assert (bo.id, bo.status, bo.email) == (
        "8439885694023999999",
        RegistrationStatus.APPROVED,
        "bo@example.com",
    )
    assert bo.join_link is not None
    assert bo.join_link.personal
    assert (cy.status, cy.join_link) == (RegistrationStatus.PENDING, None)


def test_single_registrant_has_answers() -> None:
    person = people.read_participant(reply_of(sample("registrant")), ROOM)
    assert person.fields == {"Diet": "none", "organization": "ACME", "source": "mail"}


@pytest.mark.parametrize(
    ("status", "link", "expected"),
    [
        (201, True, (False, RegistrationStatus.APPROVED)),
        (201, False, (False, RegistrationStatus.PENDING)),
        (409, True, (True, RegistrationStatus.APPROVED)),
        (409, False, (True, RegistrationStatus.UNKNOWN)),
    ],
)
def test_registration_is_read_from_both_replies(status, link, expected) -> None:
    body = sample("registered")
    if not link:
        del body["joinUrl"]
    person = people.read_registered(reply_of(body, status), ROOM, BO)
    assert person is not None
    assert (person.existed, person.status) == expected
    assert (person.join_link is not None) is link


def test_conflict_without_a_key_is_no_registration() -> None:
    for body in (b"", b"<html>", json.dumps(sample("failure")).encode()):
        assert people.read_registered(Reply(409, {}, body), ROOM, BO) is None
    with pytest.raises(MalformedResponse):
        people.read_registered(Reply(201, {}, b"{}"), ROOM, BO)


def test_answer_under_an_unknown_name_is_refused() -> None:
    draft = RegistrationDraft(person=BO.person, fields={"org": "ACME"})
    with pytest.raises(InvalidRequest, match="'org' is not a question"):
        people.write_registrant(draft)


def test_registration_without_mail_is_refused() -> None:
    with pytest.raises(UnsupportedOption) as caught:
        people.write_registrant(RegistrationDraft(person=BO.person, confirmation=False))
    assert caught.value.field == "confirmation"


# ---------------------------------------------------------------------------- sessions, recordings


def test_session_is_read() -> None:
    (session,) = sessions.read_sessions(reply_of(sample("sessions")), ROOM)
    assert session.id == f"{ROOM}:7878787878787878790"
    assert (session.status, session.people) == ("ended", 1)
    assert session.duration == timedelta(minutes=60, seconds=10)


def test_attendance_is_matched_by_registration() -> None:
    (record,) = sessions.read_attendance(reply_of(sample("attendees")), "s")
    assert record.id == record.participant_id == "8439885694023999999"
    assert (record.matched_by, record.role) == (MatchedBy.REGISTRATION, Role.ATTENDEE)
    assert (record.display_name, record.duration) == ("Bo Li", timedelta(seconds=3550))


def test_overlapping_stays_count_once() -> None:
    (row,) = sample("attendees")
    row["attendance"][1]["joinTime"] = "2030-05-01T10:20:00Z"
    row["attendanceTimeInSeconds"] = 1800 + 2410
    (record,) = sessions.merge_attendance(sessions.read_attendance(reply_of([row, row]), "s"))
    assert record.duration == timedelta(seconds=3610)
    assert record.native["attendanceTimeInSeconds"] == 4210


def test_total_without_stays_is_a_duration() -> None:
    (row,) = sample("attendees")
    del row["attendance"]
    (record,) = sessions.read_attendance(reply_of([row]), "s")
    assert (record.precision, record.duration) == (Precision.DURATION, timedelta(seconds=3550))


@pytest.mark.parametrize("name", ["recordings", "found_recordings"])
def test_recording_has_video_and_transcript(name) -> None:
    reply = reply_of(sample(name))
    read = recordings.read_found_recordings
    (recording,) = read(reply) if name[0] == "f" else recordings.read_recordings(reply, ROOM)
    assert (recording.room_id, recording.session_id, recording.started_at) == (ROOM, None, None)
    assert [file.kind for file in recording.files] == [FileKind.VIDEO, FileKind.TRANSCRIPT]
    assert isinstance(recording.files[0], File)


# ------------------------------------------------------------------------------- failures and pages

FAILURES = [
    (404, sample("failure"), NotFound, "NotFound", "Webinar with specified key does not exist."),
    (404, sample("edge_failure"), NotFound, "NOT_FOUND", "Not found"),
    (
        409,
        {"errorCode": "Conflict", "description": "in session"},
        Conflict,
        "Conflict",
        "in session",
    ),
    (400, {}, InvalidRequest, None, None),
]


@pytest.mark.parametrize(("status", "body", "kind", "code", "text"), FAILURES)
def test_failure_has_code_and_text(status, body, kind, code, text) -> None:
    error = base.ERRORS.error(reply_of(body, status), NOW)
    assert type(error) is kind
    assert (error.code, next(iter(error.problems), None)) == (code, text)


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[]", b"\xff"])
def test_failure_with_any_body_is_read(body) -> None:
    assert type(base.ERRORS.error(Reply(404, {}, body), NOW)) is NotFound
    assert base.ERRORS.error(Reply(200, {}, body), NOW) is None


@pytest.mark.parametrize(
    ("page", "total", "following"),
    [(0, 401, "1"), (1, 401, "2"), (2, 401, None), (0, 400, "1"), (1, 400, None), (0, 0, None)],
)
def test_both_envelopes_end_where_the_total_does(page, total, following) -> None:
    hal = {"size": 200, "totalElements": total, "totalPages": -(-total // 200), "number": page}
    flat = {"data": [], "total": total, "page": page, "limit": 200, "pageSize": 1}
    assets = {"data": [], "total": total, "page": page, "pageSize": 200}
    assert base.HAL_PAGES.read(reply_of({"page": hal})) == following
    assert base.LISTED_PAGES.read(reply_of(flat)) == following
    assert base.LISTED_PAGES.read(reply_of(assets)) == following
