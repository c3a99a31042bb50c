"""Every operation under every kind of fault: the right result or the right typed error, as many
requests at the server as the error says, and nothing done twice.
"""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
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
FAILURES = {
    '{"code":"404","errors":[{"name":"password","message":"mówi"}]}': ("password mówi",),
    '{"errors":[{"name":null,"message":"a"},{"name":7,"message":"b"},"c",5,null]}': tuple("abc"),
    '{"errors":{}}': (),
    '{"errors":null}': (),
    '"404 Not Found"': ("404 Not Found",),
    "[]": (),
    "null": (),
    "": (),
    HTML: (),
    '{"errors":[': (),
}
LOST = {
    "reset before": ({"kind": "reset"}, Sent.MAYBE),
    "done, then closed": ({"kind": "commit-close"}, Sent.MAYBE),
    "done, reply cut": ({"kind": "cut", "size": 1}, Sent.YES),
}


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_is_made_good_or_said_and_nothing_happens_twice(
    scenario: Any, operation: Any, lost: str
) -> None:
    fault, sent = LOST[lost]
    before = scenario.tally()
    scenario.served.fail(**fault)
    if operation.effect.repeatable:
        await operation.call(scenario)
        assert len(scenario.served.requests) == len(operation.requests) + 1
        assert changes(before, scenario.tally()) == operation.adds
        return
    with pytest.raises(OutcomeUnknown) as caught:
        await operation.call(scenario)
    assert caught.value.attempts == len(scenario.served.requests) == 1
    assert caught.value.sent is sent
    assert not caught.value.retryable
    done = operation.adds if lost.startswith("done") else {}
    assert changes(before, scenario.tally()) == done


async def test_a_failing_vendor_is_asked_again_only_where_that_is_harmless(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=500, times=99, body='{"code":500,"errors":[]}')
    with pytest.raises(ProviderUnavailable) as caught:
        await operation.call(scenario)
    assert caught.value.status == 500
    assert (
        caught.value.attempts
        == len(scenario.served.requests)
        == (4 if operation.effect.repeatable else 1)
    )
    assert scenario.tally() == before


async def test_a_throttled_call_is_made_again_since_it_did_not_happen(
    scenario: Any, operation: Any, clock: Any
) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=429, headers={"Retry-After": "7"})
    await operation.call(scenario)
    assert len(scenario.served.requests) == len(operation.requests) + 1
    assert changes(before, scenario.tally()) == operation.adds
    assert 7 <= max(clock.slept) < 8


async def test_a_call_that_stays_throttled_ends_as_such(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    scenario.served.fail("status", status=429, times=99)
    with pytest.raises(RateLimited) as caught:
        await operation.call(scenario)
    assert caught.value.attempts == len(scenario.served.requests) == 4
    assert caught.value.retryable
    assert scenario.tally() == before


@pytest.mark.parametrize(
    ("body", "kind"), [(HTML, "text/html"), ("null", "application/json")], ids=["html", "null"]
)
async def test_a_success_without_sense_is_refused_where_sense_is_due(
    scenario: Any, operation: Any, body: str, kind: str
) -> None:
    """Not so where the caller reads the body, nor of a read that is found absent anyway."""
    before = scenario.tally()
    scenario.served.fail("body", body=body, media_type=kind)
    if not operation.read:
        await operation.call(scenario)
        assert len(scenario.served.requests) == len(operation.requests)
    else:
        with pytest.raises(MalformedResponse) as caught:
            await operation.call(scenario)
        assert len(scenario.served.requests) == 1
        assert caught.value.path.startswith("$")
        assert caught.value.status in {200, 201}
        assert not caught.value.retryable
        assert body[:20] in caught.value.body
    assert changes(before, scenario.tally()) == operation.adds


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidRequest),
        (401, AuthenticationFailed),
        (402, NotAvailable),
        (403, PermissionDenied),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (422, InvalidRequest),
        (500, ProviderUnavailable),
        (501, ProviderUnavailable),
        (504, ProviderUnavailable),
        (302, MalformedResponse),
        (418, InvalidRequest),
    ],
)
async def test_a_status_decides_and_the_vendors_texts_ride_along(
    conference: Conference, served: ServedSimulator, status: int, error: type
) -> None:
    for body, texts in FAILURES.items():
        served.requests.clear()
        served.faults.clear()
        served.fail("status", status=status, body=body, times=99)
        with pytest.raises(error) as caught:
            await conference.get_room("5")
        assert type(caught.value) is error
        assert caught.value.status == status
        assert caught.value.attempts == len(served.requests)
        assert caught.value.problems == (() if status == 302 else texts)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (type(copy), copy.facts) == (error, caught.value.facts)


async def test_a_failure_whose_body_is_absurdly_deep_is_still_told_by_its_status(
    conference: Conference, served: ServedSimulator
) -> None:
    served.fail("status", status=422, body="[" * 200_000)
    with pytest.raises(InvalidRequest):
        await conference.get_room("5")


async def test_a_room_that_was_deleted_by_a_call_whose_reply_was_lost_is_deleted(
    scenario: Any,
) -> None:
    scenario.served.fail("commit-reset")
    await scenario.conference.delete_room(scenario.room)
    assert scenario.lines() == ["DELETE /v1/conferences/2632001"] * 2
    assert scenario.room.id not in scenario.world.rooms


async def test_what_the_vendor_repeats_of_a_secret_does_not_show(scenario: Any) -> None:
    scenario.served.fail("status", status=422, body='{"errors":[{"message":"s3cret is too weak"}]}')
    with pytest.raises(InvalidRequest) as caught:
        await scenario.conference.join_link(scenario.locked, name="Zoë", email="zoe@example.com")
    assert caught.value.problems == ("*** is too weak",)
    assert "s3cret" not in f"{caught.value}{caught.value.facts}"


async def test_cancelling_ends_a_call_that_hangs_and_the_client_lives_on(
    scenario: Any, wait_for: Any
) -> None:
    scenario.served.fail("hang")
    task = asyncio.create_task(scenario.conference.create_room("Hanging"))
    await wait_for(lambda: len(scenario.served.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await scenario.conference.check()
    assert scenario.lines()[1:] == ["GET /v1/ping"]
    assert scenario.tally()["rooms"] == 3


async def test_an_error_says_where_it_happened(
    conference: Conference, served: ServedSimulator
) -> None:
    served.fail("status", status=422)
    with pytest.raises(ConferencingError) as caught:
        await conference.register("5", email="a@b.c", first_name="A", last_name="B")
    error = caught.value
    assert (error.provider, error.account, error.operation) == (
        "clickmeeting",
        "clickmeeting",
        "register",
    )
    assert error.sent is Sent.YES


async def test_the_facts_for_programs_say_whether_it_was_sent(
    conference: Conference, served: ServedSimulator
) -> None:
    served.fail("status", status=422)
    with pytest.raises(ConferencingError) as caught:
        await conference.get_room("5")
    assert caught.value.facts["sent"] is Sent.YES


# --------------------------------------------------------------------------------------- helpers


def changes(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - count for name, count in before.items() if after[name] != count}
