"""Recurring rooms and their occurrences: docs/vendors/zoom.md#recurrence"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing.sandbox import World
from conferencing_zoom.simulator.recurrence import plan_runs, write_rule

START = "2026-10-20T09:00:00"  # a Tuesday
HOUR = timedelta(hours=1)
RULES: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "daily": ({"type": 1, "end_times": 3}, ["10-20", "10-21", "10-22"], "FREQ=DAILY;COUNT=3"),
    "each third day": (
        {"type": 1, "repeat_interval": 3, "end_times": 3},
        ["10-20", "10-23", "10-26"],
        "FREQ=DAILY;INTERVAL=3;COUNT=3",
    ),
    "weekly": ({"type": 2, "end_times": 2}, ["10-20", "10-27"], "FREQ=WEEKLY;COUNT=2"),
    "Sundays and Tuesdays": (
        {"type": 2, "weekly_days": "1,3", "end_times": 4},
        ["10-20", "10-25", "10-27", "11-01"],
        "FREQ=WEEKLY;BYDAY=SU,TU;COUNT=4",
    ),
    "every second week until": (
        {"type": 2, "repeat_interval": 2, "end_date_time": "2026-11-20T00:00:00Z"},
        ["10-20", "11-03", "11-17"],
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261120T000000Z",
    ),
    "monthly on a day": (
        {"type": 3, "monthly_day": 31, "end_times": 3},
        ["10-31", "12-31", "01-31"],
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
    ),
    "second Monday": (
        {"type": 3, "monthly_week": 2, "monthly_week_day": 2, "end_times": 2},
        ["11-09", "12-14"],
        "FREQ=MONTHLY;BYDAY=2MO;COUNT=2",
    ),
    "last Friday": (
        {"type": 3, "monthly_week": -1, "monthly_week_day": 6, "end_times": 3},
        ["10-30", "11-27", "12-25"],
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
    ),
    "once": ({"type": 1}, ["10-20"], "FREQ=DAILY;COUNT=1"),
}


@pytest.mark.parametrize("name", RULES)
async def test_occurrences_follow_the_rule(program: Any, world: World, name: str) -> None:
    rule, days, text = RULES[name]
    row = await program.create(type=8, start_time=START, timezone="Europe/Warsaw", recurrence=rule)
    starts = [datetime.fromisoformat(run["start_time"]) for run in row["occurrences"]]
    assert [f"{start.astimezone(ZoneInfo('Europe/Warsaw')):%m-%d %H:%M}" for start in starts] == [
        f"{day} 09:00" for day in days
    ]
    room = world.room(str(row["id"]))
    assert [run.starts_at for run in room.occurrences] == starts
    assert room.recurrence == text


def test_at_most_60_occurrences() -> None:
    rule = {"type": 1, "repeat_interval": 1, "end_date_time": "2099-01-01T00:00:00Z"}
    runs = plan_runs(rule, datetime(2026, 10, 20, tzinfo=UTC), HOUR, ZoneInfo("UTC"))
    assert len(runs) == 60
    assert write_rule(rule) == "FREQ=DAILY;UNTIL=20990101T000000Z"


@pytest.mark.parametrize("start", ["9999-12-31T23:30:00Z", "9999-12-25T10:00:00Z"])
async def test_series_ends_with_the_last_year(program: Any, start: str) -> None:
    rule = {"type": 1, "repeat_interval": 5, "end_times": 9}
    row = await program.create(type=8, start_time=start, timezone="UTC", recurrence=rule)
    assert 1 <= len(row["occurrences"]) <= 2


async def test_occurrence_id_is_its_start_in_milliseconds(program: Any) -> None:
    row = await program.create(
        type=8, start_time="2026-12-01T09:00:00Z", recurrence={"type": 1, "end_times": 2}
    )
    first = row["occurrences"][0]
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert first == {
        "occurrence_id": str(int(start.timestamp() * 1000)),
        "start_time": "2026-12-01T09:00:00Z",
        "duration": 60,
        "status": "available",
    }
    assert row["recurrence"] == {"type": 1, "repeat_interval": 1, "end_times": 2}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("meeting", {}),
        ("meeting", {"type": 4}),
        ("meeting", {"type": 1, "repeat_interval": 100}),
        ("meeting", {"type": 2, "repeat_interval": 51}),
        ("meeting", {"type": 3, "repeat_interval": 11}),
        ("webinar", {"type": 1, "repeat_interval": 91}),
        ("webinar", {"type": 2, "repeat_interval": 13}),
        ("webinar", {"type": 3, "repeat_interval": 4}),
        ("meeting", {"type": 2, "weekly_days": "0,8"}),
        ("meeting", {"type": 2, "weekly_days": "1;3"}),
        ("meeting", {"type": 3, "monthly_week": 0, "monthly_week_day": 1}),
        ("meeting", {"type": 3, "monthly_week": 5}),
        ("meeting", {"type": 3, "monthly_day": 32}),
        ("meeting", {"type": 1, "end_times": 61}),
        ("meeting", {"type": 1, "end_date_time": "soon"}),
        ("meeting", None),
    ],
)
async def test_impossible_rule_is_300(program: Any, kind: str, rule: Any) -> None:
    body = {"type": 8 if kind == "meeting" else 9, "recurrence": rule}
    reply = await program("POST", f"/users/olga@example.com/{kind}s", body)
    assert (reply.status, reply.code) == (400, 300)


@pytest.fixture
async def series(program: Any) -> Any:
    return await program.create(
        type=8, start_time="2026-10-20T09:00:00Z", recurrence={"type": 1, "end_times": 3}
    )


async def test_one_occurrence_is_changed(program: Any, series: Any) -> None:
    path, second = f"/meetings/{series['id']}", series["occurrences"][1]["occurrence_id"]
    body = {"start_time": "2026-10-21T11:00:00Z", "duration": 30, "topic": "not of an occurrence"}
    assert (await program("PATCH", f"{path}?occurrence_id={second}", body)).status == 204
    changed = await program.get(path)
    assert [(run["start_time"], run["duration"]) for run in changed["occurrences"]] == [
        ("2026-10-20T09:00:00Z", 60),
        ("2026-10-21T11:00:00Z", 30),
        ("2026-10-22T09:00:00Z", 60),
    ]
    assert changed["topic"] == series["topic"]
    moved = changed["occurrences"][1]["occurrence_id"]
    occurrence = await program.get(f"{path}?occurrence_id={moved}")
    assert (occurrence["start_time"], occurrence["duration"]) == ("2026-10-21T11:00:00Z", 30)


async def test_one_occurrence_is_deleted(program: Any, world: World, series: Any) -> None:
    path, second = f"/meetings/{series['id']}", series["occurrences"][1]["occurrence_id"]
    assert (await program("DELETE", f"{path}?occurrence_id={second}")).status == 204
    changed = await program.get(path)
    assert [run["status"] for run in changed["occurrences"]] == [
        *("available", "deleted", "available")
    ]
    room = world.room(str(series["id"]))
    assert [run.cancelled for run in room.occurrences] == [False, True, False]


async def test_unknown_occurrence_is_300(program: Any, series: Any) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        reply = await program(method, f"/meetings/{series['id']}?occurrence_id=5", {})
        assert (reply.status, reply.code) == (400, 300)


async def test_past_occurrences_show_on_demand(program: Any, world: World, series: Any) -> None:
    world.advance(timedelta(days=20))
    path = f"/meetings/{series['id']}"
    assert len((await program.get(path))["occurrences"]) == 2
    whole = await program.get(f"{path}?show_previous_occurrences=true")
    assert len(whole["occurrences"]) == 3


async def test_changed_rule_plans_anew(program: Any, series: Any) -> None:
    path = f"/meetings/{series['id']}"
    await program("PATCH", path, {"recurrence": {"type": 2, "weekly_days": "3", "end_times": 2}})
    starts = [run["start_time"] for run in (await program.get(path))["occurrences"]]
    assert starts == ["2026-10-20T09:00:00Z", "2026-10-27T10:00:00Z"]  # winter time in Warsaw
    await program("PATCH", path, {"type": 2})
    assert "occurrences" not in await program.get(path)
