"""A shared journal in a SQLite file, for the processes of one machine."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from conferencing.bulk.result import Outcome
from conferencing.sqlite_files import SharedFile, begin_transaction

from .leases import LeasedJournal, LeaseHold, LostLease, describe, guard, read_mark, read_record
from .records import BatchRecord, BatchState, Mark

__all__ = ["SQLiteJournal"]

T = TypeVar("T")

_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS people
    (key TEXT PRIMARY KEY, holder TEXT NOT NULL, outcome TEXT) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS batches
    (key TEXT PRIMARY KEY, state TEXT NOT NULL, deliveries INTEGER NOT NULL, facts TEXT NOT NULL,
     content TEXT);

    CREATE TABLE IF NOT EXISTS parked (account TEXT PRIMARY KEY, reason TEXT NOT NULL);

    CREATE TABLE IF NOT EXISTS leases
    (holder TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL)
"""
_MARKS: Final = "SELECT * FROM people WHERE key IN (SELECT value FROM json_each(?))"
_DONE: Final = """
    UPDATE people SET outcome = ?
    WHERE key = ? AND holder IN (SELECT value FROM json_each(?))
"""
_UNSENT: Final = """
    DELETE FROM people
    WHERE key = ? AND outcome IS NULL AND holder IN (SELECT value FROM json_each(?))
"""


class SQLiteJournal(LeasedJournal[bool]):
    """A file on a local disk; only its owner may read it. Leases use the machine's monotonic clock."""

    def __init__(self, path: Path, lease: float) -> None:
        super().__init__(lease)
        self._file = SharedFile(path, _make_tables, private=True)

    async def marks(self, people: Sequence[str]) -> Mapping[str, Mark]:
        """Return what is recorded of people."""
        return await self._run(partial(_select_marks, people))

    async def add(self, records: Sequence[BatchRecord]) -> Sequence[BatchRecord]:
        """Record new batches; return those that are not done."""
        return await self._run(partial(_add, records))

    async def load(self, key: str) -> BatchRecord | None:
        """Return a batch."""
        return await self._run(partial(_load, key))

    async def records(self) -> Sequence[BatchRecord]:
        """Return all batches, without their people."""
        return await self._run(_select_records)

    async def park(self, account: str, reason: str) -> None:
        """Keep the batches of an account from being begun."""
        statement = "INSERT OR REPLACE INTO parked VALUES (?, ?)"
        await self._run(lambda file: file.execute(statement, (account, reason)))

    async def unpark(self, account: str) -> None:
        """Let the batches of an account be begun again."""
        await self._run(
            lambda file: file.execute("DELETE FROM parked WHERE account = ?", (account,))
        )

    async def list_parked(self) -> Mapping[str, str]:
        """Return the accounts that are parked, each with the reason."""
        return await self._run(lambda file: dict(file.execute("SELECT * FROM parked").fetchall()))

    async def aclose(self) -> None:
        """Close the file."""
        await self._file.aclose()

    async def acquire_lease(self, holder: str, owner: str) -> bool | None:
        return await self._file.run(partial(_take, holder, owner, self.lease)) or None

    async def renew_leases(self, connection: bool, holders: Collection[str], owner: str) -> bool:
        def renew(file: sqlite3.Connection) -> bool:
            with begin_transaction(file):
                return all(_extend(holder, owner, self.lease, file) for holder in holders)

        return await self._file.run(renew)

    async def release_leases(self, connection: bool, holders: Collection[str], owner: str) -> None:
        statement = "DELETE FROM leases WHERE owner = ?"
        await self._file.run(lambda file: file.execute(statement, (owner,)))

    async def write_people(
        self,
        connection: bool,
        hold: LeaseHold[bool],
        begun: Collection[str],
        done: Mapping[str, Outcome],
        unsent: Collection[str],
    ) -> Collection[str]:
        def write(file: sqlite3.Connection) -> Collection[str]:
            with begin_transaction(file):
                _check_lease(hold, file)
                marks = _select_marks([*begun], file)
                busy = {key for key, mark in marks.items() if mark.holder not in hold.holders}
                file.executemany(
                    "INSERT OR REPLACE INTO people VALUES (?, ?, NULL)",
                    [(key, hold.holder) for key in begun if key not in busy],
                )
                ours = json.dumps([*hold.holders])
                rows = [(outcome.value, key, ours) for key, outcome in done.items()]
                file.executemany(_DONE, rows)
                file.executemany(_UNSENT, [(key, ours) for key in unsent])
                if done or len(marks) < len(begun):  # a new mark
                    _reset_deliveries(hold.key, file)
                return busy

        return await self._file.run(write)

    async def start_batch(self, connection: bool, hold: LeaseHold[bool]) -> BatchRecord | None:
        def start(file: sqlite3.Connection) -> BatchRecord | None:
            with begin_transaction(file):
                _check_lease(hold, file)
                statement = "UPDATE batches SET deliveries = deliveries + 1 WHERE key = ?"
                file.execute(statement, (hold.key,))
                return _load(hold.key, file)

        return await self._file.run(start)

    async def finish_batch(
        self, connection: bool, hold: LeaseHold[bool], record: BatchRecord
    ) -> None:
        def finish(file: sqlite3.Connection) -> None:
            with begin_transaction(file):
                _check_lease(hold, file)
                content = None if record.state is BatchState.DONE else record.content
                file.execute(
                    "INSERT OR REPLACE INTO batches VALUES (?, ?, 0, ?, ?)",
                    (record.key, record.state.value, json.dumps(describe(record)), content),
                )

        await self._file.run(finish)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await guard(self._file.run(work))


def _make_tables(file: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        file.execute(statement)


def _take(holder: str, owner: str, lease: float, file: sqlite3.Connection) -> bool:
    with begin_transaction(file):
        now = time.monotonic()
        row = file.execute("SELECT until FROM leases WHERE holder = ?", (holder,)).fetchone()
        # A lease that ends later than one taken now was taken before a reboot.
        if row is not None and now < row[0] <= now + lease:
            return False
        statement = "INSERT OR REPLACE INTO leases VALUES (?, ?, ?)"
        file.execute(statement, (holder, owner, now + lease))
        return True


def _extend(holder: str, owner: str, lease: float, file: sqlite3.Connection) -> bool:
    now = time.monotonic()
    statement = "UPDATE leases SET until = ? WHERE holder = ? AND owner = ? AND until > ?"
    return file.execute(statement, (now + lease, holder, owner, now)).rowcount == 1


def _check_lease(hold: LeaseHold[bool], file: sqlite3.Connection) -> None:
    statement = "SELECT 1 FROM leases WHERE holder = ? AND owner = ? AND until > ?"
    values = (hold.holder, hold.owner, time.monotonic())
    if file.execute(statement, values).fetchone() is None:
        raise LostLease


def _reset_deliveries(key: str, file: sqlite3.Connection) -> None:
    file.execute("UPDATE batches SET deliveries = 0 WHERE key = ?", (key,))


def _select_marks(people: Sequence[str], file: sqlite3.Connection) -> dict[str, Mark]:
    rows = file.execute(_MARKS, (json.dumps(people),))
    return {key: read_mark(outcome, holder) for key, holder, outcome in rows}


def _add(records: Sequence[BatchRecord], file: sqlite3.Connection) -> Sequence[BatchRecord]:
    with begin_transaction(file):
        file.executemany(
            "INSERT INTO batches VALUES (?, 'waiting', 0, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET state = 'waiting', deliveries = 0 WHERE state = 'failed'",
            [(record.key, json.dumps(describe(record)), record.content) for record in records],
        )
        present = [_load(record.key, file) for record in records]
    return [record for record in present if record and record.state is not BatchState.DONE]


def _load(key: str, file: sqlite3.Connection) -> BatchRecord | None:
    statement = "SELECT state, deliveries, facts, content FROM batches WHERE key = ?"
    row = file.execute(statement, (key,)).fetchone()
    return row and read_record(key, row[0], row[1], json.loads(row[2]), row[3])


def _select_records(file: sqlite3.Connection) -> Sequence[BatchRecord]:
    rows = file.execute("SELECT key, state, deliveries, facts FROM batches").fetchall()
    return [read_record(row[0], row[1], row[2], json.loads(row[3])) for row in rows]
