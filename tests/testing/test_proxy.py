"""The proxy spoils the line before any simulator, in either direction, and repeats itself."""

from __future__ import annotations

from typing import Any

import pytest

from conferencing import (
    Conference,
    ConferencingError,
    OutcomeUnknown,
    Sent,
    TimedOut,
    TransportError,
    connect,
)
from conferencing.sandbox import Sandbox
from conferencing.testing import FakeClock, FaultProxy, Weather


async def test_on_a_good_day_everything_passes(sandbox: Sandbox) -> None:
    async with line(sandbox) as (proxy, conference):
        room = await conference.create_room("Łódź " * 40)
        assert (await conference.get_room(room.id)).name == room.name
    assert proxy.connections == 1
    assert proxy.to_server > 0 < proxy.to_client


async def test_slices_and_latency_change_nothing_but_time(sandbox: Sandbox) -> None:
    async with line(sandbox, Weather(slices=40, latency=0.0005)) as (_, conference):
        assert (await conference.create_room("Launch")).name == "Launch"


@pytest.mark.parametrize("reset", [False, True])
async def test_a_request_that_is_cut_did_not_arrive(sandbox: Sandbox, reset: bool) -> None:
    async with line(sandbox, Weather(requests=20, reset=reset)) as (_, conference):
        with pytest.raises(OutcomeUnknown) as caught:
            await conference.create_room("Launch")
    assert caught.value.sent is Sent.MAYBE
    assert sandbox["clickmeeting"].requests == []


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(("replies", "sent"), [(0, Sent.MAYBE), (9, Sent.MAYBE), (400, Sent.YES)])
async def test_a_reply_that_is_cut_leaves_a_room_behind(
    sandbox: Sandbox, reset: bool, replies: int, sent: Sent
) -> None:
    async with line(sandbox, Weather(replies=replies, reset=reset)) as (_, conference):
        with pytest.raises((OutcomeUnknown, TransportError)) as caught:
            await conference.create_room("Launch")
    if not reset:  # a reset may overtake what was sent before it
        assert caught.value.sent is sent
    if replies:
        assert len(sandbox["clickmeeting"].simulator.world.rooms) == 1


@pytest.mark.parametrize(("way", "arrived"), [("requests", 0), ("replies", 1)])
async def test_what_falls_into_a_black_hole_is_not_waited_for(
    sandbox: Sandbox, way: str, arrived: int
) -> None:
    async with line(sandbox, Weather(black_hole=way), timeout=0.2) as (_, conference):
        with pytest.raises((TimedOut, OutcomeUnknown)):
            await conference.create_room("Launch")
    assert len(sandbox["clickmeeting"].requests) == arrived


async def test_each_connection_has_its_weather_and_the_last_one_holds(sandbox: Sandbox) -> None:
    async with line(sandbox, Weather(replies=5), Weather(requests=5), Weather()) as (proxy, client):
        await client.check()
        await client.check()
    assert proxy.connections == 3


async def test_equal_seeds_cut_equal_slices(sandbox: Sandbox) -> None:
    async def passed(seed: int) -> list[int]:
        async with FaultProxy(sandbox.origin, Weather(slices=50), seed=seed) as proxy:
            return [proxy._random.randint(1, 50) for _ in range(20)]

    assert await passed(1) == await passed(1) != await passed(2)


async def test_a_server_that_is_not_there_is_a_reset(sandbox: Sandbox) -> None:
    await sandbox.aclose()
    async with line(sandbox) as (_, conference):
        with pytest.raises(ConferencingError):
            await conference.check()


@pytest.mark.parametrize(
    "wrong", [{"latency": -1}, {"slices": 0}, {"replies": -1}, {"black_hole": "all"}]
)
def test_there_is_no_such_weather(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Weather(**wrong)


class line:  # noqa: N801 - a context manager
    """Connect to ClickMeeting's simulator through a proxy."""

    def __init__(self, sandbox: Sandbox, *weathers: Weather, **keys: Any) -> None:
        self.account = {**sandbox.account("clickmeeting"), **keys}
        self.proxy = FaultProxy(sandbox.origin, *weathers)

    async def __aenter__(self) -> tuple[FaultProxy, Conference]:
        await self.proxy.__aenter__()
        self.client = connect(self.proxy.account(self.account), clock=FakeClock())
        return self.proxy, self.client

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.proxy.__aexit__(None, None, None)
