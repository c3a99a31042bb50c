"""The exact requests of each operation, as the server sees them, for meetings and for webinars."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from exact import ExactCalls, add_to_each, check_lost_reply, check_requests, each_call
from zoom_spec import CAN_CHECK, request_faults

from conferencing import (
    Anyone,
    NotFound,
    Passcode,
    Person,
    Recording,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    connect,
)
from conferencing.http import Effect
from conferencing_zoom.wire.base import run_id, split_run_id

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
BEN = Person(first_name="Ben", email="ben@example.com")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
SINCE = datetime(2026, 9, 1, 8, tzinfo=UTC)
HALF = timedelta(minutes=30)
ANN_JSON = '{"email":"ann@example.com","first_name":"Ann","last_name":"Lee"}'
GUEST = Person(name="Zoë", email="zoe@example.com")

MEETING, WEBINAR = ExactCalls(), ExactCalls()
both = add_to_each(MEETING, WEBINAR)
"""Add a call of both kinds; `<kind>` stands for meeting or webinar."""


def create(s: Any, *arguments: Any, **fields: Any) -> Awaitable[Any]:
    return s.conference.create_room(*arguments, kind=s.room.kind, **fields)  # type: ignore[no-any-return]


def bare(s: Any) -> Any:
    """Return the room as its id alone."""
    return s.room.id


# fmt: off
both("create", create, 'POST /v2/users/<host>/<kind>s {"type":<plain>}',
     effect=Effect.CREATE, rooms=1)
both("create planned", lambda s: create(s, "A/ż", description="D", starts_at=START, duration=HALF, timezone="Europe/Warsaw",
                                        entry=Passcode("a1B2c3"), registration=True, approval=True),
     'POST /v2/users/<host>/<kind>s {"topic":"A/ż","agenda":"D","type":<plain>,"start_time":"2026-12-01T09:00:00Z",'
     '"duration":30,"timezone":"Europe/Warsaw","settings":{"approval_type":1},"password":"a1B2c3"}',
     effect=Effect.CREATE, rooms=1)
both("create permanent", lambda s: create(s, permanent=True, registration=False),
     'POST /v2/users/<host>/<kind>s {"type":<permanent>,"settings":{"approval_type":2}}', effect=Effect.CREATE, rooms=1)
both("create recurring", lambda s: create(s, starts_at=START, recurrence="FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"),
     'POST /v2/users/<host>/<kind>s {"type":<recurring>,"start_time":"2026-12-01T09:00:00Z","timezone":"UTC",'
     '"recurrence":{"type":2,"repeat_interval":1,"end_times":4,"weekly_days":"3,5"}}', effect=Effect.CREATE, rooms=1)
both("create for a host", lambda s: create(s, host=Person(email="olga@example.com"), settings=RoomSettings(auto_recording=True)),
     'POST /v2/users/olga%40example.com/<kind>s {"type":<plain>,"settings":{"auto_recording":"cloud"}}',
     effect=Effect.CREATE, rooms=1)
both("create open", lambda s: create(s, entry=Anyone(), native={"settings": {"host_video": True}}),
     'POST /v2/users/<host>/<kind>s {"type":<plain>,"default_<passcode>":false,"settings":{"host_video":true}}',
     effect=Effect.CREATE, rooms=1)
MEETING.add("create with a waiting room",
     lambda s: create(s, waiting_room=True, settings=RoomSettings(encryption=False, auto_recording=False)),
     'POST /v2/users/<host>/meetings {"type":2,"settings":{"waiting_room":true,"auto_recording":"none",'
     '"encryption_type":"enhanced_encryption"}}', effect=Effect.CREATE, rooms=1)
both("list rooms", lambda s: s.conference.rooms().collect(),
     "GET /v2/users/<host>/meetings?page_size=300&type=scheduled", "GET /v2/users/<host>/webinars?page_size=300&type=scheduled")
both("list live rooms", lambda s: s.conference.rooms(status=RoomStatus.LIVE).collect(),
     "GET /v2/users/<host>/meetings?page_size=300&type=live")
both("list planned rooms", lambda s: s.conference.rooms(status=RoomStatus.SCHEDULED).collect(),
     "GET /v2/users/<host>/meetings?page_size=300&type=upcoming", "GET /v2/users/<host>/webinars?page_size=300&type=upcoming")
both("list former rooms", lambda s: s.conference.rooms(status=RoomStatus.ENDED).collect(),
     "GET /v2/users/<host>/meetings?page_size=300&type=previous_meetings",
     "GET /v2/users/<host>/webinars?page_size=300&type=scheduled")
both("get room", lambda s: s.conference.get_room(bare(s)), "GET /v2/<kind>s/<n>")
both("update room", lambda s: s.conference.update_room(s.room, name="B", starts_at=START),
     'PATCH /v2/<kind>s/<n> {"topic":"B","start_time":"2026-12-01T09:00:00Z"}', "GET /v2/<kind>s/<n>",
     effect=Effect.IDEMPOTENT)
both("update entry", lambda s: s.conference.update_room(s.room, entry=Anyone()),
     'PATCH /v2/<kind>s/<n> {"password":""}', "GET /v2/<kind>s/<n>", effect=Effect.IDEMPOTENT)
both("delete room", lambda s: s.conference.delete_room(s.room), "DELETE /v2/<kind>s/<n>", effect=Effect.IDEMPOTENT, rooms=-1)
both("register", lambda s: s.conference.register(s.room, ANN),
     f"POST /v2/<kind>s/<n>/registrants {ANN_JSON}", effect=Effect.NOTIFY, people=1, mails=1)
both("register with answers", lambda s: s.conference.register(s.room, BEN, fields={"org": "ACME", "Diet": "none"}, language="pl-PL"),
     'POST /v2/<kind>s/<n>/registrants {"email":"ben@example.com","first_name":"Ben","language":"pl-PL",'
     '"custom_questions":[{"title":"Diet","value":"none"}],"org":"ACME"}', effect=Effect.NOTIFY, people=1, mails=1)
both("register batch", lambda s: s.conference.register_batch(s.room, [ANN, BEN]),
     f'POST /v2/<kind>s/<n>/batch_registrants {{"registrants":[{ANN_JSON},{{"email":"ben@example.com","first_name":"Ben"}}]}}',
     effect=Effect.NOTIFY, people=2, mails=2)
for action in ("approve", "deny"):
    both(action, lambda s, action=action: getattr(s.conference, f"{action}_registration")(s.room, s.participant),
         f'PUT /v2/<kind>s/<n>/registrants/status {{"action":"{action}","registrants":[{{"id":"<registrant>",'
         '"email":"bea@example.org"}]}', "GET /v2/<kind>s/<n>/registrants/<registrant>", effect=Effect.NOTIFY, mails=1)
both("cancel", lambda s: s.conference.cancel_registration(s.room, s.participant),
     'PUT /v2/<kind>s/<n>/registrants/status {"action":"cancel","registrants":[{"id":"<registrant>","email":"bea@example.org"}]}',
     effect=Effect.NOTIFY, mails=1)
both("list participants", lambda s: s.conference.participants(s.room).collect(),
     *(f"GET /v2/<kind>s/<n>/registrants?page_size=300&status={status}" for status in ("approved", "pending", "denied")))
both("get participant", lambda s: s.conference.get_participant(s.room, s.participant.id),
     "GET /v2/<kind>s/<n>/registrants/<registrant>")
both("get participant by address", lambda s: s.conference.get_participant(s.room, email="Bea@Example.org"),
     "GET /v2/<kind>s/<n>/registrants?page_size=300&status=approved")
both("join link of the host", lambda s: s.conference.join_link(s.room, role="host"), "GET /v2/<kind>s/<n>")
both("join link for all", lambda s: s.conference.join_link(bare(s)), "GET /v2/<kind>s/<n>")
both("join link of a participant", lambda s: s.conference.join_link(s.room, person=s.participant))
both("join link of a person", lambda s: s.conference.join_link(s.room, person=ANN),
     f"POST /v2/<kind>s/<n>/registrants {ANN_JSON}", effect=Effect.NOTIFY, people=1, mails=1)
WEBINAR.add("join link of a presenter", lambda s: s.conference.join_link(s.room, role="presenter", person=GUEST),
     'POST /v2/webinars/<n>/panelists {"panelists":[{"name":"Zoë","email":"zoe@example.com"}]}',
     "GET /v2/webinars/<n>/panelists", effect=Effect.NOTIFY, mails=1)
WEBINAR.add("invite", lambda s: s.conference.invite(s.room, [GUEST, ANN], role="presenter"),
     'POST /v2/webinars/<n>/panelists {"panelists":[{"name":"Zoë","email":"zoe@example.com"},'
     '{"name":"Ann Lee","email":"ann@example.com"}]}', effect=Effect.NOTIFY, mails=2)
both("list sessions", lambda s: s.conference.sessions(s.room).collect(),
     "GET /v2/<kind>s/<n>", "GET /v2/past_<kind>s/<n>/instances", "GET <past>/<uuid>")
both("get session", lambda s: s.conference.get_session(s.session.id), "GET <past>/<uuid>")
both("attendance", lambda s: s.conference.attendance(s.session).collect(),
     "GET /v2/<kind>s/<n>", "GET /v2/report/<kind>s/<uuid>/participants?page_size=300&include_fields=registrant_id")
both("recordings of a session", lambda s: s.conference.recordings(s.session).collect(),
     "GET /v2/meetings/<uuid>/recordings", "GET /v2/meetings/<uuid>/transcript")
both("recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
     *(f"GET /v2/users/<host>/recordings?page_size=300&meeting_id=<n>&{month}" for month in (
         "from=2026-09-02&to=2026-10-01", "from=2026-08-03&to=2026-09-01", "from=2026-07-04&to=2026-08-02",
         "from=2026-06-04&to=2026-07-03", "from=2026-05-05&to=2026-06-03", "from=2026-04-05&to=2026-05-04",
         "from=2026-04-04&to=2026-04-04")))
both("delete recording", lambda s: s.conference.delete_recording(s.recording),
     "DELETE /v2/meetings/<uuid>/recordings?action=trash", effect=Effect.IDEMPOTENT, recordings=-1)
both("list templates", lambda s: s.conference.templates().collect(),
     "GET /v2/users/<host>/meeting_templates", "GET /v2/users/<host>/webinar_templates")
both("create template", lambda s: s.conference.create_template("Mine", native={f"{s.room.kind}_id": s.number}),
     'POST /v2/users/<host>/<kind>_templates {"name":"Mine","overwrite":false,"<kind>_id":<n>}',
     effect=Effect.CREATE, templates=1)
both("usage", lambda s: s.conference.usage().collect(),
     "GET /v2/report/users/<host>/meetings?page_size=300&from=2026-09-02&to=2026-10-01")
both("usage of a range", lambda s: s.conference.usage(SINCE, s.world.now).collect(),
     "GET /v2/report/users/<host>/meetings?page_size=300&from=2026-09-02&to=2026-10-01",
     "GET /v2/report/users/<host>/meetings?page_size=300&from=2026-09-01&to=2026-09-01")
both("request", lambda s: s.conference.request("GET", f"/{s.room.kind}s/{s.number}/registrants/questions"),
     "GET /v2/<kind>s/<n>/registrants/questions")
both("check", lambda s: s.conference.check(), "GET /v2/users/<host>")
# fmt: on


each_call_of_both = each_call(meeting=MEETING, webinar=WEBINAR)


@each_call_of_both
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        assert request.headers["authorization"].startswith("Bearer ey")


@pytest.mark.skipif(not CAN_CHECK, reason="there is no copy of Zoom's schema")
@each_call_of_both
async def test_requests_fit_zooms_schema(scenario, exact) -> None:
    await exact.call(scenario)
    for request in scenario.served.requests:
        target = request.target.removeprefix("/v2")
        assert request_faults(request.method, target, request.body) == [], request.target


@each_call_of_both
async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


def values(scenario: Any) -> dict[str, str]:
    """Return what differs from run to run, and from kind to kind."""
    uuid = split_run_id(scenario.session.id, "session")[2]
    kind = scenario.room.kind.value
    webinar = kind == "webinar"
    return {
        "past": "/v2/report/webinars" if webinar else "/v2/past_meetings",
        "passcode": "passcode" if webinar else "password",
        "plain": "5" if webinar else "2",
        "permanent": "6" if webinar else "3",
        "recurring": "9" if webinar else "8",
        "kind": kind,
        "n": str(scenario.number),
        "uuid": in_path(uuid),
        "host": "olga%40example.com",
        "registrant": str(scenario.participant.id),
    }


def in_path(uuid: str) -> str:
    """Return an uuid in a path, written out once more: `/` and `+` and `=` are the only marks."""
    twice = uuid.startswith("/") or "//" in uuid
    for mark, encoded in {"/": "%2F", "+": "%2B", "=": "%3D"}.items():
        uuid = uuid.replace(mark, encoded.replace("%", "%25") if twice else encoded)
    return uuid


# ------------------------------------------------------------------------- what needs another room


async def test_past_participants_are_asked_if_set_so(sandbox, scenario, clock) -> None:
    account = {**sandbox.account("zoom"), "attendance": "past"}
    async with connect(account, clock=clock) as conference:
        await conference.attendance(scenario.session).collect()
    kind, uuid = scenario.room.kind, in_path(split_run_id(scenario.session.id, "session")[2])
    line = f"GET /v2/past_{kind}s/{uuid}/participants?page_size=300"
    assert scenario.lines()[-1] == line


async def test_personal_link_without_registration_is_an_invite_link(scenario) -> None:
    room = await scenario.conference.create_room("Open", kind=scenario.room.kind)
    number = room.id.rpartition(":")[2]
    scenario.served.requests.clear()
    link = await scenario.conference.join_link(room, person=GUEST)
    assert scenario.lines() == [
        f'POST /v2/{room.kind}s/{number}/invite_links {{"attendees":[{{"name":"Zoë"}}],"ttl":7200}}'
    ]
    assert link.personal
    assert link.expires_at == scenario.world.now + timedelta(hours=2)


@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)  # webinars list no running one
async def test_running_session_is_ended_by_the_number(scenario) -> None:
    scenario.world.enter(str(scenario.number), "Olga Host", "olga@example.com")
    session = (await scenario.conference.sessions(scenario.room).collect())[0]
    scenario.served.requests.clear()
    await scenario.conference.end_session(session)
    assert scenario.lines() == [
        f"GET /v2/meetings/{scenario.number}",
        f'PUT /v2/meetings/{scenario.number}/status {{"action":"end"}}',
    ]


# --------------------------------------------------------------------------------- double encoding

UUIDS = {
    "/u2F0gUNSqqC7DT+08xKrw==": "%252Fu2F0gUNSqqC7DT%252B08xKrw%253D%253D",
    "Ahqu+zVcQpO//RcAUUWkNA==": "Ahqu%252BzVcQpO%252F%252FRcAUUWkNA%253D%253D",
    "Kj3b/9q1QhSgW2cBv0tXNA==": "Kj3b%2F9q1QhSgW2cBv0tXNA%3D%3D",
    "M8TigfzxRTKJmhXnV7bNjw==": "M8TigfzxRTKJmhXnV7bNjw%3D%3D",
}
OF_UUID: dict[str, Callable[[Any, str, str], Awaitable[Any]]] = {
    "session": lambda c, run, _: c.get_session(run),
    "attendance": lambda c, run, _: c.attendance(Session(id=run)).collect(),
    "recordings": lambda c, run, _: c.recordings(Session(id=run)).collect(),
    "deletion": lambda c, _, uuid: c.delete_recording(Recording(id=uuid)),
}


@pytest.mark.parametrize("call", OF_UUID.values(), ids=OF_UUID)
@pytest.mark.parametrize("uuid", UUIDS)
@pytest.mark.parametrize("kind", ["meeting", "webinar"])
async def test_uuid_in_path_is_encoded_as_documented(conference, served, call, uuid, kind) -> None:
    with suppress(NotFound):
        await call(conference, run_id(RoomKind(kind), 81234567890, uuid), uuid)
    paths = [request.path for request in served.requests if "81234567890" not in request.path]
    assert paths
    assert all(f"/{UUIDS[uuid]}" in path for path in paths)


@pytest.mark.parametrize("uuid", UUIDS)
def test_in_path_agrees_with_the_table(uuid) -> None:
    assert in_path(uuid) == UUIDS[uuid]
