"""A browser without a screen: it follows links, sends forms and reads pages."""

from __future__ import annotations

from html import unescape
from re import search, sub
from typing import Any
from urllib.parse import urljoin

import aiohttp
from attrs import frozen
from yarl import URL


@frozen
class ReceivedPage:
    """A page as it was received."""

    status: int
    url: str
    headers: Any
    html: str

    @property
    def title(self) -> str:
        return unescape(self.match(r"<title>(.*) · conferencing sandbox</title>"))

    @property
    def text(self) -> str:
        """The visible text: no tags, and one space for each gap."""
        body = self.html.partition("<main")[2].partition(">")[2]
        return " ".join(unescape(sub(r"<[^>]*>", " ", body)).split())

    @property
    def alert(self) -> str:
        return unescape(self.match(r'role="alert"><strong>[^<]*</strong><p>([^<]*)</p>'))

    def match(self, pattern: str) -> str:
        match = search(pattern, self.html)
        return match[1] if match else ""

    def link(self, text: str) -> str:
        """Return the URL of the link whose text starts so."""
        href = self.match(rf'<a [^>]*?href="([^"]*)"[^>]*>{text}')
        assert href, f"there is no link {text!r}"
        return urljoin(self.url, unescape(href))


class Visitor:
    """Read pages and send forms."""

    def __init__(self, origin: str, http: aiohttp.ClientSession) -> None:
        self.origin = origin
        self.http = http

    async def get(self, url: str, **options: Any) -> ReceivedPage:
        return await self.send("GET", url, **options)

    async def post(self, url: str, **fields: str) -> ReceivedPage:
        return await self.send("POST", url, data=fields)

    async def send(self, method: str, url: str, **options: Any) -> ReceivedPage:
        target = URL(urljoin(self.origin, url), encoded=True)
        async with self.http.request(method, target, **options) as reply:
            return ReceivedPage(reply.status, str(reply.url), reply.headers, await reply.text())

    async def sign_in(self, join_url: str, identity: str, email: str) -> ReceivedPage:
        """Sign in from a join page, and return the page to which that leads."""
        page = await self.get((await self.get(join_url)).link(f"Sign in with {identity}"))
        return await self.post(page.url, email=email)
