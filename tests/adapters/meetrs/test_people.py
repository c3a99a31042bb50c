"""Who may enter: what the neutral rules become, and what no published shape can say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from conferencing import (
    Anyone,
    InvalidRequest,
    Invitee,
    Passcode,
    Person,
    PersonalToken,
    Role,
    Sent,
    SignIn,
    UnsupportedOption,
)
from conferencing.sandbox import EntryOption, ServedSimulator

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
NAMELESS = Person(email="ann@example.com")
CODE = Passcode("12345")
GUEST: dict[str, Any] = {"role": "Guest"}
LOCKED = {"role": "Guest", "accessRules": [{"provider": "Passcode", "condition": "12345"}]}


@pytest.mark.parametrize(
    ("invitee", "written"),
    [
        (Invitee(role="guest"), GUEST),
        (Invitee(role="guest", entry=Anyone()), GUEST),
        (Invitee(role="guest", entry=CODE), LOCKED),
        (
            Invitee(person=ANN, role="guest", entry=CODE),
            {"user": {"firstName": "Ann", "lastName": "Lee", "email": "ann@example.com"}} | LOCKED,
        ),
        (
            Invitee(person=NAMELESS, role="host", entry=Passcode("1", role=Role.HOST)),
            {
                "user": {"email": "ann@example.com"},
                "role": "Admin",
                "accessRules": [{"provider": "Passcode", "condition": "1"}],
            },
        ),
        (
            Invitee(
                person=Person(name="Ann Lee", first_name="Ann", last_name="Lee"),
                entry=[SignIn("linkedin", email="a@b.c"), SignIn("facebook", email="d@e.f"), CODE],
            ),
            {
                "user": {"firstName": "Ann", "lastName": "Lee"},
                "role": "User",
                "accessRules": [
                    {"provider": "LinkedIn", "condition": "a@b.c"},
                    {"provider": "Facebook", "condition": "d@e.f"},
                    {"provider": "Passcode", "condition": "12345"},
                ],
            },
        ),
        (
            Invitee(person=NAMELESS, role="presenter", entry=SignIn("google")),
            {
                "user": {"email": "ann@example.com"},
                "role": "PowerUser",
                "accessRules": [{"provider": "Google"}],
            },
        ),
    ],
)
async def test_invitee_is_written_as_participant(conference, served, invitee, written) -> None:
    await conference.create_room(people=[invitee])
    assert body_of(served)["participants"] == [written]


@pytest.mark.parametrize(
    ("entry", "people", "written"),
    [
        (None, None, None),
        (Anyone(), None, None),
        (CODE, None, [LOCKED]),
        ([CODE, Passcode("2")], None, [LOCKED, locked := {**GUEST, "accessRules": [
            {"provider": "Passcode", "condition": "2"}]}]),
        ([Anyone(), CODE], None, [GUEST, LOCKED]),
        (Passcode("2", role=Role.GUEST), [Invitee(role="guest", entry=CODE)], [LOCKED, locked]),
        (Anyone(), [Invitee(role="guest", entry=CODE)], [LOCKED, GUEST]),
    ],
)  # fmt: skip
async def test_entry_of_room_admits_guests(conference, served, entry, people, written) -> None:
    await conference.create_room(entry=entry, people=people)
    assert body_of(served).get("participants") == written


@pytest.mark.parametrize(
    ("invitee", "reason"),
    [
        (Invitee(person=ANN), "passcode or a sign-in"),
        (Invitee(person=ANN, role="guest"), "passcode or a sign-in"),
        (Invitee(person=ANN, entry=Anyone()), "open"),
        (Invitee(person=ANN, entry=[CODE, Anyone()]), "open"),
        (Invitee(role="guest", entry=[CODE, Anyone()]), "open"),
        (Invitee(role="guest", entry=SignIn("google", email="a@b.c")), "anonymous guest enters by"),
        (Invitee(role="attendee", entry=CODE), "attendee needs a person"),
        (Invitee(role="host"), "host needs a person"),
        (Invitee(person=ANN, entry=Passcode("1", role=Role.HOST)), "another role"),
        (Invitee(person=ANN, entry=Passcode("")), "must not be empty"),
        (Invitee(person=Person(first_name="A"), entry=SignIn("google")), "e-mail address"),
        (Invitee(person=Person(name="Ann Lee"), entry=CODE), "first_name and last_name"),
        (
            Invitee(person=Person(name="Annie", first_name="Ann"), entry=CODE),
            "first_name and last_name",
        ),
        (Invitee(person=Person(), entry=CODE), "a name or an e-mail"),
    ],
)
async def test_inexpressible_invitee_is_not_sent(conference, served, invitee, reason) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room(people=[invitee])
    assert (caught.value.field, caught.value.sent) == ("people", Sent.NO)
    assert reason in str(caught.value)
    assert "meetrs" in str(caught.value)
    assert served.requests == []


@pytest.mark.parametrize(
    ("entry", "remedy"),
    [
        (SignIn("google", email="a@b.c"), "people="),
        (Passcode("1", role=Role.ATTENDEE), "people="),
        (PersonalToken(), "ignore_unsupported"),
    ],
)
async def test_unsupported_entry_names_the_remedy(conference, served, entry, remedy) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room(entry=entry)
    assert caught.value.field == "entry"
    assert remedy in str(caught.value)
    assert served.requests == []


async def test_native_participants_are_sent_unchanged(conference, served) -> None:
    guest = {"user": {"firstName": "A"}, "role": "Guest"}
    await conference.create_room(people=[Invitee(role="guest")], native={"participants": [guest]})
    assert body_of(served)["participants"] == [guest]


ROLES = [Role.HOST, Role.PRESENTER, Role.ATTENDEE, Role.GUEST]
RULES = [CODE, *(SignIn(identity) for identity in ("google", "microsoft", "linkedin", "facebook"))]


def every_person() -> Iterator[Invitee]:
    """Yield an invitee in each role with each pair of rules, some of them for another address."""
    for role, (first, other) in product(ROLES, product(RULES, RULES)):
        second = SignIn(other.identity, email="x@y.z") if isinstance(other, SignIn) else other
        yield Invitee(person=ANN, role=role, entry=[first, second])


async def test_sent_rules_admit_as_intended(conference, served) -> None:
    people = list(every_person())
    room = await conference.create_room(people=people, entry=Passcode("guests"))
    entry_options = served.simulator.join_target([room.id], {}).entry_options
    suggest = [way(person, rule) for person in people for rule in person.entry]
    assert list(entry_options) == [*suggest, EntryOption(rule=Passcode("guests"), role=Role.GUEST)]


def way(invitee: Invitee, rule: Any) -> EntryOption:
    if isinstance(rule, SignIn):
        rule = SignIn(rule.identity, email=rule.email or ANN.email)
    return EntryOption(rule=rule, role=invitee.role, person=ANN)


# ----------------------------------------------------------------------------------- the outbox


async def test_people_with_address_are_invited_once(conference, world) -> None:
    ben = Person(first_name="Ben", last_name="Lee")
    room = await conference.create_room(
        people=[
            Invitee(person=ANN, role="host", entry=[CODE, SignIn("google")]),
            Invitee(person=ben, entry=CODE),
            Invitee(role="guest"),
        ]
    )
    (mail,) = world.outbox
    assert (mail.kind, mail.to, mail.room_id, mail.role) == (
        "invitation", "ann@example.com", room.id, Role.HOST,
    )  # fmt: skip
    assert mail.link.url == room.join_url
    assert mail.link.native["passcode"].reveal() == "12345"


async def test_passcode_is_sent_and_never_shown(daring, served) -> None:
    people = [Invitee(person=ANN, entry=Passcode("canary-42"))]
    room = await daring.create_room(people=people, entry=Passcode("canary-43"))
    assert b"canary-42" in served.requests[0].body
    whole = await daring.get_room(room.id)
    assert whole.entry[0].code.reveal() == "canary-43"
    assert "canary" not in f"{people!r}{room!r}{whole!r}{dict(whole.native)!r}{whole.entry!r}"
    served.fail("status", status=400, body='{"message":"canary-42 is too short"}')
    with pytest.raises(InvalidRequest) as caught:
        await daring.create_room(people=people)
    assert "canary" not in f"{caught.value}{caught.value.facts}"


@pytest.mark.parametrize(
    ("invited", "kinds"),
    [(timedelta(hours=3), ["invitation", "reminder"]), (timedelta(minutes=30), ["invitation"])],
)
async def test_reminder_is_sent_an_hour_before_start(conference, world, invited, kinds) -> None:
    """Of a start nothing is published: the simulator assumes a name for it."""
    start = world.now + invited
    await conference.create_room(
        people=[Invitee(person=ANN, entry=CODE)],
        native={"schedulingInfo": {"startsAt": start.isoformat()}},
    )
    for _ in range(4):
        world.advance(timedelta(hours=1))
        await conference.usage().collect()
    assert [mail.kind for mail in world.outbox] == kinds
    assert all(mail.sent_at == start - timedelta(hours=1) for mail in world.outbox[1:])


# --------------------------------------------------------------------------------------- helpers


def body_of(served: ServedSimulator) -> dict[str, Any]:
    """Return the body of the last request."""
    return json.loads(served.requests[-1].body)
