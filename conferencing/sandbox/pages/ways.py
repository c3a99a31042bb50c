"""Who may come in: from what a door asks and what somebody gave, to a way. No HTML in here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest

from attrs import evolve, frozen

from conferencing.errors import Conflict
from conferencing.model import (
    AccessToken,
    EntryKind,
    IdentityProvider,
    Passcode,
    RoomStatus,
    SignIn,
)
from conferencing.sandbox.simulator import Door, Simulator, Way
from conferencing.sandbox.world import Visit, World

from .problem import Problem

__all__ = ["LONGEST_NAME", "Account", "asks_name", "enter", "name_in", "of_kind", "signed_in_ways"]

LONGEST_NAME = 100


@frozen
class Account:
    """Somebody whom an identity provider vouches for."""

    identity: IdentityProvider
    email: str


def enter(
    simulator: Simulator, door: Door, given: Mapping[str, str], account: Account | None
) -> Visit:
    """Let somebody in by the kind of way that `given["by"]` names. Raises `Problem`."""
    if simulator.world.room(door.room_id).status is RoomStatus.ENDED:
        raise Problem(409, "This room is closed.")
    token = _token(simulator.world, door, given) if given.get("by") == EntryKind.TOKEN else None
    way = _chosen(_fitting(door, given, account), given.get("name", ""))
    person = way.person
    name = _display_name(way) or name_in(given)
    vouched = account.email if account and isinstance(way.rule, SignIn) else None
    email = (person.email if person else None) or vouched or (token.sent_to if token else None)
    try:
        visit = simulator.enter(door, way, name, email)
    except Conflict as error:
        text = error.message
    else:
        _spend(simulator.world, door.room_id, token)
        return visit
    raise Problem(409, f"{text[:1].upper()}{text[1:]}.")


def of_kind(door: Door, kind: EntryKind) -> list[Way]:
    """Return the ways that ask for this kind of thing."""
    return [way for way in door.ways if way.rule.kind is kind]


def asks_name(ways: Sequence[Way]) -> bool:
    """Tell whether a name has to be asked for: of those who have none, or to tell people apart."""
    answers = {way.rule.code if isinstance(way.rule, Passcode) else None for way in ways}
    return len(answers) < len(ways) or not all(map(_named, ways))


def name_in(given: Mapping[str, str]) -> str:
    """Return the name that was typed. Raises `Problem`."""
    name = given.get("name", "").strip()
    if not name:
        raise Problem(400, "Please type your name.", "name")
    if len(name) > LONGEST_NAME:
        raise Problem(400, f"A name has at most {LONGEST_NAME} characters.", "name")
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise Problem(400, "A name has no control characters.", "name")
    return name


def signed_in_ways(door: Door, account: Account) -> list[Way]:
    """Return the ways for an account; those that name it go before those for everybody."""
    ways = [way for way in door.ways if _is_for(way, account)]
    own = [way for way in ways if isinstance(way.rule, SignIn) and way.rule.email is not None]
    return own or ways


def _display_name(way: Way) -> str:
    return (way.person.display_name if way.person else None) or ""


def _named(way: Way) -> bool:
    return bool(_display_name(way))


def _is_for(way: Way, account: Account) -> bool:
    rule = way.rule
    if not isinstance(rule, SignIn) or rule.identity is not account.identity:
        return False
    return rule.email is None or rule.email.casefold() == account.email.casefold()


def _fitting(door: Door, given: Mapping[str, str], account: Account | None) -> list[Way]:
    match given.get("by"):
        case EntryKind.OPEN:
            return _open(door, given.get("way"))
        case EntryKind.PASSCODE:
            return _by_passcode(door, given.get("passcode", ""))
        case EntryKind.TOKEN:
            return of_kind(door, EntryKind.TOKEN)
        case EntryKind.SIGN_IN if account is not None:
            return signed_in_ways(door, account)
        case _:
            raise Problem(400, "Please choose one of the ways in.")


def _open(door: Door, place: str | None) -> list[Way]:
    """Return the way at this place, which must be open to anyone; places are no secret."""
    ways = [way for i, way in enumerate(door.ways) if str(i) == place]
    if not ways or ways[0].rule.kind is not EntryKind.OPEN:
        raise Problem(403, "This link does not let in everybody.")
    return ways


def _by_passcode(door: Door, typed: str) -> list[Way]:
    # Every code is compared, so that the time taken does not tell which one was nearly right.
    ways = [
        way
        for way in door.ways
        if isinstance(way.rule, Passcode) and _same(way.rule.code.reveal(), typed)
    ]
    if not ways:
        raise Problem(403, "This passcode is not right.", "passcode")
    return ways


def _token(world: World, door: Door, given: Mapping[str, str]) -> AccessToken:
    ways = of_kind(door, EntryKind.TOKEN)
    if not ways:
        raise Problem(403, "This link lets in nobody by a token.")
    brought = next((way.brought for way in ways if way.brought is not None), None)
    typed = given.get("token", "") if brought is None else brought.reveal()
    known = [one for one in world.tokens[door.room_id] if _same(one.code.reveal(), typed)]
    where = "token" if brought is None else None
    if not known:
        raise Problem(403, "This token is not known here.", where)
    if known[0].first_used_at is not None:
        raise Problem(403, "This token has been used already.", where)
    return known[0]


def _spend(world: World, room_id: str, token: AccessToken | None) -> None:
    if token is not None:
        tokens = world.tokens[room_id]
        tokens[tokens.index(token)] = evolve(token, first_used_at=world.now)


def _chosen(ways: Sequence[Way], typed: str) -> Way:
    """Tell people apart who have the same answer: by the name that was typed."""
    name = typed.strip().casefold()
    own = [way for way in ways if _named(way) and _display_name(way).casefold() == name]
    others = [way for way in ways if not _named(way)]
    if own or others or len(ways) == 1:
        return (own or others or list(ways))[0]
    raise Problem(403, "Nobody of this name may come in this way.", "name")


def _same(one: str, other: str) -> bool:
    return compare_digest(sha256(one.encode()).digest(), sha256(other.encode()).digest())
