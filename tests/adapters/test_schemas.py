"""The checks against the vendors' own schemas: `schema_checks` makes them in every test."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from schema_checks import CHECKS

from conferencing.sandbox import Answer, Call


def send(method: str, path: str, body: Any = None, query: str = "") -> Call:
    content = b"" if body is None else json.dumps(body).encode()
    return Call(method=method, path=path, query=query, body=content)


def find_faults(provider: str, call: Call, answer: Answer, *, by_adapter: bool = True) -> Any:
    """Return what `schema_checks` would find, or skip the test without a copy of the schema."""
    module = import_module(CHECKS[provider])
    if not module.CAN_CHECK:
        pytest.skip(f"there is no copy of the schema of {provider}, or no validator")
    return module.check_exchange(call, answer, by_adapter)


ROOMS = "/v2/users/me/meetings"
ROOM = {"topic": "Launch", "type": 2}
SPACE = {"config": {"accessType": "OPEN"}}
RECORDS = "/v2/conferenceRecords"
CALENDAR = "/calendar/v3/calendars/x/events"
WEBEX = "/v1/meetings"
PLAN = {"title": "Launch", "start": "2030-05-01T10:00:00Z", "end": "2030-05-01T11:00:00Z"}
TEAMS = "/v1.0/users/u/onlineMeetings/m"
REPORTS = f"{TEAMS}/attendanceReports"
REPORT = {"id": None, "foo": 1, "totalParticipantCount": "2"}

NOTHING = Answer()
EMPTY = Answer.json({})
CREATED = Answer.json({}, 201)

# fmt: off
FAULTY: list[tuple[str, Call, Answer, list[str]]] = [
    ("zoom", send("POST", ROOMS, ROOM | {"colour": "red"}), CREATED, ["'colour' was unexpected"]),
    ("zoom", send("POST", ROOMS, {"topic": 7}), CREATED, ["7 is not of type 'string'"]),
    ("zoom", send("POST", ROOMS, ROOM, "x=1"), CREATED, ["x is not in the query"]),
    ("zoom", send("POST", "/v2/rooms", ROOM), CREATED, ["is not in the schema"]),
    ("zoom", send("POST", ROOMS, ROOM), EMPTY, ["not answered by 200"]),
    ("zoom", send("POST", ROOMS, ROOM), Answer.json({"colour": "red"}, 201), ["'colour' was unexpected"]),
    ("zoom", send("POST", ROOMS, ROOM), Answer(status=201), ["has a body"]),
    ("googlemeet", send("POST", "/v2/spaces", {"colour": "red"}), EMPTY, ["'colour' was unexpected"]),
    ("googlemeet", send("POST", "/v2/spaces", {"config": {"accessType": "ANY"}}), EMPTY, ["'ANY' is not one of"]),
    ("googlemeet", send("POST", "/v2/spaces", SPACE, "x=1"), EMPTY, ["x is not in the query"]),
    ("googlemeet", send("POST", "/v2/rooms", SPACE), NOTHING, ["is not in the documents"]),
    ("googlemeet", send("POST", "/v2/rooms", SPACE), EMPTY, ["is not in the documents"] * 2),
    ("googlemeet", send("POST", "/v2/spaces", SPACE), Answer.json({"meetingCode": 7}), ["7 is not of type 'string'"]),
    ("googlemeet", send("GET", RECORDS, query="pageSize=many"), EMPTY, ["not a number"]),
    ("googlemeet", send("GET", CALENDAR, query="showDeleted=1"), EMPTY, ["not a boolean"]),
    ("webex", send("POST", WEBEX, PLAN | {"colour": "red"}), NOTHING, ["'colour' was unexpected"]),
    ("webex", send("POST", WEBEX, {"title": "Launch"}), NOTHING, ["'start' is a required", "'end' is a required"]),
    ("webex", send("POST", WEBEX, PLAN | {"scheduledType": "party"}), NOTHING, ["'party' is not one of"]),
    ("webex", send("GET", WEBEX, query="x=1"), NOTHING, ["x is not in the query"]),
    ("webex", send("GET", WEBEX, query="current=1"), NOTHING, ["current is 1, not one of"]),
    ("webex", send("GET", "/v1/meetingParticipants"), NOTHING, ["meetingId is missing"]),
    ("webex", send("GET", WEBEX, PLAN), NOTHING, ["there is a body"]),
    ("webex", send("GET", "/v1/rooms/7"), NOTHING, ["is not in the schema"]),
    ("teams", send("PATCH", TEAMS, {"subjekt": "A"}), NOTHING, ["/subjekt is not a property"]),
    ("teams", send("PATCH", TEAMS, {"allowRecording": "yes"}), NOTHING, ["'yes' is not Edm.Boolean"]),
    ("teams", send("PATCH", TEAMS, {"startDateTime": "2026-10-01T10:00:00"}), NOTHING, ["is not Edm.DateTimeOffset"]),
    ("teams", send("PATCH", TEAMS, {"lobbyBypassSettings": {"scope": "nobody"}}), NOTHING,
     ["'nobody' is not a word of lobbyBypassScope"]),
    ("teams", send("PATCH", TEAMS, {"allowMeetingChat": "unknownFutureValue"}), NOTHING,
     ["is not a word of meetingChatMode"]),
    ("teams", send("PATCH", TEAMS, {"participants": {"attendees": {}}}), NOTHING, ["attendees is not a list"]),
    ("teams", send("GET", "/v1.0/users/u/onlineMeeting/m"), NOTHING, ["is not in the metadata"]),
    ("teams", send("GET", TEAMS, query="$skip=1&foo=2"), NOTHING, ["no option $skip", "no option foo"]),
    ("teams", send("DELETE", "/v1.0/users/u/events"), NOTHING, ["is not in the metadata"]),
    ("teams", send("GET", REPORTS), Answer.json({"value": [REPORT]}),
     ["/id is null", "/foo is not a property", "'2' is not Edm.Int32"]),
    ("teams", send("GET", REPORTS), Answer.json({"value": {}}), ["there is no list in value"]),
]
GOOD = [
    ("zoom", send("POST", ROOMS, ROOM), Answer.json(ROOM, 201)),
    ("googlemeet", send("POST", "/v2/spaces", SPACE), Answer.json({"name": "spaces/x", **SPACE})),
    ("webex", send("POST", WEBEX, PLAN), NOTHING),
    ("teams", send("GET", "/v1.0/users/u/events", query="$top=5"), NOTHING),
]
OUTSIDE = [
    ("zoom", send("POST", "/oauth/token")),
    ("googlemeet", send("POST", "/token")),
    ("webex", send("POST", "/v1/access_token")),
    ("webex", send("GET", "/nbr/x")),
    ("teams", send("POST", "/v1.0/$batch")),
]
# fmt: on


@pytest.mark.parametrize(("provider", "call", "answer", "expected"), FAULTY)
def test_fault_of_exchange_is_reported(provider, call, answer, expected) -> None:
    faults = find_faults(provider, call, answer)
    assert len(faults) == len(expected)
    assert all(any(text in fault for fault in faults) for text in expected), faults


@pytest.mark.parametrize(("provider", "call", "answer"), GOOD)
def test_good_exchange_has_no_faults(provider, call, answer) -> None:
    assert find_faults(provider, call, answer) == []


@pytest.mark.parametrize(
    ("provider", "call", "answer", "result"),
    [
        ("zoom", send("POST", ROOMS, {"colour": "red"}), CREATED, []),
        ("googlemeet", send("POST", "/v2/spaces", {"colour": "red"}), EMPTY, []),
        ("webex", send("GET", WEBEX, query="x=1"), NOTHING, None),
        ("teams", send("PATCH", TEAMS, {"subjekt": "A"}), NOTHING, []),
    ],
)
def test_request_of_raw_client_is_not_checked(provider, call, answer, result) -> None:
    assert find_faults(provider, call, answer, by_adapter=False) == result


@pytest.mark.parametrize(("provider", "call"), OUTSIDE)
def test_call_outside_of_schema_is_not_checked(provider, call) -> None:
    assert find_faults(provider, call, EMPTY) is None
