"""The line to a vendor: each request that is put on it is on the wire exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from conferencing.version import __version__

from .exchange import UNENDED, Broken, Lost, body_of, broken, read, secrets_of, signed
from .sessions import Sessions

if TYPE_CHECKING:
    from conferencing.accounts.context import Context

    from .auth import Grant
    from .reply import Reply
    from .request import Outgoing
    from .retry import Policy

__all__ = ["Line"]

ACCEPT: Final = "application/json, */*;q=0.5"


class Line:
    """Put the requests of one account on the wire, over aiohttp."""

    def __init__(
        self, name: str, base_url: str, headers: Mapping[str, str], policy: Policy, context: Context
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"User-Agent": _user_agent(name, context.app), "Accept": ACCEPT, **headers}
        self._longest = policy.attempt
        # The rest is the watch's; but what has no connection by then was surely not sent.
        self._limits = aiohttp.ClientTimeout(
            total=None, connect=policy.read * 0.9, sock_connect=policy.connect
        )
        self._proxy = context.proxy
        self._sessions = Sessions(context.session, policy.read)

    @property
    def closed(self) -> bool:
        """Whether it takes no more requests."""
        return self._sessions.closed

    async def aclose(self) -> None:
        """Close the connections that are our own."""
        await self._sessions.aclose()

    def check(self) -> None:
        """Raise `ClientClosed` if it takes no more requests."""
        self._sessions.cached()

    async def exchange(self, outgoing: Outgoing, grant: Grant, seconds: float) -> Reply | Broken:
        """Send a request once and return its reply, or what became of it within so many seconds."""
        lent = self._sessions.cached() or await self._sessions.made()
        limit = lent.watch.limit(min(seconds, self._longest))
        try:
            with limit:
                async with lent.session.request(
                    outgoing.method,
                    URL(self._base + outgoing.target, encoded=True),
                    data=body_of(outgoing),
                    headers=self._headers_of(outgoing),
                    timeout=self._limits,
                    allow_redirects=False,
                    raise_for_status=False,
                    auto_decompress=True,
                    proxy=self._proxy.reveal() if self._proxy else None,
                    middlewares=(signed(grant, outgoing),),
                ) as response:
                    limit.reading(response.content)
                    return await read(response, partial(secrets_of, outgoing, grant))
        except Lost as lost:
            return lost.broken
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            late = limit.answered and isinstance(error, TimeoutError)
            return UNENDED if late else broken(error)

    def _headers_of(self, outgoing: Outgoing) -> dict[str, str]:
        headers = {**self._headers, **outgoing.request.headers}
        if outgoing.media_type:
            headers["Content-Type"] = outgoing.media_type
        return headers


def _user_agent(name: str, app: str | None) -> str:
    own = f"conferencing/{__version__} ({name}) aiohttp/{aiohttp.__version__}"
    return f"{app} {own}" if app else own
