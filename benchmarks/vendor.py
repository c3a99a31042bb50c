"""What the sides read: ClickMeeting's replies with every field of its reference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = [
    "ACCOUNT", "HEADERS", "PAGE", "PING_PATH", "ROOM_ID", "ROOM_PATH", "bodies", "page",
    "page_path", "session_id",
]  # fmt: skip

KEY = "eu" + "0" * 40
ACCOUNT = {"provider": "clickmeeting", "api_key": KEY}
HEADERS = {"X-Api-Key": KEY}
PAGE = 300
"""How many attendees a page has."""
ROOM_ID = "7823001"
ROOM_PATH = f"/conferences/{ROOM_ID}"
PING_PATH = "/ping"

ROOM = {
    "id": int(ROOM_ID), "room_type": "webinar", "room_pin": 121851000, "name": "Launch",
    "name_url": "launch", "access_type": 1, "lobby_enabled": 1, "lobby_description": "Welcome",
    "registration_enabled": 1, "status": "active", "timezone": "Europe/Warsaw",
    "timezone_offset": 7200, "starts_at": "2026-10-01T10:00:00+02:00",
    "ends_at": "2026-10-01T11:00:00+02:00", "permanent_room": 0, "ccc": "2026-10-01 08:00:00",
    "created_at": "2026-09-01T10:00:00+02:00", "updated_at": "2026-09-02T10:00:00+02:00",
    "room_url": "https://example.clickmeeting.com/launch",
    "embed_room_url": "https://embed.clickmeeting.com/embed_conference.html?r=16531165",
    "settings": {"show_on_personal_page": 1, "recorder_autostart_enabled": 0},
}  # fmt: skip
POLL = {
    "name": "Before we begin",
    "questions": [
        {
            "question": "How often do you use it today?",
            "answers": [
                {"value": "Every day", "points": 1},
                {"value": "By phone only", "points": 0},
            ],
        }
    ],
}


def attendee(number: int) -> dict[str, Any]:
    """Return a row of about 600 bytes."""
    return {
        "uid": str(7823001 + number),
        "role": "listener",
        "nickname": f"Ann Lee {number}",
        "email": f"ann.lee.{number}@example.com",
        "device": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/141.0.0.0 Safari/537.36",
        "rating": "5",
        "rating_comment": "Clear, well paced and just long enough,\nthank you",
        "start_date": "2026-10-01T10:05:00+02:00",
        "end_date": "2026-10-01T11:20:00+02:00",
        "user_ip": f"198.51.100.{number % 254 + 1}",
        "polls": [POLL],
    }


def page(number: int = 0) -> bytes:
    """Return the attendees of the session with this number, as JSON without blanks."""
    rows = [attendee(number * PAGE + place) for place in range(PAGE)]
    return json.dumps(rows, separators=(",", ":")).encode()


def session_id(number: int) -> str:
    """Return the id of a session as the library knows it."""
    return f"{ROOM_ID}:{number}"


def page_path(number: int) -> str:
    """Return the path of the attendees of a session."""
    return f"{ROOM_PATH}/sessions/{number}/attendees"


def bodies(pages: int = 0) -> dict[str, bytes]:
    """Return the replies by path: the ping, the room, and so many sessions."""
    return {
        PING_PATH: b'{"ping":"pong"}',
        ROOM_PATH: json.dumps({"conference": ROOM}).encode(),
        **dict(_pages(pages)),
    }


def _pages(count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        yield page_path(number), page(number)
