"""No secret shows: not in logs, output, reprs, errors, tracebacks with locals, pickles or files."""

from __future__ import annotations

import pytest
from canaries import Watch
from operations import ADAPTERS
from scenario import rehearse


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_no_secret_of_an_operation_shows_anywhere(adapter: str, watch: Watch) -> None:
    count = await rehearse(2, [adapter])
    assert count > 100
    assert len(watch.secrets) >= 3
    assert len(watch.texts) > count
    assert watch.hits() == []
