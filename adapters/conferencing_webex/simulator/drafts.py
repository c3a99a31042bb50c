"""Reading the body of a creation or a change: docs/vendors/webex.md#rooms"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conferencing.errors import InvalidRequest
from conferencing.model import parse_recurrence
from conferencing.model.zones import zone_of
from conferencing.sandbox.kit import Fields

from .errors import refuse
from .formats import plan_start, read_time, to_minute
from .state import Plan, WebexState

__all__ = ["CHANGED", "CREATED", "read_form", "read_options", "read_password", "read_times"]

LOBBY: Final = ("allowJoin", "allowJoinWithLobby", "blockFromJoin")
MINUTES: Final = {"meeting": (0, 5, 10, 15), "webinar": (0, 15, 30, 45, 60)}
LONGEST: Final = timedelta(hours=23, minutes=59)
SHORTEST: Final = timedelta(minutes=10)
AHEAD: Final = timedelta(days=3650)

FLAGS: Final = (
    *("enabledAutoRecordMeeting", "allowAnyUserToBeCoHost", "enabledJoinBeforeHost"),
    *("enableConnectAudioBeforeHost", "excludePassword", "publicMeeting", "enableAutomaticLock"),
    *("allowFirstUserToBeCoHost", "allowAuthenticatedDevices", "enabledWebcastView"),
    *("enabledBreakoutSessions", "requireAttendeeLogin", "restrictToInvitees"),
)
OBJECTS: Final = ("meetingOptions", "attendeePrivileges", "audioConnectionOptions")
OTHERS: Final = (
    *("joinBeforeHostMinutes", "automaticLockMinutes", "reminderTime", "sessionTypeId"),
    *("panelistPassword", "integrationTags", "trackingCodes", "unlockedMeetingJoinSecurity"),
)
CHANGED: Final = (
    *("title", "agenda", "password", "start", "end", "timezone", "recurrence", "sendEmail"),
    *("hostEmail", *FLAGS, *OBJECTS, *OTHERS),
)
"""The fields of a change."""

CREATED: Final = (
    *CHANGED,
    *("scheduledType", "siteUrl", "templateId", "invitees", "registration", "adhoc", "roomId"),
)


def read_times(simulator: WebexState, fields: Fields, plan: Plan) -> None:
    """Read start, end, zone and rule into a plan. Times without an offset are in the zone given."""
    name = fields.text("timezone")
    zone = _read_zone(name)
    if name:
        plan.timezone = name
    for field in ("start", "end"):
        text = fields.text(field)
        if text is not None:
            setattr(plan, field, to_minute(read_time(text, zone, field)).astimezone(UTC))
    if fields.text("start") is not None:
        plan.start = _check_start(simulator, read_time(fields["start"], zone, "start"))
    if not SHORTEST <= plan.end - plan.start <= LONGEST:
        raise refuse(400, "The duration of a meeting is from 10 minutes to 23 hours 59 minutes.")
    if "recurrence" in fields:
        plan.recurrence = _read_rule(fields.text("recurrence"))


def _read_zone(name: str | None) -> Any:
    try:
        return zone_of(name)
    except InvalidRequest as error:
        raise refuse(400, "Parameter 'timezone' is invalid.") from error


def _check_start(simulator: WebexState, start: datetime) -> datetime:
    now = simulator.world.now
    planned = plan_start(start, now).astimezone(UTC)
    if simulator.quirks["refuse_past"] and planned < to_minute(now):
        raise refuse(400, "Parameter 'start' or 'end' is before current time.")
    if planned >= now + AHEAD:
        raise refuse(400, "Parameter 'start' is ten years or more ahead.")
    return planned


def _read_rule(text: str | None) -> str | None:
    """Return the rule, written as it came; a prefix is refused."""
    if text is None:
        return None
    try:
        rule = parse_recurrence(text)
    except InvalidRequest as error:
        raise refuse(400, "Parameter 'recurrence' is invalid.") from error
    if text.upper().startswith("RRULE:"):
        raise refuse(400, "Parameter 'recurrence' is invalid.")
    if rule.frequency in {"MONTHLY", "YEARLY"}:  # only the first day counts, silently
        days, month_days = rule.by_day[:1], rule.by_month_day[:1]
        parts = [part for part in text.split(";") if not part.upper().startswith("BY")]
        parts += [f"BYDAY={day}" for day in days] + [f"BYMONTHDAY={day}" for day in month_days]
        return ";".join(parts)
    return text


def read_options(fields: Fields, kind: str, present: dict[str, Any]) -> dict[str, Any]:
    """Return the options with those of a body over them; parts of objects are merged."""
    options = {**present}
    fields.choice("unlockedMeetingJoinSecurity", LOBBY)
    minutes = fields.number("joinBeforeHostMinutes")
    if minutes is not None and minutes not in MINUTES[kind]:
        raise fields.refuse("joinBeforeHostMinutes", f"must be one of {MINUTES[kind]}")
    for name in (*FLAGS, *OTHERS):
        value = fields.flag(name) if name in FLAGS else fields.get(name)
        if value is not None:
            options[name] = value
    for name in OBJECTS:
        part = fields.child(name)
        if part and name == "attendeePrivileges" and kind == "webinar":
            raise refuse(400, "'attendeePrivileges' is not supported for webinars.")
        options |= {name: {**options.get(name, {}), **part}} if part else {}
    return options


def read_password(fields: Fields, plan: Plan) -> None:
    """Read a password; without one, the random one stays."""
    plan.password = fields.text("password") or plan.password


def read_form(fields: Fields) -> dict[str, Any]:
    """Return a registration form; name and address are always asked for."""
    for name in ("requireFirstName", "requireLastName", "requireEmail"):
        if fields.flag(name) is not True:
            raise fields.refuse(name, "must be true")
    return {"autoAcceptRequest": False} | {
        name: value for name, value in fields.items() if name != "hostEmail"
    }
