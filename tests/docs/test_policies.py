"""The policies of the project are written down, linked, and agree with its metadata."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
POLICIES = {
    "SECURITY.md": "## Report a vulnerability",
    "CONTRIBUTING.md": "## Run the tests",
    "CODE_OF_CONDUCT.md": "# ",
    "CHANGELOG.md": "## [Unreleased]",
    "docs/versioning.md": "## Deprecation",
}
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def find_files(page: Path) -> set[Path]:
    """Return the files that a page links to."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    return {(page.parent / target).resolve() for target in targets if ":" not in target}


@pytest.mark.parametrize("name", POLICIES)
def test_policy_is_written_and_linked(name: str) -> None:
    path = ROOT / name
    assert POLICIES[name] in path.read_text("utf-8")
    assert any(path in find_files(page) for page in PAGES if page != path)


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_links_of_page_lead_to_files(page: Path) -> None:
    assert [path for path in find_files(page) if not path.exists()] == []


def test_readme_names_every_dependency() -> None:
    sentence = (ROOT / "README.md").read_text("utf-8").partition("The core depends on")[2]
    names = re.findall(r"[\w-]+", sentence.partition(".")[0])
    declared = [re.split("[<>=]", line)[0] for line in PROJECT["dependencies"]]
    assert sorted({*names} - {"and"}) == sorted(declared)


def test_lowest_python_is_the_one_documented() -> None:
    lowest = PROJECT["requires-python"].removeprefix(">=")
    named = [line for line in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", line)]
    assert named[0].endswith(f" {lowest}")
    for page in ("CONTRIBUTING.md", "docs/install.md"):
        assert f"Python {lowest} or newer" in (ROOT / page).read_text("utf-8")
