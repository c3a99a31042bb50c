"""Microsoft's notifications: subscribed to, renewed, repaired, verified, and completed by queries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, field

from conferencing import (
    Conference,
    ConfigurationError,
    InvalidRequest,
    NotAvailable,
    PermissionDenied,
    Person,
    connect,
)
from conferencing.errors import WebhookForged, WebhookMalformed
from conferencing.sandbox import Sandbox
from conferencing.webhooks import (
    Event,
    OtherEvent,
    RecordingReady,
    RegistrationChanged,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    aiohttp_handler,
)
from conferencing_teams.simulator import TeamsSimulator

BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
HALF = timedelta(minutes=30)
DAY = timedelta(days=1)


@define
class Stage:
    """An account with a receiver, the vendor behind it, and the events that were handed over."""

    conference: Conference
    simulator: TeamsSimulator
    served: Any
    clock: Any
    url: str = ""
    events: list[Event] = field(factory=list)
    seen: int = 0

    async def deliver(self) -> list[Event]:
        """Deliver all that is due, and return the events that are new.

        The sandbox delivers as well: the first call waits for what it is about.
        """
        await self.simulator.sender.deliver()
        while self.simulator.sender.has_due:
            await self.simulator.sender.deliver()
        new, self.seen = self.events[self.seen :], len(self.events)
        return new

    def rows(self) -> list[dict[str, Any]]:
        """Return the subscriptions at the vendor."""
        return [*self.simulator.world.notes["subscriptions"].values()]

    def advance(self, by: timedelta) -> None:
        """Move both clocks on."""
        self.simulator.world.advance(by)
        self.clock.time += by.total_seconds()


@pytest.fixture
async def stage(serve: Any, clock: Any) -> AsyncIterator[Stage]:
    async with (
        Sandbox(["teams"]) as sandbox,
        connect(sandbox.account("teams"), clock=clock) as conference,
    ):
        served = sandbox["teams"]
        assert isinstance(served.simulator, TeamsSimulator)
        stage = Stage(conference, served.simulator, served, clock)
        async with conference.webhooks.receiver(stage.events.append, answer_within=20) as receiver:
            stage.url = await serve(aiohttp_handler(receiver))
            yield stage


def own_id(room: Any) -> str:
    return str(room.id.rpartition("~")[2])


async def test_account_is_subscribed_to_once(stage) -> None:
    first = await stage.conference.webhooks.subscribe(stage.url)
    host = stage.simulator.host.id
    assert [row["resource"] for row in stage.rows()] == [
        f"users/{host}/events",
        f"users/{host}/onlineMeetings/getAllRecordings",
        f"users/{host}/onlineMeetings/getAllTranscripts",
        f"solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{host}'])",
    ]
    assert {row["clientState"] for row in stage.rows()} == {stage.simulator.client_state}
    stage.served.requests.clear()
    second = await stage.conference.webhooks.subscribe(stage.url)
    assert second == first
    assert {request.method for request in stage.served.requests} == {"GET"}


async def test_subscription_is_renewed_in_its_second_half(stage) -> None:
    before = await stage.conference.webhooks.subscribe(stage.url)
    stage.advance(DAY * 0.6)
    after = await stage.conference.webhooks.subscribe(stage.url)
    assert [each.id for each in after] == [each.id for each in before]
    longer = [new.expires_at > old.expires_at for new, old in zip(after, before, strict=True)]
    assert longer == [False, False, False, True]


async def test_ended_subscription_is_made_again(stage) -> None:
    before = await stage.conference.webhooks.subscribe(stage.url)
    stage.simulator.send_lifecycle(before[0].id, "subscriptionRemoved")
    stage.advance(2 * DAY)
    after = await stage.conference.webhooks.subscribe(stage.url)
    changed = [new.id != old.id for new, old in zip(after, before, strict=True)]
    assert changed == [True, False, False, True]
    (notice,) = await stage.deliver()
    assert isinstance(notice, OtherEvent)
    assert notice.name == "subscriptionRemoved"


async def test_lost_reply_makes_no_second_subscription(stage) -> None:
    stage.served.fail("commit-close", match="/subscriptions", times=1)
    await stage.conference.webhooks.subscribe(stage.url)
    stage.served.fail("commit-close", match="/subscriptions", times=3)
    room = await stage.conference.create_room("A")
    (subscription,) = await stage.conference.webhooks.subscribe(stage.url, room)
    assert subscription.room_id == room.id
    assert len(stage.rows()) == 5


async def test_what_the_account_may_not_read_is_left_out(stage) -> None:
    stage.simulator.refused_resources.add("getAllRecordings")
    held = await stage.conference.webhooks.subscribe(stage.url)
    assert len(held) == 3
    assert not any("Recordings" in event for each in held for event in each.events)
    stage.simulator.refused_resources.add("/events")
    with pytest.raises(PermissionDenied):
        await stage.conference.webhooks.subscribe(f"{stage.url}/other")


async def test_unsubscribing_ends_what_belongs_to_the_address(stage) -> None:
    room = await stage.conference.create_room("A")
    await stage.conference.webhooks.subscribe(stage.url)
    await stage.conference.webhooks.subscribe(stage.url, room)
    await stage.conference.webhooks.unsubscribe(stage.url, room)
    assert len(stage.rows()) == 4
    await stage.conference.webhooks.unsubscribe("http://127.0.0.1:9/other")
    assert len(stage.rows()) == 4
    await stage.conference.webhooks.unsubscribe(stage.url)
    assert stage.rows() == []


async def test_address_that_does_not_answer_is_refused(stage) -> None:
    with pytest.raises(InvalidRequest, match="validation"):
        await stage.conference.webhooks.subscribe("http://127.0.0.1:9/nobody")


async def test_rooms_are_followed(stage) -> None:
    await stage.conference.webhooks.subscribe(stage.url)
    room = await stage.conference.create_room("A", starts_at=stage.simulator.world.now)
    (created,) = await stage.deliver()
    assert isinstance(created, RoomChanged)
    assert (created.room_id, created.room and created.room.name) == (room.id, "A")
    stage.advance(HALF)
    await stage.conference.update_room(room, name="B")
    (changed,) = await stage.deliver()
    assert isinstance(changed, RoomChanged)
    assert (changed.room and changed.room.name, changed.time) == ("B", stage.simulator.world.now)
    await stage.conference.delete_room(room)
    (deleted,) = await stage.deliver()
    assert isinstance(deleted, RoomDeleted)
    assert deleted.room_id == room.id
    webinar = await stage.conference.create_room("W", kind="webinar")
    (made,) = await stage.deliver()
    assert (made.room_id, made.kind) == (webinar.id, "room_changed")


async def test_running_meeting_is_followed(stage) -> None:
    room = await stage.conference.create_room("A", starts_at=stage.simulator.world.now)
    await stage.conference.webhooks.subscribe(stage.url, room)
    await stage.conference.webhooks.subscribe(stage.url)
    world = stage.simulator.world
    for _ in range(2):
        visit = world.enter(own_id(room), "Ann Lee")
        stage.advance(HALF)
        world.leave(visit.id)
        world.end_session(own_id(room))
    events = await stage.deliver()
    kinds = [type(event) for event in events if not isinstance(event, OtherEvent)]
    assert kinds == [SessionStarted, SessionEnded] * 2
    assert {event.room_id for event in events} == {room.id}
    assert len({event.id for event in events}) == len(events) == 8
    world.record(own_id(room), HALF, media_types=("video/mp4", "text/vtt"))
    recording, transcript = await stage.deliver()
    assert isinstance(recording, RecordingReady)
    assert isinstance(transcript, TranscriptReady)
    assert recording.recording is not None
    assert recording.recording.duration == HALF
    assert transcript.files[0].kind == "transcript"


async def test_registrations_are_followed(stage) -> None:
    room = await stage.conference.create_room("W", kind="webinar")
    await stage.conference.webhooks.subscribe(stage.url, room)
    await stage.conference.register(room, BEA)
    (created,) = await stage.deliver()
    assert isinstance(created, RegistrationCreated)
    assert created.participant is not None
    assert (created.room_id, created.participant.email) == (room.id, BEA.email)
    await stage.conference.cancel_registration(room, created.participant)
    (changed,) = await stage.deliver()
    assert isinstance(changed, RegistrationChanged)
    assert changed.participant is not None
    assert changed.participant.status == "cancelled"


async def test_repeated_notifications_are_handed_over_once(stage) -> None:
    await stage.conference.webhooks.subscribe(stage.url)
    for quirk in ("duplicate_webhooks", "reorder_webhooks"):
        stage.simulator.quirks[quirk] = True
    rooms = [await stage.conference.create_room(f"Room {number}") for number in range(4)]
    events = await stage.deliver()
    assert sorted(event.room_id or "" for event in events) == sorted(room.id for room in rooms)


async def test_missed_notifications_are_caught_up(stage) -> None:
    subscription = (await stage.conference.webhooks.subscribe(stage.url))[0]
    await stage.conference.create_room("seen")
    assert len(await stage.deliver()) == 1
    rows = stage.simulator.world.notes["subscriptions"]
    kept = dict(rows)
    rows.clear()
    missed = await stage.conference.create_room("missed")
    rows.update(kept)
    stage.simulator.send_lifecycle(subscription.id, "missed")
    events = await stage.deliver()
    assert [event.kind for event in events] == ["other", "room_changed"]
    assert events[1].room_id == missed.id


async def test_room_that_is_gone_is_named(stage) -> None:
    await stage.conference.webhooks.subscribe(stage.url)
    room = await stage.conference.create_room("A")
    stage.simulator.world.remove_room(own_id(room))
    kinds = [(event.kind, event.room_id) for event in await stage.deliver()]
    assert kinds == [("room_changed", room.id), ("room_deleted", room.id)]


async def test_appointment_without_link_is_no_room(stage) -> None:
    await stage.conference.webhooks.subscribe(stage.url)
    day = {"dateTime": "2026-10-01T12:00:00", "timeZone": "UTC"}
    body = {"subject": "Lunch", "start": day, "end": day}
    path = f"/users/{stage.simulator.host.id}/events"
    await stage.conference.request("POST", path, json=body)
    (event,) = await stage.deliver()
    assert isinstance(event, OtherEvent)


# ---------------------------------------------------------------------------------- verification


def notification(**changes: Any) -> bytes:
    row = {"subscriptionId": "1", "changeType": "updated", "resource": "chats/1", **changes}
    return json.dumps({"value": [row]}).encode()


async def test_validation_is_answered_without_a_secret(stage) -> None:
    query = "validationToken=Validation%3a+Testing+client%3a+a%2bb%2fc%3d%3cb%3e"
    delivery = await stage.conference.webhooks.read({}, b"", query=query)
    assert delivery.answer.body == b"Validation: Testing client: a+b/c=&lt;b&gt;"


@pytest.mark.parametrize("state", [None, "", "wrong", 5])
async def test_notification_without_the_client_state_is_forged(stage, state) -> None:
    stage.served.requests.clear()
    with pytest.raises(WebhookForged, match="clientState"):
        await stage.conference.webhooks.read({}, notification(clientState=state))
    good = {"clientState": stage.simulator.client_state, "resource": "chats/2"}
    body = json.dumps({"value": [good, {"clientState": state, "resource": "chats/1"}]}).encode()
    with pytest.raises(WebhookForged, match="clientState"):
        await stage.conference.webhooks.read({}, body)
    assert stage.served.requests == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"value": 5}', b'{"value": [5]}'])
async def test_other_body_is_malformed(stage, body) -> None:
    with pytest.raises(WebhookMalformed):
        await stage.conference.webhooks.read({}, body)


async def test_account_without_secret_reads_nothing(stage, clock) -> None:
    keys = {"provider": "teams", **stage.simulator.settings()}
    del keys["webhook_secret"]
    async with connect(keys, clock=clock) as conference:
        with pytest.raises(ConfigurationError, match="webhook_secret"):
            await conference.webhooks.read({}, notification(clientState="x"))
        with pytest.raises(ConfigurationError, match="webhook_secret"):
            await conference.webhooks.subscribe(stage.url)


async def test_encrypted_content_needs_the_key(stage) -> None:
    content = {"data": "AAAA", "dataKey": "AAAA", "dataSignature": "AAAA"}
    body = notification(clientState=stage.simulator.client_state, encryptedContent=content)
    with pytest.raises(ConfigurationError, match="webhook_key"):
        await stage.conference.webhooks.read({}, body)


async def test_event_without_link_cannot_be_followed(stage) -> None:
    day = {"dateTime": "2026-10-01T12:00:00", "timeZone": "UTC"}
    path = f"/users/{stage.simulator.host.id}/events"
    reply = await stage.conference.request("POST", path, json={"start": day, "end": day})
    room = f"e~{stage.simulator.host.id}~{reply.json()['id']}"
    with pytest.raises(NotAvailable, match="no Teams link"):
        await stage.conference.webhooks.subscribe(stage.url, room)
