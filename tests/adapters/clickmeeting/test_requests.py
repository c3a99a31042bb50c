"""The exact requests of each operation, as the server sees them and as a mock does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from aioresponses import CallbackResult, aioresponses
from attrs import evolve
from exact import ExactCalls, check_lost_reply, check_requests, fill_in
from yarl import URL

from conferencing import AuthenticationFailed, Passcode, RoomSettings, connect
from conferencing.http import Effect
from conferencing.sandbox import Call, ServedSimulator

FORM = "application/x-www-form-urlencoded"
WARSAW = ZoneInfo("Europe/Warsaw")
BEN = {"email": "ben@example.com", "first_name": "Ben", "last_name": "Lee"}
ZOE = {"email": "zoe@example.com", "name": "Zoë"}
CALLS = ExactCalls()
EVERYTHING: dict[str, Any] = {
    "kind": "webinar",
    "starts_at": datetime(2026, 10, 2, 10, 0, tzinfo=WARSAW),
    "duration": timedelta(minutes=80),
    "entry": Passcode("a b+c"),
    "description": "One/two",
    "registration": True,
    "waiting_room": True,
    "settings": RoomSettings(auto_recording=True, encryption=False),
    "native": {"skin_id": 12, "settings": {"thank_you_page_url": "https://a/?b"}},
}
CONTACT = {"email": "a@b.c", "firstname": "A", "lastname": "B"}
INVITED = ["ben@example.com", "dan@example.com"]
ROOM = "/v1/conferences/2632001"
LOCKED = "/v1/conferences/2632002"
TOKENS = "/v1/conferences/2632003"
SESSION = f"{ROOM}/sessions/5342001"
ZOE_FORM = "email=zoe%40example.com&nickname=Zo%C3%AB&role=listener"
BEN_FORM = "registration%5B1%5D=Ben&registration%5B2%5D=Lee&registration%5B3%5D=ben%40example.com"

# fmt: off
CALLS.add("check", lambda s: s.conference.check(), "GET /v1/ping")
CALLS.add("rooms", lambda s: s.conference.rooms().collect(), "GET /v1/conferences/active?page=1",
    "GET /v1/conferences/inactive?page=1")
CALLS.add("get_room", lambda s: s.conference.get_room(s.room.id), f"GET {ROOM}")
CALLS.add("create_room", lambda s: s.conference.create_room("Plain"),
    "POST /v1/conferences access_type=1&name=Plain&room_type=meeting&permanent_room=0",
    effect=Effect.CREATE, rooms=1)
CALLS.add("create_room, every field",
    lambda s: s.conference.create_room("Launch & łódź", **EVERYTHING),
    "POST /v1/conferences access_type=2&name=Launch+%26+%C5%82%C3%B3d%C5%BA&room_type=webinar"
    "&permanent_room=0&lobby_description=One%2Ftwo&lobby_enabled=1&duration=1%3A20"
    "&registration%5Benabled%5D=1&settings%5Brecorder_autostart_enabled%5D=1"
    "&settings%5Bencryption_enabled%5D=0&settings%5Bthank_you_page_url%5D=https%3A%2F%2Fa%2F%3Fb"
    "&password=a+b%2Bc&starts_at=2026-10-02+10%3A00%3A00&timezone=Europe%2FWarsaw&skin_id=12",
    effect=Effect.CREATE, rooms=1)
CALLS.add("update_room", lambda s: s.conference.update_room(s.room, name="Renamed", status="ended"),
    f"PUT {ROOM} name=Renamed&status=inactive", effect=Effect.IDEMPOTENT)
CALLS.add("update_room, times",
    lambda s: s.conference.update_room(s.room, duration=timedelta(minutes=45)),
    f"PUT {ROOM} permanent_room=0&duration=0%3A45", effect=Effect.IDEMPOTENT)
CALLS.add("update_room, times by id",
    lambda s: s.conference.update_room(s.room.id, starts_at=datetime(2026, 10, 2, 8, tzinfo=UTC)),
    f"GET {ROOM}",
    f"PUT {ROOM} permanent_room=0&starts_at=2026-10-02+10%3A00%3A00&timezone=Europe%2FWarsaw")
CALLS.add("delete_room", lambda s: s.conference.delete_room(s.room), f"DELETE {ROOM}",
    effect=Effect.IDEMPOTENT, rooms=-1)
CALLS.add("register", lambda s: s.conference.register(s.room, **BEN),
    f"POST {ROOM}/registration {BEN_FORM}", effect=Effect.CREATE, people=1)
CALLS.add("register, with a confirmation and a further field",
    lambda s: s.conference.register(
        s.room, **BEN, fields={"10": "ACME"}, confirmation=True, language="pl"),
    f"POST {ROOM}/registration {BEN_FORM}&registration%5B10%5D=ACME"
    "&confirmation_email%5Benabled%5D=1&confirmation_email%5Blang%5D=pl",
    effect=Effect.NOTIFY, people=1, mails=1)
CALLS.add("participants of a room", lambda s: s.conference.participants(s.room).collect(),
    f"GET {ROOM}/registrations/all")
CALLS.add("participants of a session", lambda s: s.conference.participants(s.session).collect(),
    f"GET {SESSION}/registrations")
CALLS.add("get_participant", lambda s: s.conference.get_participant(s.room, email="ANN@example.com"),
    f"GET {ROOM}/registrations/all")
CALLS.add("invite",
    lambda s: s.conference.invite(s.room, INVITED, role="presenter", language="pl"),
    f"POST {ROOM}/invitation/email/pl attendees%5B0%5D%5Bemail%5D=ben%40example.com"
    "&attendees%5B1%5D%5Bemail%5D=dan%40example.com&role=presenter",
    effect=Effect.NOTIFY, mails=2)
CALLS.add("join_link, plain", lambda s: s.conference.join_link(s.room.id), f"GET {ROOM}")
CALLS.add("join_link, personal", lambda s: s.conference.join_link(s.room, **ZOE),
    f"POST {ROOM}/room/autologin_hash {ZOE_FORM}", effect=Effect.IDEMPOTENT)
CALLS.add("join_link, personal with a passcode", lambda s: s.conference.join_link(s.locked, **ZOE),
    f"POST {LOCKED}/room/autologin_hash {ZOE_FORM}&password=s3cret", effect=Effect.IDEMPOTENT)
CALLS.add("join_link, personal with a token",
    lambda s: s.conference.join_link(s.tokens, **ZOE, token=s.token),
    f"POST {TOKENS}/room/autologin_hash {ZOE_FORM}&token=<token>", effect=Effect.IDEMPOTENT)
CALLS.add("join_link, personal without a token", lambda s: s.conference.join_link(s.tokens, **ZOE),
    f"POST {TOKENS}/tokens how_many=1",
    f"POST {TOKENS}/room/autologin_hash {ZOE_FORM}&token=<new>", effect=Effect.CREATE, tokens=1)
CALLS.add("create_access_tokens", lambda s: s.conference.create_access_tokens(s.tokens, 3),
    f"POST {TOKENS}/tokens how_many=3", effect=Effect.CREATE, tokens=3)
CALLS.add("access_tokens", lambda s: s.conference.access_tokens(s.tokens).collect(),
    f"GET {TOKENS}/tokens")
CALLS.add("access_tokens of an e-mail address",
    lambda s: s.conference.access_tokens(s.tokens, email="ann@example.com").collect(),
    f"POST {TOKENS}/token email=ann%40example.com")
CALLS.add("revoke_access_tokens", lambda s: s.conference.revoke_access_tokens(s.tokens, [s.token]),
    f"DELETE {TOKENS}/tokens tokens%5B0%5D=<token>", effect=Effect.IDEMPOTENT, tokens=-1)
CALLS.add("sessions", lambda s: s.conference.sessions(s.room).collect(), f"GET {ROOM}/sessions")
CALLS.add("get_session", lambda s: s.conference.get_session(s.session.id), f"GET {SESSION}")
CALLS.add("attendance", lambda s: s.conference.attendance(s.session).collect(),
    f"GET {SESSION}/attendees")
CALLS.add("feedback", lambda s: s.conference.feedback().collect(), "GET /v1/conferences/active?page=1",
    f"GET {ROOM}/sessions", f"GET {SESSION}/attendees", f"GET {LOCKED}/sessions",
    f"GET {TOKENS}/sessions", "GET /v1/conferences/inactive?page=1")
CALLS.add("recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
    f"GET {ROOM}/recordings")
CALLS.add("recordings of the account", lambda s: s.conference.recordings().collect(),
    "GET /v1/conferences/recordings")
CALLS.add("delete_recording", lambda s: s.conference.delete_recording(s.recording),
    f"DELETE {ROOM}/recordings/4284001", effect=Effect.IDEMPOTENT, recordings=-1)
CALLS.add("delete_recordings", lambda s: s.conference.delete_recordings(s.room),
    f"DELETE {ROOM}/recordings", effect=Effect.IDEMPOTENT, recordings=-1)
CALLS.add("create_report", lambda s: s.conference.create_report(s.session, language="de"),
    f"GET {SESSION}/generate-pdf/de", effect=Effect.IDEMPOTENT, reports=1)
CALLS.add("get_report", lambda s: s.conference.get_report("2632001:5342001:pl"),
    f"GET {SESSION}/generate-pdf/pl", effect=Effect.IDEMPOTENT, reports=1)
CALLS.add("time_zones", lambda s: s.conference.provider.time_zones(), "GET /v1/time_zone_list")
CALLS.add("time_zones of a country", lambda s: s.conference.provider.time_zones("pl"),
    "GET /v1/time_zone_list/pl")
CALLS.add("request, a read",
    lambda s: s.conference.request("GET", "/conferences/inactive", query={"page": 2}),
    "GET /v1/conferences/inactive?page=2")
CALLS.add("request, a write",
    lambda s: s.conference.request("POST", "/contacts", form=CONTACT),
    "POST /v1/contacts email=a%40b.c&firstname=A&lastname=B", effect=Effect.CREATE,
    contacts=1)
# fmt: on

every_call = pytest.mark.parametrize("exact", CALLS, ids=str)


@every_call
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values, FORM)
    for request in scenario.served.requests:
        assert request.headers["x-api-key"] == scenario.served.simulator.key
        assert not {"authorization", "cookie"} & request.headers.keys()
        assert request.headers["accept"].startswith("application/json")


@every_call
async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


@every_call
async def test_wrong_key_is_refused(scenario, exact) -> None:
    before = scenario.tally()
    account = {**account_of(scenario.served), "api_key": "eu" + "0" * 40}
    async with connect(account) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await exact.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.attempts == len(scenario.served.requests) == 1
    assert scenario.tally() == before
    assert "0" * 40 not in f"{caught.value}{caught.value.facts}"


@every_call
async def test_mocked_session_sees_the_same_requests(scenario, exact) -> None:
    """`aioresponses` patches the session: it sees everything except the credentials."""
    requests: list[str] = []

    def answer(url: URL, **options: Any) -> CallbackResult:
        call = simulated_call(scenario.served, url, options)
        requests.append(f"{call.method} {call.target} {call.body.decode()}".rstrip())
        reply = scenario.served.simulator.handle(call)
        return CallbackResult(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.media_type}
        )

    with aioresponses() as mock:
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(re.compile(".*"), method, repeat=True, callback=with_method(method, answer))
        await exact.call(scenario)
    assert requests == fill_in(exact.requests, values(scenario))
    assert scenario.served.requests == []


# --------------------------------------------------------------------------------------- helpers


def values(scenario: Any) -> dict[str, str]:
    """Return the tokens of this run."""
    newest = scenario.world.tokens[scenario.tokens.id][-1].code.reveal()
    return {"token": scenario.token.code.reveal(), "new": newest}


def account_of(served: ServedSimulator) -> dict[str, Any]:
    return {"provider": "clickmeeting", **served.simulator.settings()}


def with_method(method: str, answer: Any) -> Any:
    return lambda url, **options: answer(url, method=method, **options)


def simulated_call(served: ServedSimulator, url: URL, options: dict[str, Any]) -> Call:
    """Return the call that the simulator would have received without the mock."""
    parts = urlsplit(str(url))
    kind = options["headers"].get("Content-Type", "")
    return Call(
        method=options["method"],
        path=parts.path.removeprefix("/clickmeeting"),
        query=parts.query,
        headers={"x-api-key": served.simulator.key, "content-type": kind},
        body=options["data"] or b"",
    )
