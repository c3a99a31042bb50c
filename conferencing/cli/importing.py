"""An import of people: the run with its bar, its rehearsal, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from rich.console import Console

from conferencing.bulk.result import BulkResult, BulkRow, Outcome
from conferencing.bulk.roster import Roster, read_roster
from conferencing.conference import Conference

from .options import WriteOptions
from .output import Output, say, table
from .progress import bar
from .rehearsal import DryRunStop
from .work import PARTLY, perform

__all__ = ["Import"]

SETTLED: Final = frozenset({Outcome.REGISTERED, Outcome.EXISTED})


@frozen
class Line:
    """Hold what is told of one row."""

    line: int
    email: str | None
    outcome: Outcome
    reason: str | None

    @property
    def through(self) -> bool:
        """Whether this person is registered now."""
        return self.outcome in SETTLED


@frozen(kw_only=True)
class Import:
    """Bring the people of a file into a room."""

    file: Path
    room: str
    journal: Path
    settle: float
    fields: Mapping[str, str]
    confirmation: bool | None
    language: str | None

    def perform(self, at: WriteOptions) -> Output | None:
        """Do it, or rehearse it; an interrupt says how to go on."""
        roster = read_roster(self.file, self.fields)
        settled: set[int] = set()

        async def work(conference: Conference) -> Output:
            if at.dry_run:
                return await self._rehearse(conference, roster)
            return await self._run(conference, roster, settled, hide_texts=at.json)

        try:
            return perform(at, work)
        except KeyboardInterrupt:
            pass
        raise KeyboardInterrupt(
            f"interrupted; {len(settled)} of {len(roster.entries)} rows are settled."
            f" Run the same command again to go on: {self.journal} knows how far it came"
        )

    async def _run(
        self, conference: Conference, roster: Roster, settled: set[int], *, hide_texts: bool
    ) -> Output:
        with bar("Registering", len(roster.entries), hide_texts=hide_texts) as progress:

            def on_row(row: BulkRow) -> None:
                settled.add(row.number)
                progress(len(settled))

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
        return self._output(result, roster)

    async def _rehearse(self, conference: Conference, roster: Roster) -> Output:
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
        lines = [
            Line(bad.number, None, Outcome.EXISTED if bad.key else Outcome.REFUSED, bad.problem)
            for bad in roster.bad
        ]
        return Output(
            {"rows": [_data(one) for one in lines]},
            lambda console: _show_left(console, lines),
            PARTLY if any(not one.through for one in lines) else 0,
        )

    def _output(self, result: BulkResult, roster: Roster) -> Output:
        lines = [_line(row) for row in result.rows]
        left = [one for one in lines if not one.through]
        data = {
            "counts": {outcome.value: number for outcome, number in result.counts.items()},
            "complete": result.complete,
            "stopped": result.stopped,
            "journal": str(self.journal),
            "ignored_columns": roster.ignored,
            "rows": [_data(one) for one in lines],
        }

        def show(console: Console) -> None:
            counted = (f"{number} {_words(one)}" for one, number in result.counts.items() if number)
            say(console, f"{', '.join(counted) or 'Nobody is in the file'}.")
            if roster.ignored:
                say(console, f"Columns that were not used: {', '.join(roster.ignored)}.")
            _show_left(console, left)
            if result.stopped:
                say(console, f"It stopped early: {result.stopped}", "red")
            if not result.complete:
                say(console, f"Run the same command again to go on: {self.journal} knows the rest.")

        return Output(data, show, PARTLY if left else 0)


def _line(row: BulkRow) -> Line:
    return Line(row.number, row.person.email if row.person else None, row.outcome, row.reason)


def _data(line: Line) -> dict[str, Any]:
    return {
        "line": line.line,
        "email": line.email,
        "outcome": line.outcome.value,
        "reason": line.reason,
    }


def _show_left(console: Console, lines: Sequence[Line]) -> None:
    if lines:
        table(console, ("line", "email", "outcome", "reason"), lines, None)


def _words(outcome: Outcome) -> str:
    return outcome.value.replace("-", " ")
