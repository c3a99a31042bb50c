"""Reading the body of a creation or an update of a room: docs/vendors/zoom.md#fields"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.errors import InvalidRequest
from conferencing.model.zones import zone_of
from conferencing.sandbox.kit import Fields

from .errors import refuse_field
from .formats import read_time
from .recurrence import read_recurrence

__all__ = ["FIELDS", "MEETING", "WEBINAR", "Draft", "read_draft", "text_up_to"]

Reader = Callable[[Fields, str], object]

PASSCODE_LENGTH: Final = 10
LONGEST: Final = 1440
MEETING: Final = {2, 3, 8}
WEBINAR: Final = {5, 6, 9}
INSTANT: Final = 1

FIELDS: Final = (
    *("topic", "type", "start_time", "duration", "timezone", "agenda", "password"),
    *("default_password", "default_passcode", "schedule_for", "template_id", "tracking_fields"),
    *("recurrence", "settings", "pre_schedule"),
)

_FLAGS: Final = {
    "both": (
        "registrants_email_notification registrants_confirmation_email meeting_authentication"
        " host_video close_registration allow_multiple_devices email_in_attendee_report"
        " show_share_button enforce_login alternative_host_update_polls show_join_info"
        " request_permission_to_unmute_participants allow_host_control_participant_mute_state"
    ),
    "meeting": (
        "waiting_room join_before_host use_pmi mute_upon_entry participant_video cn_meeting"
        " in_meeting watermark email_notification focus_mode private_meeting internal_meeting"
        " alternative_hosts_email_notification host_save_video_order"
    ),
    "webinar": (
        "panelists_video practice_session on_demand panelists_invitation_email_notification"
        " notify_registrants hd_video hd_video_for_attendees panelist_authentication"
        " add_watermark post_webinar_survey"
    ),
}
_TEXTS: Final = (
    "authentication_option authentication_domains alternative_hosts contact_name contact_email"
    " enforce_login_domains email_language survey_url"
)
_OBJECTS: Final = {
    "meeting": "breakout_room question_and_answer language_interpretation",
    "webinar": (
        "question_and_answer attendees_and_panelists_reminder_email_notification"
        " follow_up_attendees_email_notification follow_up_absentees_email_notification"
    ),
}


def text_up_to(limit: int) -> Reader:
    """Return a reader of a text with a greatest length."""

    def read(fields: Fields, name: str) -> str | None:
        text = fields.text(name)
        if text is not None and len(text) > limit:
            raise fields.refuse(name, "Invalid field.")
        return text

    return read


def choice_of(*options: object) -> Reader:
    """Return a reader of one of a few numbers or texts."""

    def read(fields: Fields, name: str) -> object:
        value = fields.get(name)
        if value is not None and (isinstance(value, bool) or value not in options):
            raise fields.refuse(name, "Invalid field.")
        return value

    return read


def _number(low: int, high: int) -> Reader:
    return lambda fields, name: fields.number(name, low, high)


def _setting_kinds(kind: str) -> dict[str, Reader]:
    kinds: dict[str, Reader] = {
        "approval_type": choice_of(0, 1, 2),
        "registration_type": choice_of(1, 2, 3),
        "auto_recording": choice_of("local", "cloud", "none"),
        "audio": choice_of("both", "telephony", "voip", "thirdParty"),
    }
    flags = f"{_FLAGS['both']} {_FLAGS[kind]}"
    kinds |= dict.fromkeys(flags.split(), Fields.flag)
    kinds |= dict.fromkeys(_TEXTS.split(), Fields.text)
    kinds |= dict.fromkeys(_OBJECTS[kind].split(), Fields.child)
    if kind == "meeting":
        kinds["jbh_time"] = choice_of(0, 5, 10, 15)
        kinds["encryption_type"] = choice_of("enhanced_encryption", "e2ee")
        kinds["meeting_invitees"] = Fields.children
    else:
        kinds["registrants_restrict_number"] = _number(0, 20_000)
    return kinds


SETTINGS: Final[Mapping[str, Mapping[str, Reader]]] = {
    kind: _setting_kinds(kind) for kind in ("meeting", "webinar")
}

_KINDS: Final[Mapping[str, Reader]] = {
    "topic": text_up_to(200),
    "agenda": text_up_to(2000),
    "password": text_up_to(PASSCODE_LENGTH),
    "duration": _number(1, LONGEST),
    "default_password": Fields.flag,
    "default_passcode": Fields.flag,
    "schedule_for": Fields.text,
    "timezone": Fields.text,
    "start_time": Fields.text,
    "recurrence": Fields.child,
    "tracking_fields": Fields.children,
    "settings": Fields.child,
    "template_id": Fields.text,
    "pre_schedule": Fields.flag,
}


class Draft:
    """The checked fields of a body. A field that is absent or null is None, and not a change."""

    def __init__(self, fields: Fields, kind: str, zone: str) -> None:
        types = (INSTANT, *MEETING) if kind == "meeting" else tuple(WEBINAR)
        fields.check({**_KINDS, "type": choice_of(*types)})
        self.type: int | None = fields.get("type")
        self.topic = fields.text("topic")
        self.agenda = fields.text("agenda")
        self.password = fields.text("password")
        self.makes_passcode = fields.flag(f"default_pass{'word' if kind == 'meeting' else 'code'}")
        self.schedule_for = fields.text("schedule_for") or None
        self.template_id = fields.text("template_id") or None
        self.timezone = _read_timezone(fields)
        self.duration = _duration(fields.number("duration"))
        self.starts_at = _read_start(fields, self.timezone or zone)
        self.settings = _read_settings(fields.child("settings"), kind)
        self.tracking_fields = _read_tracking_fields(fields)
        self.recurrence = (
            None
            if fields.get("recurrence") is None
            else read_recurrence(fields.child("recurrence"), kind)
        )


def read_draft(fields: Fields, kind: str, zone: str) -> Draft:
    """Return the checked body of a room of a kind. Raises `Refusal` with code 300."""
    return Draft(fields, kind, zone)


def _read_timezone(fields: Fields) -> str | None:
    name = fields.text("timezone") or None
    try:
        zone_of(name)
    except InvalidRequest as error:
        raise refuse_field("timezone") from error
    return name


def _read_start(fields: Fields, zone: str) -> datetime | None:
    moment = read_time(fields.text("start_time"), zone_of(zone))
    return None if moment is None else moment.replace(microsecond=0)


def _duration(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def _read_settings(fields: Fields, kind: str) -> dict[str, Any]:
    """Return the settings that Zoom has; others are ignored, and nulls count as absent."""
    kinds = SETTINGS[kind]
    fields.check(kinds)
    return {name: fields[name] for name in kinds if fields.get(name) is not None}


def _read_tracking_fields(fields: Fields) -> list[dict[str, Any]]:
    rows = fields.children("tracking_fields")
    for row in rows:
        row.require("field")
    return [{"field": row.text("field"), "value": row.text("value") or ""} for row in rows]
