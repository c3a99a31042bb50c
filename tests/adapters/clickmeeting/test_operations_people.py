"""Registering, finding and inviting people; the world and its outbox are asked what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from conferencing import (
    Conference,
    InvalidRequest,
    NotFound,
    Person,
    Role,
    Room,
    Sent,
    UnsupportedOption,
)
from conferencing.sandbox import World

ZOFIA = {"email": "zofia@example.com", "first_name": "Zofia", "last_name": "Żółć & O'Neill"}


async def test_a_registered_person_is_in_the_world_with_a_personal_link(
    conference: Conference, world: World, scenario: Any
) -> None:
    made = await conference.register(scenario.room, **ZOFIA)
    kept = world.participants[scenario.room.id][-1]
    assert (kept.email, kept.first_name, kept.last_name) == tuple(ZOFIA.values())
    assert made.existed is False
    assert made.id is None
    assert made.room_id == scenario.room.id
    assert (made.email, made.first_name, made.last_name) == tuple(ZOFIA.values())
    assert made.join_link.url == kept.join_link.url
    assert made.join_link.personal
    assert made.join_link.person.email == "zofia@example.com"
    assert world.outbox[1:] == []


async def test_registering_again_is_no_error_and_gives_the_same_link(
    conference: Conference, world: World, scenario: Any
) -> None:
    first = await conference.register(scenario.room, **ZOFIA)
    again = await conference.register(scenario.room, **ZOFIA | {"email": "ZOFIA@example.com"})
    assert (first.existed, again.existed) == (False, True)
    assert again.join_link.url == first.join_link.url
    assert len(world.participants[scenario.room.id]) == 2


@pytest.mark.parametrize("missing", ["email", "first_name", "last_name"])
async def test_what_a_registration_needs_is_named_before_anything_is_sent(
    conference: Conference, scenario: Any, missing: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.register(scenario.room, **{**ZOFIA, missing: None})
    assert caught.value.field == missing
    assert scenario.served.requests == []


async def test_a_field_of_the_form_is_kept_and_may_stand_for_a_name(
    conference: Conference, scenario: Any
) -> None:
    await conference.register(
        scenario.room,
        email="mono@example.com",
        first_name="Mononym",
        fields={"2": "-", "10": "ACME"},
    )
    found = await conference.get_participant(scenario.room, email="mono@example.com")
    assert found.fields == {
        "First Name": "Mononym",
        "Last Name": "-",
        "Email Address": "mono@example.com",
        "Company": "ACME",
    }
    assert found.name == "Mononym -"


@pytest.mark.parametrize(
    ("asked", "mailed"),
    [
        ({"confirmation": True, "language": "pl"}, "pl"),
        ({"confirmation": True}, "en"),
        ({"confirmation": False}, None),
        ({}, None),
    ],
)
async def test_a_confirmation_is_mailed_if_it_is_asked_for(
    conference: Conference, world: World, scenario: Any, asked: dict[str, Any], mailed: str | None
) -> None:
    made = await conference.register(scenario.room, **ZOFIA, **asked)
    letters = [mail for mail in world.outbox if mail.kind == "confirmation"]
    assert [mail.language for mail in letters] == ([mailed] if mailed else [])
    for mail in letters:
        assert (mail.to, mail.room_id) == ("zofia@example.com", scenario.room.id)
        assert mail.link.url == made.join_link.url


async def test_nobody_registers_where_registration_is_off(
    conference: Conference, world: World, scenario: Any
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.register(scenario.locked, **ZOFIA)
    assert caught.value.sent is Sent.YES
    assert caught.value.status == 422
    assert caught.value.problems
    assert not world.participants[scenario.locked.id]


async def test_participants_of_a_room_are_told_with_their_names_plain(
    conference: Conference, world: World, scenario: Any
) -> None:
    await conference.register(scenario.room, **ZOFIA)
    people = await conference.participants(scenario.room).collect()
    kept = world.participants[scenario.room.id]
    assert [one.id for one in people] == [one.id for one in kept]
    assert [one.name for one in people] == ["Ann Lee", "Zofia Żółć & O'Neill"]
    assert [one.email for one in people] == ["ann@example.com", "zofia@example.com"]
    assert [one.registered_at for one in people] == [
        one.registered_at.replace(microsecond=0) for one in kept
    ]
    assert [one.confirmed_at for one in people] == [None, None]
    assert [one.join_link.url for one in people] == [one.join_link.url for one in kept]
    assert people == await conference.participants(scenario.room.id).collect()


async def test_participants_of_a_session_are_those_who_came(
    conference: Conference, scenario: Any
) -> None:
    await conference.register(scenario.room, **ZOFIA)
    came = await conference.participants(scenario.session).collect()
    assert [one.email for one in came] == ["ann@example.com"]
    assert came[0].session_id == scenario.session.id
    assert came[0].room_id == scenario.room.id


async def test_one_registration_is_found_by_its_id_or_by_e_mail(
    conference: Conference, scenario: Any
) -> None:
    (ann,) = await conference.participants(scenario.room).collect()
    assert await conference.get_participant(scenario.room, ann.id) == ann
    assert await conference.get_participant(scenario.room, email="Ann@Example.com") == ann


@pytest.mark.parametrize("key", [{"participant_id": "999"}, {"email": "nobody@example.com"}])
async def test_who_is_not_registered_is_not_found(
    conference: Conference, scenario: Any, key: dict[str, str]
) -> None:
    with pytest.raises(NotFound) as caught:
        await conference.get_participant(scenario.room, **key)
    assert caught.value.operation == "get_participant"


@pytest.mark.parametrize("key", [{}, {"participant_id": "1", "email": "a@b.c"}])
async def test_one_registration_is_asked_for_by_one_key(
    conference: Conference, scenario: Any, key: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_participant(scenario.room, **key)
    assert scenario.served.requests == []


@pytest.mark.parametrize("role", [Role.ATTENDEE, Role.PRESENTER])
@pytest.mark.parametrize("language", [None, "pl", "us"])
async def test_invitations_lie_in_the_outbox(
    conference: Conference, world: World, scenario: Any, role: Role, language: str | None
) -> None:
    people = [Person(email="ben@example.com", first_name="Ben", last_name="Lee"), "dan@example.com"]
    world.outbox.clear()
    await conference.invite(scenario.room, people, role=role, language=language)
    assert [mail.to for mail in world.outbox] == ["ben@example.com", "dan@example.com"]
    for mail in world.outbox:
        assert (mail.kind, mail.room_id) == ("invitation", scenario.room.id)
        assert (mail.role, mail.language) == (role, language or "en")
        assert mail.link.url == scenario.room.join_url


async def test_a_name_goes_with_its_own_address(conference: Conference, scenario: Any) -> None:
    people = [Person(email=f"{name}@example.com", first_name=name) for name in ("ben", "dan")]
    await conference.invite(scenario.room, people, native={"template": "advanced"})
    (line,) = scenario.lines()
    assert "attendees%5B1%5D%5Bfirstname%5D=dan" in line
    assert "template=advanced" in line


async def test_an_invitation_into_a_room_with_tokens_spends_one(
    conference: Conference, world: World, scenario: Any
) -> None:
    await conference.invite(scenario.tokens, ["ben@example.com", "dan@example.com"])
    kept = world.tokens[scenario.tokens.id]
    assert [one.sent_to for one in kept] == [
        "ann@example.com",
        "ben@example.com",
        "dan@example.com",
    ]
    for token, mail in zip(kept, world.outbox, strict=True):
        assert mail.link.url == f"{scenario.tokens.join_url}/{token.code.reveal()}"


async def test_no_host_is_invited_and_nothing_is_sent(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.invite(scenario.room, ["ben@example.com"], role="host")
    assert caught.value.field == "role"
    assert scenario.served.requests == []


@pytest.mark.parametrize("people", [[], [Person(name="No address")], ["not an address"]])
async def test_an_invitation_needs_addresses(
    conference: Conference, scenario: Any, people: list[Any]
) -> None:
    with pytest.raises(InvalidRequest):
        await conference.invite(scenario.room, people)
    assert scenario.served.requests == []


async def test_people_of_a_room_that_is_not_there_are_not_found(conference: Conference) -> None:
    nowhere = Room(id="1")
    with pytest.raises(NotFound):
        await conference.register(nowhere, **ZOFIA)
    with pytest.raises(NotFound):
        await conference.participants(nowhere).collect()
    with pytest.raises(NotFound):
        await conference.invite(nowhere, ["ben@example.com"])


async def test_a_confirmed_registration_says_when(
    conference: Conference, world: World, scenario: Any
) -> None:
    moment = world.now.replace(microsecond=0) + timedelta(hours=1)
    people = world.participants[scenario.room.id]
    people[0] = evolve(people[0], confirmed_at=moment)
    (ann,) = await conference.participants(scenario.room).collect()
    assert ann.confirmed_at == moment
