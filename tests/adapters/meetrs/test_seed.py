"""Every example of the vendor's README, both ways: written and read by the adapter, and taken and
given by the simulator.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from samples import reply_of

from conferencing import (
    Anyone,
    AuthenticationFailed,
    IdentityProvider,
    Invitee,
    Passcode,
    Person,
    Role,
    SignIn,
    connect,
)
from conferencing.http import Reply
from conferencing.sandbox import World
from conferencing_meetrs.wire import base, people, reports, rooms, templates

JACK = Person(first_name="Jack", last_name="Sparrow", email="jack@sparrow.com")
JOHN = Person(first_name="John", last_name="Smith", email="john@smith.com")
ZUMI = Person(first_name="Zumi", last_name="Zumi", email="zumi@zumi.com")
BRAVE = Person(first_name="Brave", last_name="Founder", email="brave@founder.com")
CANDIDATE = Invitee(person=JOHN, entry=Passcode("112233"))
FOUNDER = Invitee(
    person=BRAVE, role="presenter", entry=SignIn("microsoft", email="brave@founder.com")
)
REQUESTS: dict[str, dict[str, Any]] = {
    "request_quick": {},
    "request_titled": {
        "name": "Meeting with John Snow",
        "description": "Annual gathering of the Black Crow society.",
    },
    "request_passcodes": {
        "people": [Invitee(person=JACK, role="presenter", entry=Passcode("12345")), CANDIDATE]
    },
    "request_sign_in": {
        "people": [
            CANDIDATE,
            Invitee(person=JACK, role="presenter", entry=SignIn("google")),
            Invitee(
                person=ZUMI,
                role="presenter",
                entry=SignIn("microsoft", email="office365@zumi.com"),
            ),
        ]
    },
    "request_several_ways": {
        "people": [
            Invitee(
                person=JACK,
                role="host",
                entry=[
                    SignIn("google", email="jack.sparrow@gmail.com"),
                    SignIn("facebook", email="jacks.sarrow@gmail.com"),
                ],
            )
        ]
    },
    "request_anonymous_guest": {"people": [FOUNDER, Invitee(role="guest")]},
    "request_shared_passcode": {
        "people": [FOUNDER, Invitee(role="guest", entry=Passcode("1234567"))]
    },
    "request_named_guest": {
        "people": [
            FOUNDER,
            Invitee(person=JOHN, role="guest", entry=SignIn("microsoft", email="john@smith.com")),
        ]
    },
    "request_configured": {"template": "GUID_ID_CONFIG_TO_BE_USED"},
}


# --------------------------------------------------------------------------------- what is sent


@pytest.mark.parametrize("name", REQUESTS)
async def test_draft_becomes_the_sample_request(conference, served, sample, name) -> None:
    served.fail("status", body=json.dumps(sample("meeting")), status=200)
    await conference.create_room(**REQUESTS[name])
    (request,) = served.requests
    assert (request.method, request.path) == ("POST", "/v1/meetings")
    assert json.loads(request.body) == in_the_vendors_case(sample(name))


@pytest.mark.parametrize("name", ["request_anonymous_guest", "request_shared_passcode"])
async def test_entry_of_room_becomes_the_sample_request(conference, served, sample, name) -> None:
    entry = Anyone() if "anonymous" in name else Passcode("1234567")
    await conference.create_room(people=[FOUNDER], entry=entry)
    assert json.loads(served.requests[0].body) == sample(name)


@pytest.mark.parametrize(
    "name", [request for request in REQUESTS if request != "request_configured"]
)
async def test_simulator_accepts_the_sample_request(bare, served, sample, name) -> None:
    status, reply = await bare("POST", "/v1/meetings", sample(name))
    assert status == 200
    participants = in_the_vendors_case(sample(name)).get("participants", [])
    kept = served.simulator.world.notes[reply["code"]]["participants"]
    assert [
        {**participant, "accessRules": participant.get("accessRules", IMPLICIT)}
        for participant in participants
    ] == kept


async def test_simulator_accepts_a_known_configuration(bare, served, sample) -> None:
    status, reply = await bare("POST", "/v1/meetings", sample("request_configured"))
    assert (status, reply) == (400, {"message": "addonConfigurationId is not known"})
    key = list(served.simulator.world.templates)[1]
    status, reply = await bare("POST", "/v1/meetings", {"addonConfigurationId": key})
    assert status == 200
    assert served.simulator.world.notes[reply["code"]]["configuration"] == key


async def test_token_request_equals_the_sample(sandbox, served, sample, bare) -> None:
    keys = {"client_key": "YOUR API KEY HERE", "client_secret": "YOUR API SECRET HERE"}
    async with connect({**sandbox.account("meetrs"), **keys}) as client:
        with pytest.raises(AuthenticationFailed, match="refused the credentials"):
            await client.check()
    assert json.loads(served.requests[0].body) == sample("request_token")
    status, _ = await bare("POST", "/v1/token", sample("request_token"))
    assert status == 401


@pytest.mark.parametrize("report", ["usage", "feedbacks"])
@pytest.mark.parametrize("tenant", [None, "A1B2C3D4E5F6"])
@pytest.mark.parametrize("ranged", [False, True])
async def test_report_requests_equal_the_samples(
    conference, served, *, sample, report, tenant, ranged
) -> None:
    since = datetime(2020, 7, 1, tzinfo=UTC) if ranged else None
    until = datetime(2020, 7, 31, 23, 59, 59, tzinfo=UTC) if ranged else None
    served.fail("status", body=json.dumps(sample(report)), status=200)
    listing = conference.usage if report == "usage" else conference.feedback
    assert len(await listing(since, until, tenant=tenant).collect()) == 1
    path = f"/v1/{report}/{tenant}" if tenant else f"/v1/{report}"
    query = "?from=2020-07-01T00:00:00.000Z&to=2020-07-31T23:59:59.000Z" if ranged else ""
    assert served.requests[0].target.replace("%3A", ":") == path + query


# ----------------------------------------------------------------------------------- what is read


def test_sample_meeting_is_read(sample) -> None:
    room = rooms.read_room(reply_of(sample("meeting")))
    assert (room.id, room.name) == ("5LM7fdZ0", "Meeting with John Snow")
    assert room.join_url == "https://meet.rs/5LM7fdZ0"
    assert room.description == "Annual gathering of the Black Crow society"
    assert (room.entry, room.duration, room.starts_at) == (None, None, None)


def test_sample_usage_is_read(sample) -> None:
    (usage,) = reports.read_usage(reply_of(sample("usage")))
    assert (usage.id, usage.room_id) == ("a5c9d5b6-87f6-4743-a06c-08d82d5e2c69", "le3YHkUb")
    assert (usage.title, usage.people) == ("Quick meet 07/22 - 265", 2)
    assert usage.created_at == datetime(2020, 7, 22, 11, 57, 0, 408594, tzinfo=UTC)
    assert usage.started_at == datetime(2020, 7, 22, 11, 57, 11, 290929, tzinfo=UTC)
    assert usage.ended_at == datetime(2020, 7, 22, 11, 57, 28, 73476, tzinfo=UTC)
    assert (usage.duration, usage.billable) == (timedelta(seconds=17), timedelta(seconds=10))
    assert (usage.free, usage.covered) == (True, True)
    assert usage.native["description"] == "Guest "
    assert usage.native["subscriptionId"] == "d66b178d-c801-481f-d5a9-08d82d522f18"


def test_sample_usage_is_read_as_session(sample) -> None:
    (session,) = reports.read_sessions(reply_of(sample("usage")))
    assert (session.room_id, session.people, session.status) == ("le3YHkUb", 2, "ended")
    assert session.duration == timedelta(seconds=16, microseconds=782547)


def test_sample_feedback_is_read(sample) -> None:
    (feedback,) = reports.read_feedback(reply_of(sample("feedbacks")))
    assert (feedback.rating, feedback.text, feedback.room_id) == (5, "test feedback 1", "le3YHkUb")
    assert feedback.given_at == datetime(2020, 7, 22, 11, 57, 40, 381752, tzinfo=UTC)
    assert feedback.person is None
    assert feedback.native["screenHeight"] == "1200"


def test_sample_token_is_read(sample) -> None:
    token = base.read_token(
        Reply(
            200,
            {"date": "Wed, 22 Jul 2020 11:57:00 GMT"},
            json.dumps(sample("token")).encode(),
        )
    )
    assert token.value.reveal() == sample("token")["access_token"]
    assert token.expires_at == datetime(2020, 7, 22, 12, 57, tzinfo=UTC)
    assert token.issued_at == datetime(2020, 7, 22, 11, 57, tzinfo=UTC)


def test_sample_configuration_is_read(sample) -> None:
    (template,) = templates.read_templates(reply_of(sample("configurations")))
    assert (template.name, template.description, template.default) == (
        "Interview",
        "Editor and chat",
        True,
    )
    assert (template.native["type"], len(template.native["items"])) == (1, 2)


# ------------------------------------------------------------------- what the simulator answers


async def test_simulator_replies_have_sample_types(bare, served, sample) -> None:
    _, meeting = await bare("POST", "/v1/meetings", sample("request_titled"))
    assert sample("meeting").keys() <= meeting.keys()
    assert meeting["title"] == sample("meeting")["title"]
    assert len(meeting["code"]) == len(sample("meeting")["code"])
    assert meeting["joinUrl"].endswith(f"/{meeting['code']}")
    play(served.simulator.world, meeting["code"])
    for name in ("usage", "feedbacks"):
        _, rows = await bare("GET", f"/v1/{name}")
        (example,) = sample(name)
        assert [types(row) for row in rows] == [types(example)]
    _, rows = await bare("GET", "/v1/addonConfigurations")
    assert types(rows[0]) == types(sample("configurations")[0])


async def test_sample_usage_is_reproduced(conference, served, sample) -> None:
    """The room is occupied for seventeen seconds, ten of them by two people."""
    room = await conference.create_room()
    play(served.simulator.world, room.id)
    (usage,), (example,) = (
        await conference.usage().collect(),
        reports.read_usage(reply_of(sample("usage"))),
    )
    for name in ("people", "duration", "billable", "free", "covered"):
        assert getattr(usage, name) == getattr(example, name)
    (feedback,) = await conference.feedback().collect()
    assert (feedback.rating, feedback.text) == (5, "test feedback 1")


async def test_quick_meeting_gets_a_numbered_title(conference) -> None:
    first, second = await conference.create_room(), await conference.create_room()
    assert (first.name, second.name) == ("Quick meet 10/01 - 1", "Quick meet 10/01 - 2")


def test_implicit_guest_rule_is_read(sample) -> None:
    for guest in ({"role": "Guest"}, {"role": "Guest", "accessRole": {"provider": "Guest"}}):
        room = rooms.read_room(reply_of({**sample("meeting"), "participants": [guest]}))
        assert room.entry == (Anyone(),)
    guest = {"role": "Guest", "accessRules": [{"provider": "passcode", "condition": "1234567"}]}
    room = rooms.read_room(reply_of({**sample("meeting"), "participants": [guest]}))
    assert room.entry == (Passcode("1234567", role=Role.GUEST),)
    assert set(people.PROVIDERS) == set(IdentityProvider) - {IdentityProvider.UNKNOWN}


# --------------------------------------------------------------------------------------- helpers


IMPLICIT = [{"provider": "Guest"}]


def in_the_vendors_case(body: dict[str, Any]) -> dict[str, Any]:
    """Return an example with `facebook`, which one of them has, as the list of providers has it."""
    return json.loads(json.dumps(body).replace('"facebook"', '"Facebook"'))


def types(row: dict[str, Any]) -> dict[str, type]:
    """Return the types of a row's fields; a description may be absent."""
    return {name: type(value) for name, value in row.items() if name != "description"}


def play(world: World, room_id: str) -> None:
    """Let one come, another one seven seconds later, and both leave."""
    world.advance(timedelta(seconds=10, microseconds=882334))
    first = world.enter(room_id, "Ann")
    world.advance(timedelta(seconds=7, microseconds=282548))
    second = world.enter(room_id, "Ben")
    world.advance(timedelta(seconds=9, microseconds=500000))
    world.leave(second.id, rating=5, comment="test feedback 1")
    world.leave(first.id)
