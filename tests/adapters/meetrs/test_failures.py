"""The vendor's failures: their status decides the error, and their texts are kept."""

from __future__ import annotations

import pickle

import pytest

from conferencing import (
    ConferencingError,
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProviderUnavailable,
    RateLimited,
    Sent,
)

HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"
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


@pytest.mark.parametrize("status", STATUSES)
async def test_status_decides_the_error(conference, served, status) -> None:
    served.fail("status", status=status, times=99, body='{"message":"no"}')
    with pytest.raises(ConferencingError) as caught:
        await conference.create_room("x")
    assert type(caught.value) is STATUSES[status]
    assert (caught.value.status, caught.value.problems) == (status, ("no",))
    assert caught.value.sent is Sent.YES
    assert pickle.loads(pickle.dumps(caught.value)).facts == caught.value.facts


@pytest.mark.parametrize("body", FAILURES)
async def test_texts_of_failure_are_kept(conference, served, body) -> None:
    served.fail("status", status=400, body=body)
    with pytest.raises(InvalidRequest) as caught:
        await conference.usage().collect()
    assert caught.value.problems == FAILURES[body]


async def test_gateway_timeout_leaves_outcome_unknown(conference, served) -> None:
    served.fail("status", status=504, body=HTML)
    with pytest.raises(OutcomeUnknown):
        await conference.create_room("x")
    assert len(served.requests) == 1
