"""Rows and tables as they are read from a file."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Row", "Table"]


@frozen(kw_only=True)
class Row:
    """One row of a table: its line in the file, counted from 1, and its cells.

    `problem` is why the row cannot be used, and `faults` why single cells cannot, by column from 0.
    """

    line: int
    cells: list[str]
    problem: str | None = None
    faults: Mapping[int, str] = field(factory=dict[int, str])

    @property
    def is_blank(self) -> bool:
        """Whether all cells are empty."""
        return not self.faults and not any(cell.strip() for cell in self.cells)

    @property
    def title(self) -> str | None:
        """The text of the first cell if all others are empty."""
        first, *others = self.cells or [""]
        return None if any(cell.strip() for cell in others) else first.strip() or None


@frozen(kw_only=True)
class Table:
    """A header and the rows below it.

    `sheet` is the workbook's sheet that was read, and `other_sheets` are those with a table that
    were not. `hidden_rows_known` is False if rows that are hidden look like all others.
    """

    header: list[str]
    rows: tuple[Row, ...]
    header_line: int
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_rows_known: bool = True
