"""The site: it builds without a warning, tells every public name, and asks no other host."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import conferencing

ROOT = Path(__file__).parents[2]
PUBLIC = (
    "conferencing",
    *(
        f"conferencing.{package}"
        for package in ("bulk", "http", "report", "sandbox", "testing", "warehouse", "webhooks")
    ),
)
ELSEWHERE = {"conferencing.__version__", "conferencing.sync"}

for library in ("sphinx", "furo", "myst_parser"):
    pytest.importorskip(library, reason=f"the site needs {library}: pip install '.[docs]'")


def test_the_site_builds_without_a_warning_and_holds_what_it_should(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    built = build(ROOT / "docs", tmp_path)
    assert not built.stderr
    assert built.returncode == 0
    for check in CHECKS:  # in one test, since building takes its time
        with subtests.test(check.__name__):
            check(tmp_path)


def every_public_name_is_in_the_reference(site: Path) -> None:
    names = {f"{module}.{name}" for module in PUBLIC for name in import_module(module).__all__}
    assert names - told(site) == ELSEWHERE


def every_method_of_a_conference_is_in_the_reference(site: Path) -> None:
    methods = {name for name in dir(conferencing.Conference) if not name.startswith("_")}
    assert {f"conferencing.Conference.{name}" for name in methods} <= told(site)


def no_page_asks_another_host(site: Path) -> None:
    loads = (
        r"<(?:script|img|iframe|source)[^>]+src=\"(?:https?:)?//|<link[^>]+href=\"(?:https?:)?//"
    )
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    assert not [page.name for page in pages if re.search(loads, page.read_text("utf-8"))]


def a_page_of_a_provider_tells_what_the_code_does(site: Path) -> None:
    text = plain(site / "providers" / "meetrs.html")
    assert re.search(r"history how many days back .+? whole number 365 ", text)
    assert re.search(r"yes check , create_room , join_link ", text)
    assert re.search(r"unverified rooms , get_room , update_room , delete_room ", text)
    assert re.search(r"attendance count ", text)
    assert "Guessed : every message" in text  # the simulator's own words


def the_picture_is_told_to_those_who_do_not_see_it(site: Path) -> None:
    page = (site / "concepts.html").read_text("utf-8")
    match = re.search(r'<svg[^>]+role="img"[^>]+aria-labelledby="([^"]+)"', page)
    assert match
    assert all(f'id="{name}"' in page for name in match[1].split())


CHECKS = (
    every_public_name_is_in_the_reference,
    every_method_of_a_conference_is_in_the_reference,
    no_page_asks_another_host,
    a_page_of_a_provider_tells_what_the_code_does,
    the_picture_is_told_to_those_who_do_not_see_it,
)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("api_key: the key", "base_url"),
        ("api_key: the key\nbase_url: where\npasword: what", "pasword"),
    ],
)
def test_a_key_and_its_meaning_cannot_drift_apart(body: str, named: str, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'docs' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'provider_tables']\n",
        "utf-8",
    )
    (pages / "index.md").write_text(
        f"# Page\n\n```{{settings}} clickmeeting\n{body}\n```\n", "utf-8"
    )
    built = build(pages, tmp_path / "built")
    assert built.returncode == 1
    assert f"the keys and their meanings differ: {named}" in built.stderr


def build(source: Path, to: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q"]
    folders = ["-d", str(to / ".doctrees"), str(source), str(to)]
    return subprocess.run([*command, *folders], capture_output=True, text=True, check=False)


def told(site: Path) -> set[str]:
    """Return the names in the site's inventory, those at home and those they are known under."""
    from sphinx.util.inventory import InventoryFile  # noqa: PLC0415 - it may not be there

    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    return {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}


def plain(page: Path) -> str:
    """Return the text of a page, with one blank between its parts."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")).split())
