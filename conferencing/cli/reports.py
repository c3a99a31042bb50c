"""`conferencing reports`: reports that the provider makes of a session."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from conferencing.conference import Conference
from conferencing.files import check_target
from conferencing.model import Report
from conferencing.serialization import to_dict

from .options import COMMON, CREATE, CommonOptions, CreateOptions
from .output import Output, print_fields, print_line
from .progress import progress_bar
from .runner import run
from .tables import print_tabbed

__all__ = ["create", "get"]


def create(
    session: str,
    /,
    *,
    language: str = "en",
    kind: str = "pdf",
    to: Path | None = None,
    replace: bool = False,
    options: CreateOptions = CREATE,
) -> Output | None:
    """Request a report of a session from the provider. With --to, wait for it and save it.

    Parameters
    ----------
    session
        Session id.
    language
        Language of the report, like en.
    kind
        Kind of report.
    to
        File to save it in.
    replace
        Overwrite an existing file.
    """
    if to is not None:
        check_target(to, replace=replace, field="to")

    async def work(conference: Conference) -> Output:
        report = await conference.create_report(session, kind=kind, language=language)
        return await _finish(conference, report, to, options, replace=replace)

    return run(options, work)


def get(
    report: str,
    /,
    *,
    to: Path | None = None,
    replace: bool = False,
    options: CommonOptions = COMMON,
) -> Output | None:
    """Show the state of a report. With --to, wait for it and save it.

    Parameters
    ----------
    report
        Report id.
    to
        File to save it in.
    replace
        Overwrite an existing file.
    """
    if to is not None:
        check_target(to, replace=replace, field="to")

    async def work(conference: Conference) -> Output:
        current = await conference.get_report(report)
        return await _finish(conference, current, to, options, replace=replace)

    return run(options, work)


async def _finish(
    conference: Conference,
    report: Report,
    to: Path | None,
    options: CommonOptions,
    *,
    replace: bool,
) -> Output:
    if to is None:
        return _build_report_output(report, options)
    ready = await conference.wait_for_report(report, every=1.0)
    size = ready.file.size if ready.file else None
    with progress_bar(to.name, size, hide=options.json, in_bytes=True) as progress:
        path = await conference.download(ready, to, replace=replace, progress=progress)
    data = {**to_dict(ready), "path": str(path)}
    return Output(data, lambda console: print_line(console, f"Saved {path}."))


def _build_report_output(report: Report, options: CommonOptions) -> Output:
    def show(console: Console) -> None:
        if isinstance(options, CreateOptions) and options.quiet:
            print_tabbed(console, [[report.id]])
        else:
            print_fields(console, report, options.timezone)

    return Output(report, show)
