"""Every operation of v4: its exact requests, and what it changes in the world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from exact import ExactCalls, check_requests

from conferencing import (
    InvalidRequest,
    Passcode,
    Person,
    Role,
    RoomSettings,
    Sent,
    UnsupportedOption,
)
from conferencing.model.attendance import Precision

NATIVE = {"client_room_id": "mine", "empty_timeout": 600, "metadata": {"room_title": "Shown"}}
CALLS = ExactCalls()
INFO = "GET get_active_room_info?room_id="
NO_CAMERA = RoomSettings(camera=False)

# fmt: off
CALLS.add("check", lambda s: s.conference.check(), "GET get_active_rooms_info")
CALLS.add("rooms", lambda s: s.conference.rooms("live").collect(), "GET get_active_rooms_info")
CALLS.add("get_room, live", lambda s: s.conference.get_room(s.live.id), INFO + "<live>")
CALLS.add("get_room, past", lambda s: s.conference.get_room(s.past.id), INFO + "<past>",
    'POST fetch_past_rooms {"project_id":"project-1","room_ids":["<past>"],"from":0,"limit":100}')
CALLS.add("create_room, quick", lambda s: s.conference.create_room("Zoë & Co", native=NATIVE),
    'POST create_quick_video_room {"project_id":"project-1","client_room_id":"mine",'
    '"name":"Zoë & Co","metadata":{"room_title":"Shown"},"empty_timeout":600}',
    rooms=1, sessions=1)
CALLS.add("create_room, planned, for ears only", lambda s: s.conference.create_room("New",
    starts_at=datetime(2026, 10, 2, 10, 30, tzinfo=timezone(timedelta(hours=2))), capacity=50,
    description="Hello", host=Person(email="z@b.c", name="Zoë"), settings=NO_CAMERA,
    native={"client_room_id": "mine"}),
    'POST create_schedule_audio_room {"project_id":"project-1","client_room_id":"mine",'
    '"name":"New","moderator_id":"z@b.c","max_participants":50,"start_at":"2026-10-02T08:30",'
    '"metadata":{"room_title":"New","welcome_message":"Hello"}}', rooms=1)
CALLS.add("start_session", lambda s: s.conference.start_session(s.planned, "Zoë"), INFO + "<planned>",
    'POST start_schedule_room {"room_id":"<planned>","name":"Zoë"}', sessions=1)
CALLS.add("start_session, of a room that runs",
    lambda s: s.conference.start_session(s.live.id, Person(email="z@b.c")), INFO + "<live>",
    'POST create_invitation_link {"room_id":"<live>","user_id":"z@b.c","role":"admin"}')
CALLS.add("end_session", lambda s: s.conference.end_session(s.live.id),
    'POST end_room {"room_id":"<live>"}')
CALLS.add("join_link", lambda s: s.conference.join_link(s.live, name="Zoë"),
    'POST create_invitation_link {"room_id":"<live>","user_id":"Zoë","role":"viewer"}')
CALLS.add("join_link, as host with an address",
    lambda s: s.conference.join_link(s.planned, role="host", email="z@b.c", name="Zoë"),
    'POST create_invitation_link {"room_id":"<planned>","user_id":"z@b.c","role":"admin"}')
CALLS.add("sessions", lambda s: s.conference.sessions(s.live).collect(), INFO + "<live>")
CALLS.add("sessions of a room that never ran", lambda s: s.conference.sessions(s.planned).collect(),
    INFO + "<planned>",
    'POST fetch_past_rooms {"project_id":"project-1","room_ids":["<planned>"],'
    '"from":0,"limit":100}')
CALLS.add("get_session", lambda s: s.conference.get_session(s.live.id), INFO + "<live>")
CALLS.add("attendance, past", lambda s: s.conference.attendance(s.past.id).collect(),
    INFO + "<past>", "GET get_analytics?room_id=<past>")
CALLS.add("attendance, now", lambda s: s.conference.attendance(s.live.id).collect(),
    INFO + "<live>")
CALLS.add("recordings", lambda s: s.conference.recordings(s.past).collect(),
    "GET get_record?room_id=<past>")
CALLS.add("request", lambda s: s.conference.request("GET", "/rooms/get_active_rooms_info"),
    "GET get_active_rooms_info")
# fmt: on


@pytest.mark.parametrize("exact", CALLS, ids=str)
async def test_operation_sends_exactly_its_request(cloud, exact) -> None:
    await check_requests(cloud, exact, values)
    for request in cloud.served.requests:
        assert request.path.startswith("/api/v4/")
        assert request.headers["key"] == cloud.served.simulator.key
        assert len(request.headers["hash-signature"]) == 44
        assert cloud.served.simulator.secret not in f"{request.headers}{request.body}"


def values(cloud: Any) -> dict[str, str]:
    """Return the ids of this run."""
    return {name: getattr(cloud, name).id for name in ("past", "live", "planned")}


def test_v4_features_match_the_vendor(v4) -> None:
    features = v4.capabilities.features
    assert (features.attendance, features.update_fields) == (Precision.DURATION, frozenset())
    assert features.roles == {Role.HOST, Role.ATTENDEE}


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
async def test_v4_unsupported_field_is_named_and_not_sent(v4, served, call, named) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await call(v4)
    assert caught.value.field == named
    assert served.requests == []


async def test_v4_invalid_value_is_not_sent(v4, served) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await v4.create_room("New", starts_at=datetime(2026, 10, 2, 10, 0, 30, tzinfo=UTC))
    assert (caught.value.field, caught.value.sent) == ("starts_at", Sent.NO)
    with pytest.raises(InvalidRequest) as caught:
        await v4.join_link("1")
    assert caught.value.field == "name"
    assert served.requests == []
