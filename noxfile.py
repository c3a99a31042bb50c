"""The checks of this project: `nox -l` lists them, `nox -s NAME` runs one.

`nox -s tests` runs the tests on every supported Python that is installed. Sessions without a version
use the Python that runs nox. Arguments after `--` go to pytest or to the benchmarks.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "docs", "wheel"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)  # those of the classifiers
EVERYTHING = ".[cli,test]"
URLS = {"Changelog", "Documentation", "Issues", "Security", "Source"}

CONSUMER = """# pyright: strict
from typing import assert_type

import conferencing
import conferencing.sync
from conferencing import Attendance, Listing, Room


async def main() -> None:
    async with conferencing.connect({"provider": "memory"}) as conference:
        room = await conference.create_room("Launch", kind="webinar")
        assert_type(room, Room)
        assert_type(conference.rooms(), Listing[Room])
        assert_type(await conference.attendance(room).collect(), list[Attendance])


def room_ids() -> list[str]:
    with conferencing.sync.connect({"provider": "memory"}) as conference:
        return [room.id for room in conference.rooms()]
"""


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Check every behaviour once."""
    session.install("-e", EVERYTHING)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def exhaustive(session: nox.Session) -> None:
    """Run the matrices and the long properties."""
    session.install("-e", EVERYTHING)
    session.run("python", "-m", "pytest", "-m", "exhaustive", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*read_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    session.install("-e", EVERYTHING, *read_group("types"))
    session.run("mypy")
    session.run("mypy", "--strict", "--warn-unused-ignores", "tests/typing")
    session.run("pyright", "--pythonpath", find_python(session))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site from the extra `docs` alone, where a warning is an error; test the pages."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-b", "html", "docs", "build/docs")
    session.install("-e", ".[cli,docs,test]", *read_group("howto"))
    session.run("python", "-m", "pytest", "tests/docs", "tests/core/test_laziness.py")


@nox.session
def wheel(session: nox.Session) -> None:
    """Use the wheel as a user does: alone, in an environment that has never seen this folder."""
    session.install(*read_group("build"), *read_group("types"))
    with TemporaryDirectory() as folder:
        work = Path(folder)
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, ".", silent=True)
        (path,) = work.glob("*.whl")
        user = create_environment(session, work / "user")
        session.run(str(user), "-m", "pip", "install", "--quiet", f"{path}[cli]", external=True)
        empty = work / "empty"
        empty.mkdir()
        session.env["PYTHONPATH"] = ""
        with session.chdir(empty):
            session.run(str(user.with_name("conferencing")), "demo", external=True)
            (empty / "consumer.py").write_text(CONSUMER, "utf-8")
            session.run("mypy", "--strict", "--python-executable", str(user), "consumer.py")
            session.run("pyright", "--pythonpath", str(user), "consumer.py")


@nox.session
def floors(session: nox.Session) -> None:
    """Run the tests with the lowest version of each dependency that pyproject.toml allows."""
    session.install("uv")
    with TemporaryDirectory() as folder:
        user = create_environment(session, Path(folder) / "user")
        lowest = ("--resolution", "lowest-direct", "--python", str(user))
        session.run("uv", "pip", "install", "--quiet", *lowest, "-e", EVERYTHING)
        session.run(str(user), "-m", "pytest", *session.posargs, external=True)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the branch coverage of the tests; fail below the floor in pyproject.toml."""
    session.install("-e", EVERYTHING, *read_group("coverage"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure speed, and write the figures into docs/performance.md."""
    session.install("-e", EVERYTHING, *read_group("benchmarks"))
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Build what is uploaded; fail if the project's addresses or the changelog are incomplete."""
    missing = URLS - PYPROJECT["project"].get("urls", {}).keys()
    if missing:
        session.error(f"[project.urls] in pyproject.toml lacks {', '.join(sorted(missing))}")
    session.install(*read_group("build"))
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist", ".")
    (path,) = (ROOT / "dist").glob("*.whl")
    version = path.name.split("-")[1]
    if f"\n## [{version}]" not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        session.error(f"CHANGELOG.md has no section for {version}; rename [Unreleased] to it")


def read_group(name: str) -> list[str]:
    """Return the requirements of a dependency group."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


def find_python(session: nox.Session) -> str:
    """Return the path of the session's Python; without an environment of its own, the active one."""
    script = "import sys; print(sys.executable)"
    return str(session.run("python", "-c", script, silent=True)).strip()


def create_environment(session: nox.Session, folder: Path) -> Path:
    """Create an environment that holds nothing but pip, and return its Python."""
    session.run("python", "-m", "venv", str(folder))
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
