"""The proxy of an account: its own, or the one that the environment names."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

__all__ = ["find_proxy", "is_loopback"]

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine, as a sandbox is."""
    return urlsplit(url).hostname in LOOPBACK


def find_proxy(url: str, own: Secret | None) -> Secret | None:
    """Return the proxy for an address: the account's own, else the environment's, else None.

    It is a secret, since it may hold a password. Raises `ConfigurationError` that names the setting
    for anything that is not the address of an HTTP proxy.
    """
    if own is not None:
        return _check(own.reveal(), "proxy", "proxy")
    parts = urlsplit(url)
    address = getproxies().get(parts.scheme)
    if not address or is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    address = address if "://" in address else f"http://{address}"
    return _check(address, f"the environment variable {parts.scheme.upper()}_PROXY", None)


def _check(address: str, setting: str, field: str | None) -> Secret:
    fault = _fault(address)
    if fault:
        raise ConfigurationError(
            f"{setting} {fault}; it must be like http://proxy.example:8080", field=field
        )
    return Secret(address)


def _fault(address: str) -> str | None:
    """Return what is wrong with the address of a proxy, without repeating it."""
    try:
        parts: SplitResult = urlsplit(address)
        _ = parts.port  # raises ValueError for a malformed port
    except ValueError:
        return "is not an address"
    if parts.scheme.startswith("socks"):
        return "is a SOCKS proxy, which is not supported"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not the address of an HTTP proxy"
    return None if address.isprintable() and " " not in address else "holds blanks"
