"""OAuth, and the user: docs/vendors/gotowebinar.md#oauth"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from conferencing.sandbox.kit import Fields, Grant, Problem, Refusal, Router, TokenEndpoint
from conferencing.sandbox.simulator import Answer, Call

from .state import GoToState

__all__ = ["GoToTokens", "answer_token", "route"]

route = Router()

LIFETIME: Final = timedelta(days=30)
REPLACED_AFTER: Final = timedelta(days=25)
"""When a refresh token is near its end. How near GoTo means is not known."""


class GoToTokens(TokenEndpoint):
    """Issue tokens for a refresh token, which is replaced in its last days only."""

    kinds: ClassVar[tuple[str, ...]] = ("refresh_token",)

    def __init__(self, key: bytes, state: GoToState) -> None:
        super().__init__("https://authentication.logmeininc.com", key, lambda: state.world.now)
        self._began: dict[str, datetime] = {}

    def add_refresh_token(self, client: str, subject: str) -> str:
        """Return a new refresh token, which lives for 30 days."""
        token = super().add_refresh_token(client, subject)
        self._began[token] = self.now()
        return token

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        """Return an access token; the reply has a refresh token only if that is a new one."""
        token = str(parameters.get("refresh_token"))
        owner, subject = self._refresh_tokens.get(token, ("", ""))
        age = self.now() - self._began.get(token, self.now())
        if owner != client or age > LIFETIME:
            raise Refusal(400, Problem("the refresh token is not valid", code="invalid_grant"))
        replaced = age > REPLACED_AFTER
        return self.issue(subject, self.add_refresh_token(client, subject) if replaced else None)


def answer_token(simulator: GoToState, tokens: GoToTokens, call: Call) -> Answer:
    """Answer the token endpoint."""
    parameters = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    try:
        grant = tokens.exchange(parameters, call.headers.get("authorization", ""))
    except Refusal as refusal:
        problem = refusal.problems[0]
        body = {"error": problem.code, "error_description": problem.message}
        return Answer.json(body, refusal.status)
    who = {"principal": simulator.organizer_email, "scope": "collab:"}
    if simulator.quirks["old_tokens"]:
        # docs/vendors/gotowebinar.md#oddity-13
        who = {
            "organizer_key": simulator.organizer_key,
            "account_key": "",
            "account_type": "",
            "email": simulator.organizer_email,
            "version": "3",
        }
    return Answer.json(grant.to_dict() | who)


@route("GET", "/admin/rest/v1/me")
def get_user(simulator: GoToState, fields: Fields) -> Answer:
    return Answer.json(
        {
            "key": simulator.organizer_key,
            "accountKey": simulator.account_key,
            "email": simulator.organizer_email,
            "firstName": "Olga",
            "lastName": "Host",
            "locale": "en_US",
            "timeZone": simulator.zone,
        }
    )
