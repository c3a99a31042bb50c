"""The example adapter as its users install it: two wheels in a fresh environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "conferencing-jitsi"
ASK = """
import json
from conferencing.cli.providers import providers
print(json.dumps(providers().data, default=str))
"""
BROKEN = {
    "a library is missing": ("import no_such_library", "ModuleNotFoundError: No module named"),
    "it fails": ("1 / 0", "ZeroDivisionError"),
    "it is no Python": ("class (", "SyntaxError"),
    "the class is not there": ("", "AttributeError"),
    "no name": ("class Jitsi: settings_class = features = object", "has no name"),
    "another name": (
        "class Jitsi: name = 'zoom'; settings_class = features = object",
        "calls itself 'zoom'",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both wheels and install them in an environment without the checkout.

    The libraries are those of the environment of the tests, so that no network is needed.
    """
    place = tmp_path_factory.mktemp("fresh")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    for project in (ROOT, EXAMPLE):
        run([*build, str(project)], place)
    venv.create(place / "venv")
    pip = [sys.executable, "-m", "pip", "--python", str(program(place, "python")), "install"]
    run([*pip, "--quiet", "--no-deps", "--no-index", *(place / "dist").glob("*.whl")], place)
    folder = sysconfig.get_path("purelib", vars={"base": str(place / "venv")})
    # Folders that a .pth file adds come last, and their own .pth files are not read.
    Path(folder, "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return place


def test_example_adapter_is_found_by_entry_point(place: Path) -> None:
    jitsi = providers(place)["jitsi"]
    able = {name for name, support in jitsi["operations"].items() if support != "no"}
    assert (jitsi["distribution"], jitsi["rivals"]) == ("conferencing-jitsi", [])
    assert able == {"create_room", "join_link"}
    assert jitsi["roles"] == ["attendee", "host"]
    shown = run([program(place, "conferencing"), "providers"], place)
    assert {"jitsi", "conferencing-jitsi"} <= set(shown.split())


def test_installed_example_passes_its_tests(place: Path) -> None:
    output = run([program(place, "python"), "-m", "pytest", "-q", EXAMPLE / "tests"], place)
    assert " passed" in output


def test_example_adapter_is_marked_as_typed(place: Path) -> None:
    assert list(place.glob("venv/**/conferencing_jitsi/py.typed"))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(*broken, marks=() if name == "it fails" else pytest.mark.exhaustive, id=name)
        for name, broken in BROKEN.items()  # tests/core/test_registry.py loads the others by default
    ],
)
def test_broken_adapter_hides_no_other(
    place: Path, tmp_path: Path, source: str, reason: str
) -> None:
    (tmp_path / "conferencing_jitsi").mkdir()
    (tmp_path / "conferencing_jitsi" / "__init__.py").write_text(source)
    installed = providers(place, tmp_path)
    assert reason in installed["jitsi"]["error"]
    assert "conferencing-jitsi" in installed["jitsi"]["error"]
    assert {name for name, plugin in installed.items() if "error" in plugin} == {"jitsi"}
    shown = run([program(place, "conferencing"), "providers"], place, tmp_path)
    assert {"jitsi", "clickmeeting", "memory"} <= set(shown.split())
    connect = 'import conferencing as c\ntry: c.connect({"provider": "jitsi"})\n'
    connect += "except c.ConfigurationError as error: print(error)"
    assert reason in run([program(place, "python"), "-c", connect], place, tmp_path)


def providers(place: Path, *before: Path) -> dict[str, Any]:
    """Return what `conferencing providers` knows, by name."""
    output = run([program(place, "python"), "-c", ASK], place, *before)
    return {load["name"]: load for load in json.loads(output)}


def program(place: Path, name: str) -> Path:
    folder, suffix = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
    return place / "venv" / folder / f"{name}{suffix}"


def run(command: Sequence[str | Path], place: Path, *before: Path) -> str:
    """Run a program in a folder of no project; modules in `before` go before installed ones."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "VIRTUAL_ENV"} and not name.startswith("CONFERENCING_")
    }
    own = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = kept | own | {"PYTHONPATH": os.pathsep.join(map(str, before))}
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        cwd=place,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
