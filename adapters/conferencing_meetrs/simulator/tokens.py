"""Tokens: docs/vendors/meetrs.md#token"""

from __future__ import annotations

from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer

from .state import MeetRSState

__all__ = ["create_token", "route"]

route = Router()


@route("POST", "/v1/token", "grant_type", "client_key", "client_secret")
def create_token(simulator: MeetRSState, fields: Fields) -> Answer:
    """Return a token. The names differ from OAuth's, and there is no `expires_in`.

    docs/vendors/meetrs.md#oddity-11
    """
    grant = simulator.tokens.exchange(
        {
            "grant_type": fields.text("grant_type"),
            "client_id": fields.text("client_key"),
            "client_secret": fields.text("client_secret"),
        }
    )
    ends = int(grant.expires_at.timestamp())
    expires_at = ends * 1000 if simulator.quirks["milliseconds"] else ends
    return Answer.json({"access_token": grant.access_token, "expires_at": expires_at})
