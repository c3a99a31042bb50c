"""The import of people: the run with its progress bar, the dry run, and the result of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from rich.console import Console

from conferencing.bulk.result import BulkResult, BulkRow, Outcome
from conferencing.bulk.roster import Roster, read_roster
from conferencing.conference import Conference

from .dry_run import DryRunStop
from .errors import PARTLY
from .options import WriteOptions
from .output import Output, print_line, print_table
from .progress import progress_bar
from .runner import run
from .tables import Column

__all__ = ["PeopleImport"]

SUCCESSES: Final = frozenset({Outcome.REGISTERED, Outcome.EXISTED})


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

    @property
    def succeeded(self) -> bool:
        """Whether this person is registered now."""
        return self.outcome in SUCCESSES

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
    confirmation: bool | None
    language: str | None

    def run(self, options: WriteOptions) -> Output | None:
        """Import, or only check with `--dry-run`. An interrupt says how to continue."""
        roster = read_roster(self.file, self.fields)
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

            result = await conference.register_many(
                self.room,
                self.file,
                journal=self.journal,
                settle=self.settle,
                fields=self.fields,
                confirmation=self.confirmation,
                language=self.language,
                on_row=on_row,
            )
        return self._result_output(result, roster)

    async def _check(self, conference: Conference, roster: Roster) -> Output:
        for entry in roster.entries:
            try:
                if entry.person is not None:
                    await conference.register(
                        self.room,
                        entry.person,
                        fields=entry.fields,
                        confirmation=self.confirmation,
                        language=self.language,
                    )
            except DryRunStop:
                continue
        rows = [
            RowResult(
                row.number, None, Outcome.EXISTED if row.key else Outcome.REFUSED, row.problem
            )
            for row in roster.bad
        ]
        return Output(
            {"rows": [row.to_json() for row in rows]},
            lambda console: _print_rows(console, rows),
            PARTLY if any(not row.succeeded for row in rows) else 0,
        )

    def _result_output(self, result: BulkResult, roster: Roster) -> Output:
        rows = [_to_row_result(row) for row in result.rows]
        failed = [row for row in rows if not row.succeeded]
        data = {
            "counts": {outcome.value: number for outcome, number in result.counts.items()},
            "complete": result.complete,
            "stopped": result.stopped,
            "journal": str(self.journal),
            "ignored_columns": roster.ignored,
            "rows": [row.to_json() for row in rows],
        }

        def show(console: Console) -> None:
            counts = (
                f"{number} {_label(outcome)}" for outcome, number in result.counts.items() if number
            )
            print_line(console, f"{', '.join(counts) or 'The file lists nobody'}.")
            if roster.ignored:
                print_line(console, f"Unused columns: {', '.join(roster.ignored)}.")
            _print_rows(console, failed)
            if result.stopped:
                print_line(console, f"Stopped early: {result.stopped}", "red")
            if not result.complete:
                print_line(
                    console,
                    f"Run the same command again to continue (progress is in {self.journal}).",
                )

        return Output(data, show, PARTLY if failed else 0)


def _to_row_result(row: BulkRow) -> RowResult:
    return RowResult(row.number, row.person.email if row.person else None, row.outcome, row.reason)


def _print_rows(console: Console, rows: Sequence[RowResult]) -> None:
    if rows:
        print_table(console, COLUMNS, rows)


def _label(outcome: Outcome) -> str:
    return outcome.value.replace("-", " ")
