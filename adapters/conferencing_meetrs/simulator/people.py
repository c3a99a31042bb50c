"""Who may enter: section 4 of the notes on the wire. What is refused here is guessed."""

from __future__ import annotations

from typing import Any, cast

from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Passcode,
    Person,
    Role,
    SignIn,
)
from conferencing.sandbox.simulator import EntryOption

from .shared import Given, Refused, items, only, text

ROLES = {
    "Admin": Role.HOST,
    "PowerUser": Role.PRESENTER,
    "User": Role.ATTENDEE,
    "Guest": Role.GUEST,
}
IDENTITIES = {
    "Google": IdentityProvider.GOOGLE,
    "Microsoft": IdentityProvider.MICROSOFT,
    "LinkedIn": IdentityProvider.LINKEDIN,
    "Facebook": IdentityProvider.FACEBOOK,
}
PROVIDERS = ("Passcode", *IDENTITIES, "Guest")
NAMES = ("firstName", "lastName", "email")


def participants(given: object) -> list[Given]:
    """Return participants as the vendor keeps them: words in its own case, guests' rule added."""
    return [
        _participant(row, f"participants[{place}].")
        for place, row in enumerate(items(given, "participants"))
    ]


def _participant(row: Given, where: str) -> Given:
    only(row, ("user", "role", "accessRules"), where)
    role = _canonical(text(row, "role", where), ROLES, f"{where}role")
    user = None if row.get("user") is None else _user(row["user"], f"{where}user.")
    if role != "Guest" and user is None:
        raise Refused(400, f"{where}user is needed for role {role}")
    given = items(row.get("accessRules") or [], f"{where}accessRules")
    rules = [_rule(one, user, f"{where}accessRules.") for one in given]
    if not rules and role != "Guest":
        raise Refused(400, f"{where}accessRules are needed for role {role}")
    kept: Given = {"role": role, "accessRules": rules or [{"provider": "Guest"}]}
    return kept if user is None else {"user": user, **kept}


def _user(given: object, where: str) -> Given:
    if not isinstance(given, dict):
        raise Refused(400, f"{where[:-1]} must be an object")
    user = cast("Given", given)
    only(user, NAMES, where)
    return {name: text(user, name, where) for name in NAMES if name in user}


def _rule(given: Given, user: Given | None, where: str) -> Given:
    only(given, ("provider", "condition"), where)
    provider = _canonical(text(given, "provider", where), PROVIDERS, f"{where}provider")
    condition = text(given, "condition", where)
    if provider == "Passcode" and not condition:
        raise Refused(400, f"{where}condition is needed for a passcode")
    if provider in IDENTITIES and not (condition or (user or {}).get("email")):
        raise Refused(400, f"{where}condition is needed where the user has no email")
    return {"provider": provider} | ({"condition": condition} if condition else {})


def _canonical(word: str | None, known: Any, where: str) -> str:
    for one in known:
        if word is not None and one.lower() == word.lower():
            return str(one)
    raise Refused(400, f"{where} must be one of {', '.join(known)}")


# ------------------------------------------------------------------------------------- the door


def entry_options(people: list[Given]) -> tuple[EntryOption, ...]:
    """Return the ways in: one for each rule of each participant, or anyone if there is nobody."""
    known = tuple(
        EntryOption(rule=_way(rule, one.get("user")), role=ROLES[one["role"]], person=person(one))
        for one in people
        for rule in one["accessRules"]
    )
    return known or (EntryOption(),)


def person(participant: Given) -> Person | None:
    """Return whom a participant is, or None for a guest of whom nobody knows."""
    user = participant.get("user")
    if user is None:
        return None
    return Person(
        email=user.get("email"), first_name=user.get("firstName"), last_name=user.get("lastName")
    )


def _way(rule: Given, user: Given | None) -> EntryRule:
    provider, condition = rule["provider"], rule.get("condition")
    if provider == "Passcode":
        return Passcode(rule["condition"])
    if provider in IDENTITIES:
        return SignIn(IDENTITIES[provider], email=condition or (user or {}).get("email"))
    return Anyone()
