"""Open a shared journal, and use it in a run: people are hashed, and rows of others left to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeGuard

from conferencing.bulk.journal import JournalRow
from conferencing.bulk.result import Outcome
from conferencing.client.base import check_seconds
from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

from .records import Hold, SharedJournal

__all__ = ["HeldJournal", "open_journal"]

_REDIS: Final = ("redis://", "rediss://", "unix://")
_SCHEMES: Final = ("sqlite:", "postgresql://", *_REDIS)

LEASE: Final = 30.0
"""How long, in seconds, a worker that is silent keeps its batch."""


class HeldJournal:
    """The journal of one run over a shared one: keys are hashed, and no reasons are recorded."""

    shared: bool = True

    def __init__(
        self, journal: SharedJournal, hold: Hold, subject: str, keys: Iterable[str]
    ) -> None:
        self._journal = journal
        self._hold = hold
        self._hashes = {key: hash_person(subject, key) for key in keys}
        self._keys = {digest: key for key, digest in self._hashes.items()}

    async def read(self) -> tuple[dict[str, JournalRow], bool]:
        """Return the rows that are recorded; those of a batch that somebody holds are busy."""
        marks = await self._journal.marks([*self._keys])
        doubtful = {mark.holder for mark in marks.values() if mark.outcome is None}
        free = {
            holder
            for holder in doubtful
            if holder == self._hold.holder or await self._hold.adopt(holder)
        }
        rows = {
            self._keys[digest]: JournalRow(
                mark.outcome, busy=mark.outcome is None and mark.holder not in free
            )
            for digest, mark in marks.items()
        }
        return rows, False

    async def write(
        self,
        begun: Iterable[str] = (),
        done: Mapping[str, tuple[Outcome, str | None]] | None = None,
        unsent: Iterable[str] = (),
    ) -> Collection[str]:
        """Record rows in one transaction, as long as this run has the lease."""
        hashes = self._hashes
        busy = await self._hold.write(
            [hashes[key] for key in begun],
            {hashes[key]: outcome for key, (outcome, _) in (done or {}).items()},
            [hashes[key] for key in unsent],
        )
        return {self._keys[digest] for digest in busy}

    def check(self) -> None:
        """Raise `JournalError` if the lease is lost."""
        self._hold.check()


async def read_marks(
    journal: SharedJournal, subject: str, keys: Iterable[str]
) -> dict[str, JournalRow]:
    """Return the rows that are recorded, for a dry run, which holds nothing."""
    digests = {hash_person(subject, key): key for key in keys}
    marks = await journal.marks([*digests])
    return {digests[digest]: JournalRow(mark.outcome) for digest, mark in marks.items()}


def hash_person(subject: str, key: str) -> str:
    """Return what stands for a person of a room in a journal."""
    return sha256(f"{subject}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_shared(journal: object) -> TypeGuard[str | SharedJournal]:
    """Return whether this is a shared journal or the address of one, and not the path of a file."""
    return isinstance(journal, SharedJournal) or (
        isinstance(journal, str) and journal.startswith(_SCHEMES)
    )


def open_journal(address: str | SharedJournal, *, lease: float = LEASE) -> SharedJournal:
    """Return the journal at `postgresql://…`, `redis://…` or `sqlite:<file>`; nothing is opened yet.

    A file is shared by the processes of one machine. `lease` is how long, in seconds, a worker that
    is silent keeps its batch. Raises `ConfigurationError`.
    """
    if not isinstance(address, str):
        return address
    secret = Secret(address)
    del address  # it may hold a password, and this frame may be shown
    check_seconds("lease", lease)
    if secret.reveal().startswith("sqlite:") and secret.reveal() != "sqlite:":
        from .sqlite import SQLiteJournal  # noqa: PLC0415

        return SQLiteJournal(Path(secret.reveal().removeprefix("sqlite:")).expanduser(), lease)
    if secret.reveal().startswith("postgresql://"):
        from .postgres import PostgresJournal  # noqa: PLC0415

        return PostgresJournal(secret, lease)
    if secret.reveal().startswith(_REDIS):
        from .redis import RedisJournal  # noqa: PLC0415

        return RedisJournal(secret, lease)
    raise ConfigurationError(
        "a shared journal is 'sqlite:<file>', a postgresql:// or a redis:// address",
        field="journal",
    )
