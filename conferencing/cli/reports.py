"""`conferencing reports`: the reports that a provider makes of a session."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from conferencing.conference import Conference
from conferencing.model import Report

from .options import MAKE, READ, CommonOptions, CreateOptions
from .output import Output, fields, plain, say
from .progress import bar
from .values import told
from .work import perform

__all__ = ["create", "get"]


def create(
    session: str,
    /,
    *,
    language: str = "en",
    kind: str = "pdf",
    to: Path | None = None,
    replace: bool = False,
    at: CreateOptions = MAKE,
) -> Output | None:
    """Order a report of a session. With `--to`, wait until it is ready and save it.

    Parameters
    ----------
    session
        Its id.
    language
        In which language, like en.
    kind
        Of which kind.
    to
        The file to save it in.
    replace
        Overwrite a file that is there already.
    """

    async def work(conference: Conference) -> Output:
        report = await conference.create_report(session, kind=kind, language=language)
        return await _finished(conference, report, to, at, replace=replace)

    return perform(at, work)


def get(
    report: str, /, *, to: Path | None = None, replace: bool = False, at: CommonOptions = READ
) -> Output | None:
    """Show how far a report is. With `--to`, wait until it is ready and save it.

    Parameters
    ----------
    report
        Its id.
    to
        The file to save it in.
    replace
        Overwrite a file that is there already.
    """

    async def work(conference: Conference) -> Output:
        return await _finished(
            conference, await conference.get_report(report), to, at, replace=replace
        )

    return perform(at, work)


async def _finished(
    conference: Conference, report: Report, to: Path | None, at: CommonOptions, *, replace: bool
) -> Output:
    if to is None:
        return _shown(report, at)
    ready = await conference.wait_for_report(report)
    size = ready.file.size if ready.file else None
    with bar(to.name, size, hide_texts=at.json, of_bytes=True) as progress:
        path = await conference.download(ready, to, replace=replace, progress=progress)
    return Output(
        {**told(ready), "path": str(path)}, lambda console: say(console, f"{path} is saved.")
    )


def _shown(report: Report, at: CommonOptions) -> Output:
    def show(console: Console) -> None:
        if isinstance(at, CreateOptions) and at.quiet:
            plain(console, [[report.id]])
        else:
            fields(console, report, at.timezone)

    return Output(told(report), show)
