"""What all replies share: the decoder, the envelope, and the ten settings."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from attrs import asdict, define, evolve
from msgspec.structs import replace

from conferencing.errors import MalformedResponse
from conferencing.http import Decoder, Failure, Reply
from conferencing.model import Role, RoomSettings

logger = logging.getLogger("conferencing.vconnct")

# Lists have the passwords in clear: docs/vendors/vconnct.md#oddity-24
WIRE: Final = Decoder(secret=frozenset({"moderator_password", "attendee_password", "url"}))
# The text of the document has other words: docs/vendors/vconnct.md#oddity-13
ROLES: Final = {Role.HOST: "moderator", Role.ATTENDEE: "viewer"}

SETTINGS: Final[Mapping[str, tuple[str, bool]]] = {
    "lock_settings_disable_public_chat": ("public_chat", False),
    "lock_settings_disable_mic": ("microphone", False),
    "auto_start_recording": ("auto_recording", True),
    "lock_settings_disable_cam": ("camera", False),
    "lock_settings_locked_layout": ("change_layout", False),
    "allow_start_stop_recording": ("recording_control", True),
    "record": ("recording", True),
    "webcam_only_for_moderators": ("see_cameras", False),
    "lock_settings_disable_note": ("shared_notes", False),
    "lock_settings_disable_private_chat": ("private_chat", False),
}
"""Each setting of VConnct: the model's name for it, and whether true means the same in both."""


@define
class Envelope:
    """What every reply has; `status` and the code decide, never the message."""

    status: bool | None = None
    status_code: int | None = None
    error_messages: list[str] | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return the failure that an envelope reports, also with HTTP 200.

    The body's code counts, else that of HTTP (docs/vendors/vconnct.md#oddity-20).
    """
    refused = not reply.is_success
    envelope = WIRE.peek(reply, Envelope)
    if not isinstance(envelope, Envelope):
        return Failure() if refused else None
    if envelope.status is not False and not refused:
        return None
    code = envelope.status_code or 0
    return Failure(
        status=code if 400 <= code < 600 else None,  # noqa: PLR2004
        problems=tuple(envelope.error_messages or ()),
    )


@define
class Acknowledgement:
    status: bool


def read_acknowledgement(reply: Reply) -> None:
    """Check the reply to a call without a result: an envelope, `true`, or no body."""
    if reply.body.strip() not in {b"", b"true"}:
        WIRE.read(reply, Acknowledgement)


def log_repeats(name: str, ids: Sequence[str]) -> None:
    """Log that rows share an id; all of them are kept (docs/vendors/vconnct.md#oddity-7)."""
    for value, times in Counter(ids).items():
        if times > 1:
            logger.warning("vconnct sent %d rows with the same %s %s", times, name, value)


# -------------------------------------------------------------------------------------- settings


@define
class SettingRow:
    """A setting. `value` is a boolean for the ten that are documented."""

    setting: str
    value: Any


def read_settings(reply: Reply) -> RoomSettings:
    """Return a meeting's settings."""
    return _to_settings_strictly(WIRE.read(reply, list[SettingRow], at="data"))


def read_default_settings(reply: Reply) -> RoomSettings:
    """Return the general settings in any of their shapes (docs/vendors/vconnct.md#oddity-3).

    The document prints a list of `"name": bool` pairs, which is not JSON: if it comes like that, the
    brackets around them are taken for braces.
    """
    try:
        payload = reply.json()
    except MalformedResponse:
        mended = re.sub(rb'("data"\s*:\s*)\[([^\[\]{}]*)\]', rb"\1{\2}", reply.body)
        if mended == reply.body:
            raise
        payload = replace(reply, body=mended).json()
    envelope = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    rows = WIRE.convert_value(_to_rows(envelope.get("data")), list[SettingRow], "data")
    return _to_settings_strictly(rows)


def _to_rows(data: Any) -> Any:
    """Return rows of setting and value, from an object or from a list of objects of one key."""
    if isinstance(data, dict):
        pairs = cast("dict[str, Any]", data).items()
        return [{"setting": name, "value": value} for name, value in pairs]
    if isinstance(data, list):
        rows = cast("list[object]", data)
        if all(isinstance(row, dict) and len(cast("dict[str, Any]", row)) == 1 for row in rows):
            return [pair for row in rows for pair in cast("list[object]", _to_rows(row))]
    return cast("object", data)


def _to_settings_strictly(rows: Sequence[SettingRow]) -> RoomSettings:
    """Return settings that will be sent again: one that is misread would be changed by that."""
    values = [row.value for row in rows if row.setting in SETTINGS]
    if not values or not all(isinstance(value, bool) for value in values):
        raise MalformedResponse(
            "the settings are not booleans with the documented names", path="$.data"
        )
    return to_settings(rows)


def to_settings(rows: Sequence[SettingRow]) -> RoomSettings:
    """Return the settings; unknown names and values that are not booleans are ignored."""
    values: dict[str, bool] = {}
    for row in rows:
        if row.setting in SETTINGS and isinstance(row.value, bool):
            name, same = SETTINGS[row.setting]
            values[name] = row.value is same
    return RoomSettings(**values)


def write_settings(settings: RoomSettings) -> list[dict[str, Any]]:
    """Return all ten settings; one that is not set is sent as false.

    The vendor requires all of them (docs/vendors/vconnct.md#v1-settings).
    """
    values = asdict(settings)
    return [
        {"setting": name, "value": values[field] is same if values[field] is not None else False}
        for name, (field, same) in SETTINGS.items()
    ]


def overlay_settings(settings: RoomSettings, over: RoomSettings | None) -> RoomSettings:
    """Return the settings with those that are set in `over` over them."""
    values = asdict(over).items() if over else ()
    return evolve(settings, **{name: value for name, value in values if value is not None})


def is_complete(settings: RoomSettings | None) -> bool:
    """Return whether all ten settings are set."""
    names = (name for name, _ in SETTINGS.values())
    return settings is not None and all(getattr(settings, name) is not None for name in names)
