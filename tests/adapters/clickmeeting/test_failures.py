"""The vendor's failures: their status decides the error, and their texts are kept."""

from __future__ import annotations

import pickle

import pytest

from conferencing import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderUnavailable,
)

FAILURES = {
    '{"code":"404","errors":[{"name":"password","message":"mówi"}]}': ("password mówi",),
    '{"errors":[{"name":null,"message":"a"},{"name":7,"message":"b"},"c",5,null]}': tuple("abc"),
    '{"errors":{}}': (),
    '{"errors":null}': (),
    '"404 Not Found"': ("404 Not Found",),
    "[]": (),
    "null": (),
    "": (),
    "<!DOCTYPE html><html><body>Please sign in</body></html>": (),
    '{"errors":[': (),
    "[" * 200_000: (),
}


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
async def test_status_decides_and_texts_are_kept(conference, served, status, error) -> None:
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


async def test_repeated_passcode_is_masked(scenario) -> None:
    scenario.served.fail("status", status=422, body='{"errors":[{"message":"s3cret is too weak"}]}')
    with pytest.raises(InvalidRequest) as caught:
        await scenario.conference.join_link(scenario.locked, name="Zoë", email="zoe@example.com")
    assert caught.value.problems == ("*** is too weak",)
    assert "s3cret" not in f"{caught.value}{caught.value.facts}"
