"""Credentials: added to a request at the last moment, inside the HTTP client."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final, Protocol

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

from .request import Outgoing

__all__ = ["Auth", "BasicAuth", "Grant", "HeaderAuth", "NoAuth", "fits_header"]


class Grant(Protocol):
    """A credential that is valid now; `secrets` are masked in error texts.

    One that goes into the address has a method `parameters` besides, with the same argument: what it
    returns is appended to the query, and may sign all that is in front of it.
    """

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the headers that authenticate a request; a signature is made over `outgoing`."""
        ...


class Auth(Protocol):
    """The credentials of one account."""

    def cached(self) -> Grant | None:
        """Return a credential that is valid now, or None if one has to be fetched."""
        return None

    async def acquire(self) -> Grant:
        """Return a credential, fetched or refreshed if necessary."""
        ...

    async def refresh(self, refused: Grant, *, older_than: float = 0.0) -> bool:
        """Replace a credential that the vendor refused; return whether there is another one.

        One that was fetched within the last `older_than` seconds is kept, and False returned.
        """
        ...


class FixedAuth:
    """A credential that never expires: it is its own grant, and there is no other one."""

    secrets: tuple[Secret, ...] = ()

    def cached(self) -> Grant | None:
        """Return itself."""
        return self

    async def acquire(self) -> Grant:
        """Return itself."""
        return self

    async def refresh(self, refused: Grant, *, older_than: float = 0.0) -> bool:
        """Return False."""
        return False

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the headers of every request; none unless overridden."""
        return {}


class NoAuth(FixedAuth):
    """No authentication."""


class HeaderAuth(FixedAuth):
    """Authenticate by one header with a fixed value, such as an API key."""

    def __init__(self, header: str, secret: Secret, *, setting: str, prefix: str = "") -> None:
        if not fits_header(secret):
            raise ConfigurationError(
                f"{setting} is empty, has spaces around it, or has characters that a header cannot carry",
                field=setting,
            )
        self.secrets = (secret,)
        self._header: Final = header
        self._prefix: Final = prefix

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the one header."""
        return {self._header: self._prefix + self.secrets[0].reveal()}


class BasicAuth(FixedAuth):
    """Authenticate by a name and a secret (RFC 7617), as token endpoints ask for it."""

    def __init__(self, name: str, secret: Secret) -> None:
        pair = f"{name}:{secret.reveal()}".encode()
        self._value: Final = Secret(f"Basic {b64encode(pair).decode()}")
        self.secrets = (secret, self._value)

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the one header."""
        return {"Authorization": self._value.reveal()}


def fits_header(secret: Secret) -> bool:
    """Return whether a header can carry the secret."""
    value = secret.reveal()
    return bool(value) and value.isascii() and value.isprintable() and value == value.strip()
