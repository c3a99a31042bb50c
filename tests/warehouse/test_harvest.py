"""Harvests into DuckDB: what is read, what is read again, and what becomes of failures."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from harvested_vendor import KEY, Vendor, fill, query

from conferencing import ConfigurationError, Conflict, StoreUnavailable, sync
from conferencing.testing import ServedSandbox
from conferencing.warehouse import HarvestResult, conferencing_source, harvest, open_pipeline

Load = Callable[..., HarvestResult]

DAY = timedelta(days=1)


def test_first_harvest_loads_everything(vendor: Vendor, load: Load, duckdb_file: str) -> None:
    fill(vendor, 3)
    result = load(vendor)
    assert (result.complete, result.rooms, result.unfinished) == (True, 3, ())
    assert result.rows == {
        "rooms": 3, "sessions": 6, "attendance": 21, "participants": 18, "recordings": 0,
        "problems": 0,
    }  # fmt: skip
    for table, count in result.rows.items():
        assert query(duckdb_file, f"SELECT count(*) FROM conferencing.{table}") == [(count,)]
    seconds = "SELECT DISTINCT present_seconds <= 3600 FROM conferencing.attendance"
    assert query(duckdb_file, seconds) == [(True,)]


def test_rooms_without_registration_are_no_problem(duckdb_file: str) -> None:
    """Six rooms in a row, since five failures would end an account's pass."""
    with ServedSandbox(["teams"]) as served:
        account = {**served.account("teams"), "name": "main"}
        with sync.connect(account) as conference:
            for number in range(6):
                conference.create_room(f"Room {number}")
        result = harvest(duckdb_file, [account], pseudonym_key=KEY)
    assert (result.complete, result.rooms, result.problems) == (True, 6, ())


def test_nothing_new_is_one_call_a_room(vendor: Vendor, load: Load, duckdb_file: str) -> None:
    fill(vendor, 4)
    load(vendor)
    loads = "SELECT DISTINCT _dlt_load_id FROM conferencing.attendance"
    before = query(duckdb_file, loads)
    vendor.served.requests.clear()
    assert load(vendor).rows["sessions"] == 0
    calls = vendor.count_calls()
    assert calls["sessions"] == 4
    assert calls.total() - calls["rooms"] == 4
    assert query(duckdb_file, loads) == before


def test_late_and_running_sessions_are_read(vendor: Vendor, load: Load, duckdb_file: str) -> None:
    room = vendor.add_room()
    running = vendor.hold_session(room, timedelta(hours=3), range(2), running=True)
    load(vendor)
    assert _list_sessions(duckdb_file) == {(running.id, "running")}
    vendor.end_session(room, vendor.now - timedelta(hours=1))
    late = vendor.hold_session(room, timedelta(hours=30), range(2))
    old = vendor.hold_session(room, 5 * DAY, range(2))  # the lag is two days
    load(vendor)
    assert _list_sessions(duckdb_file) == {(running.id, "ended"), (late.id, "ended")}
    people = "SELECT session_id, count(left_at) FROM conferencing.attendance GROUP BY 1"
    assert set(query(duckdb_file, people)) == {
        (f"{room.id}:{each.id}", 2) for each in (running, late)
    }
    load(vendor, rooms={"main": [room.id]})
    assert (old.id, "ended") in _list_sessions(duckdb_file)


def test_people_who_left_are_removed(vendor: Vendor, load: Load, duckdb_file: str) -> None:
    rooms = [vendor.add_room(), vendor.add_room()]
    for room in rooms:
        vendor.add_person(room, 1)
        vendor.add_person(room, 2)
    load(vendor)
    del vendor.world.participants[rooms[0].id][0]
    vendor.world.participants[rooms[1].id].clear()  # the last one too
    load(vendor)
    registered = "SELECT room_id, count(*) FROM conferencing.participants GROUP BY 1"
    assert query(duckdb_file, registered) == [(rooms[0].id, 1)]
    assert query(duckdb_file, "SELECT count(is_removed) FROM conferencing.participants") == [(0,)]


def test_room_that_a_listing_omits_is_read_later(
    vendor: Vendor, load: Load, duckdb_file: str
) -> None:
    fill(vendor, 2)
    hidden = vendor.world.rooms.pop(min(vendor.world.rooms))
    load(vendor)
    vendor.world.rooms[hidden.id] = hidden
    load(vendor)
    assert query(duckdb_file, "SELECT count(*) FROM conferencing.sessions") == [(4,)]


def test_restored_backup_is_made_up_for(
    vendor: Vendor, load: Load, duckdb_file: str, tmp_path: Path
) -> None:
    room = vendor.add_room()
    load(vendor)
    backup = shutil.copy(duckdb_file, tmp_path / "backup")
    vendor.hold_session(room, -timedelta(hours=1), range(2))
    people = "SELECT count(*) FROM conferencing.attendance"
    load(vendor, lag=timedelta())
    assert query(duckdb_file, people) == [(2,)]
    shutil.copy(backup, duckdb_file)
    load(vendor, lag=timedelta())
    assert query(duckdb_file, people) == [(2,)]


# --------------------------------------------------------------------------------- failures


def test_failed_room_is_a_row_and_is_read_later(
    vendor: Vendor, load: Load, duckdb_file: str
) -> None:
    fill(vendor, 3)
    room_id = sorted(vendor.world.rooms)[1]
    vendor.served.fail("status", status=500, match=f"/{room_id}/sessions")
    result = load(vendor)
    [problem] = result.problems
    assert (problem.room_id, problem.operation, problem.kind, result.unfinished) == (
        room_id, "list_sessions", "ProviderUnavailable", (),
    )  # fmt: skip
    stored = "SELECT account, room_id, kind, message, retryable FROM conferencing.problems"
    row = (problem.account, room_id, problem.kind, problem.message, True)
    assert query(duckdb_file, stored) == [row]
    assert query(duckdb_file, "SELECT count(*) FROM conferencing.sessions") == [(4,)]
    assert load(vendor).complete
    assert query(duckdb_file, "SELECT count(*) FROM conferencing.sessions") == [(6,)]


def test_refused_account_does_not_stop_others(
    open_vendor: Callable[..., Vendor], load: Load, duckdb_file: str
) -> None:
    good, bad = open_vendor("good"), open_vendor("bad")
    fill(good, 2)
    fill(bad, 2)
    bad.served.fail("status", status=401)
    result = load(bad, good)
    assert (result.unfinished, result.rooms) == (("bad",), 2)
    assert [problem.kind for problem in result.problems] == ["AuthenticationFailed"]
    assert load(bad, good).complete
    counts = "SELECT account, count(*) FROM conferencing.sessions GROUP BY 1 ORDER BY 1"
    assert query(duckdb_file, counts) == [("bad", 4), ("good", 4)]


def test_failing_vendor_is_left_for_next_harvest(vendor: Vendor, load: Load) -> None:
    fill(vendor, 20)
    vendor.served.fail("status", status=500, match="/sessions", times=10_000)
    result = load(vendor)
    assert (result.unfinished, result.rooms) == (("main",), 5)
    assert vendor.count_calls()["sessions"] <= 5 + 8  # those that were read at the same time
    vendor.served.faults.clear()
    assert load(vendor).rows["sessions"] == 2 * 15  # it goes on where it stopped
    assert load(vendor).rows["sessions"] == 2 * 5  # and makes up for what failed


def test_second_harvest_at_the_same_time_is_refused(vendor: Vendor, load: Load) -> None:
    vendor.add_room()
    errors: list[Conflict] = []

    def again(_: int) -> None:
        with pytest.raises(Conflict, match="another harvest") as caught:
            load(vendor)
        errors.append(caught.value)

    load(vendor, on_load=again)
    assert errors[0].retryable


# ------------------------------------------------------------------------------- pace and source


def test_account_keeps_one_pace(vendor: Vendor, load: Load) -> None:
    fill(vendor, 3)
    vendor.served.requests.clear()
    vendor.keys["rate"] = "50/s"
    started = time.monotonic()
    load(vendor)
    calls = vendor.count_calls().total()
    assert time.monotonic() - started >= (calls - 1) / 50


async def test_all_accounts_are_read_at_once(duckdb_file: str) -> None:
    accounts = 21  # dlt itself reads from 20 at a time
    together = asyncio.Barrier(accounts)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("/active"):
            await together.wait()
        return web.json_response([])

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    keys = {
        "provider": "clickmeeting",
        "api_key": "k",
        "base_url": f"http://127.0.0.1:{runner.addresses[0][1]}",
    }
    named = [{**keys, "name": f"account{number}"} for number in range(accounts)]
    async with asyncio.timeout(60):
        result = await asyncio.to_thread(harvest, duckdb_file, named, people="none")
    await runner.cleanup()
    assert result.complete


def test_source_runs_in_a_pipeline_of_dlt(vendor: Vendor, duckdb_file: str) -> None:
    fill(vendor, 2)
    pipeline = open_pipeline(duckdb_file, dataset="people")

    def run(*tables: str) -> None:
        source = conferencing_source([vendor.account], pseudonym_key=KEY)
        pipeline.run(source.with_resources(*tables))

    for _ in range(2):
        run("rooms", "attendance")
    assert query(duckdb_file, "SELECT count(*) FROM people.attendance") == [(14,)]
    for tables in (("attendance",), ("rooms", "sessions")):  # rows of former runs would be missing
        with pytest.raises(Exception, match="step=extract") as caught:
            run(*tables)
        cause: BaseException | None = caught.value
        while cause is not None and not isinstance(cause, ConfigurationError):
            cause = cause.__cause__
        assert cause is not None


def test_unusable_warehouse_is_told_without_password(
    vendor: Vendor, load: Load, tmp_path: Path
) -> None:
    (tmp_path / "text.duckdb").write_text("this is no database")
    unreachable = "postgresql://me:hunter2@127.0.0.1:1/data"
    for to in (str(tmp_path / "text.duckdb"), unreachable):
        with pytest.raises(StoreUnavailable, match="the warehouse cannot be filled") as caught:
            load(vendor, to=to)
        assert caught.value.retryable
        assert caught.value.__cause__ is caught.value.__context__ is None
        assert "hunter2" not in str(caught.value)


def _list_sessions(to: str) -> set[tuple[str, str]]:
    rows = query(to, "SELECT id, status FROM conferencing.sessions")
    return {(key.rpartition(":")[2], status) for key, status in rows}
