"""Typed reading of the parameters of a request; whatever is wrong becomes a `Refusal`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl

from .refusals import Problem, Refusal

__all__ = ["Fields", "read_json_object", "read_query"]


def read_query(query: str) -> dict[str, Any]:
    """Return the parameters of a query string; of a repeated one, the last value."""
    return dict(parse_qsl(query, keep_blank_values=True))


def read_json_object(body: bytes) -> dict[str, Any]:
    """Return the parameters of a JSON body. Raises `Refusal` with 400 for another body."""
    try:
        payload: object = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise Refusal(400, Problem("must be a JSON object", "the body"))
    return cast("dict[str, Any]", payload)


class Fields(Mapping[str, Any]):
    """Parameters by name, as they arrived, with methods that read one of them as a type.

    A reader returns None for a parameter that is absent or null, and raises `Refusal` with `status`
    for one of another type. `from_text` is for vendors that take numbers and flags as text, as
    forms do; lists may then be maps with the numbers as keys, as PHP reads them. `strict` is the
    quirk that refuses parameters which are not documented. `where` comes before each name in a
    message.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        status: int = 400,
        from_text: bool = False,
        strict: bool = False,
        where: str = "",
    ) -> None:
        self._values = values
        self._status = status
        self._from_text = from_text
        self._strict = strict
        self._where = where

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    # -- which parameters there are

    def only(self, *documented: str) -> None:
        """Refuse parameters that are not documented, if the simulator is strict."""
        if self._strict:
            self._raise(
                "is not known", "unknown", (name for name in self if name not in documented)
            )

    def require(self, *names: str) -> None:
        """Refuse if one of these parameters is absent, empty or blank."""
        absent = (name for name in names if _is_blank(self.get(name)))
        self._raise("is required", "required", absent)

    def check(self, kinds: Mapping[str, Callable[[Fields, str], object]], *required: str) -> None:
        """Read all of these parameters, and refuse with one problem for each fault.

        `kinds` are readers by the name of a parameter, such as `{"title": Fields.text}`.
        """
        reads: list[Callable[[], object]] = [
            partial(self.require, *required),
            partial(self.only, *kinds),
            *(partial(kind, self, name) for name, kind in kinds.items()),
        ]
        problems: list[Problem] = []
        for read in reads:
            try:
                read()
            except Refusal as refusal:
                problems += refusal.problems
        if problems:
            raise Refusal(self._status, *problems)

    # -- reading one of them

    def text(self, name: str) -> str | None:
        """Return a string."""
        value: Any = self.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def require_text(self, name: str) -> str:
        """Return a string that has to be there and must not be blank."""
        self.require(name)
        return self.text(name) or ""

    def number(self, name: str, low: int | None = None, high: int | None = None) -> int | None:
        """Return a whole number within bounds."""
        value = self.get(name)
        if value is None:
            return None
        if self._from_text and isinstance(value, str) and value.isdecimal():
            value = int(value)
        in_range = type(value) is int and _is_between(value, low, high)
        if not in_range:
            raise self._wrong(name, f"a whole number{_bounds(low, high)}")
        return cast("int", value)

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self.get(name)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).lower() if self._from_text else ""
        expected = "0 or 1" if self._from_text else "true or false"
        if word not in _FLAGS:
            raise self._wrong(name, expected)
        return _FLAGS[word]

    def choice(self, name: str, options: Iterable[str], *, any_case: bool = False) -> str | None:
        """Return one of the options; `any_case` takes it in any case and returns the vendor's."""
        value = self.get(name)
        if value is None:
            return None
        for option in options:
            if value == option or (any_case and str(value).lower() == option.lower()):
                return option
        raise self._wrong(name, f"one of {', '.join(options)}")

    def time(self, name: str, zone: tzinfo | None = None) -> datetime | None:
        """Return a time written in ISO 8601. One without an offset is in `zone`, or refused."""
        value = self.get(name)
        if value is None:
            return None
        expected = "a time in ISO 8601" if zone else "a time in ISO 8601 with an offset"
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self._wrong(name, expected) from error
        if moment.tzinfo is None and zone is None:
            raise self._wrong(name, expected)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def child(self, name: str) -> Fields:
        """Return the fields of a nested object; none if it is absent."""
        value: Any = self.get(name)
        if value is not None and not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return self._fields_of(cast("dict[str, Any]", value or {}), f"{name}.")

    def children(self, name: str) -> list[Fields]:
        """Return the fields of each object of a list; none if it is absent."""
        rows = self._list(name, dict, "a list of objects")
        return [self._fields_of(row, f"{name}[{place}].") for place, row in enumerate(rows)]

    def texts(self, name: str) -> list[str]:
        """Return a list of strings; an empty one if it is absent."""
        return self._list(name, str, "a list of strings")

    # -- refusing

    def refuse(self, name: str, message: str, code: str = "invalid") -> Refusal:
        """Return a refusal of one parameter, for a rule of the vendor's own. The caller raises it."""
        return Refusal(self._status, Problem(message, f"{self._where}{name}", code))

    def _wrong(self, name: str, expected: str) -> Refusal:
        return self.refuse(name, f"must be {expected}")

    def _raise(self, message: str, code: str, names: Iterable[str]) -> None:
        problems = [Problem(message, f"{self._where}{name}", code) for name in names]
        if problems:
            raise Refusal(self._status, *problems)

    def _list(self, name: str, kind: type, expected: str) -> list[Any]:
        value: Any = self.get(name)
        if self._from_text and isinstance(value, dict):
            value = [*cast("dict[str, Any]", value).values()]
        if value is not None and not isinstance(value, list):
            raise self._wrong(name, expected)
        rows = cast("Iterable[Any]", value or ())
        if not all(isinstance(row, kind) for row in rows):
            raise self._wrong(name, expected)
        return [*rows]

    def _fields_of(self, values: Mapping[str, Any], where: str) -> Fields:
        return Fields(
            values,
            status=self._status,
            from_text=self._from_text,
            strict=self._strict,
            where=self._where + where,
        )


_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def _is_blank(value: object) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _is_between(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _bounds(low: int | None, high: int | None) -> str:
    bounds = (("from", low), ("to", high))
    return "".join(f" {word} {bound}" for word, bound in bounds if bound is not None)
