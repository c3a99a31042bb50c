"""Sides of `memory.py` with a library of their own: pydantic and msgspec, without the mapping."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from attendees import attendee
from decode_others import WAYS
from keeping import keep_side


def they_are_there(kept: Sequence[Any]) -> None:
    assert all(kept[number].uid == attendee(number)["uid"] for number in range(0, len(kept), 1009))


if __name__ == "__main__":
    keep_side(WAYS[sys.argv[1]](), they_are_there)
