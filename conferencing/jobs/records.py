"""What a shared journal has of batches and people, and what it can do. A person is a hash here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from conferencing.bulk.result import Outcome

__all__ = ["BatchRecord", "BatchState", "Hold", "Mark", "SharedJournal"]


class BatchState(StrEnum):
    """What is to be done about a batch."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  # given up; `reason` says why


@frozen(kw_only=True)
class BatchRecord:
    """A batch as the journal has it.

    `deliveries` counts how often it was begun since its last mark. `content` is the batch as JSON
    text, until it is done. `counts` and `refused` are those of its result.
    """

    key: str
    account: str
    room: str
    size: int
    state: BatchState = BatchState.WAITING
    deliveries: int = 0
    counts: Mapping[Outcome, int] = field(factory=dict[Outcome, int])
    refused: tuple[tuple[int, str], ...] = ()
    reason: str | None = None
    content: str | None = field(default=None, repr=False)


@frozen
class Mark:
    """What is recorded of a person: the outcome, or None while in doubt, and whose batch it is."""

    outcome: Outcome | None
    holder: str


class Hold(Protocol):
    """The lease on a key: nobody else works on it meanwhile.

    All methods raise `JournalError` if the lease is lost, and then nothing may be sent any more.
    """

    holder: str
    """What the marks of this key are labelled with."""

    def check(self) -> None:
        """Raise unless the lease was renewed a short while ago; nothing is sent to the server."""
        ...

    async def adopt(self, holder: str) -> bool:
        """Take over the people of another key; return False if somebody holds it."""
        ...

    async def write(
        self, begun: Iterable[str], done: Mapping[str, Outcome], unsent: Iterable[str]
    ) -> Collection[str]:
        """Record people in one transaction; return those of `begun` that another key has."""
        ...

    async def start(self) -> BatchRecord | None:
        """Count a delivery of the batch of this key, and return its record; None if it has none."""
        ...

    async def finish(self, record: BatchRecord) -> None:
        """Replace the record of the batch; one that is done keeps no people."""
        ...


@runtime_checkable
class SharedJournal(Protocol):
    """A journal that many processes share. Methods raise `JournalError` while it is unavailable."""

    def hold(self, key: str) -> AbstractAsyncContextManager[Hold]:
        """Wait until nobody else holds `key`, and hold it."""
        ...

    async def marks(self, people: Sequence[str]) -> Mapping[str, Mark]:
        """Return what is recorded of people, by their hashes."""
        ...

    async def add(self, records: Sequence[BatchRecord]) -> Sequence[BatchRecord]:
        """Record new batches, and make failed ones wait again; return those that are not done."""
        ...

    async def load(self, key: str) -> BatchRecord | None:
        """Return a batch."""
        ...

    async def records(self) -> Sequence[BatchRecord]:
        """Return all batches, without their people."""
        ...

    async def park(self, account: str, reason: str) -> None:
        """Keep the batches of an account from being begun, until `unpark`."""
        ...

    async def unpark(self, account: str) -> None:
        """Let the batches of an account be begun again."""
        ...

    async def list_parked(self) -> Mapping[str, str]:
        """Return the accounts that are parked, each with the reason."""
        ...

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        ...
