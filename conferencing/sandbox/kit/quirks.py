"""Behaviours that were observed at vendors now and then, for tests to turn on and off.

Those that several simulators offer have one name everywhere:

    refuse_unknown      parameters that are not documented are refused instead of ignored
    failures_in_200     failures come with HTTP 200, except those of authentication
    empty_deletes       a deletion answers 204 without a body
    missing_fields      replies leave out the fields that are not always there
    extra_fields        every object of a reply has a field that is not documented
    other_spellings     values have the other type or form in which they were seen
    no_sessions_is_404  the sessions of a room that was not held yet are 404 instead of an empty list
    bare_registration   a registration answers `{"status": "OK"}` and nothing else
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, cast

from attrs import field, frozen

__all__ = ["Quirks", "ReplyShape"]


class Quirks(dict[str, bool]):
    """The quirks of a simulator by name. Setting an unknown quirk is a `KeyError`."""

    def __deepcopy__(self, memo: object) -> Quirks:
        return Quirks(self)

    def __setitem__(self, name: str, on: bool) -> None:
        if name not in self:
            raise KeyError(f"{name!r} is not a quirk; this simulator has {', '.join(self)}")
        super().__setitem__(name, on)


@frozen(kw_only=True)
class ReplyShape:
    """What varies in a vendor's JSON, by the names of fields at any depth.

    `optional` are left out by `missing_fields`, `spellings` are rewritten by `other_spellings`, and
    `data_maps` hold objects whose keys are data, which `extra_fields` leaves alone, as it does
    objects of booleans only, which are settings by name.
    """

    QUIRKS: ClassVar = ("missing_fields", "extra_fields", "other_spellings")

    optional: frozenset[str] = frozenset()
    spellings: Mapping[str, Callable[[Any], Any]] = field(factory=dict[str, Callable[[Any], Any]])
    data_maps: frozenset[str] = frozenset()

    def vary(self, payload: Any, quirks: Mapping[str, bool]) -> Any:
        """Return a reply's payload as the quirks that are on make it."""
        if isinstance(payload, list):
            return [self.vary(row, quirks) for row in cast("Iterable[Any]", payload)]
        if not isinstance(payload, dict):
            return payload
        row = self._vary_fields(cast("dict[str, Any]", payload), quirks)
        are_settings = all(isinstance(value, bool) for value in row.values())
        if quirks.get("extra_fields") and not are_settings:
            row[EXTRA] = {"nested": [1]}
        return row

    def _vary_fields(self, row: dict[str, Any], quirks: Mapping[str, bool]) -> dict[str, Any]:
        leaves_out = self.optional if quirks.get("missing_fields") else frozenset[str]()
        respells = quirks.get("other_spellings", False)
        varied: dict[str, Any] = {}
        for name, value in row.items():
            if name in leaves_out:
                continue
            if respells and name in self.spellings:
                varied[name] = self.spellings[name](value)
            elif name in self.data_maps and isinstance(value, dict):
                varied[name] = self._vary_fields(cast("dict[str, Any]", value), quirks)
            else:
                varied[name] = self.vary(value, quirks)
        return varied


EXTRA = "not_documented"
"""The field that `extra_fields` adds."""
