"""The wheel: the module of every entry point, the marker of types, and the packages at top level."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel and return the names of its files."""
    folder = tmp_path_factory.mktemp("dist")
    options = ["--wheel", "--no-isolation", "--outdir", str(folder)]
    command = [sys.executable, "-m", "build", *options, str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=200)
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_every_entry_point_is_in_the_wheel(wheel: set[str]) -> None:
    groups = PROJECT["project"]["entry-points"]
    values = [value for group in groups.values() for value in group.values()]
    assert len(values) >= 3
    for value in [*values, *PROJECT["project"]["scripts"].values()]:
        module = value.partition(":")[0].replace(".", "/")
        assert {f"{module}.py", f"{module}/__init__.py"} & wheel, value


def test_every_package_is_marked_as_typed(wheel: set[str]) -> None:
    packages = {name.partition("/")[0] for name in wheel if ".dist-info/" not in name}
    assert packages == {
        Path(package).name
        for package in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    }
    assert {f"{package}/py.typed" for package in packages} <= wheel


def test_every_adapter_folder_is_packaged(wheel: set[str]) -> None:
    folders = {path.name for path in (ROOT / "adapters").iterdir() if path.is_dir()}
    assert {folder for folder in folders if not folder.startswith(("_", "."))} <= {
        name.partition("/")[0] for name in wheel
    }


def test_adapters_is_a_folder_and_no_package() -> None:
    assert not (ROOT / "adapters" / "__init__.py").exists()


def test_wheel_has_the_demonstration_roster(wheel: set[str]) -> None:
    assert "conferencing/bulk/roster.csv" in wheel


def test_extras_of_all_adapters_exist() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert {"clickmeeting", "vconnct", "meetrs", "cli", "test"} <= set(extras)
