"""The check of each exchange against Zoom's own schema: `schema_checks` makes it in every test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from zoom_spec import SPEC, check_exchange

from conferencing.sandbox import Answer, Call

pytest.importorskip("openapi_schema_validator", reason="openapi-schema-validator is not installed")
pytestmark = pytest.mark.skipif(SPEC is None, reason="there is no copy of Zoom's schema")

MEETING = {"topic": "Launch", "type": 2}


def create(body: Any, *, query: str = "", path: str = "/v2/users/me/meetings") -> Call:
    return Call(method="POST", path=path, query=query, body=json.dumps(body).encode())


def test_good_exchange_has_no_faults() -> None:
    assert check_exchange(create(MEETING), Answer.json(MEETING, 201), by_adapter=True) == []


@pytest.mark.parametrize(
    ("call", "answer", "fault"),
    [
        (create(MEETING | {"colour": "red"}), Answer.json({}, 201), "'colour' was unexpected"),
        (create({"topic": 7}), Answer.json({}, 201), "7 is not of type 'string'"),
        (create(MEETING, query="x=1"), Answer.json({}, 201), "x is not in the query"),
        (create(MEETING, path="/v2/rooms"), Answer.json({}, 201), "is not in the schema"),
        (create(MEETING), Answer.json({}), "not answered by 200"),
        (create(MEETING), Answer.json({"colour": "red"}, 201), "'colour' was unexpected"),
        (create(MEETING), Answer(status=201), "has a body"),
    ],
)
def test_fault_of_exchange_is_reported(call, answer, fault) -> None:
    faults = check_exchange(call, answer, by_adapter=True)
    assert faults
    assert any(fault in text for text in faults), faults


def test_request_of_raw_client_is_not_checked() -> None:
    call = create(MEETING | {"colour": "red"})
    assert check_exchange(call, Answer.json({}, 201), by_adapter=False) == []


def test_token_call_is_outside_of_schema() -> None:
    call = Call(method="POST", path="/oauth/token")
    assert check_exchange(call, Answer.json({}), by_adapter=True) is None
