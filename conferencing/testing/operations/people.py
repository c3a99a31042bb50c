"""The cases of people: registrations, invitations, join links and access tokens."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.errors import NotFound, UnsupportedOption
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Person,
    RegistrationStatus,
    Role,
)
from conferencing.testing.expect import expect, expect_equal, expect_raises, expect_success
from conferencing.testing.scenario import ANN, BEN, HOST, Scenario

from .case import OperationCase, check_known, check_unique

__all__ = ["CASES", "VARIANTS", "check_link"]

INVITED: Final = (ANN, BEN)
NOBODY: Final = "nobody@example.com"


def _check_person(person: Participant, real: Participant | Person, subject: str) -> None:
    expect(person.email, f"{subject} has no e-mail address")
    check_known(_lower(person.email), _lower(real.email), f"{subject}'s email")
    check_known(person.first_name, real.first_name, f"{subject}'s first name")
    check_known(person.last_name, real.last_name, f"{subject}'s last name")
    check_known(person.display_name, real.display_name, f"{subject}'s name")


def _lower(email: str | None) -> str | None:
    return email and email.casefold()


async def _check_registered(scenario: Scenario, person: Participant) -> None:
    _check_person(person, ANN, "the registered person")
    if scenario.world is not None:
        real = scenario.real_people()
        expect_equal([each.email for each in real], [ANN.email], "the registrations in the world")
        names = (real[0].first_name, real[0].last_name)
        expect_equal(names, ("Ann", "Lee"), "the name in the world")
    if person.join_link is not None and (target := scenario.join_target(person.join_link)):
        expect_equal(
            target.room_id, scenario.world_room_id, "the room that the person's link opens"
        )


async def _fill_people(scenario: Scenario, count: int) -> None:
    for number in range(count):
        person = Person(
            email=f"guest{number}@example.com", first_name="Guest", last_name=f"{number}"
        )
        await scenario.register(person)


async def _check_people(scenario: Scenario, people: list[Participant]) -> None:
    check_unique([person for person in people if person.id is not None], "participants")
    if scenario.world is None:
        return
    real = scenario.real_people()
    emails = [person.email for person in people]
    expect_equal(emails, [person.email for person in real], "the participants listed")
    for person, registration in zip(people, real, strict=True):
        _check_person(person, registration, "a listed person")
        check_known(person.registered_at, registration.registered_at, "registered_at")


async def _check_found(scenario: Scenario, person: Participant) -> None:
    _check_person(person, ANN, "the person found")
    if person.id is not None:
        same = await scenario.conference.get_participant(scenario.room, person.id)
        expect_equal(same.email, person.email, "the person found by id")
    await _check_found_among_others(scenario)
    nobody = scenario.conference.get_participant(scenario.room, email=NOBODY)
    await expect_raises(nobody, NotFound, "get_participant() with an unknown address")


async def _check_found_among_others(scenario: Scenario) -> None:
    """Look for each of two people, by an address in another case."""
    await scenario.register(BEN)
    for person in (ANN, BEN):
        address = (person.email or "").upper()
        participant = await expect_success(
            scenario.conference.get_participant(scenario.room, email=address),
            "get_participant() by an address in upper case",
        )
        expect_equal(_lower(participant.email), _lower(person.email), "the person found among two")


async def _check_batch(scenario: Scenario, people: list[Participant]) -> None:
    expect_equal(
        [type(each) for each in people], [Participant] * len(people), "the batch's results"
    )
    expected = [person.email for person in INVITED[: len(people)]]
    expect_equal([each.email for each in people], expected, "the people of the batch, in order")
    if scenario.world is not None:
        real = [each.email for each in scenario.real_people()]
        expect_equal(real, expected, "the registrations in the world")


async def _check_approved(scenario: Scenario, person: Participant) -> None:
    _check_person(person, ANN, "the approved person")
    expect_equal(person.status, RegistrationStatus.APPROVED, "the status after the approval")
    for each in scenario.real_people():
        check_known(each.status, RegistrationStatus.APPROVED, "the status in the world")


async def _check_denied(scenario: Scenario, person: Participant) -> None:
    expect_equal(person.status, RegistrationStatus.DENIED, "the status after the refusal")
    expect(not (person.join_link and person.join_link.personal), "a denied person has a link")
    for each in scenario.real_people():
        check_known(each.status, RegistrationStatus.DENIED, "the status in the world")


async def _check_cancelled(scenario: Scenario, _: object) -> None:
    cancelled = RegistrationStatus.CANCELLED
    left = [each.email for each in scenario.real_people() if each.status is not cancelled]
    expect_equal(left, [], "the registrations in the world")
    if scenario.can(Operation.LIST_PARTICIPANTS):
        people = await scenario.conference.participants(scenario.room).collect()
        listed = [each.email for each in people if each.status is not cancelled]
        expect_equal(listed, [], "the registrations listed")


async def _invite(scenario: Scenario, room_id: str | None = None) -> None:
    await _invite_as(scenario, _find_invited_role(scenario), room_id)


async def _check_invited(scenario: Scenario, _: object) -> None:
    _check_mails(scenario, _find_invited_role(scenario))


async def _invite_in_other_role(scenario: Scenario) -> None:
    await _invite_as(scenario, _find_other_role(scenario))


async def _check_invited_in_other_role(scenario: Scenario, _: object) -> None:
    _check_mails(scenario, _find_other_role(scenario))


async def _invite_as(scenario: Scenario, role: Role, room_id: str | None = None) -> None:
    """Invite people in Polish, where the language can be chosen."""
    language = "pl" if Operation.INVITE in scenario.features.languages else None
    await scenario.conference.invite(
        room_id or scenario.room, INVITED, role=role, language=language
    )


def _find_invited_role(scenario: Scenario) -> Role:
    """Return the usual role of an invited person, or another one in which the vendor invites."""
    invites = scenario.features.invites
    return scenario.role if scenario.role in invites else min(invites, default=scenario.role)


def _find_other_role(scenario: Scenario) -> Role:
    """Return one more role. Raises `UnsupportedOption` if there is none."""
    others = scenario.features.invites - {_find_invited_role(scenario)}
    if not others:
        raise UnsupportedOption("people are invited in one role", field="role")
    return min(others)


def _check_mails(scenario: Scenario, role: Role) -> None:
    if scenario.world is None:
        return
    mails = [mail for mail in scenario.world.outbox if mail.kind == "invitation"]
    expect_equal([mail.to for mail in mails], [person.email for person in INVITED], "who got mail")
    for mail in mails:
        expect_equal(mail.role, role, "the role of an invitation")
        if Operation.INVITE in scenario.features.languages:
            expect_equal(mail.language, "pl", "the language of an invitation")


# ------------------------------------------------------------------------------------------ links


def check_link(scenario: Scenario, link: JoinLink, role: Role) -> None:
    """Follow a link: it has to open this room, and for this role if it is personal."""
    expect(link.url, "a join link has no address")
    expect_equal(link.role, role, "the role of the link")
    target = scenario.join_target(link)
    if target is None:
        return
    real = scenario.real_room()
    expect_equal(target.room_id, real and real.id, "the room that the link opens")
    if link.personal:
        roles = {option.role for option in target.entry_options}
        expect_equal(roles, {role}, "the role that the link really gives")


async def _link_for_ann(scenario: Scenario) -> JoinLink:
    return await scenario.conference.join_link(scenario.room, role=scenario.role, person=ANN)


async def _check_personal_link(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, scenario.role)
    for role in sorted(scenario.features.roles):
        other = await scenario.conference.join_link(scenario.room, role=role, person=HOST)
        check_link(scenario, other, role)
        if link.personal and other.personal:
            expect(other.url != link.url, "two people got the same personal link")


def _require_role(scenario: Scenario, role: Role) -> Role:
    if role not in scenario.features.roles:
        raise UnsupportedOption(f"there is no {role}", field="role")
    return role


async def _link_for_host(scenario: Scenario) -> JoinLink:
    role = _require_role(scenario, Role.HOST)
    return await scenario.conference.join_link(scenario.room, role=role, person=HOST)


async def _link_for_host_by_id(scenario: Scenario, room_id: str) -> JoinLink:
    """Ask for a link into a room of which every field is set, under another id."""
    room = evolve(scenario.room, id=room_id)
    role = _require_role(scenario, Role.HOST)
    return await scenario.conference.join_link(room, role=role, person=HOST)


async def _check_host_link(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, Role.HOST)


async def _link_for_presenter(scenario: Scenario) -> JoinLink:
    role = _require_role(scenario, Role.PRESENTER)
    return await scenario.conference.join_link(scenario.room, role=role, person=HOST)


async def _check_presenter_link(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, Role.PRESENTER)


async def _link_with_token(scenario: Scenario) -> JoinLink:
    if EntryKind.TOKEN not in scenario.features.entry or not scenario.tokens:
        raise UnsupportedOption("there are no access tokens", field="token")
    return await scenario.conference.join_link(
        scenario.room.id, role=scenario.role, person=ANN, token=scenario.tokens[0]
    )


async def _check_link(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, scenario.role)


async def _link_for_participant(scenario: Scenario) -> JoinLink:
    return await scenario.conference.join_link(
        scenario.room, role=scenario.role, person=scenario.participant
    )


async def _register_with_mail(scenario: Scenario) -> Participant:
    return await scenario.conference.register(scenario.room, ANN, confirmation=True)


# ----------------------------------------------------------------------------------------- tokens


def _real_codes(scenario: Scenario) -> list[str]:
    world = scenario.world
    return _codes(world.tokens[scenario.world_room_id] if world else scenario.tokens)


def _codes(tokens: list[AccessToken] | tuple[AccessToken, ...]) -> list[str]:
    return [token.code.reveal() for token in tokens]


async def _check_new_tokens(scenario: Scenario, created: list[AccessToken]) -> None:
    expect_equal(len(created), 2, "the number of tokens created")
    if scenario.world is not None:
        expected = [*_codes(scenario.tokens), *_codes(created)]
        expect_equal(_real_codes(scenario), expected, "the room's tokens")


async def _fill_tokens(scenario: Scenario, count: int) -> None:
    if scenario.can(Operation.CREATE_ACCESS_TOKENS):
        await scenario.conference.create_access_tokens(scenario.room, count)
    elif scenario.world is not None:
        codes = (f"T{number:07}" for number in range(count))
        tokens = [AccessToken(code=code, room_id=scenario.room.id) for code in codes]
        scenario.world.tokens[scenario.world_room_id].extend(tokens)


async def _check_tokens(scenario: Scenario, tokens: list[AccessToken]) -> None:
    expect_equal(_codes(tokens), _real_codes(scenario), "the tokens listed")


async def _check_revoked(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        expect_equal(_real_codes(scenario), _codes(scenario.tokens[1:]), "the tokens that are left")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.REGISTER, check=_check_registered, once=True, finds=True,
        call=lambda s: s.conference.register(s.room, ANN),
        by_id=lambda s, i: s.conference.register(i, ANN)),
    OperationCase(operation=Operation.REGISTER_BATCH, check=_check_batch, once=True, finds=True,
        call=lambda s: s.conference.register_batch(s.room, INVITED[: s.features.batch]),
        by_id=lambda s, i: s.conference.register_batch(i, INVITED[: s.features.batch])),
    OperationCase(operation=Operation.APPROVE_REGISTRATION, states=("pending",), check=_check_approved,
        call=lambda s: s.conference.approve_registration(s.room, s.participant), finds=True,
        by_id=lambda s, i: s.conference.approve_registration(s.room, i)),
    OperationCase(operation=Operation.DENY_REGISTRATION, states=("pending",), check=_check_denied,
        call=lambda s: s.conference.deny_registration(s.room, s.participant), finds=True,
        by_id=lambda s, i: s.conference.deny_registration(s.room, i)),
    OperationCase(operation=Operation.CANCEL_REGISTRATION, states=("registered",), check=_check_cancelled,
        call=lambda s: s.conference.cancel_registration(s.room, s.participant),
        by_id=lambda s, i: s.conference.cancel_registration(s.room, i)),
    OperationCase(operation=Operation.LIST_PARTICIPANTS, states=("registered",), check=_check_people,
        call=lambda s: s.conference.participants(s.room).collect(), fill=_fill_people, exact=True,
        by_id=lambda s, i: s.conference.participants(i).collect()),
    OperationCase(operation=Operation.GET_PARTICIPANT, states=("registered",), check=_check_found, exact=True,
        call=lambda s: s.conference.get_participant(s.room, email=ANN.email), finds=True,
        by_id=lambda s, i: s.conference.get_participant(i, email=ANN.email)),
    OperationCase(operation=Operation.INVITE, check=_check_invited, once=True, finds=True,
        call=_invite, by_id=_invite),
    OperationCase(operation=Operation.JOIN_LINK, states=("running",), check=_check_personal_link,
        call=_link_for_ann, by_id=lambda s, i: s.conference.join_link(i, role=s.role, person=ANN)),
    OperationCase(operation=Operation.CREATE_ACCESS_TOKENS, states=("ticketed",), check=_check_new_tokens,
        call=lambda s: s.conference.create_access_tokens(s.room, 2), once=True, finds=True,
        by_id=lambda s, i: s.conference.create_access_tokens(i, 2)),
    OperationCase(operation=Operation.LIST_ACCESS_TOKENS, states=("ticketed",), check=_check_tokens,
        call=lambda s: s.conference.access_tokens(s.room).collect(), fill=_fill_tokens, exact=True,
        by_id=lambda s, i: s.conference.access_tokens(i).collect()),
    OperationCase(operation=Operation.REVOKE_ACCESS_TOKENS, states=("ticketed",), check=_check_revoked,
        call=lambda s: s.conference.revoke_access_tokens(s.room, s.tokens[:1]),
        by_id=lambda s, i: s.conference.revoke_access_tokens(i, s.tokens[:1])),
)
VARIANTS: Final = (
    OperationCase(operation=Operation.INVITE, variant="in another role", once=True,
        check=_check_invited_in_other_role, call=_invite_in_other_role),
    OperationCase(operation=Operation.REGISTER, variant="with a mail", once=True, finds=True,
        call=_register_with_mail, check=_check_registered),
    OperationCase(operation=Operation.LIST_PARTICIPANTS, variant="of a session", states=("ended",),
        call=lambda s: s.conference.participants(s.session).collect(), exact=True),
    OperationCase(operation=Operation.JOIN_LINK, variant="for a host", states=("running",),
        call=_link_for_host, by_id=_link_for_host_by_id, check=_check_host_link),
    OperationCase(operation=Operation.JOIN_LINK, variant="for a presenter",
        call=_link_for_presenter, check=_check_presenter_link),
    OperationCase(operation=Operation.JOIN_LINK, variant="with a token", states=("ticketed",),
        call=_link_with_token, check=_check_link),
    OperationCase(operation=Operation.JOIN_LINK, variant="with a passcode", states=("locked",),
        call=_link_for_ann, check=_check_link),
    OperationCase(operation=Operation.JOIN_LINK, variant="for a participant", states=("running",),
        call=_link_for_participant, check=_check_link),
    OperationCase(operation=Operation.LIST_ACCESS_TOKENS, variant="of a person", states=("ticketed",),
        call=lambda s: s.conference.access_tokens(s.room, email=ANN.email).collect(), exact=True),
)
# fmt: on
