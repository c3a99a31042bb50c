"""DuckDB and PostgreSQL: the same tables, the same answers, kills, and several harvests at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from harvested_vendor import (
    KEY,
    Vendor,
    change,
    count_differences,
    fill,
    list_columns,
    query,
    start_sessions,
)
from killed_harvests import harvest_with_kills

from conferencing.warehouse import HarvestResult, harvest, open_pipeline
from conferencing.warehouse.people import PeopleMode
from conferencing.warehouse.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "warehouse.md"
QUESTIONS = re.findall(r"```sql\n(.*?);\n```", PAGE.read_text("utf-8"), re.DOTALL)

Load = Callable[..., HarvestResult]


def test_tables_are_whole_without_rows(vendor: Vendor, load: Load, warehouse: str) -> None:
    load(vendor, to=warehouse)
    for table in TABLES.values():
        columns = list_columns(warehouse, table.name)
        assert set(columns) == {*table.list_columns(PeopleMode.PSEUDONYMS)}
    assert list_columns(warehouse, "attendance__segments") == ["joined_at", "left_at"]
    for question in QUESTIONS:
        assert query(warehouse, question) == []


def test_questions_have_equal_answers_on_both(
    open_vendor: Callable[..., Vendor], load: Load, duckdb_file: str, postgres: str
) -> None:
    vendors = [open_vendor("main"), open_vendor("school")]
    for vendor in vendors:
        fill(vendor, 3)
    vendors[0].served.fail("status", status=500, match="/registrations")
    for to in (duckdb_file, postgres):
        load(*vendors, to=to)
        vendors[0].served.fail("status", status=500, match="/registrations")
    assert len(QUESTIONS) == 6
    for question in QUESTIONS:
        on_duckdb, on_postgres = (
            [tuple(map(_to_plain, row)) for row in query(to, question)]
            for to in (duckdb_file, postgres)
        )
        assert on_duckdb
        if "occurred_at" not in question:  # two harvests, at two times
            assert on_duckdb == on_postgres
    [first, *_] = query(postgres, QUESTIONS[1])
    assert first[2:] == (6, 2, Decimal("0.33"))


def test_pipelines_at_once_lose_nothing(
    open_vendor: Callable[..., Vendor], postgres: str, tmp_path: Path
) -> None:
    vendors = [open_vendor(name) for name in ("one", "two", "three")]
    for vendor in vendors:
        fill(vendor, 2)

    def run(vendor: Vendor) -> HarvestResult:
        pipeline = open_pipeline(postgres, name=vendor.name, folder=tmp_path / vendor.name)
        return harvest(pipeline, [vendor.account], people="none", chunk=2)

    with ThreadPoolExecutor(3) as threads:
        results = list(threads.map(run, vendors))
    assert all(result.complete for result in results)
    counts = "SELECT account, count(*) FROM conferencing.attendance GROUP BY 1"
    assert set(query(postgres, counts)) == {("one", 14), ("two", 14), ("three", 14)}


@pytest.mark.parametrize(
    ("kind", "kills"),
    [
        ("duckdb_file", 2),
        pytest.param("duckdb_file", 6, marks=pytest.mark.exhaustive),
        pytest.param("postgres", 6, marks=pytest.mark.exhaustive),
    ],
)
def test_killed_harvest_equals_whole_one(
    request: pytest.FixtureRequest,
    open_vendor: Callable[..., Vendor],
    tmp_path: Path,
    kind: str,
    kills: int,
) -> None:
    to = request.getfixturevalue(kind)
    random = Random(kills)
    vendor = open_vendor(seed=kills)
    fill(vendor, 3 * kills + 3)
    start_sessions(vendor)
    options = {"chunk": 4, "random": random, "latest": 20, "delay": 0.02 if kills == 2 else 1.0}
    killed = 0
    while killed < kills:
        run = harvest_with_kills(vendor, to, tmp_path, kills=kills - killed, **options)
        assert run.killed
        assert run.read_twice <= run.killed * 4
        killed += run.killed
        change(vendor, random)
    harvest_with_kills(vendor, to, tmp_path, kills=0, **options)
    whole = open_pipeline(to, dataset="whole", folder=tmp_path / "whole")
    assert harvest(whole, [vendor.account], pseudonym_key=KEY).complete
    assert count_differences(to, "conferencing", "whole") == {}


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return float(value) if isinstance(value, Decimal) else value
