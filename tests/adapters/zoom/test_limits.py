"""Zoom's limits: a call waits for the next second, and fails at once where the day is used up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import Operation, Person, RateLimited, Sent, connect

MEETINGS = "/v2/users/olga%40example.com/meetings"
SECOND = {"X-RateLimit-Category": "Light", "X-RateLimit-Type": "QPS", "X-RateLimit-Limit": "80"}
DAY = {"x-ratelimit-category": "Light", "x-ratelimit-type": "Daily-limit", "x-ratelimit-limit": "100"}  # fmt: skip
DATE = "Thu, 01 Oct 2026 08:00:00 GMT"
BODY = '{"code":429,"message":"You have reached the maximum per-second rate limit for this API."}'


def reset(clock: Any, seconds: int) -> dict[str, str]:
    return {"Date": DATE, "X-RateLimit-Reset": str(int(clock.now().timestamp()) + seconds)}


async def test_creation_waits_for_the_next_second(conference, served, clock, world) -> None:
    served.fail("status", status=429, body=BODY, headers=SECOND | reset(clock, 1))
    room = await conference.create_room("x")
    assert [request.path for request in served.requests] == [MEETINGS] * 2
    assert [name for name in world.rooms if name in room.id] == list(world.rooms)
    assert len(world.rooms) == 1
    (slept,) = clock.slept
    assert 1 <= slept <= 1.1


async def test_registration_waits_for_the_next_second(conference, served, clock, world) -> None:
    room = await conference.create_room("x", registration=True)
    served.requests.clear()
    served.fail("status", status=429, body=BODY, headers=SECOND | reset(clock, 1))
    await conference.register(room, Person(email="bea@example.org", first_name="Bea"))
    assert len(served.requests) == 2
    assert len(world.outbox) == 1


async def test_limit_of_a_second_without_a_time_waits_a_little(conference, served, clock) -> None:
    served.fail("status", status=429, body=BODY, headers=SECOND)
    await conference.create_room("x")
    (slept,) = clock.slept
    assert 0 < slept <= 2


@pytest.mark.parametrize("headers", [{"X-RateLimit-Type": "qps"}, {"x-ratelimit-type": "QPS"}])
async def test_names_are_read_in_any_case(conference, served, headers) -> None:
    served.fail("status", status=429, body=BODY, headers=headers)
    await conference.check()
    assert len(served.requests) == 2


async def test_code_4001_is_a_limit(conference, served, clock) -> None:
    body = '{"code":4001,"message":"Too many"}'
    served.fail("status", status=429, body=body, headers=SECOND | reset(clock, 1))
    await conference.check()
    assert len(served.requests) == 2


async def test_busy_simulator_serves_everybody_in_the_end(sandbox, served, clock, world) -> None:
    """The simulator counts seconds of its own clock, which moves on while the client waits."""
    served.simulator.plan = "pro"
    served.simulator.quirks["rate_limits"] = True
    rooms = 35

    class Moving(type(clock)):  # type: ignore[misc]
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            world.advance(max(self.now() - world.now, timedelta()))

    async with connect({**sandbox.account("zoom"), "timeout": 600}, clock=Moving()) as conference:
        await asyncio.gather(*(conference.create_room(f"room {n}") for n in range(rooms)))
    assert len(world.rooms) == rooms
    assert len(served.requests) > rooms + 1  # somebody had to wait


# ------------------------------------------------------------------------------------ daily limits


async def test_daily_limit_fails_at_once_with_its_end(conference, served, clock, world) -> None:
    for number in range(100):
        await conference.create_room(f"room {number}")
    served.requests.clear()
    with pytest.raises(RateLimited) as caught:
        await conference.create_room("one too many")
    assert len(served.requests) == caught.value.attempts == 1
    assert clock.slept == []
    midnight = datetime(2026, 10, 2, tzinfo=UTC)
    assert caught.value.retry_after == (midnight - world.now).total_seconds()
    assert (caught.value.status, caught.value.code, caught.value.sent) == (429, "429", Sent.YES)
    assert "daily rate limit (100)" in str(caught.value.problems)
    assert len(world.rooms) == 100


async def test_daily_limit_is_over_the_next_day(conference, world, clock) -> None:
    for number in range(100):
        await conference.create_room(f"room {number}")
    world.advance(timedelta(days=1))
    clock.time += 86_400
    await conference.create_room("x")
    assert len(world.rooms) == 101


async def test_fourth_registration_of_an_address_fails_at_once(conference, served, clock) -> None:
    room = await conference.create_room("x", registration=True)
    bea = Person(email="bea@example.org", first_name="Bea")
    for _ in range(3):
        await conference.register(room, bea)
    served.requests.clear()
    with pytest.raises(RateLimited) as caught:
        await conference.register(room, bea)
    assert len(served.requests) == 1
    assert clock.slept == []
    assert "bea@example.org" not in str(caught.value.message)


async def test_deletion_does_not_count(conference) -> None:
    for number in range(100):
        room = await conference.create_room(f"room {number}")
    await conference.delete_room(room)


async def test_bare_429_fails_at_once(conference, served, clock) -> None:
    """It has the bucket of the account, and neither type nor time: it is a limit of the day."""
    served.simulator.quirks["bare_429"] = True
    for number in range(100):
        await conference.create_room(f"room {number}")
    served.requests.clear()
    with pytest.raises(RateLimited) as caught:
        await conference.create_room("one too many")
    assert len(served.requests) == 1
    assert clock.slept == []
    assert (caught.value.retryable, caught.value.retry_after) == (False, None)


@pytest.mark.parametrize("headers", [{}, DAY, {"X-RateLimit-Limit": "3"}, {"Retry-After": ""}])
@pytest.mark.parametrize("operation", [Operation.CHECK, Operation.CREATE_ROOM])
async def test_429_without_a_time_is_not_repeated(conference, served, clock, headers, operation) -> None:  # fmt: skip
    served.fail("status", status=429, body=BODY, headers=headers)
    with pytest.raises(RateLimited):
        await (conference.check() if operation is Operation.CHECK else conference.create_room())
    assert len(served.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("ends", "attempts"),
    [("2026-10-01T08:00:02Z", 2), ("2026-10-02T00:00:00Z", 1), ("2", 2), ("57600", 1)],
)
async def test_time_decides_whether_a_call_waits(conference, served, clock, ends, attempts) -> None:
    served.fail("status", status=429, body=BODY, headers=DAY | {"Retry-After": ends, "Date": DATE})
    if attempts == 1:
        with pytest.raises(RateLimited) as caught:
            await conference.create_room("x")
        assert caught.value.retry_after == 57600
        assert clock.slept == []
    else:
        await conference.create_room("x")
        assert 2 <= sum(clock.slept) <= 2.2
    assert len(served.requests) == attempts
