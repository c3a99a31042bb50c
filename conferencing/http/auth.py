"""How a request is given its credentials: at the last moment, and only on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

from .request import Outgoing

__all__ = ["Auth", "Grant", "HeaderAuth", "NoAuth", "fits_header"]


class Grant(Protocol):
    """A credential that is good now; `secrets` are what must not show in an error's text."""

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the headers that prove who asks; a signature is made over `outgoing`."""
        ...


class Auth(Protocol):
    """The credentials of one account."""

    def cached(self) -> Grant | None:
        """Return a credential that is good now and needs no waiting for, or None."""
        return None

    async def acquire(self) -> Grant:
        """Return a credential, fetched or refreshed if need be."""
        ...

    async def refresh(self, refused: Grant) -> bool:
        """Return whether another try makes sense after the vendor refused this grant."""
        ...


class HeaderAuth:
    """Prove who asks by one header with a fixed value, such as an API key."""

    def __init__(self, header: str, secret: Secret, *, setting: str, prefix: str = "") -> None:
        if not fits_header(secret):
            raise ConfigurationError(
                f"{setting} is empty, or has blanks around it or characters that no key has",
                field=setting,
            )
        self.secrets: tuple[Secret, ...] = (secret,)
        self._header: Final = header
        self._prefix: Final = prefix

    def cached(self) -> Grant | None:
        """Return itself: the key is always good."""
        return self

    async def acquire(self) -> Grant:
        """Return itself."""
        return self

    async def refresh(self, refused: Grant) -> bool:
        """Return False: there is no other key."""
        return False

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the one header."""
        return {self._header: self._prefix + self.secrets[0].reveal()}


class NoAuth:
    """Prove nothing."""

    secrets: tuple[Secret, ...] = ()

    def cached(self) -> Grant | None:
        """Return itself."""
        return self

    async def acquire(self) -> Grant:
        """Return itself."""
        return self

    async def refresh(self, refused: Grant) -> bool:
        """Return False."""
        return False

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return nothing."""
        return {}


def fits_header(secret: Secret) -> bool:
    """Return whether a header can carry it; the text stays in this frame."""
    value = secret.reveal()
    return bool(value) and value.isascii() and value.isprintable() and value == value.strip()
