"""An OAuth 2.0 token endpoint for simulators, by the clock of a world (RFC 6749 and RFC 7523)."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from attrs import frozen

from .refusals import Problem, Refusal

__all__ = ["JWT_BEARER", "Grant", "TokenEndpoint"]

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@frozen(kw_only=True)
class Grant:
    """The tokens of one reply. `subject` is the id of the user or program."""

    subject: str
    access_token: str
    issued_at: datetime
    expires_at: datetime
    refresh_token: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the body of RFC 6749, section 5.1; a vendor may write another."""
        seconds = (self.expires_at - self.issued_at) // timedelta(seconds=1)
        body = {"access_token": self.access_token, "token_type": "Bearer", "expires_in": seconds}
        return body | ({"refresh_token": self.refresh_token} if self.refresh_token else {})


class TokenEndpoint:
    """Exchange credentials for tokens, and check the tokens that come back.

    `clients` are secrets by the id of a client. Access tokens are JWTs (HS256) that live for
    `lifetime` by the clock `now`. Refresh tokens live until they are used, if `rotates` is set, or
    for ever; `add_refresh_token` hands out the first one of a user, in place of a consent page.

    `kinds` are the grant types that the vendor accepts. One with a type of its own adds it there
    and overrides `grant`; one that takes signed assertions adds `JWT_BEARER` and overrides
    `read_assertion`. Refusals carry the error codes of RFC 6749, section 5.2.
    """

    kinds: ClassVar[tuple[str, ...]] = ("client_credentials", "refresh_token")

    def __init__(
        self,
        issuer: str,
        key: bytes,
        now: Callable[[], datetime],
        *,
        lifetime: timedelta = timedelta(hours=1),
        rotates: bool = True,
    ) -> None:
        self.issuer = issuer
        self.key = key
        self.now = now
        self.lifetime = lifetime
        self.rotates = rotates
        self.clients: dict[str, str] = {}
        self._last_number = 0
        self._refresh_tokens: dict[str, tuple[str, str]] = {}

    # -- hooks

    def claims(self, subject: str) -> dict[str, Any]:
        """Return the claims of an access token other than the registered ones (RFC 7519, 4.1)."""
        return {}

    def read_assertion(self, client: str, assertion: str) -> str:
        """Return the subject of a signed assertion (RFC 7523). Raises `Refusal`.

        Its claims are the vendor's own, so this accepts nothing until it is overridden.
        """
        raise _refusal("invalid_grant", "assertions are not accepted")

    def grant(self, kind: str, client: str, parameters: Mapping[str, Any]) -> Grant:
        """Return the tokens for a grant of one of `kinds`, by an authenticated client."""
        if kind == "refresh_token":
            return self._refresh(client, str(parameters.get("refresh_token")))
        if kind == JWT_BEARER:
            return self.issue(self.read_assertion(client, str(parameters.get("assertion"))))
        return self.issue(client)

    # -- the endpoint

    def exchange(self, parameters: Mapping[str, Any], authorization: str = "") -> Grant:
        """Return the tokens for a request with these parameters and this `Authorization` header."""
        kind = str(parameters.get("grant_type"))
        if kind not in self.kinds:
            message = f"grant_type must be one of {', '.join(self.kinds)}"
            raise _refusal("unsupported_grant_type", message)
        return self.grant(kind, self._client(parameters, authorization), parameters)

    def add_refresh_token(self, client: str, subject: str) -> str:
        """Return a new refresh token by which a client acts for a subject."""
        number = f"refresh/{self._next_number()}"
        token = _encode(hmac.digest(self.key, number.encode(), "sha256"))
        self._refresh_tokens[token] = (client, subject)
        return token

    def revoke(self, key: bytes) -> None:
        """Invalidate all tokens issued so far; `key` signs later ones."""
        self.key = key
        self._refresh_tokens.clear()

    def authenticate(self, authorization: str) -> dict[str, Any]:
        """Return the claims of the bearer token in a header. Raises `Refusal` with 401.

        The name of the scheme is compared in any case (RFC 9110, section 11.1).
        """
        scheme, _, token = authorization.partition(" ")
        claims = self._read(token) if scheme.lower() == "bearer" else {}
        if claims.get("exp", 0) <= self.now().timestamp():
            raise Refusal(
                401, Problem("the token is missing, wrong or expired", code="invalid_token")
            )
        return claims

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def issue(self, subject: str, refresh_token: str | None = None) -> Grant:
        """Return a grant with a new access token."""
        now = self.now()
        ends = now + self.lifetime
        claims = {
            "sub": subject,
            "iss": self.issuer,
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
            "jti": str(self._next_number()),
        }
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        body = f"{head}.{_encode(json.dumps(claims | self.claims(subject)).encode())}"
        return Grant(
            subject=subject,
            access_token=f"{body}.{self._sign(body)}",
            issued_at=now,
            expires_at=ends,
            refresh_token=refresh_token,
        )

    # -- helpers

    def _refresh(self, client: str, token: str) -> Grant:
        """Return a token for the subject of a refresh token, and the next one if it rotates."""
        owner, subject = self._refresh_tokens.get(token, ("", ""))
        if owner != client:
            message = "the refresh token is unknown, used, or of another client"
            raise _refusal("invalid_grant", message)
        if not self.rotates:
            return self.issue(subject, token)
        del self._refresh_tokens[token]
        return self.issue(subject, self.add_refresh_token(client, subject))

    def _client(self, parameters: Mapping[str, Any], authorization: str) -> str:
        """Return the authenticated client; an assertion authenticates by itself."""
        client, secret = parameters.get("client_id"), parameters.get("client_secret")
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "basic":
            client, _, secret = _decode_basic(credentials).partition(":")
        if client is None and parameters.get("grant_type") == JWT_BEARER:
            return ""
        expected = self.clients.get(str(client))
        if expected is None or not hmac.compare_digest(expected.encode(), str(secret).encode()):
            message = "the client's id or secret is wrong"
            raise Refusal(401, Problem(message, code="invalid_client"))
        return str(client)

    def _read(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that was signed here, or none."""
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return {}
        claims: dict[str, Any] = json.loads(_decode(body.partition(".")[2]))
        return claims

    def _sign(self, body: str) -> str:
        return _encode(hmac.digest(self.key, body.encode(), "sha256"))


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(400, Problem(message, code=code))


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _decode_basic(credentials: str) -> str:
    try:
        return b64decode(credentials).decode()
    except ValueError:
        return ""
