"""What all operations share: refusals without a request, names, and secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conferencing import (
    Anyone,
    ConfigurationError,
    Passcode,
    Person,
    RoomSettings,
    Secret,
    SignIn,
    UnsupportedOption,
    connect,
)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"capacity": 100}, "capacity"),
        ({"host": Person(email="zoe@example.com")}, "host"),
        ({"template": "5"}, "template"),
        ({"entry": SignIn("google")}, "entry"),
        ({"entry": (Anyone(), Passcode("x"))}, "entry"),
        ({"settings": RoomSettings(public_chat=False)}, "settings.public_chat"),
        ({"settings": RoomSettings(recording=True)}, "settings.recording"),
        ({"settings": RoomSettings(encryption=True, microphone=True)}, "settings.microphone"),
    ],
)
@pytest.mark.parametrize("way", ["create", "update"])
async def test_unsupported_field_is_named_and_not_sent(
    conference, served, fields, named, way
) -> None:
    call = conference.create_room if way == "create" else conference.update_room
    with pytest.raises(UnsupportedOption) as caught:
        await call("2632001", **fields)
    assert caught.value.field == named
    assert named.rpartition(".")[2] in str(caught.value)
    assert "clickmeeting" in str(caught.value)
    assert served.requests == []


async def test_unsupported_field_is_dropped_on_request(conference, served) -> None:
    room = await conference.create_room(
        "New",
        capacity=100,
        duration=timedelta(hours=1),
        settings=RoomSettings(encryption=True, public_chat=False),
        ignore_unsupported=True,
    )
    assert room.duration == timedelta(hours=1)
    assert room.settings.encryption is True
    assert b"capacity" not in served.requests[0].body


async def test_new_room_with_status_raises(conference, served) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("New", status="open")
    assert caught.value.field == "status"
    assert served.requests == []


async def test_escaped_names_are_unescaped(scenario) -> None:
    name = "<Ann> & \"Zoë\" 'O'"
    room = await scenario.conference.update_room(scenario.room, name=name)
    scenario.world.enter(scenario.room.id, name, "zoe@example.com")
    scenario.world.record(scenario.room.id, timedelta(minutes=1))
    await scenario.conference.register(
        room, email="zoe@example.com", first_name=name, last_name="x"
    )
    session = (await scenario.conference.sessions(room).collect())[-1]
    names = {
        "room": room.name,
        "attendee": (await scenario.conference.attendance(session).collect())[0].display_name,
        "participant": (await scenario.conference.participants(room).collect())[-1].name,
        "recording": (await scenario.conference.recordings(room).collect())[-1].name,
    }
    assert names == {
        "room": name,
        "attendee": name,
        "participant": f"{name} x",
        "recording": name,
    }
    assert room.native["name"] != name


# --------------------------------------------------------------------------------------- secrets


async def test_phone_pins_are_secret(scenario) -> None:
    """The vendor sends them as numbers, not as strings."""
    note = scenario.world.notes[scenario.room.id]
    room = await scenario.conference.get_room(scenario.room.id)
    for name in ("phone_presenter_pin", "phone_listener_pin"):
        pin = str(note[name.removeprefix("phone_")])
        assert pin not in repr(dict(room.native))
        assert isinstance(room.native[name], Secret)
        assert room.native[name].reveal() == pin


async def test_secrets_can_be_revealed(scenario) -> None:
    room = await scenario.conference.get_room(scenario.locked.id)
    note = scenario.world.notes[room.id]
    assert room.native["autologin_hash"].reveal() == note["owner"]
    assert room.native["autologin_hashes"]["host"].reveal() == note["owner"]
    assert room.native["access_role_hashes"]["host"].reveal() == note["hashes"]["host"]
    assert room.native["password"].reveal() == "s3cret"
    assert room.entry[0].code.reveal() == "s3cret"


async def test_key_is_not_in_an_error_of_connect(served) -> None:
    key = served.simulator.key
    account = {"provider": "clickmeeting", "api_key": key, "base_url": "https://a.example/?x"}
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        connect(account)
    assert key not in f"{caught.value!r}{vars(caught.value)!r}"
