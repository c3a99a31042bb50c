"""Zoom's webhooks: the vectors of signatures, and each event in its neutral form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
    Conference,
    ConfigurationError,
    FileKind,
    RegistrationStatus,
    Secret,
    WebhookForged,
    WebhookMalformed,
    WebhookStale,
    connect,
)
from conferencing.sandbox import Sandbox
from conferencing.testing import FakeClock
from conferencing.webhooks import (
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    RegistrationChanged,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    sign_hmac,
    signed_content,
)

# The vectors of docs/vendors/zoom.md#webhooks; those of the challenge and of `{}` are openssl's too.
SECRET = "zS3cr3t-Webhook_9fKq"
TIMESTAMP = "1796115605"
NOW = datetime.fromtimestamp(int(TIMESTAMP), UTC)
BODY = (
    '{"event":"meeting.started","payload":{"account_id":"aCc0unt-Q1","object":{"duration":60,'
    '"start_time":"2026-12-01T09:00:04Z","timezone":"Europe/Warsaw",'
    '"topic":"Zażółć gęślą jaźń / 1","id":"81234567890","type":2,'
    '"uuid":"Kj3b/9q1QhSgW2cBv0tXNA==","host_id":"hG7dKq2LSrmV1c0yYb9xTQ"}},'
    '"event_ts":1796115604123}'
)
ESCAPED = json.dumps(json.loads(BODY), separators=(",", ":"))
SIGNED = "v0=e065cd0bef116ffa659279d7a9ddc889c607a25385dddbcc3503aeb08cbc0dec"
SIGNED_ESCAPED = "v0=e58aca7dd69234b95c08e5c59e942e047284937b260482377b1c12494524696c"
SIGNED_EMPTY = "v0=38822c020e72621c8c34b20d3bc1fe4015975c1c8146c491f775dbc85de79745"
UUID = "Kj3b/9q1QhSgW2cBv0tXNA=="
PACKED = "Kj3b%2F9q1QhSgW2cBv0tXNA%3D%3D"
STARTED = datetime(2026, 12, 1, 9, 0, 4, tzinfo=UTC)


@pytest.fixture
async def conference() -> AsyncIterator[Conference]:
    """A client with the secret of the vectors, at their time."""
    async with connect(account(), clock=FakeClock(NOW)) as client:
        yield client


def account(**more: Any) -> dict[str, Any]:
    keys = {"provider": "zoom", "client_id": "c", "client_secret": "s", "account_id": "a"}
    return {**keys, "host": "olga@example.com", "webhook_secret": SECRET, **more}


def headers(body: str, *, secret: str = SECRET, timestamp: str = TIMESTAMP) -> dict[str, str]:
    content = signed_content(timestamp, body.encode())
    signature = sign_hmac(Secret(secret), content, prefix="v0=")
    return {"X-Zm-Signature": signature, "x-zm-request-timestamp": timestamp}


async def read(conference: Conference, body: str) -> Event:
    delivery = await conference.webhooks.read(headers(body), body.encode())
    (event,) = delivery.events
    assert delivery.challenge is None
    return event


# ----------------------------------------------------------------------------------------- vectors


def test_body_is_that_of_the_vectors() -> None:
    digest = "15a455799077564f8e4c9bdbeb26a015682ccf8dc2ece7ac9a0af30796b6d8df"
    raw = BODY.encode()
    assert (len(raw), hashlib.sha256(raw).hexdigest()) == (316, digest)


@pytest.mark.parametrize(
    ("body", "signature"), [("{}", SIGNED_EMPTY), (BODY, SIGNED), (ESCAPED, SIGNED_ESCAPED)]
)
def test_signature_equals_the_vector(body, signature) -> None:
    assert headers(body)["X-Zm-Signature"] == signature


async def test_signed_body_is_read(conference) -> None:
    sent = {"x-zm-signature": SIGNED, "x-zm-request-timestamp": TIMESTAMP}
    delivery = await conference.webhooks.read(sent, BODY.encode())
    (event,) = delivery.events
    assert isinstance(event, SessionStarted)
    assert event.native["payload"]["object"]["topic"] == "Zażółć gęślą jaźń / 1"


@pytest.mark.parametrize("body", [ESCAPED, BODY + " ", BODY.replace(":60", ":61"), "{}", ""])
async def test_other_bytes_do_not_verify(conference, body) -> None:
    sent = {"x-zm-signature": SIGNED, "x-zm-request-timestamp": TIMESTAMP}
    with pytest.raises(WebhookForged) as caught:
        await conference.webhooks.read(sent, body.encode())
    assert SECRET not in f"{caught.value}{caught.value.facts}"


@pytest.mark.parametrize("name", ["x-zm-signature", "x-zm-request-timestamp"])
async def test_missing_header_does_not_verify(conference, name) -> None:
    sent = {key.lower(): value for key, value in headers(BODY).items()}
    del sent[name]
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(sent, BODY.encode())


async def test_signature_in_capitals_does_not_verify(conference) -> None:
    sent = {"x-zm-signature": SIGNED.upper(), "x-zm-request-timestamp": TIMESTAMP}
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(sent, BODY.encode())


@pytest.mark.parametrize("seconds", [-85 * 60, -6000, 0, 6000])
async def test_retry_of_85_minutes_ago_is_read(conference, seconds) -> None:
    sent = headers(BODY, timestamp=str(int(TIMESTAMP) + seconds))
    assert (await conference.webhooks.read(sent, BODY.encode())).events


@pytest.mark.parametrize("seconds", [-6001, 6001])
async def test_older_event_is_refused(conference, seconds) -> None:
    sent = headers(BODY, timestamp=str(int(TIMESTAMP) + seconds))
    with pytest.raises(WebhookStale):
        await conference.webhooks.read(sent, BODY.encode())


async def test_timestamp_in_milliseconds_is_read(conference) -> None:
    sent = headers(BODY, timestamp=f"{TIMESTAMP}000")
    assert (await conference.webhooks.read(sent, BODY.encode())).events


async def test_previous_secret_is_accepted_meanwhile() -> None:
    keys = account(webhook_secret="new", webhook_secret_previous=SECRET)
    async with connect(keys, clock=FakeClock(NOW)) as conference:
        for secret in ("new", SECRET):
            sent = headers(BODY, secret=secret)
            assert (await conference.webhooks.read(sent, BODY.encode())).events


async def test_account_without_secret_says_so() -> None:
    keys = {name: value for name, value in account().items() if name != "webhook_secret"}
    async with connect(keys, clock=FakeClock(NOW)) as conference:
        with pytest.raises(ConfigurationError, match="webhook_secret is not set"):
            await conference.webhooks.read(headers(BODY), BODY.encode())


CHALLENGE = '{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1796115604123}'
ANSWER = {
    "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
    "encryptedToken": "e472c61b4740a0686c8651a1e61e8852476373d57ec36d0d6f272154c258e53f",
}


async def test_challenge_is_answered_as_in_the_vector(conference) -> None:
    delivery = await conference.webhooks.read(headers(CHALLENGE), CHALLENGE.encode())
    assert delivery.events == ()
    assert delivery.challenge is not None
    assert (delivery.challenge.status, json.loads(delivery.challenge.body)) == (200, ANSWER)


async def test_unsigned_challenge_is_not_answered(conference) -> None:
    sent = {"x-zm-signature": SIGNED, "x-zm-request-timestamp": TIMESTAMP}
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(sent, CHALLENGE.encode())


async def test_challenge_is_answered_with_the_secret_that_signed_it() -> None:
    keys = account(webhook_secret="new", webhook_secret_previous=SECRET)
    async with connect(keys, clock=FakeClock(NOW)) as conference:
        delivery = await conference.webhooks.read(headers(CHALLENGE), CHALLENGE.encode())
    assert delivery.challenge is not None
    assert json.loads(delivery.challenge.body) == ANSWER


@pytest.mark.parametrize("payload", ["{}", '{"plainToken":""}', '{"plainToken":5}'])
async def test_challenge_without_a_token_is_malformed(conference, payload) -> None:
    body = f'{{"event":"endpoint.url_validation","payload":{payload},"event_ts":1}}'
    with pytest.raises(WebhookMalformed):
        await conference.webhooks.read(headers(body), body.encode())


async def test_basic_equals_the_vector() -> None:
    """A client with these credentials fetches its token with this header."""
    app = {"client_id": "CL1ent_id-77Qx", "client_secret": "s3cr3t/With+Odd:Chars"}
    async with Sandbox(["zoom"]) as sandbox:
        async with connect({**sandbox.account("zoom"), **app}) as conference:
            with pytest.raises(AuthenticationFailed):
                await conference.check()
        (request,) = sandbox["zoom"].requests
    header = "Basic Q0wxZW50X2lkLTc3UXg6czNjcjN0L1dpdGgrT2RkOkNoYXJz"
    assert request.headers["authorization"] == header


# ------------------------------------------------------------------------------------------ events

RUN = {
    "id": "81234567890",
    "uuid": UUID,
    "host_id": "hG7dKq2LSrmV1c0yYb9xTQ",
    "topic": "Launch",
    "type": 2,
    "start_time": "2026-12-01T09:00:04Z",
    "duration": 60,
    "timezone": "Europe/Warsaw",
}
BEA = {
    "user_id": "16778240",
    "user_name": "Bea Nowak",
    "id": "",
    "participant_user_id": "",
    "participant_uuid": "55555AAAiAAAAAiAiAiiAii",
    "email": "bea@example.org",
    "registrant_id": "9tboDiHUQAeOnbmudzWa5g",
    "customer_key": "",
}
JOIN = {"join_time": "2026-12-01T09:00:05Z"}
LEAVE = {
    "leave_time": "2026-12-01T09:30:05Z",
    "leave_reason": "Bea Nowak left the meeting.<br>Reason: Host ended the meeting.",
}
WAITING = {"date_time": "2026-12-01T09:00:05Z"}
REGISTRANT = {
    "id": "9tboDiHUQAeOnbmudzWa5g",
    "first_name": "Bea",
    "last_name": "Nowak",
    "email": "bea@example.org",
    "status": "approved",
    "join_url": "https://us06web.zoom.us/w/81234567890?tk=canary",
    "custom_questions": [{"title": "Diet", "value": "none"}],
}
FILE = {
    "id": "72576a1f-4e66-4a77-87c4-f13f9808bd76",
    "meeting_id": UUID,
    "recording_start": "2026-12-01T09:00:10Z",
    "recording_end": "2026-12-01T09:58:02Z",
    "file_type": "MP4",
    "file_extension": "MP4",
    "file_size": 52000000,
    "recording_type": "shared_screen_with_speaker_view",
    "status": "completed",
    "download_url": "https://us06web.zoom.us/rec/download/canary",
}
RECORDING = RUN | {
    "id": 81234567890,
    "password": "Pq7!x2zz",
    "recording_count": 1,
    "recording_files": [FILE],
}
TRANSCRIPT = RECORDING | {
    "recording_files": [FILE | {"file_type": "TRANSCRIPT", "file_extension": "VTT"}]
}


def event(name: str, about: dict[str, Any], **beside: Any) -> str:
    payload = {"account_id": "aCc0unt-Q1", "object": about}
    body = {"event": name, "payload": payload, "event_ts": 1796115604123, **beside}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def with_person(**times: str) -> dict[str, Any]:
    return RUN | {"participant": BEA | times}


PRESENCE = {
    "visit_id": "16778240",
    "person_id": "9tboDiHUQAeOnbmudzWa5g",
    "participant_id": "9tboDiHUQAeOnbmudzWa5g",
    "display_name": "Bea Nowak",
    "email": "bea@example.org",
}
JOINED_AT = {"joined_at": datetime(2026, 12, 1, 9, 0, 5, tzinfo=UTC)}
LEFT_AT = {"left_at": datetime(2026, 12, 1, 9, 30, 5, tzinfo=UTC)}
ROOM_EVENTS: dict[str, tuple[dict[str, Any], type[Event], dict[str, Any]]] = {
    "started": (RUN, SessionStarted, {"started_at": STARTED}),
    "ended": (
        RUN | {"end_time": "2026-12-01T09:58:04Z"},
        SessionEnded,
        {"started_at": STARTED, "ended_at": datetime(2026, 12, 1, 9, 58, 4, tzinfo=UTC)},
    ),
    "participant_joined": (with_person(**JOIN), ParticipantJoined, PRESENCE | JOINED_AT),
    "participant_left": (with_person(**LEAVE), ParticipantLeft, PRESENCE | LEFT_AT),
    "participant_joined_waiting_room": (with_person(**WAITING), OtherEvent, {}),
    "participant_put_in_waiting_room": (with_person(**WAITING), OtherEvent, {}),
    "participant_admitted": (with_person(**WAITING), OtherEvent, {}),
    "participant_left_waiting_room": (with_person(**WAITING), OtherEvent, {}),
    "participant_joined_breakout_room": (with_person(**JOIN), OtherEvent, {}),
    "participant_left_breakout_room": (with_person(**LEAVE), OtherEvent, {}),
    "registration_created": (RUN | {"registrant": REGISTRANT}, RegistrationCreated, {}),
    "registration_approved": (RUN | {"registrant": REGISTRANT}, RegistrationChanged, {}),
    "registration_denied": (RUN | {"registrant": REGISTRANT}, RegistrationChanged, {}),
    "registration_cancelled": (RUN | {"registrant": REGISTRANT}, RegistrationChanged, {}),
    "created": (RUN | {"password": "a1B2c3"}, RoomChanged, {}),
    "updated": ({"id": 81234567890, "uuid": UUID, "topic": "B"}, RoomChanged, {}),
    "recovered": (RUN, RoomChanged, {}),
    "deleted": (RUN, RoomDeleted, {}),
    "permanently_deleted": (RUN, RoomDeleted, {}),
    "alert": (RUN, OtherEvent, {}),
}
RECORDING_EVENTS: dict[str, type[Event]] = {
    "completed": RecordingReady,
    "transcript_completed": TranscriptReady,
    "trashed": RecordingDeleted,
    "deleted": RecordingDeleted,
    "recovered": OtherEvent,
    "started": OtherEvent,
    "stopped": OtherEvent,
    "registration_created": OtherEvent,
}


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
@pytest.mark.parametrize("name", ROOM_EVENTS)
async def test_event_of_a_room_has_its_neutral_form(conference, kind, name) -> None:
    about, form, fields = ROOM_EVENTS[name]
    read_event = await read(conference, event(f"{kind}.{name}", about))
    assert type(read_event) is form
    assert read_event.room_id == f"{kind}:81234567890"
    assert read_event.session_id == f"{kind}:81234567890:{PACKED}"
    assert read_event.time == datetime(2026, 12, 1, 9, 0, 4, 123000, tzinfo=UTC)
    assert {name: getattr(read_event, name) for name in fields} == fields
    if isinstance(read_event, OtherEvent):
        assert read_event.name == f"{kind}.{name}"


@pytest.mark.parametrize("kind", ["converted_to_webinar", "converted_to_meeting"])
async def test_change_of_kind_is_another_event(conference, kind) -> None:
    family = "meeting" if kind.endswith("webinar") else "webinar"
    read_event = await read(conference, event(f"{family}.{kind}", RUN))
    assert isinstance(read_event, OtherEvent)


@pytest.mark.parametrize(("number", "kind"), [(2, "meeting"), (8, "meeting"), (5, "webinar"), ("9", "webinar")])  # fmt: skip
@pytest.mark.parametrize("name", RECORDING_EVENTS)
async def test_event_of_a_recording_has_its_neutral_form(conference, name, number, kind) -> None:
    about = (TRANSCRIPT if name.startswith("transcript") else RECORDING) | {"type": number}
    read_event = await read(conference, event(f"recording.{name}", about, download_token="canary"))
    assert type(read_event) is RECORDING_EVENTS[name]
    run = f"{kind}:81234567890:{PACKED}"
    assert (read_event.room_id, read_event.session_id) == (f"{kind}:81234567890", run)
    if isinstance(read_event, RecordingReady):
        assert read_event.recording is not None
        assert (read_event.recording.id, read_event.recording.session_id) == (UUID, run)
        assert [file.kind for file in read_event.recording.files] == [FileKind.VIDEO]
    if isinstance(read_event, TranscriptReady):
        assert read_event.recording_id == UUID
        assert [file.kind for file in read_event.files] == [FileKind.TRANSCRIPT]
    if isinstance(read_event, RecordingDeleted):
        assert read_event.recording_id == UUID


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("created", RegistrationStatus.APPROVED),
        ("approved", RegistrationStatus.APPROVED),
        ("denied", RegistrationStatus.DENIED),
        ("cancelled", RegistrationStatus.CANCELLED),
    ],
)
async def test_registration_has_person_and_status(conference, name, status) -> None:
    registrant = {key: value for key, value in REGISTRANT.items() if key != "status"}
    if name == "created":
        registrant["status"] = "approved"
    body = event(f"meeting.registration_{name}", RUN | {"registrant": registrant})
    read_event: Any = await read(conference, body)
    participant = read_event.participant
    assert (participant.id, participant.email, participant.status) == (
        "9tboDiHUQAeOnbmudzWa5g",
        "bea@example.org",
        status,
    )
    assert participant.room_id == "meeting:81234567890"
    assert participant.fields == {"Diet": "none"}


async def test_update_has_only_what_changed(conference) -> None:
    body = event("meeting.updated", {"id": 81234567890, "uuid": UUID, "topic": "B"})
    read_event: Any = await read(conference, body)
    room = read_event.room
    assert (room.id, room.name, room.starts_at, room.registration) == (
        "meeting:81234567890", "B", None, None,
    )  # fmt: skip


# ---------------------------------------------------------------------------------- ids, odd forms


@pytest.mark.parametrize("name", ROOM_EVENTS)
async def test_id_as_text_or_number_gives_the_same_event(conference, name) -> None:
    about = ROOM_EVENTS[name][0]
    text = await read(conference, event(f"meeting.{name}", about | {"id": "81234567890"}))
    number = await read(conference, event(f"meeting.{name}", about | {"id": 81234567890}))
    assert text == number


async def test_time_of_event_as_text_gives_the_same_id(conference) -> None:
    number = await read(conference, event("meeting.started", RUN))
    text = await read(conference, event("meeting.started", RUN, event_ts="1796115604123"))
    assert text == number


async def test_keys_of_events_differ_where_events_differ(conference) -> None:
    """The key is made of the name, the time, the run, and the person."""
    other = BEA | {"user_id": "16778241"}
    bodies = [
        event("meeting.started", RUN),
        event("meeting.ended", RUN),
        event("webinar.started", RUN),
        event("meeting.started", RUN, event_ts=1796115604124),
        event("meeting.started", RUN | {"uuid": "M8TigfzxRTKJmhXnV7bNjw=="}),
        event("meeting.participant_joined", RUN | {"participant": BEA | JOIN}),
        event("meeting.participant_joined", RUN | {"participant": other | JOIN}),
        event("meeting.participant_left", RUN | {"participant": BEA | LEAVE}),
        event("meeting.registration_created", RUN | {"registrant": REGISTRANT}),
        event("meeting.registration_created", RUN | {"registrant": REGISTRANT | {"id": "x"}}),
    ]
    events = [await read(conference, body) for body in bodies]
    again = [await read(conference, body) for body in bodies]
    assert len({each.id for each in events}) == len(bodies)
    assert [each.id for each in again] == [each.id for each in events]


async def test_key_survives_a_new_signature(conference) -> None:
    """A retry may be signed anew."""
    events = []
    for timestamp in (TIMESTAMP, str(int(TIMESTAMP) + 300)):
        sent = headers(BODY, timestamp=timestamp)
        events += (await conference.webhooks.read(sent, BODY.encode())).events
    assert events[0].id == events[1].id


@pytest.mark.parametrize(
    ("person", "key"),
    [
        ({}, "9tboDiHUQAeOnbmudzWa5g"),
        ({"registrant_id": "", "participant_user_id": "u1", "id": "u2"}, "u1"),
        ({"registrant_id": None, "participant_user_id": None, "id": "u2"}, "u2"),
        ({"registrant_id": ""}, "join:16778240"),
        ({"registrant_id": "", "user_id": 16778240}, "join:16778240"),
    ],
)
async def test_person_is_known_by_registration_user_or_join(conference, person, key) -> None:
    body = event("meeting.participant_joined", RUN | {"participant": BEA | JOIN | person})
    read_event: Any = await read(conference, body)
    assert read_event.person_id == key


@pytest.mark.parametrize(
    "about",
    [{}, {"id": None}, {"uuid": UUID}, {"id": True}, {"id": []}],
    ids=["empty", "null", "no id", "true", "list"],
)
@pytest.mark.parametrize("name", ["meeting.started", "recording.completed", "meeting.deleted"])
async def test_event_about_nothing_is_another_event(conference, about, name) -> None:
    read_event = await read(conference, event(name, about))
    assert isinstance(read_event, OtherEvent)
    assert (read_event.name, read_event.room_id) == (name, None)


@pytest.mark.parametrize(
    "body",
    ["[]", "null", "5", '"x"', "{}", '{"event":5}', '{"event":"meeting.started"}', "{", "\x00",
     '{"event":"meeting.started","payload":[]}', '{"event":null,"payload":{}}'],
)  # fmt: skip
async def test_signed_body_of_another_form_is_malformed(conference, body) -> None:
    with pytest.raises(WebhookMalformed):
        await conference.webhooks.read(headers(body), body.encode())


async def test_secrets_of_events_are_hidden(conference) -> None:
    for name in ("completed", "transcript_completed"):
        body = event(f"recording.{name}", RECORDING, download_token="canary")
        assert "canary" not in repr(read_event := await read(conference, body))
        assert "canary" not in repr(read_event.native)
    body = event("meeting.registration_created", RUN | {"registrant": REGISTRANT})
    assert "canary" not in f"{await read(conference, body)!r}"


async def test_late_event_has_its_own_time(conference) -> None:
    clock: Any = conference.provider.context.clock
    clock.time += timedelta(hours=1).total_seconds()
    read_event = await read(conference, BODY)
    assert read_event.time == datetime(2026, 12, 1, 9, 0, 4, 123000, tzinfo=UTC)
