"""Sides of `memory.py` in our environment: ours, the same records with a mapping each, orjson's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from conferencing.http.provider import _decoded
from conferencing.http.reply import Reply
from conferencing_clickmeeting import wire

sys.path.insert(0, str(Path(__file__).parents[1]))

from attendees import attendee
from keeping import SIZE, keep_side


def ours(body: bytes) -> list[Any]:
    return _decoded(Reply(200, {}, body), lambda payload: wire.attendees(payload, "1:2"))


def mapping_each(body: bytes) -> list[Any]:
    return wire.attendees(orjson.loads(body), "1:2")


def plain(body: bytes) -> list[Any]:
    return orjson.loads(body)


def native_is_there(kept: Sequence[Any]) -> None:
    """Check that each record still gives all that the vendor sent, and nothing else."""
    for number in (*range(0, len(kept), SIZE), *range(7, len(kept), 1009), len(kept) - 1):
        assert dict(kept[number].native) == attendee(number)
        assert kept[number].display_name == attendee(number)["nickname"]


def mappings_are_there(kept: Sequence[Any]) -> None:
    assert all(kept[number] == attendee(number) for number in range(0, len(kept), 1009))


WAYS: dict[str, tuple[Callable[[bytes], list[Any]], Callable[[Sequence[Any]], None]]] = {
    "ours": (ours, native_is_there),
    "mapping_each": (mapping_each, native_is_there),
    "orjson": (plain, mappings_are_there),
}


if __name__ == "__main__":
    keep_side(*WAYS[sys.argv[1]])
