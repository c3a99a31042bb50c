"""Leases: what all shared journals have in common, apart from how each store keeps them."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

from conferencing.bulk.journal import JournalError
from conferencing.bulk.result import Outcome
from conferencing.errors import ConferencingError
from conferencing.handles import finish

from .records import BatchRecord, BatchState, Mark

__all__ = ["LeasedJournal"]

T = TypeVar("T")
C = TypeVar("C")

SAFE: Final = 0.6
"""After which part of the lease without a renewal its holder stops sending.

The rest is what may pass between the check before a request and the vendor's receipt of it.
"""

RENEWALS: Final = 5
"""How often a lease is renewed in its time."""

POLL: Final = 0.5
"""How long, in seconds, whoever waits for a lease waits between two tries."""


class LeasedJournal(ABC, Generic[C]):
    """A shared journal; a store implements the abstract methods, which may raise anything.

    `C` is what a lease is tied to in the store: a session, or nothing.
    """

    def __init__(self, lease: float) -> None:
        self.lease = lease

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[LeaseHold[C]]:
        """Wait until nobody else holds `key`, and hold it."""
        hold = LeaseHold(self, key)
        keeper = asyncio.create_task(hold.keep())
        try:
            # Not cancelled half-way: a lease that is taken has to be given up again.
            while not await finish(hold.acquire(hold.holder)):  # noqa: ASYNC110 - in other processes
                await asyncio.sleep(min(POLL, self.lease / RENEWALS))
            yield hold
        finally:
            keeper.cancel()
            await finish(hold.release())

    @abstractmethod
    async def acquire_lease(self, holder: str, owner: str) -> C | None:
        """Take a lease; return None if somebody else has it."""

    @abstractmethod
    async def renew_leases(self, connection: C, holders: Collection[str], owner: str) -> bool:
        """Renew leases; return whether all were still held."""

    @abstractmethod
    async def release_leases(self, connection: C, holders: Collection[str], owner: str) -> None:
        """Give leases up."""

    @abstractmethod
    async def write_people(
        self, connection: C, hold: LeaseHold[C], begun: Collection[str],
        done: Mapping[str, Outcome], unsent: Collection[str],
    ) -> Collection[str]:  # fmt: skip
        """Record people; raise `LostLease` if the lease is lost."""

    @abstractmethod
    async def start_batch(self, connection: C, hold: LeaseHold[C]) -> BatchRecord | None:
        """Count a delivery; return the record of the hold's batch."""

    @abstractmethod
    async def finish_batch(self, connection: C, hold: LeaseHold[C], record: BatchRecord) -> None:
        """Replace the record of the hold's batch."""


class LostLease(Exception):
    """The store says that somebody else may have the lease."""


class LeaseHold(Generic[C]):
    """A lease that is renewed in the background."""

    def __init__(self, journal: LeasedJournal[C], key: str) -> None:
        self.key = key
        self.holder = hash_holder(key)
        self.owner = uuid4().hex
        self.holders = set[str]()
        self._journal = journal
        self._connection: C | None = None
        self._renewed_at = 0.0
        self._lost = False

    async def acquire(self, holder: str) -> bool:
        """Try to take the lease of a holder; return whether it was taken."""
        now = time.monotonic()
        connection = await guard(self._journal.acquire_lease(holder, self.owner))
        if connection is None:
            return False
        if not self.holders:
            self._connection, self._renewed_at = connection, now
        self.holders.add(holder)
        return True

    async def adopt(self, holder: str) -> bool:
        """Take over the people of another key; return False if somebody holds it."""
        self.check()
        return await finish(self.acquire(holder))

    def check(self) -> None:
        """Raise `JournalError` unless the lease was renewed a short while ago."""
        if self._lost or time.monotonic() - self._renewed_at > self._journal.lease * SAFE:
            raise build_lease_error()

    async def keep(self) -> None:
        """Renew the lease until it is lost. While the store is unavailable, it is tried again."""
        while not self._lost:
            await asyncio.sleep(self._journal.lease / RENEWALS)
            if self.holders:
                with suppress(ConferencingError):
                    await self._renew()

    async def release(self) -> None:
        """Give the lease up, or leave it to its end if the store is unavailable."""
        if self._connection is not None:
            with suppress(ConferencingError):
                await guard(
                    self._journal.release_leases(self._connection, self.holders, self.owner)
                )

    async def write(
        self, begun: Iterable[str], done: Mapping[str, Outcome], unsent: Iterable[str]
    ) -> Collection[str]:
        """Record people in one transaction; return those of `begun` that another key has."""
        return await self._use(
            self._journal.write_people(self.connection, self, [*begun], done, [*unsent])
        )

    async def start(self) -> BatchRecord | None:
        """Count a delivery of the batch, and return its record."""
        return await self._use(self._journal.start_batch(self.connection, self))

    async def finish(self, record: BatchRecord) -> None:
        """Replace the record of the batch; one that is done keeps no people."""
        await self._use(self._journal.finish_batch(self.connection, self, record))

    @property
    def connection(self) -> C:
        """What the lease is tied to."""
        assert self._connection is not None  # noqa: S101 - set when it was acquired
        return self._connection

    async def _renew(self) -> None:
        now = time.monotonic()
        renew = self._journal.renew_leases(self.connection, self.holders, self.owner)
        if await guard(renew):
            self._renewed_at = now
        else:
            self._lost = True

    async def _use(self, work: Awaitable[T]) -> T:
        """Await a statement that the store refuses once the lease is lost."""
        try:
            return await guard(work)
        except LostLease:
            self._lost = True
        raise build_lease_error()


def build_lease_error() -> JournalError:
    """Return the error of whoever has lost a lease."""
    return JournalError("the lease on this batch is lost; another worker continues it")


async def guard(work: Awaitable[T]) -> T:
    """Await what a store does; turn whatever it raises into `JournalError`."""
    try:
        return await work
    except (ConferencingError, LostLease):
        raise
    except Exception as error:  # noqa: BLE001 - a driver may raise anything
        # The text of a driver's error may hold the address, and that a password.
        database = type(error).__module__ == "sqlite3"
        reason = f"{type(error).__name__}: {error}" if database else type(error).__name__
    raise JournalError(
        f"the journal cannot be used ({reason}); check that it is running and that its disk is not"
        " full",
        field="journal",
    )


def hash_holder(key: str) -> str:
    """Return what stands for a key in a journal."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_mark(outcome: str | None, holder: str) -> Mark:
    """Return a mark as a store has it."""
    return Mark(Outcome(outcome) if outcome else None, holder)


def describe(record: BatchRecord) -> dict[str, Any]:
    """Return a batch without its people as plain data."""
    return {
        "account": record.account,
        "room": record.room,
        "size": record.size,
        "counts": {outcome.value: count for outcome, count in record.counts.items() if count},
        "refused": [list(row) for row in record.refused],
        "reason": record.reason,
    }


def read_record(
    key: str, state: str, deliveries: int, facts: Mapping[str, Any], content: str | None = None
) -> BatchRecord:
    """Return a batch as a store has it; `facts` are what `describe` has returned."""
    return BatchRecord(
        key=key,
        account=facts["account"],
        room=facts["room"],
        size=facts["size"],
        state=BatchState(state),
        deliveries=deliveries,
        counts={Outcome(outcome): count for outcome, count in facts["counts"].items()},
        refused=tuple((number, reason) for number, reason in facts["refused"]),
        reason=facts["reason"],
        content=content,
    )
