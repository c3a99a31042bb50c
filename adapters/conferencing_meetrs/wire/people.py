"""Who may enter a meeting, in which role and how (vendor README, "Meet participants")."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.http import without_none
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

# The vendor's names do not say who hosts: docs/vendors/meetrs.md#oddity-15
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


def write_participants(
    entry: tuple[EntryRule, ...] | None, people: tuple[Invitee, ...] | None
) -> list[dict[str, Any]] | None:
    """Return the participants of a body; None, for anyone with the link, is not sent."""
    if people is None and entry in {None, (Anyone(),)}:
        return None
    guests = [_write_guest(rule) for rule in entry or ()]
    return [_write_invitee(invitee) for invitee in people or ()] + guests


def _write_guest(rule: EntryRule) -> dict[str, Any]:
    """Return an anonymous guest: a participant without a name, by whose rules anyone may enter."""
    if isinstance(rule, SignIn):
        raise UnsupportedOption(
            "on Meet.rs a sign-in belongs to a person: people=[Invitee(person=..., entry=...)]",
            field="entry",
        )
    if isinstance(rule, Passcode) and rule.role not in {None, Role.GUEST}:
        raise UnsupportedOption(
            f"on Meet.rs a passcode for everyone admits guests, not a {rule.role};"
            " give the person a passcode and a role with people=",
            field="entry",
        )
    return _write_anonymous((rule,))


def _write_invitee(invitee: Invitee) -> dict[str, Any]:
    """Return one participant. Raises `InvalidRequest` for one that the vendor cannot express."""
    if invitee.person is None:
        if invitee.role is not Role.GUEST:
            raise _invalid(f"{invitee.role} needs a person; only a guest may be anonymous")
        return _write_anonymous(invitee.entry or (Anyone(),))
    rules = [_write_rule(rule, invitee.person, invitee.role) for rule in invitee.entry]
    if not rules:
        raise _invalid(f"{invitee.role} with a name needs a passcode or a sign-in as entry")
    return {"user": _write_user(invitee.person), "role": ROLES[invitee.role], "accessRules": rules}


def _write_anonymous(entry: tuple[EntryRule, ...]) -> dict[str, Any]:
    """Return an anonymous guest: without rules the vendor adds one that admits anyone."""
    if entry == (Anyone(),):
        return {"role": GUEST}
    rules = [_write_rule(rule, Person(), Role.GUEST) for rule in entry]
    if any(rule["provider"] != PASSCODE for rule in rules):
        raise _invalid("an anonymous guest enters by the link or by a passcode")
    return {"role": GUEST, "accessRules": rules}


def _write_rule(rule: EntryRule, person: Person, role: Role) -> dict[str, Any]:
    match rule:
        case Passcode():
            if not rule.code or rule.role not in {None, role}:
                raise _invalid("a passcode must not be empty, nor be for another role")
            return {"provider": PASSCODE, "condition": rule.code}
        case SignIn():
            if rule.identity not in PROVIDERS:
                raise _invalid(f"sign-in is with one of {', '.join(PROVIDERS)}")
            if not (rule.email or person.email):
                raise _invalid(f"a sign-in with {rule.identity} needs an e-mail address")
            # Without a condition, the person's address counts: docs/vendors/meetrs.md#access-rules
            return {"provider": PROVIDERS[rule.identity], **without_none(condition=rule.email)}
        case _:
            raise _invalid(f"entry by {rule.kind} cannot be combined, nor be given to a person")


def _write_user(person: Person) -> dict[str, Any]:
    names = " ".join(filter(None, (person.first_name, person.last_name)))
    if not (names or person.name or person.email):
        raise _invalid("a person needs a name or an e-mail address")
    if person.name not in {None, names}:
        raise _invalid("Meet.rs takes first_name and last_name; leave name out")
    return without_none(firstName=person.first_name, lastName=person.last_name, email=person.email)


def _invalid(problem: str) -> InvalidRequest:
    return InvalidRequest(f"people on Meet.rs: {problem}", field="people")


@define
class RuleRow:
    """A rule. The vendor's samples write providers in either case, one of its clients as numbers.

    See docs/vendors/meetrs.md#oddity-2 and docs/vendors/meetrs.md#oddity-18.
    """

    provider: str | None = None
    condition: str | None = None


@define
class ParticipantRow:
    """Who may enter; `accessRules` was also seen as `accessRole`, a bare object.

    See docs/vendors/meetrs.md#oddity-1.
    """

    role: str | None = None
    user: dict[str, Any] | None = None
    accessRules: list[RuleRow] | None = None
    accessRole: RuleRow | None = None

    @property
    def rules(self) -> list[RuleRow]:
        """The rules, under either name."""
        return self.accessRules or ([self.accessRole] if self.accessRole else [])


def to_entry(rows: list[ParticipantRow] | None) -> tuple[EntryRule, ...] | None:
    """Return how anonymous guests may enter; None if the vendor does not report it."""
    if rows is None:
        return None
    if not rows:
        return (Anyone(),)
    return tuple(rule for row in rows if row.user is None for rule in _to_rules(row))


def _to_rules(row: ParticipantRow) -> list[EntryRule]:
    # A guest without rules enters by the link: docs/vendors/meetrs.md#access-rules
    if not row.rules:
        return [Anyone()]
    rules = (_to_rule(rule) for rule in row.rules)
    return [rule for rule in rules if rule is not None]


def _to_rule(rule: RuleRow) -> EntryRule | None:
    name = (rule.provider or "").casefold()
    if name == PASSCODE.casefold() and rule.condition:
        return Passcode(rule.condition, role=Role.GUEST)
    return Anyone() if name == GUEST.casefold() else None
