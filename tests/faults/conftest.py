"""What the tests of faults share: their modules, and an eye on what must not show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from canaries import Watch


@pytest.fixture(autouse=True)
def watch(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Watch]:
    """Gather all that is logged and printed, and look for secrets in it when the test is over."""
    with Watch() as watching:
        yield watching
        watching.printed(*capfd.readouterr())
        watching.files(tmp_path)
    assert watching.hits() == []
