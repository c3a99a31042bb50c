"""Ways in: links of every kind into rooms of every kind, and the tokens that some rooms ask for."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from conferencing import (
    AccessToken,
    Conference,
    InvalidRequest,
    NotFound,
    Participant,
    Person,
    Role,
    Sent,
    UnsupportedOption,
)
from conferencing.sandbox import World

ZOE = {"email": "zoe@example.com", "name": "Zoë"}
ROLES = [Role.ATTENDEE, Role.PRESENTER, Role.HOST]


# ----------------------------------------------------------------------------------------- links


async def test_the_plain_link_is_the_rooms_and_costs_no_request(
    conference: Conference, scenario: Any
) -> None:
    link = await conference.join_link(scenario.room)
    assert link.url == scenario.room.join_url == scenario.world.room(scenario.room.id).join_url
    assert (link.role, link.personal, link.person) == (Role.ATTENDEE, False, None)
    assert scenario.lines() == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["room", "locked", "tokens"])
@pytest.mark.parametrize("known", ["whole", "by id"])
async def test_a_personal_link_lets_one_person_in_as_what_was_asked(
    conference: Conference, scenario: Any, role: Role, kind: str, known: str
) -> None:
    room = getattr(scenario, kind)
    link = await conference.join_link(room if known == "whole" else room.id, role=role, **ZOE)
    let_in = scenario.served.simulator.autologins[parse_qs(urlsplit(link.url).query)["l"][0]]
    assert (let_in.email, let_in.nickname, let_in.room_id) == (*ZOE.values(), room.id)
    assert let_in.role is link.role is role
    assert link.url.startswith(f"{room.join_url}?l=")
    assert link.personal
    assert link.person.display_name == "Zoë"
    assert len(scenario.lines()) == 1 + (kind == "tokens") + (known == "by id")


async def test_a_personal_link_into_a_room_with_tokens_makes_one_unless_one_is_given(
    conference: Conference, scenario: Any, world: World
) -> None:
    await conference.join_link(scenario.tokens, **ZOE, token=scenario.token)
    assert len(world.tokens[scenario.tokens.id]) == 2
    assert len(scenario.lines()) == 1
    await conference.join_link(scenario.tokens, **ZOE)
    assert len(world.tokens[scenario.tokens.id]) == 3
    assert len(scenario.lines()) == 3


async def test_a_token_alone_is_a_way_in(conference: Conference, scenario: Any) -> None:
    link = await conference.join_link(scenario.tokens, token=scenario.token)
    assert link.url == f"{scenario.tokens.join_url}/{scenario.token.code.reveal()}"
    assert link.personal
    assert scenario.lines() == []


async def test_a_token_of_another_room_is_refused_by_the_vendor(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.join_link(scenario.tokens, **ZOE, token=AccessToken(code="AAAAAA"))
    assert caught.value.sent is Sent.YES


async def test_asking_again_gives_another_hash_for_the_same_person(
    conference: Conference, scenario: Any
) -> None:
    links = {(await conference.join_link(scenario.room, **ZOE)).url for _ in range(3)}
    assert len(links) == len(scenario.served.simulator.autologins) == 3


async def test_a_registered_person_gets_the_link_of_the_registration(
    conference: Conference, scenario: Any, world: World
) -> None:
    kept = world.participants[scenario.room.id][0].join_link.url
    (ann,) = await conference.participants(scenario.room).collect()
    scenario.served.requests.clear()
    assert (await conference.join_link(scenario.room, person=ann)).url == kept
    assert scenario.lines() == []
    known_by_mail = Participant(email="ann@example.com")
    assert (await conference.join_link(scenario.room, person=known_by_mail)).url == kept
    known_by_id = Participant(id=ann.id)
    assert (await conference.join_link(scenario.room, person=known_by_id)).url == kept
    assert scenario.lines() == [f"GET /v1/conferences/{scenario.room.id}/registrations/all"] * 2


async def test_who_did_not_register_has_no_link_of_a_registration(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(NotFound):
        await conference.join_link(scenario.room, person=Participant(email="nobody@example.com"))


async def test_a_presenters_link_for_a_registered_person_is_a_presenters(
    conference: Conference, scenario: Any
) -> None:
    (ann,) = await conference.participants(scenario.room).collect()
    link = await conference.join_link(scenario.room, role="presenter", person=ann)
    assert link.role is Role.PRESENTER
    roles = {one.role for one in scenario.served.simulator.autologins.values()}
    assert roles == {Role.PRESENTER}


@pytest.mark.parametrize(
    ("role", "known"), [(Role.PRESENTER, "whole"), (Role.HOST, "whole"), (Role.HOST, "by id")]
)
async def test_no_link_for_more_than_an_attendee_is_the_same_for_everybody(
    conference: Conference, scenario: Any, role: Role, known: str
) -> None:
    room = scenario.room if known == "whole" else scenario.room.id
    with pytest.raises(UnsupportedOption) as caught:
        await conference.join_link(room, role=role)
    assert caught.value.field == "person"
    assert scenario.lines() == []


@pytest.mark.parametrize("who", [{"email": "zoe@example.com"}, {"name": "Zoë"}])
async def test_a_personal_link_needs_name_and_address(
    conference: Conference, scenario: Any, who: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.join_link(scenario.room, **who)
    assert caught.value.field == "person"
    assert scenario.lines() == []


async def test_first_and_last_name_make_the_name_in_the_room(
    conference: Conference, scenario: Any
) -> None:
    person = Person(email="zoe@example.com", first_name="Zoë", last_name="Łoś")
    await conference.join_link(scenario.room, person=person)
    (let_in,) = scenario.served.simulator.autologins.values()
    assert let_in.nickname == "Zoë Łoś"


async def test_there_is_no_role_of_a_guest(conference: Conference, scenario: Any) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.join_link(scenario.room, role="guest", **ZOE)
    assert caught.value.field == "role"
    assert scenario.lines() == []


async def test_a_passcode_that_changed_meanwhile_is_refused(
    conference: Conference, scenario: Any, world: World
) -> None:
    stale = evolve(scenario.locked, entry=(type(scenario.locked.entry[0])("old"),))
    with pytest.raises(InvalidRequest):
        await conference.join_link(stale, **ZOE)
    assert scenario.served.simulator.autologins == {}


# ---------------------------------------------------------------------------------------- tokens


async def test_tokens_are_made_and_told(
    conference: Conference, scenario: Any, world: World
) -> None:
    made = await conference.create_access_tokens(scenario.tokens, 1000)
    kept = world.tokens[scenario.tokens.id]
    assert [one.code for one in made] == [one.code for one in kept[2:]]
    assert len(kept) == 1002
    assert {one.room_id for one in made} == {scenario.tokens.id}
    listed = await conference.access_tokens(scenario.tokens).collect()
    assert [one.code for one in listed] == [one.code for one in kept]
    assert [one.sent_to for one in listed[:3]] == ["ann@example.com", None, None]
    assert listed[0].first_used_at is None


async def test_more_tokens_than_the_vendor_makes_are_refused_by_the_vendor(
    conference: Conference, scenario: Any, world: World
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_access_tokens(scenario.tokens, 1001)
    assert caught.value.sent is Sent.YES
    assert len(world.tokens[scenario.tokens.id]) == 2


async def test_fewer_tokens_than_one_are_refused_here(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_access_tokens(scenario.tokens, 0)
    assert caught.value.field == "count"
    assert scenario.lines() == []


async def test_the_token_of_an_address_is_found(conference: Conference, scenario: Any) -> None:
    (found,) = await conference.access_tokens(scenario.tokens, email="ann@example.com").collect()
    assert found.code == scenario.token.code
    assert found.sent_to == "ann@example.com"


async def test_an_address_without_a_token_has_none_and_a_room_that_is_gone_is_not_found(
    conference: Conference, scenario: Any
) -> None:
    nobody = "nobody@example.com"
    assert await conference.access_tokens(scenario.tokens, email=nobody).collect() == []
    with pytest.raises(NotFound):
        await conference.access_tokens("1", email=nobody).collect()


async def test_revoked_tokens_let_nobody_in(
    conference: Conference, scenario: Any, world: World
) -> None:
    (left,) = [one for one in world.tokens[scenario.tokens.id] if one.code != scenario.token.code]
    await conference.revoke_access_tokens(scenario.tokens, [scenario.token])
    assert world.tokens[scenario.tokens.id] == [left]
    with pytest.raises(InvalidRequest):
        await conference.join_link(scenario.tokens, **ZOE, token=scenario.token)


async def test_revoking_nothing_asks_nothing(
    conference: Conference, scenario: Any, world: World
) -> None:
    await conference.revoke_access_tokens(scenario.tokens, [])
    assert scenario.lines() == []
    assert len(world.tokens[scenario.tokens.id]) == 2
