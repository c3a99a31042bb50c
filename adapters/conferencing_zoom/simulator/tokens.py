"""OAuth: docs/vendors/zoom.md#oauth"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from attrs import frozen

from conferencing.sandbox.kit import Grant, Problem, Refusal, TokenEndpoint
from conferencing.sandbox.simulator import Answer, Call

from .errors import refuse
from .state import App, Caller, ZoomState

__all__ = ["ZoomTokens", "answer_token"]

LIFETIME: Final = timedelta(seconds=3599)
CODE_LIFETIME: Final = timedelta(minutes=5)
REASONS: Final = {
    "invalid_client": "Invalid client_id or client_secret",
    "unsupported_grant_type": "Unsupported grant type",
    "invalid_grant": "Invalid Token!",
}


@frozen(kw_only=True)
class AuthorizationCode:
    """A code from the consent page, for one use."""

    client: str
    user_id: str
    redirect_uri: str
    challenge: str | None
    expires_at: datetime


class ZoomTokens(TokenEndpoint):
    """Issue tokens for apps of the account, on their own or for a user.

    `apps` may be exchanged by a test to change scopes; the next token has the new ones.
    """

    kinds: ClassVar[tuple[str, ...]] = (
        "account_credentials",
        "authorization_code",
        "refresh_token",
    )

    def __init__(self, key: bytes, state: ZoomState) -> None:
        super().__init__("https://zoom.us", key, lambda: state.world.now, lifetime=LIFETIME)
        self._state = state
        self._codes: dict[str, AuthorizationCode] = {}
        self._scopes: list[frozenset[str]] = []
        self.apps: dict[str, App] = {}

    def add_app(self, app: App) -> App:
        """Add an app, or change the one with the same id."""
        self.apps[app.id] = app
        self.clients[app.id] = app.secret
        return app

    def add_code(
        self, app: App, user_id: str, redirect_uri: str, challenge: str | None = None
    ) -> str:
        """Return a code as the consent page hands it out; `challenge` is that of PKCE (S256)."""
        code = self._state.new_text(32)
        self._codes[code] = AuthorizationCode(
            client=app.id,
            user_id=user_id,
            redirect_uri=redirect_uri,
            challenge=challenge,
            expires_at=self.now() + CODE_LIFETIME,
        )
        return code

    def claims(self, subject: str) -> dict[str, Any]:
        """Return app, user, and the number of a set of scopes: a list of all is too long a header.

        A subject is the id of the app, and of the user if any.
        """
        app_id, _, user_id = subject.partition(" ")
        self._scopes.append(self.apps[app_id].scopes)
        number = len(self._scopes) - 1
        return {"aid": self._state.account_id, "app": app_id, "uid": user_id, "scopes": number}

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        """Return the tokens for a grant. A refresh token is spent by its use."""
        if kind == "account_credentials":
            if parameters.get("account_id") != self._state.account_id:
                raise _refusal("invalid_request", "Bad Request")
            return self.issue(client)
        if kind == "authorization_code":
            subject = f"{client} {self._use_code(client, parameters)}"
            return self.issue(subject, self.add_refresh_token(client, subject))
        return super().grant(kind, client, parameters)

    def _use_code(self, client: str, parameters: Mapping[str, Any]) -> str:
        name = str(parameters.get("code"))
        code = self._codes.pop(name, None)
        usable = (
            code is not None
            and code.client == client
            and code.expires_at > self.now()
            and code.redirect_uri == parameters.get("redirect_uri")
            and code.challenge in {None, _challenge(str(parameters.get("code_verifier")))}
        )
        if code is None or not usable:
            raise _refusal("invalid_request", f"Invalid authorization code {name}")
        return code.user_id

    def read_caller(self, authorization: str) -> Caller:
        """Return who calls. A bad token and an ended one are told apart by their text only."""
        scheme, _, token = authorization.partition(" ")
        claims = self._read(token) if scheme.lower() == "bearer" else {}
        if not claims:
            raise refuse(401, 124, "Invalid access token.")
        if claims["exp"] <= self.now().timestamp():
            raise refuse(401, 124, "Access token has expired.")
        number: int = claims["scopes"]
        return Caller(
            app_id=claims["app"],
            user_id=claims["uid"] or None,
            scopes=self._scopes[number],
        )


def answer_token(simulator: ZoomState, tokens: ZoomTokens, call: Call) -> Answer:
    """Answer the token endpoint; its errors are `{"reason", "error"}` with status 400."""
    if call.method != "POST":
        return Answer.json({"reason": "Method not allowed", "error": "invalid_request"}, 405)
    parameters = dict(parse_qsl(call.query)) | dict(parse_qsl(call.body.decode("utf-8", "replace")))
    try:
        grant = tokens.exchange(parameters, call.headers.get("authorization", ""))
    except Refusal as refusal:
        return _answer_refusal(simulator, refusal)
    body = {
        "access_token": grant.access_token,
        "token_type": "bearer",
        "refresh_token": grant.refresh_token,
        "expires_in": LIFETIME // timedelta(seconds=1),
        "scope": " ".join(sorted(tokens.apps[grant.subject.partition(" ")[0]].scopes)),
        "api_url": simulator.root,
    }
    return Answer.json({name: value for name, value in body.items() if value is not None})


def _answer_refusal(simulator: ZoomState, refusal: Refusal) -> Answer:
    problem = refusal.problems[0]
    is_client = problem.code == "invalid_client"
    status = 401 if is_client and simulator.quirks["invalid_client_is_401"] else 400
    reason = REASONS.get(problem.code, problem.message)
    return Answer.json({"reason": reason, "error": problem.code}, status)


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(400, Problem(message, code=code))


def _challenge(verifier: str) -> str:
    digest = sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
