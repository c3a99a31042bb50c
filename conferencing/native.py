"""The vendor's own mapping behind a model, with the secrets in it kept secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, cast

from .secret import Secret

__all__ = ["NO_NATIVE", "Native", "loosened"]

T = TypeVar("T")

FEW: Final = 8
"""Up to how many records of one reply keep their mappings: bytes would save nothing."""


class Page:
    """Hold the rows of one reply as the bytes that came; they are parsed when somebody looks."""

    __slots__ = ("_body", "_path", "_read", "_rows")

    def __init__(self, body: bytes, read: Callable[[bytes], Any], path: tuple[str, ...]) -> None:
        self._body = body
        self._read = read
        self._path = path
        self._rows: Any = None

    def row(self, place: int) -> Mapping[str, Any]:
        """Return the row at this place."""
        rows = self._rows
        if rows is None:
            rows = self._read(self._body)
            for name in self._path:
                rows = rows[name]
            self._rows = rows
        row: Mapping[str, Any] = rows[place]
        return row


class Native(Mapping[str, Any]):
    """Show a vendor's mapping as it came; texts below the `secret` names come as `Secret`.

    Its repr tells the number of keys only, and pickling drops what is secret.
    """

    __slots__ = ("_place", "_secret", "_source")

    def __init__(self, mapping: Mapping[str, Any], secret: frozenset[str] = frozenset()) -> None:
        self._source: Mapping[str, Any] | Page = mapping
        self._secret = secret

    @property
    def _mapping(self) -> Mapping[str, Any]:
        source = self._source
        return source.row(self._place) if isinstance(source, Page) else source

    def loosen(self, page: Page, places: Mapping[int, int]) -> None:
        """Let go of the mapping, if it is one of the page's rows (by identity): it can come back."""
        place = places.get(id(self._source))
        if place is not None:
            self._source, self._place = page, place

    def __getitem__(self, key: str) -> Any:
        return conceal(self._mapping[key], self._secret, inside=key in self._secret)

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    def __repr__(self) -> str:
        return f"<native, {len(self)} keys>"

    def __reduce__(self) -> tuple[object, ...]:
        return (Native, (dict(self), frozenset[str]()))


NO_NATIVE: Final = Native({})


def loosened(records: T, payload: object, body: bytes, read: Callable[[bytes], Any]) -> T:
    """Return the records of a long page, which keep its bytes in place of a mapping each.

    That takes less than half of the memory, and most programs never look at `native`.
    """
    known: object = records
    many = cast("list[object]", known) if isinstance(known, list) else []
    if len(many) > FEW:
        path, rows = _rows(payload)
        page = Page(body, read, path)
        places = {id(row): place for place, row in enumerate(rows)}
        for record in many:
            native = getattr(record, "native", None)
            if isinstance(native, Native):
                native.loosen(page, places)
    return records


def _rows(payload: object) -> tuple[tuple[str, ...], list[object]]:
    """Return the longest list in a payload, and the names that lead to it."""
    if isinstance(payload, list):
        return (), cast("list[object]", payload)
    longest: tuple[tuple[str, ...], list[object]] = ((), [])
    if isinstance(payload, dict):
        for name, part in cast("dict[str, object]", payload).items():
            path, rows = _rows(part)
            if len(rows) > len(longest[1]):
                longest = ((name, *path), rows)
    return longest


def conceal(value: object, secret: frozenset[str], *, inside: bool = False) -> object:
    """Return `value` with each text that stands below one of the `secret` names as a `Secret`."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, object]", value)
        return {
            name: conceal(part, secret, inside=inside or name in secret)
            for name, part in mapping.items()
        }
    if isinstance(value, list):
        return [conceal(part, secret, inside=inside) for part in cast("list[object]", value)]
    if not inside or isinstance(value, bool) or not isinstance(value, str | int):
        return value
    return Secret(str(value))
