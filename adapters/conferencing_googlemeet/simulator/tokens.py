"""OAuth: docs/vendors/googlemeet.md#oauth"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from conferencing.extras import import_extra
from conferencing.sandbox.kit import JWT_BEARER, Grant, Refusal, TokenEndpoint
from conferencing.sandbox.simulator import Answer, Call

from .errors import Failure, meet_failure
from .key import KEY_ID, PRIVATE_KEY, PUBLIC_KEY
from .state import Caller, MeetState

__all__ = ["SCOPE", "MeetTokens", "answer_token", "key_file", "sign_push"]

LIFETIME: Final = timedelta(seconds=3599)
AUDIENCE: Final = "https://oauth2.googleapis.com/token"
SCOPE: Final = "https://www.googleapis.com/auth/"
BOT: Final = "bot@demo-project.iam.gserviceaccount.com"
PUSHER: Final = "push@demo-project.iam.gserviceaccount.com"
PUSH_AUDIENCE: Final = "meet-events"
HOUR: Final = 3600
SHORT_LIVED: Final = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)


def key_file() -> str:
    """Return the key file of the service account."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "demo-project",
            "private_key_id": KEY_ID,
            "private_key": PRIVATE_KEY,
            "client_email": BOT,
            "client_id": "100000000000000000001",
            "token_uri": AUDIENCE,
        }
    )


class MeetTokens(TokenEndpoint):
    """Issue tokens to an app for a user who consented, and to the service account for any user."""

    kinds: ClassVar[tuple[str, ...]] = ("refresh_token", JWT_BEARER)

    def __init__(self, key: bytes, state: MeetState, scopes: frozenset[str]) -> None:
        super().__init__(
            "https://accounts.google.com",
            key,
            lambda: state.world.now,
            lifetime=LIFETIME,
            rotates=False,
        )
        self._state = state
        self._granted: list[frozenset[str]] = []
        self.consented = scopes

    def claims(self, subject: str) -> dict[str, Any]:
        """Return app, user, and the number of a set of scopes. A subject is `<app> <user>`."""
        app, _, email = subject.partition(" ")
        if app != BOT:
            self._granted.append(self.consented)
        return {"app": app, "email": email, "scopes": len(self._granted) - 1}

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        """Return the tokens for a grant; a refusal has Google's words."""
        try:
            return super().grant(kind, client, parameters)
        except Failure:
            raise
        except Refusal as refusal:
            raise _oauth(400, "invalid_grant", "Token has been expired or revoked.") from refusal

    def read_assertion(self, client: str, assertion: str) -> str:
        """Return the subject of an assertion of the service account. Raises `Refusal`."""
        claims = _verify(assertion)
        now, issued, ends = self.now().timestamp(), claims.get("iat", 0), claims.get("exp", 0)
        if claims.get("iss") != BOT:
            raise _oauth(400, "invalid_grant", "Invalid issuer: Not a valid email or user ID.")
        if claims.get("aud") != AUDIENCE:
            raise _oauth(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        in_time = issued <= now + 300 and now < ends
        if ends - HOUR > issued or (self._state.quirks["assertion_times"] and not in_time):
            raise _oauth(400, "invalid_grant", SHORT_LIVED)
        user = self._state.find_user(str(claims.get("sub")))
        if user is None:
            raise _oauth(400, "invalid_grant", "Invalid email or User ID")
        names = str(claims.get("scope", "")).split(" ")
        scopes = frozenset(name.removeprefix(SCOPE) for name in names)
        if not scopes <= self._state.delegated:
            raise _oauth(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not"
                " authorized for any of the scopes requested.",
            )
        self._granted.append(scopes)
        return f"{BOT} {user.email}"

    def read_caller(self, authorization: str) -> Caller:
        """Return who calls. Raises `Refusal`."""
        if not authorization:
            raise meet_failure(
                401,
                "Request is missing required authentication credential. Expected OAuth 2 access"
                " token, login cookie or other valid authentication credential.",
            )
        try:
            claims = self.authenticate(authorization)
        except (Refusal, ValueError):
            raise meet_failure(401, "Request had invalid authentication credentials.") from None
        granted: frozenset[str] = self._granted[int(claims["scopes"])]
        return Caller(email=claims["email"], app=claims["app"], scopes=granted)


def _verify(assertion: str) -> dict[str, Any]:
    """Return the claims of an assertion that was signed by the key of the service account."""
    jwt = import_extra("jwt", extra="googlemeet", purpose="verify assertions")
    header: dict[str, Any] = {}
    claims: dict[str, Any] = {}
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(PUBLIC_KEY).key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )
    except jwt.PyJWTError:
        header = {}
    if header.get("kid") != KEY_ID:
        raise _oauth(400, "invalid_grant", "Invalid JWT Signature.")
    return claims


def sign_push(state: MeetState) -> Mapping[str, str]:
    """Return the header by which Pub/Sub shows who pushes: a token of its service account."""
    jwt = import_extra("jwt", extra="googlemeet", purpose="sign what Pub/Sub pushes")
    now = int(state.world.now.timestamp())
    claims = {
        "aud": PUSH_AUDIENCE,
        "azp": "100000000000000000002",
        "email": PUSHER,
        "email_verified": True,
        "exp": now + HOUR,
        "iat": now,
        "iss": "https://accounts.google.com",
        "sub": "100000000000000000002",
    }
    token = jwt.encode(claims, _read_private_key(), algorithm="RS256", headers={"kid": KEY_ID})
    return {"Authorization": f"Bearer {token}"}


@cache
def _read_private_key() -> Any:
    """Return the key as an object, which takes 30 ms to make."""
    algorithms = import_extra("jwt.algorithms", extra="googlemeet", purpose="sign")
    return algorithms.RSAAlgorithm(algorithms.RSAAlgorithm.SHA256).prepare_key(PRIVATE_KEY)


def _oauth(status: int, code: str, message: str) -> Failure:
    return Failure(status, message, reason=code, flavour="oauth")


def answer_token(tokens: MeetTokens, call: Call) -> Answer:
    """Answer a call of the token endpoint."""
    if call.method != "POST":
        raise Failure(404, "", flavour="html")
    parameters = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        grant = tokens.exchange(parameters, call.headers.get("authorization", ""))
    except Failure:
        raise
    except Refusal as refusal:
        code = refusal.problems[0].code
        text = {"invalid_client": "The OAuth client was not found."}.get(code, refusal.message)
        raise _oauth(refusal.status, code, text) from refusal
    body = grant.to_dict()
    body.pop("refresh_token", None)  # it stays the same, and is not sent again
    if parameters.get("grant_type") == "refresh_token":
        body["scope"] = " ".join(sorted(SCOPE + name for name in tokens.consented))
    return Answer.json(body)
