"""Registering, finding and inviting people, checked in the world and its outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from conferencing import (
    InvalidRequest,
    NotFound,
    Person,
    Role,
    Room,
    Sent,
    UnsupportedOption,
)

ZOFIA = {"email": "zofia@example.com", "first_name": "Zofia", "last_name": "Żółć & O'Neill"}


async def test_registered_person_has_a_personal_link(conference, world, scenario) -> None:
    created = await conference.register(scenario.room, **ZOFIA)
    stored = world.participants[scenario.room.id][-1]
    assert (stored.email, stored.first_name, stored.last_name) == tuple(ZOFIA.values())
    assert created.existed is False
    assert created.id is None
    assert created.room_id == scenario.room.id
    assert (created.email, created.first_name, created.last_name) == tuple(ZOFIA.values())
    assert created.join_link.url == stored.join_link.url
    assert created.join_link.personal
    assert created.join_link.person.email == "zofia@example.com"
    assert world.outbox[1:] == []


async def test_repeated_registration_has_the_same_link(conference, world, scenario) -> None:
    first = await conference.register(scenario.room, **ZOFIA)
    again = await conference.register(scenario.room, **ZOFIA | {"email": "ZOFIA@example.com"})
    assert (first.existed, again.existed) == (False, True)
    assert again.join_link.url == first.join_link.url
    assert len(world.participants[scenario.room.id]) == 2


@pytest.mark.parametrize("missing", ["email", "first_name", "last_name"])
async def test_incomplete_registration_is_not_sent(conference, scenario, missing) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.register(scenario.room, **{**ZOFIA, missing: None})
    assert caught.value.field == missing
    assert scenario.served.requests == []


async def test_form_field_is_kept_and_may_be_a_name(conference, scenario) -> None:
    await conference.register(
        scenario.room,
        email="mono@example.com",
        first_name="Mononym",
        fields={"2": "-", "10": "ACME"},
    )
    participant = await conference.get_participant(scenario.room, email="mono@example.com")
    assert participant.fields == {
        "First Name": "Mononym",
        "Last Name": "-",
        "Email Address": "mono@example.com",
        "Company": "ACME",
    }
    assert participant.name == "Mononym -"


@pytest.mark.parametrize(
    ("options", "mailed"),
    [
        ({"confirmation": True, "language": "pl"}, "pl"),
        ({"confirmation": True}, "en"),
        ({"confirmation": False}, None),
        ({}, None),
    ],
)
async def test_confirmation_is_mailed_on_request(
    conference, world, scenario, options, mailed
) -> None:
    created = await conference.register(scenario.room, **ZOFIA, **options)
    mails = [mail for mail in world.outbox if mail.kind == "confirmation"]
    assert [mail.language for mail in mails] == ([mailed] if mailed else [])
    for mail in mails:
        assert (mail.to, mail.room_id) == ("zofia@example.com", scenario.room.id)
        assert mail.link.url == created.join_link.url


async def test_registration_in_closed_room_is_refused(conference, world, scenario) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.register(scenario.locked, **ZOFIA)
    assert caught.value.sent is Sent.YES
    assert caught.value.status == 422
    assert caught.value.problems
    assert not world.participants[scenario.locked.id]


async def test_participants_of_a_room_are_listed(conference, world, scenario) -> None:
    await conference.register(scenario.room, **ZOFIA)
    people = await conference.participants(scenario.room).collect()
    stored = world.participants[scenario.room.id]
    assert [person.id for person in people] == [person.id for person in stored]
    assert [person.name for person in people] == ["Ann Lee", "Zofia Żółć & O'Neill"]
    assert [person.email for person in people] == ["ann@example.com", "zofia@example.com"]
    assert [person.registered_at for person in people] == [
        person.registered_at.replace(microsecond=0) for person in stored
    ]
    assert [person.confirmed_at for person in people] == [None, None]
    assert [person.join_link.url for person in people] == [
        person.join_link.url for person in stored
    ]
    assert people == await conference.participants(scenario.room.id).collect()


async def test_participants_of_a_session_were_present(conference, scenario) -> None:
    await conference.register(scenario.room, **ZOFIA)
    people = await conference.participants(scenario.session).collect()
    assert [person.email for person in people] == ["ann@example.com"]
    assert people[0].session_id == scenario.session.id
    assert people[0].room_id == scenario.room.id


async def test_participant_is_found_by_id_or_email(conference, scenario) -> None:
    (ann,) = await conference.participants(scenario.room).collect()
    assert await conference.get_participant(scenario.room, ann.id) == ann
    assert await conference.get_participant(scenario.room, email="Ann@Example.com") == ann


@pytest.mark.parametrize("key", [{"participant_id": "999"}, {"email": "nobody@example.com"}])
async def test_unregistered_participant_is_not_found(conference, scenario, key) -> None:
    with pytest.raises(NotFound) as caught:
        await conference.get_participant(scenario.room, **key)
    assert caught.value.operation == "get_participant"


@pytest.mark.parametrize("key", [{}, {"participant_id": "1", "email": "a@b.c"}])
async def test_participant_by_two_keys_raises(conference, scenario, key) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_participant(scenario.room, **key)
    assert scenario.served.requests == []


@pytest.mark.parametrize("role", [Role.ATTENDEE, Role.PRESENTER])
@pytest.mark.parametrize("language", [None, "pl", "us"])
async def test_invitations_are_mailed(conference, world, scenario, role, language) -> None:
    people = [Person(email="ben@example.com", first_name="Ben", last_name="Lee"), "dan@example.com"]
    world.outbox.clear()
    await conference.invite(scenario.room, people, role=role, language=language)
    assert [mail.to for mail in world.outbox] == ["ben@example.com", "dan@example.com"]
    for mail in world.outbox:
        assert (mail.kind, mail.room_id) == ("invitation", scenario.room.id)
        assert (mail.role, mail.language) == (role, language or "en")
        assert mail.link.url == scenario.room.join_url


async def test_invited_person_keeps_their_name(conference, scenario) -> None:
    people = [Person(email=f"{name}@example.com", first_name=name) for name in ("ben", "dan")]
    await conference.invite(scenario.room, people, native={"template": "advanced"})
    (line,) = scenario.lines()
    assert "attendees%5B1%5D%5Bfirstname%5D=dan" in line
    assert "template=advanced" in line


async def test_invitation_spends_a_token(conference, world, scenario) -> None:
    await conference.invite(scenario.tokens, ["ben@example.com", "dan@example.com"])
    tokens = world.tokens[scenario.tokens.id]
    assert [token.sent_to for token in tokens] == [
        "ann@example.com",
        "ben@example.com",
        "dan@example.com",
    ]
    for token, mail in zip(tokens, world.outbox, strict=True):
        assert mail.link.url == f"{scenario.tokens.join_url}/{token.code.reveal()}"


async def test_invitation_of_a_host_is_not_sent(conference, scenario) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.invite(scenario.room, ["ben@example.com"], role="host")
    assert caught.value.field == "role"
    assert scenario.served.requests == []


@pytest.mark.parametrize("people", [[], [Person(name="No address")], ["not an address"]])
async def test_invitation_without_address_is_not_sent(conference, scenario, people) -> None:
    with pytest.raises(InvalidRequest):
        await conference.invite(scenario.room, people)
    assert scenario.served.requests == []


async def test_people_of_missing_room_are_not_found(conference) -> None:
    nowhere = Room(id="1")
    with pytest.raises(NotFound):
        await conference.register(nowhere, **ZOFIA)
    with pytest.raises(NotFound):
        await conference.participants(nowhere).collect()
    with pytest.raises(NotFound):
        await conference.invite(nowhere, ["ben@example.com"])


async def test_confirmed_registration_has_a_time(conference, world, scenario) -> None:
    moment = world.now.replace(microsecond=0) + timedelta(hours=1)
    people = world.participants[scenario.room.id]
    people[0] = evolve(people[0], confirmed_at=moment)
    (ann,) = await conference.participants(scenario.room).collect()
    assert ann.confirmed_at == moment
