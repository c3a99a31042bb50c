"""What all of Meet.rs' JSON shares: the decoder, what is secret, tokens, and failures."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conferencing.http import Decoder, Failure, Reply, Token, epoch, server_time
from conferencing.model import Secret

WIRE: Final = Decoder(
    secret=frozenset({"condition", "access_token", "client_key", "client_secret"})
)


@define
class TokenRow:
    """The reply to a request for a token; its unit of time is not documented."""

    access_token: str
    expires_at: float


@define
class FailureRow:
    """What a failure is assumed to hold; nothing of it is published or was observed.

    See docs/vendors/meetrs.md#transport.
    """

    message: str | None = None


def write_credentials(key: Secret, secret: Secret) -> dict[str, Any]:
    """Return the body of a request for a token: JSON, with `client_key` for OAuth's `client_id`.

    See docs/vendors/meetrs.md#oddity-11.
    """
    return {"grant_type": "client_credentials", "client_key": key, "client_secret": secret}


def read_token(reply: Reply) -> Token:
    """Return a token, and with it the time of the vendor's clock."""
    row = WIRE.read(reply, TokenRow)
    return Token(
        value=Secret(row.access_token),
        # In seconds or milliseconds; the size tells which: docs/vendors/meetrs.md#token
        expires_at=epoch(row.expires_at),
        issued_at=server_time(reply),
    )


def read_failure(reply: Reply) -> Failure | None:
    """Return the failure in a reply: an object with a `message`, a string, or nothing."""
    if reply.is_success:
        return None
    row = WIRE.peek(reply, FailureRow)
    message = row.message if isinstance(row, FailureRow) else row
    return Failure(problems=(message,) if message else ())
