"""What all operations share: capabilities, refusals without a request, names, and secrets."""

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

NO_REGISTRATION_STATUS = {
    "approve_registration", "cancel_registration", "deny_registration", "register_batch",
}  # fmt: skip

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


async def test_check_pings(conference: Conference, served: ServedSimulator) -> None:
    await conference.check()
    assert [request.target for request in served.requests] == ["/v1/ping"]


def test_capabilities_match_the_vendor(conference: Conference) -> None:
    supports = {operation.value: conference.capabilities[operation] for operation in Operation}
    assert {name for name, support in supports.items() if support is Support.ABSENT} == set(
        ABSENT
    ) | NO_REGISTRATION_STATUS
    assert {name for name, support in supports.items() if support is Support.EMULATED} == EMULATED
    assert Support.UNVERIFIED not in supports.values()


@pytest.mark.parametrize("name", ABSENT)
async def test_absent_operation_sends_nothing(
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
async def test_unsupported_field_is_named_and_not_sent(
    conference: Conference, served: ServedSimulator, fields: dict[str, Any], named: str, way: str
) -> None:
    call = conference.create_room if way == "create" else conference.update_room
    with pytest.raises(UnsupportedOption) as caught:
        await call("2632001", **fields)
    assert caught.value.field == named
    assert named.rpartition(".")[2] in str(caught.value)
    assert "clickmeeting" in str(caught.value)
    assert served.requests == []


async def test_unsupported_field_is_dropped_on_request(
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


async def test_new_room_with_status_raises(conference: Conference, served: ServedSimulator) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("New", status="open")
    assert caught.value.field == "status"
    assert served.requests == []


async def test_escaped_names_are_unescaped(scenario: Any) -> None:
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


async def test_secrets_are_in_no_text_and_no_pickle(scenario: Any) -> None:
    models = await everything(scenario)
    secret_texts = secrets(scenario)
    assert len(secret_texts) > 15
    for model in models:
        texts = [
            repr(model),
            str(model),
            repr(dict(model.native)),
            repr(asdict(model, recurse=False)),
        ]
        pickled = pickle.dumps(model)
        for text in secret_texts:
            assert not [place for place in texts if text in place], (model, text)
            assert text.encode() not in pickled, (model, text)


async def test_phone_pins_are_secret(scenario: Any) -> None:
    """The vendor sends them as numbers, not as strings."""
    note = scenario.world.notes[scenario.room.id]
    room = await scenario.conference.get_room(scenario.room.id)
    for name in ("phone_presenter_pin", "phone_listener_pin"):
        pin = str(note[name.removeprefix("phone_")])
        assert pin not in repr(dict(room.native))
        assert isinstance(room.native[name], Secret)
        assert room.native[name].reveal() == pin


async def test_secrets_can_be_revealed(scenario: Any) -> None:
    room = await scenario.conference.get_room(scenario.locked.id)
    note = scenario.world.notes[room.id]
    assert room.native["autologin_hash"].reveal() == note["owner"]
    assert room.native["autologin_hashes"]["host"].reveal() == note["owner"]
    assert room.native["access_role_hashes"]["host"].reveal() == note["hashes"]["host"]
    assert room.native["password"].reveal() == "s3cret"
    assert room.entry[0].code.reveal() == "s3cret"


async def test_pickled_model_is_equal_without_secrets(scenario: Any) -> None:
    copy = pickle.loads(pickle.dumps(scenario.session))
    assert copy == scenario.session
    assert isinstance(copy, Session)
    assert copy.native["total_visitors"] == 1


async def test_key_is_in_no_text_of_the_client(
    conference: Conference, served: ServedSimulator
) -> None:
    key = served.simulator.key
    await conference.check()
    for value in (conference, conference.provider, conference.provider.settings):
        assert key not in f"{value!r}{value}{vars(conference.provider)!r}"
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
    """Return all codes, hashes and personal links of the world."""
    simulator, world = scenario.served.simulator, scenario.world
    notes = [world.notes[room] for room in world.rooms]
    links = [person.join_link.url for people in world.participants.values() for person in people]
    return {
        "s3cret",
        simulator.key,
        *(note["owner"] for note in notes),
        *(code for note in notes for code in note["hashes"].values()),
        *(token.code.reveal() for tokens in world.tokens.values() for token in tokens),
        *links,
        *(link.partition("r=")[2] for link in links),
        *simulator.autologins,
        *(job.code for job in simulator.reports.values()),
        "recording.mp4?st=sig",
    }
