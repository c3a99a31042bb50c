"""The check of each exchange against Microsoft's metadata: `schema_checks` makes it in every test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from teams_spec import CAN_CHECK, reply_faults, request_faults

pytestmark = pytest.mark.skipif(not CAN_CHECK, reason="there is no copy of Microsoft's metadata")

MEETING = "/users/u/onlineMeetings/m"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"subjekt": "A"}, "/subjekt is not a property"),
        ({"allowRecording": "yes"}, "'yes' is not Edm.Boolean"),
        ({"startDateTime": "2026-10-01T10:00:00"}, "is not Edm.DateTimeOffset"),
        (
            {"lobbyBypassSettings": {"scope": "nobody"}},
            "'nobody' is not a word of lobbyBypassScope",
        ),
        ({"allowMeetingChat": "unknownFutureValue"}, "is not a word of meetingChatMode"),
        ({"participants": {"attendees": {}}}, "attendees is not a list"),
    ],
)
def test_wrong_request_is_named(body: dict[str, Any], fault: str) -> None:
    (problem,) = request_faults("PATCH", MEETING, json.dumps(body).encode())
    assert fault in problem


def test_wrong_path_and_option_are_named() -> None:
    assert request_faults("GET", "/users/u/onlineMeeting/m", b"")
    assert request_faults("GET", f"{MEETING}?$skip=1&foo=2", b"")
    assert request_faults("DELETE", "/users/u/events", b"")
    assert request_faults("GET", "/users/u/events?$top=5", b"") == []


def test_wrong_reply_is_named() -> None:
    row = {"id": None, "foo": 1, "totalParticipantCount": "2"}
    body = json.dumps({"value": [row]}).encode()
    assert len(reply_faults("GET", f"{MEETING}/attendanceReports", body)) == 3
    assert reply_faults("GET", f"{MEETING}/attendanceReports", b'{"value": {}}')
