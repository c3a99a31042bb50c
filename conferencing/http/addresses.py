"""Web addresses: which are public, and which link to a file may be followed.

A link in a vendor's reply is not to be trusted: it may lead into the network of whoever runs this.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from conferencing.errors import InvalidRequest

from .sender import NotPublic

__all__ = ["PublicResolver", "check_link"]

_HTTPS: Final = 443
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_NUMERIC: Final = re.compile(r"(.*\.)?(\d+|0[xX][0-9a-fA-F]*)\.?")

_NOT_PUBLIC: Final = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments, which Python takes for global in part
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of the local network (RFC 8215)
)
_WITH_IPV4: Final = (
    IPv6Network("64:ff9b::/96"),  # NAT64
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (RFC 2765)
)
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


class PublicResolver(AbstractResolver):
    """Resolve names to public addresses only, or also to this machine's own."""

    def __init__(self, *, allow_loopback: bool, resolver: AbstractResolver | None = None) -> None:
        self._allow_loopback = allow_loopback
        self._resolver = resolver or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises `OSError` if any of them is not public."""
        results = await self._resolver.resolve(host, port, family)
        if not all(_is_permitted(result["host"], self._allow_loopback) for result in results):
            raise NotPublic(f"{host} is not a public address")
        return results

    async def close(self) -> None:
        """Close the resolver behind this one."""
        await self._resolver.close()


def check_link(url: str, *, allow_loopback: bool) -> URL:
    """Return the address as it will be requested, or raise `InvalidRequest`.

    The parsed address is checked and requested: two parsers could see two hosts in one string.
    """
    try:
        # An encoded address is kept to the byte: its signature may be made over the bytes.
        link = URL(url, encoded=re.fullmatch(r"[!-~]+", url) is not None)
        problem = _find_problem(link, allow_loopback=allow_loopback)
    except ValueError:
        problem = "it is not a web address"
    else:
        if problem is None:
            return link
    raise InvalidRequest(f"the vendor's link to a file is not followed: {problem}", field="url")


def _find_problem(link: URL, *, allow_loopback: bool) -> str | None:
    host = link.raw_host
    if link.scheme not in {"http", "https"} or not host:
        return "it is not a web address"
    if link.raw_user is not None or link.raw_password is not None:
        return "there is a user name in it"
    if allow_loopback and (host == "localhost" or _is_loopback(host)):
        return None
    if link.scheme != "https" or link.port != _HTTPS:
        return "it is not https on the usual port"
    return None if _may_be_public(host) else f"{host} is not a public name or address"


def _may_be_public(host: str) -> bool:
    """Return whether this is a public address, or a name that is resolved later."""
    if _parse_ip(host) is not None:
        return _is_permitted(host, allow_loopback=False)
    return bool(_NAME.fullmatch(host)) and not _NUMERIC.fullmatch(host)


def _is_loopback(host: str) -> bool:
    ip = _parse_ip(host)
    return ip is not None and ip.is_loopback


def _parse_ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_permitted(address: str, allow_loopback: bool) -> bool:
    outer = ip_address(address.partition("%")[0])
    ip = _unwrap_ipv4(outer)
    local = getattr(ip, "is_site_local", False) or ip.is_multicast
    reserved = any(part in network for network in _NOT_PUBLIC for part in (ip, outer))
    return (ip.is_global and not local and not reserved) or (allow_loopback and ip.is_loopback)


def _unwrap_ipv4(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(ip, IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    isatap = (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP
    if isatap or any(ip in network for network in _WITH_IPV4):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
