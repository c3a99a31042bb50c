"""Every operation of v4: what is on the wire, and what the world says afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import frozen

from conferencing import (
    Conference,
    InvalidRequest,
    Operation,
    Passcode,
    Person,
    Role,
    Room,
    RoomSettings,
    Sent,
    Support,
    UnsupportedOperation,
    UnsupportedOption,
)
from conferencing.model.attendance import Precision
from conferencing.sandbox import ServedSimulator

NATIVE = {"client_room_id": "mine", "empty_timeout": 600, "metadata": {"room_title": "Shown"}}
ABSENT: dict[str, Callable[[Conference], Any]] = {
    "update_room": lambda c: c.update_room("1", name="x"),
    "delete_room": lambda c: c.delete_room("1"),
    "default_settings": lambda c: c.default_settings(),
    "room_settings": lambda c: c.room_settings("1"),
    "register": lambda c: c.register("1", email="a@b.c"),
    "list_participants": lambda c: c.participants("1").collect(),
    "invite": lambda c: c.invite("1", ["a@b.c"]),
    "delete_recording": lambda c: c.delete_recording("1"),
    "delete_recordings": lambda c: c.delete_recordings("1"),
    "create_report": lambda c: c.create_report("1"),
    "usage": lambda c: c.usage().collect(),
    "feedback": lambda c: c.feedback().collect(),
    "list_templates": lambda c: c.templates().collect(),
    "list_access_tokens": lambda c: c.access_tokens("1").collect(),
}


@frozen(kw_only=True)
class Case:
    """A call, the requests it makes, and what of the world it adds.

    `<past>`, `<live>` and `<planned>` are the ids of the rooms.
    """

    name: str
    call: Callable[[Any], Awaitable[Any]]
    requests: tuple[str, ...]
    adds: dict[str, int]


CASES: list[Case] = []


def _known(name: str, call: Callable[[Any], Any], *requests: str, **adds: int) -> None:
    CASES.append(Case(name=name, call=call, requests=requests, adds=adds))


INFO = "GET get_active_room_info?room_id="
NO_CAMERA = RoomSettings(camera=False)

# fmt: off
_known("check", lambda s: s.conference.check(), "GET get_active_rooms_info")
_known("rooms", lambda s: s.conference.rooms("live").collect(), "GET get_active_rooms_info")
_known("get_room, live", lambda s: s.conference.get_room(s.live.id), INFO + "<live>")
_known("get_room, past", lambda s: s.conference.get_room(s.past.id), INFO + "<past>",
    'POST fetch_past_rooms {"project_id":"project-1","room_ids":["<past>"],"from":0,"limit":100}')
_known("create_room, quick", lambda s: s.conference.create_room("Zoë & Co", native=NATIVE),
    'POST create_quick_video_room {"project_id":"project-1","client_room_id":"mine",'
    '"name":"Zoë & Co","metadata":{"room_title":"Shown"},"empty_timeout":600}',
    rooms=1, sessions=1)
_known("create_room, planned, for ears only", lambda s: s.conference.create_room("New",
    starts_at=datetime(2026, 10, 2, 10, 30, tzinfo=timezone(timedelta(hours=2))), capacity=50,
    description="Hello", host=Person(email="z@b.c", name="Zoë"), settings=NO_CAMERA,
    native={"client_room_id": "mine"}),
    'POST create_schedule_audio_room {"project_id":"project-1","client_room_id":"mine",'
    '"name":"New","moderator_id":"z@b.c","max_participants":50,"start_at":"2026-10-02T08:30",'
    '"metadata":{"room_title":"New","welcome_message":"Hello"}}', rooms=1)
_known("start_session", lambda s: s.conference.start_session(s.planned, "Zoë"), INFO + "<planned>",
    'POST start_schedule_room {"room_id":"<planned>","name":"Zoë"}', sessions=1)
_known("start_session, of a room that runs",
    lambda s: s.conference.start_session(s.live.id, Person(email="z@b.c")), INFO + "<live>",
    'POST create_invitation_link {"room_id":"<live>","user_id":"z@b.c","role":"admin"}')
_known("end_session", lambda s: s.conference.end_session(s.live.id),
    'POST end_room {"room_id":"<live>"}')
_known("join_link", lambda s: s.conference.join_link(s.live, name="Zoë"),
    'POST create_invitation_link {"room_id":"<live>","user_id":"Zoë","role":"viewer"}')
_known("join_link, as host with an address",
    lambda s: s.conference.join_link(s.planned, role="host", email="z@b.c", name="Zoë"),
    'POST create_invitation_link {"room_id":"<planned>","user_id":"z@b.c","role":"admin"}')
_known("sessions", lambda s: s.conference.sessions(s.live).collect(), INFO + "<live>")
_known("sessions of a room that never ran", lambda s: s.conference.sessions(s.planned).collect(),
    INFO + "<planned>",
    'POST fetch_past_rooms {"project_id":"project-1","room_ids":["<planned>"],'
    '"from":0,"limit":100}')
_known("get_session", lambda s: s.conference.get_session(s.live.id), INFO + "<live>")
_known("attendance, past", lambda s: s.conference.attendance(s.past.id).collect(),
    INFO + "<past>", "GET get_analytics?room_id=<past>")
_known("attendance, now", lambda s: s.conference.attendance(s.live.id).collect(),
    INFO + "<live>", INFO + "<live>")
_known("recordings", lambda s: s.conference.recordings(s.past).collect(),
    "GET get_record?room_id=<past>")
_known("request", lambda s: s.conference.request("GET", "/rooms/get_active_rooms_info"),
    "GET get_active_rooms_info")
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_operation_sends_exact_requests(cloud: Any, lines: Any, case: Case) -> None:
    before = tally(cloud)
    await case.call(cloud)
    assert [bare(one) for one in lines()] == [written(one, cloud) for one in case.requests]
    after = tally(cloud)
    added = {name: after[name] - one for name, one in before.items() if after[name] != one}
    assert added == case.adds
    for seen in cloud.served.requests:
        assert seen.path.startswith("/api/v4/")
        assert seen.headers["key"] == cloud.served.simulator.key
        assert len(seen.headers["hash-signature"]) == 44
        assert cloud.served.simulator.secret not in f"{seen.headers}{seen.body}"


def test_v4_capabilities_match_the_vendor(v4: Conference) -> None:
    told = {one.value for one in Operation if v4.capabilities[one] is Support.ABSENT}
    assert set(ABSENT) <= told
    assert v4.capabilities["get_room"] is Support.EMULATED
    features = v4.capabilities.features
    assert (features.attendance, features.update_fields) == (Precision.DURATION, frozenset())
    assert features.roles == {Role.HOST, Role.ATTENDEE}


@pytest.mark.parametrize("name", ABSENT)
async def test_v4_absent_operation_sends_nothing(
    v4: Conference, served: ServedSimulator, name: str
) -> None:
    with pytest.raises(UnsupportedOperation) as caught:
        await ABSENT[name](v4)
    assert (caught.value.operation, caught.value.sent) == (name, Sent.NO)
    assert served.requests == []


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda c: c.create_room("New", entry=Passcode("x")), "entry"),
        (lambda c: c.create_room("New", duration=timedelta(hours=1)), "duration"),
        (
            lambda c: c.create_room("New", settings=RoomSettings(recording=True)),
            "settings.recording",
        ),
        (lambda c: c.start_session("1", "Zoë", title="x"), "title"),
        (lambda c: c.start_session("1", "Zoë", entry=Passcode("x")), "entry"),
        (lambda c: c.rooms("ended").collect(), "status"),
        (lambda c: c.recordings().collect(), "of"),
        (lambda c: c.join_link("1", role="presenter", name="Zoë"), "role"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_v4_unsupported_field_is_named_and_not_sent(
    v4: Conference, served: ServedSimulator, call: Any, named: str
) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await call(v4)
    assert caught.value.field == named
    assert served.requests == []


async def test_v4_invalid_value_is_not_sent(v4: Conference, served: ServedSimulator) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await v4.create_room("New", starts_at=datetime(2026, 10, 2, 10, 0, 30, tzinfo=UTC))
    assert (caught.value.field, caught.value.sent) == ("starts_at", Sent.NO)
    with pytest.raises(InvalidRequest) as caught:
        await v4.join_link("1")
    assert caught.value.field == "name"
    assert served.requests == []


# --------------------------------------------------------------------------------------- helpers


def bare(line: str) -> str:
    """Return a request's line without the folders of its path."""
    method, rest = line.split(" ", 1)
    return f"{method} {rest.removeprefix('/api/v4/').partition('/')[2]}"


def written(request: str, cloud: Any) -> str:
    for name in ("past", "live", "planned"):
        room: Room = getattr(cloud, name)
        request = request.replace(f"<{name}>", room.id)
    return request


def tally(cloud: Any) -> dict[str, int]:
    world = cloud.world
    return {name: len(getattr(world, name)) for name in ("rooms", "sessions", "recordings")}
