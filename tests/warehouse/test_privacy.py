"""No address, name or credential leaves under pseudonyms; and modes and keys are not mixed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from harvested_vendor import KEY, Vendor, fill, query

from conferencing import ConfigurationError
from conferencing.warehouse import HarvestResult

Load = Callable[..., HarvestResult]


def test_no_canary_in_any_file(
    vendor: Vendor,
    load: Load,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    fill(vendor, 2)
    vendor.served.fail("status", status=400, match="/registrations", body='{"e":"person1@x.test"}')
    result = load(vendor)
    canaries = [b"person1@", b"Ann Lee", KEY.encode(), vendor.account["api_key"].encode()]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    texts = [path.read_bytes() for path in files]
    texts += ["".join(capfd.readouterr()).encode(), caplog.text.encode(), repr(result).encode()]
    assert len(files) > 5
    for canary in canaries:
        assert not [text for text in texts if canary in text]


def test_person_is_the_same_in_all_accounts(
    open_vendor: Callable[..., Vendor], load: Load, duckdb_file: str
) -> None:
    vendors = [open_vendor("main"), open_vendor("school")]
    for vendor in vendors:
        vendor.add_person(vendor.add_room(), 1)
    load(*vendors)
    people = (
        "SELECT count(*), count(DISTINCT person), count(DISTINCT id) FROM conferencing.participants"
    )
    assert query(duckdb_file, people) == [(2, 1, 2)]


@pytest.mark.parametrize(
    "options", [{"pseudonym_key": "another key of tests"}, {"people": "full"}, {"people": "none"}]
)
def test_other_mode_or_key_is_refused(vendor: Vendor, load: Load, options: dict[str, str]) -> None:
    load(vendor)
    with pytest.raises(ConfigurationError, match="the tables were filled with"):
        load(vendor, **options)
