"""Who may enter: docs/vendors/meetrs.md#participants. Everything that is refused here is a guess."""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Passcode,
    Person,
    Role,
    SignIn,
)
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import EntryOption

__all__ = ["entry_options", "read_participants", "to_person"]

ROLES: Final = {
    "Admin": Role.HOST,
    "PowerUser": Role.PRESENTER,
    "User": Role.ATTENDEE,
    "Guest": Role.GUEST,
}
IDENTITIES: Final = {
    "Google": IdentityProvider.GOOGLE,
    "Microsoft": IdentityProvider.MICROSOFT,
    "LinkedIn": IdentityProvider.LINKEDIN,
    "Facebook": IdentityProvider.FACEBOOK,
}
PROVIDERS: Final = ("Passcode", *IDENTITIES, "Guest")
NAMES: Final = ("firstName", "lastName", "email")

Row = dict[str, Any]


def read_participants(fields: Fields) -> list[Row]:
    """Return the participants as the vendor keeps them: its own case, and rules for all guests."""
    return [_read_participant(row) for row in fields.children("participants")]


def _read_participant(fields: Fields) -> Row:
    fields.only("user", "role", "accessRules")
    fields.require("role")
    role = fields.choice("role", ROLES, any_case=True)
    user = _read_user(fields.child("user")) if fields.get("user") is not None else None
    rules = [_read_rule(rule, user) for rule in fields.children("accessRules")]
    if role != "Guest" and user is None:
        raise fields.refuse("user", f"is required for role {role}")
    if role != "Guest" and not rules:
        raise fields.refuse("accessRules", f"is required for role {role}")
    row: Row = {"role": role, "accessRules": rules or [{"provider": "Guest"}]}
    return row if user is None else {"user": user, **row}


def _read_user(fields: Fields) -> Row:
    fields.only(*NAMES)
    return {name: fields.text(name) for name in NAMES if name in fields}


def _read_rule(fields: Fields, user: Row | None) -> Row:
    fields.only("provider", "condition")
    fields.require("provider")
    # The vendor's samples write providers in either case: docs/vendors/meetrs.md#oddity-2
    provider = fields.choice("provider", PROVIDERS, any_case=True)
    condition = fields.text("condition")
    if provider == "Passcode" and not condition:
        raise fields.refuse("condition", "is required for a passcode")
    if provider in IDENTITIES and not (condition or (user or {}).get("email")):
        raise fields.refuse("condition", "is required if the user has no email")
    return {"provider": provider} | ({"condition": condition} if condition else {})


# ----------------------------------------------------------------------------- the entry options


def entry_options(participants: list[Row]) -> tuple[EntryOption, ...]:
    """Return an option for each rule of each participant; without participants, anyone enters."""
    options = tuple(
        EntryOption(
            rule=_to_rule(rule, row.get("user")), role=ROLES[row["role"]], person=to_person(row)
        )
        for row in participants
        for rule in row["accessRules"]
    )
    return options or (EntryOption(),)


def to_person(participant: Row) -> Person | None:
    """Return the person of a participant, or None for an anonymous guest."""
    user = participant.get("user")
    if user is None:
        return None
    return Person(
        email=user.get("email"), first_name=user.get("firstName"), last_name=user.get("lastName")
    )


def _to_rule(rule: Row, user: Row | None) -> EntryRule:
    provider, condition = rule["provider"], rule.get("condition")
    if provider == "Passcode":
        return Passcode(rule["condition"])
    if provider in IDENTITIES:
        return SignIn(IDENTITIES[provider], email=condition or (user or {}).get("email"))
    return Anyone()
