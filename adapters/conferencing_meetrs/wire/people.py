"""Who may enter a meet, in which role and by which ways (README, Meet participants)."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.http import said
from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Passcode,
    Person,
    Role,
    SignIn,
)
from conferencing.model.drafts import Invitee

ROLES: Final = {
    Role.HOST: "Admin",
    Role.PRESENTER: "PowerUser",
    Role.ATTENDEE: "User",
    Role.GUEST: "Guest",
}
GUEST: Final = ROLES[Role.GUEST]
PASSCODE: Final = "Passcode"
PROVIDERS: Final = {
    IdentityProvider.GOOGLE: "Google",
    IdentityProvider.MICROSOFT: "Microsoft",
    IdentityProvider.LINKEDIN: "LinkedIn",
    IdentityProvider.FACEBOOK: "Facebook",
}


# ------------------------------------------------------------------------------------------ out


def participants(
    entry: tuple[EntryRule, ...] | None, people: tuple[Invitee, ...] | None
) -> list[dict[str, Any]] | None:
    """Write who may enter, or None for a list that is not sent: anyone with the link."""
    if people is None:
        return None if entry in {None, (Anyone(),)} else guests(entry or ())
    return [participant(one) for one in people] + guests(entry or ())


def guests(entry: tuple[EntryRule, ...]) -> list[dict[str, Any]]:
    """Write a room's own ways in: each lets in guests of whom nobody knows who they are."""
    return [_guest(rule) for rule in entry]


def _guest(rule: EntryRule) -> dict[str, Any]:
    if isinstance(rule, SignIn):
        raise UnsupportedOption(
            "on Meet.rs a sign-in belongs to a person: people=[Invitee(person=..., entry=...)]",
            field="entry",
        )
    if isinstance(rule, Passcode) and rule.role not in {None, Role.GUEST}:
        raise UnsupportedOption(
            f"on Meet.rs a passcode for all lets in guests, no {rule.role};"
            " people= gives a person a passcode and a role",
            field="entry",
        )
    return _without_a_person((rule,))


def participant(invitee: Invitee) -> dict[str, Any]:
    """Write one participant. Raises for what no published shape can say."""
    if invitee.person is None:
        if invitee.role is not Role.GUEST:
            raise _wrong(f"a {invitee.role} without a person cannot be; only guests can")
        return _without_a_person(invitee.entry or (Anyone(),))
    rules = [_rule(one, invitee.person, invitee.role) for one in invitee.entry]
    if not rules:
        raise _wrong(f"a {invitee.role} with a name needs a passcode or a sign-in as entry")
    return {"user": _user(invitee.person), "role": ROLES[invitee.role], "accessRules": rules}


def _without_a_person(entry: tuple[EntryRule, ...]) -> dict[str, Any]:
    """Write an anonymous guest: without rules the vendor adds one that lets in anyone."""
    if entry == (Anyone(),):
        return {"role": GUEST}
    rules = [_rule(one, Person(), Role.GUEST) for one in entry]
    if any(rule["provider"] != PASSCODE for rule in rules):
        raise _wrong("a guest without a person comes with the link or by a passcode")
    return {"role": GUEST, "accessRules": rules}


def _rule(rule: EntryRule, person: Person, role: Role) -> dict[str, Any]:
    match rule:
        case Passcode():
            if not rule.code or rule.role not in {None, role}:
                raise _wrong("a passcode must not be empty, nor be for another role")
            return {"provider": PASSCODE, "condition": rule.code}
        case SignIn():
            if rule.identity not in PROVIDERS:
                raise _wrong(f"sign-in is with one of {', '.join(PROVIDERS)}")
            if not (rule.email or person.email):
                raise _wrong(f"a sign-in with {rule.identity} needs an e-mail address")
            return {"provider": PROVIDERS[rule.identity], **said(condition=rule.email)}
        case _:
            raise _wrong(
                f"entry by {rule.kind} cannot be one of several ways, nor that of a person"
            )


def _user(person: Person) -> dict[str, Any]:
    names = " ".join(filter(None, (person.first_name, person.last_name)))
    if not (names or person.name or person.email):
        raise _wrong("a person needs a name or an e-mail address")
    if person.name not in {None, names}:
        raise _wrong("Meet.rs takes first_name and last_name, no name beside them")
    return said(firstName=person.first_name, lastName=person.last_name, email=person.email)


def _wrong(problem: str) -> InvalidRequest:
    return InvalidRequest(f"people on Meet.rs: {problem}", field="people")


# ------------------------------------------------------------------------------------------- in


@define
class RuleRow:
    """A way in. The vendor's samples write providers in either case."""

    provider: str
    condition: str | None = None


@define
class ParticipantRow:
    """Who may enter; `accessRules` was also seen as `accessRole`, a bare object."""

    role: str | None = None
    user: dict[str, Any] | None = None
    accessRules: list[RuleRow] | None = None
    accessRole: RuleRow | None = None

    @property
    def rules(self) -> list[RuleRow]:
        """The ways in under either name."""
        return self.accessRules or ([self.accessRole] if self.accessRole else [])


def entry(rows: list[ParticipantRow] | None) -> tuple[EntryRule, ...] | None:
    """Read how those may enter of whom nobody knows who they are; None if the vendor tells nothing."""
    if rows is None:
        return None
    if not rows:
        return (Anyone(),)
    return tuple(rule for row in rows if row.user is None for rule in _ways(row))


def _ways(row: ParticipantRow) -> list[EntryRule]:
    if not row.rules:
        return [Anyone()]
    known = (_way(rule) for rule in row.rules)
    return [way for way in known if way is not None]


def _way(rule: RuleRow) -> EntryRule | None:
    name = rule.provider.casefold()
    if name == PASSCODE.casefold() and rule.condition:
        return Passcode(rule.condition, role=Role.GUEST)
    return Anyone() if name == GUEST.casefold() else None
