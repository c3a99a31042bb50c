"""The exact requests of each operation, as the server sees them, for meetings and for webinars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from exact import (
    ExactCalls,
    add_to_each,
    check_lost_reply,
    check_requests,
    each_call,
    fill_in,
)
from webex_spec import CAN_CHECK, request_faults

from conferencing import (
    InvalidRequest,
    Invitee,
    NotAvailable,
    Passcode,
    Person,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
    UnsupportedOption,
    connect,
)
from conferencing.http import Effect

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
BEN = Person(first_name="Ben", last_name="Oak", email="ben@example.com")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
HALF = timedelta(minutes=30)
ANN_JSON = '{"firstName":"Ann","lastName":"Lee","email":"ann@example.com"}'
BEN_JSON = '{"firstName":"Ben","lastName":"Oak","email":"ben@example.com"}'
URL = "https://example.com/webhooks"
WIDE = "from=2021-09-27T09%3A32%3A00Z&to=2036-10-01T09%3A32%3A00Z"
WEBINAR_TYPE = ',"scheduledType":"webinar","sessionTypeId":628'
BEFORE = "from=2021-09-27T08%3A02%3A00Z&to=2036-10-01T08%3A02%3A00Z"

MEETING, WEBINAR = ExactCalls(), ExactCalls()
both = add_to_each(MEETING, WEBINAR)


def create(name: str, fields: dict[str, Any], body: str, native: str = "", **adds: int) -> None:
    """Add a creation; a webinar has a session type, which is looked up."""
    MEETING.add(name, lambda s: s.conference.create_room("A/ż", **fields), f"POST /v1/meetings {{{body}{native}}}",
                effect=Effect.CREATE, rooms=1, **adds)  # fmt: skip
    query = "?hostEmail=piotr%40example.com" if "host" in fields else ""
    WEBINAR.add(name, lambda s: s.conference.create_room("A/ż", kind="webinar", **fields),
                f"GET /v1/meetings/sessionTypes{query}", f"POST /v1/meetings {{{body}{WEBINAR_TYPE}{native}}}",
                rooms=1, **adds)  # fmt: skip


# fmt: off
SOON = '"start":"2026-10-01T09:33:00+00:00","end":"2026-10-01T10:33:00+00:00"'
create("create", {}, f'"title":"A/ż","sendEmail":false,{SOON},"siteUrl":"demo.webex.com"')
create("create planned", {
    "description": "D", "starts_at": START, "duration": HALF, "timezone": "Europe/Warsaw",
    "entry": Passcode("a1B2c3$x"), "registration": True, "approval": True, "waiting_room": True},
    '"title":"A/ż","agenda":"D","password":"a1B2c3$x","unlockedMeetingJoinSecurity":"allowJoinWithLobby",'
    '"sendEmail":false,"start":"2026-12-01T10:00:00+01:00","end":"2026-12-01T10:30:00+01:00",'
    '"timezone":"Europe/Warsaw","siteUrl":"demo.webex.com","registration":{"autoAcceptRequest":false,'
    '"requireFirstName":true,"requireLastName":true,"requireEmail":true}')
create("create recurring", {"starts_at": START, "duration": HALF, "recurrence": "rrule:freq=WEEKLY;byday=TU,TH;count=4"},
    '"title":"A/ż","sendEmail":false,"start":"2026-12-01T09:00:00+00:00","end":"2026-12-01T09:30:00+00:00",'
    '"timezone":"UTC","recurrence":"FREQ=WEEKLY;COUNT=4;BYDAY=TU,TH","siteUrl":"demo.webex.com"')
create("create with people", {
    "starts_at": START, "duration": HALF, "host": Person(email="piotr@example.com"),
    "people": [ANN, Invitee(person=BEN, role="host")],
    "settings": RoomSettings(public_chat=False, camera=True, microphone=False, auto_recording=True),
    "native": {"reminderTime": 5}},
    '"title":"A/ż","enabledAutoRecordMeeting":true,"invitees":[{"email":"ann@example.com","displayName":"Ann Lee"},'
    '{"email":"ben@example.com","displayName":"Ben Oak","coHost":true}],"sendEmail":false,'
    '"meetingOptions":{"enabledChat":false,"enabledVideo":true},"audioConnectionOptions":{"allowAttendeeToUnmuteSelf":false},'
    '"start":"2026-12-01T09:00:00+00:00","end":"2026-12-01T09:30:00+00:00","timezone":"UTC",'
    '"hostEmail":"piotr@example.com","siteUrl":"demo.webex.com"', ',"reminderTime":5', invitees=2)
both("list rooms", lambda s: s.conference.rooms().collect(), f"GET /v1/meetings?meetingType=meetingSeries&{WIDE}&max=100")
both("list live rooms", lambda s: s.conference.rooms(status=RoomStatus.LIVE).collect(),
     f"GET /v1/meetings?meetingType=meetingSeries&{WIDE}&max=100")
both("get room", lambda s: s.conference.get_room(s.room.id), "GET /v1/meetings/<n>?current=false")
both("update room", lambda s: s.conference.update_room(s.room, name="B", waiting_room=False),
     "GET /v1/meetings/<n>?current=false",
     'PATCH /v1/meetings/<n> {"title":"B","unlockedMeetingJoinSecurity":"allowJoin","sendEmail":false}',
     effect=Effect.IDEMPOTENT)
both("update times", lambda s: s.conference.update_room(s.room, starts_at=START, timezone="Europe/Berlin"),
     "GET /v1/meetings/<n>?current=false",
     'PATCH /v1/meetings/<n> {"sendEmail":false,"start":"2026-12-01T10:00:00+01:00","end":"2026-12-01T14:59:00+01:00",'
     '"timezone":"Europe/Berlin"}', effect=Effect.IDEMPOTENT)
both("update duration of a room of which the id is known", lambda s: s.conference.update_room(s.room.id, duration=2 * HALF),
     "GET /v1/meetings/<n>?current=false",
     'PATCH /v1/meetings/<n> {"sendEmail":false,"end":"2026-10-01T09:01:00+00:00"}',
     effect=Effect.IDEMPOTENT)
both("update registration", lambda s: s.conference.update_room(s.room, approval=True), "GET /v1/meetings/<n>?current=false",
     'PUT /v1/meetings/<n>/registration {"autoAcceptRequest":false,"requireFirstName":true,"requireLastName":true,'
     '"requireEmail":true}', "GET /v1/meetings/<n>?current=false", effect=Effect.IDEMPOTENT)
both("end registration", lambda s: s.conference.update_room(s.room, registration=False), "GET /v1/meetings/<n>?current=false",
     "DELETE /v1/meetings/<n>/registration", "GET /v1/meetings/<n>?current=false", effect=Effect.IDEMPOTENT)
both("delete room", lambda s: s.conference.delete_room(s.room), "DELETE /v1/meetings/<n>?sendEmail=false",
     effect=Effect.IDEMPOTENT, rooms=-1)
both("templates", lambda s: s.conference.templates().collect(), "GET /v1/meetings/templates")
both("register", lambda s: s.conference.register(s.room, ANN),
     f"POST /v1/meetings/<n>/registrants?current=false {ANN_JSON}", effect=Effect.NOTIFY, people=1, mails=1)
both("register with answers", lambda s: s.conference.register(
        s.room, BEN, fields={"jobTitle": "CTO", "zipCode": "01234", "330087": "green"}, confirmation=False),
     'POST /v1/meetings/<n>/registrants?current=false {"firstName":"Ben","lastName":"Oak","email":"ben@example.com",'
     '"sendEmail":false,"customizedQuestions":[{"questionId":330087,"answers":[{"answer":"green"}]}],'
     '"jobTitle":"CTO","zipCode":1234}', effect=Effect.NOTIFY, people=1)
both("register batch", lambda s: s.conference.register_batch(s.room, [ANN, BEN]),
     f'POST /v1/meetings/<n>/registrants/bulkInsert?current=false {{"items":[{ANN_JSON},{BEN_JSON}]}}',
     effect=Effect.NOTIFY, people=2, mails=2)
for action, word in {"approve": "approve", "deny": "reject"}.items():
    both(action, lambda s, action=action: getattr(s.conference, f"{action}_registration")(s.room, s.participant),
         f'POST /v1/meetings/<n>/registrants/{word}?current=false {{"registrants":[{{"id":"<person>"}}]}}',
         "GET /v1/meetings/<n>/registrants/<person>?current=false", effect=Effect.NOTIFY, mails=1)
both("cancel", lambda s: s.conference.cancel_registration(s.room, s.participant),
     'POST /v1/meetings/<n>/registrants/cancel?current=false {"registrants":[{"id":"<person>"}]}',
     effect=Effect.NOTIFY, people=-1, mails=1)
both("participants", lambda s: s.conference.participants(s.room).collect(),
     "GET /v1/meetings/<n>/registrants?current=false&max=100")
both("get participant", lambda s: s.conference.get_participant(s.room, s.participant.id),
     "GET /v1/meetings/<n>/registrants/<person>?current=false")
both("get participant by e-mail", lambda s: s.conference.get_participant(s.room, email="bea@example.org"),
     "GET /v1/meetings/<n>/registrants?current=false&email=bea%40example.org&max=100")
both("invite", lambda s: s.conference.invite(s.room, [ANN]),
     'POST /v1/meetingInvitees/bulkInsert {"meetingId":"<n>","items":[{"email":"ann@example.com","displayName":"Ann Lee",'
     '"sendEmail":true}]}', effect=Effect.NOTIFY, invitees=1, mails=1)
WEBINAR.add("invite presenters", lambda s: s.conference.invite(s.room, [ANN], role="presenter"),
     'POST /v1/meetingInvitees/bulkInsert {"meetingId":"<n>","items":[{"email":"ann@example.com","displayName":"Ann Lee",'
     '"panelist":true,"sendEmail":true}]}', effect=Effect.NOTIFY, invitees=1, mails=1)
both("plain link", lambda s: s.conference.join_link(s.room))
both("plain link of a room of which the id is known", lambda s: s.conference.join_link(s.room.id),
     "GET /v1/meetings/<n>?current=false")
both("link of a person", lambda s: s.conference.join_link(s.room, person=ANN),
     'POST /v1/meetings/join {"meetingId":"<n>","joinDirectly":false,"email":"ann@example.com","displayName":"Ann Lee"}',
     effect=Effect.IDEMPOTENT)
both("link of the host", lambda s: s.conference.join_link(s.room, role="host"),
     'POST /v1/meetings/join {"meetingId":"<n>","joinDirectly":false}', effect=Effect.IDEMPOTENT)
WEBINAR.add("link of a presenter", lambda s: s.conference.join_link(s.room, role="presenter", person=ANN),
     "GET /v1/meetingInvitees?meetingId=<n>&panelist=true&max=100",
     'POST /v1/meetingInvitees {"meetingId":"<n>","email":"ann@example.com","displayName":"Ann Lee","panelist":true,"sendEmail":false}',
     'POST /v1/meetings/join {"meetingId":"<n>","joinDirectly":false,"email":"ann@example.com","displayName":"Ann Lee"}',
     invitees=1)
both("sessions", lambda s: s.conference.sessions(s.room).collect(),
     f"GET /v1/meetings?meetingSeriesId=<n>&meetingType=meeting&{WIDE}&max=100")
both("get session", lambda s: s.conference.get_session(s.session.id), "GET /v1/meetings/<run>?current=false")
both("attendance", lambda s: s.conference.attendance(s.session).collect(),
     "GET /v1/meetingParticipants?meetingId=<run>&max=100")
both("attendance of a session of which the id is known", lambda s: s.conference.attendance(s.session.id).collect(),
     "GET /v1/meetings/<run>?current=false", "GET /v1/meetingParticipants?meetingId=<run>&max=100")
both("recordings", lambda s: s.conference.recordings(s.room).collect(),
     f"GET /v1/recordings?{WIDE}&max=100&meetingId=<n>", "GET /v1/recordings/<recording>")
both("recordings of a session", lambda s: s.conference.recordings(s.session).collect(),
     f"GET /v1/recordings?{WIDE}&max=100&meetingId=<run>", "GET /v1/recordings/<recording>",
     f"GET /v1/meetingTranscripts?meetingId=<run>&{WIDE}&max=100")
both("delete recording", lambda s: s.conference.delete_recording(s.recording),
     "DELETE /v1/recordings/<recording>", effect=Effect.IDEMPOTENT, recordings=-1)
both("delete recordings", lambda s: s.conference.delete_recordings(s.room),
     f"GET /v1/recordings?meetingId=<n>&{WIDE}&max=100", "DELETE /v1/recordings/<recording>",
     effect=Effect.IDEMPOTENT, recordings=-1)
both("usage", lambda s: s.conference.usage(START - 62 * timedelta(days=1), START - 30 * timedelta(days=1)).collect(),
     "GET /v1/meetingReports/usage?siteUrl=demo.webex.com&from=2026-09-30T09%3A00%3A00Z&to=2026-10-30T09%3A00%3A00Z&max=1000",
     "GET /v1/meetingReports/usage?siteUrl=demo.webex.com&from=2026-10-30T09%3A00%3A00Z&to=2026-11-01T09%3A00%3A00Z&max=1000")
both("check", lambda s: s.conference.check(), "GET /v1/people/me")
# fmt: on

each_call_of_both = each_call(meeting=MEETING, webinar=WEBINAR)


def values(scenario: Any) -> dict[str, str]:
    """Return what differs from run to run."""
    return {
        "n": scenario.room.id,
        "run": scenario.session.id,
        "person": scenario.participant.id,
        "recording": scenario.recording.id,
    }


@each_call_of_both
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)


@each_call_of_both
async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


@pytest.mark.skipif(not CAN_CHECK, reason="there is no copy of Webex's schema")
@pytest.mark.parametrize("exact", [*MEETING, *WEBINAR], ids=str)
def test_request_fits_schema(exact) -> None:
    marks = {"n": "7", "run": "7_I_1", "person": "8", "recording": "9"}
    for line in fill_in(exact.requests, marks):
        method, target, body = [*line.split(" ", 2), ""][:3]
        assert request_faults(method, target.removeprefix("/v1"), body.encode()) == []


# --------------------------------------------------------------------------- what needs other rooms


@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)
async def test_series_has_its_dates(scenario) -> None:
    room = await scenario.conference.create_room(
        "Series", starts_at=START, duration=HALF, recurrence="FREQ=DAILY;COUNT=3"
    )
    scenario.served.requests.clear()
    series = await scenario.conference.get_room(room.id)
    assert scenario.lines() == [
        f"GET /v1/meetings/{room.id}?current=false",
        f"GET /v1/meetings?meetingSeriesId={room.id}&meetingType=scheduledMeeting&{WIDE}&max=100",
    ]
    days = [START + timedelta(days=number) for number in range(3)]
    assert [date.starts_at for date in series.occurrences] == days
    assert [date.id for date in series.occurrences] == [
        f"{room.id}_{day:%Y%m%dT%H%M%SZ}" for day in days
    ]


@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)
async def test_occurrence_is_changed_and_deleted_as_a_room(scenario) -> None:
    conference, world = scenario.conference, scenario.world
    room = await conference.create_room(
        "Series", starts_at=START, duration=HALF, recurrence="FREQ=DAILY;COUNT=3"
    )
    second = (await conference.get_room(room.id)).occurrences[1]
    moved = await conference.update_room(second.id, duration=3 * HALF, timezone="UTC")
    assert (moved.id, moved.duration) == (second.id, 3 * HALF)
    await conference.delete_room(second.id)
    left = (await conference.get_room(room.id)).occurrences
    assert [date.duration for date in left] == [HALF, HALF]
    assert room.id in world.rooms


@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)
async def test_running_session_is_ended_by_its_own_id(scenario) -> None:
    scenario.world.enter(scenario.room.id, "Ada Host", "ada@example.com", Role.HOST)
    session = (await scenario.conference.sessions(scenario.room).collect())[-1]
    scenario.served.requests.clear()
    await scenario.conference.end_session(session)
    assert scenario.lines() == [
        f"GET /v1/meetings/{session.id}?current=false",
        f"POST /v1/meetings/{session.id}/end",
    ]


@pytest.mark.parametrize("scenario", ["meeting"], indirect=True)
async def test_hooks_are_made_once_and_switched_on_again(scenario) -> None:
    webhooks, simulator = scenario.conference.webhooks, scenario.simulator
    made = await webhooks.subscribe(URL)
    assert scenario.lines()[:2] == [
        "GET /v1/webhooks?max=100",
        (
            f'POST /v1/webhooks {{"name":"conferencing","targetUrl":"{URL}",'
            f'"secret":"{simulator.webhook_secret}","resource":"meetings","event":"created"}}'
        ),
    ]
    assert len(scenario.lines()) == 1 + len(made) == 11
    simulator.hooks[made[3].id].status = "inactive"
    simulator.hooks[made[5].id].body["secret"] = "old"
    scenario.served.requests.clear()
    assert await webhooks.subscribe(URL) == made
    change = (
        f'{{"name":"conferencing","targetUrl":"{URL}","secret":"{simulator.webhook_secret}",'
        '"status":"active"}'
    )
    assert scenario.lines() == [
        "GET /v1/webhooks?max=100",
        f"PUT /v1/webhooks/{made[3].id} {change}",
        f"PUT /v1/webhooks/{made[5].id} {change}",
    ]
    with pytest.raises(UnsupportedOption):
        await webhooks.subscribe(URL, scenario.room)
    await webhooks.unsubscribe(URL)
    assert not simulator.hooks


# ------------------------------------------------------------------- in the name of another user


async def test_service_app_names_the_host_in_each_call(sandbox, served, simulator, clock) -> None:
    async with connect(sandbox.account("webex", "service"), clock=clock) as conference:
        room = await conference.create_room("Launch", registration=True)
        await conference.update_room(room, name="B", registration=False)
        await conference.join_link(room, person=ANN)
        await conference.webhooks.subscribe(URL)
        await conference.delete_room(room)
    lines = [f"{each.method} {each.target} {each.body.decode()}" for each in served.requests]
    for line in lines[1:]:
        if "/registration" not in line and "/webhooks" not in line:
            assert "hostEmail=ada%40example.com" in line or '"hostEmail":"ada@example.com"' in line
    (deletion,) = [each for each in served.requests if each.path.endswith("/registration")]
    assert deletion.headers["hostemail"] == "ada@example.com"
    hooks = {(hook.owner, hook.body["filter"]) for hook in simulator.hooks.values()}
    assert hooks == {("org", "hostEmail=ada@example.com")}


async def test_link_into_a_webinar_names_no_host(sandbox, served, world, clock) -> None:
    account = {**sandbox.account("webex"), "host": "ada@example.com"}
    soon = world.now + timedelta(minutes=5)
    async with connect(account, clock=clock) as conference:
        for kind, named in (("webinar", False), ("meeting", True)):
            room = await conference.create_room("Launch", kind=kind, starts_at=soon)
            await conference.join_link(room, person=ANN)
            assert (b"hostEmail" in served.requests[-1].body) is named


async def test_room_of_another_host_is_used_in_their_name(sandbox, served, clock) -> None:
    piotr = Person(email="piotr@example.com")
    async with connect(sandbox.account("webex", "service"), clock=clock) as conference:
        room = await conference.create_room("Launch", host=piotr, registration=True)
        await conference.register(room, ANN)
        await conference.participants(room).collect()
    assert served.requests[-1].target.count("hostEmail=piotr%40example.com") == 1


async def test_zone_of_the_account_is_a_header(sandbox, served, clock) -> None:
    account = {**sandbox.account("webex"), "timezone": "Europe/Berlin"}
    async with connect(account, clock=clock) as conference:
        created = await conference.create_room("Launch", starts_at=START, duration=HALF)
        room = await conference.get_room(created.id)
    assert served.requests[-1].headers["timezone"] == "Europe/Berlin"
    assert str(room.starts_at and room.starts_at.tzinfo) == "Europe/Berlin"
    assert room.timezone is None  # that of the reply is not that of the plan


# ----------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        (
            {"recurrence": "FREQ=MONTHLY;BYMONTHDAY=1,15", "timezone": "UTC"},
            UnsupportedOption,
            "recurrence",
        ),
        (
            {"recurrence": "FREQ=MONTHLY;BYDAY=1MO,3MO", "timezone": "UTC"},
            UnsupportedOption,
            "recurrence",
        ),
        ({"entry": Passcode("x", role="host")}, UnsupportedOption, "entry"),
        ({"people": [Invitee(role="host")]}, UnsupportedOption, "people"),
        ({"people": [Invitee(person=ANN, entry=Passcode("x"))]}, UnsupportedOption, "people"),
        (
            {
                "starts_at": START.astimezone(datetime.fromisoformat("2026-01-01T00+05:30").tzinfo),
                "recurrence": "FREQ=DAILY;COUNT=2",
            },
            InvalidRequest,
            "timezone",
        ),
    ],
)
async def test_what_webex_cannot_express_sends_nothing(
    conference, served, fields, error, field
) -> None:
    with pytest.raises(error) as caught:
        await conference.create_room("Launch", **fields)
    assert caught.value.field == field
    assert not served.requests


@pytest.mark.parametrize("answers", [{"zipCode": "SW1A"}, {"Diet": "none"}])
async def test_answer_to_no_question_sends_nothing(conference, served, answers) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.register(Room(id="7"), ANN, fields=answers)
    assert caught.value.field == "fields"
    assert not served.requests


async def test_webinar_without_a_licence_is_not_available(conference, served, simulator) -> None:
    simulator.webinars = False
    with pytest.raises(NotAvailable):
        await conference.create_room("Launch", kind="webinar")
    assert [request.method for request in served.requests] == ["GET"]


@pytest.mark.parametrize("meeting_id", ["5f0c", "5f0c_20300501T080000Z"])
async def test_attendance_of_no_run_sends_nothing(conference, served, meeting_id) -> None:
    with pytest.raises(InvalidRequest):
        await conference.attendance(meeting_id).collect()
    with pytest.raises(InvalidRequest):
        await conference.end_session(meeting_id)
    assert not served.requests


async def test_link_without_address_sends_nothing(conference, served) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.join_link("7", name="Zoë")
    assert caught.value.field == "email"
    assert not served.requests
