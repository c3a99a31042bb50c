"""A scenario with all that ClickMeeting has, and the table of all operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from attrs import frozen
from exact import ExactCalls
from raw_requests import send_raw
from scenarios import BaseScenario

from conferencing import (
    AccessToken,
    Conference,
    Passcode,
    PersonalToken,
    Recording,
    Room,
    RoomSettings,
    Session,
)
from conferencing.http import Effect
from conferencing.sandbox import ServedSimulator, World

FORM = "application/x-www-form-urlencoded"
WARSAW = ZoneInfo("Europe/Warsaw")
ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}
BEN = {"email": "ben@example.com", "first_name": "Ben", "last_name": "Lee"}
ZOE = {"email": "zoe@example.com", "name": "Zoë"}


@frozen(kw_only=True)
class Scenario(BaseScenario):
    """Rooms of each kind of entry; in the first one, Ann registered, came, and was recorded."""

    room: Room
    locked: Room
    tokens: Room
    token: AccessToken
    session: Session
    recording: Recording

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            **super().tally(),
            "people": sum(map(len, world.participants.values())),
            "tokens": sum(map(len, world.tokens.values())),
            "recordings": len(world.recordings),
            "contacts": len(self.simulator.contacts),
            "reports": len(self.simulator.reports),
        }


@pytest.fixture
async def scenario(conference: Conference, served: ServedSimulator, world: World) -> Scenario:
    room = await conference.create_room(
        "Launch & demo",
        kind="webinar",
        starts_at=datetime(2026, 10, 1, 10, 15, tzinfo=WARSAW),
        duration=timedelta(hours=2),
        registration=True,
    )
    locked = await conference.create_room("Locked", entry=Passcode("s3cret"))
    tokens = await conference.create_room("Ticketed", entry=PersonalToken(), permanent=True)
    token = (await conference.create_access_tokens(tokens, 2))[0]
    await conference.invite(tokens, ["ann@example.com"])
    await conference.register(room, **ANN)
    world.advance(timedelta(minutes=20, seconds=30))
    visit = world.enter(room.id, "Ann Lee", "ann@example.com")
    world.advance(timedelta(minutes=30))
    world.leave(visit.id, rating=5, comment="fine\nthanks")
    world.end_session(room.id)
    recording = world.record(room.id, timedelta(minutes=25))
    session = (await conference.sessions(room).collect())[0]
    recording = (await conference.recordings(room).collect())[0]
    served.requests.clear()
    return Scenario(
        conference=conference, served=served, room=room, locked=locked, tokens=tokens, token=token,
        session=session, recording=recording,
    )  # fmt: skip


# ------------------------------------------------------------------------------- the operations


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


@pytest.fixture(params=CALLS, ids=str)
def exact(request):
    return request.param


# ------------------------------------------------------------------------- the vendor by itself


@pytest.fixture
def api(http: aiohttp.ClientSession, served: ServedSimulator) -> Callable[..., Awaitable[Any]]:
    """Call the simulator as any program would: path and body as they are, the key in its header.

    Gives the status and the JSON, or the bytes where the reply is none.
    """

    async def call(
        method: str, path: str, body: str | bytes | None = None, kind: str = FORM
    ) -> tuple[int, Any]:
        headers = {"X-Api-Key": served.simulator.key}
        headers |= {"Content-Type": kind} if body is not None else {}
        reply = await send_raw(http, method, f"{served.simulator.root}{path}", headers, body)
        is_json = reply.headers.get("Content-Type", "").startswith("application/json")
        return reply.status, reply.body if is_json else reply.content

    return call
