"""What the tests of the core share: a folder without any configuration."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = str(Path(__file__).parents[1])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty folder, with an empty home and none of our variables in the environment."""
    for name in [name for name in os.environ if name.startswith("CONFERENCING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def tracked() -> Callable[[BaseException], str]:
    """Return an error as trackers keep it: with the locals of each frame, and all it rests on.

    Frames of tests are left out: the test itself knows the secret that it planted.
    """

    def told(error: BaseException) -> str:
        whole = traceback.TracebackException.from_exception(error, capture_locals=True)
        for link in _chain(whole):
            link.stack[:] = [frame for frame in link.stack if not frame.filename.startswith(TESTS)]
        return "".join(whole.format())

    return told


def _chain(error: traceback.TracebackException) -> list[traceback.TracebackException]:
    below = [cause for cause in (error.__cause__, error.__context__) if cause is not None]
    return [error, *(deeper for cause in below for deeper in _chain(cause))]
