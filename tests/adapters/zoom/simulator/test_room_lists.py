"""Lists, pages and limits: docs/vendors/zoom.md#rooms, #paging, #limits"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

OLGA = "/users/olga@example.com"
ITEM = {
    *("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone"),
    *("created_at", "join_url", "agenda"),
}


async def test_item_has_no_settings_and_a_cut_agenda(program: Any) -> None:
    await program.create(agenda="x" * 2000)
    (item,) = (await program.get(f"{OLGA}/meetings"))["meetings"]
    assert item.keys() == ITEM
    assert item["agenda"] == "x" * 250


@pytest.fixture
async def rooms(program: Any, world: World) -> dict[int, str]:
    """Return names by number: a live, a coming, a past, an instant and a permanent meeting."""
    kinds: dict[str, dict[str, Any]] = {
        "past": {"duration": 30},
        "live": {"duration": 30},
        "coming": {"start_time": "2026-10-20T09:00:00Z"},
        "instant": {"type": 1},
        "permanent": {"type": 3},
    }
    rows = {name: await program.create(topic=name, **fields) for name, fields in kinds.items()}
    for name in ("past", "live"):
        world.enter(str(rows[name]["id"]), "Olga", "olga@example.com")
    world.advance(timedelta(hours=1))
    world.end_session(str(rows["past"]["id"]))
    await program.create("webinar", topic="webinar")
    return {row["id"]: name for name, row in rows.items()}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"past", "live", "coming", "permanent"}),
        ("?type=scheduled", {"past", "live", "coming", "permanent"}),
        ("?type=live", {"live"}),
        ("?type=upcoming", {"live", "coming", "permanent"}),
        ("?type=upcoming_meetings", {"live", "coming", "permanent"}),
        ("?type=previous_meetings", {"past"}),
        ("?from=2026-10-02&to=2026-10-31", {"coming", "permanent"}),
    ],
)
async def test_list_of_a_type(
    program: Any, rooms: dict[int, str], query: str, names: set[str]
) -> None:
    body = await program.get(f"{OLGA}/meetings{query}")
    assert {rooms[item["id"]] for item in body["meetings"]} == names
    assert body["total_records"] == len(names)


async def test_list_is_of_one_host_and_kind(program: Any, rooms: dict[int, str]) -> None:
    assert (await program.get("/users/piotr@example.com/meetings"))["meetings"] == []
    (item,) = (await program.get(f"{OLGA}/webinars"))["webinars"]
    assert item["topic"] == "webinar"
    assert (await program("GET", f"{OLGA}/webinars?type=live")).code == 300


# ----------------------------------------------------------------------------------------- paging


@pytest.fixture
async def many(program: Any, simulator: ZoomSimulator) -> list[int]:
    """Return the numbers of 31 meetings, the newest start first."""
    simulator.quirks["daily_limits"] = False
    starts = [f"2026-12-{day:02}T09:00:00Z" for day in range(1, 32)]
    rows = [await program.create(start_time=start) for start in starts]
    return [row["id"] for row in reversed(rows)]


async def test_pages_follow_the_token(program: Any, many: list[int]) -> None:
    first = await program.get(f"{OLGA}/meetings")
    assert (len(first["meetings"]), first["page_size"], first["page_count"]) == (30, 30, 2)
    assert (first["page_number"], first["total_records"]) == (1, 31)
    last = await program.get(f"{OLGA}/meetings?next_page_token={first['next_page_token']}")
    assert [item["id"] for item in first["meetings"] + last["meetings"]] == many
    assert last["next_page_token"] == ""
    whole = await program.get(f"{OLGA}/meetings?page_size=300")
    assert len(whole["meetings"]) == 31


async def test_page_number_still_works(program: Any, many: list[int]) -> None:
    body = await program.get(f"{OLGA}/meetings?page_size=10&page_number=4")
    assert [item["id"] for item in body["meetings"]] == many[30:]
    assert body["page_number"] == 4


@pytest.mark.parametrize("size", ["0", "301", "x", "-1"])
async def test_page_size_is_1_to_300(program: Any, size: str) -> None:
    assert (await program("GET", f"{OLGA}/meetings?page_size={size}")).code == 300


@pytest.mark.parametrize(
    ("path", "minutes", "status"),
    [
        (f"{OLGA}/meetings?page_size=10", 14, 200),
        (f"{OLGA}/meetings?page_size=10", 15, 400),
        (f"{OLGA}/meetings?page_size=20", 0, 400),
        (f"{OLGA}/meetings?page_size=10&type=upcoming", 0, 400),
        ("/users/piotr@example.com/meetings?page_size=10", 0, 400),
    ],
)
async def test_page_token_is_bound_and_expires(
    program: Any, world: World, many: list[int], *, path: str, minutes: int, status: int
) -> None:
    token = (await program.get(f"{OLGA}/meetings?page_size=10"))["next_page_token"]
    world.advance(timedelta(minutes=minutes))
    reply = await program("GET", f"{path}&next_page_token={token}")
    assert reply.status == status
    assert status == 200 or reply.code == 300


# ----------------------------------------------------------------------------------------- limits


async def test_reply_has_headers_of_its_bucket(program: Any, simulator: ZoomSimulator) -> None:
    reply = await program("GET", f"{OLGA}/meetings")
    headers = {name.lower(): value for name, value in reply.headers.items()}
    assert headers["x-ratelimit-category"] == "Medium"
    assert headers["x-ratelimit-type"] == "QPS"
    assert headers["x-ratelimit-limit"] == "60"
    assert headers["x-ratelimit-remaining"] == "59"
    simulator.plan = "free"
    assert (await program("GET", f"{OLGA}/meetings")).headers["X-RateLimit-Limit"] == "2"


@pytest.mark.parametrize(
    ("plan", "path", "limit"),
    [("free", OLGA, 4), ("pro", f"{OLGA}/meetings", 20), ("free", f"{OLGA}/meetings", 2)],
)
async def test_bucket_of_a_second_is_a_quirk(
    program: Any, simulator: ZoomSimulator, plan: str, path: str, limit: int
) -> None:
    simulator.plan = plan
    for _ in range(limit):
        assert (await program("GET", path)).status == 200
    assert (await program("GET", path)).status == 200
    simulator.quirks["rate_limits"] = True
    reply = await program("GET", path)
    assert (reply.status, reply.code) == (429, 429)
    assert reply.headers["X-RateLimit-Type"] == "QPS"
    assert reply.headers["X-RateLimit-Remaining"] == "0"
    now = int(simulator.world.now.timestamp())
    assert reply.headers["X-RateLimit-Reset"] == str(now + 1)
    assert "Retry-After" not in reply.headers
    simulator.world.advance(timedelta(seconds=1))
    assert (await program("GET", path)).status == 200


async def test_100_writes_a_day_for_a_host(program: Any, world: World) -> None:
    room = await program.create()
    path = f"/meetings/{room['id']}"
    for _ in range(49):
        assert (await program("PATCH", path, {"topic": "x"})).status == 204
    for _ in range(50):
        await program.create("webinar")
    reply = await program("PATCH", path, {"topic": "y"})
    assert (reply.status, reply.code) == (429, 429)
    assert reply.body["message"].startswith("You have exceeded the daily rate limit (100) of")
    assert reply.headers["X-RateLimit-Type"] == "Daily-limit"
    assert reply.headers["X-RateLimit-Limit"] == "100"
    assert reply.headers["Retry-After"] == "2026-10-02T00:00:00Z"
    assert (await program.get(path))["topic"] == "x"
    assert (await program("DELETE", path)).status == 204  # not counted
    await program.create(user="piotr@example.com")  # another host
    world.advance(timedelta(hours=16))
    await program.create()


async def test_limits_of_a_day_can_be_bare_or_off(program: Any, simulator: ZoomSimulator) -> None:
    for _ in range(100):
        await program.create()
    simulator.quirks["bare_429"] = True
    reply = await program("POST", f"{OLGA}/meetings", {})
    assert reply.status == 429
    assert not {"Retry-After", "X-RateLimit-Type", "X-RateLimit-Reset"} & set(reply.headers)
    assert reply.headers["X-RateLimit-Limit"] == "80"
    simulator.quirks["daily_limits"] = False
    assert (await program("POST", f"{OLGA}/meetings", {})).status == 201


async def test_an_address_registers_3_times_a_day(program: Any, world: World) -> None:
    room = await program.create(start_time="2026-12-01T09:00:00Z", settings={"approval_type": 0})
    for _ in range(3):
        assert (await program.register(room)).status == 201
    reply = await program.register(room, email="BEA@example.org")
    assert (reply.status, reply.code) == (429, 429)
    assert "daily rate limit of (3) for Add a meeting registrant" in reply.body["message"]
    assert reply.headers["X-RateLimit-Limit"] == "3"
    assert (await program.register(room, email="cem@example.org")).status == 201
    world.advance(timedelta(days=1))
    assert (await program.register(room)).status == 201


async def test_a_registrant_changes_10_times_a_day(program: Any) -> None:
    room = await program.create(settings={"approval_type": 0})
    await program.register(room)
    path = f"/meetings/{room['id']}/registrants/status"
    body = {"action": "approve", "registrants": [{"email": "bea@example.org"}]}
    for _ in range(10):
        assert (await program("PUT", path, body)).status == 204
    assert (await program("PUT", path, body)).status == 429
