"""What holds for all operations: capabilities, refusals without a request, names, and secrets."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import pytest
from attrs import asdict

from conferencing import (
    Anyone,
    Conference,
    Operation,
    Passcode,
    Person,
    RoomSettings,
    Secret,
    Sent,
    Session,
    SignIn,
    Support,
    Template,
    UnsupportedOperation,
    UnsupportedOption,
    connect,
)
from conferencing.sandbox import ServedSimulator

ABSENT = {
    "start_session": lambda c: c.start_session("1", "Zoë"),
    "end_session": lambda c: c.end_session("1:2"),
    "usage": lambda c: c.usage().collect(),
    "default_settings": lambda c: c.default_settings(),
    "room_settings": lambda c: c.room_settings("1"),
    "list_templates": lambda c: c.templates().collect(),
    "create_template": lambda c: c.create_template("Mine"),
    "update_template": lambda c: c.update_template(Template(id="1")),
    "delete_template": lambda c: c.delete_template("1"),
}
EMULATED = {"get_participant", "feedback"}


async def test_check_proves_the_key(conference: Conference, served: ServedSimulator) -> None:
    await conference.check()
    assert [one.target for one in served.requests] == ["/v1/ping"]


def test_capabilities_say_what_the_vendor_has(conference: Conference) -> None:
    told = {one.value: conference.capabilities[one] for one in Operation}
    assert {name for name, support in told.items() if support is Support.ABSENT} == set(ABSENT)
    assert {name for name, support in told.items() if support is Support.EMULATED} == EMULATED
    assert Support.UNVERIFIED not in told.values()


@pytest.mark.parametrize("name", ABSENT)
async def test_what_the_vendor_has_not_is_refused_without_a_request(
    conference: Conference, served: ServedSimulator, name: str
) -> None:
    with pytest.raises(UnsupportedOperation) as caught:
        await ABSENT[name](conference)
    assert (caught.value.operation, caught.value.provider) == (name, "clickmeeting")
    assert caught.value.sent is Sent.NO
    assert served.requests == []


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
async def test_a_field_that_the_vendor_cannot_express_is_named_and_nothing_is_sent(
    conference: Conference, served: ServedSimulator, fields: dict[str, Any], named: str, way: str
) -> None:
    call = conference.create_room if way == "create" else conference.update_room
    with pytest.raises(UnsupportedOption) as caught:
        await call("2632001", **fields)
    assert caught.value.field == named
    assert named.rpartition(".")[2] in str(caught.value)
    assert "clickmeeting" in str(caught.value)
    assert served.requests == []


async def test_what_cannot_be_expressed_is_let_go_if_one_says_so(
    conference: Conference, served: ServedSimulator
) -> None:
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


async def test_a_room_that_is_new_has_no_status_to_choose(
    conference: Conference, served: ServedSimulator
) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("New", status="open")
    assert caught.value.field == "status"
    assert served.requests == []


async def test_names_that_come_escaped_are_plain(scenario: Any) -> None:
    name = "<Ann> & \"Zoë\" 'O'"
    room = await scenario.conference.update_room(scenario.room, name=name)
    scenario.world.enter(scenario.room.id, name, "zoe@example.com")
    scenario.world.record(scenario.room.id, timedelta(minutes=1))
    await scenario.conference.register(
        room, email="zoe@example.com", first_name=name, last_name="x"
    )
    session = (await scenario.conference.sessions(room).collect())[-1]
    told = {
        "room": room.name,
        "attendee": (await scenario.conference.attendance(session).collect())[0].display_name,
        "participant": (await scenario.conference.participants(room).collect())[-1].name,
        "recording": (await scenario.conference.recordings(room).collect())[-1].name,
    }
    assert told == {
        "room": name,
        "attendee": name,
        "participant": f"{name} x",
        "recording": name,
    }
    assert room.native["name"] != name


# --------------------------------------------------------------------------------------- secrets


async def test_what_lets_people_in_shows_in_no_text_and_no_pickle(scenario: Any) -> None:
    told = await everything(scenario)
    secret = secrets(scenario)
    assert len(secret) > 15
    for one in told:
        texts = [repr(one), str(one), repr(dict(one.native)), repr(asdict(one, recurse=False))]
        pickled = pickle.dumps(one)
        for text in secret:
            assert not [place for place in texts if text in place], (one, text)
            assert text.encode() not in pickled, (one, text)


async def test_pins_of_hosts_and_guests_are_as_secret_as_passwords(scenario: Any) -> None:
    """They come as numbers, not as texts."""
    note = scenario.world.notes[scenario.room.id]
    room = await scenario.conference.get_room(scenario.room.id)
    for name in ("phone_presenter_pin", "phone_listener_pin"):
        pin = str(note[name.removeprefix("phone_")])
        assert pin not in repr(dict(room.native))
        assert isinstance(room.native[name], Secret)
        assert room.native[name].reveal() == pin


async def test_secrets_can_be_had_by_who_asks_for_them(scenario: Any) -> None:
    room = await scenario.conference.get_room(scenario.locked.id)
    note = scenario.world.notes[room.id]
    assert room.native["autologin_hash"].reveal() == note["owner"]
    assert room.native["autologin_hashes"]["host"].reveal() == note["owner"]
    assert room.native["access_role_hashes"]["host"].reveal() == note["hashes"]["host"]
    assert room.native["password"].reveal() == "s3cret"
    assert room.entry[0].code.reveal() == "s3cret"


async def test_a_pickled_model_is_equal_but_for_what_is_secret(scenario: Any) -> None:
    copy = pickle.loads(pickle.dumps(scenario.session))
    assert copy == scenario.session
    assert isinstance(copy, Session)
    assert copy.native["total_visitors"] == 1


async def test_the_key_shows_in_no_text_of_the_client(
    conference: Conference, served: ServedSimulator
) -> None:
    key = served.simulator.key
    await conference.check()
    for one in (conference, conference.provider, conference.provider.settings):
        assert key not in f"{one!r}{one}{vars(conference.provider)!r}"
    with pytest.raises(TypeError):
        pickle.dumps(conference)
    account = {"provider": "clickmeeting", "api_key": key, "base_url": "https://a.example/?x"}
    with pytest.raises(Exception, match="base_url") as caught:
        connect(account)
    assert key not in f"{caught.value!r}{vars(caught.value)!r}"


# --------------------------------------------------------------------------------------- helpers


async def everything(scenario: Any) -> list[Any]:
    """Return a model of each kind, with its native mapping."""
    conference = scenario.conference
    report = await conference.create_report(scenario.session)
    return [
        *await conference.rooms().collect(),
        *await conference.participants(scenario.room).collect(),
        await conference.register(scenario.room, email="b@c.de", first_name="B", last_name="C"),
        await conference.join_link(scenario.locked, name="Zoë", email="zoe@example.com"),
        await conference.join_link(scenario.tokens, token=scenario.token),
        *await conference.access_tokens(scenario.tokens).collect(),
        await conference.get_session(scenario.session.id),
        *await conference.attendance(scenario.session).collect(),
        *await conference.recordings(scenario.room).collect(),
        await conference.wait_for_report(report),
        *await conference.feedback().collect(),
    ]


def secrets(scenario: Any) -> set[str]:
    """Return all codes, hashes and personal links that the world has made."""
    simulator, world = scenario.served.simulator, scenario.world
    notes = [world.notes[room] for room in world.rooms]
    links = [one.join_link.url for people in world.participants.values() for one in people]
    return {
        "s3cret",
        simulator.key,
        *(note["owner"] for note in notes),
        *(one for note in notes for one in note["hashes"].values()),
        *(token.code.reveal() for tokens in world.tokens.values() for token in tokens),
        *links,
        *(link.partition("r=")[2] for link in links),
        *simulator.autologins,
        *(job.code for job in simulator.reports.values()),
        "recording.mp4?st=sig",
    }
