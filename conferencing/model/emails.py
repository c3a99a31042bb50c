"""The one definition of when two e-mail addresses are equal."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import lru_cache
from importlib import import_module

__all__ = ["email_key", "same_email"]


def same_email(first: str | None, second: str | None) -> bool:
    """Return whether two addresses are equal by their `email_key`; a missing one never is."""
    return bool(first and second) and email_key(first or "") == email_key(second or "")


def email_key(address: str) -> str:
    """Return the form in which addresses are compared: NFC, case-folded, the domain in IDNA."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local}@{_domain(domain)}".casefold()


@lru_cache(1000)
def _domain(domain: str) -> str:
    with suppress(ImportError, UnicodeError):  # a domain that IDNA rejects is compared as it is
        return str(import_module("idna").encode(domain, uts46=True), "ascii")
    return domain
