"""What a provider supports: derived once, from the methods its class overrides and its `Features`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from attrs import evolve, field, fields, frozen

from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.model import (
    EntryKind,
    EntryRule,
    Role,
    RoomFields,
    RoomKind,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.attendance import Precision
from conferencing.model.base import parse_enum, suggest
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft

__all__ = ["Capabilities", "Features", "Ignored", "Operation", "Support", "emulated"]

F = TypeVar("F", bound=Callable[..., Any])

SUPPORT_MARK: Final = "__conferencing_support__"


class Operation(StrEnum):
    """An operation of `ConferenceProvider`; the value is the name of its method."""

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
    REGISTER_BATCH = "register_batch"
    APPROVE_REGISTRATION = "approve_registration"
    DENY_REGISTRATION = "deny_registration"
    CANCEL_REGISTRATION = "cancel_registration"
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
    SUBSCRIBE_WEBHOOKS = "subscribe_webhooks"
    UNSUBSCRIBE_WEBHOOKS = "unsubscribe_webhooks"
    REQUEST = "request"


class Support(StrEnum):
    """How far a provider supports an operation."""

    NATIVE = "yes"
    EMULATED = "emulated"  # done with other calls of the vendor, such as listing and filtering
    UNVERIFIED = "unverified"  # not documented by the vendor; off unless the account sets it
    ABSENT = "no"


def emulated(method: F) -> F:
    """Mark an operation as emulated with other calls of the vendor."""
    setattr(method, SUPPORT_MARK, Support.EMULATED)
    return method


@frozen(kw_only=True)
class Features:
    """What a vendor can express of the model, as far as its methods do not show it.

    `create_fields` and `update_fields` are names of fields of `RoomDraft`; single settings are
    `settings.<name>`. `entry` are the kinds of entry rules that a room can have and `entry_rules`
    is how many of them at once. `native` says whether a room takes `native` fields. `attendance`
    is what the vendor reports about presence and `resolution` how exact its times are. `batch` is how
    many people `register_batch` takes at once; 0 where there is none. `required` are the fields of
    a person without which nobody is registered, each with the key of the registration form that
    may answer it instead, or None. `confirms` says whether a registration is confirmed by mail
    unless `confirmation` says otherwise; None if only the room's settings decide. `invites` are the
    roles of people to whom the vendor mails invitations, and `languages` the operations, of `register`
    and `invite`, whose mails can be in a chosen language. `statuses` are those by which rooms can be
    listed. `lists_present` says whether `list_participants` takes a session, `hooks_of_rooms` whether
    webhooks can be those of some rooms only, and `tenants` whether usage and feedback can be those of
    one tenant. `limits` are documented maxima, for information: the vendor enforces them, this library
    does not.
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
    batch: int = 0
    required: Mapping[str, str | None] = field(factory=lambda: {"email": None}, hash=False)
    confirms: bool | None = True
    invites: frozenset[Role] = frozenset()
    languages: frozenset[Operation] = frozenset()
    statuses: frozenset[RoomStatus] = frozenset(RoomStatus)
    lists_present: bool = False
    hooks_of_rooms: bool = True
    tenants: bool = False
    limits: Mapping[str, int] = field(factory=dict[str, int], hash=False)


@frozen(kw_only=True, repr=False)
class Capabilities:
    """What a provider supports for one account: its `operations`, and the `features` of its model.

    `webhooks` says whether `conference.webhooks` can read the events that it pushes. `unverified`
    is that of the account: without it, operations that are not documented are off.
    """

    provider: str
    operations: Mapping[Operation, Support] = field(hash=False)
    features: Features
    webhooks: Support = Support.ABSENT
    unverified: bool = False

    def __getitem__(self, operation: Operation | str) -> Support:
        support = self.operations.get(cast("Operation", operation))  # a string equals its member
        return support or self.operations[parse_enum(Operation, "operation", operation)]

    def supports(self, operation: Operation | str) -> bool:
        """Return whether a call of the operation is sent, rather than refused as unsupported."""
        return self._is_on(self[operation])

    def support_of(self, need: str) -> Support:
        """Return how far a program's need is supported.

        A need is an operation (`register`, `list_attendance` or just `attendance`), `webhooks`, a
        field of a room (`starts_at`, `settings.recording`), or a value: `kind:webinar`, `entry:passcode`,
        `role:presenter`, `report:pdf`. Raises `InvalidRequest` for anything else.
        """
        operation = _find_operation(need)
        if operation is not None:
            return self[operation]
        if need == "webhooks":
            return self.webhooks
        subject, colon, value = need.partition(":")
        values = self._values(subject) if colon else None
        if values is None and need not in _ROOM_FIELDS:
            valid = [*map(str, Operation), *_ROOM_FIELDS]
            raise InvalidRequest(
                f"{need!r} is not an operation or a field of a room{suggest(need, valid)}",
                field="needs",
            )
        supported = value in values if values is not None else need in self.features.create_fields
        return Support.NATIVE if supported else Support.ABSENT

    def missing(self, needs: Iterable[str]) -> tuple[str, ...]:
        """Return the needs of a program that this account does not support; see `support_of`."""
        return tuple(need for need in needs if not self._is_on(self.support_of(need)))

    def _values(self, subject: str) -> Collection[str] | None:
        """Return the values of one subject that the provider has, or None if there is no subject."""
        features = self.features
        values: Mapping[str, Collection[str]] = {
            "kind": features.kinds,
            "entry": features.entry,
            "role": features.roles,
            "report": features.reports,
        }
        return values.get(subject)

    def _is_on(self, support: Support) -> bool:
        return support is not Support.ABSENT and (
            support is not Support.UNVERIFIED or self.unverified
        )

    def __repr__(self) -> str:
        on = sum(map(self._is_on, self.operations.values()))
        return f"<Capabilities of {self.provider}: {on} of {len(self.operations)} operations>"


_ROOM_FIELDS: Final = (
    *(name for name in RoomFields.__annotations__ if name != "settings"),
    *(f"settings.{attribute.name}" for attribute in fields(RoomSettings)),
)


def _find_operation(need: str) -> Operation | None:
    names = {need, f"list_{need}"}
    return next((operation for operation in Operation if operation.value in names), None)


def derive(
    provider: type, base: type, name: str, features: Features, *, unverified: bool = False
) -> Capabilities:
    """Return the capabilities of a provider class: the methods of `base` that it overrides."""
    return Capabilities(
        provider=name,
        operations={operation: _support(provider, base, operation) for operation in Operation},
        features=features,
        webhooks=_support(provider, base, "read_webhook"),
        unverified=unverified,
    )


def _support(provider: type, base: type, name: str) -> Support:
    method = getattr(provider, name)
    if method is getattr(base, name):
        return Support.ABSENT
    return Support(getattr(method, SUPPORT_MARK, Support.NATIVE))


Ignored = bool | Collection[str]
"""What may be left out of a draft: the names of fields, or True for all but `entry`."""


def check_supported(
    draft: RoomDraft,
    features: Features,
    provider: str,
    *,
    update: bool = False,
    ignore: Ignored = False,
) -> tuple[RoomDraft, tuple[str, ...]]:
    """Return the draft that the provider supports, and the names of the fields left out of it.

    Raises `UnsupportedOption` that names all unsupported fields, except those that `ignore` permits
    to leave out. Who may enter (`entry`) is left out only by name: a room without its passcode is
    open to anybody.
    """
    fields = features.update_fields if update else features.create_fields
    unsupported = sorted(draft.set_fields() - fields | _find_unsupported_values(draft, features))
    refused = [name for name in unsupported if not _may_ignore(name, ignore)]
    if refused:
        raise _find_unsupported_fields(draft, refused, features, provider, update=update)
    return (_without(draft, unsupported) if unsupported else draft), tuple(unsupported)


def _may_ignore(name: str, ignore: Ignored) -> bool:
    return (ignore and name != "entry") if isinstance(ignore, bool) else name in ignore


def _find_unsupported_fields(
    draft: RoomDraft, names: list[str], features: Features, provider: str, *, update: bool
) -> UnsupportedOption:
    fields = features.update_fields if update else features.create_fields
    fixed = update and set(names) <= features.create_fields
    refuses, takes = ("cannot change", "can change") if fixed else ("does not support", "supports")
    values = ", ".join(f"{name}{_value(draft, name)}" for name in names)
    return UnsupportedOption(
        f"{provider} {refuses} {values} ({_remedy(names)});"
        f" it {takes} {', '.join(sorted(fields)) or 'nothing'}",
        field=names[0],
        fields=tuple(names),
        provider=provider,
    )


def _remedy(names: list[str]) -> str:
    those = "it" if len(names) == 1 else "them"
    if "entry" in names:
        option = "ignore_unsupported={'entry', ...}"
        return f"{option} leaves {those} out, and admits anyone who has the link"
    return f"ignore_unsupported=True leaves {those} out"


def check_registration(draft: RegistrationDraft, features: Features, provider: str) -> None:
    """Raise if the provider could not register the person, before anything is sent.

    Raises `InvalidRequest` that names all missing fields, and `UnsupportedOption` for a confirmation
    or a language that cannot be chosen.
    """
    missing = [name for name in features.required if _is_missing(name, draft, features.required)]
    if missing:
        raise InvalidRequest(
            f"a registration needs {' and '.join(missing)}", field=missing[0], provider=provider
        )
    if draft.confirmation is not None and features.confirms is None:
        raise UnsupportedOption(
            f"on {provider}, the room's settings decide about confirmation mails; leave"
            " confirmation out",
            field="confirmation",
            provider=provider,
        )
    confirms = features.confirms if draft.confirmation is None else draft.confirmation
    if draft.language is not None and confirms is False:
        raise UnsupportedOption(
            "the language is that of the confirmation mail; add confirmation=True",
            field="language",
            provider=provider,
        )
    _check_language(draft.language, Operation.REGISTER, features, provider)


def check_invitation(invitation: Invitation, features: Features, provider: str) -> None:
    """Raise `UnsupportedOption` if the provider mails no such invitations."""
    if invitation.role not in features.invites:
        roles = " and ".join(sorted(features.invites))
        problem = f"invites people as {roles}, not as {invitation.role}"
        raise UnsupportedOption(
            f"{provider} {problem if roles else 'mails no invitations to this room'}",
            field="role",
            provider=provider,
        )
    _check_language(invitation.language, Operation.INVITE, features, provider)


def _check_language(
    language: str | None, operation: Operation, features: Features, provider: str
) -> None:
    if language is not None and operation not in features.languages:
        raise UnsupportedOption(
            f"on {provider}, the language of this mail cannot be chosen; leave language out",
            field="language",
            provider=provider,
        )


def _is_missing(name: str, draft: RegistrationDraft, required: Mapping[str, str | None]) -> bool:
    if getattr(draft.person, name) or draft.fields.get(required[name] or ""):
        return False
    # A name that cannot be split, such as "Ann", may be given as first name if that is enough.
    return not (name == "first_name" and "last_name" not in required and draft.person.name)


def _find_unsupported_values(draft: RoomDraft, features: Features) -> set[str]:
    people = draft.people or ()
    wrong = {
        "entry": not _supports_entry(features, draft.entry or ()),
        "kind": draft.kind is not None and draft.kind not in features.kinds,
        "people": not all(
            invitee.role in features.roles and _supports_entry(features, invitee.entry)
            for invitee in people
        ),
        "native": bool(draft.native) and not features.native,
    }
    return {name for name, is_wrong in wrong.items() if is_wrong}


def _supports_entry(features: Features, rules: Collection[EntryRule]) -> bool:
    return {rule.kind for rule in rules} <= features.entry and len(rules) <= features.entry_rules


def _value(draft: RoomDraft, name: str) -> str:
    if name == "kind":
        return f" {draft.kind}"
    if name == "entry":
        return f" by {' and '.join(rule.kind for rule in draft.entry or ())}"
    if name == "people" and draft.people:
        return f" in the role of {' and '.join(sorted({invitee.role for invitee in draft.people}))}"
    return ""


def _without(draft: RoomDraft, names: list[str]) -> RoomDraft:
    nested = [name.removeprefix("settings.") for name in names if name.startswith("settings.")]
    if nested and draft.settings is not None:
        cleared: dict[str, Any] = dict.fromkeys(nested)
        draft = evolve(draft, settings=evolve(draft.settings, **cleared))
    removed: dict[str, Any] = dict.fromkeys(name for name in names if "." not in name)
    return evolve(draft, **removed | ({"native": {}} if "native" in removed else {}))
