"""What is loaded when: importing is cheap, and every public name is found where the tables say."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import conferencing

SOURCE = ast.parse(Path(conferencing.__file__).read_text("utf-8"))
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
            "from conferencing.registry import installed; installed()",
            {"aiohttp", *ADAPTERS},
        ),
        ("from conferencing.registry import load; load('clickmeeting')", {"aiohttp", "redis"}),
        (
            "import conferencing; conferencing.connect({'provider': 'clickmeeting', 'api_key': 'k'})",
            {"aiohttp", "redis", "conferencing_clickmeeting.simulator"},
        ),
        ("import conferencing; conferencing.connect({'provider': 'memory'})", {"aiohttp"}),
        ("import conferencing.sandbox", {"aiohttp", "conferencing_clickmeeting"}),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_not_needed_is_not_loaded(
    python: Callable[..., str], statement: str, not_loaded: set[str]
) -> None:
    loaded = set(json.loads(python(PROGRAM.format(statement=statement))))
    assert loaded & not_loaded == set()


@pytest.mark.parametrize("name", conferencing.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(conferencing, name) is not None


def test_a_name_is_the_same_thing_as_in_its_module() -> None:
    for name, module in conferencing._MODULE.items():
        home = import_module(f"conferencing.{module}")
        assert getattr(conferencing, name) is getattr(home, name)
        assert name in home.__all__


def test_all_names_are_told_to_users_to_type_checkers_and_to_the_loader_alike() -> None:
    assert conferencing.__all__ == sorted(conferencing.__all__)
    assert len(conferencing.__all__) == len(set(conferencing.__all__))
    to_checkers = typed_imports()
    assert to_checkers.pop("sync") == ""
    assert to_checkers == conferencing._MODULE
    assert {*to_checkers, "sync"} == set(conferencing.__all__)


def test_dir_tells_all_names_before_they_are_touched(python: Callable[..., str]) -> None:
    told = python("import conferencing; print(*dir(conferencing))").split()
    assert set(conferencing.__all__) <= set(told)
    assert told == sorted(told)


@pytest.mark.parametrize("name", ["Rooms", "__path_to_nowhere__", "connect_to"])
def test_any_other_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(conferencing, name)
    assert not hasattr(conferencing, name)
    with pytest.raises(ImportError, match=name):
        exec(f"from conferencing import {name}", {})


def test_a_star_import_gives_what_is_public() -> None:
    names: dict[str, object] = {}
    exec("from conferencing import *", names)
    assert set(names) - {"__builtins__"} == set(conferencing.__all__)


def typed_imports() -> dict[str, str]:
    """Read the imports below `if TYPE_CHECKING` that are ours, name by module."""
    [block] = [
        one
        for one in SOURCE.body
        if isinstance(one, ast.If) and getattr(one.test, "id", "") == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: one.module or ""
        for one in block.body
        if isinstance(one, ast.ImportFrom) and one.level == 1
        for alias in one.names
    }
