"""The graph of imports: no circles, and no module that imports from a layer above its own.

Type-only imports and those inside functions count like any other: see `docs/architecture.md`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS = (
    ("conferencing.errors",),
    ("conferencing.model",),
    ("conferencing.capabilities", "conferencing.accounts", "conferencing.provider"),
    ("conferencing.client",),
    (
        "conferencing.attendance",
        "conferencing.bulk",
        "conferencing.report",
        "conferencing.calendar",
    ),
    ("conferencing.conference",),
    ("conferencing.sync", "conferencing.warehouse"),
    ("conferencing.cli",),
)


def _find_modules() -> dict[str, Path]:
    """Return the file of each module, packages under their own names."""
    modules: dict[str, Path] = {}
    for base, pattern in ((ROOT, "conferencing/**/*.py"), (ROOT / "adapters", "**/*.py")):
        for path in base.glob(pattern):
            parts = path.relative_to(base).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


MODULES = _find_modules()


def _read_imports(module: str, path: Path) -> Iterator[str]:
    """Yield the modules that a module names in its imports, wherever these are in the file."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{source}.{alias.name}"
                yield submodule if submodule in MODULES else source


def _build_graph() -> dict[str, set[str]]:
    graph = {name: set(_read_imports(name, path)) for name, path in MODULES.items()}
    return {name: (imports & MODULES.keys()) - {name} for name, imports in graph.items()}


GRAPH = _build_graph()


def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_imports_have_no_circles() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("number", range(len(LAYERS)), ids=[layer[0] for layer in LAYERS])
def test_layer_imports_nothing_above(number: int) -> None:
    above = tuple(package for layer in LAYERS[number + 1 :] for package in layer)
    upward = {
        f"{module} imports {name}"
        for module, imports in GRAPH.items()
        if _is_in(module, LAYERS[number])
        for name in imports
        if _is_in(name, above)
    }
    assert upward == set()


def test_core_imports_no_adapter() -> None:
    named = {
        name
        for module, imports in GRAPH.items()
        if _is_in(module, ("conferencing",))
        for name in imports
    }
    assert {name for name in named if not _is_in(name, ("conferencing",))} == set()
