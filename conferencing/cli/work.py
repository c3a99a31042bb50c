"""From a command's arguments to one call of the API, and from what it gives to an `Output`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from attrs import frozen
from rich.console import Console

from conferencing.client.listing import Listing as Records
from conferencing.conference import Conference, connect
from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    ConfigurationError,
    UnsupportedOperation,
)

from .options import CommonOptions, CreateOptions, Listing, WriteOptions
from .output import Output, emit, fields, plain, say, table
from .rehearsal import DryRunStop, Rehearsal, planned
from .values import told

__all__ = ["FAILED", "PARTLY", "deleted", "done", "listed", "perform", "shown"]

T = TypeVar("T")

FAILED: Final = 1
PARTLY: Final = 3
"""The exit code for what was done in part."""

_FOR_ALL: Final = (AuthenticationFailed, ConfigurationError, UnsupportedOperation)


def perform(
    at: CommonOptions, work: Callable[[Conference], Awaitable[Output | None]]
) -> Output | None:
    """Do the work on the account that is meant; with `--dry-run`, rehearse it."""
    return asyncio.run(_performed(at, work))


async def _performed(
    at: CommonOptions, work: Callable[[Conference], Awaitable[Output | None]]
) -> Output | None:
    async with connect(at.account, config=at.config, app="conferencing-cli") as conference:
        if not (isinstance(at, WriteOptions) and at.dry_run):
            return await work(conference)
        rehearsal, beside = Rehearsal(conference.provider), None
        with suppress(DryRunStop):
            beside = await work(rehearsal.conference)
        return planned(rehearsal, beside)


# ------------------------------------------------------------------------------------ one value


def shown(at: CommonOptions, call: Callable[[Conference], Awaitable[Any]]) -> Output | None:
    """Show the one value that the call gives; with `--quiet`, its id."""

    async def work(conference: Conference) -> Output:
        value = await call(conference)
        if isinstance(at, CreateOptions) and at.quiet:
            return Output(told(value), lambda console: plain(console, [[value.id]]))
        return Output(told(value), lambda console: fields(console, value, at.timezone))

    return perform(at, work)


def done(
    at: CommonOptions, call: Callable[[Conference], Awaitable[None]], sentence: str
) -> Output | None:
    """Do what gives nothing back, and say so."""

    async def work(conference: Conference) -> Output:
        await call(conference)
        return Output({"done": True}, lambda console: say(console, sentence))

    return perform(at, work)


# ------------------------------------------------------------------------------------ many values


def listed(
    at: Listing,
    call: Callable[[Conference], Records[T]],
    columns: Sequence[str],
    tell: Callable[[T], Any] = told,
) -> Output | None:
    """List what the call gives: as JSON line by line while it comes, for people in a table."""

    async def work(conference: Conference) -> Output | None:
        if not at.json:
            rows = await call(conference).collect()
            return Output(None, lambda console: _show(console, at, columns, rows))
        async for one in call(conference):
            emit(tell(one))
        return None

    return perform(at, work)


def _show(console: Console, at: Listing, columns: Sequence[str], rows: Sequence[Any]) -> None:
    if at.quiet:
        plain(console, [[one.id] for one in rows if one.id])
    else:
        table(console, columns, rows, at.timezone)


# --------------------------------------------------------------------------------------- deleting


@frozen
class Failure:
    """Say of one thing why it is still there."""

    id: str
    reason: str


def deleted(
    at: WriteOptions,
    ids: Sequence[str],
    call: Callable[[Conference, str], Awaitable[None]],
    what: str,
) -> Output | None:
    """Delete one after another: what fails stops no other, and is told in the end."""

    async def work(conference: Conference) -> Output | None:
        gone: list[str] = []
        failures: list[Failure] = []
        for one in ids:
            try:
                await call(conference, one)
                gone.append(one)
            except DryRunStop:
                continue
            except ConferencingError as error:
                if len(ids) == 1 or isinstance(error, _FOR_ALL):
                    raise
                failures.append(Failure(one, str(error)))
        return _outcome(what, gone, failures) if gone or failures else None

    return perform(at, work)


def _outcome(what: str, gone: Sequence[str], failures: Sequence[Failure]) -> Output:
    def show(console: Console) -> None:
        for one in gone:
            say(console, f"{what} {one} is deleted.")
        for failure in failures:
            say(console, f"{what} {failure.id} is not deleted: {failure.reason}", "red")

    code = (PARTLY if gone else FAILED) if failures else 0
    return Output({"deleted": list(gone), "failed": told(failures)}, show, code)
