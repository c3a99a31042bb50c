"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from conferencing.formatting import clean_line

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(
    title: str, total: int | None, *, hide: bool, in_bytes: bool = False
) -> Generator[Callable[[int], None]]:
    """Yield a function that takes how much of `total` is done. The bar is drawn on stderr."""
    console = Console(stderr=True)
    if hide or not console.is_terminal:
        yield lambda _: None
        return
    amount = DownloadColumn() if in_bytes else MofNCompleteColumn()
    description = TextColumn("{task.description}", markup=False)
    with Progress(
        description, BarColumn(), amount, TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        task = progress.add_task(clean_line(title), total=total)
        yield lambda done: progress.update(task, completed=done)
