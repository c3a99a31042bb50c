"""Ids, times and masks as Google writes them: docs/vendors/googlemeet.md#json"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from random import Random
from typing import Any, Final, cast

from .errors import calendar_failure

__all__ = [
    "calendar_time",
    "find_part",
    "instance_id",
    "make_code",
    "make_ids",
    "meet_time",
    "pick_fields",
    "to_camel",
    "user_number",
    "without_defaults",
]

HEX: Final = "0123456789abcdefghijklmnopqrstuv"
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
TEXT: Final = LETTERS + LETTERS.upper() + "0123456789-_"
LENGTHS: Final = {
    "room": (HEX, 26),
    "space": (LETTERS + LETTERS.upper() + "0123456789", 12),
    "session": (TEXT, 42),
    "recording": (TEXT, 33),
    "file": (TEXT, 33),
    "visit": ("0123456789", 18),
    "subscription": (LETTERS + "0123456789-", 36),
    "member": ("0123456789", 18),
}


def make_ids(seed: int) -> Callable[[str], str]:
    """Return a function that makes ids of a kind, always the same ones for the same seed."""
    return partial(_make_id, seed, Counter[str]())


def _make_id(seed: int, numbers: Counter[str], kind: str) -> str:
    numbers[kind] += 1
    alphabet, length = LENGTHS.get(kind, (TEXT, 24))
    random = Random(f"{seed}/{kind}/{numbers[kind]}")  # noqa: S311 - it has to be repeatable
    return "".join(random.choice(alphabet) for _ in range(length))


def make_code(random: Random) -> str:
    """Return the code of a space: abc-mnop-xyz."""
    return "-".join("".join(random.choice(LETTERS) for _ in range(size)) for size in (3, 4, 3))


@lru_cache(10_000)
def user_number(email: str) -> str:
    """Return the 21 digits by which Google knows the user of an address."""
    return f"1{int(sha256(email.casefold().encode()).hexdigest(), 16) % 10**20:020}"


def meet_time(moment: datetime) -> str:
    """Return a time of Meet: UTC, with microseconds where there are any."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def calendar_time(moment: datetime) -> str:
    """Return a time of creation or change: UTC, with milliseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def instance_id(event_id: str, start: datetime) -> str:
    """Return the id of one date of a series."""
    return f"{event_id}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def to_camel(name: str) -> str:
    """Return a name in camelCase; clients send the original names as well."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def find_part(value: Any, *names: str) -> Any:
    """Return the value below names of nested objects, or None where one of them is missing."""
    for name in names:
        value = cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None
    return value


def without_defaults(value: Any) -> Any:
    """Return a reply without nulls, empty lists and empty texts, which are left out."""
    if isinstance(value, Mapping):
        rows = {
            name: without_defaults(part) for name, part in cast("Mapping[str, Any]", value).items()
        }
        return {name: part for name, part in rows.items() if part not in (None, "", [])}
    if isinstance(value, list):
        return [without_defaults(part) for part in cast("Iterable[Any]", value)]
    return value


# ---------------------------------------------------------------------------- partial responses

Mask = dict[str, "Mask | None"]


def pick_fields(reply: Any, text: str | None, names: frozenset[str]) -> Any:
    """Return the part of a reply that `fields` asks for. Raises `Refusal` for an unknown name."""
    if text is None or text == "*":
        return reply
    return _pick(reply, _parse_mask(text, names))


def _parse_mask(text: str, names: frozenset[str]) -> Mask:
    tokens = re.findall(r"[^,/()]+|[,/()]", text)
    for word in tokens:
        if word not in {*",/()*"} and word.strip() not in names:
            raise calendar_failure(400, "invalidParameter", f"Invalid field selection {word}")
    mask, rest = _read_mask(tokens)
    if rest:
        raise calendar_failure(400, "invalidParameter", f"Invalid field selection {text}")
    return mask


def _read_mask(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while tokens and tokens[0] != ")":
        name, tokens = tokens[0].strip(), tokens[1:]
        child: Mask | None = None
        if tokens and tokens[0] == "/":
            single, tokens = _read_path(tokens[1:])
            child = single
        elif tokens and tokens[0] == "(":
            child, tokens = _read_mask(tokens[1:])
            tokens = tokens[1:]
        mask[name] = child
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    return mask, tokens


def _read_path(tokens: list[str]) -> tuple[Mask, list[str]]:
    name, tokens = tokens[0].strip(), tokens[1:]
    if tokens and tokens[0] == "/":
        child, tokens = _read_path(tokens[1:])
        return {name: child}, tokens
    if tokens and tokens[0] == "(":
        inner, tokens = _read_mask(tokens[1:])
        return {name: inner}, tokens[1:]
    return {name: None}, tokens


def _pick(value: Any, mask: Mask | None) -> Any:
    if mask is None or "*" in mask:
        return value
    if isinstance(value, list):
        return [_pick(part, mask) for part in cast("Iterable[Any]", value)]
    if not isinstance(value, Mapping):
        return value
    row = cast("Mapping[str, Any]", value)
    return dict(_pairs(row, mask))


def _pairs(row: Mapping[str, Any], mask: Mask) -> Iterator[tuple[str, Any]]:
    for name, child in mask.items():
        if name in row:
            yield name, _pick(row[name], child)
