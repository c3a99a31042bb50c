"""Join links of every kind into rooms of every kind, and access tokens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from conferencing import (
    AccessToken,
    InvalidRequest,
    NotFound,
    Participant,
    Person,
    Role,
    Sent,
    UnsupportedOption,
)

ZOE = {"email": "zoe@example.com", "name": "Zoë"}
ROLES = [Role.ATTENDEE, Role.PRESENTER, Role.HOST]


# ----------------------------------------------------------------------------------------- links


async def test_plain_link_sends_nothing(conference, scenario) -> None:
    link = await conference.join_link(scenario.room)
    assert link.url == scenario.room.join_url == scenario.world.room(scenario.room.id).join_url
    assert (link.role, link.personal, link.person) == (Role.ATTENDEE, False, None)
    assert scenario.lines() == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", ["room", "locked", "tokens"])
@pytest.mark.parametrize("reference", ["room", "id"])
async def test_personal_link_has_the_requested_role(
    conference, scenario, role, kind, reference
) -> None:
    room = getattr(scenario, kind)
    link = await conference.join_link(room if reference == "room" else room.id, role=role, **ZOE)
    autologin = scenario.served.simulator.autologins[parse_qs(urlsplit(link.url).query)["l"][0]]
    assert (autologin.email, autologin.nickname, autologin.room_id) == (*ZOE.values(), room.id)
    assert autologin.role is link.role is role
    assert link.url.startswith(f"{room.join_url}?l=")
    assert link.personal
    assert link.person.display_name == "Zoë"
    assert len(scenario.lines()) == 1 + (kind == "tokens") + (reference == "id")


async def test_personal_link_creates_a_missing_token(conference, scenario, world) -> None:
    await conference.join_link(scenario.tokens, **ZOE, token=scenario.token)
    assert len(world.tokens[scenario.tokens.id]) == 2
    assert len(scenario.lines()) == 1
    await conference.join_link(scenario.tokens, **ZOE)
    assert len(world.tokens[scenario.tokens.id]) == 3
    assert len(scenario.lines()) == 3


async def test_link_with_token_sends_nothing(conference, scenario) -> None:
    link = await conference.join_link(scenario.tokens, token=scenario.token)
    assert link.url == f"{scenario.tokens.join_url}/{scenario.token.code.reveal()}"
    assert link.personal
    assert scenario.lines() == []


async def test_token_of_another_room_is_refused(conference, scenario) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.join_link(scenario.tokens, **ZOE, token=AccessToken(code="AAAAAA"))
    assert caught.value.sent is Sent.YES


async def test_repeated_link_has_another_hash(conference, scenario) -> None:
    links = {(await conference.join_link(scenario.room, **ZOE)).url for _ in range(3)}
    assert len(links) == len(scenario.served.simulator.autologins) == 3


async def test_registered_person_gets_their_link(conference, scenario, world) -> None:
    url = world.participants[scenario.room.id][0].join_link.url
    (ann,) = await conference.participants(scenario.room).collect()
    scenario.served.requests.clear()
    assert (await conference.join_link(scenario.room, person=ann)).url == url
    assert scenario.lines() == []
    by_email = Participant(email="ann@example.com")
    assert (await conference.join_link(scenario.room, person=by_email)).url == url
    by_id = Participant(id=ann.id)
    assert (await conference.join_link(scenario.room, person=by_id)).url == url
    assert scenario.lines() == [f"GET /v1/conferences/{scenario.room.id}/registrations/all"] * 2


async def test_unregistered_participant_has_no_link(conference, scenario) -> None:
    with pytest.raises(NotFound):
        await conference.join_link(scenario.room, person=Participant(email="nobody@example.com"))


async def test_registered_presenter_gets_their_link(conference, scenario) -> None:
    (ann,) = await conference.participants(scenario.room).collect()
    link = await conference.join_link(scenario.room, role="presenter", person=ann)
    assert link.role is Role.PRESENTER
    roles = {autologin.role for autologin in scenario.served.simulator.autologins.values()}
    assert roles == {Role.PRESENTER}


@pytest.mark.parametrize(
    ("role", "reference"), [(Role.PRESENTER, "room"), (Role.HOST, "room"), (Role.HOST, "id")]
)
async def test_plain_link_for_higher_role_raises(conference, scenario, role, reference) -> None:
    room = scenario.room if reference == "room" else scenario.room.id
    with pytest.raises(UnsupportedOption) as caught:
        await conference.join_link(room, role=role)
    assert caught.value.field == "person"
    assert scenario.lines() == []


@pytest.mark.parametrize("who", [{"email": "zoe@example.com"}, {"name": "Zoë"}])
async def test_personal_link_needs_name_and_email(conference, scenario, who) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.join_link(scenario.room, **who)
    assert caught.value.field == "person"
    assert scenario.lines() == []


async def test_nickname_is_first_and_last_name(conference, scenario) -> None:
    person = Person(email="zoe@example.com", first_name="Zoë", last_name="Łoś")
    await conference.join_link(scenario.room, person=person)
    (autologin,) = scenario.served.simulator.autologins.values()
    assert autologin.nickname == "Zoë Łoś"


async def test_link_for_guest_raises(conference, scenario) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.join_link(scenario.room, role="guest", **ZOE)
    assert caught.value.field == "role"
    assert scenario.lines() == []


async def test_outdated_passcode_is_refused(conference, scenario, world) -> None:
    stale = evolve(scenario.locked, entry=(type(scenario.locked.entry[0])("old"),))
    with pytest.raises(InvalidRequest):
        await conference.join_link(stale, **ZOE)
    assert scenario.served.simulator.autologins == {}


# ---------------------------------------------------------------------------------------- tokens


async def test_created_tokens_are_listed(conference, scenario, world) -> None:
    created = await conference.create_access_tokens(scenario.tokens, 1000)
    tokens = world.tokens[scenario.tokens.id]
    assert [token.code for token in created] == [token.code for token in tokens[2:]]
    assert len(tokens) == 1002
    assert {token.room_id for token in created} == {scenario.tokens.id}
    listed = await conference.access_tokens(scenario.tokens).collect()
    assert [token.code for token in listed] == [token.code for token in tokens]
    assert [token.sent_to for token in listed[:3]] == ["ann@example.com", None, None]
    assert listed[0].first_used_at is None


async def test_too_many_tokens_are_refused(conference, scenario, world) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_access_tokens(scenario.tokens, 1001)
    assert caught.value.sent is Sent.YES
    assert len(world.tokens[scenario.tokens.id]) == 2


async def test_fewer_tokens_than_one_are_not_sent(conference, scenario) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_access_tokens(scenario.tokens, 0)
    assert caught.value.field == "count"
    assert scenario.lines() == []


async def test_token_of_an_address_is_found(conference, scenario) -> None:
    (token,) = await conference.access_tokens(scenario.tokens, email="ann@example.com").collect()
    assert token.code == scenario.token.code
    assert token.sent_to == "ann@example.com"


async def test_address_without_token_has_none(conference, scenario) -> None:
    nobody = "nobody@example.com"
    assert await conference.access_tokens(scenario.tokens, email=nobody).collect() == []
    with pytest.raises(NotFound):
        await conference.access_tokens("1", email=nobody).collect()


async def test_revoked_token_is_refused(conference, scenario, world) -> None:
    (other,) = [
        token for token in world.tokens[scenario.tokens.id] if token.code != scenario.token.code
    ]
    await conference.revoke_access_tokens(scenario.tokens, [scenario.token])
    assert world.tokens[scenario.tokens.id] == [other]
    with pytest.raises(InvalidRequest):
        await conference.join_link(scenario.tokens, **ZOE, token=scenario.token)


async def test_revoking_no_tokens_sends_nothing(conference, scenario, world) -> None:
    await conference.revoke_access_tokens(scenario.tokens, [])
    assert scenario.lines() == []
    assert len(world.tokens[scenario.tokens.id]) == 2
