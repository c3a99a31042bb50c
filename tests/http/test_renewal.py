"""A refusal that may be about the token, or may not: one fresh token, unless the token is new."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import field, frozen
from scripted import Scripted, reply

from conferencing import AuthenticationFailed, PermissionDenied, Secret
from conferencing.accounts.context import Context
from conferencing.http import GET, POST, Effect, ErrorMap, Reply
from conferencing.http.oauth import RefreshingProvider, read_refreshed

IN_DOUBT = ErrorMap(renews=frozenset({403}))
OLD = 6.0


async def test_old_token_is_renewed_once(vendor, tokened, clock) -> None:
    adapter = tokened(errors=IN_DOUBT)
    await adapter.call(GET("/x"))
    vendor.revoke()
    vendor.refusal = 403
    clock.time += OLD
    await adapter.call(POST("/x", effect=Effect.CREATE))
    assert (vendor.tokens, len(vendor.calls)) == (2, 3)


async def test_new_token_is_kept(vendor, tokened) -> None:
    adapter = tokened(errors=IN_DOUBT)
    await adapter.call(GET("/x"))
    vendor.revoke()
    vendor.refusal = 403
    with pytest.raises(PermissionDenied):
        await adapter.call(GET("/x"))
    assert (vendor.tokens, len(vendor.calls)) == (1, 2)


async def test_second_refusal_is_raised(vendor, tokened, clock) -> None:
    adapter = tokened(errors=IN_DOUBT)
    await adapter.call(GET("/x"))
    vendor.refusal, vendor.good = 403, Nothing()
    clock.time += OLD
    with pytest.raises(PermissionDenied) as caught:
        await adapter.call(GET("/x"))
    assert (vendor.tokens, caught.value.attempts) == (2, 2)


async def test_status_that_is_not_named_renews_nothing(vendor, tokened, clock) -> None:
    adapter = tokened()
    await adapter.call(GET("/x"))
    vendor.revoke()
    vendor.refusal = 403
    clock.time += OLD
    with pytest.raises(PermissionDenied):
        await adapter.call(GET("/x"))
    assert vendor.tokens == 1


class Nothing(set[str]):
    """A set that stays empty: no token is good."""

    def add(self, name: str) -> None:
        """Add nothing."""


# ------------------------------------------------------------------------------------ refresh tokens


@frozen(kw_only=True)
class Settings:
    base_url: str
    token_url: str
    client_id: str = "client"
    client_secret: Secret = field(factory=lambda: Secret("canary-secret"))
    refresh_token: Secret = field(factory=lambda: Secret("canary-refresh"))


class Refreshing(RefreshingProvider[Settings]):
    name = "acme"
    settings_class = Settings


def make(server: Scripted, clock: Any) -> Refreshing:
    settings = Settings(base_url=server.url, token_url=f"{server.url}/oauth/token")
    return Refreshing(settings, Context(clock=clock, token_store=Secret("memory")))


async def test_refresh_token_is_exchanged_at_the_token_url(clock) -> None:
    async with Scripted() as server:
        server.script += [reply({"access_token": "t-1", "expires_in": "60"}), reply({"ok": True})]
        provider = make(server, clock)
        await provider.call(GET("/x"))
        await provider.aclose()
    token, call = server.requests
    assert (token.method, token.target) == ("POST", "/oauth/token")
    assert token.body == b"grant_type=refresh_token&refresh_token=canary-refresh"
    assert token.header("authorization")[0].startswith("Basic ")
    assert call.header("authorization") == ["Bearer t-1"]


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client"])
async def test_refused_refresh_token_asks_to_sign_in(clock, code) -> None:
    async with Scripted() as server:
        server.script.append(reply({"error": code}, 400))
        provider = make(server, clock)
        with pytest.raises(AuthenticationFailed, match="sign in"):
            await provider.call(GET("/x"))
        await provider.aclose()
    assert len(server.requests) == 1


def test_reply_with_a_token_is_that_of_rfc_6749() -> None:
    body = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r"}
    date = {"date": "Thu, 01 Oct 2026 08:00:00 GMT"}
    refreshed = read_refreshed(Reply(200, date, json.dumps(body).encode()))
    assert refreshed.token.expires_at == datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert refreshed.refresh is not None
    del body["refresh_token"], body["expires_in"]
    kept = read_refreshed(Reply(200, date, json.dumps(body).encode()))
    assert (kept.refresh, kept.token.expires_at) == (None, None)
