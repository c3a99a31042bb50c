"""The command that a message about a missing library names works for a copy that is on no index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("extra", "library"), [("arrow", "pyarrow"), ("ics", "icalendar")])
def test_extra_of_installed_copy_needs_no_index(tmp_path: Path, extra: str, library: str) -> None:
    for module in ("pip", library):
        pytest.importorskip(module, reason=f"pip checks the requirements: pip install {library}")
    pip = [sys.executable, "-m", "pip", "--isolated"]  # of settings such as PIP_QUIET
    done = subprocess.run(
        [*pip, "install", "--dry-run", "--no-index", f"conferencing[{extra}]"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert f"Requirement already satisfied: {library}" in done.stdout
