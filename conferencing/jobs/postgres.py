"""A shared journal in PostgreSQL 14 or newer, for many machines.

A lease is an advisory lock of a session, and the journal is written through that session. So a worker
that died gives its lease up at once, and one that was cut off can write nothing more. The server
ends a session that has been silent for as long as a lease lasts, as that of a frozen worker.

Sessions have to reach the server itself, and no pool that shares them (PgBouncer by transactions).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, LiteralString, TypeVar
from weakref import WeakKeyDictionary

from conferencing.bulk.result import Outcome
from conferencing.model.secret import Secret
from conferencing.postgres_sessions import make_tables, open_postgres

from .leases import LeasedJournal, LeaseHold, LostLease, describe, guard, read_mark, read_record
from .records import BatchRecord, BatchState, Mark

if TYPE_CHECKING:
    from psycopg import AsyncConnection

__all__ = ["PostgresJournal"]

T = TypeVar("T")

_TABLES: Final[dict[str, LiteralString]] = {
    "conferencing_people": """
        CREATE TABLE IF NOT EXISTS conferencing_people
        (key text PRIMARY KEY, holder text NOT NULL, outcome text)
    """,
    "conferencing_batches": """
        CREATE TABLE IF NOT EXISTS conferencing_batches
        (key text PRIMARY KEY, state text NOT NULL, deliveries int NOT NULL, facts text NOT NULL,
         content text)
    """,
    "conferencing_parked": """
        CREATE TABLE IF NOT EXISTS conferencing_parked
        (account text PRIMARY KEY, reason text NOT NULL)
    """,
}

# A row of another key is locked and left as it is, and then not among those that are returned.
_BEGIN: Final = """
    INSERT INTO conferencing_people AS people (key, holder)
    SELECT unnest(%s::text[]), %s
    ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, outcome = NULL
    WHERE people.holder = ANY(%s::text[])
    RETURNING key, xmax = 0
"""
_DONE: Final = """
    UPDATE conferencing_people AS people SET outcome = done.outcome
    FROM unnest(%s::text[], %s::text[]) AS done(key, outcome)
    WHERE people.key = done.key AND people.holder = ANY(%s::text[])
"""
_UNSENT: Final = """
    DELETE FROM conferencing_people
    WHERE key = ANY(%s::text[]) AND outcome IS NULL AND holder = ANY(%s::text[])
"""
_ADD: Final = """
    INSERT INTO conferencing_batches AS batches
    SELECT unnest(%s::text[]), 'waiting', 0, unnest(%s::text[]), unnest(%s::text[])
    ON CONFLICT (key) DO UPDATE SET state = 'waiting', deliveries = 0
    WHERE batches.state = 'failed'
"""
_FINISH: Final = """
    INSERT INTO conferencing_batches VALUES (%s, %s, 0, %s, %s)
    ON CONFLICT (key) DO UPDATE SET state = excluded.state, deliveries = 0,
        facts = excluded.facts, content = excluded.content
"""


class PostgresJournal(LeasedJournal["AsyncConnection[Any]"]):
    """The tables `conferencing_people`, `conferencing_batches` and `conferencing_parked`."""

    def __init__(self, address: Secret, lease: float) -> None:
        super().__init__(lease)
        self._sessions = open_postgres(
            address,
            "journal",
            lambda connection: make_tables(connection, _TABLES),
            idle_session_timeout=f"{lease:g}s",
            idle_in_transaction_session_timeout=f"{lease:g}s",
        )
        # A session may take its own advisory lock again, so the holds of this process are kept here.
        self._held: WeakKeyDictionary[AsyncConnection[Any], set[str]] = WeakKeyDictionary()

    async def marks(self, people: Sequence[str]) -> Mapping[str, Mark]:
        """Return what is recorded of people."""
        rows = await self._fetch(
            "SELECT key, holder, outcome FROM conferencing_people WHERE key = ANY(%s::text[])",
            [*people],
        )
        return {key: read_mark(outcome, holder) for key, holder, outcome in rows}

    async def add(self, records: Sequence[BatchRecord]) -> Sequence[BatchRecord]:
        """Record new batches; return those that are not done."""
        keys = [record.key for record in records]
        facts = [json.dumps(describe(record)) for record in records]
        await self._run(
            lambda connection: connection.execute(
                _ADD, (keys, facts, [record.content for record in records])
            )
        )
        rows = await self._fetch(
            "SELECT key FROM conferencing_batches WHERE key = ANY(%s::text[]) AND state <> 'done'",
            keys,
        )
        left = {key for (key,) in rows}
        return [record for record in records if record.key in left]

    async def load(self, key: str) -> BatchRecord | None:
        """Return a batch."""
        return await self._run(lambda connection: _load(connection, key))

    async def records(self) -> Sequence[BatchRecord]:
        """Return all batches, without their people."""
        rows = await self._fetch("SELECT key, state, deliveries, facts FROM conferencing_batches")
        return [read_record(row[0], row[1], row[2], json.loads(row[3])) for row in rows]

    async def park(self, account: str, reason: str) -> None:
        """Keep the batches of an account from being begun."""
        await self._fetch(
            "INSERT INTO conferencing_parked VALUES (%s, %s) ON CONFLICT (account)"
            " DO UPDATE SET reason = excluded.reason RETURNING account",
            account,
            reason,
        )

    async def unpark(self, account: str) -> None:
        """Let the batches of an account be begun again."""
        await self._fetch(
            "DELETE FROM conferencing_parked WHERE account = %s RETURNING account", account
        )

    async def list_parked(self) -> Mapping[str, str]:
        """Return the accounts that are parked, each with the reason."""
        return dict(await self._fetch("SELECT account, reason FROM conferencing_parked"))

    async def aclose(self) -> None:
        """Close the running loop's session."""
        await self._sessions.aclose()

    async def acquire_lease(self, holder: str, owner: str) -> AsyncConnection[Any] | None:
        async def take(connection: AsyncConnection[Any]) -> AsyncConnection[Any] | None:
            held = self._held.setdefault(connection, set())
            if holder in held:
                return None
            statement = "SELECT pg_try_advisory_lock(%s)"
            cursor = await connection.execute(statement, (_lock_id(holder),))
            if not (await cursor.fetchone() or [False])[0]:
                return None
            held.add(holder)
            return connection

        return await self._sessions.run(take)

    async def renew_leases(
        self, connection: AsyncConnection[Any], holders: Collection[str], owner: str
    ) -> bool:
        if not connection.closed:
            await self._sessions.run_on(connection, lambda session: session.execute("SELECT 1"))
        return not connection.closed

    async def release_leases(
        self, connection: AsyncConnection[Any], holders: Collection[str], owner: str
    ) -> None:
        async def release(connection: AsyncConnection[Any]) -> None:
            for holder in holders:
                statement = "SELECT pg_advisory_unlock(%s)"
                await connection.execute(statement, (_lock_id(holder),))
            self._held[connection].difference_update(holders)

        if not connection.closed:
            await self._sessions.run_on(connection, release)

    async def write_people(
        self,
        connection: AsyncConnection[Any],
        hold: LeaseHold[AsyncConnection[Any]],
        begun: Collection[str],
        done: Mapping[str, Outcome],
        unsent: Collection[str],
    ) -> Collection[str]:
        holders = [*hold.holders]

        async def write(connection: AsyncConnection[Any]) -> Collection[str]:
            async with connection.transaction():
                taken: dict[str, bool] = {}
                if begun:  # in one order, so that two batches do not wait for each other's rows
                    values = (sorted(begun), hold.holder, holders)
                    cursor = await connection.execute(_BEGIN, values)
                    taken = {key: bool(is_new) for key, is_new in await cursor.fetchall()}
                if done:
                    outcomes = [outcome.value for outcome in done.values()]
                    await connection.execute(_DONE, ([*done], outcomes, holders))
                if unsent:
                    await connection.execute(_UNSENT, ([*unsent], holders))
                if done or any(taken.values()):
                    await connection.execute(
                        "UPDATE conferencing_batches SET deliveries = 0"
                        " WHERE key = %s AND deliveries <> 0",
                        (hold.key,),
                    )
            return {key for key in begun if key not in taken}

        return await self._run_on(connection, write)

    async def start_batch(
        self, connection: AsyncConnection[Any], hold: LeaseHold[AsyncConnection[Any]]
    ) -> BatchRecord | None:
        async def start(connection: AsyncConnection[Any]) -> BatchRecord | None:
            await connection.execute(
                "UPDATE conferencing_batches SET deliveries = deliveries + 1 WHERE key = %s",
                (hold.key,),
            )
            return await _load(connection, hold.key)

        return await self._run_on(connection, start)

    async def finish_batch(
        self,
        connection: AsyncConnection[Any],
        hold: LeaseHold[AsyncConnection[Any]],
        record: BatchRecord,
    ) -> None:
        content = None if record.state is BatchState.DONE else record.content
        values = (record.key, record.state.value, json.dumps(describe(record)), content)
        await self._run_on(connection, lambda session: session.execute(_FINISH, values))

    async def _run_on(
        self,
        connection: AsyncConnection[Any],
        work: Callable[[AsyncConnection[Any]], Awaitable[T]],
    ) -> T:
        """Return what `work` makes of the session of a lease. Its end is the end of the lease."""
        try:
            return await self._sessions.run_on(connection, work)
        except Exception:
            if connection.closed:
                raise LostLease from None
            raise

    async def _run(self, work: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
        return await guard(self._sessions.run(work))

    async def _fetch(self, statement: Any, *values: object) -> list[tuple[Any, ...]]:
        async def fetch(connection: AsyncConnection[Any]) -> list[tuple[Any, ...]]:
            return await (await connection.execute(statement, values)).fetchall()

        return await self._run(fetch)


async def _load(connection: AsyncConnection[Any], key: str) -> BatchRecord | None:
    cursor = await connection.execute(
        "SELECT state, deliveries, facts, content FROM conferencing_batches WHERE key = %s", (key,)
    )
    row = await cursor.fetchone()
    return row and read_record(key, row[0], row[1], json.loads(row[2]), row[3])


def _lock_id(holder: str) -> int:
    """Return the 64-bit signed number of an advisory lock."""
    return int.from_bytes(bytes.fromhex(holder), signed=True)
