"""The check of each request against Webex's own schema: `schema_checks` makes it in every test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from webex_spec import CAN_CHECK, check_exchange

from conferencing.sandbox import Answer, Call

pytestmark = pytest.mark.skipif(not CAN_CHECK, reason="there is no copy of Webex's schema")

MEETING = {"title": "Launch", "start": "2030-05-01T10:00:00Z", "end": "2030-05-01T11:00:00Z"}
LIST = "/v1/meetings"


def send(method: str, path: str, body: Any = None, query: str = "") -> Call:
    content = b"" if body is None else json.dumps(body).encode()
    return Call(method=method, path=path, query=query, body=content)


def test_good_request_has_no_faults() -> None:
    assert check_exchange(send("POST", LIST, MEETING), Answer(), by_adapter=True) == []


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (send("POST", LIST, MEETING | {"colour": "red"}), "'colour' was unexpected"),
        (send("POST", LIST, {"title": "Launch"}), "'start' is a required property"),
        (send("POST", LIST, MEETING | {"scheduledType": "party"}), "'party' is not one of"),
        (send("GET", LIST, query="x=1"), "x is not in the query"),
        (send("GET", LIST, query="current=1"), "current is 1, not one of"),
        (send("GET", "/v1/meetingParticipants"), "meetingId is missing"),
        (send("GET", LIST, MEETING), "there is a body"),
        (send("GET", "/v1/rooms/7"), "is not in the schema"),
    ],
)
def test_fault_of_request_is_reported(call, fault) -> None:
    faults = check_exchange(call, Answer(), by_adapter=True)
    assert faults
    assert any(fault in text for text in faults), faults


def test_what_is_outside_of_the_schema_is_not_checked() -> None:
    assert check_exchange(send("GET", LIST, query="x=1"), Answer(), by_adapter=False) is None
    assert check_exchange(send("POST", "/v1/access_token"), Answer(), by_adapter=True) is None
    assert check_exchange(send("GET", "/nbr/x"), Answer(), by_adapter=True) is None
