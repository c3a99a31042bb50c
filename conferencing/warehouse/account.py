"""Read the rooms of one account: several at once, delivered in the order of their ids."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Iterable
from contextlib import aclosing
from functools import partial
from itertools import islice
from typing import Any, Final

from attrs import frozen

from conferencing.conference import Conference
from conferencing.errors import ConferencingError

from .cursor import Cursor
from .reading import Reading, RoomReader

__all__ = ["AccountReader"]

CONCURRENCY: Final = 8
"""How many rooms of an account are read at once, so that the rate is the limit, not the latency."""

MAX_FAILURES: Final = 5
"""After how many failed rooms in a row an account is left for the next harvest."""

Call = Callable[[], Coroutine[Any, Any, Reading]]


@frozen(kw_only=True)
class AccountReader:
    """Read the rooms that are due, and pass a reading for each to `deliver`.

    A room is read while it has one of the `permits`. Whoever takes its reading releases the permit.
    """

    conference: Conference
    rooms: RoomReader
    permits: asyncio.Semaphore
    deliver: Callable[[Reading], None]

    async def read_pass(self, cursor: Cursor, stored: Collection[str]) -> None:
        """Read all rooms behind the cursor.

        If the account fails, the next harvest goes on with this pass.
        """
        summary = Reading(account=self.conference.account)
        try:
            listing = self.conference.rooms()
            listed = await listing.collect()
        except ConferencingError as error:
            self.rooms.add_problem(summary, error)
        else:
            self.rooms.add_unreadable(summary, listing.problems)
            due = cursor.list_due_rooms(listed)
            bases = {room.id: cursor.find_base(room.id, stored) for room in due}
            calls = (partial(self.rooms.read, room, bases[room.id]) for room in due)
            summary.finished = await self._read_in_turn(calls)
        self.deliver(summary)

    async def read_rooms(self, room_ids: Iterable[str]) -> None:
        """Read certain rooms whole, whatever the cursor says."""
        calls = (partial(self._fetch_and_read, key) for key in dict.fromkeys(room_ids))
        finished = await self._read_in_turn(calls)
        self.deliver(Reading(account=self.conference.account, finished=finished))

    async def _fetch_and_read(self, room_id: str) -> Reading:
        try:
            room = await self.conference.get_room(room_id)
        except ConferencingError as error:
            reading = Reading(account=self.conference.account, room_id=room_id)
            self.rooms.add_problem(reading, error)
            return reading
        return await self.rooms.read(room, None)

    async def _read_in_turn(self, calls: Iterable[Call]) -> bool:
        """Deliver the readings; return False if the account failed and the rest was not read."""
        failures = 0
        async with aclosing(self._run(calls)) as readings:
            async for reading in readings:
                self.deliver(reading)
                failures = failures + 1 if reading.failed else 0
                if reading.stops or failures == MAX_FAILURES:
                    return False
        return True

    async def _run(self, calls: Iterable[Call]) -> AsyncGenerator[Reading]:
        """Yield the results of the calls in their order, with `CONCURRENCY` of them running."""
        pending = iter(calls)
        running = deque(map(self._start, islice(pending, CONCURRENCY)))
        try:
            while running:
                reading = await running[0]
                running.popleft()
                running.extend(map(self._start, islice(pending, 1)))
                yield reading
        finally:
            for task in running:
                task.cancel()
            for result in await asyncio.gather(*running, return_exceptions=True):
                if isinstance(result, Reading):  # nobody takes it any more
                    self.permits.release()

    def _start(self, call: Call) -> asyncio.Task[Reading]:
        return asyncio.create_task(self._read_with_permit(call))

    async def _read_with_permit(self, call: Call) -> Reading:
        await self.permits.acquire()
        try:
            return await call()
        except BaseException:
            self.permits.release()
            raise
