"""Bringing many people into a room from a spreadsheet: none lost, none doubled.

    result = await conference.register_many(room, "people.csv", journal="people.journal")

Nothing is loaded until a name is touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .journal import Journal
    from .result import BulkResult, BulkRow, Outcome
    from .roster import Entry, Roster, read_roster

__all__ = ["BulkResult", "BulkRow", "Entry", "Journal", "Outcome", "Roster", "read_roster"]

_HOME = {
    "journal": "Journal",
    "result": "BulkResult BulkRow Outcome",
    "roster": "Entry Roster read_roster",
}
_MODULE = {name: module for module, names in _HOME.items() for name in names.split()}


if not TYPE_CHECKING:  # a checker that saw it would take any name for right

    def __getattr__(name: str) -> Any:
        if name not in _MODULE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
