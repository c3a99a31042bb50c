"""The cases of subscriptions to webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conferencing.capabilities import Operation
from conferencing.errors import UnsupportedOption
from conferencing.model import WebhookSubscription
from conferencing.testing.expect import expect, expect_equal
from conferencing.testing.scenario import Scenario

from .case import OperationCase, check_unique

__all__ = ["CASES"]


async def _subscribe(scenario: Scenario) -> Sequence[WebhookSubscription]:
    """Subscribe to a room's events, or to all where the vendor has only that."""
    subscribe = scenario.conference.webhooks.subscribe
    try:
        return await subscribe(scenario.webhook_url, scenario.room)
    except UnsupportedOption:
        return await subscribe(scenario.webhook_url)


async def _unsubscribe(scenario: Scenario) -> None:
    try:
        await scenario.conference.webhooks.unsubscribe(scenario.webhook_url, scenario.room)
    except UnsupportedOption:
        await scenario.conference.webhooks.unsubscribe(scenario.webhook_url)


async def _check_subscribed(
    scenario: Scenario, subscriptions: Sequence[WebhookSubscription]
) -> None:
    """Check what holds, and that asking again makes no second subscription."""
    expect(subscriptions, "no subscription is returned")
    check_unique(subscriptions, "the subscriptions")
    for subscription in subscriptions:
        expect_equal(subscription.url, scenario.webhook_url, "the address of a subscription")
        expires_at = subscription.expires_at
        aware = expires_at is None or expires_at.utcoffset() is not None
        expect(aware, "the end of a subscription is naive")
    again = await _subscribe(scenario)
    expect_equal(_ids(again), _ids(subscriptions), "the subscriptions after subscribing again")


async def _check_unsubscribed(scenario: Scenario, _: object) -> None:
    """Check that ending what has ended is not an error, and that it can be had again."""
    await _unsubscribe(scenario)
    expect(await _subscribe(scenario), "no subscription is returned after ending it")


def _ids(subscriptions: Sequence[WebhookSubscription]) -> list[str]:
    return sorted(subscription.id for subscription in subscriptions)


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.SUBSCRIBE_WEBHOOKS, call=_subscribe, check=_check_subscribed),
    OperationCase(operation=Operation.UNSUBSCRIBE_WEBHOOKS, states=("subscribed",), call=_unsubscribe,
        check=_check_unsubscribed),
)
# fmt: on
