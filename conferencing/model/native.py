"""The vendor's own mapping behind a model, with the secrets in it kept secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar, cast

from conferencing.model.secret import Secret

__all__ = ["NO_NATIVE", "Native", "loosened"]

T = TypeVar("T")

FEW: Final = 8
"""Up to how many records of one reply keep their mappings: bytes would save nothing."""


class Rows:
    """Hold the rows of one reply: as they are, or as the bytes that came, until somebody looks."""

    __slots__ = ("_again", "_rows", "secret")

    def __init__(self, rows: Sequence[Mapping[str, Any]], secret: frozenset[str]) -> None:
        self._rows: Sequence[Mapping[str, Any]] | None = rows
        self._again: Callable[[], Sequence[Mapping[str, Any]]] | None = None
        self.secret = secret

    def row(self, place: int) -> Mapping[str, Any]:
        """Return the row at this place."""
        if self._rows is None and self._again is not None:
            self._rows = self._again()
        return (self._rows or ())[place]

    def loosen(self, payload: object, body: bytes, read: Callable[[bytes], Any]) -> None:
        """Let go of the rows, if the body has them: they can come back."""
        path = None if self._rows is None or len(self._rows) <= FEW else _path(payload, self._rows)
        if path is not None:
            self._rows, self._again = None, partial(_read_again, body, read, path)


class Native(Mapping[str, Any]):
    """Show a vendor's mapping as it came; texts below the `secret` names come as `Secret`.

    Its repr tells the number of keys only, and pickling drops what is secret.
    """

    __slots__ = ("_place", "_rows")

    def __init__(self, mapping: Mapping[str, Any], secret: frozenset[str] = frozenset()) -> None:
        self._rows = Rows((mapping,), secret)
        self._place = 0

    @classmethod
    def each(cls, rows: Sequence[Mapping[str, Any]], secret: frozenset[str]) -> Iterator[Native]:
        """Give one for each row of a reply. They share what they hold, so there may be many."""
        shared, new = Rows(rows, secret), object.__new__
        for place in range(len(rows)):
            one = new(cls)
            one._rows, one._place = shared, place  # noqa: SLF001 - its own
            yield one

    @property
    def _mapping(self) -> Mapping[str, Any]:
        return self._rows.row(self._place)

    def __getitem__(self, key: str) -> Any:
        secret = self._rows.secret
        return conceal(self._mapping[key], secret, inside=key in secret)

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
    if isinstance(known, list) and known:
        native = getattr(cast("list[object]", known)[0], "native", None)
        if isinstance(native, Native):
            native._rows.loosen(payload, body, read)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    return records


def _path(payload: object, rows: object) -> tuple[str, ...] | None:
    """Return the names that lead to the rows in a payload, or None if they are not in there."""
    if payload is rows:
        return ()
    if isinstance(payload, dict):
        for name, part in cast("dict[str, object]", payload).items():
            path = _path(part, rows)
            if path is not None:
                return (name, *path)
    return None


def _read_again(body: bytes, read: Callable[[bytes], Any], path: tuple[str, ...]) -> Any:
    found = read(body)
    for name in path:
        found = found[name]
    return found


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
