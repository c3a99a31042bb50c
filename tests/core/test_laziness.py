"""What is loaded when: importing is cheap, and every public name is found where the tables say."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module

import pytest

import conferencing

PROGRAM = """
import json, sys
{statement}
print(json.dumps(sorted(sys.modules)))
"""
CORE_FREE = {"aiohttp", "attrs", "attr", "cattrs", "conferencing.model"}
ADAPTERS = {"conferencing_clickmeeting", "conferencing.memory", "conferencing.http"}


@pytest.mark.parametrize(
    ("statement", "not_loaded"),
    [
        ("import conferencing", {*CORE_FREE, *ADAPTERS, "asyncio"}),
        ("from conferencing import ConferencingError", {*CORE_FREE, *ADAPTERS}),
        ("from conferencing import Room", {"aiohttp", "cattrs", *ADAPTERS}),
        ("from conferencing import connect", {"aiohttp", *ADAPTERS}),
        ("import conferencing.sync", {"aiohttp", *ADAPTERS}),
        ("import conferencing.http", {"aiohttp", "redis", "conferencing_clickmeeting"}),
        (
            "from conferencing.accounts.registry import list_plugins; list_plugins()",
            {"aiohttp", *ADAPTERS},
        ),
        (
            "from conferencing.accounts.registry import load; load('clickmeeting')",
            {"aiohttp", "redis"},
        ),
        (
            "import conferencing; conferencing.connect({'provider': 'clickmeeting', 'api_key': 'k'})",
            {"aiohttp", "redis", "conferencing_clickmeeting.simulator"},
        ),
        ("import conferencing; conferencing.connect({'provider': 'memory'})", {"aiohttp"}),
        ("import conferencing.sandbox", {"aiohttp", "conferencing_clickmeeting"}),
        (
            "from conferencing.jobs import Jobs; Jobs(journal='sqlite:/nowhere/people.db')",
            {"aiohttp", "redis", "psycopg", "procrastinate", "taskiq"},
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_unneeded_module_is_not_imported(
    python: Callable[..., str], statement: str, not_loaded: set[str]
) -> None:
    loaded = set(json.loads(python(PROGRAM.format(statement=statement))))
    assert loaded & not_loaded == set()


@pytest.mark.parametrize("name", conferencing.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(conferencing, name) is not None


def test_public_names_are_sorted_and_unique() -> None:
    names = conferencing.__all__
    assert names == sorted(set(names))


def test_dir_lists_names_before_import(python: Callable[..., str]) -> None:
    names = python("import conferencing; print(*dir(conferencing))").split()
    assert set(conferencing.__all__) <= set(names)
    assert names == sorted(names)


@pytest.mark.parametrize(
    "package",
    [
        "",
        ".bulk",
        ".jobs",
        ".report",
        ".sandbox",
        ".sandbox.kit",
        ".testing",
        ".warehouse",
        ".webhooks",
    ],
)
def test_dir_lists_public_names_only(python: Callable[..., str], package: str) -> None:
    program = f"import conferencing{package} as package; print(*dir(package))"
    names = {name for name in python(program).split() if not name.startswith("__")}
    assert names == set(import_module(f"conferencing{package}").__all__) - {"__version__"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import conferencing\nconferencing.conn", "connect"),
        ("import conferencing\nconferencing.connect().create_r", "create_room"),
        ("import conferencing\nconferencing.sync.connect().create_r", "create_room"),
        ("from conferencing import Roo", "Room"),
        ("from conferencing.report import write_re", "write_report"),
        ("from conferencing.bulk import BulkR", "BulkResult"),
        ("from conferencing.sandbox import Sand", "Sandbox"),
    ],
)
def test_editor_completes_name(code: str, name: str) -> None:
    jedi = pytest.importorskip("jedi", reason="completion is tested with jedi: pip install jedi")
    assert name in {completion.name for completion in jedi.Script(code).complete()}


@pytest.mark.parametrize("name", ["Rooms", "__path_to_nowhere__", "connect_to"])
def test_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(conferencing, name)
    assert not hasattr(conferencing, name)
    with pytest.raises(ImportError, match=name):
        exec(f"from conferencing import {name}", {})


def test_star_import_gives_public_names() -> None:
    names: dict[str, object] = {}
    exec("from conferencing import *", names)
    assert set(names) - {"__builtins__"} == set(conferencing.__all__)
