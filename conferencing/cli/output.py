"""Print what a command returns: as JSON for programs, or as text for people."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from attrs import frozen
from rich.console import Console
from rich.text import Text

from conferencing.errors import ConferencingError
from conferencing.formatting import clean_line
from conferencing.serialization import to_json

from .tables import Column, print_lines, print_rows
from .values import flatten, format_value
from .zones import RoomZones, describe_zone

__all__ = [
    "Output",
    "encode",
    "print_fields",
    "print_line",
    "print_note",
    "print_output",
    "print_record",
    "print_table",
]

PIPE_WIDTH: Final = 120
"""How wide a line of help or of a table is if the output is not a terminal."""

# Control characters, line ends and marks that change the direction of writing: a terminal obeys
# them in JSON too. All of them occur in strings only, where an escape is the same.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_ASCII: Final = re.compile("[^\x00-\x7e]")


@frozen
class Output:
    """The result of a command: `data` for programs, `show` for people, and the exit code.

    With `error`, the command failed but has something to show; the error is reported after it.
    """

    data: Any
    show: Callable[[Console], None]
    code: int = 0
    error: ConferencingError | None = None


# ---------------------------------------------------------------------------------- for programs


def encode(data: Any, encoding: str | None = None) -> str:
    """Return models and plain data as JSON on one line, in the form of `conferencing.to_json`.

    RFC 8259 wants UTF-8. Where the output has another encoding, such as a code page of Windows,
    everything beyond ASCII is escaped, which any reader of JSON understands.
    """
    text = to_json(data)
    name = (encoding or sys.stdout.encoding or "ascii").lower().replace("_", "-")
    return (_UNSAFE if name in {"utf-8", "utf8"} else _NOT_ASCII).sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


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


# ------------------------------------------------------------------------------------ for people


def print_line(console: Console, line: str, style: str = "") -> None:
    """Print one line without wrapping it."""
    console.print(Text(clean_line(line), style), soft_wrap=True)


def print_note(text: str) -> None:
    """Print a note on standard error."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text(f"note: {clean_line(text)}", "dim"))


def print_table(
    console: Console,
    columns: Sequence[Column],
    records: Sequence[Any],
    zones: RoomZones | None = None,
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print attributes of records as a table; on a terminal, the zone of all times is named once."""
    zones = zones or RoomZones()
    if console.is_terminal and not records:
        console.print(Text("No results.", "dim"))
        return
    values = [[getattr(record, column.name) for column in columns] for record in records]
    used = [zones.find(record) for record in records]
    # One zone for all: without offsets, the times of a terminal's table are easier to read.
    shared = console.is_terminal and len({describe_zone(zone) for zone in used}) == 1
    rows = [
        [format_value(value, zone, with_offset=not shared) for value in row]
        for row, zone in zip(values, used, strict=True)
    ]
    shown = print_rows(console, columns, rows, styles)
    if shared and any(
        isinstance(value, datetime) and column.name in shown
        for row in values
        for column, value in zip(columns, row, strict=True)
    ):
        console.print(Text(f"Times are in {describe_zone(used[0])}.", "dim"))


def print_fields(console: Console, value: Any, zone: tzinfo | None) -> None:
    """Print the fields of one value that are set, one per line."""
    shown_in = RoomZones(explicit=zone).find(value)
    print_lines(
        console,
        [(name.replace("_", " "), format_value(part, shown_in)) for name, part in flatten(value)],
    )
