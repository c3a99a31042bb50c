"""What all of Meet.rs' JSON shares: the reader, what is secret, tokens, and failures."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from attrs import define

from conferencing.http import Failure, Reply, Token, Wire, epoch, server_time
from conferencing.model.secret import Secret

SECRET: Final = frozenset({"condition", "access_token", "client_key", "client_secret"})

WIRE: Final = Wire()


@define
class TokenRow:
    """The reply to a request for a token (README, Authentication); the unit is not said."""

    access_token: str
    expires_at: float


def credentials(key: Secret, secret: Secret) -> dict[str, Any]:
    """Write what a token is asked for with: JSON, and `client_key` where OAuth has `client_id`."""
    return {"grant_type": "client_credentials", "client_key": key, "client_secret": secret}


def token(reply: Reply) -> Token:
    """Read a token, and the vendor's clock beside it."""
    row = WIRE.read(reply.json(), TokenRow)
    return Token(
        value=Secret(row.access_token),
        expires_at=epoch(row.expires_at),
        told_at=server_time(reply),
    )


def failure(reply: Reply) -> Failure | None:
    """Read what a failure says: an object with a `message`, a text, or nothing at all.

    The vendor has not published what it is.
    """
    if reply.status < 400:  # noqa: PLR2004
        return None
    try:
        payload: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        return Failure()
    if isinstance(payload, dict):
        payload = cast("dict[str, Any]", payload).get("message")
    return Failure(problems=(payload,) if isinstance(payload, str) and payload else ())
