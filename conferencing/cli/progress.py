"""How far something has come: a bar on a terminal, and nothing anywhere else."""

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

from .values import clean

__all__ = ["bar"]


@contextmanager
def bar(
    title: str, total: int | None, *, hide_texts: bool, of_bytes: bool = False
) -> Generator[Callable[[int], None]]:
    """Give a function that is told how much of `total` is done. It stands on standard error."""
    console = Console(stderr=True)
    if hide_texts or not console.is_terminal:
        yield lambda _: None
        return
    amount = DownloadColumn() if of_bytes else MofNCompleteColumn()
    words = TextColumn("{task.description}", markup=False)
    with Progress(
        words, BarColumn(), amount, TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        task = progress.add_task(clean(title), total=total)
        yield lambda done: progress.update(task, completed=done)
