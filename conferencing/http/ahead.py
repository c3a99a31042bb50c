"""The replies of a listing in their order, with further pages on their way meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from .paging import Paging
from .reply import Reply
from .request import Request

__all__ = ["Ahead"]


class Ahead:
    """Fetch pages by turns; those behind the present one as well, as far as they are known.

    Nothing is fetched ahead before the first page has shown that there are more. What is fetched
    for nothing, at the end or where pages turn out to be others, is let go.
    """

    def __init__(
        self, send: Callable[[Request], Awaitable[Reply]], paging: Paging, count: int
    ) -> None:
        self._send = send
        self._paging = paging
        self._count = count
        self._begun = False
        self._coming: deque[tuple[Request, asyncio.Task[Reply]]] = deque()

    async def reply(self, request: Request) -> Reply:
        """Return the reply to the request for the next page."""
        if not self._count:
            return await self._send(request)
        if self._coming and self._coming[0][0] != request:
            await self.aclose()
        if not self._coming:
            self._ask(request)
        if self._begun:
            self._look_ahead()
        self._begun = True
        reply = await self._coming[0][1]
        self._coming.popleft()
        return reply

    async def aclose(self) -> None:
        """Let go of all that is still on its way."""
        tasks = [task for _, task in self._coming]
        self._coming.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _look_ahead(self) -> None:
        while len(self._coming) <= self._count:
            following = self._paging.ahead(self._coming[-1][0])
            if following is None:
                return
            self._ask(following)

    def _ask(self, request: Request) -> None:
        self._coming.append((request, asyncio.ensure_future(self._send(request))))
