"""Reading JSON bodies as leniently as Zoom does: docs/vendors/zoom.md#general"""

from __future__ import annotations

import json
from typing import Any, Final, cast

from .errors import refuse

__all__ = ["PATH_IDS", "read_body", "read_reply"]

PATH_IDS: Final = frozenset(
    ["id", "uuid", "userId", "user_id", "meetingId", "meeting_id", "webinarId", "host_id"]
)
"""Ids of the path, which clients send again in query and body; they are never unknown."""


def read_body(body: bytes) -> dict[str, Any]:
    """Return the fields of a body without nulls, which count as absent. No body has no fields."""
    try:
        payload: object = json.loads(body) if body.strip() else {}
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise refuse(400, 300, "Request Body should be a valid JSON object.")
    return _drop_nulls(cast("dict[str, Any]", payload))


def read_reply(body: bytes) -> object:
    """Return the JSON of a reply to a challenge, or None."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _drop_nulls(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _clean(value) for name, value in row.items() if value is not None}


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return _drop_nulls(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_clean(part) for part in cast("list[object]", value)]
    return value
