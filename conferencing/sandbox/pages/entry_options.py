"""Who may enter: from a form that was sent to a join page to a visit. No HTML here."""

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

__all__ = [
    "LONGEST_NAME",
    "SignedInUser",
    "enter",
    "is_named",
    "needs_name",
    "options_for",
    "options_of_kind",
    "read_name",
]

LONGEST_NAME = 100


@frozen
class SignedInUser:
    """A user whom an identity provider has authenticated."""

    identity: IdentityProvider
    email: str


def enter(
    simulator: Simulator,
    join_target: JoinTarget,
    form: Mapping[str, str],
    user: SignedInUser | None,
) -> Visit:
    """Admit a person by an entry option of the kind `form["by"]`. Raises `Problem`."""
    world = simulator.world
    if world.room(join_target.room_id).status is RoomStatus.ENDED:
        raise Problem(409, "This room is closed.")
    by_token = form.get("by") == EntryKind.TOKEN
    token = _find_token(world, join_target, form) if by_token else None
    option = _choose(_match_options(join_target, form, user), form.get("name", ""))
    name = _display_name(option) or read_name(form)
    signed_in_email = user.email if user and isinstance(option.rule, SignIn) else None
    personal_email = option.person.email if option.person else None
    email = personal_email or signed_in_email or (token.sent_to if token else None)
    try:
        visit = simulator.enter(join_target, option, name, email)
    except Conflict as error:
        raise Problem(409, f"{error.message[:1].upper()}{error.message[1:]}.") from error
    if token is not None:
        _use_token(world, join_target.room_id, token)
    return visit


def options_of_kind(join_target: JoinTarget, kind: EntryKind) -> list[EntryOption]:
    """Return the entry options with a rule of this kind."""
    return [option for option in join_target.entry_options if option.rule.kind is kind]


def options_for(join_target: JoinTarget, user: SignedInUser) -> list[EntryOption]:
    """Return the entry options for a user: those with the user's address, or else those for any."""
    options = [option for option in join_target.entry_options if _is_for(option, user)]
    personal = [
        option
        for option in options
        if isinstance(option.rule, SignIn) and option.rule.email is not None
    ]
    return personal or options


def needs_name(options: Sequence[EntryOption]) -> bool:
    """Return whether a name has to be typed: for options without one, or to tell them apart."""
    answers = {
        option.rule.code if isinstance(option.rule, Passcode) else None for option in options
    }
    return len(answers) < len(options) or not all(map(is_named, options))


def is_named(option: EntryOption) -> bool:
    """Return whether an entry option is for a person with a name."""
    return bool(_display_name(option))


def read_name(form: Mapping[str, str]) -> str:
    """Return the name that was typed. Raises `Problem`."""
    name = form.get("name", "").strip()
    if not name:
        raise Problem(400, "Please type your name.", "name")
    if len(name) > LONGEST_NAME:
        raise Problem(400, f"A name can have at most {LONGEST_NAME} characters.", "name")
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise Problem(400, "A name cannot have control characters.", "name")
    return name


def _display_name(option: EntryOption) -> str:
    return (option.person.display_name if option.person else None) or ""


def _is_for(option: EntryOption, user: SignedInUser) -> bool:
    rule = option.rule
    if not isinstance(rule, SignIn) or rule.identity is not user.identity:
        return False
    return rule.email is None or rule.email.casefold() == user.email.casefold()


def _match_options(
    join_target: JoinTarget, form: Mapping[str, str], user: SignedInUser | None
) -> list[EntryOption]:
    match form.get("by"):
        case EntryKind.OPEN:
            return _open_option(join_target, form.get("option"))
        case EntryKind.PASSCODE:
            return _passcode_options(join_target, form.get("passcode", ""))
        case EntryKind.TOKEN:
            return options_of_kind(join_target, EntryKind.TOKEN)
        case EntryKind.SIGN_IN if user is not None:
            return options_for(join_target, user)
        case _:
            raise Problem(400, "Please choose one of the ways to join.")


def _open_option(join_target: JoinTarget, place: str | None) -> list[EntryOption]:
    """Return the option at this place, which must be open to anyone: places can be guessed."""
    options = [option for i, option in enumerate(join_target.entry_options) if str(i) == place]
    if not options or options[0].rule.kind is not EntryKind.OPEN:
        raise Problem(403, "This link is not open to everybody.")
    return options


def _passcode_options(join_target: JoinTarget, typed: str) -> list[EntryOption]:
    # Every code is compared, so that the time taken does not show which one was nearly right.
    options = [
        option
        for option in join_target.entry_options
        if isinstance(option.rule, Passcode) and _is_equal(option.rule.code.reveal(), typed)
    ]
    if not options:
        raise Problem(403, "This passcode is not right.", "passcode")
    return options


def _find_token(world: World, join_target: JoinTarget, form: Mapping[str, str]) -> AccessToken:
    options = options_of_kind(join_target, EntryKind.TOKEN)
    if not options:
        raise Problem(403, "This link does not accept tokens.")
    in_link = next((option.token for option in options if option.token is not None), None)
    typed = form.get("token", "") if in_link is None else in_link.reveal()
    field = "token" if in_link is None else None
    for token in world.tokens[join_target.room_id]:
        if not _is_equal(token.code.reveal(), typed):
            continue
        if token.first_used_at is not None:
            raise Problem(403, "This token has been used already.", field)
        return token
    raise Problem(403, "This token is not known here.", field)


def _use_token(world: World, room_id: str, token: AccessToken) -> None:
    tokens = world.tokens[room_id]
    tokens[tokens.index(token)] = evolve(token, first_used_at=world.now)


def _choose(options: Sequence[EntryOption], typed: str) -> EntryOption:
    """Return the option of the person whose name was typed, if several have the same passcode."""
    name = typed.strip().casefold()
    own = [o for o in options if is_named(o) and _display_name(o).casefold() == name]
    unnamed = [option for option in options if not is_named(option)]
    if own or unnamed or len(options) == 1:
        return (own or unnamed or list(options))[0]
    raise Problem(403, "Nobody with this name is invited in this way.", "name")


def _is_equal(text: str, other: str) -> bool:
    return compare_digest(sha256(text.encode()).digest(), sha256(other.encode()).digest())
