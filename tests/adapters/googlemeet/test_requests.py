"""The exact requests of each operation, as the server sees them, for events and for bare spaces."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from exact import ExactCalls, add_to_each, check_lost_reply, check_requests, each_call

from conferencing import (
    Anyone,
    NotFound,
    Person,
    RoomSettings,
    RoomStatus,
    SignIn,
)
from conferencing.http import Effect
from conferencing_googlemeet import make_event_id

ANN = Person(name="Ann Lee", email="ann@example.com")
BEN = Person(email="ben@example.com")
START = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Warsaw"))
HALF = timedelta(minutes=30)
URL = "https://app.example.com/hooks"

CALENDAR = "/calendar/v3/calendars/primary/events"
EVENT = f"{CALENDAR}/<event>"
GET_EVENT = f"GET {EVENT}"
GET_SPACE = "GET /v2/spaces/<code>"
QUIET = "conferenceDataVersion=1&sendUpdates=none"
LOUD = "conferenceDataVersion=1&sendUpdates=all"
INSERT = f"POST {CALENDAR}?{QUIET}"
MADE = (
    '"conferenceData":{"createRequest":{"requestId":"<new>","conferenceSolutionKey":'
    '{"type":"hangoutsMeet"}}},"extendedProperties":{"private":{"conferencing":"room"}}'
)
BEA_JSON = '{"email":"bea@example.org","displayName":"Bea Nowak","responseStatus":"needsAction"}'
ANN_JSON = '{"email":"ann@example.com","displayName":"Ann Lee"}'
PLANNED = (
    '"start":{"dateTime":"2026-12-01T09:00:00+01:00","timeZone":"Europe/Warsaw"},'
    '"end":{"dateTime":"2026-12-01T09:30:00+01:00","timeZone":"Europe/Warsaw"}'
)
RECORD = "GET /v2/conferenceRecords/<record>"
PEOPLE = f"{RECORD}/participants"
COUNT = f"{PEOPLE}?pageSize=1&fields=totalSize"
FILES = tuple(
    f"{RECORD}/{name}?pageSize=100" for name in ("recordings", "transcripts", "smartNotes")
)
FILTER = "space.meeting_code%20%3D%20%22<code>%22"
BY_CODE = f"GET /v2/conferenceRecords?pageSize=100&filter={FILTER}"
BY_NAME = "GET /v2/conferenceRecords?pageSize=100&filter=space.name%20%3D%20%22spaces%2F<space>%22"
CLOSED = '{"config":{"accessType":"TRUSTED"}}'
ACCESS = "updateMask=config.accessType"
LIST = "filter=event_types%3A%22google.workspace.meet.conference.v2.started%22"
LIST_ONE = f"{LIST}%20AND%20target_resource%3D%22%2F%2Fmeet.googleapis.com%2Fspaces%2F<space>%22"
LISTED = f"GET /v1/subscriptions?pageSize=100&{LIST_ONE}"

EVENTS, SPACES = ExactCalls(), ExactCalls()
both = add_to_each(EVENTS, SPACES)


def bare(s: Any) -> Any:
    """Return the room as its id alone."""
    return s.room.id


# fmt: off
EVENTS.add("create", lambda s: s.conference.create_room("A/ż", description="D", starts_at=START, duration=HALF),
     f'{INSERT} {{"id":"<new>","summary":"A/ż","description":"D",{PLANNED},{MADE}}}', effect=Effect.KEYED, rooms=1)
EVENTS.add("create now", lambda s: s.conference.create_room(),
     f'{INSERT} {{"id":"<new>","start":{{"dateTime":"2026-10-01T08:40:00+00:00","timeZone":"UTC"}},'
     f'"end":{{"dateTime":"2026-10-01T09:40:00+00:00","timeZone":"UTC"}},{MADE}}}', effect=Effect.KEYED, rooms=1)
EVENTS.add("create by key", lambda s: s.conference.create_room("A", starts_at=START, duration=HALF, native={"id": make_event_id("room-42"), "colorId": "3"}),
     f'{INSERT} {{"id":"8kcqrav3scm0j867erun4htvsc","summary":"A",{PLANNED},{MADE.replace("<new>", "8kcqrav3scm0j867erun4htvsc")},"colorId":"3"}}',
     effect=Effect.KEYED, rooms=1)
EVENTS.add("create recurring", lambda s: s.conference.create_room("A", starts_at=START, duration=HALF, recurrence="FREQ=WEEKLY;COUNT=4;BYDAY=TU"),
     f'{INSERT} {{"id":"<new>","summary":"A",{PLANNED},"recurrence":["RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU"],{MADE}}}',
     effect=Effect.KEYED, rooms=1)
EVENTS.add("create with guests", lambda s: s.conference.create_room("A", starts_at=START, duration=HALF, people=[ANN]),
     f'{INSERT} {{"id":"<new>","summary":"A",{PLANNED},"attendees":[{ANN_JSON}],{MADE}}}', effect=Effect.KEYED, rooms=1)
EVENTS.add("create with entry", lambda s: s.conference.create_room("A", starts_at=START, duration=HALF, entry=SignIn("google"),
                                                                  settings=RoomSettings(auto_recording=True, public_chat=False)),
     f'{INSERT} {{"id":"<new>","summary":"A",{PLANNED},{MADE}}}', "GET /v2/spaces/<other code>",
     "PATCH /v2/spaces/<other space>?updateMask=config.accessType%2Cconfig.artifactConfig.recordingConfig.autoRecordingGeneration"
     '%2Cconfig.moderation%2Cconfig.moderationRestrictions.chatRestriction {"config":{"accessType":"TRUSTED","artifactConfig":'
     '{"recordingConfig":{"autoRecordingGeneration":"ON"}},"moderation":"ON","moderationRestrictions":{"chatRestriction":"HOSTS_ONLY"}}}',
     effect=Effect.KEYED, rooms=1)
EVENTS.add("create for some", lambda s: s.conference.create_room("A", starts_at=START, duration=HALF, entry=[SignIn("google", email="ben@example.com")]),
     f'{INSERT} {{"id":"<new>","summary":"A",{PLANNED},"attendees":[{{"email":"ben@example.com"}}],{MADE}}}', "GET /v2/spaces/<other code>",
     f'PATCH /v2/spaces/<other space>?{ACCESS} {{"config":{{"accessType":"RESTRICTED"}}}}', effect=Effect.KEYED, rooms=1)
SPACES.add("create", lambda s: s.conference.create_room(permanent=True), "POST /v2/spaces {}", effect=Effect.CREATE, rooms=1)
SPACES.add("create open", lambda s: s.conference.create_room(permanent=True, entry=Anyone(), native={"config": {"entryPointAccess": "CREATOR_APP_ONLY"}}),
     'POST /v2/spaces {"config":{"accessType":"OPEN","entryPointAccess":"CREATOR_APP_ONLY"}}', effect=Effect.CREATE, rooms=1)
both("list rooms", lambda s: s.conference.rooms().collect(),
     f"GET {CALENDAR}?maxResults=250&privateExtendedProperty=conferencing%3Droom")
both("list planned rooms", lambda s: s.conference.rooms(status=RoomStatus.SCHEDULED).collect(),
     f"GET {CALENDAR}?maxResults=250&privateExtendedProperty=conferencing%3Droom")
EVENTS.add("get room", lambda s: s.conference.get_room(bare(s)), GET_EVENT, GET_SPACE)
SPACES.add("get room", lambda s: s.conference.get_room(bare(s)), "GET /v2/spaces/<space>")
EVENTS.add("room settings", lambda s: s.conference.room_settings(bare(s)), GET_EVENT, GET_SPACE)
SPACES.add("room settings", lambda s: s.conference.room_settings(bare(s)), "GET /v2/spaces/<space>")
EVENTS.add("update room", lambda s: s.conference.update_room(s.room, name="B"), GET_EVENT,
     f'PATCH {EVENT}?{QUIET} {{"summary":"B"}}', GET_SPACE)
EVENTS.add("update times", lambda s: s.conference.update_room(s.room, starts_at=START, duration=HALF), GET_EVENT,
     f"PATCH {EVENT}?{QUIET} {{{PLANNED}}}", GET_SPACE)
EVENTS.add("update entry", lambda s: s.conference.update_room(s.room, entry=SignIn("google")), GET_EVENT, GET_SPACE,
     f"PATCH /v2/spaces/<space>?{ACCESS} {CLOSED}")
SPACES.add("update entry", lambda s: s.conference.update_room(s.room, entry=SignIn("google")),
     f"PATCH /v2/spaces/<space>?{ACCESS} {CLOSED}", effect=Effect.IDEMPOTENT)
EVENTS.add("delete room", lambda s: s.conference.delete_room(s.room), f"DELETE {EVENT}?sendUpdates=none", effect=Effect.IDEMPOTENT, rooms=-1)
EVENTS.add("register", lambda s: s.conference.register(s.room, ANN), GET_EVENT,
     f'PATCH {EVENT}?{QUIET} {{"attendees":[{BEA_JSON},{ANN_JSON}]}}', people=1)
EVENTS.add("register with mail", lambda s: s.conference.register(s.room, ANN, confirmation=True), GET_EVENT,
     f'PATCH {EVENT}?{LOUD} {{"attendees":[{BEA_JSON},{ANN_JSON}]}}', people=1, mails=1)
EVENTS.add("register again", lambda s: s.conference.register(s.room, email="BEA@example.org"), GET_EVENT)
EVENTS.add("register batch", lambda s: s.conference.register_batch(s.room, [ANN, BEN]), GET_EVENT,
     f'PATCH {EVENT}?{QUIET} {{"attendees":[{BEA_JSON},{ANN_JSON},{{"email":"ben@example.com"}}]}}', people=2)
EVENTS.add("cancel", lambda s: s.conference.cancel_registration(s.room, s.participant), GET_EVENT,
     f'PATCH {EVENT}?{QUIET} {{"attendees":[]}}', people=-1)
EVENTS.add("invite", lambda s: s.conference.invite(s.room, [ANN]), GET_EVENT,
     f'PATCH {EVENT}?{LOUD} {{"attendees":[{BEA_JSON},{ANN_JSON}]}}', people=1, mails=1)
EVENTS.add("list participants", lambda s: s.conference.participants(s.room).collect(), GET_EVENT)
EVENTS.add("get participant", lambda s: s.conference.get_participant(s.room, email="Bea@Example.org"), GET_EVENT)
both("join link", lambda s: s.conference.join_link(s.room))
EVENTS.add("join link by id", lambda s: s.conference.join_link(bare(s)), GET_EVENT)
SPACES.add("join link by id", lambda s: s.conference.join_link(bare(s)), "GET /v2/spaces/<space>")
EVENTS.add("list sessions", lambda s: s.conference.sessions(s.room).collect(), GET_EVENT, BY_CODE, COUNT)
SPACES.add("list sessions", lambda s: s.conference.sessions(s.room).collect(), BY_NAME, COUNT)
both("get session", lambda s: s.conference.get_session(s.session.id), RECORD, COUNT)
both("attendance", lambda s: s.conference.attendance(s.session).collect(), f"{PEOPLE}?pageSize=250",
     f"{PEOPLE}/<olga>/participantSessions?pageSize=250", f"{PEOPLE}/<bea>/participantSessions?pageSize=250")
both("recordings of a session", lambda s: s.conference.recordings(s.session).collect(), *FILES)
SPACES.add("recordings of a room", lambda s: s.conference.recordings(s.room).collect(), BY_NAME, *FILES)
both("recordings of the account", lambda s: s.conference.recordings().collect(), "GET /v2/conferenceRecords?pageSize=100", *FILES)
both("delete recording", lambda s: s.conference.delete_recording(s.recording), f"{RECORD}/recordings/<file>",
     "DELETE /drive/v3/files/<file>?supportsAllDrives=true", recordings=-1)
SPACES.add("subscribe", lambda s: s.conference.webhooks.subscribe(URL, s.room), LISTED,
     'POST /v1/subscriptions {"targetResource":"//meet.googleapis.com/spaces/<space>","eventTypes":[<types>],'
     '"notificationEndpoint":{"pubsubTopic":"projects/demo-project/topics/meet"},"ttl":"0s"}', subscriptions=1)
EVENTS.add("unsubscribe", lambda s: s.conference.webhooks.unsubscribe(URL, s.room), GET_EVENT, GET_SPACE, LISTED)
both("unsubscribe all", lambda s: s.conference.webhooks.unsubscribe(URL), f"GET /v1/subscriptions?pageSize=100&{LIST}")
both("request", lambda s: s.conference.request("GET", "/v2/spaces/" + s.space.id), "GET /v2/spaces/<space>")
both("check", lambda s: s.conference.check(), f"GET {CALENDAR}?maxResults=1&fields=kind",
     "GET /v2/conferenceRecords?pageSize=1&fields=nextPageToken")
# fmt: on


each_call_of_both = each_call(event=EVENTS, space=SPACES)


@each_call_of_both
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)


@each_call_of_both
async def test_lost_reply_acts_once(scenario, exact) -> None:
    # A key that is taken is answered by a conflict, and so the adapter looks.
    looks = exact.effect is Effect.KEYED
    await check_lost_reply(scenario, exact, repeats=2 if looks else 1)


def values(scenario: Any) -> dict[str, str]:
    """Return what differs from run to run."""
    simulator, space = scenario.simulator, scenario.space
    created = next(reversed(simulator.spaces.values()))
    bodies = "".join(request.body.decode() for request in scenario.served.requests)
    new = re.search(r'"id":"([a-v0-9]{26})"', bodies)
    types = re.search(r'"eventTypes":\[(.*?)\]', bodies)
    _, record = scenario.session.id.split(":")
    return {
        "event": scenario.key,
        "space": space.id,
        "code": space.code,
        "other space": created.id,
        "other code": created.code,
        "new": new[1] if new else "",
        "record": record,
        "file": scenario.recording.id.rpartition(":")[2],
        "olga": number_of(scenario, "olga@example.com"),
        "bea": number_of(scenario, "bea@example.org"),
        "types": types[1] if types else "",
    }


def number_of(scenario: Any, email: str) -> str:
    from conferencing_googlemeet.simulator.formats import user_number  # noqa: PLC0415

    return user_number(email)


async def test_change_carries_the_version_that_was_read(conference, served) -> None:
    room = await conference.create_room("A", starts_at=START)
    await conference.update_room(room, name="B")
    patch = next(request for request in served.requests if request.method == "PATCH")
    assert re.fullmatch(r'"\d+"', patch.headers["if-match"])


@pytest.mark.parametrize("room_id", ["space:me:none", "event:me:primary:aaaaa"])
async def test_missing_room_is_not_found(conference, room_id) -> None:
    with pytest.raises(NotFound):
        await conference.get_room(room_id)
