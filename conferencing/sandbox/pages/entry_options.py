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
from conferencing.sandbox.simulator import EntryOption, JoinTarget, Simulator
from conferencing.world import Visit, World

from .problem import Problem

__all__ = ["LONGEST_NAME", "Account", "asks_name", "enter", "name_in", "of_kind", "signed_in_ways"]

LONGEST_NAME = 100


@frozen
class Account:
    """Somebody whom an identity provider vouches for."""

    identity: IdentityProvider
    email: str


def enter(
    simulator: Simulator, join_target: JoinTarget, given: Mapping[str, str], account: Account | None
) -> Visit:
    """Let somebody in by the kind of way that `given["by"]` names. Raises `Problem`."""
    if simulator.world.room(join_target.room_id).status is RoomStatus.ENDED:
        raise Problem(409, "This room is closed.")
    token = (
        _token(simulator.world, join_target, given) if given.get("by") == EntryKind.TOKEN else None
    )
    way = _chosen(_fitting(join_target, given, account), given.get("name", ""))
    person = way.person
    name = _display_name(way) or name_in(given)
    vouched = account.email if account and isinstance(way.rule, SignIn) else None
    email = (person.email if person else None) or vouched or (token.sent_to if token else None)
    try:
        visit = simulator.enter(join_target, way, name, email)
    except Conflict as error:
        text = error.message
    else:
        _spend(simulator.world, join_target.room_id, token)
        return visit
    raise Problem(409, f"{text[:1].upper()}{text[1:]}.")


def of_kind(join_target: JoinTarget, kind: EntryKind) -> list[EntryOption]:
    """Return the ways that ask for this kind of thing."""
    return [way for way in join_target.entry_options if way.rule.kind is kind]


def asks_name(entry_options: Sequence[EntryOption]) -> bool:
    """Tell whether a name has to be asked for: of those who have none, or to tell people apart."""
    answers = {way.rule.code if isinstance(way.rule, Passcode) else None for way in entry_options}
    return len(answers) < len(entry_options) or not all(map(_named, entry_options))


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


def signed_in_ways(join_target: JoinTarget, account: Account) -> list[EntryOption]:
    """Return the ways for an account; those that name it go before those for everybody."""
    entry_options = [way for way in join_target.entry_options if _is_for(way, account)]
    own = [
        way for way in entry_options if isinstance(way.rule, SignIn) and way.rule.email is not None
    ]
    return own or entry_options


def _display_name(way: EntryOption) -> str:
    return (way.person.display_name if way.person else None) or ""


def _named(way: EntryOption) -> bool:
    return bool(_display_name(way))


def _is_for(way: EntryOption, account: Account) -> bool:
    rule = way.rule
    if not isinstance(rule, SignIn) or rule.identity is not account.identity:
        return False
    return rule.email is None or rule.email.casefold() == account.email.casefold()


def _fitting(
    join_target: JoinTarget, given: Mapping[str, str], account: Account | None
) -> list[EntryOption]:
    match given.get("by"):
        case EntryKind.OPEN:
            return _open(join_target, given.get("way"))
        case EntryKind.PASSCODE:
            return _by_passcode(join_target, given.get("passcode", ""))
        case EntryKind.TOKEN:
            return of_kind(join_target, EntryKind.TOKEN)
        case EntryKind.SIGN_IN if account is not None:
            return signed_in_ways(join_target, account)
        case _:
            raise Problem(400, "Please choose one of the ways in.")


def _open(join_target: JoinTarget, place: str | None) -> list[EntryOption]:
    """Return the way at this place, which must be open to anyone; places are no secret."""
    entry_options = [way for i, way in enumerate(join_target.entry_options) if str(i) == place]
    if not entry_options or entry_options[0].rule.kind is not EntryKind.OPEN:
        raise Problem(403, "This link does not let in everybody.")
    return entry_options


def _by_passcode(join_target: JoinTarget, typed: str) -> list[EntryOption]:
    # Every code is compared, so that the time taken does not tell which one was nearly right.
    entry_options = [
        way
        for way in join_target.entry_options
        if isinstance(way.rule, Passcode) and _same(way.rule.code.reveal(), typed)
    ]
    if not entry_options:
        raise Problem(403, "This passcode is not right.", "passcode")
    return entry_options


def _token(world: World, join_target: JoinTarget, given: Mapping[str, str]) -> AccessToken:
    entry_options = of_kind(join_target, EntryKind.TOKEN)
    if not entry_options:
        raise Problem(403, "This link lets in nobody by a token.")
    brought = next((way.brought for way in entry_options if way.brought is not None), None)
    typed = given.get("token", "") if brought is None else brought.reveal()
    known = [one for one in world.tokens[join_target.room_id] if _same(one.code.reveal(), typed)]
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


def _chosen(entry_options: Sequence[EntryOption], typed: str) -> EntryOption:
    """Tell people apart who have the same answer: by the name that was typed."""
    name = typed.strip().casefold()
    own = [way for way in entry_options if _named(way) and _display_name(way).casefold() == name]
    others = [way for way in entry_options if not _named(way)]
    if own or others or len(entry_options) == 1:
        return (own or others or list(entry_options))[0]
    raise Problem(403, "Nobody of this name may come in this way.", "name")


def _same(one: str, other: str) -> bool:
    return compare_digest(sha256(one.encode()).digest(), sha256(other.encode()).digest())
