"""Keep many attendees that came in pages, and tell how many bytes each takes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from typing import Any

from attendees import page
from grown import in_a_child, resident, traced
from sides import serve_side

__all__ = ["SIZE", "keep_side"]

SIZE = 300

_HOW = {"resident": resident, "traced": traced}


def keep_side(decode: Callable[[bytes], list[Any]], check: Callable[[Sequence[Any]], None]) -> None:
    """Be a side: `<script> <way> <resident or traced> <pages>`."""
    grown, pages = _HOW[sys.argv[2]], int(sys.argv[3])
    bodies = [page(SIZE, number * SIZE) for number in range(pages)]
    check(_kept(decode, bodies[:2]))  # what is made on first use is made before

    def measure() -> float:
        kept: list[Any] = []

        def keep() -> list[Any]:
            kept.extend(_kept(decode, bodies))
            return kept

        gc.collect()
        found = grown(keep) / len(kept)
        check(kept)
        return found

    serve_side(lambda: in_a_child(measure))


def _kept(decode: Callable[[bytes], list[Any]], bodies: Sequence[bytes]) -> list[Any]:
    """Decode copies, as they come from the wire: whoever keeps one, keeps memory of its own."""
    return [one for body in bodies for one in decode(bytes(bytearray(body)))]
