"""Print what a command returns: as JSON for programs, or as text for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conferencing.formatting import clean_line

from .values import flatten, format_value

__all__ = [
    "Output",
    "encode",
    "find_zone",
    "print_fields",
    "print_line",
    "print_output",
    "print_record",
    "print_tabbed",
    "print_table",
]

PIPE_WIDTH = 120
"""How wide a line may be if the output is not a terminal."""


@frozen
class Output:
    """The result of a command: `data` for programs, `show` for people, and the exit code."""

    data: Any
    show: Callable[[Console], None]
    code: int = 0


def encode(data: Any) -> str:
    """Return data as JSON: times in ISO 8601, any other type as its string."""
    return json.dumps(data, default=_to_string, ensure_ascii=False)


def _to_string(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_record(data: Any) -> None:
    """Print one line of JSON: a result, or one record of a listing, as `{"data": …}`."""
    print(encode({"data": data}), flush=True)  # noqa: T201


def print_output(output: Output, *, as_json: bool) -> None:
    """Print the output as JSON or as text."""
    if as_json:
        print_record(output.data)
        return
    terminal = sys.stdout.isatty()
    output.show(Console(width=None if terminal else PIPE_WIDTH, highlight=False))


# ------------------------------------------------------------------------------------- for people


def print_line(console: Console, line: str, style: str = "") -> None:
    """Print one line without wrapping it."""
    console.print(Text(clean_line(line), style), soft_wrap=True)


def print_tabbed(console: Console, lines: Iterable[Sequence[str]]) -> None:
    """Print lines of cells with tabs between them, past rich, which would turn tabs into blanks."""
    for cells in lines:
        console.file.write("\t".join(cells) + "\n")


def print_table(
    console: Console, columns: Sequence[str], rows: Iterable[Any], zone: tzinfo | None
) -> None:
    """Print attributes of values: as a table on a terminal, else as tab-separated lines.

    Times are in `zone`, else in each value's own `timezone`, else in the local one.
    """
    cells = [_format_cells(row, columns, zone) for row in rows]
    titles = [name.replace("_", " ") for name in columns]
    if not console.is_terminal:
        print_tabbed(console, (titles, *cells))
        return
    table = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for line in cells:
        table.add_row(*(Text(cell or "-", overflow="fold") for cell in line))
    console.print(table if cells else Text("No results.", "dim"))


def find_zone(value: Any) -> tzinfo | None:
    """Return the zone of the value's attribute `timezone`, or None if it has none."""
    try:
        return ZoneInfo(getattr(value, "timezone", None) or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _format_cells(value: Any, columns: Sequence[str], zone: tzinfo | None) -> list[str]:
    shown_in = zone or find_zone(value)
    return [format_value(getattr(value, name), shown_in) for name in columns]


def print_fields(console: Console, value: Any, zone: tzinfo | None) -> None:
    """Print the fields of one value that are set, one per line."""
    shown_in = zone or find_zone(value)
    lines = [
        (name.replace("_", " "), format_value(part, shown_in)) for name, part in flatten(value)
    ]
    if not console.is_terminal:
        print_tabbed(console, lines)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, text in lines:
        table.add_row(Text(name, "dim"), Text(text, overflow="fold"))
    console.print(table)
