"""Replies as the vendor's documents do not show them: what happened is never lost over a detail."""

from __future__ import annotations

import json
from typing import Any

import pytest

ODD = {
    "joinUrl": [None, "u", "javascript:alert(1)", 5, "https://meet.example/\r\nX: 1"],
    "title": [None, 5, ["x"]],
    "description": [5, {}],
    "schedulingInfo": [None, [], {"duration": 30.0}, {"duration": 1e308}, {"duration": "30"}],
    "participants": [None, {}, [{"role": 4}], [{"role": "Owner"}], [5], [{"accessRules": 1}]],
    "createdAt": [None, "2026-10-01T08:00:00", "9999-12-31T23:59:59Z", "yesterday", 0],
}
VALUES = [(name, value) for name, values in ODD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), VALUES, ids=[f"{n}={v!r}" for n, v in VALUES])
async def test_created_room_survives_an_odd_field(scenario: Any, name: str, value: Any) -> None:
    row = {"code": "AbCdEf12", "joinUrl": "https://meet.example/AbCdEf12", "title": "x"}
    scenario.served.fail("body", body=json.dumps(row | {name: value}))
    room = await scenario.conference.create_room("x")
    assert room.id == "AbCdEf12"
    assert room.native[name] == value
    link = await scenario.conference.join_link(room)
    assert link.url.endswith("AbCdEf12")


@pytest.mark.parametrize("missing", ["joinUrl", "title"])
async def test_created_room_survives_a_missing_field(scenario: Any, missing: str) -> None:
    row = {"code": "AbCdEf12", "joinUrl": "https://meet.example/AbCdEf12", "title": "x"}
    del row[missing]
    scenario.served.fail("body", body=json.dumps(row))
    room = await scenario.conference.create_room("x")
    assert (await scenario.conference.join_link(room)).url.endswith("AbCdEf12")


@pytest.mark.parametrize(
    "change",
    [
        {"startedAt": "2026-10-01T08:00:00"},
        {"endedAt": "0001-01-01T00:00:00Z"},
        {"totalDurationInSeconds": 17.0},
        {"totalDurationInSeconds": 1e308},
        {"billableDurationInSeconds": -1e308},
        {"isFree": 2},
    ],
    ids=repr,
)
async def test_usage_with_odd_value_is_listed(scenario: Any, change: dict[str, Any]) -> None:
    rows = (await scenario.conference.request("GET", "/usage")).json()
    scenario.served.fail("body", body=json.dumps([rows[0] | change, *rows]))
    listing = scenario.conference.usage()
    assert len(await listing.collect()) == len(rows) + 1
    assert listing.problems == ()


async def test_unreadable_session_of_another_room_is_reported(scenario: Any) -> None:
    rows = (await scenario.conference.request("GET", "/usage")).json()
    scenario.served.fail("body", body=json.dumps([*rows, {"id": ""}]))
    listing = scenario.conference.sessions(scenario.room)
    assert len(await listing.collect()) == 1
    assert len(listing.problems) == 1
