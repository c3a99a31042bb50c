"""Ids in Zoom's forms, from the seed of a world: docs/vendors/zoom.md#ids"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from string import ascii_letters, digits
from typing import Final
from uuid import UUID

__all__ = ["make_ids", "make_text"]

URL_SAFE: Final = ascii_letters + digits + "-_"
FIRST_VISIT: Final = 16_778_240
VISIT_STEP: Final = 1024

SHAPES: Final = ((4, "/"), (0, "/"), (8, "//"), (5, "+"), (0, ""))
"""What the first uuids hold at which place: an inner, a leading and a double slash, a plus."""


def make_text(random: Random, length: int, alphabet: str = URL_SAFE) -> str:
    """Return random characters of an alphabet."""
    return "".join(random.choice(alphabet) for _ in range(length))


def make_ids(seed: int) -> Callable[[str], str]:
    """Return a function from a kind of thing to a new id.

    Each kind has a sequence of its own, so that an id does not depend on other calls before.
    """
    return partial(_make_id, seed, dict[str, Random](), Counter[str](), set[str]())


def _make_id(
    seed: int, sources: dict[str, Random], counts: Counter[str], numbers: set[str], kind: str
) -> str:
    random = sources.setdefault(kind, Random(f"{seed}/{kind}"))  # noqa: S311 - repeatable
    before = counts[kind]
    counts[kind] += 1
    match kind:
        case "room":
            return _new_number(random, numbers)
        case "session":
            return _new_uuid(random, before)
        case "visit":
            return str(FIRST_VISIT + VISIT_STEP * before)
        case "recording" | "file":
            return str(UUID(bytes=random.randbytes(16), version=4))
        case _:
            return make_text(random, 22)


def _new_number(random: Random, numbers: set[str]) -> str:
    """Return a number of 11 digits; meetings and webinars share one space."""
    while True:
        number = f"8{random.randrange(10**10):010}"
        if number not in numbers:
            numbers.add(number)
            return number


def _new_uuid(random: Random, index: int) -> str:
    """Return Base64 of 16 bytes; the first ones have all shapes that paths have trouble with."""
    text = b64encode(random.randbytes(16)).decode()
    if index >= len(SHAPES):
        return text
    place, mark = SHAPES[index]
    plain = text.replace("/", "a").replace("+", "b")
    return plain[:place] + mark + plain[place + len(mark) :]
