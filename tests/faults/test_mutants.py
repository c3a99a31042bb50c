"""However a reply is changed, what is read of it was sent, or a typed error says why not."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from mutants import mutate
from operations import ADAPTERS

BODIES = 20_000
SEED = 20_261_001


@pytest.fixture
def quiet() -> Iterator[None]:
    """Log nothing: twenty thousand times the same."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_mutated_replies_are_read_truly_or_refused(adapter: str) -> None:
    outcome = await mutate(adapter, BODIES, SEED)
    assert outcome.untyped == []
    assert outcome.coerced == []
    assert outcome.bodies == BODIES
    assert outcome.refused["MalformedResponse"] > BODIES / 10
