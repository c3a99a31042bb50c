"""Tables that fit a terminal without breaking an id, an address or a time; tabs in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conferencing.formatting import clean_line
from conferencing.report.tables import escape_formula

__all__ = ["Column", "fit_columns", "print_lines", "print_rows", "print_tabbed"]

GAP: Final = 2
GOOD_WIDTH: Final = 20
"""Columns that matter less are dropped before a column of text becomes narrower than this."""
MIN_WIDTH: Final = 8
"""A column of text becomes no narrower than this."""
MINOR: Final = 3
"""From which value of `Column.drop` on a column matters less than the ends of names."""


@frozen
class Column:
    """A column of a table.

    `drop`: if the table is too wide, the column with the highest number is dropped first; columns
    with 0 are always kept. A column of text can be shortened or wrapped between words; all others
    are as wide as their longest cell. `if_several`: show it only if it has different values.
    """

    name: str
    drop: int = field(default=0, kw_only=True)
    shorten: bool = field(default=False, kw_only=True)
    wrap: bool = field(default=False, kw_only=True)
    right: bool = field(default=False, kw_only=True)
    if_several: bool = field(default=False, kw_only=True)
    heading: str | None = field(default=None, kw_only=True)

    @property
    def title(self) -> str:
        """The heading, by default made of the name."""
        return self.heading or self.name.replace("_", " ")


def print_rows(
    console: Console,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    styles: Mapping[str, str] | None = None,
) -> Sequence[str]:
    """Print rows of cells: as a table that fits a terminal, else with tabs between the cells.

    `styles` maps the text of a cell to the style that it is printed in on a terminal. If a table
    leaves out too much, each row is printed as a list of its cells. Returns the names of the columns
    that are shown.
    """
    rows = [[clean_line(cell) for cell in row] for row in rows]
    titles = [column.title for column in columns]
    if not console.is_terminal:
        print_tabbed(console, (titles, *([escape_formula(cell) for cell in row] for row in rows)))
        return [column.name for column in columns]
    places = [place for place, column in enumerate(columns) if _is_shown(column, place, rows)]
    columns = [columns[place] for place in places]
    rows = [[row[place] for place in places] for row in rows]
    fitted = fit_columns(columns, rows, console.width)
    if fitted is None:
        _print_records(console, columns, rows)
        return [column.name for column in columns]
    _print_table(console, columns, rows, fitted, styles or {})
    left_out = [column.title for place, column in enumerate(columns) if place not in fitted]
    if left_out:
        note = f"Hidden, as the terminal is {console.width} characters wide: {', '.join(left_out)}."
        console.print(Text(note, "dim"), soft_wrap=True)
    return [columns[place].name for place in fitted]


def print_tabbed(console: Console, lines: Iterable[Sequence[str]]) -> None:
    """Print lines of cells with tabs between them, past rich, which would turn tabs into blanks."""
    for cells in lines:
        console.file.write("\t".join(cells) + "\n")


def print_lines(console: Console, lines: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one pair per line; a long value is not broken."""
    if not console.is_terminal:
        print_tabbed(console, lines)
        return
    width = max((cell_len(name) for name, _ in lines), default=0) + GAP
    for name, value in lines:
        padding = " " * (width - cell_len(name))
        console.print(Text(name + padding, "dim") + Text(clean_line(value), "none"), soft_wrap=True)


# ----------------------------------------------------------------------------------------- layout


def fit_columns(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], available: int
) -> dict[int, int] | None:
    """Return the places of the columns to show, with their widths.

    None if a table cannot show more than half of them in `available` cells.
    """
    cells = [[column.title, *(row[place] for row in rows)] for place, column in enumerate(columns)]
    widths = [max(map(cell_len, texts)) for texts in cells]
    # First give up columns that matter less, then the ends of names, then more columns.
    for least_of_text, least_drop in ((GOOD_WIDTH, MINOR), (MIN_WIDTH, 1)):
        least = [
            _least_width(column, width, texts, least_of_text)
            for column, width, texts in zip(columns, widths, cells, strict=True)
        ]
        kept = _drop_columns(columns, cells, least, available, least_drop)
        spare = available - _total(kept, least)
        if spare >= 0:
            return _distribute(kept, least, widths, spare) if len(kept) * 2 > len(columns) else None
    return None


def _drop_columns(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    least: Sequence[int],
    available: int,
    least_drop: int,
) -> list[int]:
    """Return the places that are left when the table fits, or when no more can be dropped."""
    kept = list(range(len(columns)))
    empty = {place for place in kept if len(cells[place]) > 1 and not any(cells[place][1:])}
    while _total(kept, least) > available:
        candidates = [place for place in kept if columns[place].drop >= least_drop]
        if not candidates:
            break
        kept.remove(max(candidates, key=lambda place: (place in empty, columns[place].drop)))
    return kept


def _total(kept: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[place] for place in kept) + GAP * (len(kept) - 1)


def _least_width(column: Column, width: int, cells: Sequence[str], least_of_text: int) -> int:
    if column.shorten:
        return min(width, max(least_of_text, cell_len(column.title)))
    if column.wrap:
        words = " ".join(cells).split()
        return min(width, max(least_of_text, *map(cell_len, words)))
    return width


def _distribute(
    kept: Sequence[int], least: Sequence[int], widths: Sequence[int], spare: int
) -> dict[int, int]:
    """Widen the columns of text, the one that lacks least first, as far as there is room."""
    fitted = {place: least[place] for place in kept}
    growing = sorted(kept, key=lambda place: widths[place] - least[place])
    for number, place in enumerate(growing):
        more = min(widths[place] - least[place], spare // (len(growing) - number))
        fitted[place] += more
        spare -= more
    return fitted


def _is_shown(column: Column, place: int, rows: Sequence[Sequence[str]]) -> bool:
    return not column.if_several or len({row[place] for row in rows}) > 1


def _print_table(
    console: Console,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    fitted: Mapping[int, int],
    styles: Mapping[str, str],
) -> None:
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for place, width in fitted.items():
        column = columns[place]
        table.add_column(
            Text(column.title),
            width=width,
            no_wrap=not column.wrap,
            overflow="ellipsis" if column.shorten else "fold",
            justify="right" if column.right else "left",
        )
    for row in rows:
        table.add_row(*(Text(row[place], styles.get(row[place], "")) for place in fitted))
    console.print(table)


def _print_records(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> None:
    for number, row in enumerate(rows):
        if number:
            console.print()
        cells = zip(columns, row, strict=True)
        print_lines(console, [(column.title, cell) for column, cell in cells if cell])
