"""Subscribing to a vendor's events: checks before anything is sent, repetition, both clients."""

from __future__ import annotations

import pytest

from conferencing import InvalidRequest, NotFound, Room, UnsupportedOperation, connect, sync

URL = "https://example.com/webhooks"
ACCOUNT = {"provider": "memory"}


async def test_subscribing_again_changes_nothing() -> None:
    async with connect(ACCOUNT) as conference:
        first = await conference.webhooks.subscribe(URL)
        assert await conference.webhooks.subscribe(URL) == first
        assert [(s.url, s.room_id, s.expires_at) for s in first] == [(URL, None, None)]


async def test_room_named_twice_is_subscribed_once() -> None:
    async with connect(ACCOUNT) as conference:
        room = await conference.create_room("Launch")
        made = await conference.webhooks.subscribe(URL, room, room.id)
        assert [subscription.room_id for subscription in made] == [room.id]


async def test_unsubscribing_one_room_leaves_others() -> None:
    async with connect(ACCOUNT) as conference:
        rooms = [await conference.create_room(name) for name in ("A", "B")]
        made = await conference.webhooks.subscribe(URL, *rooms)
        await conference.webhooks.unsubscribe(URL, rooms[0])
        await conference.webhooks.unsubscribe(URL, rooms[0])
        again = await conference.webhooks.subscribe(URL, *rooms)
        assert again[0].id != made[0].id
        assert again[1] == made[1]


async def test_unsubscribing_all_leaves_other_addresses() -> None:
    other = "https://example.com/other"
    async with connect(ACCOUNT) as conference:
        kept = await conference.webhooks.subscribe(other)
        ended = await conference.webhooks.subscribe(URL)
        await conference.webhooks.unsubscribe(URL)
        assert await conference.webhooks.subscribe(other) == kept
        assert (await conference.webhooks.subscribe(URL))[0].id != ended[0].id


async def test_subscribing_unknown_room_raises() -> None:
    async with connect(ACCOUNT) as conference:
        with pytest.raises(NotFound):
            await conference.webhooks.subscribe(URL, Room(id="no-room"))


@pytest.mark.parametrize(
    "url", ["", "example.com/hook", "ftp://example.com", "http://a\nb", None, 7]
)
async def test_address_that_is_no_web_address_raises(url) -> None:
    async with connect(ACCOUNT) as conference:
        for call in (conference.webhooks.subscribe, conference.webhooks.unsubscribe):
            with pytest.raises(InvalidRequest) as caught:
                await call(url)
            assert caught.value.field == "url"


@pytest.mark.parametrize("room", [None, 7, "", b"r"])
async def test_room_that_is_none_raises(room) -> None:
    async with connect(ACCOUNT) as conference:
        with pytest.raises(InvalidRequest):
            await conference.webhooks.subscribe(URL, room)


async def test_provider_without_subscriptions_is_named() -> None:
    account = {"provider": "meetrs", "client_key": "k", "client_secret": "s"}
    async with connect(account) as conference:
        with pytest.raises(UnsupportedOperation) as caught:
            await conference.webhooks.subscribe(URL)
    assert caught.value.operation == "subscribe_webhooks"
    assert caught.value.provider == "meetrs"


def test_blocking_client_subscribes_and_unsubscribes() -> None:
    with sync.connect(ACCOUNT) as conference:
        made = conference.webhooks.subscribe(URL)
        conference.webhooks.unsubscribe(URL)
        assert conference.webhooks.subscribe(URL)[0].id != made[0].id
