"""The proxy that the environment names."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from conferencing.model.secret import Secret

__all__ = ["environment_proxy", "is_loopback"]

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine, as a sandbox is."""
    return urlsplit(url).hostname in LOOPBACK


def environment_proxy(url: str) -> Secret | None:
    """Return the proxy that the environment names for an address (HTTPS_PROXY, NO_PROXY).

    None for an address on this machine. It is a secret, since it may hold a password.
    """
    parts = urlsplit(url)
    address = getproxies().get(parts.scheme)
    if not address or is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    return Secret(address if "://" in address else f"http://{address}")
