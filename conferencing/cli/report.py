"""`conferencing report`: write an attendance report to files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen
from cyclopts import Parameter
from rich.console import Console

from conferencing.conference import Conference
from conferencing.model.attendance import MergedBy
from conferencing.report import collect_report, write_reports
from conferencing.report.write import check_outputs

from .options import COMMON, CommonOptions, Time, resolve_time
from .output import Output, print_line
from .runner import run

__all__ = ["report"]


@Parameter(name="*")
@frozen(kw_only=True)
class Selection:
    """What the report is about."""

    session: list[str] | None = None
    "Report on this session only. Can be repeated."

    since: Time | None = None
    "Report on sessions that started at this time or later, like 2026-10-01T00:00+02:00."

    until: Time | None = None
    "Report on sessions that started before this time."

    by: list[Literal["registration", "email", "name"]] | None = None
    "What identifies a person across sessions (default: registration and email)."

    at_least: str | None = None
    "Mark who was present for this share of the sessions or this time, like 80% or 45m."


@Parameter(name="*")
@frozen(kw_only=True)
class Format:
    """How the report is written."""

    language: Literal["en", "pl", "sr", "de", "ar"] | None = None
    "Language of the texts (default: en, but a .csv has untranslated column names, for programs)."

    csv_dialect: Literal["excel", "excel-pl", "excel-sr", "excel-de", "unix"] | None = None
    "Separator and decimal mark of a .csv (default: excel: comma and point)."

    replace: bool = False
    "Overwrite existing files."


ALL = Selection()
PLAIN = Format()


def report(
    room: str,
    /,
    *,
    to: list[Path],
    selection: Selection = ALL,
    form: Format = PLAIN,
    options: CommonOptions = COMMON,
) -> Output | None:
    """Write an attendance report for all sessions of a room, or for some of them.

    Parameters
    ----------
    room
        Room id.
    to
        File to write: .html, .pdf, .csv, .xlsx, .json or .parquet. Can be repeated.
    """
    check_outputs(
        to,
        language=form.language,
        csv_dialect=form.csv_dialect,
        replace=form.replace,
        field="to",
    )
    since = resolve_time(selection.since, options.timezone, "--since")
    until = resolve_time(selection.until, options.timezone, "--until")

    async def work(conference: Conference) -> Output:
        attendance = await collect_report(
            conference,
            room,
            selection.session,
            since=since,
            until=until,
            timezone=options.timezone.key if options.timezone else None,
            by=[MergedBy(key) for key in selection.by or ("registration", "email")],
            at_least=selection.at_least,
        )
        written = write_reports(
            attendance,
            to,
            language=form.language,
            csv_dialect=form.csv_dialect,
            replace=form.replace,
        )
        files = [str(path) for path in written]

        def show(console: Console) -> None:
            for path in files:
                print_line(console, f"Wrote {path}.")

        return Output({"files": files, "summary": attendance.summary}, show)

    return run(options, work)
