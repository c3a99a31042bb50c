"""Throttling by the vendor: which calls wait, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from acme import PLAIN, of
from scripted import fin, reply

from conferencing import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Secret,
    Sent,
    TransportError,
)
from conferencing.accounts.context import Rate
from conferencing.http import GET, POST, Effect, ErrorMap, Failure, HeaderAuth, Policy

OK = reply({})
EFFECTS = pytest.mark.parametrize("effect", PLAIN)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (422, InvalidRequest),
    ],
)
@EFFECTS
async def test_refusal_is_not_retried(serve, adapter, *, clock, effect, status, kind) -> None:
    server = await serve(reply({"error": "x"}, status))
    with pytest.raises(kind) as caught:
        await adapter(server).call(of(effect))
    assert len(server.requests) == caught.value.attempts == 1
    assert (caught.value.status, caught.value.sent) == (status, Sent.YES)
    assert clock.slept == []


@pytest.mark.parametrize("status", [500, 503])
@EFFECTS
async def test_failure_is_retried_only_if_repeatable(serve, adapter, effect, status) -> None:
    server = await serve(reply(b"[]", status))
    with pytest.raises(ProviderUnavailable) as caught:
        await adapter(server).call(of(effect))
    harmless = effect in {Effect.READ, Effect.IDEMPOTENT}
    assert len(server.requests) == caught.value.attempts == (4 if harmless else 1)


@pytest.mark.parametrize(
    ("after", "slept"),
    [
        ("7", 7.35),
        ("Thu, 01 Oct 2026 08:00:07 GMT", 7.35),
        ("2026-10-01T08:00:07+00:00", 7.35),
        ("60", 63.0),
        ("soon", 0.5),
        ("1e999", 0.5),
        (None, 0.5),
    ],
)
@EFFECTS
async def test_throttled_call_waits_and_succeeds(
    serve, adapter, *, clock, effect, after, slept
) -> None:
    headers = {} if after is None else {"Retry_After": after}
    server = await serve(reply({}, 429, **headers), OK)
    await adapter(server, policy=Policy(total=100)).call(of(effect))
    assert len(server.requests) == 2
    assert clock.slept == pytest.approx([slept])


@pytest.mark.parametrize("after", ["61", "86400", "Sun, 04 Oct 2026 08:00:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
async def test_long_retry_after_fails_at_once(serve, adapter, clock, after, status) -> None:
    server = await serve(reply({}, status, Retry_After=after))
    with pytest.raises(ProviderError) as caught:
        await adapter(server, policy=Policy(total=1e6)).call(GET("/x"))
    assert len(server.requests) == caught.value.attempts == 1
    assert (caught.value.retry_after or 0) > 60
    assert caught.value.retryable
    assert clock.slept == []


async def test_throttled_call_pauses_the_account(serve, adapter, clock) -> None:
    server = await serve(reply({}, 429, Retry_After="10"), OK)
    provider = adapter(server, retries=0)
    with pytest.raises(RateLimited):
        await provider.call(GET("/one"))
    assert clock.slept == []
    await provider.call(GET("/another"))
    assert sum(clock.slept) >= 10
    assert [request.target for request in server.requests] == ["/one", "/another"]


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("status", [429, 503])
async def test_no_call_waits_past_its_deadline(serve, adapter, clock, seconds, status) -> None:
    server = await serve(reply({}, status))
    provider = adapter(server, timeout=seconds, retries=50, random=lambda: 0.99)
    with pytest.raises(ProviderError) as caught:
        await provider.call(GET("/x"))
    assert sum(clock.slept) < seconds
    assert len(server.requests) == caught.value.attempts == len(clock.slept) + 1


async def test_wait_past_the_deadline_is_not_begun(serve, adapter, clock) -> None:
    server = await serve(reply({}, 503, Retry_After="11"))
    with pytest.raises(ProviderUnavailable) as caught:
        await adapter(server, timeout=10).call(GET("/x"))
    assert (len(server.requests), caught.value.retry_after, clock.slept) == (1, 11, [])


@pytest.mark.parametrize("retries", [0, 1, 6])
async def test_account_sets_the_number_of_retries(serve, adapter, retries) -> None:
    server = await serve(fin)
    with pytest.raises(TransportError) as caught:
        await adapter(server, retries=retries).call(GET("/x"))
    assert len(server.requests) == caught.value.attempts == retries + 1


async def test_outage_is_not_amplified(serve, adapter) -> None:
    server = await serve(reply({}, 503))
    provider = adapter(server)
    for _ in range(60):
        with pytest.raises(ProviderUnavailable):
            await provider.call(GET("/x"))
    assert len(server.requests) == 80
    server.script = [OK] * 5 + [reply({}, 503)]
    for _ in range(5):
        await provider.call(GET("/x"))
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.call(GET("/x"))
    assert caught.value.attempts == 2


async def test_calls_are_paced_by_the_accounts_rate(serve, adapter, clock) -> None:
    server = await serve(OK)
    provider = adapter(server, rate=Rate.parse("2/s"))
    for _ in range(5):
        await provider.call(GET("/x"))
    assert clock.slept == pytest.approx([0.515] * 4)


async def test_retries_are_paced_too(serve, adapter, clock) -> None:
    server = await serve(fin, fin, OK)
    await adapter(server, rate=Rate.parse("1/10s")).call(GET("/x"))
    assert sum(clock.slept) == pytest.approx(20.6)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("rate", "wait"),
    # A turn that leaves less than a second for the call is too late as well.
    [("1/m", 61.8), ("1/9s", 9.27)],
)
async def test_pace_too_far_ahead_sends_nothing(serve, adapter, *, clock, rate, wait) -> None:
    server = await serve(OK)
    provider = adapter(server, rate=Rate.parse(rate), timeout=10)
    await provider.call(GET("/x"))
    with pytest.raises(RateLimited) as caught:
        await provider.call(POST("/x"))
    assert len(server.requests) == 1
    assert caught.value.sent is Sent.NO
    assert caught.value.retry_after == pytest.approx(wait)
    assert caught.value.retryable
    assert clock.slept == []


class Tokens:
    """Credentials that are renewed when they are refused."""

    def __init__(self) -> None:
        self.renewals = 0

    def cached(self) -> None:
        return None

    async def acquire(self) -> HeaderAuth:
        return HeaderAuth("Token", Secret(f"token-{self.renewals}"), setting="token")

    async def refresh(self, refused: Any) -> bool:
        self.renewals += 1
        return self.renewals < 5


async def test_refused_credentials_are_refreshed_once(serve, adapter, clock) -> None:
    server, tokens = await serve(reply({}, 401), OK), Tokens()
    await adapter(server, auth=lambda: tokens).call(POST("/x"))
    assert [request.header("token") for request in server.requests] == [["token-0"], ["token-1"]]
    assert clock.slept == []


async def test_credentials_refused_twice_are_given_up(serve, adapter) -> None:
    server, tokens = await serve(reply({}, 401)), Tokens()
    with pytest.raises(AuthenticationFailed) as caught:
        await adapter(server, auth=lambda: tokens).call(GET("/x"))
    assert len(server.requests) == caught.value.attempts == 2
    assert tokens.renewals == 1


def _put_off(reply: Any) -> Failure | None:
    return Failure(code="busy") if b"busy" in reply.body else None


async def test_throttling_code_in_a_200_waits(serve, adapter, clock) -> None:
    errors = ErrorMap({"busy": RateLimited}, read=_put_off)
    server = await serve(reply({"error": "busy"}, Retry_After="3"), OK)
    await adapter(server, errors=errors).call(POST("/x"))
    assert len(server.requests) == 2
    assert clock.slept == pytest.approx([3.15])
