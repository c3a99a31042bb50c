"""The import of people: the run with its progress bar, the dry run, and the result of each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from rich.console import Console

from conferencing.bulk.result import BulkResult, BulkRow, Outcome
from conferencing.bulk.roster import Roster, read_roster
from conferencing.conference import Conference

from .dry_run import DryRunStop
from .errors import PARTLY, strip_operation
from .options import WriteOptions
from .output import Output, print_line, print_note, print_table
from .progress import progress_bar
from .runner import run
from .tables import Column

__all__ = ["PeopleImport"]

SUCCESSES: Final = frozenset({Outcome.REGISTERED, Outcome.EXISTED})

LABELS: Final[Mapping[Outcome, str]] = {
    Outcome.REGISTERED: "registered",
    Outcome.EXISTED: "already registered",
    Outcome.REFUSED: "refused",
    Outcome.CONFLICT: "with the address of another person",
    Outcome.UNSENT: "not sent",
    Outcome.IN_DOUBT: "in doubt",
}
DRY_RUN_LABELS: Final[Mapping[Outcome, str]] = {**LABELS, Outcome.UNSENT: "would be registered"}

COLUMNS: Final = (
    Column("line", right=True),
    Column("email", drop=1),
    Column("outcome"),
    Column("reason", wrap=True),
)


@frozen
class RowResult:
    """The result of one row, as it is printed."""

    line: int
    email: str | None
    outcome: Outcome
    reason: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "line": self.line,
            "email": self.email,
            "outcome": self.outcome.value,
            "reason": self.reason,
        }


@frozen(kw_only=True)
class PeopleImport:
    """An import of the people of a file into a room."""

    file: Path
    room: str
    journal: Path
    settle: float
    fields: Mapping[str, str]
    columns: Mapping[str, str]
    header_line: int | None
    sheet: str | None
    encoding: str | None
    confirmation: bool | None
    language: str | None

    def run(self, options: WriteOptions) -> Output | None:
        """Import, or only check with `--dry-run`. An interrupt says how to continue."""
        roster = read_roster(
            self.file,
            self.fields,
            columns=self.columns,
            header_line=self.header_line,
            sheet=self.sheet,
            encoding=self.encoding,
        )
        if not options.json:
            _print_reading(roster)
        finished: set[int] = set()

        async def work(conference: Conference) -> Output:
            if options.dry_run:
                return await self._check(conference, roster)
            return await self._register(conference, roster, finished, hide_bar=options.json)

        try:
            return run(options, work)
        except KeyboardInterrupt:
            pass
        raise KeyboardInterrupt(
            f"interrupted after {len(finished)} of {len(roster.entries)} rows;"
            f" run the same command again to continue (progress is in {self.journal})"
        )

    async def _register(
        self, conference: Conference, roster: Roster, finished: set[int], *, hide_bar: bool
    ) -> Output:
        with progress_bar("Registering", len(roster.entries), hide=hide_bar) as progress:

            def on_row(row: BulkRow) -> None:
                finished.add(row.number)
                progress(len(finished))

            result = await self._register_many(conference, roster, on_row=on_row)
        return self._build_result_output(result, roster, succeeded=SUCCESSES)

    async def _check(self, conference: Conference, roster: Roster) -> Output:
        """Make all checks, and record the calls that would be made."""
        result = await self._register_many(conference, roster, dry_run=True)
        entries = {entry.number: entry for entry in roster.entries}
        for row in result.rows:
            if row.outcome is Outcome.UNSENT and row.person is not None:
                with suppress(DryRunStop):
                    await conference.register(
                        self.room,
                        row.person,
                        fields=entries[row.number].fields,
                        confirmation=self.confirmation,
                        language=self.language,
                    )
        return self._build_result_output(result, roster, succeeded=SUCCESSES | {Outcome.UNSENT})

    async def _register_many(
        self,
        conference: Conference,
        roster: Roster,
        *,
        dry_run: bool = False,
        on_row: Callable[[BulkRow], None] | None = None,
    ) -> BulkResult:
        return await conference.register_many(
            self.room,
            roster,
            journal=self.journal,
            settle=self.settle,
            confirmation=self.confirmation,
            language=self.language,
            dry_run=dry_run,
            on_row=on_row,
        )

    def _build_result_output(
        self, result: BulkResult, roster: Roster, *, succeeded: frozenset[Outcome]
    ) -> Output:
        is_dry_run = Outcome.UNSENT in succeeded
        shown = [row for row in result.rows if row.outcome not in succeeded or _is_other(row)]
        data = {
            "counts": {outcome.value: number for outcome, number in result.counts.items()},
            "complete": result.complete,
            "stopped": result.stopped,
            "journal": str(self.journal),
            "columns": _describe_columns(roster),
            "rows": [_to_row_result(row).to_json() for row in result.rows],
        }

        def show(console: Console) -> None:
            print_line(console, f"{_format_counts(result, is_dry_run=is_dry_run)}.")
            _print_rows(console, [_to_row_result(row) for row in shown])
            if result.stopped:
                print_line(console, f"Stopped early: {result.stopped}", "red")
            if not result.complete and not is_dry_run:
                print_line(
                    console,
                    f"Run the same command again to continue (progress is in {self.journal}).",
                )

        failed = any(row.outcome not in succeeded for row in result.rows)
        return Output(data, show, PARTLY if failed else 0)


def _is_other(row: BulkRow) -> bool:
    """Return whether the address is registered for another person than the list names."""
    return row.outcome is Outcome.EXISTED and row.participant is not None and bool(row.reason)


def _describe_columns(roster: Roster) -> dict[str, Any]:
    return {
        "recognized": roster.columns.recognized,
        "answers": roster.columns.answers,
        "ignored": roster.columns.ignored,
        "sheet": roster.sheet,
        "other_sheets": roster.other_sheets,
        "hidden_rows_known": roster.hidden_rows_known,
    }


def _print_reading(roster: Roster) -> None:
    """Say before anything is sent what of the file is used, unless it is all of it."""
    if roster.sheet and roster.other_sheets:
        others = ", ".join(map(repr, roster.other_sheets))
        print_note(f"sheet {roster.sheet!r} was read, and not {others} (--sheet selects one)")
    if not roster.hidden_rows_known:
        print_note("hidden rows of this workbook are read too; save it as .xlsx to refuse them")
    if roster.columns.ignored:
        print_note(f"unused columns: {', '.join(roster.columns.ignored)}")


def _format_counts(result: BulkResult, *, is_dry_run: bool) -> str:
    labels = DRY_RUN_LABELS if is_dry_run else LABELS
    counts = [f"{number} {labels[outcome]}" for outcome, number in result.counts.items() if number]
    return ", ".join(counts) or "The file lists nobody"


def _to_row_result(row: BulkRow) -> RowResult:
    email = row.email or (row.person.email if row.person else None)
    reason = None if row.reason is None else strip_operation(row.reason)
    return RowResult(row.number, email, row.outcome, reason)


def _print_rows(console: Console, rows: Sequence[RowResult]) -> None:
    if rows:
        print_table(console, COLUMNS, rows)
