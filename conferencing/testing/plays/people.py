"""The plays of people: registrations, invitations, links and access tokens."""

from __future__ import annotations

from typing import Final

from conferencing.capabilities import Operation
from conferencing.errors import NotFound
from conferencing.model import AccessToken, JoinLink, Participant, Person, Role
from conferencing.testing.expect import equal, expect, raised
from conferencing.testing.scenario import ANN, BEN, HOST, Scenario

from .play import OperationCase, no_repeats, told

__all__ = ["CASES", "check_link"]

INVITED: Final = (ANN, BEN)
NOBODY: Final = "nobody@example.com"


def _real_people(scenario: Scenario) -> list[Participant]:
    world = scenario.world
    return (
        world.participants[scenario.harness.suite.world_room(world, scenario.room.id)]
        if world
        else []
    )


def _check_person(one: Participant, truth: Participant | Person, what: str) -> None:
    expect(one.email, f"{what} has no e-mail address")
    told(
        one.email and one.email.casefold(),
        truth.email and truth.email.casefold(),
        f"{what}'s email",
    )
    told(one.first_name, truth.first_name, f"{what}'s first name")
    told(one.last_name, truth.last_name, f"{what}'s last name")
    told(one.display_name, truth.display_name, f"{what}'s name")


async def _registered(scenario: Scenario, one: Participant) -> None:
    _check_person(one, ANN, "the registered person")
    if scenario.world is not None:
        real = _real_people(scenario)
        equal([each.email for each in real], [ANN.email], "who is registered in the world")
        equal((real[0].first_name, real[0].last_name), ("Ann", "Lee"), "the name in the world")
    if one.join_link is not None and (join_target := scenario.join_target(one.join_link)):
        equal(join_target.room_id, scenario.room.id, "the room that the registration's link opens")


async def _people(scenario: Scenario, people: list[Participant]) -> None:
    no_repeats([one for one in people if one.id is not None], "participants")
    if scenario.world is None:
        return
    real = _real_people(scenario)
    equal([one.email for one in people], [one.email for one in real], "the participants listed")
    for one, truth in zip(people, real, strict=True):
        _check_person(one, truth, "a listed person")
        told(one.registered_at, truth.registered_at, "registered_at")


async def _found(scenario: Scenario, one: Participant) -> None:
    _check_person(one, ANN, "the person found")
    if one.id is not None:
        same = await scenario.conference.get_participant(scenario.room, one.id)
        equal(same.email, one.email, "the person found by id")
    await raised(
        scenario.conference.get_participant(scenario.room, email=NOBODY),
        NotFound,
        "get_participant() of nobody",
    )


async def _invited(scenario: Scenario, _: object) -> None:
    if scenario.world is None:
        return
    mails = [one for one in scenario.world.outbox if one.kind == "invitation"]
    equal([one.to for one in mails], [one.email for one in INVITED], "who was mailed")
    for mail in mails:
        equal(mail.role, Role.ATTENDEE, "the role of an invitation")
        equal(mail.language or "pl", "pl", "the language of an invitation")


# ------------------------------------------------------------------------------------------ links


def check_link(scenario: Scenario, link: JoinLink, role: Role) -> None:
    """Look through a link: it must open this room, and for this role if it is personal."""
    expect(link.url, "a way in has no address")
    equal(link.role, role, "the role that the link says it has")
    join_target = scenario.join_target(link)
    if join_target is None:
        return
    real = scenario.real_room()
    equal(join_target.room_id, real and real.id, "the room that the link opens")
    if link.personal:
        roles = {way.role for way in join_target.entry_options}
        equal(roles, {role}, "the role that the link really opens for")


async def _links(scenario: Scenario) -> JoinLink:
    return await scenario.conference.join_link(scenario.room, role=_usual(scenario), person=ANN)


def _usual(scenario: Scenario) -> Role:
    roles = scenario.features.roles
    return Role.ATTENDEE if Role.ATTENDEE in roles else min(roles)


async def _linked(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, _usual(scenario))
    for role in sorted(scenario.features.roles):
        other = await scenario.conference.join_link(scenario.room, role=role, person=HOST)
        check_link(scenario, other, role)
        if link.personal and other.personal:
            expect(other.url != link.url, "two people got the same personal link")


# ----------------------------------------------------------------------------------------- tokens


def _real_tokens(scenario: Scenario) -> list[str]:
    world = scenario.world
    tokens = world.tokens[scenario.room.id] if world else scenario.tokens
    return [one.code.reveal() for one in tokens]


def _codes(tokens: list[AccessToken] | tuple[AccessToken, ...]) -> list[str]:
    return [one.code.reveal() for one in tokens]


async def _tokens_made(scenario: Scenario, made: list[AccessToken]) -> None:
    equal(len(made), 2, "the number of tokens made")
    if scenario.world is not None:
        equal(
            _real_tokens(scenario), [*_codes(scenario.tokens), *_codes(made)], "the room's tokens"
        )


async def _tokens(scenario: Scenario, found: list[AccessToken]) -> None:
    equal(_codes(found), _real_tokens(scenario), "the tokens listed")


async def _revoked(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        equal(_real_tokens(scenario), _codes(scenario.tokens[1:]), "the tokens that are left")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.REGISTER, check=_registered, once=True, finds=True,
        call=lambda s: s.conference.register(s.room, ANN),
        by_id=lambda s, i: s.conference.register(i, ANN)),
    OperationCase(operation=Operation.LIST_PARTICIPANTS, needs=("registered",), check=_people, exact=True,
        call=lambda s: s.conference.participants(s.room).collect(),
        by_id=lambda s, i: s.conference.participants(i).collect()),
    OperationCase(operation=Operation.GET_PARTICIPANT, needs=("registered",), check=_found, exact=True,
        call=lambda s: s.conference.get_participant(s.room, email=ANN.email), finds=True,
        by_id=lambda s, i: s.conference.get_participant(i, email=ANN.email)),
    OperationCase(operation=Operation.INVITE, check=_invited, once=True, finds=True,
        call=lambda s: s.conference.invite(s.room, INVITED, language="pl"),
        by_id=lambda s, i: s.conference.invite(i, INVITED)),
    OperationCase(operation=Operation.JOIN_LINK, needs=("running",), check=_linked, call=_links,
        by_id=lambda s, i: s.conference.join_link(i, role=_usual(s), person=ANN)),
    OperationCase(operation=Operation.CREATE_ACCESS_TOKENS, needs=("ticketed",), check=_tokens_made,
        call=lambda s: s.conference.create_access_tokens(s.room, 2), once=True, finds=True,
        by_id=lambda s, i: s.conference.create_access_tokens(i, 2)),
    OperationCase(operation=Operation.LIST_ACCESS_TOKENS, needs=("ticketed",), check=_tokens, exact=True,
        call=lambda s: s.conference.access_tokens(s.room).collect(),
        by_id=lambda s, i: s.conference.access_tokens(i).collect()),
    OperationCase(operation=Operation.REVOKE_ACCESS_TOKENS, needs=("ticketed",), check=_revoked,
        call=lambda s: s.conference.revoke_access_tokens(s.room, s.tokens[:1]),
        by_id=lambda s, i: s.conference.revoke_access_tokens(i, s.tokens[:1])),
)
# fmt: on
