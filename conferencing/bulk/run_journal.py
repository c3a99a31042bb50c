"""What a run of a bulk registration needs of its journal, and the journal that is one file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from conferencing.handles import Handle, finish

from .journal import Journal, JournalRow
from .result import Outcome

__all__ = ["FileJournal", "RunJournal"]


class RunJournal(Protocol):
    """The journal of one run, opened at its first use. All methods raise `JournalError`."""

    @property
    def shared(self) -> bool:
        """Whether many runs share it.

        Then the vendor's list is read only if rows are in doubt, and a run whose journal fails ends
        at once: another one continues it.
        """
        ...

    async def read(self) -> tuple[dict[str, JournalRow], bool]:
        """Return the rows that are recorded, by key, and whether the journal was damaged."""
        ...

    async def write(
        self,
        begun: Iterable[str] = (),
        done: Mapping[str, tuple[Outcome, str | None]] | None = None,
        unsent: Iterable[str] = (),
    ) -> Collection[str]:
        """Record in one transaction which rows begin, and the outcomes of rows that have ended.

        `unsent` rows were begun and certainly not sent. Returns those of `begun` that another run
        has begun or done: this one must not send them.
        """
        ...

    def check(self) -> None:
        """Raise if this run may not send any more."""
        ...


class FileJournal:
    """A journal in one SQLite file, which this run alone has open; without `path`, in memory."""

    shared: bool = False

    def __init__(self, path: Path | None, subject: str, keys: Iterable[str]) -> None:
        self._journal = Handle(partial(Journal, path, subject, list(keys)), Journal.close)

    async def read(self) -> tuple[dict[str, JournalRow], bool]:
        """Return the rows that are recorded, and whether the file was damaged."""
        return await self._journal.run(lambda journal: (journal.rows(), journal.damaged))

    async def write(
        self,
        begun: Iterable[str] = (),
        done: Mapping[str, tuple[Outcome, str | None]] | None = None,
        unsent: Iterable[str] = (),
    ) -> Collection[str]:
        """Record rows. The file is locked, so that no other run has begun any of them."""
        work = partial(Journal.write, begun=begun, done=done, unsent=unsent)
        await finish(self._journal.run(work))
        return ()

    def check(self) -> None:
        """Do nothing: the lock on the file is lost with the process only."""

    async def aclose(self) -> None:
        """Close the file and release the lock."""
        await self._journal.aclose()
