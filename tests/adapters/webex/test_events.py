"""Webhooks: signatures, what each event says, and ids that do not change when it is repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from samples import read_sample

from conferencing import FileKind, Role, WebhookForged, connect
from conferencing.model import Secret
from conferencing.webhooks import (
    Delivery,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    RoomChanged,
    RoomDeleted,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    sign_hmac,
)

SECRET = "8f2a41c6d0b94e7f"
SERIES = "5f0c2d7b9a4e4c1d8b3a6e7f10293847"
RUN = f"{SERIES}_I_194316955237236650"
OCCURRENCE = f"{SERIES}_20300501T080000Z"
HOOK = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svMTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1"
ENDED = (
    f'{{"id":"{HOOK}","name":"ended","resource":"meetings","event":"ended",'
    f'"data":{{"id":"{RUN}","state":"ended"}}}}'
).encode()
VECTORS = [
    (ENDED, "df52e40514cc72f9d1320472233652200a4799f5"),
    (json.dumps(json.loads(ENDED)).encode(), "2e48731073648b44e13c52cb84d8779089108719"),
    ('{"name":"Zoë"}'.encode(), "f54af1939f8585c1e9ea1a20276cd45891531355"),
    (b"", "8c9efbc8d6e056b1f08315d1c2e423b9dc6b0862"),
]
ACCOUNT = {
    "provider": "webex", "client_id": "c", "client_secret": "s", "refresh_token": "r",
    "token_store": "memory", "webhook_secret": SECRET,
}  # fmt: skip


sample = partial(read_sample, "webex")


async def read(resource: str, event: str, data: Any, **account: str) -> Delivery:
    body = json.dumps({"id": HOOK, "resource": resource, "event": event, "data": data}).encode()
    signature = sign_hmac(Secret(SECRET), body, algorithm="sha1")
    async with connect({**ACCOUNT, **account}) as conference:
        return await conference.webhooks.read({"X-Spark-Signature": signature}, body)


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_signature_is_that_of_the_vectors(body, signature) -> None:
    assert sign_hmac(Secret(SECRET), body, algorithm="sha1") == signature


async def test_signature_covers_the_raw_bytes() -> None:
    signature = VECTORS[0][1]
    async with connect(ACCOUNT) as conference:
        delivery = await conference.webhooks.read({"x-spark-signature": signature}, ENDED)
        assert isinstance(delivery.events[0], SessionEnded)
        for headers in ({"X-Spark-Signature": signature}, {"X-Spark-Signature": "0" * 40}, {}):
            with pytest.raises(WebhookForged):
                await conference.webhooks.read(headers, VECTORS[1][0])


async def test_previous_secret_is_accepted_while_it_is_replaced() -> None:
    delivery = await read(
        "meetings", "ended", {"id": RUN}, webhook_secret="new", webhook_secret_previous=SECRET
    )
    assert delivery.events


async def test_run_started_and_ended() -> None:
    run = sample("run")
    (started,) = (await read("meetings", "started", run)).events
    (ended,) = (await read("meetings", "ended", run)).events
    assert isinstance(started, SessionStarted)
    assert isinstance(ended, SessionEnded)
    assert (started.session_id, started.room_id) == (RUN, SERIES)
    assert started.started_at == datetime(2030, 5, 1, 8, 0, 2, tzinfo=UTC)
    assert ended.ended_at == ended.time == datetime(2030, 5, 1, 9, 1, tzinfo=UTC)
    assert started.id != ended.id


async def test_person_joined_and_left_with_each_device() -> None:
    person = sample("participants")["items"][0]
    first, second = person["devices"][0], {
        "correlationId": "d2", "joinedTime": "2030-05-01T08:10:00.000Z", "leftTime": None,
    }  # fmt: skip
    person |= {"devices": [first, second]}
    joined = (await read("meetingParticipants", "joined", person)).events
    left = (await read("meetingParticipants", "left", person)).events
    assert all(isinstance(event, ParticipantJoined) for event in joined)
    assert [event.visit_id for event in joined] == [first["correlationId"], "d2"]  # type: ignore[attr-defined]
    (leave,) = left
    assert isinstance(leave, ParticipantLeft)
    assert (leave.visit_id, leave.person_id) == (first["correlationId"], person["id"])
    assert leave.left_at == datetime(2030, 5, 1, 8, 20, tzinfo=UTC)
    assert leave.joined_at == datetime(2030, 5, 1, 8, 0, 5, tzinfo=UTC)
    assert (leave.session_id, leave.room_id, leave.role) == (RUN, SERIES, Role.UNKNOWN)
    # The second leave tells of the first one again, under the same id.
    second["leftTime"] = "2030-05-01T08:30:00.000Z"
    again = (await read("meetingParticipants", "left", person)).events
    assert again[0].id == leave.id
    assert len({event.id for event in (*joined, *again)}) == 4


async def test_person_without_devices_is_one_presence() -> None:
    guest = sample("participants")["items"][1]
    (event,) = (await read("meetingParticipants", "joined", guest)).events
    assert isinstance(event, ParticipantJoined)
    assert (event.visit_id, event.role) == (None, Role.HOST)
    assert event.joined_at == datetime(2030, 5, 1, 8, 10, tzinfo=UTC)


async def test_leave_that_names_no_device_is_that_of_the_person() -> None:
    person = sample("participants")["items"][0]
    del person["devices"][0]["leftTime"]
    (event,) = (await read("meetingParticipants", "left", person)).events
    assert isinstance(event, ParticipantLeft)
    assert (event.visit_id, event.left_at) == (None, datetime(2030, 5, 1, 9, tzinfo=UTC))


async def test_room_changed_and_deleted() -> None:
    meeting = sample("meeting")
    (changed,) = (await read("meetings", "updated", meeting)).events
    (deleted,) = (await read("meetings", "deleted", meeting)).events
    assert isinstance(changed, RoomChanged)
    assert changed.room is not None
    assert (changed.room_id, changed.room.name) == (SERIES, "Launch")
    assert changed.room.native["hostEmail"] == "ada@example.com"
    assert "aB3$xYz9" not in repr(changed.native)
    assert isinstance(deleted, RoomDeleted)


@pytest.mark.parametrize("event", ["updated", "deleted"])
async def test_change_of_an_occurrence_is_a_change_of_the_room(event) -> None:
    (changed,) = (await read("meetings", event, sample("occurrences")["items"][0])).events
    assert isinstance(changed, RoomChanged)
    assert (changed.room_id, changed.room) == (SERIES, None)


async def test_recording_and_transcript() -> None:
    recording, transcript = sample("recordings")["items"][0], sample("transcripts")["items"][0]
    (ready,) = (await read("recordings", "created", recording)).events
    (gone,) = (await read("recordings", "deleted", recording)).events
    (text,) = (await read("meetingTranscripts", "created", transcript)).events
    assert isinstance(ready, RecordingReady)
    assert ready.recording is not None
    assert (ready.recording.passcode, ready.session_id) == (None, RUN)
    assert isinstance(gone, RecordingDeleted)
    assert gone.recording_id == recording["id"]
    assert isinstance(text, TranscriptReady)
    assert text.files[0].kind is FileKind.TRANSCRIPT
    assert text.files[0].url.startswith("https://webexapis.com/v1/meetingTranscripts/8ce1f918")


@pytest.mark.parametrize(
    ("resource", "event", "data"),
    [
        ("memberships", "created", {"id": "1"}),
        ("recordings", "updated", {"id": "1"}),
        ("meetings", "started", {"title": "no id"}),
        ("meetings", "started", None),
        ("meetingParticipants", "joined", ["x"]),
    ],
)
async def test_what_has_no_neutral_form_is_other(resource, event, data) -> None:
    delivery = await read(resource, event, data)
    assert isinstance(delivery.events[0], OtherEvent)
    assert delivery.events[0].name == f"{resource}.{event}"
    assert delivery.events[0].native["data"] == data


async def test_repeated_event_has_the_same_id() -> None:
    first = await read("meetings", "started", {"id": RUN, "state": "inProgress"})
    second = await read("meetings", "started", {"state": "inProgress", "id": RUN})
    assert first.events[0].id == second.events[0].id
