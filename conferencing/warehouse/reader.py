"""Read the rooms of all accounts at once, in an event loop in a thread, for a blocking consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from .reading import Reading, RoomReader, find_absent
from .rows import RowBuilder

__all__ = ["Reader", "Selection"]

FindStored = Callable[[str], Collection[str]]
"""Returns the ids of the rooms of an account that are in the warehouse."""


@frozen(kw_only=True)
class Selection:
    """What is read: the accounts, how people are written, and which rooms and sessions.

    With `rooms`, ids by account, these are read whole and nothing else, and no pass begins.
    """

    accounts: Mapping[str, Account]
    identities: Identities
    window: Window
    rooms: Mapping[str, Sequence[str]] | None = None


class Reader:
    """Readings of all accounts, in the order in which they are read.

    At most `ahead` rooms are being read, or are read and not released. `cursors` are those of the
    readings that were taken, `unfinished` the accounts that have not been read to the end, and
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

    def take(self, count: int) -> Iterator[Reading]:
        """Yield the next `count` readings, each as soon as it is there; fewer at the end."""
        assert self._portal is not None  # noqa: S101 - `begin` was called
        for _ in range(count):
            reading = self._portal.run(self._take())
            if reading is None:
                self.exhausted = True
                return
            self._move_cursor(reading)
            yield reading

    def release(self, rooms: int) -> None:
        """Let as many further rooms be read."""
        assert self._portal is not None  # noqa: S101 - `begin` was called
        self._portal.run(self._release(rooms))

    def _move_cursor(self, reading: Reading) -> None:
        cursor = self.cursors[reading.account]
        if reading.finished:
            self.unfinished.discard(reading.account)
        if reading.room_id is not None and not reading.stops:
            cursor.note_room(reading.room_id, failed=reading.failed, base=reading.base)
        if self.selection.rooms is None:
            cursor.last = reading.room_id if reading.room_id and not reading.stops else cursor.last
            if reading.finished:
                cursor.finish()

    # -- in the loop of the portal

    async def _start(self, stored: Mapping[str, Collection[str]]) -> None:
        self._readings: asyncio.Queue[Reading | None] = asyncio.Queue()
        self._permits = asyncio.Semaphore(self._ahead)
        self._work = asyncio.create_task(self._read_all(stored))

    async def _take(self) -> Reading | None:
        reading = await self._readings.get()
        if reading is None:
            self._readings.put_nowait(None)
            await self._work  # raises what ended it
        return reading

    async def _release(self, count: int) -> None:
        for _ in range(count):
            self._permits.release()

    async def _read_all(self, stored: Mapping[str, Collection[str]]) -> None:
        try:
            accounts = self.selection.accounts
            await asyncio.gather(*(self._read(name, stored.get(name, ())) for name in accounts))
        finally:
            self._readings.put_nowait(None)

    async def _read(self, name: str, stored: Collection[str]) -> None:
        now = SystemClock().now()
        whole_pass = self.selection.rooms is None
        began = self.cursors[name].begin(now) if whole_pass else now
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
                deliver=self._readings.put_nowait,
            )
            if self.selection.rooms is None:
                await reader.read_pass(self.cursors[name], stored)
            else:
                await reader.read_rooms(self.selection.rooms.get(name, ()))
