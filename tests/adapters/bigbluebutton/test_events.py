"""What a server pushes: its signatures, its samples, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from attrs import evolve

from conferencing import (
    Conference,
    Precision,
    RecordingStatus,
    Role,
    SessionStatus,
    WebhookForged,
    WebhookMalformed,
    WebhookRejected,
    WebhookStale,
    connect,
)
from conferencing.testing import FakeClock
from conferencing.webhooks import (
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    SessionEnded,
    SessionStarted,
    attendance_from_events,
)
from conferencing_bigbluebutton.simulator.callbacks import make_jwt
from conferencing_bigbluebutton.simulator.checksums import make_checksum

SAMPLES = Path(__file__).parent / "samples"
WEBHOOKS: list[Any] = json.loads((SAMPLES / "webhooks.json").read_text("utf-8"))
ANALYTICS = (SAMPLES / "analytics.json").read_bytes()
INTERNAL = "183f0bf3a0982a127bdb8161e0c44eb696b3e75c-1531240585189"
SESSION = f"Demo%20Meeting:{INTERNAL}"
SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"
URL = "https://app.example.com/events?tenant=7"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"
START = datetime(2018, 7, 10, 16, 36, 25, 189_000, UTC)


@pytest.fixture
async def program(account: dict[str, Any], simulator: Any, clock: FakeClock) -> Any:
    simulator.secret = SECRET
    own = {**account, "secret": SECRET, "callback_url": URL}
    async with connect(own, clock=clock) as conference:
        yield conference


def form_of(events: object, **fields: str) -> bytes:
    text = json.dumps(events)
    return urlencode(
        {"domain": "b.example.com", "event": text, "timestamp": "1", **fields}
    ).encode()


async def push(
    program: Conference,
    body: bytes,
    *,
    url: str = URL,
    secret: str = SECRET,
    algorithm: str = "sha1",
) -> Any:
    """Read a webhook that is signed for an address."""
    checksum = make_checksum(url.encode() + body, secret, algorithm)
    query = f"{url.partition('?')[2]}&checksum={checksum}".lstrip("&")
    return await program.webhooks.read({"Content-Type": FORM}, body, query=query)


def bearer(token: str, media_type: str = "application/json") -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": media_type}


def token_of(clock: FakeClock, *, secret: str = SECRET, bits: int = 512, hours: float = 24) -> str:
    expires = clock.now() + timedelta(hours=hours)
    return make_jwt({"exp": int(expires.timestamp())}, secret, bits)


# ----------------------------------------------------------------------------------------- samples


async def test_webhooks_become_neutral_events(program: Conference) -> None:
    delivery = await push(program, form_of(WEBHOOKS))
    started, ann, guest, left, emoji, ended, recorded, deleted = delivery.events
    assert isinstance(started, SessionStarted)
    assert (started.started_at, started.room_id, started.session_id) == (
        START, "Demo Meeting", SESSION,
    )  # fmt: skip
    assert str(started.native["data"]["attributes"]["meeting"]["moderator-pass"]) == "***"
    assert isinstance(ann, ParticipantJoined)
    assert (ann.email, ann.display_name, ann.role) == ("ann@example.com", "Ann Lee", Role.ATTENDEE)
    assert isinstance(guest, ParticipantJoined)
    assert (guest.email, guest.person_id, guest.role) == (None, "w_aaaaaaaaaaaa", Role.GUEST)
    assert isinstance(left, ParticipantLeft)
    assert left.left_at == datetime(2018, 7, 10, 16, 41, 40, tzinfo=UTC)
    assert isinstance(emoji, OtherEvent)
    assert emoji.name == "user-emoji-changed"
    assert isinstance(ended, SessionEnded)
    assert ended.ended_at == datetime(2018, 7, 10, 16, 43, 20, tzinfo=UTC)
    assert isinstance(recorded, RecordingReady)
    assert recorded.recording is not None
    assert (recorded.recording.id, recorded.recording.started_at) == (INTERNAL, START)
    assert isinstance(deleted, RecordingDeleted)
    assert deleted.recording_id == INTERNAL
    assert len({event.id for event in delivery.events}) == 8


async def test_webhooks_are_kept_as_attendance(program: Conference) -> None:
    for event in [WEBHOOKS[5], WEBHOOKS[3], *WEBHOOKS[:4], WEBHOOKS[1]]:
        await push(program, form_of([event]))
    (session,) = await program.sessions("Demo Meeting").collect()
    assert (session.id, session.title, session.status) == (SESSION, "Demo", SessionStatus.ENDED)
    assert session.duration == timedelta(minutes=6, seconds=54, milliseconds=811)
    ann, guest = await program.attendance(session).collect()
    assert (ann.duration, ann.precision) == (timedelta(minutes=5), Precision.SEGMENTS)
    assert (guest.duration, guest.precision) == (timedelta(minutes=6, seconds=30), Precision.SPAN)


async def test_analytics_is_kept_and_pushed(program: Conference, clock: FakeClock) -> None:
    delivery = await program.webhooks.read(bearer(token_of(clock)), ANALYTICS)
    (session,) = await program.sessions("Demo Meeting").collect()
    assert (session.started_at, session.title, session.people) == (START, "Demo", 2)
    records = await program.attendance(session).collect()
    olga, ann = records
    assert (olga.id, olga.role, olga.email) == ("gl-olga", Role.HOST, None)
    assert (ann.email, ann.role, ann.duration) == (
        "ann@example.com", Role.ATTENDEE, timedelta(minutes=6, seconds=20),
    )  # fmt: skip
    assert ann.native["engagement"]["talk_time"] == 35
    assert len(ann.segments) == 2
    assert attendance_from_events(delivery.events) == records


async def test_analytics_counts_more_than_webhooks(program: Conference, clock: FakeClock) -> None:
    await push(program, form_of(WEBHOOKS))
    await program.webhooks.read(bearer(token_of(clock)), ANALYTICS)
    await push(program, form_of(WEBHOOKS))
    (session,) = await program.sessions("Demo Meeting").collect()
    records = await program.attendance(session).collect()
    assert [record.id for record in records] == ["gl-olga", "ann@example.com"]


async def test_odd_attendee_costs_no_other(program: Conference, clock: FakeClock) -> None:
    body = json.loads(ANALYTICS)
    body["data"]["attendees"][0] |= {"name": 5, "joins": ["yesterday"], "ext_user_id": None}
    body["data"]["finish"] = "soon"
    delivery = await program.webhooks.read(bearer(token_of(clock)), json.dumps(body).encode())
    (session,) = await program.sessions("Demo Meeting").collect()
    assert session.ended_at == START + timedelta(seconds=415)
    records = await program.attendance(session).collect()
    assert [record.id for record in records] == ["attendee-0", "gl-olga"]
    assert records[0].display_name is None
    assert isinstance(delivery.events[-1], SessionEnded)


async def test_recording_ready_is_verified(program: Conference) -> None:
    claims = {"meeting_id": "Demo Meeting", "record_id": INTERNAL}
    body = urlencode({"signed_parameters": jwt_of(claims, "HS256")}).encode()
    (event,) = (await program.webhooks.read({"Content-Type": FORM}, body)).events
    assert isinstance(event, RecordingReady)
    assert event.recording is not None
    assert (event.recording.id, event.recording.status) == (INTERNAL, RecordingStatus.READY)
    assert (event.room_id, event.session_id) == ("Demo Meeting", SESSION)


def jwt_of(claims: dict[str, Any], algorithm: str, secret: str = SECRET) -> str:
    return jwt.encode(claims, secret, algorithm)


# -------------------------------------------------------------------------------------- signatures


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
async def test_webhook_is_signed_by_any_hash(program: Conference, algorithm: str) -> None:
    assert (await push(program, form_of(WEBHOOKS[:1]), algorithm=algorithm)).events


async def test_webhook_with_bearer_secret_is_read(program: Conference) -> None:
    body = form_of(WEBHOOKS[:1])
    assert (await program.webhooks.read(bearer(SECRET, FORM), body)).events
    with pytest.raises(WebhookForged):
        await program.webhooks.read(bearer("another", FORM), body)


async def test_former_secret_is_accepted(account: dict[str, Any], clock: FakeClock) -> None:
    own = {**account, "secret": "new-secret", "secret_previous": SECRET, "callback_url": URL}
    async with connect(own, clock=clock) as program:
        assert (await push(program, form_of(WEBHOOKS[:1]))).events
        assert (await program.webhooks.read(bearer(token_of(clock)), ANALYTICS)).events


async def test_only_known_addresses_are_signed_for(program: Conference) -> None:
    body = form_of(WEBHOOKS[:1])
    with pytest.raises(WebhookForged, match="checksum"):
        await push(program, body, url="https://app.example.com/other")


FORGED = {
    "nothing": ({}, b"{}", ""),
    "no signature": ({"Content-Type": FORM}, form_of(WEBHOOKS), ""),
    "an empty checksum": ({"Content-Type": FORM}, form_of(WEBHOOKS), "checksum="),
    "a wrong checksum": ({"Content-Type": FORM}, form_of(WEBHOOKS), f"checksum={'a' * 40}"),
    "a checksum that is no hex": ({"Content-Type": FORM}, form_of(WEBHOOKS), "checksum=%C5%BC" + "b" * 39),
    "no token": ({"Authorization": "Basic YTpi"}, ANALYTICS, ""),
    "a token that is none": (bearer("a.b.c"), ANALYTICS, ""),
    "the secret as a token": (bearer(SECRET), ANALYTICS, ""),
    "a form that is none": ({"Content-Type": FORM}, b"signed_parameters=a.b.c", ""),
    "two signed forms": ({"Content-Type": FORM}, b"signed_parameters=a&signed_parameters=b", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
async def test_unsigned_delivery_is_forged(name: str, program: Conference) -> None:
    headers, body, query = FORGED[name]
    with pytest.raises(WebhookForged) as caught:
        await program.webhooks.read(headers, body, query=query)
    assert SECRET not in f"{caught.value!r} {caught.value.facts}"


async def test_token_of_the_other_callback_is_forged(program: Conference, clock: FakeClock) -> None:
    with pytest.raises(WebhookForged, match="HS512"):
        await program.webhooks.read(bearer(token_of(clock, bits=256)), ANALYTICS)
    claims = {"meeting_id": "m", "record_id": "r"}
    body = urlencode({"signed_parameters": make_jwt(claims, SECRET, 512)}).encode()
    with pytest.raises(WebhookForged, match="HS256"):
        await program.webhooks.read({"Content-Type": FORM}, body)


async def test_expired_token_is_stale(program: Conference, clock: FakeClock) -> None:
    with pytest.raises(WebhookStale):
        await program.webhooks.read(bearer(token_of(clock, hours=-0.1)), ANALYTICS)


async def test_forged_delivery_leaves_no_trace(program: Conference, clock: FakeClock) -> None:
    with pytest.raises(WebhookForged):
        await program.webhooks.read(bearer(token_of(clock, secret="other")), ANALYTICS)
    with pytest.raises(WebhookForged):
        await push(program, form_of(WEBHOOKS), secret="other")
    store: Any = program.provider
    assert await store._store.list_sessions("Demo Meeting") == []


MALFORMED = {
    "no event": urlencode({"domain": "x"}).encode(),
    "not JSON": urlencode({"event": "[{"}).encode(),
    "a number": form_of(5),
    "an empty list": form_of([]),
    "a list of texts": form_of(["user-joined"]),
    "no data": form_of([{}]),
    "data of another kind": form_of([{"data": []}]),
    "no id": form_of([{"data": {"attributes": {}}}]),
    "not a form": b"\xff\xfe",
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_signed_nonsense_is_malformed(name: str, program: Conference) -> None:
    with pytest.raises(WebhookMalformed):
        await push(program, MALFORMED[name])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"meeting_id": "m"}', b'{"data": 5}', ANALYTICS[:-9]]
)
async def test_other_analytics_are_malformed(
    body: bytes, program: Conference, clock: FakeClock
) -> None:
    with pytest.raises(WebhookMalformed):
        await program.webhooks.read(bearer(token_of(clock)), body)


async def test_event_that_lacks_its_subject_is_other(program: Conference) -> None:
    events = [
        {"data": {"id": "user-joined"}},
        {"data": {"id": "user-joined", "attributes": {"meeting": {"name": "x"}}}},
        {
            "data": {
                "id": "user-left",
                "attributes": {**WEBHOOKS[3]["data"]["attributes"], "user": 5},
            }
        },
        {"data": {"id": "something-new", "attributes": {"meeting": None}, "event": {"ts": "soon"}}},
    ]
    delivery = await push(program, form_of(events))
    assert [type(event) for event in delivery.events] == [OtherEvent] * 4


async def test_single_event_without_a_list_is_read(program: Conference) -> None:
    (event,) = (await push(program, form_of(WEBHOOKS[1]))).events
    assert isinstance(event, ParticipantJoined)


async def test_moderator_is_host_though_a_guest(program: Conference) -> None:
    event = json.loads(json.dumps(WEBHOOKS[2]))
    event["data"]["attributes"]["user"]["role"] = "MODERATOR"
    (joined,) = (await push(program, form_of([event]))).events
    assert joined.role is Role.HOST


async def test_error_hides_what_was_sent(program: Conference) -> None:
    with pytest.raises(WebhookRejected) as caught:
        await push(program, form_of([{"data": {"id": 5, "x": "s3cr3t"}}]))
    assert "s3cr3t" not in f"{caught.value!r} {caught.value.facts}"


async def test_native_is_the_servers_own_mapping(program: Conference) -> None:
    (event,) = (await push(program, form_of(WEBHOOKS[1:2]))).events
    assert event.native["data"] == WEBHOOKS[1]["data"]
    assert evolve(event, native={}) == event
