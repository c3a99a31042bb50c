"""What all replies share: the envelope, and the ten settings."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from attrs import asdict, define, evolve

from conferencing.errors import MalformedResponse
from conferencing.http import Failure, Reply, Wire
from conferencing.model import Role, RoomSettings

logger = logging.getLogger("conferencing.vconnct")

WIRE: Final = Wire()
SECRET: Final = frozenset({"moderator_password", "attendee_password", "url"})
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
"""Each setting of VConnct: the model's name for it, and whether true means the same there."""


# -------------------------------------------------------------------------------------- failures


@define
class Envelope:
    status: bool
    status_code: int | None = None
    error_messages: list[str] | None = None


def failure(reply: Reply) -> Failure | None:
    """Read the envelope: `status` and codes decide, never a text."""
    refused = reply.status >= 400  # noqa: PLR2004
    try:
        payload: Any = json.loads(reply.body)
        envelope = WIRE.read(payload, Envelope)
    except (ValueError, RecursionError, MalformedResponse):
        return Failure() if refused else None  # what reads the reply refuses it, if it has to
    if envelope.status and not refused:
        return None
    code = envelope.status_code or 0
    return Failure(
        status=code if 400 <= code < 600 else None,  # noqa: PLR2004
        problems=tuple(envelope.error_messages or ()),
    )


def done(payload: Any) -> None:
    """Read a reply that tells of success alone."""
    WIRE.read(payload, Envelope)


def note_repeats(name: str, ids: Sequence[str]) -> None:
    """Say in the log that rows share an id; all of them are kept (oddity 7)."""
    for one, times in Counter(ids).items():
        if times > 1:
            logger.warning("vconnct sent %d rows with the same %s %s", times, name, one)


# -------------------------------------------------------------------------------------- settings


@define
class SettingRow:
    setting: str
    value: bool


@define
class SettingsReply:
    data: list[SettingRow]


def room_settings(payload: Any) -> RoomSettings:
    """Read a meeting's settings."""
    return settings_of(WIRE.read(payload, SettingsReply).data)


def general_settings(reply: Reply) -> RoomSettings:
    """Read the general settings in any of their shapes (oddity 3).

    The document prints a list of `"name": bool` pairs, which is no JSON: if it comes like that, the
    brackets around them are taken for braces.
    """
    try:
        payload = reply.json()
    except MalformedResponse:
        mended = re.sub(rb'("data"\s*:\s*)\[([^\[\]{}]*)\]', rb"\1{\2}", reply.body)
        if mended == reply.body:
            raise
        payload = evolve(reply, body=mended).json()
    envelope = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    return room_settings({"data": _rows(envelope.get("data"))})


def _rows(data: Any) -> Any:
    """Return rows of setting and value, from an object or from a list of objects of one key."""
    if isinstance(data, dict):
        pairs = cast("dict[str, Any]", data).items()
        return [{"setting": name, "value": value} for name, value in pairs]
    if isinstance(data, list):
        rows = cast("list[object]", data)
        if all(isinstance(row, dict) and len(cast("dict[str, Any]", row)) == 1 for row in rows):
            return [pair for row in rows for pair in cast("list[object]", _rows(row))]
    return cast("object", data)


def settings_of(rows: Sequence[SettingRow]) -> RoomSettings:
    """Return the settings; names that nobody knows are passed over."""
    known: dict[str, bool] = {}
    for row in rows:
        if row.setting in SETTINGS:
            name, same = SETTINGS[row.setting]
            known[name] = row.value is same
    return RoomSettings(**known)


def setting_rows(settings: RoomSettings) -> list[dict[str, Any]]:
    """Write all ten settings; one that nobody said is false on the wire."""
    values = asdict(settings)
    return [
        {"setting": name, "value": values[field] is same if values[field] is not None else False}
        for name, (field, same) in SETTINGS.items()
    ]


def overlaid(settings: RoomSettings, over: RoomSettings | None) -> RoomSettings:
    """Return the settings with what is said over them."""
    values = asdict(over).items() if over else ()
    return evolve(settings, **{name: value for name, value in values if value is not None})


def complete(settings: RoomSettings | None) -> bool:
    """Return whether all ten settings are said."""
    names = (name for name, _ in SETTINGS.values())
    return settings is not None and all(getattr(settings, name) is not None for name in names)
