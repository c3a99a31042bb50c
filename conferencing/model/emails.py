"""The one definition of an e-mail address, of its written forms, and of when two are the same."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["bare_address", "email_key", "parse_address", "same_email"]

_NAMED: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<>"]*?))\s*<([^<>]*)>\s*')
_SCHEME: Final = "mailto:"
_LONGEST: Final = 2000
"""The longest name and address that are looked at, in characters. An address has at most 320."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def parse_address(text: str, field: str = "email") -> tuple[str | None, str]:
    """Return the name and the address of `ann@example.com` or `Ann Lee <ann@example.com>`.

    A leading `mailto:` is left out. The address is returned in its usual form: NFC, the domain in
    lower case. Raises `InvalidRequest` for any other text next to an address, with the remedy.
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"{field} is {text!r}; it must be a string", field=field)
    try:
        name, address = _split(text)
        return name, _normalize(address)
    except ValueError as error:
        problem = str(error).rstrip(".")
    raise InvalidRequest(
        f"{text!r} is not an e-mail address ({problem}); write ann@example.com or"
        " Ann Lee <ann@example.com>",
        field=field,
    )


def bare_address(text: str) -> str:
    """Return the address of a written form, unchecked: to look up what a vendor may have."""
    with suppress(ValueError):
        _, text = _split(text)
    return text.strip()


def _split(text: str) -> tuple[str | None, str]:
    """Return the name and the address of a written form, neither of them checked."""
    name, address = None, text.strip()
    match = _NAMED.fullmatch(address)
    if match is not None:
        name = (match[1].replace("\\", "") if match[1] is not None else match[2]).strip() or None
        address = match[3].strip()
    if address[: len(_SCHEME)].lower() != _SCHEME:
        return name, address
    address = address[len(_SCHEME) :]
    if "%" in address:  # RFC 6068, 2: not every program that writes such links encodes them
        raise ValueError("a mailto link with '%' may be encoded: write the address alone")
    return name, address


def _normalize(address: str) -> str:
    """Return an address in its usual form. Raises `ValueError` that says what is wrong."""
    if _CONTROL.search(address):
        raise ValueError("it holds a line break or another control character")
    for sign in ",;":
        if sign in address:
            raise ValueError(f"it holds a {sign!r}: write one address only")
    # Imported here: it takes a while, and few programs have an address to check at their start.
    from email_validator import EmailSyntaxError, validate_email  # noqa: PLC0415

    try:
        checked = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            strict=True,
            test_environment=True,  # the domain .test
        )
    except EmailSyntaxError as error:
        problem = str(error)
    else:
        if "." in checked.ascii_domain:
            return checked.normalized
        problem = f"the domain {checked.domain} has no dot"
    raise ValueError(problem)


def same_email(first: str | None, second: str | None) -> bool:
    """Return whether two addresses are the same, whatever their case and spelling."""
    return bool(first and second) and email_key(first or "") == email_key(second or "")


def email_key(address: str) -> str:
    """Return the form in which addresses are compared: NFC, casefolded, the domain in IDNA.

    Any string has a key: what a vendor sends need not be a valid address. The written forms that
    `parse_address` reads have the key of their address.
    """
    # A longer text is not an address, so that it has no other spelling; nor is it kept.
    return address if len(address) > _LONGEST else _make_key(address)


@lru_cache(20_000)
def _make_key(address: str) -> str:
    address = bare_address(address)
    local, _, domain = unicodedata.normalize("NFC", address).rpartition("@")
    return f"{local}@{domain if domain.isascii() else _to_idna(domain)}".casefold()


def _to_idna(domain: str) -> str:
    import idna  # noqa: PLC0415 - few domains need it

    with suppress(UnicodeError):  # a domain that IDNA does not allow is compared as it is
        return str(idna.encode(domain, uts46=True), "ascii")
    return domain
