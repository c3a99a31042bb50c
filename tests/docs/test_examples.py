"""The examples of README and docs, run as they stand, on a sandbox and in an empty folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import PythonCodeBlockParser

from conferencing.portal import Portal
from conferencing.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    # Pages of `howto` need other libraries, and are run by test_howto.py.
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "howto"),
]
PEOPLE = "email,first_name,last_name\nann@example.com,Ann,Lee\nlukasz@example.com,Łukasz,Żółć\n"


def _examples(page: Path) -> list[Example]:
    return list(Document.parse(str(page), PythonCodeBlockParser()).examples())


@pytest.fixture
def _user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be in the folder of a user whose account `main` is on a sandbox."""
    portal = Portal()
    sandbox = Sandbox(["clickmeeting"])
    portal.run(sandbox.start())
    account = sandbox.account("clickmeeting")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLICKMEETING_API_KEY", account["api_key"])
    config = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[0]
    provider = 'provider = "clickmeeting"\n'
    config = config.replace(provider, f'{provider}base_url = "{account["base_url"]}"\n')
    (tmp_path / "conferencing.toml").write_text(config, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    yield
    portal.run(sandbox.aclose())
    portal.close()


@pytest.mark.usefixtures("_user_folder")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_one_after_another(page: Path) -> None:
    for example in _examples(page):
        example.evaluate()


def test_the_pages_have_examples() -> None:
    without = {page.relative_to(ROOT).as_posix() for page in PAGES if not _examples(page)}
    assert not {"README.md", "docs/start.md", "docs/providers/clickmeeting.md"} & without
