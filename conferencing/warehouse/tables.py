"""The tables of the warehouse: their columns, and by which columns a load replaces rows.

Every column has a type, because dlt creates none for a column that has been empty so far, and a
query that names it would fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from .people import PeopleMode

__all__ = ["TABLES", "Table", "build_hints"]

TEXT, TIME, SECONDS, COUNT, FLAG = "text", "timestamp", "double", "bigint", "bool"

REMOVED: Final = "is_removed"
"""Marks a row that only has the rows of its group replaced, and is not stored itself."""


@frozen(kw_only=True)
class Table:
    """A table: `key` are the columns that identify a row, `group` those of rows replaced together.

    A table has one of the two. `ids` are columns that identify a person, and `names` those that
    name one; `nested` are the columns of lists, which become tables of their own.
    """

    name: str
    key: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    columns: Mapping[str, str]
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    nested: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])

    def list_columns(self, people: PeopleMode) -> dict[str, str]:
        """Return the columns that the table has in a mode, with their types."""
        texts = (self.ids if people is not PeopleMode.NONE else ()) + (
            self.names if people is PeopleMode.FULL else ()
        )
        flag = {REMOVED: FLAG} if self.group else {}
        return {**self.columns, **dict.fromkeys(texts, TEXT), **flag}


TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            name="rooms",
            key=("account", "id"),
            columns={
                "account": TEXT,
                "id": TEXT,
                "provider": TEXT,
                "name": TEXT,
                "kind": TEXT,
                "status": TEXT,
                "starts_at": TIME,
                "ends_at": TIME,
                "timezone": TEXT,
                "planned_seconds": SECONDS,
                "permanent": FLAG,
                "recurrence": TEXT,
                "registration": FLAG,
                "capacity": COUNT,
                "created_at": TIME,
                "updated_at": TIME,
            },
        ),
        Table(
            name="sessions",
            key=("account", "room_id", "id"),
            columns={
                "account": TEXT,
                "room_id": TEXT,
                "id": TEXT,
                "title": TEXT,
                "status": TEXT,
                "started_at": TIME,
                "ended_at": TIME,
                "held_seconds": SECONDS,
                "people": COUNT,
                "peak": COUNT,
                "occurrence_id": TEXT,
            },
        ),
        Table(
            name="attendance",
            group=("account", "room_id", "session_id"),
            columns={
                "account": TEXT,
                "room_id": TEXT,
                "session_id": TEXT,
                "role": TEXT,
                "joined_at": TIME,
                "left_at": TIME,
                "present_seconds": SECONDS,
                "known_seconds": SECONDS,
                "precision": TEXT,
            },
            ids=("id", "person", "participant_id"),
            names=("display_name", "email"),
            nested={"segments": {"joined_at": TIME, "left_at": TIME}},
        ),
        Table(
            name="participants",
            group=("account", "room_id"),
            columns={
                "account": TEXT,
                "room_id": TEXT,
                "role": TEXT,
                "status": TEXT,
                "registered_at": TIME,
                "confirmed_at": TIME,
            },
            ids=("id", "person"),
            names=("display_name", "first_name", "last_name", "email"),
        ),
        Table(
            name="recordings",
            group=("account", "room_id"),
            columns={
                "account": TEXT,
                "room_id": TEXT,
                "id": TEXT,
                "session_id": TEXT,
                "name": TEXT,
                "status": TEXT,
                "started_at": TIME,
                "recorded_seconds": SECONDS,
                "files": COUNT,
                "bytes": COUNT,
            },
        ),
        Table(
            name="problems",
            key=("id",),
            columns={
                "id": TEXT,
                "occurred_at": TIME,
                "account": TEXT,
                "room_id": TEXT,
                "session_id": TEXT,
                "operation": TEXT,
                "kind": TEXT,
                "message": TEXT,
                "retryable": FLAG,
            },
        ),
    )
}
"""All tables, by name. Times are instants in UTC, durations are seconds."""


def build_hints(table: Table, people: PeopleMode) -> dict[str, Any]:
    """Return the arguments that describe a table to dlt, new ones at each call.

    dlt writes into the mappings that it is given, so none may be shared between tables.
    """
    hints: dict[str, Any] = {
        "name": table.name,
        "columns": _build_columns(table.list_columns(people)),
        "write_disposition": "merge",
        "nested_hints": {
            name: {"columns": _build_columns(columns)} for name, columns in table.nested.items()
        },
    }
    return hints | ({"primary_key": table.key} if table.key else {"merge_key": table.group})


def _build_columns(columns: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    built: dict[str, dict[str, Any]] = {
        name: {"name": name, "data_type": kind, "nullable": True} for name, kind in columns.items()
    }
    if REMOVED in built:
        built[REMOVED]["hard_delete"] = True
    return built
