"""Which columns about people the warehouse has, and the pseudonyms in them."""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from conferencing.errors import ConfigurationError, InvalidRequest
from conferencing.model.base import parse_enum
from conferencing.model.emails import email_key
from conferencing.model.secret import Secret

__all__ = ["PeopleMode"]

SHORTEST_KEY: Final = 16
"""How many bytes a key has at least. Addresses can be guessed, so the key must not be guessable."""


class PeopleMode(StrEnum):
    """What the warehouse has about people."""

    NONE = "none"  # how many people, and for how long, but not who
    PSEUDONYMS = "pseudonyms"  # the same person has the same pseudonym everywhere
    FULL = "full"  # names, addresses and the vendor's ids


@frozen(kw_only=True)
class Identities:
    """How people are written into rows: not at all, under pseudonyms, or as they are."""

    mode: PeopleMode
    key: Secret | None = field(default=None, repr=False)

    def to_person(self, email: str | None) -> str | None:
        """Return the key of a person, the same in all accounts and rooms; None without an address.

        A pseudonym is the HMAC-SHA256 of `email_key`, in hexadecimal digits.
        """
        if not email or not email.strip():
            return None
        return self._hide(email_key(email))

    def to_id(self, account: str, value: str | None) -> str | None:
        """Return an id that a vendor gave a person, hidden like an address.

        Some vendors use addresses and names as ids.
        """
        if value is None or self.mode is PeopleMode.FULL:
            return value
        return self._hide(f"id\0{account}\0{value}")

    def fingerprint(self) -> str:
        """Return what distinguishes this mode and key, and nothing else about the key."""
        return f"{self.mode} {self._hide('fingerprint')[:16]}" if self.key else self.mode.value

    def _hide(self, text: str) -> str:
        if self.key is None:
            return text
        content = text.encode("utf-8", "surrogatepass")
        return hmac.digest(_to_bytes(self.key), content, "sha256").hex()


def open_identities(people: str, key: str | Secret | None) -> Identities:
    """Return the identities of a mode. Raises `ConfigurationError` for a key that is missing,
    too short, or not used by the mode.
    """
    try:
        mode = parse_enum(PeopleMode, "people", people)
    except InvalidRequest as error:
        raise ConfigurationError(error.message, field="people") from None
    if mode is not PeopleMode.PSEUDONYMS:
        if key is not None:
            raise ConfigurationError(
                f"people={mode.value!r} has no pseudonyms; leave out pseudonym_key",
                field="pseudonym_key",
            )
        return Identities(mode=mode)
    if key is None:
        raise ConfigurationError(
            "pseudonyms need a pseudonym_key, a secret of 16 bytes or more that stays the same for"
            " all harvests; or choose people='none' or 'full'",
            field="pseudonym_key",
        )
    secret = key if isinstance(key, Secret) else Secret(key)
    if len(_to_bytes(secret)) < SHORTEST_KEY:
        raise ConfigurationError(
            f"pseudonym_key has fewer than {SHORTEST_KEY} bytes; make one with:"
            ' python -c "import secrets; print(secrets.token_hex(32))"',
            field="pseudonym_key",
        )
    return Identities(mode=mode, key=secret)


def _to_bytes(key: Secret) -> bytes:
    return key.reveal().encode("utf-8", "surrogatepass")
