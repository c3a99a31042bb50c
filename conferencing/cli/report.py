"""`conferencing report`: who was there and who was not, as a file that people open."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.console import Console

from conferencing.conference import Conference
from conferencing.model.attendance import MergedBy
from conferencing.report import collect_report, write_report
from conferencing.report.write import check_suffix

from .options import READ, CommonOptions, Usage
from .output import Output, say
from .values import told
from .work import perform

__all__ = ["report"]


def report(
    room: str,
    /,
    *,
    to: list[Path],
    session: str | None = None,
    by: list[Literal["registration", "email", "name"]] | None = None,
    replace: bool = False,
    at: CommonOptions = READ,
) -> Output | None:
    """Write a report of who was there: over all sessions of a room, or of one.

    Parameters
    ----------
    room
        The id of the room.
    to
        The file, as .html, .pdf, .csv, .xlsx, .json or .parquet; may be given several times.
    session
        The id of a session, to report on it alone.
    by
        What makes two entries one person; registration and email if nothing is said.
    replace
        Overwrite files that are there already.
    """
    for path in to:
        check_suffix(path)
        if path.exists() and not replace:
            raise Usage(f"{path} is there already (--replace overwrites it)")
    zone = at.timezone.key if at.timezone else None
    same = [MergedBy(one) for one in by or ("registration", "email")]

    async def work(conference: Conference) -> Output:
        found = await collect_report(conference, room, session, timezone=zone, by=same)
        files = [str(write_report(found, path, replace=replace)) for path in to]
        data = {"files": files, "summary": told(found.summary)}

        def show(console: Console) -> None:
            for path in files:
                say(console, f"{path} is written.")

        return Output(data, show)

    return perform(at, work)
