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


@frozen(kw_only=True)
class JitsiSettings:
    """Hold the server and the credentials of one app; without `app_id`, links are not signed.

    `domain` is a bare host: `8x8.vc` for JaaS. A server of one's own shares `key`, a text, with who
    signs; JaaS has the public half of `key` (RSA, PEM) under the name `key_id`.
    `link_lifetime` is in seconds. `host_features` are what hosts may use, `recording` say, where a
    server grants features by token. Raises `ConfigurationError`.
    """

    domain: str
    app_id: str | None = None
    key: Secret | None = None
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
        key, algorithm = self.key or Secret(""), "RS256" if self.key_id else "HS256"
        headers = {"kid": self.key_id} if self.key_id else None
        return jwt.encode(dict(claims), key.reveal(), algorithm=algorithm, headers=headers)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not _HOST.fullmatch(self.domain):
            yield "domain", f"is {self.domain!r}; it must be a bare host such as 'meet.example.org'"
        if not 0 < self.link_lifetime <= 31_536_000:  # noqa: PLR2004 - a year
            yield "link_lifetime", f"is {self.link_lifetime} seconds; it must be 1 to a year's"
        if bool(self.key) is not bool(self.app_id):
            yield "app_id", "goes with key, which signs its links"
        if self.jaas and not self.key_id:
            yield "key_id", "is needed for JaaS: what the public half of key is known by there"
        if self.key and not self._can_sign():
            yield "key", "cannot sign: with key_id it is an RSA key in PEM, else 32 bytes of text"

    def _can_sign(self) -> bool:
        try:
            self.sign({})
        except Exception:  # noqa: BLE001 - whatever it was, its frames hold the key
            return False
        return True
