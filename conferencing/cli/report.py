"""`conferencing report`: write an attendance report to files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.console import Console

from conferencing.conference import Conference
from conferencing.files import check_target
from conferencing.model.attendance import MergedBy
from conferencing.report import collect_report, write_report
from conferencing.report.write import check_suffix

from .options import COMMON, CommonOptions
from .output import Output, print_line
from .runner import run

__all__ = ["report"]


def report(
    room: str,
    /,
    *,
    to: list[Path],
    session: str | None = None,
    by: list[Literal["registration", "email", "name"]] | None = None,
    replace: bool = False,
    options: CommonOptions = COMMON,
) -> Output | None:
    """Write an attendance report for all sessions of a room, or for one session.

    Parameters
    ----------
    room
        Room id.
    to
        File to write: .html, .pdf, .csv, .xlsx, .json or .parquet. Can be repeated.
    session
        Report on this session only.
    by
        What identifies a person across sessions (default: registration and email).
    replace
        Overwrite existing files.
    """
    for path in to:
        check_suffix(path)
        check_target(path, replace=replace, field="to")
    zone = options.timezone.key if options.timezone else None
    merge_by = [MergedBy(key) for key in by or ("registration", "email")]

    async def work(conference: Conference) -> Output:
        attendance = await collect_report(conference, room, session, timezone=zone, by=merge_by)
        files = [str(write_report(attendance, path, replace=replace)) for path in to]
        data = {"files": files, "summary": attendance.summary}

        def show(console: Console) -> None:
            for path in files:
                print_line(console, f"Wrote {path}.")

        return Output(data, show)

    return run(options, work)
