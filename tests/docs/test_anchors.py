"""Comments that point to a vendor's notes lead to an anchor that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORS = sorted(
    page.stem for page in (ROOT / "docs" / "vendors").glob("*.md") if page.stem != "index"
)
SOURCES = [
    path
    for folder in ("adapters", "conferencing", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("vendor", VENDORS)
def test_comments_point_to_anchors_that_exist(vendor: str) -> None:
    notes = (ROOT / "docs" / "vendors" / f"{vendor}.md").read_text("utf-8")
    labels = set(re.findall(rf"^\({vendor}-([a-z0-9-]+)\)=", notes, re.MULTILINE))
    pointer = re.compile(rf"docs/vendors/{vendor}\.md#([\w-]+)")
    pointers = {
        (path.relative_to(ROOT).as_posix(), anchor)
        for path in SOURCES
        for anchor in pointer.findall(path.read_text("utf-8"))
    }
    assert pointers
    assert {pair for pair in pointers if pair[1] not in labels} == set()
