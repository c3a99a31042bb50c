"""What all of ClickMeeting's JSON shares: the reader, what is secret, roles, and failures."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, NewType, cast

from attrs import define
from cattrs import Converter

from conferencing.http import Failure, LaxBool, Reply, Wire, php_map
from conferencing.model import Role

SECRET: Final = frozenset(
    [
        "password",
        "autologin_hash",
        "autologin_hashes",
        "access_role_hashes",
        "phone_presenter_pin",
        "phone_listener_pin",
        "url",
        "r",
        "recording_url",
        "recorder_list",
        "token",
    ]
)
ROLES: Final = {Role.HOST: "host", Role.PRESENTER: "presenter", Role.ATTENDEE: "listener"}
ROLES_READ: Final = {
    "host": Role.HOST,
    "presenter": Role.PRESENTER,
    "moderator": Role.PRESENTER,
    "guest_speaker": Role.PRESENTER,
    "listener": Role.ATTENDEE,
}


@define
class SettingsRow:
    """What of a room's settings the model knows. Which keys there are varies from room to room."""

    recorder_autostart_enabled: LaxBool | None = None
    encryption_enabled: LaxBool | None = None


@define
class Pong:
    """The reply to a ping."""

    ping: str


@define
class Accepted:
    """The reply to what has no result of its own."""

    status: str


Confirmed = NewType("Confirmed", datetime)
"""When a registration was confirmed; not yet, it is the text `null` in four letters."""


def _configure(converter: Converter) -> None:
    php_map(converter, SettingsRow)
    converter.register_structure_hook(
        Confirmed,
        lambda value, _: None if value == "null" else converter.structure(value, datetime),
    )


WIRE: Final = Wire(_configure)


def deleted(payload: Any) -> None:
    """Read that it was deleted: a map under one of several names, or in older replies a text."""
    if not isinstance(payload, dict | str):
        WIRE.read(payload, dict[str, Any])


def pong(payload: Any) -> None:
    """Prove that it was ClickMeeting who answered."""
    WIRE.read(payload, Pong)


def accepted(payload: Any) -> None:
    """Read that the vendor took it."""
    WIRE.read(payload, Accepted)


def failure(reply: Reply) -> Failure | None:
    """Read what a failure says: a map with `errors`, a bare text, or nothing at all."""
    if reply.status < 400:  # noqa: PLR2004
        return None
    try:
        payload: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        return Failure()
    if not isinstance(payload, dict):
        return Failure(problems=(payload,) if isinstance(payload, str) else ())
    errors = cast("dict[str, Any]", payload).get("errors")
    rows = cast("list[object]", errors) if isinstance(errors, list) else []
    return Failure(problems=tuple(filter(None, map(_problem, rows))))


def _problem(row: object) -> str:
    if not isinstance(row, dict):
        return row if isinstance(row, str) else ""
    fields = cast("dict[str, Any]", row)
    return " ".join(
        part for part in (fields.get("name"), fields.get("message")) if isinstance(part, str)
    )
