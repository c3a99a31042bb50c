"""What the routes share: the table they are in, refusals, and reading JSON strictly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar, cast
from uuid import UUID

from conferencing.sandbox.simulator import Router

H = TypeVar("H", bound=Callable[..., Any])

__all__ = [
    "Given",
    "Refused",
    "guid",
    "instant",
    "items",
    "micros",
    "only",
    "queries",
    "route",
    "table",
    "text",
    "ticks",
]

Given = dict[str, Any]

table = Router()
queries: dict[Callable[..., Any], frozenset[str]] = {}


def route(method: str, template: str, *query: str) -> Callable[[H], H]:
    """Bind a function to a method and a path; query parameters beside the named ones are refused."""

    def bind(function: H) -> H:
        queries[function] = frozenset(query)
        return table(method, template)(function)

    return bind


class Refused(Exception):
    """Answer with a failure and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def only(given: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """Refuse what nobody knows."""
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise Refused(400, f"{where}{unknown[0]} is not known")


def text(given: Mapping[str, Any], name: str, where: str = "") -> str | None:
    """Return a text, or None if it is not there."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"{where}{name} must be a text")
    return value


def items(value: object, name: str) -> list[Given]:
    """Return a list of objects."""
    rows = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(400, f"{name} must be a list of objects")
    return cast("list[Given]", rows)


def instant(value: str | None, name: str) -> datetime | None:
    """Return an instant in ISO 8601; one without an offset is refused."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(400, f"{name} must be a time in ISO format")
    return moment


def ticks(moment: datetime | None) -> str | None:
    """Write an instant with seven digits of a second, as .NET has them; ours are six and a last."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S.%f}{utc.second % 9 + 1}Z"


def micros(moment: datetime | None) -> str | None:
    """Write an instant with six digits of a second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if moment else None


def guid(*parts: object) -> str:
    """Return an id that is always the same for the same parts."""
    digest = sha256("/".join(map(str, parts)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))
