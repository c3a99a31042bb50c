"""Refresh tokens that the vendor replaces at each use: one use each, however many processes share them."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    Secret,
    Sent,
    StoreUnavailable,
    TransportError,
)
from conferencing.accounts.context import SystemClock
from conferencing.http import Token
from conferencing.http.refresh_tokens import Refreshed, RefreshTokens
from conferencing.http.token_stores import FileTokenStore, TokenStore, open_token_store

HOUR = timedelta(hours=1)


class Vendor:
    """Accepts each refresh token once, and counts."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.valid = "refresh-0"
        self.sent: list[str] = []
        self.failure: Exception | None = None
        self.rotates = True

    async def exchange(self, refresh: Secret) -> Refreshed:
        self.sent.append(refresh.reveal())
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        if refresh.reveal() != self.valid:
            raise AuthenticationFailed("invalid_grant", sent=Sent.YES, status=400)
        number = len(self.sent)
        token = Token(value=Secret(f"access-{number}"), expires_at=self.clock.now() + HOUR)
        if not self.rotates:
            return Refreshed(token=token)
        self.valid = f"refresh-{number}"
        return Refreshed(token=token, refresh=Secret(self.valid))


@pytest.fixture
def vendor(clock: Any) -> Vendor:
    return Vendor(clock)


@pytest.fixture(params=["memory", "file", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Any) -> TokenStore:
    if request.param == "redis":
        return open_token_store(Secret(request.getfixturevalue("redis")), clock)
    address = {"memory": "memory", "file": f"file:{tmp_path}/tokens.json"}[request.param]
    return open_token_store(Secret(address), clock)


def source(store: TokenStore, vendor: Vendor, initial: str = "refresh-0") -> RefreshTokens:
    return RefreshTokens(store, Secret(initial), vendor.exchange, vendor.clock, name="main")


async def test_each_refresh_token_is_sent_once(store, vendor) -> None:
    tokens = [(await source(store, vendor).fetch()).value.reveal() for _ in range(3)]
    assert tokens == ["access-1"] * 3  # what the first fetched is valid for the others
    await vendor.clock.sleep(HOUR.total_seconds())
    tokens = [(await source(store, vendor).fetch()).value.reveal() for _ in range(3)]
    assert tokens == ["access-2"] * 3
    assert vendor.sent == ["refresh-0", "refresh-1"]
    await store.aclose()


async def test_many_at_once_make_one_exchange(store, vendor) -> None:
    tokens = await asyncio.gather(*(source(store, vendor).fetch() for _ in range(20)))
    assert {token.value.reveal() for token in tokens} == {"access-1"}
    assert vendor.sent == ["refresh-0"]
    await store.aclose()


async def test_refused_access_token_is_replaced(store, vendor) -> None:
    first, second = source(store, vendor), source(store, vendor)
    await first.fetch()
    await second.fetch()
    assert (await first.fetch()).value.reveal() == "access-2"  # asked again: it was refused
    assert (await second.fetch()).value.reveal() == "access-2"  # and what it got is shared
    await store.aclose()


async def test_vendor_without_rotation_keeps_the_token(store, vendor) -> None:
    vendor.rotates = False
    tokens = source(store, vendor)
    await tokens.fetch()
    await tokens.fetch()
    assert vendor.sent == ["refresh-0", "refresh-0"]
    await store.aclose()


async def test_refused_token_says_what_to_do(store, vendor) -> None:
    vendor.valid = "another"
    with pytest.raises(AuthenticationFailed, match="used or revoked; sign in") as caught:
        await source(store, vendor).fetch()
    assert (caught.value.field, caught.value.sent) == ("refresh_token", Sent.NO)
    vendor.valid = "refresh-new"
    token = await source(store, vendor, "refresh-new").fetch()  # a new one begins anew
    assert token.value.reveal() == "access-2"
    await store.aclose()


@pytest.mark.parametrize("sent", [Sent.MAYBE, Sent.YES])
async def test_lost_reply_is_tried_once_more(store, vendor, sent) -> None:
    vendor.failure = TransportError("lost", sent=sent)
    with pytest.raises(TransportError):
        await source(store, vendor).fetch()
    vendor.failure = None
    assert (await source(store, vendor).fetch()).value.reveal() == "access-2"
    await store.aclose()


async def test_lost_reply_of_a_used_token_says_so(store, vendor) -> None:
    vendor.failure = TransportError("lost", sent=Sent.MAYBE)
    with pytest.raises(TransportError):
        await source(store, vendor).fetch()
    vendor.failure, vendor.valid = None, "refresh-1"  # the vendor has it; its reply was lost
    with pytest.raises(AuthenticationFailed, match="lost the vendor's reply"):
        await source(store, vendor).fetch()
    await store.aclose()


async def test_token_that_never_left_stays_usable(store, vendor) -> None:
    vendor.failure = TransportError("no route", sent=Sent.NO)
    with pytest.raises(TransportError):
        await source(store, vendor).fetch()
    vendor.failure, vendor.valid = None, "gone"
    with pytest.raises(AuthenticationFailed, match="used or revoked"):
        await source(store, vendor).fetch()
    await store.aclose()


async def test_cancelled_exchange_is_stored(store, vendor) -> None:
    exchanging, answered = asyncio.Event(), asyncio.Event()
    exchange = vendor.exchange

    async def exchange_slowly(refresh: Secret) -> Refreshed:
        exchanging.set()
        await answered.wait()
        return await exchange(refresh)

    tokens = RefreshTokens(store, Secret("refresh-0"), exchange_slowly, vendor.clock, name="main")
    task = asyncio.create_task(tokens.fetch())
    await exchanging.wait()
    task.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await source(store, vendor).fetch()).value.reveal() == "access-1"
    await store.aclose()


async def test_file_is_readable_by_its_owner_only(tmp_path, vendor) -> None:
    path = tmp_path / "tokens.json"
    await source(FileTokenStore(path, vendor.clock), vendor).fetch()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "refresh-0" not in path.read_text()


@pytest.mark.parametrize(
    "content", [b"", b"x", b"[]", b'{"KEY": 1}', b'{"KEY": {"refresh": 5}}', b"\xff"]
)
async def test_damaged_file_is_a_typed_error(tmp_path, vendor, content) -> None:
    path = tmp_path / "tokens.json"
    store = FileTokenStore(path, vendor.clock)
    await source(store, vendor).fetch()
    (key,) = json.loads(path.read_text())
    path.write_bytes(content.replace(b"KEY", key.encode()))
    with pytest.raises(StoreUnavailable, match="token store") as caught:
        await source(store, vendor).fetch()
    assert caught.value.field == "token_store"


@pytest.mark.parametrize("address", [None, "", "sqlite:x", "tokens.json", "redis:/x"])
def test_unknown_store_is_refused(address) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_token_store(None if address is None else Secret(address), SystemClock())
    assert caught.value.field == "token_store"


PROCESS = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from conferencing import AuthenticationFailed, Secret
from conferencing.accounts.context import SystemClock
from conferencing.http import Token
from conferencing.http.refresh_tokens import Refreshed, RefreshTokens
from conferencing.http.token_stores import open_token_store

spent = Path(sys.argv[1])

async def exchange(refresh):
    try:
        (spent / refresh.reveal()).touch(exist_ok=False)
    except FileExistsError:
        raise AuthenticationFailed("invalid_grant") from None
    following = f"refresh-{len(list(spent.iterdir()))}"
    expires = datetime.now(UTC) + timedelta(hours=1)
    return Refreshed(token=Token(value=Secret("a" + following), expires_at=expires), refresh=Secret(following))

async def main():
    clock = SystemClock()
    store = open_token_store(Secret(sys.argv[2]), clock)
    tokens = RefreshTokens(store, Secret("refresh-0"), exchange, clock, name="main")
    for _ in range(5):
        await tokens.fetch()  # the one that it has was refused

asyncio.run(main())
"""


def test_eight_processes_send_each_token_once(tmp_path) -> None:
    spent = tmp_path / "spent"
    spent.mkdir()
    command = [sys.executable, "-c", PROCESS, str(spent), f"file:{tmp_path}/tokens.json"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(8)]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert errors == [b""] * 8
    names = sorted(int(path.name.removeprefix("refresh-")) for path in spent.iterdir())
    assert names == list(range(len(names)))
    record = next(iter(json.loads((tmp_path / "tokens.json").read_text()).values()))
    assert record["refresh"] == f"refresh-{len(names)}"
    assert datetime.fromisoformat(record["expires_at"]) > datetime.now(UTC)
