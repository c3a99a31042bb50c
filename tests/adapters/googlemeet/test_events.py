"""Events: subscriptions that are safe to repeat, and messages that are verified before they are read."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import jwt
import pytest
from scenarios import catch_up

from conferencing import (
    ConfigurationError,
    Conflict,
    WebhookForged,
    WebhookMalformed,
    connect,
)
from conferencing.webhooks import (
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingReady,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
)
from conferencing_googlemeet.simulator.key import KEY_ID, PRIVATE_KEY, PUBLIC_KEY
from conferencing_googlemeet.simulator.tokens import PUSH_AUDIENCE, PUSHER

URL = "https://app.example.com/hooks"
RECORD = "conferenceRecords/cr7"


def message(kind: str, data: object, **attributes: str) -> bytes:
    """Return what Pub/Sub pushes."""
    attributes = {
        "ce-id": "e1",
        "ce-type": f"google.workspace.meet.{kind}",
        "ce-subject": "//meet.googleapis.com/spaces/jQCFfuBOdN5z",
        "ce-time": "2026-10-01T08:00:00.5Z",
        **attributes,
    }
    encoded = b64encode(json.dumps(data).encode()).decode()
    body = {"message": {"attributes": attributes, "data": encoded, "messageId": "7"}}
    return json.dumps(body).encode()


def headers(key: Any = PRIVATE_KEY, key_id: str = KEY_ID, **claims: Any) -> dict[str, str]:
    """Return the header that a push has; its time is that of the world."""
    now = 1_790_841_600  # 2026-10-01 08:00 UTC
    claims = {
        "iss": "https://accounts.google.com", "aud": PUSH_AUDIENCE, "email": PUSHER,
        "email_verified": True, "iat": now, "exp": now + 3600, **claims,
    }  # fmt: skip
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id})
    return {"Authorization": f"Bearer {token}"}


# ------------------------------------------------------------------------------------- subscriptions


async def test_subscription_is_made_once_and_renewed(conference, simulator) -> None:
    room = await conference.create_room("Launch")
    (first,) = await conference.webhooks.subscribe(URL, room)
    assert (first.url, first.room_id) == (URL, room.id)
    assert first.expires_at == simulator.world.now + timedelta(days=7)
    assert "google.workspace.meet.participant.v2.joined" in first.events
    (again,) = await conference.webhooks.subscribe(URL, room)
    assert (again.id, len(simulator.subscriptions)) == (first.id, 1)
    simulator.world.advance(timedelta(days=6, hours=1))
    catch_up(conference, simulator.world)
    (renewed,) = await conference.webhooks.subscribe(URL, room)
    assert renewed.id == first.id
    assert renewed.expires_at == simulator.world.now + timedelta(days=7)
    simulator.world.advance(timedelta(days=8))
    catch_up(conference, simulator.world)
    (new,) = await conference.webhooks.subscribe(URL, room)
    assert new.id != first.id


async def test_suspended_subscription_is_reactivated(conference, simulator) -> None:
    (first,) = await conference.webhooks.subscribe(URL)
    assert first.room_id is None
    (kept,) = simulator.subscriptions.values()
    assert kept.target.startswith("//cloudidentity.googleapis.com/users/1")
    kept.state = "SUSPENDED"
    (again,) = await conference.webhooks.subscribe(URL)
    assert (again.id, kept.state) == (first.id, "ACTIVE")


async def test_lost_reply_makes_one_subscription(conference, served, simulator) -> None:
    room = await conference.create_room(permanent=True)
    served.fail("commit-close", match="/v1/subscriptions")
    served.requests.clear()
    await conference.webhooks.subscribe(URL, room)
    served.fail("commit-close", match="/v1/subscriptions", times=2)
    await conference.webhooks.subscribe(URL, room)
    assert len(simulator.subscriptions) == 1


async def test_subscription_to_another_topic_conflicts(sandbox, conference, clock) -> None:
    room = await conference.create_room(permanent=True)
    await conference.webhooks.subscribe(URL, room)
    account = {**sandbox.account("googlemeet"), "pubsub_topic": "projects/p/topics/other"}
    async with connect(account, clock=clock) as other:
        with pytest.raises(Conflict, match="elsewhere"):
            await other.webhooks.subscribe(URL, room)


async def test_unsubscribing_ends_all_or_some(conference, simulator) -> None:
    rooms = [await conference.create_room(permanent=True) for _ in range(3)]
    await conference.webhooks.subscribe(URL, *rooms)
    await conference.webhooks.unsubscribe(URL, rooms[0])
    assert len(simulator.subscriptions) == 2
    await conference.webhooks.unsubscribe(URL)
    assert simulator.subscriptions == {}


@pytest.mark.parametrize("name", ["pubsub_topic", "user_id", "webhook_sender", "webhook_audience"])
async def test_missing_setting_is_named(sandbox, clock, name) -> None:
    account = sandbox.account("googlemeet")
    del account[name]
    async with connect(account, clock=clock) as conference:
        webhooks = conference.webhooks
        reads = name.startswith("webhook")
        with pytest.raises(ConfigurationError) as caught:
            await (webhooks.read(headers(), b"{}") if reads else webhooks.subscribe(URL))
    assert caught.value.field == name


# ----------------------------------------------------------------------------------------- messages

EVENTS = [
    ("conference.v2.started", {"conferenceRecord": {"name": RECORD}}, SessionStarted),
    ("conference.v2.ended", {"conferenceRecord": {"name": RECORD}}, SessionEnded),
    ("participant.v2.joined", {"participantSession": {"name": f"{RECORD}/participants/116/participantSessions/9"}}, ParticipantJoined),
    ("participant.v2.left", {"participantSession": {"name": f"{RECORD}/participants/116/participantSessions/9"}}, ParticipantLeft),
    ("recording.v2.fileGenerated", {"recording": {"name": f"{RECORD}/recordings/r1"}}, RecordingReady),
    ("transcript.v2.fileGenerated", {"transcript": {"name": f"{RECORD}/transcripts/t1"}}, TranscriptReady),
    ("recording.v2.started", {"recording": {"name": f"{RECORD}/recordings/r1"}}, OtherEvent),
    ("conference.v9.changed", {"conferenceRecord": {"name": RECORD}}, OtherEvent),
    ("conference.v2.started", {"conferenceRecord": 5}, OtherEvent),
    ("conference.v2.started", [], OtherEvent),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "expected"), EVENTS)
async def test_message_is_read(conference, kind, data, expected) -> None:
    delivery = await conference.webhooks.read(headers(), message(kind, data))
    (event,) = delivery.events
    assert type(event) is expected
    assert (event.id, event.room_id) == ("e1", "space:me:jQCFfuBOdN5z")
    assert event.time.isoformat() == "2026-10-01T08:00:00.500000+00:00"
    if "5" not in str(data) and data:
        assert event.session_id == "me:cr7"
    if isinstance(event, ParticipantJoined):
        assert (event.person_id, event.visit_id) == ("116", "9")
    if isinstance(event, RecordingReady):
        assert event.recording.id == "me:cr7:recordings:r1"


async def test_event_about_a_subscription_is_other(conference) -> None:
    kind = "google.workspace.events.subscription.v1.expirationReminder"
    body = message("x", {}, **{"ce-type": kind})
    (event,) = (await conference.webhooks.read(headers(), body)).events
    assert (type(event), event.name) == (OtherEvent, kind)


FORGED = {
    "no token": {},
    "no bearer": {"Authorization": "Basic x"},
    "no JWT": {"Authorization": "Bearer x.y.z"},
    "other audience": headers(aud="https://evil.example"),
    "other issuer": headers(iss="https://evil.example"),
    "other sender": headers(email="somebody@example.com"),
    "address not verified": headers(email_verified=False),
    "expired": headers(exp=1_790_841_599),
    "without expiry": headers(exp=None),
    "unknown key": headers(key_id="other"),
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_message_is_refused(conference, name) -> None:
    body = message("conference.v2.started", {"conferenceRecord": {"name": RECORD}})
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(FORGED[name], body)


async def test_token_of_another_algorithm_is_refused(conference) -> None:
    claims = {"aud": PUSH_AUDIENCE, "email": PUSHER, "email_verified": True, "exp": 2_000_000_000}
    key = PUBLIC_KEY["n"]  # known to everybody, and long enough
    token = jwt.encode(claims, key, algorithm="HS256", headers={"kid": KEY_ID})
    with pytest.raises(WebhookForged):
        await conference.webhooks.read({"Authorization": f"Bearer {token}"}, b"{}")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"message":5}', b'{"message":{}}'])
async def test_malformed_message_is_refused(conference, body) -> None:
    with pytest.raises(WebhookMalformed):
        await conference.webhooks.read(headers(), body)


async def test_keys_are_fetched_once_and_for_new_ones(conference, served, clock) -> None:
    body = message("conference.v2.started", {"conferenceRecord": {"name": RECORD}})
    for _ in range(3):
        await conference.webhooks.read(headers(), body)
    for _ in range(3):
        with pytest.raises(WebhookForged, match="publish"):
            await conference.webhooks.read(headers(key_id="new"), body)
    assert [request.path for request in served.requests] == ["/oauth2/v3/certs"]
    clock.time += 61
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(headers(key_id="new"), body)
    assert len(served.requests) == 2
    assert "authorization" not in served.requests[0].headers


async def test_keys_of_the_settings_need_no_call(sandbox, served, clock) -> None:
    keys = json.dumps({"keys": [PUBLIC_KEY]})
    account = {**sandbox.account("googlemeet"), "webhook_keys": keys}
    body = message("conference.v2.started", {"conferenceRecord": {"name": RECORD}})
    async with connect(account, clock=clock) as conference:
        assert (await conference.webhooks.read(headers(), body)).events
    assert served.requests == []
    async with connect({**account, "webhook_keys": "x"}, clock=clock) as conference:
        with pytest.raises(ConfigurationError, match="JWK"):
            await conference.webhooks.read(headers(), body)
