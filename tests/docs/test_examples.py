"""The examples of README and docs, run as they stand, on a sandbox and in an empty folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import PythonCodeBlockParser

from conferencing.portal import Portal
from conferencing.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    # Pages of `howto` need other libraries, and are run by test_howto.py; that of jobs needs servers,
    # and is run by tests/jobs/test_page.py.
    *sorted(
        page
        for page in (ROOT / "docs").rglob("*.md")
        if page.parent.name != "howto" and page != ROOT / "docs" / "jobs.md"
    ),
]
PEOPLE = "email,first_name,last_name\nann@example.com,Ann,Lee\nlukasz@example.com,Łukasz,Żółć\n"


def _keys(account: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in account.items())


def _examples(page: Path) -> list[Example]:
    return list(Document.parse(str(page), PythonCodeBlockParser()).examples())


@pytest.fixture
def _user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be in the folder of a user whose accounts are on a sandbox: `main`, and one of each provider."""
    portal = Portal()
    sandbox = Sandbox()
    portal.run(sandbox.start())
    account = sandbox.account("clickmeeting")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLICKMEETING_API_KEY", account["api_key"])
    config = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[0]
    provider = 'provider = "clickmeeting"\n'
    config = config.replace(provider, f'{provider}base_url = "{account["base_url"]}"\n')
    names = [*sandbox.simulators, "vconnct-v4"]  # those that `conferencing sandbox` prints
    accounts = {name: sandbox.account(*name.split("-")) for name in names}
    config += "".join(f"\n[accounts.{name}]\n{_keys(keys)}\n" for name, keys in accounts.items())
    (tmp_path / "conferencing.toml").write_text(config, "utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    monkeypatch.setenv("PSEUDONYM_KEY", "a key for the pseudonyms of examples")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    yield
    portal.run(sandbox.aclose())
    portal.close()


@pytest.mark.usefixtures("_user_folder")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_one_after_another(page: Path) -> None:
    if page.stem == "warehouse":
        pytest.importorskip("dlt", reason="pip install 'conferencing[warehouse]'")
    for example in _examples(page):
        example.evaluate()


def test_the_pages_have_examples() -> None:
    without = {page.relative_to(ROOT).as_posix() for page in PAGES if not _examples(page)}
    assert not {"README.md", "docs/start.md"} & without


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parent.name == "providers" and page.stem != "index"],
    ids=lambda page: page.stem,
)
def test_page_of_provider_has_a_first_script(page: Path) -> None:
    script = page.read_text("utf-8").partition("## First script\n")[2].partition("\n## ")[0]
    assert f'connect("{page.stem}")' in script
    assert len(script.splitlines()) < 45
