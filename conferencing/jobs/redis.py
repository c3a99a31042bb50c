"""A shared journal in Redis, for many machines. It needs an append-only file (`appendonly yes`).

Each write is a script that first checks the lease, so that a worker whose lease has ended writes
nothing. Without the append-only file, Redis forgets after a crash who was registered, so such a
server is refused.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from weakref import WeakSet

from conferencing.bulk.result import Outcome
from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret
from conferencing.redis_clients import open_redis

from .leases import LeasedJournal, LeaseHold, LostLease, describe, guard, read_mark, read_record
from .records import BatchRecord, BatchState, Mark

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisJournal", "check_persistence"]

T = TypeVar("T")

_PREFIX: Final = "{conferencing}:"  # one slot of a cluster, so that a script may use all keys
_PEOPLE: Final = f"{_PREFIX}people"
_BATCHES: Final = f"{_PREFIX}batches"
_PARKED: Final = f"{_PREFIX}parked"

_RENEW: Final = """
    for _, key in ipairs(KEYS) do
        if redis.call('GET', key) ~= ARGV[1] then return 0 end
    end
    for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
    return 1
"""
_RELEASE: Final = """
    for _, key in ipairs(KEYS) do
        if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
    end
"""
# KEYS: lease, people, batch. ARGV: owner, holder, holders, begun, done, unsent as JSON.
_WRITE: Final = """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
    local ours = {}
    for _, holder in ipairs(cjson.decode(ARGV[3])) do ours[holder] = true end
    local busy, new = {}, 0
    for _, key in ipairs(cjson.decode(ARGV[4])) do
        local mark = redis.call('HGET', KEYS[2], key)
        if mark and not ours[string.sub(mark, 1, 16)] then
            table.insert(busy, key)
        else
            new = new + redis.call('HSET', KEYS[2], key, ARGV[2])
        end
    end
    for _, row in ipairs(cjson.decode(ARGV[5])) do
        local mark = redis.call('HGET', KEYS[2], row[1])
        if mark and ours[string.sub(mark, 1, 16)] then
            redis.call('HSET', KEYS[2], row[1], string.sub(mark, 1, 16) .. row[2])
            new = new + 1
        end
    end
    for _, key in ipairs(cjson.decode(ARGV[6])) do
        local mark = redis.call('HGET', KEYS[2], key)
        if mark and #mark == 16 and ours[mark] then redis.call('HDEL', KEYS[2], key) end
    end
    if new > 0 and redis.call('EXISTS', KEYS[3]) == 1 then
        redis.call('HSET', KEYS[3], 'deliveries', 0)
    end
    return busy
"""
# KEYS: lease, batch. ARGV: owner.
_START: Final = """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
    if redis.call('EXISTS', KEYS[2]) == 0 then return {} end
    redis.call('HINCRBY', KEYS[2], 'deliveries', 1)
    return redis.call('HGETALL', KEYS[2])
"""
# KEYS: lease, batch, batches. ARGV: owner, key, state, facts, content; without content, it is removed.
_FINISH: Final = """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call('HSET', KEYS[2], 'state', ARGV[3], 'deliveries', 0, 'facts', ARGV[4])
    if ARGV[5] then redis.call('HSET', KEYS[2], 'content', ARGV[5]) end
    if not ARGV[5] then redis.call('HDEL', KEYS[2], 'content') end
    redis.call('SADD', KEYS[3], ARGV[2])
    return 1
"""
# KEYS: batch, batches. ARGV: key, facts, content.
_ADD: Final = """
    local state = redis.call('HGET', KEYS[1], 'state')
    if not state then
        redis.call('HSET', KEYS[1], 'state', 'waiting', 'deliveries', 0, 'facts', ARGV[2],
            'content', ARGV[3])
        redis.call('SADD', KEYS[2], ARGV[1])
    elseif state == 'failed' then
        redis.call('HSET', KEYS[1], 'state', 'waiting', 'deliveries', 0)
    end
    return state == 'done' and 0 or 1
"""


class RedisJournal(LeasedJournal[bool]):
    """Keys that begin with `{conferencing}:`. The clock of Redis counts for leases."""

    def __init__(self, address: Secret, lease: float) -> None:
        super().__init__(lease)
        self._clients = open_redis(address, "journal")
        self._checked: WeakSet[Redis] = WeakSet()

    async def marks(self, people: Sequence[str]) -> Mapping[str, Mark]:
        """Return what is recorded of people."""

        async def read(client: Redis) -> dict[str, Mark]:
            if not people:
                return {}
            values: list[bytes | None] = await _wait(client.hmget(_PEOPLE, [*people]))
            marks = zip(people, values, strict=True)
            return {key: _read_mark(mark) for key, mark in marks if mark is not None}

        return await self._run(read)

    async def add(self, records: Sequence[BatchRecord]) -> Sequence[BatchRecord]:
        """Record new batches; return those that are not done."""

        async def add(client: Redis) -> list[BatchRecord]:
            script = client.register_script(_ADD)
            return [
                record
                for record in records
                if await script(
                    keys=[_batch(record.key), _BATCHES],
                    args=[record.key, json.dumps(describe(record)), record.content or ""],
                )
            ]

        return await self._run(add)

    async def load(self, key: str) -> BatchRecord | None:
        """Return a batch."""
        return await self._run(lambda client: _load(key, _wait(client.hgetall(_batch(key)))))

    async def records(self) -> Sequence[BatchRecord]:
        """Return all batches, without their people."""

        async def read(client: Redis) -> list[BatchRecord]:
            keys = sorted(key.decode() for key in await _wait(client.smembers(_BATCHES)))
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.hmget(_batch(key), ["state", "deliveries", "facts"])
            rows = await pipeline.execute()
            return [
                read_record(key, state.decode(), int(deliveries), json.loads(facts))
                for key, (state, deliveries, facts) in zip(keys, rows, strict=True)
            ]

        return await self._run(read)

    async def park(self, account: str, reason: str) -> None:
        """Keep the batches of an account from being begun."""
        await self._run(lambda client: _wait(client.hset(_PARKED, account, reason)))

    async def unpark(self, account: str) -> None:
        """Let the batches of an account be begun again."""
        await self._run(lambda client: _wait(client.hdel(_PARKED, account)))

    async def list_parked(self) -> Mapping[str, str]:
        """Return the accounts that are parked, each with the reason."""
        parked = await self._run(lambda client: _wait(client.hgetall(_PARKED)))
        return {account.decode(): reason.decode() for account, reason in parked.items()}

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._clients.aclose()

    async def acquire_lease(self, holder: str, owner: str) -> bool | None:
        client = await self._client()
        ends = int(self.lease * 1000)
        taken = await client.set(_lease(holder), owner, nx=True, px=ends)
        return bool(taken) or None

    async def renew_leases(self, connection: bool, holders: Collection[str], owner: str) -> bool:
        keys = [_lease(holder) for holder in holders]
        return bool(await self._call(_RENEW, keys, owner, int(self.lease * 1000)))

    async def release_leases(self, connection: bool, holders: Collection[str], owner: str) -> None:
        await self._call(_RELEASE, [_lease(holder) for holder in holders], owner)

    async def write_people(
        self,
        connection: bool,
        hold: LeaseHold[bool],
        begun: Collection[str],
        done: Mapping[str, Outcome],
        unsent: Collection[str],
    ) -> Collection[str]:
        rows = [[key, outcome.value] for key, outcome in done.items()]
        busy = await self._call(
            _WRITE,
            [_lease(hold.holder), _PEOPLE, _batch(hold.key)],
            hold.owner,
            hold.holder,
            *map(json.dumps, ([*hold.holders], [*begun], rows, [*unsent])),
        )
        if busy is None:
            raise LostLease
        return {key.decode() for key in busy}

    async def start_batch(self, connection: bool, hold: LeaseHold[bool]) -> BatchRecord | None:
        values = await self._call(_START, [_lease(hold.holder), _batch(hold.key)], hold.owner)
        if values is None:
            raise LostLease
        return _read_record(hold.key, dict(zip(values[::2], values[1::2], strict=True)))

    async def finish_batch(
        self, connection: bool, hold: LeaseHold[bool], record: BatchRecord
    ) -> None:
        content = [] if record.state is BatchState.DONE else [record.content or ""]
        keys = [_lease(hold.holder), _batch(record.key), _BATCHES]
        facts = json.dumps(describe(record))
        values = [hold.owner, record.key, record.state.value, facts, *content]
        if not await self._call(_FINISH, keys, *values):
            raise LostLease

    async def _client(self) -> Redis:
        """Return the client of the running loop, whose server is checked before its first use."""
        client = self._clients.current()
        if client not in self._checked:
            await check_persistence(client)
            self._checked.add(client)
        return client

    async def _call(self, script: str, keys: list[str], *values: str | int) -> Any:
        client = await self._client()
        return await client.register_script(script)(keys=keys, args=[*values])

    async def _run(self, work: Callable[[Redis], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work(await self._client())

        return await guard(run())


async def check_persistence(client: Any) -> None:
    """Raise `ConfigurationError` if Redis has no append-only file, and forgets after a crash."""
    facts = await client.info("persistence")
    if not facts.get("aof_enabled"):
        raise ConfigurationError(
            "this Redis has no append-only file: after a crash it would forget who was registered,"
            " and people would be registered twice; set appendonly yes",
            field="journal",
        )


async def _load(key: str, reading: Awaitable[dict[bytes, bytes]]) -> BatchRecord | None:
    return _read_record(key, await reading)


def _read_record(key: str, values: Mapping[bytes, bytes]) -> BatchRecord | None:
    if not values:
        return None
    content = values.get(b"content")
    return read_record(
        key,
        values[b"state"].decode(),
        int(values[b"deliveries"]),
        json.loads(values[b"facts"]),
        None if content is None else content.decode(),
    )


def _read_mark(mark: bytes) -> Mark:
    return read_mark(mark[16:].decode() or None, mark[:16].decode())


def _lease(holder: str) -> str:
    return f"{_PREFIX}lease:{holder}"


def _batch(key: str) -> str:
    return f"{_PREFIX}batch:{key}"


def _wait(reply: Any) -> Awaitable[Any]:
    """Return an awaitable: redis-py's types say that some commands may also be blocking."""
    return cast("Awaitable[Any]", reply)
