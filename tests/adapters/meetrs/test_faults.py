"""Every operation under every kind of fault: the right result or the right typed error, and nothing
done twice.
"""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from conferencing import (
    Conference,
    ConferencingError,
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
)
from conferencing.sandbox import ServedSimulator

HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"
LOST = {
    "reset before": ({"kind": "reset"}, Sent.MAYBE),
    "done, then closed": ({"kind": "commit-close"}, Sent.MAYBE),
    "done, reply cut": ({"kind": "cut", "size": 0}, Sent.YES),
}
FAILURES = {
    '{"message":"code is not known"}': ("code is not known",),
    '{"message":""}': (),
    '{"message":["a"]}': (),
    '{"Message":"x"}': (),
    '"code is not known"': ("code is not known",),
    "code is not known": (),
    "[]": (),
    "null": (),
    "": (),
    HTML: (),
    '{"message":': (),
}
STATUSES = {
    400: InvalidRequest,
    402: NotAvailable,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    415: InvalidRequest,
    422: InvalidRequest,
    429: RateLimited,
    503: ProviderUnavailable,
}


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_is_made_good_or_said_and_nothing_happens_twice(
    scenario: Any, operation: Any, lost: str
) -> None:
    fault, sent = LOST[lost]
    if "cut" in lost and operation.name in {"delete room", "delete template"}:
        return  # there is nothing to cut in an empty reply
    before = scenario.tally()
    scenario.served.fail(**fault)
    if operation.effect.repeatable:
        await operation.call(scenario)
        assert len(scenario.served.requests) == 2
        assert changes(before, scenario.tally()) == operation.adds
        return
    with pytest.raises(OutcomeUnknown) as caught:
        await operation.call(scenario)
    assert caught.value.attempts == len(scenario.served.requests) == 1
    assert (caught.value.sent, caught.value.retryable) == (sent, False)
    assert changes(before, scenario.tally()) == (operation.adds if lost.startswith("done") else {})


async def test_a_failing_vendor_is_asked_again_only_where_that_is_harmless(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=500, times=99)
    with pytest.raises(ProviderUnavailable) as caught:
        await operation.call(scenario)
    requests = 4 if operation.effect.repeatable else 1
    assert caught.value.attempts == len(scenario.served.requests) == requests
    assert scenario.tally() == before


async def test_a_throttled_call_is_made_again_since_it_did_not_happen(
    scenario: Any, operation: Any, clock: Any
) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=429, headers={"Retry-After": "7"})
    await operation.call(scenario)
    assert len(scenario.served.requests) == 2
    assert changes(before, scenario.tally()) == operation.adds
    assert 7 <= max(clock.slept) < 8


@pytest.mark.parametrize("body", [HTML, "null", "", '"text"', "5"])
async def test_a_success_without_sense_is_refused_where_sense_is_due(
    scenario: Any, operation: Any, body: str
) -> None:
    scenario.served.fail("body", body=body)
    if not operation.read:
        await operation.call(scenario)
        return
    with pytest.raises(MalformedResponse) as caught:
        await operation.call(scenario)
    assert caught.value.path.startswith("$")
    assert caught.value.attempts == len(scenario.served.requests) == 1


@pytest.mark.parametrize("status", STATUSES)
async def test_a_status_decides_the_error(
    conference: Conference, served: ServedSimulator, status: int
) -> None:
    served.fail("status", status=status, times=99, body='{"message":"no"}')
    with pytest.raises(ConferencingError) as caught:
        await conference.create_room("x")
    assert type(caught.value) is STATUSES[status]
    assert (caught.value.status, caught.value.problems) == (status, ("no",))
    assert caught.value.sent is Sent.YES
    assert pickle.loads(pickle.dumps(caught.value)).facts == caught.value.facts


@pytest.mark.parametrize("body", FAILURES)
async def test_whatever_a_failure_says_its_texts_are_kept_and_its_status_counts(
    conference: Conference, served: ServedSimulator, body: str
) -> None:
    served.fail("status", status=400, body=body)
    with pytest.raises(InvalidRequest) as caught:
        await conference.usage().collect()
    assert caught.value.problems == FAILURES[body]


async def test_a_gateway_that_lost_the_reply_leaves_the_outcome_open(
    conference: Conference, served: ServedSimulator
) -> None:
    served.fail("status", status=504, body=HTML)
    with pytest.raises(OutcomeUnknown):
        await conference.create_room("x")
    assert len(served.requests) == 1


async def test_a_cancelled_creation_is_not_made_again(
    conference: Conference, served: ServedSimulator, wait_for: Any
) -> None:
    served.fail("slow", seconds=30)
    call = asyncio.create_task(conference.create_room("x"))
    await wait_for(lambda: bool(served.requests))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(served.simulator.world.rooms) == len(served.requests) == 1


def changes(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    found = {name: count - before[name] for name, count in after.items()}
    return {name: count for name, count in found.items() if count}
