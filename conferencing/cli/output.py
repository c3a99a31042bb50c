"""What a command has to say: once as data for `--json`, once for people."""

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

from .values import clean, flat, text

__all__ = [
    "Output",
    "emit",
    "fields",
    "plain",
    "printed",
    "say",
    "table",
    "written",
    "zone_of",
]

WIDTH = 120
"""How wide a line may be where no terminal says so."""


@frozen
class Output:
    """Hold a command's result: `data` for programs, `show` for people, and its exit code."""

    data: Any
    show: Callable[[Console], None]
    code: int = 0


def written(data: Any) -> str:
    """Write data as JSON: times in ISO 8601, whatever else is no JSON as its text."""
    return json.dumps(data, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def emit(data: Any) -> None:
    """Print one line of JSON: the envelope of a result, or of one record of many."""
    print(written({"data": data}), flush=True)  # noqa: T201


def printed(output: Output, *, as_json: bool) -> None:
    """Print it the one way or the other."""
    if as_json:
        emit(output.data)
        return
    terminal = sys.stdout.isatty()
    output.show(Console(width=None if terminal else WIDTH, highlight=False))


# ------------------------------------------------------------------------------------- for people


def say(console: Console, line: str, style: str = "") -> None:
    """Print one line as it is, however long."""
    console.print(Text(clean(line), style), soft_wrap=True)


def plain(console: Console, lines: Iterable[Sequence[str]]) -> None:
    """Print lines of cells with tabs between, which no renderer turns into blanks."""
    for cells in lines:
        console.file.write("\t".join(cells) + "\n")


def table(
    console: Console, columns: Sequence[str], rows: Iterable[Any], zone: tzinfo | None
) -> None:
    """Print attributes of values: a table on a terminal, else lines of cells with tabs between.

    Times are in the zone, else in each value's own `timezone`, else in the local one.
    """
    cells = [_cells(one, columns, zone) for one in rows]
    titles = [name.replace("_", " ") for name in columns]
    if not console.is_terminal:
        plain(console, (titles, *cells))
        return
    shown = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for line in cells:
        shown.add_row(*(Text(cell or "-", overflow="fold") for cell in line))
    console.print(shown if cells else Text("There are none.", "dim"))


def zone_of(value: Any) -> tzinfo | None:
    """Return the zone that a value was planned in, or None for the local one."""
    try:
        return ZoneInfo(getattr(value, "timezone", None) or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _cells(value: Any, columns: Sequence[str], zone: tzinfo | None) -> list[str]:
    where = zone or zone_of(value)
    return [text(getattr(value, name), where) for name in columns]


def fields(console: Console, value: Any, zone: tzinfo | None) -> None:
    """Print what is known of one value, a line for each field."""
    where = zone or zone_of(value)
    lines = [(name.replace("_", " "), text(one, where)) for name, one in flat(value)]
    if not console.is_terminal:
        plain(console, lines)
        return
    shown = Table(show_header=False, box=None, pad_edge=False)
    for name, one in lines:
        shown.add_row(Text(name, "dim"), Text(one, overflow="fold"))
    console.print(shown)
