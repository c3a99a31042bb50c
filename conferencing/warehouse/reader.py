"""Read the rooms of all accounts at once, in an event loop in a thread, for a blocking consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self

from attrs import frozen

from conferencing.accounts.config import Account
from conferencing.accounts.context import SystemClock
from conferencing.capabilities import Operation
from conferencing.conference import connect
from conferencing.portal import Portal

from .account import AccountReader
from .cursor import Cursor, Window
from .people import Identities
from .reading import Chapter, RoomReader, find_absent
from .rows import RowBuilder

__all__ = ["Reader", "Selection"]

FindStored = Callable[[str], Collection[str]]
"""Returns the ids of the rooms of an account that are in the warehouse."""


@frozen(kw_only=True)
class Selection:
    """What is read: the accounts, how people are written, and which rooms and sessions.

    With `rooms`, ids by account, these are read and nothing else, and no cursor moves.
    """

    accounts: Mapping[str, Account]
    identities: Identities
    window: Window
    rooms: Mapping[str, Sequence[str]] | None = None


class Reader:
    """Chapters of all accounts, in the order in which they are read.

    At most `ahead` rooms are being read, or are read and not released. `cursors` are those of the
    chapters that were taken, `unfinished` the accounts that have not been read to the end, and
    `absent` what each account does not have. `exhausted` says that nothing is left to take.
    """

    def __init__(self, selection: Selection, ahead: int) -> None:
        self.selection = selection
        self.cursors: dict[str, Cursor] = {}
        self.unfinished = set(selection.accounts)
        self.absent: dict[str, set[Operation]] = {}
        self.exhausted = False
        self._ahead = ahead
        self._portal: Portal | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the clients."""
        if self._portal is not None:
            self._portal.close()

    def begin(self, states: Mapping[str, Mapping[str, Any]], find_stored: FindStored) -> None:
        """Start to read where the stored cursors say; a second call does nothing."""
        if self._portal is not None:
            return
        for name in self.selection.accounts:
            self.cursors[name] = Cursor.from_state(states.get(name, {}))
        stored = {
            name: find_stored(name)
            for name, cursor in self.cursors.items()
            if cursor.complete and self.selection.rooms is None
        }
        self._portal = Portal()
        self._portal.run(self._start(stored))

    def take(self, count: int) -> list[Chapter]:
        """Wait for `count` chapters and return them; fewer at the end."""
        assert self._portal is not None  # noqa: S101 - `begin` was called
        chapters = self._portal.run(self._take(count))
        self.exhausted = len(chapters) < count
        for chapter in chapters:
            self._move_cursor(chapter)
        return chapters

    def release(self, chapters: Sequence[Chapter]) -> None:
        """Let as many rooms be read as there are in these chapters."""
        assert self._portal is not None  # noqa: S101 - `begin` was called
        self._portal.run(self._release(sum(chapter.room_id is not None for chapter in chapters)))

    def _move_cursor(self, chapter: Chapter) -> None:
        cursor = self.cursors[chapter.account]
        if chapter.finished is not None:
            self.unfinished.discard(chapter.account)
        if self.selection.rooms is not None:
            return
        if chapter.finished is not None:
            cursor.finish(chapter.finished)
        elif chapter.room_id is not None and not chapter.stops:
            cursor.pass_room(chapter.room_id, failed=chapter.failed, base=chapter.base)

    # -- in the loop of the portal

    async def _start(self, stored: Mapping[str, Collection[str]]) -> None:
        self._chapters: asyncio.Queue[Chapter | None] = asyncio.Queue()
        self._permits = asyncio.Semaphore(self._ahead)
        self._work = asyncio.create_task(self._read_all(stored))

    async def _take(self, count: int) -> list[Chapter]:
        chapters: list[Chapter] = []
        while len(chapters) < count:
            chapter = await self._chapters.get()
            if chapter is None:
                self._chapters.put_nowait(None)
                await self._work  # raises what ended it
                break
            chapters.append(chapter)
        return chapters

    async def _release(self, count: int) -> None:
        for _ in range(count):
            self._permits.release()

    async def _read_all(self, stored: Mapping[str, Collection[str]]) -> None:
        try:
            accounts = self.selection.accounts
            await asyncio.gather(*(self._read(name, stored.get(name, ())) for name in accounts))
        finally:
            self._chapters.put_nowait(None)

    async def _read(self, name: str, stored: Collection[str]) -> None:
        began = self.cursors[name].begin(SystemClock().now())
        async with connect(self.selection.accounts[name]) as conference:
            self.absent[name] = find_absent(conference)
            builder = RowBuilder(name, conference.provider.name, self.selection.identities)
            rooms = RoomReader(
                conference=conference,
                builder=builder,
                window=self.selection.window,
                began=began,
                absent=self.absent[name],
            )
            reader = AccountReader(
                conference=conference,
                rooms=rooms,
                permits=self._permits,
                deliver=self._chapters.put_nowait,
            )
            if self.selection.rooms is None:
                await reader.read_pass(self.cursors[name], stored)
            else:
                await reader.read_rooms(self.selection.rooms.get(name, ()))
