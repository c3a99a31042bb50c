"""Credentials, passwords and links show in no log, error or pickle, even if the vendor repeats them."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from conferencing import (
    Conference,
    ConferencingError,
    JoinLink,
    Passcode,
    Room,
    RoomSettings,
)
from conferencing.sandbox import ServedSimulator

MODERATOR, ATTENDEE = "mod-pässword-4711", "att pwd/4711"
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("reset", {}),
    ("cut", {"size": 30}),
    ("garbage", {}),
    ("status", {"status": 400}),
    ("status", {"status": 401}),
    ("status", {"status": 500}),
    ("status", {"status": 302, "headers": {"Location": "https://elsewhere.example/"}}),
    ("status", {"status": 200}),
]


def fault_name(fault: tuple[str, dict[str, Any]]) -> str:
    return f"{fault[0]} {fault[1].get('status', '')}".strip()


@pytest.fixture
def all_logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


async def test_debug_logs_hide_secrets(conference, cloud, served, all_logs) -> None:
    served.simulator.quirks["space_in_link"] = True
    room, links = await hold_session(conference)
    links.append(await cloud.conference.join_link(cloud.live, name="Zoë"))
    served.simulator.quirks["repeat_ids"] = True
    await conference.sessions(room).collect()
    assert sum(record.levelno == logging.WARNING for record in all_logs.records) == 3
    assert not [text for text in secrets(served, links) if text in all_logs.text]


@pytest.mark.parametrize("fault", FAULTS, ids=fault_name)
async def test_errors_hide_repeated_secrets(conference, cloud, served, all_logs, fault) -> None:
    room, links = await hold_session(conference)
    host, v4 = Passcode(MODERATOR, role="host"), cloud.conference
    links.append(await v4.join_link(cloud.live, role="host", name="Zoë"))
    hidden = secrets(served, links)
    calls: dict[str, Callable[[], Any]] = {
        "create_meeting": lambda: conference.create_room("X", entry=host, settings=TEN),
        "update_meeting": lambda: conference.update_room(room, entry=host),
        "start_meeting": lambda: conference.start_session(room, "Mod", entry=Passcode(ATTENDEE)),
        "join_meeting": lambda: conference.join_link(room, role="host", name="Zoë"),
        "create_quick": lambda: v4.create_room("X"),
        "start_schedule": lambda: v4.start_session(cloud.planned, "Zoë"),
        "create_invitation": lambda: v4.join_link(cloud.live, name="Zoë"),
        "get_record": v4.recordings(cloud.past).collect,
        "get_active_rooms": v4.rooms().collect,
    }
    kind, details = fault
    for call in calls.values():
        for method in calls:
            served.fail(kind, match=method, times=9, **details, **repeating_body(kind, hidden))
        with pytest.raises(ConferencingError) as caught:
            await call()
        served.faults.clear()
        check_hidden(caught.value, hidden)
    assert not [text for text in hidden if text in all_logs.text]


def test_pickled_settings_hide_credentials(conference, v4, served) -> None:
    for client in (conference, v4):
        pickled = pickle.dumps(client.provider.settings)
        assert not [text for text in secrets(served, []) if text.encode() in pickled]


async def test_problems_hide_repeated_secrets(conference, v4, served) -> None:
    room = await conference.create_room("Class", settings=TEN)
    texts = [f"{ATTENDEE} is weak", f"not for {served.simulator.license}"]
    served.fail("status", status=400, body=json.dumps({"status": False, "error_messages": texts}))
    with pytest.raises(ConferencingError) as caught:
        await conference.start_session(room, "Mod", entry=Passcode(ATTENDEE))
    assert caught.value.problems == ("*** is weak", "not for ***")
    served.fail("status", status=401, body=json.dumps({"message": f"no {served.simulator.key}"}))
    with pytest.raises(ConferencingError) as caught:
        await v4.check()
    assert caught.value.problems == ("no ***",)


# --------------------------------------------------------------------------------------- helpers

TEN = RoomSettings(
    public_chat=True, private_chat=True, microphone=True, camera=True, see_cameras=True,
    shared_notes=True, change_layout=True, recording=True, auto_recording=True,
    recording_control=True,
)  # fmt: skip


async def hold_session(conference: Conference) -> tuple[Room, list[JoinLink]]:
    """Create a room with passwords and start a session in it; return the room and all links."""
    code = Passcode(MODERATOR, role="host")
    room = await conference.create_room("Class", entry=code, settings=TEN)
    links = [
        await conference.start_session(room, "Mod", entry=Passcode(ATTENDEE)),
        await conference.join_link(room, name="Zoë"),
        await conference.join_link(room, role="host", name="Zoë"),
    ]
    return room, links


def secrets(served: ServedSimulator, links: list[JoinLink]) -> set[str]:
    simulator = served.simulator
    credentials = {simulator.license, simulator.key, simulator.secret}
    return {*credentials, MODERATOR, ATTENDEE, *(link.url for link in links), *simulator.links}


def repeating_body(kind: str, hidden: set[str]) -> dict[str, str]:
    """Return a reply with the credentials and passwords that the vendor was sent."""
    if kind != "status":
        return {}
    sent = [text for text in sorted(hidden) if "://" not in text]
    return {"body": json.dumps({"status": True, "message": sent, "data": {"url": sent}})}


def check_hidden(error: ConferencingError, hidden: set[str]) -> None:
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    inside = [frame for frame in trace.stack if "/conferencing" in frame.filename]
    texts = [repr(error), str(error), repr(vars(error)), repr(dict(error.facts))]
    texts += [
        f"{name} = {value}" for frame in inside for name, value in (frame.locals or {}).items()
    ]
    for text in hidden:
        assert not [place for place in texts if text in place]
        assert text.encode() not in pickle.dumps(error)
