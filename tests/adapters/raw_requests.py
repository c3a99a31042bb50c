"""Requests as any program sends them, without our client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from attrs import frozen
from yarl import URL

__all__ = ["RawReply", "send_raw"]


@frozen
class RawReply:
    """A reply as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON of the reply, or None."""
        return json.loads(self.content) if self.content else None

    @property
    def code(self) -> Any:
        """The vendor's code of a failure, as Zoom or Graph writes it."""
        return self.body.get("error", self.body)["code"]


async def send_raw(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: str | bytes | None = None,
) -> RawReply:
    """Send a request whose URL and body are taken as they are, and follow no redirect."""
    async with session.request(
        method, URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
    ) as reply:
        return RawReply(reply.status, reply.headers, await reply.read())
