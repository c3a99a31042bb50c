"""Tokens: section 2 of the notes on the wire. JWTs by HS256 that end with the world's clock."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from attrs import frozen

from conferencing.sandbox.simulator import Answer

from .shared import Given, Refused, guid, only, route, text

if TYPE_CHECKING:
    from . import MeetRSSimulator

LIFE = 3600
FIELDS = ("grant_type", "client_key", "client_secret")


@frozen(kw_only=True)
class Account:
    """A tenant, and what its programs prove themselves with. `parent` is the id of the one above."""

    id: str
    code: str
    name: str
    key: str
    secret: str
    parent: str | None = None


@route("POST", "/v1/token")
def create_token(simulator: MeetRSSimulator, given: Given) -> Answer:
    only(given, FIELDS)
    key, secret = text(given, "client_key") or "", text(given, "client_secret") or ""
    if text(given, "grant_type") != "client_credentials":
        raise Refused(400, "grant_type must be client_credentials")
    for account in simulator.tenants.values():
        if account.key == key and account.secret == secret:
            return Answer.json(_token(simulator, account))
    raise Refused(401, "client_key or client_secret is wrong")


def _token(simulator: MeetRSSimulator, account: Account) -> dict[str, Any]:
    now = int(simulator.world.now.timestamp())
    ends = now + simulator.token_life
    claims = {
        "sub": account.id,
        "tenant": account.code,
        "iss": simulator.root,
        "iat": now,
        "exp": ends,
        "jti": guid(simulator.seed, "token", str(next(simulator.tokens_given))),
    }
    return {
        "access_token": signed(claims, simulator.signing_key),
        "expires_at": ends * 1000 if simulator.quirks["milliseconds"] else ends,
    }


def bearer(simulator: MeetRSSimulator, header: str) -> Account:
    """Return whose token a header holds. The scheme's name may be in either case."""
    scheme, _, token = header.partition(" ")
    claims = _claims(token, simulator.signing_key) if scheme.lower() == "bearer" else {}
    account = simulator.tenants.get(claims.get("tenant", ""))
    if account is None or claims["exp"] <= simulator.world.now.timestamp():
        raise Refused(401, "the token is missing, wrong or past its end")
    return account


def signed(claims: dict[str, Any], key: bytes) -> str:
    """Return a JWT of these claims."""
    head = _packed(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = f"{head}.{_packed(json.dumps(claims).encode())}"
    return f"{body}.{_signature(body, key)}"


def _claims(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token that we signed, or none."""
    body, _, signature = token.rpartition(".")
    if not compare_digest(signature.encode(), _signature(body, key).encode()):
        return {}
    payload = body.partition(".")[2]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _signature(body: str, key: bytes) -> str:
    return _packed(hmac.new(key, body.encode(), sha256).digest())


def _packed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
