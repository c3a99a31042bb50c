"""Meetings and webinars: replies as rooms, and drafts as JSON (docs/vendors/webex.md#rooms)."""
# ruff: noqa: N815 - a row's fields are spelled as Webex spells them

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse, NotFound, UnsupportedOption
from conferencing.http import Aware, Id, Link, Reply, deep_merge, to_int, without_none
from conferencing.model import (
    JoinLink,
    Occurrence,
    Passcode,
    Person,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Template,
    parse_recurrence,
)
from conferencing.model.drafts import Invitee, RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name

from .base import WIRE

logger = logging.getLogger("conferencing.webex")

KINDS: Final = {"meeting": RoomKind.MEETING, "webinar": RoomKind.WEBINAR}
# A series is active, inProgress or expired; the other words are of occurrences
# (docs/vendors/webex.md#rooms).
STATUSES: Final = {
    **dict.fromkeys(["active", "scheduled"], RoomStatus.SCHEDULED),
    **dict.fromkeys(["expired", "ended", "missed"], RoomStatus.ENDED),
    "ready": RoomStatus.OPEN,
    "inProgress": RoomStatus.LIVE,
}
LOBBY: Final = {"allowJoin": False, "allowJoinWithLobby": True}
# Spellings of similar fields differ, and are copied exactly (docs/vendors/webex.md#oddity-6).
SETTINGS: Final = {
    "public_chat": ("meetingOptions", "enabledChat"),
    "private_chat": ("attendeePrivileges", "enabledChatOtherParticipants"),
    "camera": ("meetingOptions", "enabledVideo"),
    "microphone": ("audioConnectionOptions", "allowAttendeeToUnmuteSelf"),
}
FORM: Final = dict.fromkeys(["requireFirstName", "requireLastName", "requireEmail"], True)
"""What a registration form asks for in any case (docs/vendors/webex.md#registration)."""


@define
class MeetingRow:
    """A series or an occurrence. Its times are in `timezone`, which is that of the reply.

    docs/vendors/webex.md#oddity-1
    """

    id: str
    title: str | None = None
    agenda: str | None = None
    password: str | None = None
    meetingType: str | None = None
    state: str | None = None
    scheduledType: str | None = None
    timezone: str | None = None
    start: Aware | None = None
    end: Aware | None = None
    recurrence: str | None = None
    hostEmail: str | None = None
    hostDisplayName: str | None = None
    webLink: Link | None = None
    unlockedMeetingJoinSecurity: str | None = None
    enabledAutoRecordMeeting: bool | None = None
    meetingOptions: dict[str, Any] | None = None
    attendeePrivileges: dict[str, Any] | None = None
    audioConnectionOptions: dict[str, Any] | None = None
    registration: dict[str, Any] | None = None

    @property
    def duration(self) -> timedelta | None:
        """The planned duration, or None if a bound is unknown."""
        if self.start is None or self.end is None or self.end <= self.start:
            return None
        return self.end - self.start


def read_room(reply: Reply, timezone: str | None = None) -> Room:
    """Return a room; `timezone` is the zone in which it was planned, which replies do not hold."""
    if "warning" in reply.headers:  # docs/vendors/webex.md#oddity-10
        logger.warning("Webex ignored fields of a room: %s", reply.headers["warning"][:200])
    return WIRE.record(reply, MeetingRow, partial(to_room, timezone=timezone))


def read_rooms(reply: Reply) -> list[Room]:
    """Return a page of rooms."""
    return WIRE.records(reply, MeetingRow, to_room, "items")


def to_room(row: MeetingRow, native: Native, *, timezone: str | None = None) -> Room:
    """Return a room, as far as it is in the row. Raises `NotFound` for a run."""
    if row.meetingType == "meeting":
        raise NotFound("this is the id of a run, which is a session and not a room")
    accepts, lobby = _flag(row.registration, "autoAcceptRequest"), row.unlockedMeetingJoinSecurity
    settings = {name: _flag(getattr(row, part), key) for name, (part, key) in SETTINGS.items()}
    return Room(
        id=row.id,
        name=row.title or "",
        kind=KINDS.get(row.scheduledType or "", RoomKind.UNKNOWN),
        status=STATUSES.get(row.state or "", RoomStatus.UNKNOWN),
        starts_at=to_zone(row.start, timezone or row.timezone),
        duration=row.duration,
        timezone=timezone,  # never that of the row (docs/vendors/webex.md#oddity-1)
        permanent=False,
        # Some rooms admit invited people only, which no rule expresses.
        entry=(Passcode(row.password),) if row.password and lobby != "blockFromJoin" else None,
        join_url=row.webLink,
        description=row.agenda or None,
        registration=row.registration is not None,
        approval=None if accepts is None else not accepts,
        waiting_room=LOBBY.get(lobby or ""),
        settings=RoomSettings(auto_recording=row.enabledAutoRecordMeeting, **settings),
        host=Person(email=row.hostEmail, name=row.hostDisplayName) if row.hostEmail else None,
        recurrence=_read_recurrence(row.recurrence),
        native=native,
    )


def _flag(part: dict[str, Any] | None, name: str) -> bool | None:
    # Examples differ from the schema in types (docs/vendors/webex.md#oddity-4).
    value = (part or {}).get(name)
    return value if isinstance(value, bool) else None


def _read_recurrence(text: str | None) -> str | None:
    """Return the rule, or None for one that this library does not know."""
    try:
        return str(parse_recurrence(text)) if text else None
    except InvalidRequest:
        return None


def read_occurrences(reply: Reply) -> list[Occurrence]:
    """Return a page of the planned dates of a series; a deleted one is not listed."""
    return WIRE.records(reply, MeetingRow, _to_occurrence, "items")


def _to_occurrence(row: MeetingRow, _: Native) -> Occurrence:
    return Occurrence(id=row.id, starts_at=to_zone(row.start, row.timezone), duration=row.duration)


# -------------------------------------------------------------------------------- links, templates


@define
class LinkRow:
    """Links for one person; `startLink` is there for a host and a co-host only."""

    joinLink: Link | None = None
    startLink: Link | None = None
    expiration: Aware | None = None


def read_link(reply: Reply, *, role: Role, person: Person | None) -> JoinLink:
    """Return the host's link, or that of a person. Raises `MalformedResponse` without it."""
    row, is_host = WIRE.read(reply, LinkRow), role is Role.HOST
    name = "startLink" if is_host else "joinLink"
    url = getattr(row, name)
    if url is None:
        raise MalformedResponse(f"the reply has no {name} for this {role}", path=f"$.{name}")
    return JoinLink(
        url=url, role=role, personal=not is_host, person=person, expires_at=row.expiration
    )


@define
class TemplateRow:
    """A template."""

    id: str
    name: str | None = None
    templateType: str | None = None
    isDefault: bool | None = None


def read_templates(reply: Reply) -> list[Template]:
    """Return the templates of meetings and of webinars."""
    return WIRE.records(reply, TemplateRow, _to_template, "items")


def _to_template(row: TemplateRow, native: Native) -> Template:
    name, default = row.name or "", bool(row.isDefault)
    return Template(
        id=row.id, name=name, description=row.templateType, default=default, native=native
    )


@define
class SessionTypeRow:
    """A product that a user may schedule."""

    id: Id  # a text here, a number in a creation (docs/vendors/webex.md#rooms)
    type: str | None = None


def read_webinar_type(reply: Reply) -> int | None:
    """Return the first session type for webinars, or None for a user without a licence."""
    rows = WIRE.read(reply, list[SessionTypeRow], "items")
    return next((to_int(row.id) for row in rows if row.type == "webinar"), None)


# ------------------------------------------------------------------------------------------ drafts


def write_room(draft: RoomDraft, **others: Any) -> dict[str, Any]:
    """Return the body for a draft or for changes; `others` are what the provider adds.

    Webex mails host and invitees unless a request turns that off; `native` may turn it on.
    """
    settings: dict[str, Any] = {}
    for name, (part, key) in SETTINGS.items():
        value = getattr(draft.settings, name, None)
        settings = deep_merge(settings, {} if value is None else {part: {key: value}})
    lobby = "allowJoinWithLobby" if draft.waiting_room else "allowJoin"
    fields = without_none(
        title=draft.name,
        agenda=draft.description,
        password=_write_passcode(draft),
        unlockedMeetingJoinSecurity=None if draft.waiting_room is None else lobby,
        enabledAutoRecordMeeting=draft.settings.auto_recording if draft.settings else None,
        templateId=draft.template,
        invitees=[write_invitee(invitee) for invitee in draft.people or ()] or None,
        sendEmail=False,  # docs/vendors/webex.md#oddity-7
        **settings,
        **others,
    )
    return deep_merge(fields, draft.native)


def _write_passcode(draft: RoomDraft) -> Any:
    for rule in draft.entry or ():
        if isinstance(rule, Passcode) and rule.role is None:
            return rule.code
        raise UnsupportedOption("a Webex room has one passcode for all roles", field="entry")
    return None


def write_invitee(invitee: Invitee) -> dict[str, Any]:
    """Return an invitee: a co-host, a panelist, or somebody who attends."""
    person = invitee.person
    if person is None or not person.email or invitee.entry:
        raise UnsupportedOption(
            "Webex invites people by their e-mail address, without passcodes of their own",
            field="people",
        )
    return without_none(
        email=person.email,
        displayName=person.display_name,
        coHost=invitee.role is Role.HOST or None,
        panelist=invitee.role is Role.PRESENTER or None,
    )


def write_times(draft: RoomDraft, current: Room | None, now: datetime) -> dict[str, Any]:
    """Return the times, zone and rule of a new room, or those of `current` that a draft changes.

    Webex has no rooms without times: a new one starts in a minute and lasts an hour by default. The
    zone is always named, because it would become UTC (docs/vendors/webex.md#times).
    """
    room = current or Room(id="new", starts_at=now + timedelta(minutes=1))
    zone = draft.timezone or _name_zone(draft.starts_at) or room.timezone
    if zone is None and (draft.recurrence or room.recurrence):
        raise InvalidRequest(
            "a recurring Webex room needs the zone of its days: pass timezone='Europe/Warsaw'",
            field="timezone",
        )
    # A new length sends `end` alone: the start of a room that has begun would be refused
    # (docs/vendors/webex.md#rooms).
    moves = current is None or draft.starts_at is not None
    start = draft.starts_at or room.starts_at or now
    # In UTC: added to the wall clock, the length would change with the clocks.
    end = start.astimezone(UTC) + (draft.duration or room.duration or timedelta(hours=1))
    return without_none(
        start=_write_time(start, zone) if moves else None,
        end=_write_time(end, zone) if moves or draft.duration else None,
        timezone=zone,
        recurrence=_write_recurrence(draft.recurrence),
    )


def _write_time(moment: datetime, zone: str | None) -> str:
    return (to_zone(moment, zone) or moment).isoformat(timespec="seconds")


def _name_zone(moment: datetime | None) -> str | None:
    return "UTC" if moment and moment.tzinfo is UTC else zone_name(moment)


def _write_recurrence(text: str | None) -> str | None:
    """Return the rule. Of several days of a month, Webex would silently take the first one.

    docs/vendors/webex.md#oddity-9
    """
    if text is None:
        return None
    rule = parse_recurrence(text)
    days = max(len(rule.by_day), len(rule.by_month_day))
    if days > 1 and rule.frequency in {"MONTHLY", "YEARLY"}:
        raise UnsupportedOption(
            "a monthly or yearly Webex room has one day: BYMONTHDAY=15, or BYDAY=2TU",
            field="recurrence",
        )
    return str(rule)


def write_form(approval: bool | None, current: Room | None = None) -> dict[str, Any]:
    """Return a registration form: that of a room, or a short one, with an approval if it is set."""
    # The form is replaced as a whole (docs/vendors/webex.md#registration).
    form: dict[str, Any] = dict(current.native.get("registration") or {}) if current else {}
    accepts = None if approval is None else not approval
    return {"autoAcceptRequest": True} | form | FORM | without_none(autoAcceptRequest=accepts)
