"""When a call is made again, after how long, and what an outage costs: pure, with no clock."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from acme import PLAIN
from hypothesis import given
from hypothesis import strategies as st

from conferencing import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TimedOut,
    TransportError,
    UnsupportedOperation,
)
from conferencing.http import Effect, Policy
from conferencing.http.retry import RetryBudget, final_error, may_retry, retry_after

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
DAY_AHEAD = {"date": "Fri, 02 Oct 2026 08:00:00 GMT"}
DAY_BEHIND = {"date": "Wed, 30 Sep 2026 08:00:00 GMT"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        (" 30 ", 30),
        ("2.5", 2.5),
        ("86400", 86400),
        ("999999999", 999999999),
        ("Thu, 01 Oct 2026 08:00:30 GMT", 30),
        ("Thu, 01 Oct 2026 10:00:30 +0200", 30),
        ("Thursday, 01-Oct-26 08:00:30 GMT", 30),
        ("Thu Oct  1 08:00:30 2026", 30),
        ("Thu, 01 Oct 2026 07:59:00 GMT", 0),
        ("2026-10-01T08:00:30Z", 30),
        ("2026-10-01T10:00:30.000000+02:00", 30),
        ("2026-10-01T08:00:30", 30),
        ("2026-10-01 08:00:30", 30),
        ("2020-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 251611459199),
        ("", None),
        ("soon", None),
        ("1790841630", None),
        ("-5", None),
        ("+5", None),
        ("1e999", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("1,5", None),
        ("5;q=1", None),
        ("٣", None),
        ("Thu, 99 Oct 2026 08:00:30 GMT", None),
        ("2026-99-01T00:00:00Z", None),
        ("1" * 5000, None),
    ],
)
def test_retry_after_is_read_in_every_form(text, seconds) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("Fri, 02 Oct 2026 08:00:30 GMT", DAY_AHEAD, 30),
        ("Wed, 30 Sep 2026 08:00:30 GMT", DAY_BEHIND, 30),
        ("2026-10-02T08:00:30Z", DAY_AHEAD, 30),
        ("30", DAY_AHEAD, 30),
        ("Thu, 01 Oct 2026 08:00:30 GMT", {"date": "garbage"}, 30),
    ],
)
def test_clock_a_day_off_is_compensated(text, date, seconds) -> None:
    assert retry_after({"retry-after": text} | date, NOW) == seconds


def test_missing_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("1790841630", 30), ("1790841000", 0), ("30", None), ("later", None)]
)
def test_reset_header_is_read_as_an_epoch(text, seconds) -> None:
    assert retry_after({"x-ratelimit-reset": text}, NOW) == seconds
    assert retry_after({"x-ratelimit-reset": text, "retry-after": "7"}, NOW) == 7


@given(st.text())
def test_no_header_text_breaks_the_reading(text) -> None:
    seconds = retry_after({"retry-after": text, "date": text}, NOW)
    assert seconds is None or seconds >= 0


POLICY = Policy()
CHANCE = st.floats(0, 1, exclude_max=True)
ERRORS = st.sampled_from([TransportError, TimedOut, ProviderUnavailable, RateLimited])


@given(ERRORS, st.integers(1, 50), CHANCE)
def test_delay_is_between_floor_and_doubled_base(kind, failures, chance) -> None:
    wait = POLICY.wait(kind("x"), failures, lambda: chance)
    base, cap = (1.0, 20.0) if kind is RateLimited else (0.5, 8.0)
    assert 0.05 <= wait <= min(cap, base * 2 ** (failures - 1))


@given(ERRORS, st.integers(1, 50), CHANCE, st.floats(0, 100))
def test_delay_respects_retry_after(kind, failures, chance, asked) -> None:
    wait = POLICY.wait(kind("x", retry_after=asked), failures, lambda: chance)
    assert asked <= wait <= max(asked * 1.1, POLICY.throttled_cap)
    assert wait >= POLICY.floor


def test_delays_differ_by_jitter() -> None:
    waits = {POLICY.wait(TransportError("x"), 3, lambda n=n: n / 100) for n in range(10, 100)}
    assert len(waits) == 90


@pytest.mark.parametrize(("kind", "at_most"), [(TransportError, 10_020), (TimedOut, 10_010)])
def test_budget_does_not_amplify_an_outage(kind, at_most) -> None:
    quota = RetryBudget()
    requests = sum(_requests(quota, [kind("x", sent=Sent.NO)] * 4)[0] for _ in range(10_000))
    assert 10_000 < requests <= at_most


def test_budget_sustains_one_failure_in_five() -> None:
    quota = RetryBudget()
    down, happy = [ProviderUnavailable("x")], []
    outcomes = [_requests(quota, happy if call % 5 else down) for call in range(10_000)]
    assert all(succeeded for _, succeeded in outcomes)
    assert quota.left > 50


def test_success_returns_the_price_of_retries() -> None:
    quota = RetryBudget()
    for _ in range(1000):
        assert _requests(quota, [TransportError("x"), TransportError("x")]) == (3, True)
    assert quota.left == RetryBudget.FULL


STATUS_ERRORS = [
    AuthenticationFailed, PermissionDenied, NotAvailable, NotFound, Conflict, InvalidRequest,
    MalformedResponse,
]  # fmt: skip
OWN_ERRORS = [ConfigurationError, UnsupportedOperation, ClientClosed, OutcomeUnknown]


@pytest.mark.parametrize("effect", PLAIN)
def test_lost_reply_is_retried_only_if_repeatable(effect) -> None:
    harmless = effect in {Effect.READ, Effect.IDEMPOTENT}
    for kind, sent in product([TransportError, TimedOut], Sent):
        expected = sent is Sent.NO or harmless
        assert may_retry(kind("x", sent=sent), effect) is expected, (kind, sent)
        assert not may_retry(kind("x", sent=sent, retryable=False), effect)
    assert may_retry(ProviderUnavailable("x", status=500), effect) is harmless
    assert may_retry(RateLimited("x", status=429), effect)


@pytest.mark.parametrize("kind", STATUS_ERRORS + OWN_ERRORS)
def test_permanent_error_is_never_retried(kind) -> None:
    for effect, sent in product(Effect, Sent):
        assert not may_retry(kind("x", sent=sent), effect)


def test_exchange_of_token_is_never_retried_and_no_creation() -> None:
    error = TransportError("x", sent=Sent.MAYBE)
    assert not may_retry(error, Effect.EXCHANGE)
    assert final_error(error, Effect.EXCHANGE) is error


def test_never_retry_effect_is_never_retried() -> None:
    for kind, sent in product([TransportError, TimedOut, RateLimited, ProviderUnavailable], Sent):
        assert not may_retry(kind("x", sent=sent), Effect.NEVER_RETRY)
    assert isinstance(
        final_error(TransportError("x", sent=Sent.MAYBE), Effect.NEVER_RETRY), OutcomeUnknown
    )


def test_keyed_call_is_retried_as_a_read_and_ends_as_a_create() -> None:
    for kind, sent in product([TransportError, TimedOut, ProviderUnavailable, RateLimited], Sent):
        error = kind("x", sent=sent)
        assert may_retry(error, Effect.KEYED) is may_retry(error, Effect.READ)
    for sent in Sent:
        ends = [final_error(TransportError("x", sent=sent), each) for each in KEYED_OR_CREATE]
        assert type(ends[0]) is type(ends[1])
        assert isinstance(ends[0], OutcomeUnknown) is (sent is not Sent.NO)


KEYED_OR_CREATE = (Effect.KEYED, Effect.CREATE)
FINAL = [
    (TransportError("x", sent=Sent.NO), False),
    (TransportError("x", sent=Sent.MAYBE), True),
    (TransportError("x", sent=Sent.YES), True),
    (TimedOut("x", sent=Sent.NO), False),
    (TimedOut("x", sent=Sent.MAYBE), True),
    (ProviderUnavailable("x", status=500), False),
    (ProviderUnavailable("x", status=502), True),
    (ProviderUnavailable("x", status=503), False),
    (ProviderUnavailable("x", status=504), True),
    (RateLimited("x", status=429), False),
    (Conflict("x", status=409), False),
    (MalformedResponse("x", status=200), False),
]


@pytest.mark.parametrize(("error", "unknown"), FINAL, ids=lambda error: repr(error)[:40])
@pytest.mark.parametrize("effect", PLAIN)
def test_lost_reply_to_a_create_is_unknown(error, unknown, effect) -> None:
    error.attempts = 2
    raised = final_error(error, effect)
    if effect in {Effect.READ, Effect.IDEMPOTENT} or not unknown:
        assert raised is error
        return
    assert isinstance(raised, OutcomeUnknown)
    assert not raised.retryable
    assert (raised.sent, raised.status, raised.attempts) == (error.sent, error.status, 2)
    assert error.message in raised.message


def _requests(quota: RetryBudget, failures: list[ConferencingError]) -> tuple[int, bool]:
    """Play one call of at most four attempts; return its requests and whether it succeeded."""
    paid = 0
    for attempt, error in enumerate(failures, 1):
        price = quota.spend(error) if attempt < POLICY.attempts else 0
        if not price:
            return attempt, False
        paid += price
    quota.earn(paid)
    return len(failures) + 1, True
