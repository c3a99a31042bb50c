"""Proofs that a webhook comes from the vendor: pure functions for adapters.

Secrets are compared in constant time, and every live one is tried, so that a secret can be rotated.
A failed check raises `WebhookForged` or `WebhookStale`; no message holds a secret or a signature.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from conferencing.errors import ConferencingError, ConfigurationError, WebhookForged, WebhookStale
from conferencing.model.secret import Secret

__all__ = [
    "bearer_token",
    "check_hmac",
    "check_hmac_jwt",
    "check_jwt",
    "check_timestamp",
    "check_token",
    "live_secrets",
    "sign_hmac",
    "signed_content",
]

Algorithm = Literal["sha1", "sha256", "sha384", "sha512"]
Encoding = Literal["hex", "base64"]

_MILLISECONDS: Final = 10**11
"""From here on a timestamp is in milliseconds: as seconds it would be in the year 5138."""


def live_secrets(*secrets: Secret | None, field: str = "webhook_secret") -> tuple[Secret, ...]:
    """Return the secrets that are set: the present one, and the previous ones during a rotation.

    Raises `ConfigurationError` if none is set, or if one is empty: anybody could sign with that.
    """
    live = tuple(secret for secret in secrets if secret is not None)
    if not live:
        raise ConfigurationError(
            f"{field} is not set; without it nobody can tell who sent a webhook", field=field
        )
    if not all(live):
        raise ConfigurationError(f"{field} is empty", field=field)
    return live


def sign_hmac(
    secret: Secret,
    content: bytes,
    *,
    algorithm: Algorithm = "sha256",
    encoding: Encoding = "hex",
    prefix: str = "",
) -> str:
    """Return the HMAC of the content: lower-case hex or Base64, with `prefix` in front."""
    digest = hmac.digest(_to_bytes(secret.reveal()), content, algorithm)
    return prefix + (digest.hex() if encoding == "hex" else base64.b64encode(digest).decode())


def check_hmac(
    secrets: Iterable[Secret],
    content: bytes,
    signature: str | None,
    *,
    algorithm: Algorithm = "sha256",
    encoding: Encoding = "hex",
    prefix: str = "",
    header: str = "signature",
) -> Secret:
    """Return the secret with which the content was signed. Raises `WebhookForged`.

    `header` is where the signature was found, for the message.
    """
    actual = _require_header(signature, header)
    matches = [
        secret
        for secret in live_secrets(*secrets)
        if hmac.compare_digest(
            _to_bytes(
                sign_hmac(secret, content, algorithm=algorithm, encoding=encoding, prefix=prefix)
            ),
            actual,
        )
    ]
    if matches:
        return matches[0]
    raise WebhookForged(
        f"{header} does not match the body; check that webhook_secret is that of this address",
        field=header,
    )


def signed_content(timestamp: str, body: bytes, *, version: str = "v0") -> bytes:
    """Return what a timestamped signature covers: `v0:<timestamp>:<body>`."""
    return b":".join((_to_bytes(version), _to_bytes(timestamp), body))


def check_timestamp(
    timestamp: str | None, *, now: datetime, tolerance: float, header: str = "timestamp"
) -> datetime:
    """Return the time of a timestamp in seconds or milliseconds since 1970.

    Raises `WebhookForged` without one, and `WebhookStale` if it is more than `tolerance` seconds
    from now, in the past or in the future.
    """
    _require_header(timestamp, header)
    if timestamp is None or not re.fullmatch(r"[0-9]{1,15}", timestamp):
        raise WebhookForged(f"{header} is not a number of seconds since 1970", field=header)
    number = int(timestamp)
    seconds = number / 1000 if number >= _MILLISECONDS else number
    age = now.timestamp() - seconds
    if abs(age) > tolerance:
        direction = "ago" if age > 0 else "in the future"
        raise WebhookStale(
            f"it was signed {abs(age):.0f} seconds {direction}, and {tolerance:.0f} are allowed;"
            " check this machine's clock",
            field=header,
        )
    return datetime.fromtimestamp(seconds, UTC)


def check_token(secrets: Iterable[Secret], token: str | None, *, header: str = "token") -> Secret:
    """Return the secret that equals a token which the vendor sends along. Raises `WebhookForged`.

    For vendors that do not sign, such as those with a `clientState`.
    """
    actual = _require_header(token, header)
    matches = [
        secret
        for secret in live_secrets(*secrets)
        if hmac.compare_digest(_to_bytes(secret.reveal()), actual)
    ]
    if matches:
        return matches[0]
    raise WebhookForged(f"{header} is not the secret of this address", field=header)


def bearer_token(authorization: str | None) -> str:
    """Return the token of an `Authorization: Bearer` header. Raises `WebhookForged`."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise WebhookForged("the header Authorization has no bearer token", field="Authorization")
    return token.strip()


def check_jwt(token: str, decode: Callable[[str], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the claims of a JWT. Raises `WebhookForged` for whatever `decode` raises.

    `decode` verifies signature, expiry, issuer and audience: with PyJWT,
    `partial(jwt.decode, key=key, algorithms=["RS256"], audience=audience)`. Name the algorithms:
    a token must not choose how it is verified.
    """
    try:
        return decode(token)
    except ConferencingError:
        raise
    except Exception as error:  # noqa: BLE001 - each library has its own
        reason = type(error).__name__
    # Outside of `except`: the exception's frames hold the key.
    raise WebhookForged(f"the token is not valid ({reason})", field="Authorization")


def check_hmac_jwt(
    secrets: Iterable[Secret],
    token: str,
    *,
    algorithm: Algorithm,
    now: datetime,
    leeway: float = 0.0,
    header: str = "Authorization",
) -> Mapping[str, Any]:
    """Return the claims of a JWT that was signed with a shared secret (HS256, HS384 or HS512).

    `algorithm` is the hash of the one algorithm that is accepted, whatever the token says of itself.
    Raises `WebhookForged`, and `WebhookStale` for one that has expired, `leeway` seconds allowed.
    `header` is where it was found, for the message.
    """
    content, _, signature = token.rpartition(".")
    name, _, payload = content.partition(".")
    expected = f"HS{algorithm.removeprefix('sha')}"
    if _read_part(name, header).get("alg") != expected:
        raise WebhookForged(f"the token in {header} is not signed by {expected}", field=header)
    check_hmac(
        secrets,
        content.encode("utf-8", "surrogatepass"),
        base64.b64encode(_decode_part(signature, header)).decode(),
        algorithm=algorithm,
        encoding="base64",
        header=header,
    )
    claims = _read_part(payload, header)
    expires = claims.get("exp")
    if isinstance(expires, int | float) and now.timestamp() > expires + leeway:
        raise WebhookStale(f"the token in {header} has expired", field=header)
    return claims


def _read_part(part: str, header: str) -> Mapping[str, Any]:
    """Return one of the two JSON objects of a JWT."""
    try:
        value: object = json.loads(_decode_part(part, header))
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise WebhookForged(f"{header} has no JWT", field=header)


def _decode_part(part: str, header: str) -> bytes:
    """Return the bytes of a part of a JWT: Base64 for URLs, without padding (RFC 7515)."""
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise WebhookForged(f"{header} has no JWT", field=header) from None


def _require_header(value: str | None, header: str) -> bytes:
    if not value:
        raise WebhookForged(f"there is no {header}", field=header)
    return _to_bytes(value)


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
