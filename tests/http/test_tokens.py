"""Tokens are fetched once for all who wait, ahead of their end, and once after a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import aiohttp
import pytest

from conferencing import AuthenticationFailed
from conferencing.accounts.context import Rate, SystemClock
from conferencing.http import GET, POST, Reply, epoch, server_time

DAY = timedelta(days=1)


@pytest.fixture
async def wide() -> AsyncIterator[aiohttp.ClientSession]:
    """A session with as many connections as anybody wants."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


# ----------------------------------------------------------------------------- once for everybody


async def test_thousand_calls_make_one_token_request(vendor, tokened, clock) -> None:
    adapter = tokened()
    await adapter.call(GET("/x"))
    clock.time += vendor.life + 1
    vendor.revoke()
    await asyncio.gather(*(adapter.call(GET("/x")) for _ in range(1000)))
    assert vendor.tokens == 2
    assert len(vendor.calls) == 1001


async def test_many_refusals_make_one_refresh(vendor, tokened, wide) -> None:
    adapter = tokened(session=wide)
    await adapter.call(GET("/x"))
    vendor.revoke()
    vendor.crowd = 500
    await asyncio.gather(*(adapter.call(GET("/x")) for _ in range(500)))
    assert vendor.tokens == 2
    assert len(vendor.refusals) == 500
    assert len(vendor.calls) == 1001


async def test_late_refusal_takes_the_new_token(vendor, tokened, wait_for) -> None:
    adapter = tokened()
    old = await adapter.tokens.acquire()
    vendor.revoke()
    vendor.crowd = 2
    late = asyncio.create_task(adapter.call(GET("/late")))
    await wait_for(lambda: len(vendor.refusals) == 1)
    await adapter.tokens.refresh(old)
    vendor.crowd = 1
    vendor.refusals[0].set()
    await late
    assert vendor.tokens == 2
    assert await adapter.tokens.refresh(old) is True
    assert vendor.tokens == 2
    assert await adapter.tokens.acquire() != old


async def test_token_refused_at_once_is_given_up(vendor, tokened) -> None:
    adapter = tokened()
    vendor.good = Nothing()
    with pytest.raises(AuthenticationFailed) as caught:
        await adapter.call(POST("/x", json={}))
    assert (caught.value.status, caught.value.attempts) == (401, 2)
    assert (vendor.tokens, len(vendor.calls)) == (2, 2)


@pytest.mark.parametrize("seed", range(3))
async def test_cancelled_call_harms_no_other(vendor, tokened, wait_for, seed) -> None:
    adapter = tokened()
    vendor.gate.clear()
    callers = [asyncio.create_task(adapter.call(GET("/x"))) for _ in range(100)]
    await wait_for(lambda: vendor.tokens == 1)
    gone = {callers[0], *Random(seed).sample(callers, 50)}
    for caller in gone:
        caller.cancel()
    await asyncio.wait(gone)
    vendor.gate.set()
    await asyncio.gather(*(caller for caller in callers if caller not in gone))
    assert all(caller.cancelled() for caller in gone)
    assert (vendor.tokens, len(vendor.calls)) == (1, 100 - len(gone))


async def test_cancelled_fetch_is_started_again(vendor, tokened, wait_for) -> None:
    adapter = tokened()
    vendor.gate.clear()
    before = asyncio.all_tasks()
    callers = {asyncio.create_task(adapter.call(GET("/x"))) for _ in range(3)}
    await wait_for(lambda: vendor.tokens == 1)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    await wait_for(
        lambda: not any("_fetch_and_keep" in repr(task) for task in asyncio.all_tasks() - before)
    )
    vendor.gate.set()
    await adapter.call(GET("/x"))
    assert (vendor.tokens, len(vendor.calls)) == (2, 1)


async def test_event_loops_share_the_token(vendor, tokened) -> None:
    adapter = tokened(clock=SystemClock())
    vendor.clock = SystemClock()

    async def many() -> None:
        await asyncio.gather(*(adapter.call(GET("/x")) for _ in range(20)))

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, many()) for _ in range(3)))
    asked = vendor.tokens
    assert 1 <= asked <= 3
    await asyncio.to_thread(asyncio.run, many())
    await many()
    assert vendor.tokens == asked
    assert len(vendor.calls) == 100


# ------------------------------------------------------------------------------ ahead of the end


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
@pytest.mark.parametrize(
    "skew", [-DAY, -timedelta(minutes=5), timedelta(), timedelta(hours=2), DAY]
)
async def test_token_is_replaced_before_its_expiry(vendor, tokened, clock, skew, unit) -> None:
    vendor.skew, vendor.unit = skew, unit
    adapter = tokened()
    await adapter.call(GET("/x"))
    assert adapter.tokens.skew == skew
    clock.time += vendor.life - 61
    await adapter.call(GET("/x"))
    assert vendor.tokens == 1
    clock.time += 2
    await adapter.call(GET("/x"))
    assert vendor.tokens == 2


async def test_missing_date_means_our_clock(vendor, tokened, clock) -> None:
    vendor.dated = False
    adapter = tokened()
    await adapter.call(GET("/x"))
    assert adapter.tokens.skew == timedelta()
    clock.time += vendor.life - 59
    await adapter.call(GET("/x"))
    assert vendor.tokens == 2


async def test_short_lifetime_is_used_for_four_fifths(vendor, tokened, clock) -> None:
    vendor.life = 50
    adapter = tokened()
    for seconds, tokens in ((0, 1), (39, 1), (2, 2), (39, 2), (2, 3)):
        clock.time += seconds
        await adapter.call(GET("/x"))
        assert vendor.tokens == tokens


@pytest.mark.parametrize("end", [0, 5.0, 10**30, 253402300800000 * 1000, -(10**15)])
async def test_absurd_expiry_is_ignored(vendor, tokened, clock, end) -> None:
    vendor.expires_at = end
    adapter = tokened()
    for _ in range(3):
        await adapter.call(GET("/x"))
        clock.time += 10_000
    assert vendor.tokens == 1
    vendor.revoke()
    await adapter.call(GET("/x"))
    assert vendor.tokens == 2


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1790841600, datetime(2026, 10, 1, 8, 0, tzinfo=UTC)),
        (1790841600.5, datetime(2026, 10, 1, 8, 0, 0, 500000, tzinfo=UTC)),
        (1790841600000, datetime(2026, 10, 1, 8, 0, tzinfo=UTC)),
        (1790841600250, datetime(2026, 10, 1, 8, 0, 0, 250000, tzinfo=UTC)),
        (10**11 - 1, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (10**11, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (10**30, None),
    ],
)
def test_epoch_reads_seconds_and_milliseconds(number, moment) -> None:
    assert epoch(number) == moment


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Thu, 01 Oct 2026 08:00:00 GMT", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("Thu, 01 Oct 2026 10:00:00 +0200", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("Thu, 01 Oct 2026 08:00:00 -0000", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("Thu, 99 Oct 2026 08:00:00 GMT", None),
    ],
)
def test_server_time_is_the_date_header(date, moment) -> None:
    assert server_time(Reply(200, {"date": date}, b"")) == moment


async def test_token_request_goes_before_waiting_calls(vendor, tokened, clock) -> None:
    adapter = tokened(rate=Rate(1))
    start = clock.monotonic()
    await asyncio.gather(*(adapter.call(GET("/x")) for _ in range(3)))
    assert vendor.asked_at == [start]
    assert len(vendor.calls) == 3


# --------------------------------------------------------------------------------------- helpers


class Nothing(set[str]):
    """A set that keeps nothing: every token is refused."""

    def add(self, element: str, /) -> None:
        pass
