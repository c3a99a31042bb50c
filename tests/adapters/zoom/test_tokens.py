"""Zoom's tokens: fetched once, renewed once, rotated in a store, and sent to Zoom's hosts only."""

from __future__ import annotations

import asyncio
import stat
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from samples import reply_of

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    MalformedResponse,
    PermissionDenied,
    Sent,
    connect,
)
from conferencing.http.provider import read_reply
from conferencing_zoom.wire.base import is_trusted, read_token

REFUSED = '{"code":124,"message":"Invalid access token."}'
HOURS = timedelta(hours=2)


def paths(served: Any) -> list[str]:
    return [request.path for request in served.requests]


@pytest.fixture
def user_account(sandbox: Any, tmp_path: Any) -> dict[str, Any]:
    """The account of an app that a user installed, with a store for its refresh tokens."""
    return {**sandbox.account("zoom", "user"), "token_store": f"file:{tmp_path}/tokens.json"}


# -------------------------------------------------------------------------------- server-to-server


async def test_account_token_is_fetched_once_for_many_calls(sandbox, served) -> None:
    async with connect(sandbox.account("zoom")) as conference:
        await asyncio.gather(*(conference.check() for _ in range(8)))
        await conference.check()
    first = served.requests[0]
    account_id = served.simulator.account_id
    assert first.body.decode() == f"grant_type=account_credentials&account_id={account_id}"
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert first.headers["authorization"].startswith("Basic ")
    assert paths(served).count("/oauth/token") == 1


async def test_expired_token_is_renewed_and_the_call_repeated(conference, served, world) -> None:
    world.advance(HOURS)  # the client's clock stands still
    await conference.create_room("x")
    created = "/v2/users/olga%40example.com/meetings"
    assert paths(served) == [created, "/oauth/token", created]
    assert len(world.rooms) == 1


async def test_token_is_renewed_before_it_expires(conference, served, world, clock) -> None:
    world.advance(timedelta(seconds=3590))
    clock.time = 3590.0
    await conference.check()
    assert paths(served) == ["/oauth/token", "/v2/users/olga%40example.com"]


@pytest.mark.parametrize("body", [REFUSED, "", "<html>", '{"code":0}'])
async def test_refused_new_token_fails_after_one_renewal(conference, served, body) -> None:
    served.fail("status", status=401, body=body, match="/v2/", times=9)
    with pytest.raises(AuthenticationFailed) as caught:
        await conference.check()
    user = "/v2/users/olga%40example.com"
    assert paths(served) == [user, "/oauth/token", user]
    assert (caught.value.status, caught.value.retryable) == (401, False)


@pytest.mark.parametrize(
    ("field", "quirk"),
    [("client_secret", False), ("client_secret", True), ("client_id", False), ("account_id", False)],
)  # fmt: skip
async def test_wrong_credential_sends_nothing_else(sandbox, served, field, quirk) -> None:
    served.simulator.quirks["invalid_client_is_401"] = quirk
    async with connect({**sandbox.account("zoom"), field: "canary-wrong"}) as conference:
        with pytest.raises(AuthenticationFailed) as caught:
            await conference.create_room("x")
    assert paths(served) == ["/oauth/token"]
    assert caught.value.sent is Sent.NO
    assert "canary" not in f"{caught.value}{caught.value.facts}"


async def test_missing_scope_is_permission_denied_and_named(conference, served, simulator) -> None:
    scopes = {scope for scope in simulator.app.scopes if "write:meeting" not in scope}
    simulator.tokens.add_app(evolve(simulator.app, scopes=frozenset(scopes)))
    simulator.world.advance(HOURS)  # the next token has the scopes
    with pytest.raises(PermissionDenied) as caught:
        await conference.create_room("x")
    assert (caught.value.status, caught.value.code) == (400, "4711")
    assert "meeting:write:meeting" in str(caught.value.problems)
    assert caught.value.sent is Sent.YES
    assert not simulator.world.rooms


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"account_id": "a"}, "host"),
        ({"account_id": "a", "host": "me"}, "host"),
        ({"account_id": "a", "refresh_token": "r", "host": "h"}, "account_id"),
        ({"host": "h"}, "account_id"),
        ({"account_id": "a", "host": "h", "attendance": "both"}, "attendance"),
        ({"refresh_token": "r"}, "token_store"),
    ],
)
async def test_incomplete_account_names_its_key(keys, field) -> None:
    account = {"provider": "zoom", "client_id": "c", "client_secret": "s", **keys}
    with pytest.raises(ConfigurationError) as caught:
        async with connect(account) as conference:
            await conference.check()
    assert caught.value.field == field


# ------------------------------------------------------------------------------------ user's tokens


async def test_refresh_token_is_rotated_and_shared_by_connections(
    user_account, served, world, tmp_path, clock
) -> None:
    for round_ in range(3):
        for _ in range(2):
            async with connect(user_account, clock=clock) as conference:
                await conference.check()
        assert paths(served).count("/oauth/token") == round_ + 1
        world.advance(HOURS)
        clock.time += HOURS.total_seconds()
    sent = [request.body for request in served.requests if request.path == "/oauth/token"]
    assert len({*sent}) == 3  # another refresh token each time
    assert all(body.startswith(b"grant_type=refresh_token&refresh_token=") for body in sent)
    assert stat.S_IMODE((tmp_path / "tokens.json").stat().st_mode) == 0o600


async def test_connections_at_once_use_the_refresh_token_once(user_account, served) -> None:
    async def use() -> None:
        async with connect(user_account) as conference:
            await conference.check()

    await asyncio.gather(*(use() for _ in range(8)))
    assert paths(served).count("/oauth/token") == 1


async def test_refused_token_of_a_user_is_exchanged_once(
    user_account, served, world, clock
) -> None:
    async with connect(user_account, clock=clock) as conference:
        await conference.check()
        world.advance(HOURS)
        await conference.check()
    assert paths(served) == ["/oauth/token", "/v2/users/me", "/v2/users/me", "/oauth/token", "/v2/users/me"]  # fmt: skip


async def test_spent_refresh_token_says_what_to_do(user_account, served, tmp_path) -> None:
    async with connect(user_account) as conference:
        await conference.check()
    (tmp_path / "tokens.json").unlink()  # as if another program had used it
    served.requests.clear()
    async with connect(user_account) as conference:
        with pytest.raises(AuthenticationFailed, match="sign in at the vendor again") as caught:
            await conference.create_room("x")
    assert (caught.value.field, caught.value.sent) == ("refresh_token", Sent.NO)
    assert caught.value.code == "invalid_grant"
    assert paths(served) == ["/oauth/token"]


async def test_lost_reply_to_an_exchange_is_not_repeated(user_account, served) -> None:
    served.fail("commit-close", match="/oauth/token")
    async with connect(user_account) as conference:
        with pytest.raises(Exception, match="connection"):
            await conference.check()
        assert paths(served) == ["/oauth/token"]
        with pytest.raises(AuthenticationFailed, match="lost the vendor's reply") as caught:
            await conference.check()
    assert caught.value.field == "refresh_token"
    assert paths(served) == ["/oauth/token"] * 2


async def test_calls_of_a_user_are_for_me(user_account, served, world) -> None:
    async with connect(user_account) as conference:
        await conference.create_room("x")
        await conference.rooms().collect()
    assert {path for path in paths(served) if "/users/" in path} == {
        "/v2/users/me/meetings",
        "/v2/users/me/webinars",
    }


async def test_another_users_room_fails_after_one_renewal(user_account, served) -> None:
    keys = {**user_account, "host": "piotr@example.com"}
    async with connect(keys) as conference:
        with pytest.raises(AuthenticationFailed):
            await conference.create_room("x")
    assert paths(served).count("/oauth/token") == 2


# ---------------------------------------------------------------------------------------- regional

HOME = "https://api.zoom.us/v2"
TRUSTED = [
    "https://api-us.zoom.us",
    "https://api-eu.zoom.us/",
    "https://zoom.us/rec/download/x",
    "https://us02web.zoom.us/rec/x?a=b",
    "https://API-SG.ZOOM.US:443",
    "https://api.zoom.us/v2",
]
OTHERS = [
    "http://api-eu.zoom.us",
    "https://zoom.us.example.com",
    "https://evilzoom.us",
    "https://example.com/.zoom.us",
    "https://example.com#.zoom.us",
    "https://example.com?.zoom.us",
    "https://example.com\\.zoom.us",
    "https://api.zoom.us@example.com",
    "https://example.com@api.zoom.us",
    "https://example.com:443.zoom.us",
    "https://api.zoom.us:8443",
    "https://127.0.0.1",
    "http://127.0.0.1:8080",
    "https://zoom.com",
    "//api.zoom.us",
    "api.zoom.us",
    "",
]


@pytest.mark.parametrize("url", TRUSTED)
def test_zooms_hosts_get_the_token(url) -> None:
    assert is_trusted(url, HOME)


@pytest.mark.parametrize("url", OTHERS)
def test_other_hosts_do_not_get_the_token(url) -> None:
    assert not is_trusted(url, HOME)


def test_host_of_the_account_gets_the_token() -> None:
    home = "http://127.0.0.1:8080/zoom/v2"
    assert is_trusted("http://127.0.0.1:8080/file", home)
    assert not is_trusted("http://127.0.0.1:8081/file", home)
    assert not is_trusted("https://127.0.0.1:8080/file", home)


def token(api_url: str | None, *, regional: bool = True) -> Any:
    body = {"access_token": "a", "expires_in": "3599", "api_url": api_url}
    reply = reply_of(body)
    return read_reply(reply, lambda row: read_token(row, regional=regional, home=HOME))


@pytest.mark.parametrize("region", ["us", "eu", "au", "ca", "in", "sa", "sg", "uk"])
def test_regional_token_is_for_the_region(region) -> None:
    url = f"https://api-{region}.zoom.us"
    assert token(url).base_url == token(f"{url}/").base_url == f"{url}/v2"
    assert token(url, regional=False).base_url is None


def test_token_without_a_region_is_for_all() -> None:
    assert token(None).base_url is None


@pytest.mark.parametrize("url", OTHERS[:-1])
def test_region_elsewhere_is_refused(url) -> None:
    with pytest.raises(MalformedResponse, match="not one of Zoom's hosts") as caught:
        token(url)
    assert caught.value.path == "$.api_url"
    assert token(url, regional=False).base_url is None


async def test_regional_calls_go_to_the_named_host(sandbox, served) -> None:
    """The simulator names itself; another host is refused before the token goes anywhere."""
    account = {**sandbox.account("zoom"), "regional": True}
    async with connect(account) as conference:
        await conference.check()
    assert paths(served) == ["/oauth/token", "/v2/users/olga%40example.com"]
    served.requests.clear()
    body = '{"access_token":"a","expires_in":3599,"api_url":"http://127.0.0.1:9"}'
    served.fail("body", body=body, match="/oauth/token")
    async with connect(account) as conference:
        with pytest.raises(MalformedResponse):
            await conference.check()
    assert paths(served) == ["/oauth/token"]
