"""The one definition of when two e-mail addresses are the same."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from functools import lru_cache
from importlib import import_module

__all__ = ["email_key", "same_email"]


def same_email(one: str | None, other: str | None) -> bool:
    """Return whether two addresses are one, without regard to case and to how they are written."""
    return bool(one and other) and email_key(one or "") == email_key(other or "")


def email_key(address: str) -> str:
    """Return the form in which addresses are compared: NFC, without case, the domain in IDNA."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local}@{_domain(domain)}".casefold()


@lru_cache(1000)
def _domain(domain: str) -> str:
    with suppress(ImportError, UnicodeError):  # what IDNA does not know is compared as it is
        return str(import_module("idna").encode(domain, uts46=True), "ascii")
    return domain
