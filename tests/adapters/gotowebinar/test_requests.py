"""The exact requests of each operation, as the server sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from exact import ExactCalls, check_lost_reply, check_requests

from conferencing import Person, RoomStatus, UnsupportedOption
from conferencing.http import Effect

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
GUEST = Person(name="Zoë", email="zoe@example.com")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
WARSAW = datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Warsaw"))
ANN_JSON = '{"firstName":"Ann","lastName":"Lee","email":"ann@example.com"}'
TIMES = '[{"startTime":"2026-12-01T09:00:00Z","endTime":"2026-12-01T10:00:00Z"}]'
URL = "http://127.0.0.1:9/hooks"
NAMES = (
    "registrant.added",
    "registrant.joined",
    "survey.submitted",
    "webinar.changed",
    "webinar.created",
)
CALLS = ExactCalls()


def create(s: Any, name: str = "A", **fields: Any) -> Any:
    return s.conference.create_room(name, **fields)


# fmt: off
CALLS.add("create", create,
    'POST <api>/organizers/<o>/webinars {"subject":"A","description":"","times":[{"startTime":"2026-10-01T08:01:00Z",'
    '"endTime":"2026-10-01T09:01:00Z"}]}', "GET <api>/organizers/<o>/webinars/<new>", effect=Effect.CREATE, rooms=1)
CALLS.add("create planned",
    lambda s: create(s, "A/ż", description="D", starts_at=WARSAW, duration=timedelta(hours=1), kind="webinar"),
    f'POST <api>/organizers/<o>/webinars {{"subject":"A/ż","description":"D","times":{TIMES},'
    '"timeZone":"Europe/Warsaw"}', "GET <api>/organizers/<o>/webinars/<new>", effect=Effect.CREATE, rooms=1)
CALLS.add("create sequence",
    lambda s: create(s, native={"type": "sequence", "recurrencePattern": "weekly", "recurrenceEnd": "2026-12-09",
        "recurrenceStart": {"startTime": "2026-12-01T09:00:00Z", "endTime": "2026-12-01T10:00:00Z"}}),
    'POST <api>/organizers/<o>/webinars {"subject":"A","description":"","type":"sequence","recurrencePattern":"weekly",'
    '"recurrenceEnd":"2026-12-09","recurrenceStart":{"startTime":"2026-12-01T09:00:00Z","endTime":"2026-12-01T10:00:00Z"}}',
    "GET <api>/organizers/<o>/webinars/<new>", effect=Effect.CREATE, rooms=1)
CALLS.add("list rooms", lambda s: s.conference.rooms().collect(),
    "GET <api>/organizers/<o>/webinars?fromTime=2025-10-01T08%3A00%3A00Z&toTime=2028-09-30T08%3A00%3A00Z&page=0&size=200")
CALLS.add("list live rooms", lambda s: s.conference.rooms(status=RoomStatus.LIVE).collect(),
    "GET <api>/organizers/<o>/insessionWebinars?fromTime=2025-10-01T08%3A00%3A00Z&toTime=2028-09-30T08%3A00%3A00Z")
CALLS.add("get room", lambda s: s.conference.get_room(s.room.id), "GET <api>/organizers/<o>/webinars/<w>")
CALLS.add("update room", lambda s: s.conference.update_room(s.room, name="B", starts_at=START),
    "GET <api>/organizers/<o>/webinars/<w>",
    'PUT <api>/organizers/<o>/webinars/<w> {"subject":"B","description":"","times":[{"startTime":"2026-12-01T09:00:00Z",'
    '"endTime":"2026-12-01T14:00:00Z"}],"timeZone":"Europe/Berlin","locale":"en_US"}',
    "GET <api>/organizers/<o>/webinars/<w>", effect=Effect.IDEMPOTENT)
CALLS.add("update native", lambda s: s.conference.update_room(s.room, native={"locale": "de_DE"}),
    "GET <api>/organizers/<o>/webinars/<w>",
    'PUT <api>/organizers/<o>/webinars/<w> {"subject":"Launch","description":"","times":[{"startTime":"2026-10-01T09:00:00Z",'
    '"endTime":"2026-10-01T14:00:00Z"}],"timeZone":"Europe/Berlin","locale":"de_DE"}',
    "GET <api>/organizers/<o>/webinars/<w>", effect=Effect.IDEMPOTENT)
CALLS.add("delete room", lambda s: s.conference.delete_room(s.room),
    "DELETE <api>/organizers/<o>/webinars/<w>?deleteAll=false", effect=Effect.IDEMPOTENT, rooms=-1)
CALLS.add("register", lambda s: s.conference.register(s.room, ANN),
    f"POST <api>/organizers/<o>/webinars/<w>/registrants {ANN_JSON}", effect=Effect.NOTIFY, people=1, mails=1)
CALLS.add("register with answers",
    lambda s: s.conference.register(s.room, ANN, fields={"organization": "ACME"}, native={"source": "mail"}),
    'POST <api>/organizers/<o>/webinars/<w>/registrants {"firstName":"Ann","lastName":"Lee","email":"ann@example.com",'
    '"organization":"ACME","source":"mail"}', effect=Effect.NOTIFY, people=1, mails=1)
CALLS.add("register again with a mail",
    lambda s: s.conference.register(s.room, s.participant.person, confirmation=True),
    'POST <api>/organizers/<o>/webinars/<w>/registrants?resendConfirmation=true {"firstName":"Bea","lastName":"Nowak",'
    '"email":"bea@example.org"}', effect=Effect.NOTIFY, mails=1)
CALLS.add("cancel", lambda s: s.conference.cancel_registration(s.room, s.participant),
    "DELETE <api>/organizers/<o>/webinars/<w>/registrants/<r>", effect=Effect.IDEMPOTENT, people=-1)
CALLS.add("list participants", lambda s: s.conference.participants(s.room).collect(),
    "GET <api>/organizers/<o>/webinars/<w>/registrants?page=0&limit=200")
CALLS.add("get participant", lambda s: s.conference.get_participant(s.room, s.participant.id),
    "GET <api>/organizers/<o>/webinars/<w>/registrants/<r>")
CALLS.add("get participant by address", lambda s: s.conference.get_participant(s.room, email="Bea@Example.org"),
    "GET <api>/organizers/<o>/webinars/<w>/registrants?page=0&limit=200")
CALLS.add("invite presenters", lambda s: s.conference.invite(s.room, [GUEST, ANN], role="presenter"),
    'POST <api>/organizers/<o>/webinars/<w>/panelists [{"name":"Zoë","email":"zoe@example.com"},'
    '{"name":"Ann Lee","email":"ann@example.com"}]', effect=Effect.NOTIFY, mails=2)
CALLS.add("invite hosts", lambda s: s.conference.invite(s.room, [ANN], role="host"),
    'POST <api>/organizers/<o>/webinars/<w>/coorganizers [{"external":true,"givenName":"Ann Lee","email":"ann@example.com"}]',
    effect=Effect.NOTIFY, mails=1)
CALLS.add("join link of the host", lambda s: s.conference.join_link(s.room, role="host"), "GET <api>/webinars/<w>/startUrl")
CALLS.add("join link of a presenter", lambda s: s.conference.join_link(s.room, role="presenter", person=GUEST),
    "GET <api>/organizers/<o>/webinars/<w>/panelists",
    'POST <api>/organizers/<o>/webinars/<w>/panelists [{"name":"Zoë","email":"zoe@example.com"}]', mails=1)
CALLS.add("join link for all", lambda s: s.conference.join_link(s.room.id), "GET <api>/organizers/<o>/webinars/<w>")
CALLS.add("join link of a participant", lambda s: s.conference.join_link(s.room, person=s.participant))
CALLS.add("join link of a person", lambda s: s.conference.join_link(s.room, person=ANN),
    f"POST <api>/organizers/<o>/webinars/<w>/registrants {ANN_JSON}", effect=Effect.NOTIFY, people=1, mails=1)
CALLS.add("list sessions", lambda s: s.conference.sessions(s.room).collect(),
    "GET <api>/organizers/<o>/webinars/<w>/sessions?page=0&size=200")
CALLS.add("get session", lambda s: s.conference.get_session(s.session.id),
    "GET <api>/organizers/<o>/webinars/<w>/sessions?page=0&size=200")
CALLS.add("attendance", lambda s: s.conference.attendance(s.session).collect(),
    "GET <api>/organizers/<o>/webinars/<w>/sessions/<s>/attendees")
CALLS.add("recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
    "GET <api>/webinars/<w>/recordingAssets?page=0&limit=200")
CALLS.add("recordings", lambda s: s.conference.recordings().collect(), "GET <me>",
    "POST <api>/recordingassets/search?page=0&size=200&includes=recordingShareUrl%2CwebinarKey"
    ' {"accountKey":"4000000000001234567"}')
CALLS.add("subscribe", lambda s: s.conference.webhooks.subscribe(URL),
    "GET <api>/webhooks?product=g2w",
    "POST <api>/webhooks [" + ",".join(
        f'{{"callbackUrl":"{URL}","eventName":"{name}","eventVersion":"1.0.0","product":"g2w"}}' for name in NAMES) + "]",
    "PUT <api>/webhooks [" + ",".join(f'{{"webhookKey":"<h{n}>","state":"ACTIVE"}}' for n in range(1, 6)) + "]",
    "GET <api>/userSubscriptions?product=g2w",
    "POST <api>/userSubscriptions [" + ",".join(f'{{"webhookKey":"<h{n}>"}}' for n in range(1, 6)) + "]", hooks=10)
CALLS.add("request", lambda s: s.conference.request("GET", f"/webinars/{s.room.id}/startUrl"), "GET <api>/webinars/<w>/startUrl")
CALLS.add("check", lambda s: s.conference.check(), "GET <me>")
# fmt: on


def values(s: Any) -> dict[str, str]:
    """Return what differs from run to run."""
    hooks = [key for key, kind in s.world.subscriptions if kind == "hook"]
    return {
        "api": "/G2W/rest/v2",
        "me": "/admin/rest/v1/me",
        "o": "3000000000001234567",
        "w": s.room.id,
        "new": "7878787878787878782",
        "r": str(s.participant.id),
        "s": s.session.id.partition(":")[2],
        **{f"h{number}": key for number, key in enumerate(hooks, start=1)},
    }


@pytest.mark.parametrize("exact", CALLS, ids=str)
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        assert request.headers["authorization"].startswith("Bearer ey")
        assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("exact", CALLS, ids=str)
async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


async def test_unsubscribing_deletes_both_lists(scenario) -> None:
    await scenario.conference.webhooks.subscribe(URL)
    keys = values(scenario)
    scenario.served.requests.clear()
    await scenario.conference.webhooks.unsubscribe(URL)
    lines = scenario.lines()
    assert [line.split(" [")[0] for line in lines] == [
        "GET /G2W/rest/v2/webhooks?product=g2w",
        "GET /G2W/rest/v2/userSubscriptions?product=g2w",
        "DELETE /G2W/rest/v2/userSubscriptions",
        "DELETE /G2W/rest/v2/webhooks",
    ]
    assert keys["h1"] in lines[3]
    assert scenario.world.subscriptions == {}


async def test_subscribing_to_a_room_is_refused(scenario) -> None:
    with pytest.raises(UnsupportedOption, match="all rooms; pass no rooms"):
        await scenario.conference.webhooks.subscribe(URL, scenario.room)
    assert scenario.lines() == []


async def test_question_key_is_sent_as_a_number(scenario) -> None:
    details = scenario.served.simulator.details_of(scenario.room.id)
    key = 8181818181818181817
    question = {"questionKey": key, "question": "Diet", "required": True, "type": "shortAnswer"}
    details.questions.append(question)
    await scenario.conference.register(scenario.room, ANN, fields={str(key): "none"})
    answer = f'"responses":[{{"questionKey":{key},"responseText":"none"}}]'
    assert answer in scenario.lines()[0]
    listed = await scenario.conference.get_participant(scenario.room, email=ANN.email)
    person = await scenario.conference.get_participant(scenario.room, listed.id)
    assert person.fields == {"Diet": "none"}
