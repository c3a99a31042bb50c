"""Tokens: the assertion of a service account.

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.extras import import_extra
from conferencing.model import Secret
from conferencing_googlemeet.settings import GoogleMeetSettings

__all__ = ["GRANT", "write_claims", "write_grant"]

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE: Final = "https://oauth2.googleapis.com/token"
"""The audience of every assertion, wherever it is sent (docs/vendors/googlemeet.md#oauth)."""

LIFETIME: Final = timedelta(hours=1)


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
