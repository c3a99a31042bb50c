"""Vendors on simulators, DuckDB in a file, and PostgreSQL where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from harvested_vendor import KEY, Vendor

from conferencing.warehouse import HarvestResult, harvest, open_pipeline


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep dlt out of the home folder, and without statistics for its vendor."""
    for library in ("dlt", "duckdb", "psycopg2"):
        pytest.importorskip(library, reason="pip install 'conferencing[warehouse]'")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")


@pytest.fixture
def duckdb_file(tmp_path: Path) -> str:
    return str(tmp_path / "warehouse.duckdb")


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest) -> str:
    """Each kind of warehouse in turn."""
    name = "duckdb_file" if request.param == "duckdb" else "postgres"
    return str(request.getfixturevalue(name))


@pytest.fixture
def open_vendor() -> Iterator[Callable[..., Vendor]]:
    with ExitStack() as stack:

        def start(name: str = "main", **options: Any) -> Vendor:
            return stack.enter_context(Vendor(name, **options))

        yield start


@pytest.fixture
def vendor(open_vendor: Callable[..., Vendor]) -> Vendor:
    return open_vendor()


@pytest.fixture
def load(duckdb_file: str) -> Callable[..., HarvestResult]:
    """Harvest vendors into DuckDB, under pseudonyms; keywords are those of `harvest`."""

    def run(*vendors: Vendor, to: Any = None, **options: Any) -> HarvestResult:
        options = {"people": "pseudonyms", "pseudonym_key": KEY} | options
        if options["people"] != "pseudonyms":
            del options["pseudonym_key"]
        accounts = [vendor.account for vendor in vendors]
        return harvest(open_pipeline(to or duckdb_file), accounts, **options)

    return run
