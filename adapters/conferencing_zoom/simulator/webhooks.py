"""Signing events and answering for the challenge, pure: docs/vendors/zoom.md#webhooks"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from .state import Event

__all__ = [
    "CHALLENGE_EVERY",
    "RETRY_AFTER",
    "challenge_answer",
    "challenge_body",
    "sign",
    "signature",
    "signature_headers",
    "write_event",
]

RETRY_AFTER: Final = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=60))
"""The waits before each new attempt; after the last one an event is dropped."""

CHALLENGE_EVERY: Final = timedelta(hours=72)


def write_event(event: Event) -> bytes:
    """Return the body: compact JSON in UTF-8, with other characters than ASCII as they are."""
    body = {"event": event.name, "payload": event.payload, "event_ts": _milliseconds(event.at)}
    return _compact({**body, **event.beside})


def challenge_body(plain_token: str, at: datetime) -> bytes:
    """Return the event that asks a receiver to prove that it has the secret token."""
    payload = {"plainToken": plain_token}
    return _compact(
        {"payload": payload, "event_ts": _milliseconds(at), "event": "endpoint.url_validation"}
    )


def challenge_answer(secret_token: str, plain_token: str) -> dict[str, str]:
    """Return what a receiver has to answer to a challenge."""
    return {"plainToken": plain_token, "encryptedToken": sign(secret_token, plain_token.encode())}


def signature(secret_token: str, timestamp: str, body: bytes) -> str:
    """Return `v0=` and the HMAC-SHA256 of version, timestamp and the raw body."""
    return "v0=" + sign(secret_token, b":".join((b"v0", timestamp.encode(), body)))


def signature_headers(secret_token: str, body: bytes, at: datetime) -> Mapping[str, str]:
    """Return the headers that sign a body sent at a time; the timestamp is in seconds."""
    timestamp = str(int(at.timestamp()))
    return {
        "x-zm-signature": signature(secret_token, timestamp, body),
        "x-zm-request-timestamp": timestamp,
    }


def sign(secret_token: str, content: bytes) -> str:
    """Return the HMAC-SHA256 in lower-case hexadecimal digits."""
    return hmac.digest(secret_token.encode(), content, "sha256").hex()


def _compact(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
