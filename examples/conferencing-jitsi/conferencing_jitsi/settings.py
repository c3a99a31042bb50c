"""What an account on Jitsi has: where the rooms are, and what their links are signed with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jwt
from attrs import frozen

from conferencing import ConfigurationError, Secret

__all__ = ["JitsiSettings"]

_HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_YEAR: Final = 31_536_000


@frozen(kw_only=True)
class JitsiSettings:
    """Hold the server and the credentials of one app; without `app_id`, links are not signed.

    `domain` is a bare host: `8x8.vc` for JaaS. A server of one's own shares `app_secret` with who
    signs; JaaS has the public half of `private_key` (RSA, PEM) under the name `key_id`.
    `link_lifetime` is in seconds. `host_features` are what hosts may use, `recording` say, where a
    server grants features by token. Raises `ConfigurationError`.
    """

    domain: str
    app_id: str | None = None
    app_secret: Secret | None = None
    private_key: Secret | None = None
    key_id: str | None = None
    audience: str = "jitsi"
    link_lifetime: int = 7200
    host_features: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for field, fault in self._faults():
            raise ConfigurationError(f"{field} {fault}", field=field, provider="jitsi")

    @property
    def jaas(self) -> bool:
        """Whether the app is one of 8x8's, which go by an id of this form."""
        return (self.app_id or "").startswith("vpaas-magic-cookie-")

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token that says this, signed by what the account has."""
        key = (self.private_key or self.app_secret or Secret("")).reveal()
        algorithm = "RS256" if self.private_key else "HS256"
        headers = {"kid": self.key_id} if self.key_id else None
        return jwt.encode(dict(claims), key, algorithm=algorithm, headers=headers)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not _HOST.fullmatch(self.domain):
            yield "domain", f"is {self.domain!r}; it must be a bare host such as 'meet.example.org'"
        if not 0 < self.link_lifetime <= _YEAR:
            yield "link_lifetime", f"is {self.link_lifetime}; it must be 1 to {_YEAR} seconds"
        if self.app_secret and self.private_key:
            yield "private_key", "stands beside app_secret; links are signed with one of them"
        if self.jaas and self.app_secret:
            yield "app_secret", "is not for JaaS, which takes private_key and key_id"
        signs = bool(self.app_secret or self.private_key)
        if signs is not bool(self.app_id):
            yield "app_id", "goes with what signs links: app_secret, or private_key and key_id"
        if self.private_key and not self.key_id:
            yield "key_id", "is needed with private_key: what the public key is known by"
        if signs and not self._can_sign():
            name = "private_key" if self.private_key else "app_secret"
            yield name, "cannot sign: a private_key is an RSA key in PEM, a secret 32 bytes of text"

    def _can_sign(self) -> bool:
        try:
            self.sign({})
        except Exception:  # noqa: BLE001 - whatever it was, its frames hold the key
            return False
        return True
