"""The exact requests of each operation, as the server sees them, in the three forms of rooms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from exact import ExactCalls, check_lost_reply, check_requests, each_call

from conferencing import Person, RoomKind, RoomSettings, RoomStatus, connect
from conferencing.http import Effect
from conferencing.model.drafts import Invitee

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
OMAR = Person(email="omar@contoso.example")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
LOCAL = datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Warsaw"))
HALF = timedelta(minutes=30)
PREDEFINED = "#microsoft.graph.virtualEventRegistrationPredefinedQuestion"
URL = "http://127.0.0.1:9/hooks"
NOW = '{"dateTime":"2026-10-01T08:00:00","timeZone":"UTC"}'
LATER = '{"dateTime":"2026-10-01T09:00:00","timeZone":"UTC"}'
LINK = '"isOnlineMeeting":true,"onlineMeetingProvider":"teamsForBusiness","transactionId":"<uuid>"'
PLANNED = '"startDateTime":"2026-12-01T09:00:00Z","endDateTime":"2026-12-01T09:30:00Z"'
EVENTS = "/v1.0/users/<owner>/events"
MEETINGS = "/v1.0/users/<owner>/onlineMeetings"
WEBINARS = "/v1.0/solutions/virtualEvents/webinars"
FIND = f"GET {MEETINGS}?%24filter=JoinWebUrl%20eq%20%27<link>%27"

EVENT, PLAIN, WEBINAR = ExactCalls(), ExactCalls(), ExactCalls()


def create(s: Any, *arguments: Any, **fields: Any) -> Awaitable[Any]:
    return s.conference.create_room(*arguments, kind=s.room.kind, **fields)  # type: ignore[no-any-return]


def every(name: str, call: Callable[[Any], Awaitable[Any]], *requests: str, effect: Effect = Effect.READ,
          first: tuple[str, ...] = (FIND,)) -> None:  # fmt: skip
    """Add a call of all forms, in which `<meeting>` is the path of the meeting behind the room."""
    EVENT.add(name, call, *first, *requests, effect=effect)
    PLAIN.add(name, call, *requests, effect=effect)
    WEBINAR.add(name, call, *requests, effect=effect)


# fmt: off
EVENT.add("create", create, f'POST {EVENTS} {{"start":{NOW},"end":{LATER},{LINK}}}', effect=Effect.IDEMPOTENT, rooms=1)
EVENT.add("create planned", lambda s: create(s, "A/ż", description="D", starts_at=LOCAL, duration=HALF,
                                             people=[ANN], native={"importance": "high"}),
     f'POST {EVENTS} {{"subject":"A/ż","body":{{"contentType":"text","content":"D"}},'
     '"start":{"dateTime":"2026-12-01T10:00:00","timeZone":"Central European Standard Time"},'
     '"end":{"dateTime":"2026-12-01T10:30:00","timeZone":"Central European Standard Time"},'
     f'"attendees":[{{"type":"required","emailAddress":{{"address":"ann@example.com","name":"Ann Lee"}}}}],{LINK},"importance":"high"}}',
     effect=Effect.IDEMPOTENT, rooms=1, mails=1)
EVENT.add("create recurring", lambda s: create(s, starts_at=LOCAL, duration=HALF, recurrence="FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"),
     f'POST {EVENTS} {{"start":{{"dateTime":"2026-12-01T10:00:00","timeZone":"Central European Standard Time"}},'
     '"end":{"dateTime":"2026-12-01T10:30:00","timeZone":"Central European Standard Time"},"recurrence":{"pattern":'
     '{"interval":1,"type":"weekly","daysOfWeek":["tuesday","thursday"],"firstDayOfWeek":"monday"},"range":{"type":"numbered",'
     f'"startDate":"2026-12-01","numberOfOccurrences":4,"recurrenceTimeZone":"Central European Standard Time"}}}},{LINK}}}',
     effect=Effect.IDEMPOTENT, rooms=1)
EVENT.add("create with settings", lambda s: create(s, waiting_room=True, settings=RoomSettings(camera=False, public_chat=True)),
     f'POST {EVENTS} {{"start":{NOW},"end":{LATER},{LINK}}}', f"GET {MEETINGS}?%24filter=JoinWebUrl%20eq%20%27<new link>%27",
     f'PATCH {MEETINGS}/<new meeting> {{"lobbyBypassSettings":{{"scope":"organizer"}},"allowMeetingChat":"enabled",'
     '"allowAttendeeToEnableCamera":false}', effect=Effect.IDEMPOTENT, rooms=1)
EVENT.add("create for a host", lambda s: create(s, host=OMAR), "GET /v1.0/users/omar%40contoso.example?%24select=id",
     f'POST /v1.0/users/<omar>/events {{"start":{NOW},"end":{LATER},{LINK}}}', effect=Effect.IDEMPOTENT, rooms=1)
PLAIN.add("create", create, f'POST {MEETINGS}/createOrGet {{"externalId":"<uuid>"}}', effect=Effect.IDEMPOTENT, rooms=1)
PLAIN.add("create planned", lambda s: create(s, "A/ż", starts_at=START, duration=HALF, people=[Invitee(person=OMAR, role="presenter")]),
     f'POST {MEETINGS}/createOrGet {{"externalId":"<uuid>","subject":"A/ż",{PLANNED},'
     '"participants":{"attendees":[{"upn":"omar@contoso.example","role":"presenter"}]}}', effect=Effect.IDEMPOTENT, rooms=1)
PLAIN.add("create with settings", lambda s: create(s, waiting_room=False, settings=RoomSettings(
     microphone=True, recording=False, auto_recording=True, encryption=True, public_chat=False)),
     f'POST {MEETINGS}/createOrGet {{"externalId":"<uuid>"}}',
     f'PATCH {MEETINGS}/<new meeting> {{"lobbyBypassSettings":{{"scope":"everyone"}},"allowMeetingChat":"disabled",'
     '"allowAttendeeToEnableMic":true,"allowRecording":false,"recordAutomatically":true,"isEndToEndEncryptionEnabled":true}',
     effect=Effect.IDEMPOTENT, rooms=1)
WEBINAR.add("create", lambda s: create(s, "A", starts_at=LOCAL, duration=HALF, description="D", native={"audience": "organization"}),
     f'POST {WEBINARS} {{"displayName":"A","description":{{"contentType":"text","content":"D"}},'
     '"startDateTime":{"dateTime":"2026-12-01T10:00:00","timeZone":"Central European Standard Time"},'
     '"endDateTime":{"dateTime":"2026-12-01T10:30:00","timeZone":"Central European Standard Time"},"audience":"organization"}',
     f"POST {WEBINARS}/<new webinar>/publish", effect=Effect.CREATE, rooms=1)
EVENT.add("list rooms", lambda s: s.conference.rooms(status=RoomStatus.ENDED).collect(), f"GET {EVENTS}?%24top=100",
     f"GET {WEBINARS}/getByUserRole(role='organizer')")
EVENT.add("get room", lambda s: s.conference.get_room(s.room.id), f"GET {EVENTS}/<n>")
PLAIN.add("get room", lambda s: s.conference.get_room(s.room.id), f"GET {MEETINGS}/<n>")
WEBINAR.add("get room", lambda s: s.conference.get_room(s.room.id), f"GET {WEBINARS}/<n>")
EVENT.add("update room", lambda s: s.conference.update_room(s.room, name="B"), f'PATCH {EVENTS}/<n> {{"subject":"B"}}',
     effect=Effect.IDEMPOTENT)
EVENT.add("update room of unknown people", lambda s: s.conference.update_room(s.room.id, name="B"),
     f'PATCH {EVENTS}/<n> {{"subject":"B"}}', effect=Effect.NOTIFY)
EVENT.add("update start", lambda s: s.conference.update_room(s.room, starts_at=START), f"GET {EVENTS}/<n>",
     f'PATCH {EVENTS}/<n> {{"start":{{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"}},"end":{{"dateTime":"2026-12-01T14:00:00","timeZone":"UTC"}}}}')
EVENT.add("update settings", lambda s: s.conference.update_room(s.room, settings=RoomSettings(camera=False)),
     f"GET {EVENTS}/<n>", FIND, 'PATCH <meeting> {"allowAttendeeToEnableCamera":false}')
EVENT.add("update people", lambda s: s.conference.update_room(s.room, people=[ANN]),
     f'PATCH {EVENTS}/<n> {{"attendees":[{{"type":"required","emailAddress":{{"address":"ann@example.com","name":"Ann Lee"}}}}]}}',
     effect=Effect.NOTIFY, mails=1)
PLAIN.add("update room", lambda s: s.conference.update_room(s.room, name="B", starts_at=START, duration=HALF, waiting_room=True),
     f'PATCH {MEETINGS}/<n> {{"subject":"B",{PLANNED},"lobbyBypassSettings":{{"scope":"organizer"}}}}', effect=Effect.IDEMPOTENT)
PLAIN.add("update duration", lambda s: s.conference.update_room(s.room, duration=HALF), f"GET {MEETINGS}/<n>",
     f'PATCH {MEETINGS}/<n> {{"startDateTime":"2026-10-01T08:00:00Z","endDateTime":"2026-10-01T08:30:00Z"}}')
WEBINAR.add("update room", lambda s: s.conference.update_room(s.room, name="B"), f'PATCH {WEBINARS}/<n> {{"displayName":"B"}}',
     effect=Effect.IDEMPOTENT)
WEBINAR.add("publish", lambda s: s.conference.update_room(s.room, status="open"), f"POST {WEBINARS}/<n>/publish", f"GET {WEBINARS}/<n>",
     effect=Effect.IDEMPOTENT)
EVENT.add("delete room", lambda s: s.conference.delete_room(s.room), f"DELETE {EVENTS}/<n>", effect=Effect.IDEMPOTENT, rooms=-1)
PLAIN.add("delete room", lambda s: s.conference.delete_room(s.room), f"DELETE {MEETINGS}/<n>", effect=Effect.IDEMPOTENT, rooms=-1)
WEBINAR.add("delete room", lambda s: s.conference.delete_room(s.room), f"POST {WEBINARS}/<n>/cancel", rooms=-1)
EVENT.add("room settings", lambda s: s.conference.room_settings(s.room.id), f"GET {EVENTS}/<n>", FIND)
PLAIN.add("room settings", lambda s: s.conference.room_settings(s.room.id), f"GET {MEETINGS}/<n>")
EVENT.add("invite", lambda s: s.conference.invite(s.room, [ANN]),
     f'POST {EVENTS}/<n>/forward {{"toRecipients":[{{"emailAddress":{{"address":"ann@example.com","name":"Ann Lee"}}}}]}}',
     effect=Effect.NOTIFY, mails=1)
EVENT.add("join link", lambda s: s.conference.join_link(s.room.id), f"GET {EVENTS}/<n>")
EVENT.add("join link of a known room", lambda s: s.conference.join_link(s.room, role="host"))
PLAIN.add("join link", lambda s: s.conference.join_link(s.room.id, role="presenter"), f"GET {MEETINGS}/<n>")
WEBINAR.add("join link", lambda s: s.conference.join_link(s.room, role="presenter"), f"GET {WEBINARS}/<n>/sessions")
WEBINAR.add("join link of a participant", lambda s: s.conference.join_link(s.room, person=s.participant),
     f"GET {WEBINARS}/<n>/registrations/<registration>/sessions")
WEBINAR.add("join link of a registered person", lambda s: s.conference.join_link(s.room, person=Person(email="bea@example.org")),
     f"GET {WEBINARS}/<n>/registrations(email='bea%40example.org')", f"GET {WEBINARS}/<n>/registrations/<registration>/sessions")
WEBINAR.add("register", lambda s: s.conference.register(s.room, ANN, language="pl-PL"),
     f'POST {WEBINARS}/<n>/registrations {{"firstName":"Ann","lastName":"Lee","email":"ann@example.com",'
     '"preferredTimezone":"UTC","preferredLanguage":"pl-PL"}', effect=Effect.NOTIFY, people=1)
WEBINAR.add("list participants", lambda s: s.conference.participants(s.room).collect(), f"GET {WEBINARS}/<n>/registrations")
WEBINAR.add("get participant", lambda s: s.conference.get_participant(s.room, s.participant.id),
     f"GET {WEBINARS}/<n>/registrations/<registration>")
WEBINAR.add("get participant by address", lambda s: s.conference.get_participant(s.room, email="bea@example.org"),
     f"GET {WEBINARS}/<n>/registrations(email='bea%40example.org')")
WEBINAR.add("cancel registration", lambda s: s.conference.cancel_registration(s.room, s.participant),
     f"POST {WEBINARS}/<n>/registrations/<registration>/cancel", effect=Effect.IDEMPOTENT)
EVENT.add("list sessions", lambda s: s.conference.sessions(s.room).collect(), FIND, "GET <meeting>/attendanceReports")
PLAIN.add("list sessions", lambda s: s.conference.sessions(s.room).collect(), "GET <meeting>/attendanceReports")
WEBINAR.add("list sessions", lambda s: s.conference.sessions(s.room).collect(), f"GET {WEBINARS}/<n>/sessions",
     "GET <meeting>/attendanceReports")
every("get session", lambda s: s.conference.get_session(s.session.id), "GET <meeting>/attendanceReports/<report>",
     first=(f"GET {EVENTS}/<n>", FIND))
every("attendance", lambda s: s.conference.attendance(s.session).collect(),
     "GET <meeting>/attendanceReports/<report>/attendanceRecords", first=(f"GET {EVENTS}/<n>", FIND))
EVENT.add("recordings", lambda s: s.conference.recordings(s.room).collect(), FIND, "GET <meeting>/recordings", "GET <meeting>/transcripts")
EVENT.add("recordings of a session", lambda s: s.conference.recordings(s.session).collect(), f"GET {EVENTS}/<n>", FIND,
     "GET <meeting>/recordings", "GET <meeting>/transcripts")
EVENT.add("recordings of the account", lambda s: s.conference.recordings().collect(),
     f"GET {MEETINGS}/getAllRecordings(meetingOrganizerUserId='<owner>')",
     f"GET {MEETINGS}/getAllTranscripts(meetingOrganizerUserId='<owner>')")
WEBINAR.add("recordings", lambda s: s.conference.recordings(s.room).collect(), f"GET {WEBINARS}/<n>/sessions", FIND,
     f"GET {MEETINGS}/<behind>/recordings", f"GET {MEETINGS}/<behind>/transcripts")
EVENT.add("request", lambda s: s.conference.request("GET", f"/users/{s.simulator.host.id}/calendar"), "GET /v1.0/users/<owner>/calendar")
EVENT.add("check", lambda s: s.conference.check(), "GET /v1.0/users/<owner>/calendar", f"GET {WEBINARS}/getByUserRole(role='organizer')")
PLAIN.add("check", lambda s: s.conference.check(),
     f"GET {MEETINGS}?%24filter=joinMeetingIdSettings%2FjoinMeetingId%20eq%20%27100000000000%27",
     f"GET {WEBINARS}/getByUserRole(role='organizer')")
EVENT.add("permissions", lambda s: s.conference.permissions())
EVENT.add("unsubscribe", lambda s: s.conference.webhooks.unsubscribe(URL), "GET /v1.0/subscriptions")
# fmt: on


each_call_of_all = each_call(event=EVENT, plain=PLAIN, webinar=WEBINAR)


@each_call_of_all
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        assert request.headers["authorization"].startswith("Bearer ey")
        is_event = "/events" in request.target
        assert ("prefer" in request.headers) is is_event, request.target


@each_call_of_all
async def test_lost_reply_acts_once(scenario, exact) -> None:
    # The second cancellation of a webinar is refused, and so the adapter looks.
    looks = scenario.room.kind is RoomKind.WEBINAR and exact.name == "delete room"
    await check_lost_reply(scenario, exact, repeats=2 if looks else 1)


def values(scenario: Any) -> dict[str, str]:
    """Return what differs from run to run, and from form to form."""
    simulator, own_id = scenario.simulator, scenario.own_id
    meetings = list(simulator.meetings.values())
    behind = next(each for each in meetings if each.room_id == own_id)
    session = scenario.session.id.split("~")
    in_path = quote(own_id, safe="")
    path = f"{MEETINGS}/{quote(behind.id, safe='')}"
    if scenario.room.kind is RoomKind.WEBINAR:
        path = f"{WEBINARS}/{in_path}/sessions/{session[-2]}"
    return {
        "meeting": path,
        "owner": simulator.host.id,
        "omar": list(simulator.world.users)[1],
        "n": in_path,
        "link": quote(behind.join_url, safe=""),
        "behind": quote(behind.id, safe=""),
        "new link": quote(meetings[-1].join_url, safe=""),
        "new meeting": quote(meetings[-1].id, safe=""),
        "new webinar": quote([*simulator.webinars][-1], safe="") if simulator.webinars else "",
        "report": session[-1],
        "registration": scenario.participant.id if scenario.participant else "",
    }


@pytest.mark.parametrize("scenario", ["webinar"], indirect=True)
async def test_answers_are_sent_by_the_ids_of_questions(scenario) -> None:
    details = scenario.simulator.webinars[scenario.own_id]
    details.questions += [
        {"id": "q1", "displayName": "Company", "answerInputType": "text"},
        {"@odata.type": PREDEFINED, "id": "q2", "displayName": "Job title", "label": "jobTitle"},
        {"id": "q3", "displayName": "First time?", "answerInputType": "boolean"},
        {"id": "q4", "displayName": "Topics", "answerInputType": "multiChoice"},
    ]
    fields = {"Company": "ACME", "jobTitle": "CTO", "First time?": "yes", "Topics": "a; b"}
    await scenario.conference.register(scenario.room, ANN, fields=fields)
    first, second = scenario.lines()
    assert first.endswith("/registrationConfiguration/questions")
    assert second.endswith(
        '"registrationQuestionAnswers":[{"questionId":"q1","value":"ACME"},'
        '{"questionId":"q2","value":"CTO"},{"questionId":"q3","booleanValue":true},'
        '{"questionId":"q4","multiChoiceValues":["a","b"]}]}'
    )
    person = await scenario.conference.get_participant(scenario.room, email=ANN.email)
    assert person.fields == {
        "Company": "ACME", "Job title": "CTO", "First time?": "true", "Topics": "a;b"
    }  # fmt: skip


async def test_host_by_address_is_looked_up_once(account, served, simulator, clock) -> None:
    async with connect({**account, "host": "lena@contoso.example"}, clock=clock) as conference:
        room = await conference.create_room("A")
        await conference.create_room("B")
        assert room.id.split("~")[1] == simulator.host.id
    targets = [request.target for request in served.requests]
    assert targets.count("/v1.0/users/lena%40contoso.example?%24select=id") == 1
