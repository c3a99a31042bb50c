"""Callbacks at the end of a meeting, and when a recording is ready.

docs/vendors/bigbluebutton.md#callbacks
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from conferencing.model import Recording, Role, Session
from conferencing.world import Visit

from .state import BigBlueButtonState, Meeting

__all__ = [
    "AGENT",
    "FORM",
    "analytics_body",
    "end_url",
    "make_jwt",
    "recording_ready_body",
    "token_headers",
]

AGENT: Final = "BigBlueButton Analytics Callback"
FORM: Final = "application/x-www-form-urlencoded;charset=UTF-8"
VALID_FOR: Final = timedelta(hours=24)


def make_jwt(claims: dict[str, Any], secret: str, bits: int) -> str:
    """Return a JWT that is signed with the secret, by HS256 or HS512."""
    head = {"typ": "JWT", "alg": f"HS{bits}"}
    content = ".".join(_encode(json.dumps(part).encode()) for part in (head, claims))
    signature = hmac.digest(secret.encode(), content.encode(), f"sha{bits}")
    return f"{content}.{_encode(signature)}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token_headers(secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of the callback about attendance, whose token is valid for a day.

    It is a day from the world's time or from the system's: a receiver may have either clock.
    """
    expires = max(now, datetime.now(UTC)) + VALID_FOR
    token = make_jwt({"exp": int(expires.timestamp())}, secret, 512)
    return {
        "Authorization": f"Bearer {token}",
        "User-Agent": AGENT,
        "Content-Type": "application/json",
    }


def recording_ready_body(recording: Recording, secret: str) -> bytes:
    """Return the form of the callback about a recording: one field, which is signed."""
    claims = {"meeting_id": recording.room_id, "record_id": recording.id}
    return urlencode({"signed_parameters": make_jwt(claims, secret, 256)}).encode()


def end_url(url: str, *, has_marks: bool) -> str:
    """Return the address that is fetched at the end of a meeting."""
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}recordingmarks={str(has_marks).lower()}"


def analytics_body(simulator: BigBlueButtonState, session: Session, meeting: Meeting) -> bytes:
    """Return who was in a session and when, with people merged by their external ids."""
    people: dict[str, list[Visit]] = {}
    for visit in simulator.world.visits_of(session.id):
        if visit.segments():
            people.setdefault(simulator.external_user(visit), []).append(visit)
    finish = session.ended_at or simulator.world.now
    start = session.started_at or finish
    metadata = {
        name.replace("-", "_"): value
        for name, value in meeting.metadata.items()
        if not name.startswith("gl")
    }
    body = {
        "version": "1.0",
        "meeting_id": meeting.id,
        "internal_meeting_id": session.id,
        "data": {
            "metadata": {"is_breakout": "false", **metadata, "meeting_name": meeting.name},
            "duration": round((finish - start).total_seconds()),
            "start": _write_time(start),
            "finish": _write_time(finish),
            "attendees": [
                _attendee(simulator, user, visits, finish) for user, visits in people.items()
            ],
            "files": [],
            "polls": [],
        },
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _write_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _attendee(
    simulator: BigBlueButtonState, user: str, visits: Sequence[Visit], finish: datetime
) -> dict[str, Any]:
    """Return one person. A time of leaving that is missing is the end of the meeting."""
    stays = [
        (visit, segment.joined_at, segment.left_at or finish)
        for visit in visits
        for segment in visit.segments()
    ]
    return {
        "ext_user_id": user,
        "name": visits[0].name,
        "moderator": any(visit.role is Role.HOST for visit in visits),
        "joins": [_write_time(joined) for _, joined, _ in stays],
        "leaves": [_write_time(left) for _, _, left in stays],
        "duration": round(_measure([(joined, left) for _, joined, left in stays])),
        "recent_talking_time": "",
        "engagement": {
            "chats": 0,
            "talks": 0,
            "raisehand": 0,
            "emojis": 0,
            "poll_votes": 0,
            "talk_time": 0,
        },
        "sessions": [
            {
                "joins": [_moment(simulator, visit, user, joined, "participant_joined")],
                "lefts": [_moment(simulator, visit, user, left, "participant_left")],
            }
            for visit, joined, left in stays
        ],
    }


def _moment(
    simulator: BigBlueButtonState, visit: Visit, user: str, at: datetime, event: str
) -> dict[str, Any]:
    return {
        "timestamp": _write_time(at),
        "userid": simulator.internal_user(visit),
        "ext_userid": user,
        "event": event,
    }


def _measure(stays: Sequence[tuple[datetime, datetime]]) -> float:
    """Return the seconds of presence, in which overlapping stays count once."""
    total, until = 0.0, None
    for joined, left in sorted(stays):
        since = joined if until is None or joined > until else until
        if left > since:
            total += (left - since).total_seconds()
            until = left
    return total
