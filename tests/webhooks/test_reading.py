"""Reading webhooks of an account: neutral events, challenges, rotation, refusals, capabilities."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import (
    ConferenceProvider,
    ConferencingError,
    ConfigurationError,
    InvalidRequest,
    Role,
    Secret,
    Support,
    UnsupportedOperation,
    WebhookForged,
    WebhookMalformed,
    WebhookRejected,
    WebhookStale,
    WebhookTooLarge,
    connect,
    sync,
    to_json,
)
from conferencing.accounts.context import Context
from conferencing.memory import MemoryProvider
from conferencing.model import (
    File,
    FileKind,
    Participant,
    Recording,
    RecordingStatus,
    RegistrationStatus,
    Room,
)
from conferencing.webhooks import (
    Delivery,
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
    WebhookRequest,
    sign_hmac,
    sign_neutral,
    write_neutral,
)
from conferencing.webhooks.events import EVENT_TYPES

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
SECRET, PREVIOUS = Secret("present-secret"), Secret("previous-secret")
COMMON: dict[str, Any] = {"id": "e1", "time": NOW, "room_id": "r1", "session_id": "s1"}
PERSON: dict[str, Any] = {
    "visit_id": "v1",
    "person_id": "p1",
    "participant_id": "reg1",
    "display_name": "Łukasz Żółć",
    "email": "lukasz@example.com",
    "role": Role.PRESENTER,
    "joined_at": NOW,
}
PARTICIPANT = Participant(
    id="reg1",
    room_id="r1",
    email="ann@example.com",
    name="Ann Lee",
    status=RegistrationStatus.APPROVED,
)
FILE = File(
    url="https://example.com/f?token=1",
    kind=FileKind.VIDEO,
    name="launch.mp4",
    media_type="video/mp4",
    size=7,
)
RECORDING = Recording(
    id="rec1",
    room_id="r1",
    session_id="s1",
    name="Launch",
    status=RecordingStatus.READY,
    started_at=NOW,
    duration=timedelta(minutes=5),
    files=(FILE,),
)
EVENTS: list[Event] = [
    SessionStarted(**COMMON, started_at=NOW),
    SessionEnded(**COMMON, started_at=NOW, ended_at=NOW + timedelta(hours=1)),
    ParticipantJoined(**COMMON, **PERSON),
    ParticipantLeft(**COMMON, **PERSON, left_at=NOW + timedelta(minutes=5)),
    RegistrationCreated(**COMMON, participant=PARTICIPANT),
    RegistrationChanged(**COMMON, participant=PARTICIPANT),
    RecordingReady(**COMMON, recording=RECORDING),
    RecordingDeleted(**COMMON, recording_id="rec1"),
    TranscriptReady(**COMMON, recording_id="rec1", files=(FILE,)),
    RoomChanged(**COMMON, room=Room(id="r1", name="Launch")),
    RoomDeleted(**COMMON),
    OtherEvent(**COMMON, name="meeting.alert"),
]


@pytest.fixture
async def conference(clock: Any) -> AsyncIterator[Any]:
    account = {
        "provider": "memory",
        "webhook_secret": SECRET.reveal(),
        "webhook_secret_previous": PREVIOUS.reveal(),
    }
    async with connect(account, clock=clock) as conference:
        yield conference


def signed(body: bytes, secret: Secret = SECRET, now: datetime = NOW) -> dict[str, str]:
    return sign_neutral(secret, body, now)


def test_every_kind_has_an_example() -> None:
    assert [event.kind for event in EVENTS] == [*EVENT_TYPES]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
async def test_event_written_is_the_event_read(conference: Any, event: Event) -> None:
    body = write_neutral([event])
    delivery = await conference.webhooks.read(signed(body), body)
    assert delivery.events == (event,)
    assert (delivery.challenge, delivery.answer.status) == (None, 200)
    assert delivery.events[0].native["id"] == "e1"
    assert "example.com" not in repr(delivery)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_event_is_plain_data_with_its_kind(event: Event) -> None:
    data = json.loads(to_json(event))
    assert (data["kind"], data["id"]) == (event.kind, "e1")
    assert "token=1" not in to_json(event)


async def test_word_that_is_unknown_is_read(conference: Any) -> None:
    body = b'{"kind": "participant_joined", "id": "e1", "role": "wizard"}'
    (event,) = (await conference.webhooks.read(signed(body), body)).events
    assert event.role is Role.UNKNOWN


async def test_event_of_an_id_alone_is_unknown_otherwise(conference: Any) -> None:
    body = b'{"kind": "participant_left", "id": "e1"}'
    (event,) = (await conference.webhooks.read(signed(body), body)).events
    assert event == ParticipantLeft(id="e1")
    assert (event.time, event.left_at, event.email, event.room_id) == (None,) * 4


async def test_file_addresses_in_native_are_secret(conference: Any) -> None:
    body = write_neutral([RecordingReady(**COMMON, recording=RECORDING)])
    (event,) = (await conference.webhooks.read(signed(body), body)).events
    assert isinstance(event.native["files"][0]["url"], Secret)


async def test_previous_secret_is_accepted(conference: Any) -> None:
    body = b'{"id": "e1"}'
    for secret in (SECRET, PREVIOUS):
        delivery = await conference.webhooks.read(signed(body, secret), body)
        assert delivery.events == (OtherEvent(id="e1"),)
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(signed(body, Secret("x")), body)


@pytest.mark.parametrize("secret", [SECRET, PREVIOUS])
async def test_challenge_is_answered_by_the_secret_used(conference: Any, secret: Secret) -> None:
    body = b'{"challenge": "qgg8"}'
    delivery = await conference.webhooks.read(signed(body, secret), body)
    assert delivery.events == ()
    proof = sign_hmac(secret, b"qgg8")
    assert json.loads(delivery.answer.body) == {"challenge": "qgg8", "proof": proof}
    assert delivery.answer.headers == {"Content-Type": "application/json"}


async def test_altered_body_is_forged(conference: Any) -> None:
    body = write_neutral(EVENTS)
    altered = body.replace(b"ann@", b"eve@")
    with pytest.raises(WebhookForged, match="does not match the body") as caught:
        await conference.webhooks.read(signed(body), altered)
    error = caught.value
    assert (error.provider, error.account, error.operation) == (
        "memory",
        "memory",
        "read_webhook",
    )
    assert "secret" not in str(error).replace("webhook_secret is that of", "")


async def test_stale_delivery_says_how_old(conference: Any, clock: Any) -> None:
    body = b'{"id": "e1"}'
    headers = signed(body)
    clock.time += 300
    assert (await conference.webhooks.read(headers, body)).events
    clock.time += 1
    with pytest.raises(WebhookStale, match="301 seconds ago"):
        await conference.webhooks.read(headers, body)


async def test_tolerance_is_a_setting(clock: Any) -> None:
    body = b'{"id": "e1"}'
    headers = signed(body)
    account = {"provider": "memory", "webhook_secret": "present-secret", "webhook_tolerance": 10}
    async with connect(account, clock=clock) as conference:
        clock.time += 11
        with pytest.raises(WebhookStale, match="10 are allowed"):
            await conference.webhooks.read(headers, body)


@pytest.mark.parametrize("missing", ["Webhook-Signature", "Webhook-Timestamp"])
async def test_missing_header_is_forged(conference: Any, missing: str) -> None:
    body = b'{"id": "e1"}'
    headers = signed(body)
    del headers[missing]
    with pytest.raises(WebhookForged):
        await conference.webhooks.read(headers, body)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"[{]", "$"),
        (b"7", "$"),
        (b'{"kind": "participant_joined"}', "$[0].id"),
        (b'[{"id": "e1"}, {"id": "e2", "kind": "meteor"}]', "$[1].kind"),
        (b'{"id": "e1", "time": "2026-10-01T08:00:00"}', "$.time"),
        (b'{"id": "e1", "time": "yesterday"}', "$.time"),
        (b'{"id": 1}', "$.id"),
    ],
)
async def test_signed_nonsense_is_malformed(conference: Any, body: bytes, path: str) -> None:
    with pytest.raises(WebhookMalformed) as caught:
        await conference.webhooks.read(signed(body), body)
    assert caught.value.path == path


async def test_empty_list_has_no_events(conference: Any) -> None:
    assert await conference.webhooks.read(signed(b"[]"), b"[]") == Delivery()


async def test_ten_megabytes_are_refused_unread(conference: Any) -> None:
    with pytest.raises(WebhookTooLarge):
        await conference.webhooks.read({}, b"x" * 10_000_000)
    body = b'{"id": "e1"}'
    with pytest.raises(WebhookTooLarge, match="11 bytes"):
        await conference.webhooks.read(signed(body), body, max_body=11)


async def test_text_body_is_an_invalid_request(conference: Any) -> None:
    with pytest.raises(InvalidRequest, match="pass the raw bytes"):
        await conference.webhooks.read({}, '{"id": "e1"}')


async def test_account_without_secret_says_so(clock: Any) -> None:
    async with connect({"provider": "memory"}, clock=clock) as conference:
        with pytest.raises(ConfigurationError, match="webhook_secret is not set"):
            await conference.webhooks.read({}, b"{}")


def test_naive_time_of_an_event_is_refused() -> None:
    with pytest.raises(ValueError, match="joined_at has no time zone"):
        ParticipantJoined(id="e1", joined_at=datetime(2026, 1, 1))  # noqa: DTZ001


class Silent(MemoryProvider):
    """A provider without webhooks."""

    name = "silent"
    read_webhook = ConferenceProvider.read_webhook


class Broken(MemoryProvider):
    """A provider whose adapter does not read what was sent."""

    name = "broken"

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        raise KeyError("PASSWORD")


def test_capabilities_say_who_has_webhooks() -> None:
    with sync.connect({"provider": "memory"}) as memory:
        assert memory.capabilities.webhooks is Support.NATIVE
    with sync.connect({"provider": Silent}) as silent:
        assert silent.capabilities.webhooks is Support.ABSENT
        with pytest.raises(UnsupportedOperation, match="silent sends no webhooks") as caught:
            silent.webhooks.read({}, b"")
        with pytest.raises(UnsupportedOperation, match="silent sends no webhooks"):
            silent.webhooks.receiver(print)
    assert (caught.value.operation, caught.value.account) == ("read_webhook", "silent")


def test_fault_of_an_adapter_is_malformed() -> None:
    with (
        sync.connect({"provider": Broken}) as broken,
        pytest.raises(WebhookMalformed, match=r"cannot be read \(KeyError\)") as caught,
    ):
        broken.webhooks.read({}, b"")
    assert caught.value.__context__ is None
    assert "PASSWORD" not in str(caught.value)


def test_rejections_are_one_family() -> None:
    kinds = (WebhookForged, WebhookStale, WebhookMalformed, WebhookTooLarge)
    assert all(issubclass(kind, WebhookRejected) for kind in kinds)
    assert issubclass(WebhookRejected, ConferencingError)
    assert [kind.answer_status for kind in kinds] == [401, 401, 400, 413]


def test_provider_made_by_hand_reads_too() -> None:
    provider = MemoryProvider(MemoryProvider.settings_class(webhook_secret=SECRET), Context())
    assert provider.capabilities.webhooks is Support.NATIVE
