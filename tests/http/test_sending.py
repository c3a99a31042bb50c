"""What holds for all clients of an account in a loop, and the check right before a request."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from acme import of
from scripted import fin, reply

from conferencing import OutcomeUnknown, Secret, Sent, StoreUnavailable
from conferencing.accounts.context import Rate, SystemClock
from conferencing.http import GET, Effect
from conferencing.sending import check_before_sending
from conferencing.testing.clock import FakeClock


async def test_clients_of_one_account_share_a_pace(serve: Any, adapter: Any) -> None:
    server = await serve(*[reply({}) for _ in range(8)])
    options = {"rate": Rate(20), "clock": SystemClock()}
    clients = [adapter(server, **options) for _ in range(2)]
    begun = time.monotonic()
    await asyncio.gather(*(client.call(GET("/x")) for client in clients for _ in range(4)))
    assert time.monotonic() - begun >= 7 / 20


async def test_accounts_with_other_keys_have_own_paces(serve: Any, adapter: Any) -> None:
    servers = [await serve(*[reply({}) for _ in range(3)]) for _ in range(2)]
    clients = [adapter(server, rate=Rate(1, 60), clock=SystemClock()) for server in servers]
    async with asyncio.timeout(20):
        await asyncio.gather(*(client.call(GET("/x")) for client in clients))


async def test_check_is_made_when_the_turn_has_come(serve: Any, adapter: Any, clock: Any) -> None:
    server = await serve(reply({}), reply({}))
    client = adapter(server, rate=Rate(1, 30))
    checked: list[float] = []

    async def check() -> None:
        checked.append(clock.monotonic())

    begun = clock.monotonic()
    with check_before_sending(check):
        for _ in range(2):
            await client.call(of(Effect.CREATE))
    assert [round(moment - begun) for moment in checked] == [0, 31]


async def test_failed_check_keeps_a_request_from_being_sent(serve: Any, adapter: Any) -> None:
    server = await serve(reply({}))
    client = adapter(server)

    async def check() -> None:
        raise StoreUnavailable("the lease is lost")

    with check_before_sending(check):
        with pytest.raises(StoreUnavailable) as caught:
            await client.call(of(Effect.CREATE))
        assert caught.value.sent is Sent.NO
        assert server.requests == []
        await client.call(GET("/x"))  # a read needs no permission
    assert len(server.requests) == 1


async def test_failed_check_before_a_retry_keeps_sent(serve: Any, adapter: Any) -> None:
    server = await serve(fin, reply({}))
    client = adapter(server)
    checks = 0

    async def check() -> None:
        nonlocal checks
        checks += 1
        if checks > 1:
            raise StoreUnavailable("the lease is lost")

    with check_before_sending(check), pytest.raises(StoreUnavailable) as caught:
        await client.call(of(Effect.IDEMPOTENT))
    assert caught.value.sent is not Sent.NO
    assert len(server.requests) == 1


async def test_check_ends_with_its_block(serve: Any, adapter: Any) -> None:
    server = await serve(fin)
    client = adapter(server)

    async def check() -> None:
        raise AssertionError

    with check_before_sending(check):
        pass
    with pytest.raises(OutcomeUnknown):
        await client.call(of(Effect.CREATE))


async def test_store_that_comes_back_is_waited_for(
    serve: Any, adapter: Any, tmp_path: Path
) -> None:
    class Mending(FakeClock):
        async def sleep(self, seconds: float) -> None:
            (tmp_path / "folder").mkdir(exist_ok=True)
            await super().sleep(seconds)

    server = await serve(reply({}))
    store = Secret(f"sqlite:{tmp_path}/folder/pace.db")
    client = adapter(server, rate=Rate(5), rate_store=store, clock=Mending())
    await client.call(GET("/x"))
    assert len(server.requests) == 1


async def test_store_that_stays_away_is_given_up(
    serve: Any, adapter: Any, clock: Any, tmp_path: Path
) -> None:
    server = await serve(reply({}))
    store = Secret(f"sqlite:{tmp_path}/folder/pace.db")
    client = adapter(server, rate=Rate(5), rate_store=store)
    begun = clock.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        await client.call(of(Effect.CREATE))
    assert (caught.value.sent, caught.value.retryable) == (Sent.NO, True)
    assert 4 < clock.monotonic() - begun <= 5
    assert server.requests == []
