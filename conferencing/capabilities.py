"""What a provider can do: told once, by what its class overrides and by its `Features`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from attrs import evolve, field, frozen

from conferencing.errors import UnsupportedOption
from conferencing.model import EntryKind, EntryRule, Role, RoomKind
from conferencing.model.attendance import Precision
from conferencing.model.drafts import RoomDraft

__all__ = ["Capabilities", "Features", "Operation", "Support", "emulated"]

F = TypeVar("F", bound=Callable[..., Any])

SUPPORT_MARK: Final = "__conferencing_support__"


class Operation(StrEnum):
    """Name an operation of `ConferenceProvider`; the value is the method's name."""

    CHECK = "check"
    LIST_ROOMS = "list_rooms"
    GET_ROOM = "get_room"
    CREATE_ROOM = "create_room"
    UPDATE_ROOM = "update_room"
    DELETE_ROOM = "delete_room"
    START_SESSION = "start_session"
    END_SESSION = "end_session"
    JOIN_LINK = "join_link"
    LIST_SESSIONS = "list_sessions"
    GET_SESSION = "get_session"
    REGISTER = "register"
    LIST_PARTICIPANTS = "list_participants"
    GET_PARTICIPANT = "get_participant"
    INVITE = "invite"
    LIST_ATTENDANCE = "list_attendance"
    LIST_RECORDINGS = "list_recordings"
    DELETE_RECORDING = "delete_recording"
    DELETE_RECORDINGS = "delete_recordings"
    CREATE_REPORT = "create_report"
    GET_REPORT = "get_report"
    USAGE = "usage"
    FEEDBACK = "feedback"
    DEFAULT_SETTINGS = "default_settings"
    ROOM_SETTINGS = "room_settings"
    LIST_TEMPLATES = "list_templates"
    CREATE_TEMPLATE = "create_template"
    UPDATE_TEMPLATE = "update_template"
    DELETE_TEMPLATE = "delete_template"
    CREATE_ACCESS_TOKENS = "create_access_tokens"
    LIST_ACCESS_TOKENS = "list_access_tokens"
    REVOKE_ACCESS_TOKENS = "revoke_access_tokens"
    REQUEST = "request"


class Support(StrEnum):
    """How far a provider supports an operation."""

    NATIVE = "yes"
    EMULATED = "emulated"  # done with other calls of the vendor, by listing and filtering say
    UNVERIFIED = "unverified"  # documented nowhere; off unless the account says `unverified = true`
    ABSENT = "no"


def emulated(method: F) -> F:
    """Mark an operation as done with other calls of the vendor."""
    setattr(method, SUPPORT_MARK, Support.EMULATED)
    return method


@frozen(kw_only=True)
class Features:
    """Say what of the model a vendor can express: what cannot be read off the methods.

    `create_fields` and `update_fields` name fields of `RoomDraft`, single settings as
    `settings.<name>`. `entry` are the kinds of `entry` rules that a room can have, and
    `entry_rules` how many of them at once. `identity` are the ways to fetch one registration.
    `native` says whether there is anything that a room's `native` fields could go into.
    `resolution` is how finely the vendor tells time in attendance. `limits` are documented maxima,
    to look at: the vendor enforces them, not this library.
    """

    kinds: frozenset[RoomKind] = frozenset({RoomKind.MEETING})
    create_fields: frozenset[str] = frozenset({"name"})
    update_fields: frozenset[str] = frozenset()
    native: bool = True
    entry: frozenset[EntryKind] = frozenset({EntryKind.OPEN})
    entry_rules: int = 1
    roles: frozenset[Role] = frozenset({Role.ATTENDEE})
    attendance: Precision | None = None
    resolution: timedelta = timedelta()
    reports: frozenset[str] = frozenset()
    events: bool = False
    limits: Mapping[str, int] = field(factory=dict[str, int], hash=False)


@frozen(kw_only=True)
class Capabilities:
    """Tell what a provider can do: `operations` by support, and the `features` of its model."""

    provider: str
    operations: Mapping[Operation, Support] = field(hash=False)
    features: Features

    def __getitem__(self, operation: Operation | str) -> Support:
        known = self.operations.get(cast("Operation", operation))  # its text is as good a key
        return self.operations[Operation(operation)] if known is None else known

    def supports(self, operation: Operation | str) -> bool:
        """Return whether the operation exists, emulated and unverified ones included."""
        return self[operation] is not Support.ABSENT


def derive(provider: type, base: type, name: str, features: Features) -> Capabilities:
    """Return the capabilities of a provider class: what it overrides of `base`, it has."""
    operations = {one: _support(provider, base, one) for one in Operation}
    return Capabilities(provider=name, operations=operations, features=features)


def _support(provider: type, base: type, operation: Operation) -> Support:
    method = getattr(provider, operation.value)
    if method is getattr(base, operation.value):
        return Support.ABSENT
    return Support(getattr(method, SUPPORT_MARK, Support.NATIVE))


def check_supported(
    draft: RoomDraft,
    features: Features,
    provider: str,
    *,
    update: bool = False,
    ignore: bool = False,
) -> RoomDraft:
    """Return the draft if the provider can express all of it, before anything is sent.

    Raises `UnsupportedOption` that names the first field which it cannot; with `ignore`, such
    fields are left out instead.
    """
    fields = features.update_fields if update else features.create_fields
    unsupported = sorted(draft.set_fields() - fields | _unsupported_values(draft, features))
    if not unsupported:
        return draft
    if ignore:
        return _without(draft, unsupported)
    verb = "change" if update and unsupported[0] in features.create_fields else "express"
    can = ", ".join(sorted(fields)) or "nothing"
    raise UnsupportedOption(
        f"{provider} cannot {verb} {unsupported[0]}{_value(draft, unsupported[0])}; it knows {can}"
        " (ignore_unsupported=True leaves the rest out)",
        field=unsupported[0],
        provider=provider,
    )


def _unsupported_values(draft: RoomDraft, features: Features) -> set[str]:
    people = draft.people or ()
    wrong = {
        "entry": not _admits(features, draft.entry or ()),
        "kind": draft.kind is not None and draft.kind not in features.kinds,
        "people": not all(
            one.role in features.roles and _admits(features, one.entry) for one in people
        ),
        "native": bool(draft.native) and not features.native,
    }
    return {name for name, is_wrong in wrong.items() if is_wrong}


def _admits(features: Features, rules: Collection[EntryRule]) -> bool:
    return {rule.kind for rule in rules} <= features.entry and len(rules) <= features.entry_rules


def _value(draft: RoomDraft, name: str) -> str:
    if name == "kind":
        return f" {draft.kind}"
    if name == "entry":
        return f" by {' and '.join(rule.kind for rule in draft.entry or ())}"
    if name == "people" and draft.people:
        return f" in the role of {' and '.join(sorted({one.role for one in draft.people}))}"
    return ""


def _without(draft: RoomDraft, names: list[str]) -> RoomDraft:
    nested = [name.removeprefix("settings.") for name in names if name.startswith("settings.")]
    if nested and draft.settings is not None:
        nothing: dict[str, Any] = dict.fromkeys(nested)
        draft = evolve(draft, settings=evolve(draft.settings, **nothing))
    gone: dict[str, Any] = dict.fromkeys(name for name in names if "." not in name)
    return evolve(draft, **gone | ({"native": {}} if "native" in gone else {}))
