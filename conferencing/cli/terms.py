"""What a room is created or changed with, as options of the command line."""

from __future__ import annotations

import json
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from attrs import fields, frozen
from cyclopts import Parameter

from conferencing.accounts.settings import suggest
from conferencing.bulk.roster import read_roster
from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Passcode,
    Person,
    PersonalToken,
    RoomSettings,
    SignIn,
)
from conferencing.model.drafts import RoomFields, build_person

from .options import LaxBool, Length, Moment, Usage, instant, pairs, passcode

__all__ = ["TERMS", "Entry", "RoomOptions", "entry_rules", "native_of", "person"]

Entry = Literal["open", "token", "google", "microsoft", "linkedin", "facebook"]

SETTINGS: Final = tuple(one.name for one in fields(RoomSettings))


@Parameter(name="*")
@frozen(kw_only=True)
class RoomOptions:
    """Say what a room shall be."""

    kind: Literal["meeting", "webinar"] | None = None
    "What it is for."

    starts_at: Moment | None = None
    "When it begins: 2027-03-01T17:00+01:00, or without an offset in the zone of --timezone."

    duration: Length | None = None
    "How long it lasts, like 90m or 1h30m."

    permanent: LaxBool = None
    "It has no dates and stays."

    entry: list[Entry] | None = None
    "Who may enter: anyone with the link, who has a token, who signs in there. Several mean any."

    passcode: str | None = None
    "Who knows the passcode may enter; it comes from env:NAME, file:PATH or prompt."

    description: str | None = None
    "What people read before they enter."

    registration: LaxBool = None
    "People register for it."

    waiting_room: LaxBool = None
    "People wait until they are let in."

    capacity: int | None = None
    "How many people it holds."

    setting: list[str] | None = None
    "A setting, like recording=on or camera=off; may be given several times."

    host: str | None = None
    "Who holds it: a name, or a name and an address in angle brackets."

    people: Path | None = None
    "A CSV file or workbook of people who may enter, where a provider takes them with the room."

    template: str | None = None
    "The id of a template to make it from."

    native: str | None = None
    "Fields of the provider's own, as a JSON object; they go out as they are."

    ignore_unsupported: bool = False
    "Leave out what the provider cannot express, instead of refusing it."

    def fields(self, zone: ZoneInfo | None) -> RoomFields:
        """Return the fields of the draft that are said. Raises `Usage` for what cannot be read."""
        said: dict[str, Any] = {
            "kind": self.kind,
            "starts_at": instant(self.starts_at, zone, "--starts-at"),
            "duration": self.duration,
            "permanent": self.permanent,
            "entry": entry_rules(self.entry, self.passcode),
            "description": self.description,
            "registration": self.registration,
            "waiting_room": self.waiting_room,
            "capacity": self.capacity,
            "settings": _settings(self.setting),
            "host": None if self.host is None else person(self.host, "--host"),
            "people": None if self.people is None else _people(self.people),
            "template": self.template,
        }
        known = {name: one for name, one in said.items() if one is not None}
        return cast("RoomFields", known)


TERMS: Final = RoomOptions()


def entry_rules(entry: list[Entry] | None, source: str | None) -> tuple[EntryRule, ...] | None:
    """Return the ways in that `--entry` and `--passcode` name, or None. Raises `Usage`."""
    rules = [_rule(one) for one in entry or ()]
    code = passcode(source)
    return (*rules, *([Passcode(code)] if code else [])) or None


def _rule(entry: Entry) -> EntryRule:
    if entry == "open":
        return Anyone()
    return PersonalToken() if entry == "token" else SignIn(IdentityProvider(entry))


def person(written: str, option: str) -> Person:
    """Return who is written `Name <address>`, or by a name alone. Raises `Usage`."""
    if "@" not in written:
        return Person(name=written)
    name, address = parseaddr(written)
    if not address:
        raise Usage(f"{option} is {written!r}; write it like 'Zoë Lee <zoe@example.com>'")
    first, _, last = name.rpartition(" ")
    return build_person(
        address, first_name=first or None, last_name=last or None, name=name or None
    )


def _people(file: Path) -> tuple[Person, ...]:
    roster = read_roster(file)
    for bad in roster.bad:
        raise Usage(f"--people: {file}, line {bad.number}: {bad.problem}")
    return roster.people


def _settings(given: list[str] | None) -> RoomSettings | None:
    said: dict[str, Any] = {}
    for name, value in pairs(given, "--setting").items():
        if name not in SETTINGS:
            known = ", ".join(SETTINGS)
            raise Usage(f"--setting: there is no {name!r}{suggest(name, SETTINGS)}; known: {known}")
        if value not in {"on", "off"}:
            raise Usage(f"--setting: {name} is {value!r}; it must be on or off")
        said[name] = value == "on"
    return RoomSettings(**said) if said else None


def native_of(written: str | None) -> dict[str, Any]:
    """Return the provider's own fields, written as a JSON object. Raises `Usage`."""
    try:
        found: object = json.loads(written or "{}")
    except ValueError:
        found = None
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    raise Usage("--native is no JSON object; write it like '{\"skin_id\": 2}'")
