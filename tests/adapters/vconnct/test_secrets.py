"""License, key, secret, passwords and links show in no text, log, traceback or pickle."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from attrs import asdict

from conferencing import (
    Conference,
    ConferencingError,
    JoinLink,
    Passcode,
    RoomSettings,
    Secret,
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


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


async def test_v1_models_hide_secrets(conference: Conference, served: ServedSimulator) -> None:
    models, links = await everything_v1(conference)
    known = secrets(served, links)
    assert len(known) >= 8
    assert_hidden(models, known)


async def test_v4_models_hide_secrets(v4: Conference, cloud: Any, served: ServedSimulator) -> None:
    link = await v4.join_link(cloud.live, role="host", name="Zoë")
    started = await v4.start_session(cloud.planned, "Zoë")
    created = await v4.create_room("New")
    records = await v4.recordings(cloud.past).collect()
    models = [
        link,
        started,
        created,
        *records,
        *await v4.rooms().collect(),
        await v4.get_room(cloud.past.id),
        await v4.get_session(cloud.live.id),
    ]
    known = secrets(served, [link, started])
    known |= {created.native["final_link"].reveal(), *(one.files[0].url for one in records)}
    assert_hidden(models, known)


async def test_debug_logs_hide_secrets(
    conference: Conference, cloud: Any, served: ServedSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    served.simulator.quirks["space_in_link"] = True
    models, links = await everything_v1(conference)
    links.append(await cloud.conference.join_link(cloud.live, name="Zoë"))
    served.simulator.quirks["repeat_ids"] = True
    await conference.sessions(models[0]).collect()
    assert sum(one.levelno == logging.WARNING for one in caplog.records) > 3
    for text in secrets(served, links):
        assert text not in caplog.text


@pytest.mark.parametrize("fault", FAULTS, ids=fault_name)
async def test_v1_errors_hide_repeated_secrets(
    conference: Conference, served: ServedSimulator, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    _, links = await everything_v1(conference)
    (room, *_) = await conference.rooms().collect()
    known = secrets(served, links)
    calls: list[Callable[[], Any]] = [
        lambda: conference.create_room("X", entry=Passcode(MODERATOR, role="host"), settings=TEN),
        lambda: conference.update_room(room, entry=Passcode(MODERATOR, role="host")),
        lambda: conference.start_session(room, "Mod", entry=Passcode(ATTENDEE)),
        lambda: conference.join_link(room, name="Zoë"),
        lambda: conference.join_link(room, role="host", name="Zoë"),
    ]
    methods = ("create_meeting", "update_meeting", "start_meeting", "join_meeting")
    for call in calls:
        assert_silent(await failure(call, served, fault, methods, known), known)
    assert not [text for text in known if text in caplog.text]


@pytest.mark.parametrize("fault", FAULTS, ids=fault_name)
async def test_v4_errors_hide_repeated_secrets(
    cloud: Any, served: ServedSimulator, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    conference = cloud.conference
    link = await conference.join_link(cloud.live, role="host", name="Zoë")
    known = secrets(served, [link])
    calls: list[Callable[[], Any]] = [
        lambda: conference.create_room("X"),
        lambda: conference.start_session(cloud.planned, "Zoë"),
        lambda: conference.join_link(cloud.live, name="Zoë"),
        lambda: conference.recordings(cloud.past).collect(),
        lambda: conference.rooms().collect(),
    ]
    methods = ("create_", "start_schedule", "get_record", "get_active_rooms")
    for call in calls:
        assert_silent(await failure(call, served, fault, methods, known), known)
    assert not [text for text in known if text in caplog.text]


async def test_problems_hide_repeated_secrets(
    conference: Conference, v4: Conference, served: ServedSimulator
) -> None:
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


async def test_clients_hide_credentials(
    conference: Conference, v4: Conference, served: ServedSimulator
) -> None:
    simulator = served.simulator
    await conference.check()
    await v4.check()
    for client in (conference, v4):
        provider = client.provider
        shown = f"{client!r}{provider!r}{provider.settings!r}{vars(provider)!r}{provider.auth()!r}"
        assert not any(one in shown for one in (simulator.license, simulator.key, simulator.secret))
        pickled = pickle.dumps(provider.settings)
        assert not any(
            one.encode() in pickled for one in (simulator.license, simulator.key, simulator.secret)
        )


# --------------------------------------------------------------------------------------- helpers

TEN = RoomSettings(
    public_chat=True, private_chat=True, microphone=True, camera=True, see_cameras=True,
    shared_notes=True, change_layout=True, recording=True, auto_recording=True,
    recording_control=True,
)  # fmt: skip


async def everything_v1(conference: Conference) -> tuple[list[Any], list[JoinLink]]:
    """Return a model of each kind, and the links among them."""
    code = Passcode(MODERATOR, role="host")
    room = await conference.create_room("Class", entry=code, settings=TEN)
    links = [
        await conference.start_session(room, "Mod", entry=Passcode(ATTENDEE)),
        await conference.join_link(room, name="Zoë"),
        await conference.join_link(room, role="host", name="Zoë"),
    ]
    (session,) = await conference.sessions(room).collect()
    await conference.end_session(session)
    again = await conference.start_session(room, "Mod", entry=Passcode(ATTENDEE))
    models = [
        room,
        *links,
        again,
        *await conference.rooms().collect(),
        await conference.get_room(room.id),
        await conference.update_room(room, name="Renamed"),
        *await conference.sessions(room).collect(),
        *await conference.recordings(session).collect(),
        *await conference.attendance(session).collect(),
    ]
    return models, [*links, again]


def secrets(served: ServedSimulator, links: list[JoinLink]) -> set[str]:
    simulator = served.simulator
    return {
        simulator.license,
        simulator.key,
        simulator.secret,
        MODERATOR,
        ATTENDEE,
        *(one.url for one in links),
        *simulator.links,
    }


def repeated(kind: str, known: set[str]) -> dict[str, str]:
    """Let the vendor's reply hold the credentials and passwords that it was sent."""
    if kind != "status":
        return {}
    sent = [one for one in sorted(known) if "://" not in one]
    return {"body": json.dumps({"status": True, "message": sent, "data": {"url": sent}})}


async def failure(
    call: Callable[[], Any],
    served: ServedSimulator,
    fault: Any,
    methods: tuple[str, ...],
    known: set[str],
) -> ConferencingError:
    kind, details = fault
    for method in methods:
        served.fail(kind, match=method, times=9, **details, **repeated(kind, known))
    with pytest.raises(ConferencingError) as caught:
        await call()
    served.faults.clear()
    return caught.value


def assert_silent(error: ConferencingError, known: set[str]) -> None:
    inside = [one for one in frames(error) if "/conferencing" in one.filename]
    texts = [repr(error), str(error), repr(vars(error)), repr(dict(error.facts))]
    texts += [f"{name} = {value}" for one in inside for name, value in (one.locals or {}).items()]
    for text in known:
        assert not [place for place in texts if text in place]
        assert text.encode() not in pickle.dumps(error)


def frames(error: BaseException) -> list[traceback.FrameSummary]:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return [*told.stack]


def assert_hidden(models: list[Any], known: set[str]) -> None:
    for one in models:
        native = getattr(one, "native", {})
        texts = [repr(one), str(one), repr(dict(native)), repr(asdict(one, recurse=False))]
        pickled = pickle.dumps(one)
        for text in known:
            assert not [place for place in texts if text in place], (one, text)
            assert text.encode() not in pickled, (one, text)
        assert all(not value or value.reveal() for value in native.values()
                   if isinstance(value, Secret))  # fmt: skip
