"""The check of each exchange against Google's documents: `schema_checks` makes it in every test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google_spec import SPECS, check_exchange

from conferencing.sandbox import Answer, Call

pytest.importorskip("jsonschema", reason="jsonschema is not installed")
pytestmark = pytest.mark.skipif(SPECS is None, reason="there are no discovery documents of Google")

SPACE = {"config": {"accessType": "OPEN"}}


def create(body: Any, *, query: str = "", path: str = "/v2/spaces") -> Call:
    return Call(method="POST", path=path, query=query, body=json.dumps(body).encode())


def test_good_exchange_has_no_faults() -> None:
    assert check_exchange(create(SPACE), Answer.json({"name": "spaces/x", **SPACE}), True) == []


@pytest.mark.parametrize(
    ("call", "answer", "fault"),
    [
        (create({"colour": "red"}), Answer.json({}), "'colour' was unexpected"),
        (create({"config": {"accessType": "ANY"}}), Answer.json({}), "'ANY' is not one of"),
        (create(SPACE, query="x=1"), Answer.json({}), "x is not in the query"),
        (create(SPACE, path="/v2/rooms"), Answer.json({}), "is not in the documents"),
        (create(SPACE), Answer.json({"meetingCode": 7}), "7 is not of type 'string'"),
        (Call(method="GET", path="/v2/conferenceRecords", query="pageSize=many"), Answer.json({}), "not a number"),
        (Call(method="GET", path="/calendar/v3/calendars/x/events", query="showDeleted=1"), Answer.json({}), "not a boolean"),
    ],
)  # fmt: skip
def test_fault_of_exchange_is_reported(call, answer, fault) -> None:
    faults = check_exchange(call, answer, True)
    assert any(fault in text for text in faults), faults


def test_request_of_raw_client_is_not_checked() -> None:
    assert check_exchange(create({"colour": "red"}), Answer.json({}), False) == []


def test_token_call_is_outside_of_documents() -> None:
    assert check_exchange(Call(method="POST", path="/token"), Answer.json({}), True) is None
