"""Options that describe a room, for `rooms create` and `rooms update`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from attrs import fields, frozen
from cyclopts import Parameter

from conferencing.accounts.settings import suggest
from conferencing.bulk.roster import read_roster
from conferencing.capabilities import Ignored
from conferencing.errors import InvalidRequest
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
from conferencing.model.drafts import RoomDraft, RoomFields, build_person

from .options import (
    Duration,
    LaxBool,
    Time,
    UsageError,
    parse_pairs,
    read_passcode,
    resolve_time,
)

__all__ = [
    "NO_ROOM_OPTIONS",
    "Entry",
    "RoomOptions",
    "build_entry_rules",
    "parse_native",
    "parse_person",
]

Entry = Literal["open", "token", "google", "microsoft", "linkedin", "facebook"]

SETTINGS: Final = tuple(attribute.name for attribute in fields(RoomSettings))

OPTIONAL_FIELDS: Final = frozenset(
    {attribute.name for attribute in fields(RoomDraft)} | {f"settings.{name}" for name in SETTINGS}
) - {"name", "settings"}


@Parameter(name="*")
@frozen(kw_only=True)
class RoomOptions:
    """The fields of a room."""

    kind: Literal["meeting", "webinar"] | None = None
    "Kind of room."

    starts_at: Time | None = None
    "Start, like 2027-03-01T17:00+01:00, or without an offset in the zone of --timezone."

    duration: Duration | None = None
    "Duration, like 90m or 1h30m."

    recurrence: str | None = None
    "Recurrence rule (RFC 5545), like FREQ=WEEKLY;COUNT=10."

    permanent: LaxBool = None
    "Make it a permanent room, without dates."

    entry: list[Entry] | None = None
    "Who may enter: anyone with the link (open), or who has a token or signs in. Can be repeated."

    passcode: str | None = None
    "Require a passcode, read from env:NAME, file:PATH or prompt."

    description: str | None = None
    "Description shown to people."

    registration: LaxBool = None
    "Require registration."

    approval: LaxBool = None
    "Hold registrations until the host approves them."

    waiting_room: LaxBool = None
    "Hold people in a waiting room until they are admitted."

    capacity: int | None = None
    "Maximum number of people."

    setting: list[str] | None = None
    "Turn a setting on or off, like recording=on or camera=off. Can be repeated."

    host: str | None = None
    "Host, as a name or as `Name <address>`."

    people: Path | None = None
    "CSV file or workbook of invited people, for providers that take them with the room."

    template: str | None = None
    "Id of the template to use."

    native: str | None = None
    "Provider-specific fields as a JSON object, sent unchanged."

    ignore_unsupported: bool = False
    "Leave out fields that the provider does not support (except entry), instead of failing."

    leave_out: list[str] | None = None
    "Leave out this field if the provider does not support it. Can be repeated."

    def fields_to_ignore(self) -> Ignored:
        """Return which fields the provider need not support."""
        names = set(self.leave_out or ())
        unknown = sorted(names - OPTIONAL_FIELDS)
        if unknown:
            hint = suggest(unknown[0], OPTIONAL_FIELDS)
            raise UsageError(f"--leave-out: a room has no field {unknown[0]!r}{hint}")
        if self.ignore_unsupported and names:
            return names | OPTIONAL_FIELDS - {"entry"}
        return names or self.ignore_unsupported

    def to_fields(self, zone: ZoneInfo | None) -> RoomFields:
        """Return the fields that are set. Raises `UsageError` for a value that cannot be read."""
        values: dict[str, Any] = {
            "kind": self.kind,
            "starts_at": resolve_time(self.starts_at, zone, "--starts-at"),
            "duration": self.duration,
            "recurrence": self.recurrence,
            "permanent": self.permanent,
            "entry": build_entry_rules(self.entry, self.passcode),
            "description": self.description,
            "registration": self.registration,
            "approval": self.approval,
            "waiting_room": self.waiting_room,
            "capacity": self.capacity,
            "settings": _parse_settings(self.setting),
            "host": None if self.host is None else parse_person(self.host, "--host"),
            "people": None if self.people is None else _read_people(self.people),
            "template": self.template,
        }
        present = {name: value for name, value in values.items() if value is not None}
        return cast("RoomFields", present)


NO_ROOM_OPTIONS: Final = RoomOptions()


def build_entry_rules(
    entries: list[Entry] | None, passcode: str | None
) -> tuple[EntryRule, ...] | None:
    """Return the rules of `--entry` and `--passcode`, or None. Raises `UsageError`."""
    rules = [_build_rule(entry) for entry in entries or ()]
    code = read_passcode(passcode)
    return (*rules, *([Passcode(code)] if code else [])) or None


def _build_rule(entry: Entry) -> EntryRule:
    if entry == "open":
        return Anyone()
    return PersonalToken() if entry == "token" else SignIn(IdentityProvider(entry))


def parse_person(text: str, option: str) -> Person:
    """Return a person from `Name <address>`, or from a name alone. Raises `UsageError`."""
    if "@" not in text:
        return Person(name=text)
    try:
        return build_person(text)
    except InvalidRequest as error:
        problem = error.message
    raise UsageError(f"{option}: {problem}")


def _read_people(file: Path) -> tuple[Person, ...]:
    roster = read_roster(file)
    for row in roster.bad:
        raise UsageError(f"--people: {file}, line {row.number}: {row.problem}")
    return roster.people


def _parse_settings(texts: list[str] | None) -> RoomSettings | None:
    settings: dict[str, Any] = {}
    for name, value in parse_pairs(texts, "--setting").items():
        if name not in SETTINGS:
            names = ", ".join(SETTINGS)
            raise UsageError(
                f"--setting: unknown setting {name!r}{suggest(name, SETTINGS)}; it can be {names}"
            )
        if value not in {"on", "off"}:
            raise UsageError(f"--setting: {name} is {value!r}; it must be on or off")
        settings[name] = value == "on"
    return RoomSettings(**settings) if settings else None


def parse_native(text: str | None) -> dict[str, Any]:
    """Return provider-specific fields from a JSON object. Raises `UsageError`."""
    try:
        value: object = json.loads(text or "{}")
    except ValueError:
        value = None
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise UsageError(f"--native: {text!r} is not a JSON object; write it like '{{\"skin_id\": 2}}'")
