"""The aiohttp session that calls go through: a borrowed one, or one of our own in each loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
from attrs import frozen

from conferencing.errors import ClientClosed

from .watch import Watch

__all__ = ["Sessions"]


class Sessions:
    """Lend a session: the borrowed one, or our own, made once in each event loop that asks."""

    def __init__(self, borrowed: aiohttp.ClientSession | None, silence: float) -> None:
        self._borrowed = borrowed
        self._silence = silence
        self._lent: dict[asyncio.AbstractEventLoop, Lent] = {}
        self.closed = False

    def cached(self) -> Lent | None:
        """Return what the running loop has, or None before it is made. Raises `ClientClosed`."""
        loop = asyncio.get_running_loop()
        if self.closed:
            raise ClientClosed("this client is closed; connect again")
        if self._borrowed is not None:
            check_usable(self._borrowed, loop)
        return self._lent.get(loop)

    async def made(self) -> Lent:
        """Make what the running loop needs."""
        keeper = None if self._borrowed else _kept()
        session = await anext(keeper) if keeper else self._borrowed
        assert session is not None  # noqa: S101
        lent = Lent(session, Watch(self._silence), keeper)
        self._lent = {one: its for one, its in self._lent.items() if not one.is_closed()}
        self._lent[asyncio.get_running_loop()] = lent
        return lent

    async def aclose(self) -> None:
        """Close what is our own; what another running loop has is closed there."""
        self.closed = True
        here = asyncio.get_running_loop()
        for loop, lent in self._lent.items():
            if loop is here:
                await lent.aclose()
            elif not loop.is_closed():
                asyncio.run_coroutine_threadsafe(lent.aclose(), loop)
        self._lent.clear()


@frozen
class Lent:
    """What a loop has: a session, a watch, and the generator that closes a session of our own."""

    session: aiohttp.ClientSession
    watch: Watch
    _keeper: AsyncGenerator[aiohttp.ClientSession] | None

    async def aclose(self) -> None:
        self.watch.stop()
        if self._keeper is not None:
            await self._keeper.aclose()


async def _kept() -> AsyncGenerator[aiohttp.ClientSession]:
    """Give a session and close it in the end: a loop that shuts down ends its generators first."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def check_usable(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
    if session.closed:
        raise ClientClosed("the borrowed aiohttp session is closed")
    if session._loop is not loop:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        raise ClientClosed("the borrowed aiohttp session belongs to another event loop")
