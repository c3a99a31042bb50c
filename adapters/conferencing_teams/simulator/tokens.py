"""The token endpoint of Microsoft Entra ID: docs/vendors/teams.md#tokens"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from conferencing.sandbox.kit import Grant, Problem, Refusal, TokenEndpoint
from conferencing.sandbox.simulator import Answer, Call

from .errors import refuse, token_error
from .state import Caller, TeamsState

__all__ = ["TeamsTokens", "answer_openid", "answer_token"]

LIFETIME: Final = timedelta(seconds=3599)


class TeamsTokens(TokenEndpoint):
    """Issue tokens for the app, on its own or for a user. A subject is the app, and the user if any."""

    kinds: ClassVar[tuple[str, ...]] = ("client_credentials", "refresh_token")

    def __init__(self, key: bytes, state: TeamsState) -> None:
        issuer = f"https://login.microsoftonline.com/{state.tenant}/v2.0"
        super().__init__(issuer, key, lambda: state.world.now, lifetime=LIFETIME)
        self._state = state
        self._opaque: dict[str, str] = {}
        self.clients[state.app.id] = state.app.secret

    def claims(self, subject: str) -> dict[str, Any]:
        """Return the permissions: `roles` of an app on its own, `scp` of a user."""
        app, _, user = subject.partition(" ")
        own = {"aud": "https://graph.microsoft.com", "tid": self._state.tenant, "appid": app}
        if user:
            return {**own, "oid": user, "scp": " ".join(sorted(self._state.app.scopes))}
        return {**own, "roles": sorted(self._state.app.permissions)}

    def add_user_token(self, user_id: str) -> str:
        """Return the first refresh token of a user, as the sign-in page hands it out."""
        app = self._state.app.id
        return self.add_refresh_token(app, f"{app} {user_id}")

    def hide(self, token: str) -> str:
        """Return an opaque token in place of one with claims."""
        opaque = sha256(token.encode()).hexdigest()
        self._opaque[opaque] = token
        return opaque

    def read_caller(self, authorization: str) -> Caller:
        """Return who calls. Raises `Refusal`: 401, with another text if there is no token."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise refuse(401, "InvalidAuthenticationToken", "Access token is empty.")
        claims = self._read(self._opaque.get(token, token))
        if not claims:
            message = "IDX14100: JWT is not well formed, there are no dots (.)."
            raise refuse(401, "InvalidAuthenticationToken", message)
        if claims["exp"] <= self.now().timestamp():
            message = "Lifetime validation failed, the token is expired."
            raise refuse(401, "InvalidAuthenticationToken", message)
        names = claims.get("roles") or claims.get("scp", "").split()
        return Caller(user_id=claims.get("oid"), permissions=frozenset(names))


def answer_token(simulator: TeamsState, tokens: TeamsTokens, call: Call, tenant: str) -> Answer:
    """Answer the token endpoint. It ignores parameters that it does not have."""
    now = simulator.world.now
    parameters = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    try:
        if tenant != simulator.tenant:
            raise _refusal("invalid_request")
        if parameters.get("client_id") not in tokens.clients:
            raise _refusal("unauthorized_client")
        grant = tokens.exchange(parameters, call.headers.get("authorization", ""))
    except Refusal as refusal:
        return token_error(refusal, now)
    return Answer.json(_token_row(simulator, tokens, grant))


def _token_row(simulator: TeamsState, tokens: TeamsTokens, grant: Grant) -> Mapping[str, Any]:
    seconds = LIFETIME // timedelta(seconds=1)
    token = grant.access_token
    row = {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": tokens.hide(token) if simulator.quirks["opaque_tokens"] else token,
    }
    if grant.refresh_token:
        scope = " ".join(sorted(simulator.app.scopes))
        row |= {"refresh_token": grant.refresh_token, "scope": scope}
    return row


def answer_openid(simulator: TeamsState) -> Answer:
    """Answer the description of the endpoints of the tenant."""
    root = f"{simulator.root}/{simulator.tenant}"
    return Answer.json(
        {
            "issuer": f"https://login.microsoftonline.com/{simulator.tenant}/v2.0",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        }
    )


def _refusal(code: str) -> Refusal:
    return Refusal(400, Problem(code=code))
