"""Harvests into DuckDB: what is read, what is read again, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from stand import Vendor, fill, list_columns, query

from conferencing.warehouse import HarvestResult

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
