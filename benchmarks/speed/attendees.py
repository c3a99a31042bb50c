"""The attendees that all sides read: ClickMeeting's rows with every field of its reference."""

from __future__ import annotations

import json

__all__ = ["attendee", "page"]

DEVICE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Safari/537.36"
)
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


def attendee(number: int) -> dict[str, object]:
    """Return one row of about 600 bytes."""
    return {
        "uid": str(7823001 + number),
        "role": "listener",
        "nickname": f"Ann Lee {number}",
        "email": f"ann.lee.{number}@example.com",
        "device": DEVICE,
        "rating": "5",
        "rating_comment": "Clear, well paced and just long enough,\nthank you",
        "start_date": "2026-10-01T10:05:00+02:00",
        "end_date": "2026-10-01T11:20:00+02:00",
        "user_ip": f"198.51.100.{number % 254 + 1}",
        "polls": [POLL],
    }


def page(count: int, first: int = 0) -> bytes:
    """Return a page of so many rows as JSON without blanks."""
    rows = [attendee(number) for number in range(first, first + count)]
    return json.dumps(rows, separators=(",", ":")).encode()
