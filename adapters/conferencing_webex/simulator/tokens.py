"""OAuth: docs/vendors/webex.md#oauth"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from conferencing.sandbox.kit import Refusal, TokenEndpoint
from conferencing.sandbox.simulator import Answer, Call

from .errors import error_answer, refuse
from .state import Caller, WebexState

__all__ = ["WebexTokens", "answer_token"]

LIFETIME: Final = timedelta(days=14)
REFRESH_LIFETIME: Final = timedelta(days=90)


class WebexTokens(TokenEndpoint):
    """Issue tokens for users of an integration, and for a service app; refresh tokens stay valid."""

    def __init__(self, key: bytes, state: WebexState) -> None:
        super().__init__(
            "https://webexapis.com",
            key,
            lambda: state.world.now,
            lifetime=LIFETIME,
            rotates=False,
        )
        self._state = state

    def claims(self, subject: str) -> dict[str, Any]:
        """Return who acts: a user, or the service app, which is authorized by an administrator."""
        user, _, kind = subject.partition(" ")
        return {"uid": user, "service": kind == "service"}

    def read_caller(self, authorization: str) -> Caller:
        """Return who calls. Raises `Refusal` with 401."""
        try:
            claims = self.authenticate(authorization)
        except Refusal:
            raise refuse(401) from None
        service: bool = claims["service"]
        return Caller(user_id=claims["uid"], admin=service or self._state.admin, service=service)


def answer_token(simulator: WebexState, tokens: WebexTokens, call: Call) -> Answer:
    """Answer the token endpoint; a refusal has the body of all others, and 400 is a guess."""
    parameters = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    try:
        grant = tokens.exchange(parameters)
    except Refusal as refusal:
        refused = refuse(refusal.status, refusal.problems[0].message)
        return error_answer(refused, simulator.make_key("tracking", 32))
    body = grant.to_dict()
    refresh_seconds = REFRESH_LIFETIME // timedelta(seconds=1)
    return Answer.json({**body, "refresh_token_expires_in": refresh_seconds})
