"""Tokens: the assertion of a service account, and the replies of the token endpoint.

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define

from conferencing.extras import import_extra
from conferencing.http import LaxInt, Reply, Token, server_time, to_int
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import Secret
from conferencing_googlemeet.settings import GoogleMeetSettings

from .base import WIRE

__all__ = ["GRANT", "read_refreshed", "read_token", "write_claims", "write_grant"]

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE: Final = "https://oauth2.googleapis.com/token"
"""The audience of every assertion, wherever it is sent (docs/vendors/googlemeet.md#oauth)."""

LIFETIME: Final = timedelta(hours=1)


@define
class TokenRow:
    """A reply of the token endpoint; times are in seconds."""

    access_token: str
    expires_in: LaxInt | None = None
    refresh_token: str | None = None


def read_token(reply: Reply) -> Token:
    """Return an access token."""
    return _to_token(WIRE.read(reply, TokenRow), reply)


def read_refreshed(reply: Reply) -> Refreshed:
    """Return an access token; the refresh token usually stays the same."""
    row = WIRE.read(reply, TokenRow)
    refresh = Secret(row.refresh_token) if row.refresh_token else None
    return Refreshed(token=_to_token(row, reply), refresh=refresh)


def _to_token(row: TokenRow, reply: Reply) -> Token:
    issued_at = server_time(reply) or datetime.now(UTC)
    seconds = to_int(row.expires_in)
    return Token(
        value=Secret(row.access_token),
        issued_at=issued_at,
        expires_at=None if seconds is None else issued_at + timedelta(seconds=seconds),
    )


def write_claims(email: str, subject: str, scope: str, now: datetime) -> dict[str, Any]:
    """Return the claims of an assertion that is valid for an hour, the longest that Google takes."""
    issued = int(now.timestamp())
    return {
        "iss": email,
        "sub": subject,
        "scope": scope,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
    }


def write_grant(settings: GoogleMeetSettings, subject: str, now: datetime) -> dict[str, Any]:
    """Return the form of a request for a token for a user of the domain."""
    jwt = import_extra("jwt", extra="googlemeet", purpose="sign as a service account")
    keys = settings.key_file
    assertion = jwt.encode(
        write_claims(keys.client_email, subject, settings.scope_text(), now),
        settings.private_key,
        algorithm="RS256",
        headers={"kid": keys.private_key_id},
    )
    return {"grant_type": GRANT, "assertion": Secret(assertion)}
