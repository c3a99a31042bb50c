"""`sent`, `attempts` and `retryable` agree with the server's log, whatever the second attempt meets."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from second_attempts import play_trial


@pytest.mark.parametrize("seed", range(4))
async def test_error_agrees_with_the_servers_log(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    trials = [await play_trial(random, tmp_path / f"{number}.db") for number in range(50)]
    assert [line for trial in trials for line in trial.violations()] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(4, 24))
async def test_many_errors_agree_with_the_servers_log(seed: int, tmp_path: Path) -> None:
    await test_error_agrees_with_the_servers_log(seed, tmp_path)
