"""Run a command: connect, call the API, and turn the result into an `Output`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from attrs import frozen
from rich.console import Console

from conferencing.client.listing import Listing
from conferencing.conference import Conference, connect
from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    ConfigurationError,
    UnsupportedOperation,
)
from conferencing.model import Room

from .dry_run import DryRun, DryRunStop, build_dry_run_output
from .errors import FAILED, PARTLY, describe_error
from .interrupts import run_until_interrupted
from .options import CommonOptions, CreateOptions, ListOptions, WriteOptions
from .output import Output, print_fields, print_line, print_note, print_record, print_table
from .tables import Column, print_tabbed
from .zones import FindZones, RoomZones

__all__ = ["list_values", "run", "run_action", "run_for_each", "show_value"]

T = TypeVar("T")

MEMORY_NOTE: Final = (
    "the provider memory forgets everything when the command ends; `conferencing sandbox` keeps its"
    " state until you stop it"
)

# The next item would fail for the same reason.
_STOPS_ALL: Final = (AuthenticationFailed, ConfigurationError, UnsupportedOperation)


def run(
    options: CommonOptions, work: Callable[[Conference], Awaitable[Output | None]]
) -> Output | None:
    """Run `work` on the account of the options; with `--dry-run`, record its writes instead."""
    return run_until_interrupted(_run(options, work))


async def _run(
    options: CommonOptions, work: Callable[[Conference], Awaitable[Output | None]]
) -> Output | None:
    async with connect(
        options.account, config=options.config, app="conferencing-cli"
    ) as conference:
        if conference.provider.name == "memory" and not options.json:
            print_note(MEMORY_NOTE)
        if not (isinstance(options, WriteOptions) and options.dry_run):
            return await work(conference)
        dry_run, output = DryRun(conference.provider), None
        with suppress(DryRunStop):
            output = await work(dry_run.conference)
        return build_dry_run_output(dry_run, output)


# -------------------------------------------------------------------------------------- one value


def show_value(
    options: CommonOptions, call: Callable[[Conference], Awaitable[Any]]
) -> Output | None:
    """Show the value that `call` returns; with `--quiet`, only its id."""

    async def work(conference: Conference) -> Output:
        value = await call(conference)
        _note_left_out(conference, value, options)
        if isinstance(options, WriteOptions) and options.dry_run:
            return Output({"left_out": value.left_out}, lambda _: None)
        if isinstance(options, CreateOptions) and options.quiet:
            return Output(value, lambda console: print_tabbed(console, [[value.id]]))
        return Output(value, lambda console: print_fields(console, value, options.timezone))

    return run(options, work)


def _note_left_out(conference: Conference, value: Any, options: CommonOptions) -> None:
    names = value.left_out if isinstance(value, Room) else ()
    if names and not options.json:
        left_out = ", ".join(names)
        print_note(f"left out because {conference.provider.name} does not support it: {left_out}")


def run_action(
    options: CommonOptions, call: Callable[[Conference], Awaitable[None]], sentence: str
) -> Output | None:
    """Run a call that returns nothing, then print a sentence."""

    async def work(conference: Conference) -> Output:
        await call(conference)
        return Output({"done": True}, lambda console: print_line(console, sentence))

    return run(options, work)


# ------------------------------------------------------------------------------------ many values


def list_values(
    options: ListOptions,
    call: Callable[[Conference], Listing[T]],
    columns: Sequence[Column],
    *,
    find_zones: FindZones | None = None,
) -> Output | None:
    """List records: as JSON lines while they arrive, or as a table of `columns`."""

    async def work(conference: Conference) -> Output | None:
        if options.json:
            async for record in call(conference):
                print_record(record)
            return None
        records = await call(conference).collect()
        if options.quiet:
            ids = [[record.id] for record in cast("Sequence[Any]", records) if record.id]
            return Output(None, lambda console: print_tabbed(console, ids))
        zones = RoomZones(explicit=options.timezone)
        if find_zones and records and not options.timezone:
            zones = await find_zones(conference)
        return Output(None, lambda console: print_table(console, columns, records, zones))

    return run(options, work)


# ------------------------------------------------------------------------------------- several ids


@frozen
class Failure:
    """An item for which the call failed, and why."""

    id: str
    reason: str


def run_for_each(
    options: WriteOptions,
    ids: Sequence[str],
    call: Callable[[Conference, str], Awaitable[None]],
    noun: str,
    *,
    done: str = "deleted",
) -> Output | None:
    """Call for one item after another; a failure does not stop the others and is reported.

    `noun` is what the items are, and `done` what became of those without a failure.
    """

    async def work(conference: Conference) -> Output | None:
        succeeded: list[str] = []
        failures: list[Failure] = []
        for item in ids:
            try:
                await call(conference, item)
                succeeded.append(item)
            except DryRunStop:
                continue
            except ConferencingError as error:
                if len(ids) == 1 or isinstance(error, _STOPS_ALL):
                    raise
                failures.append(Failure(item, describe_error(error, {noun: item})))
        if not succeeded and not failures:
            return None
        return _build_output_of_each(noun, done, succeeded, failures)

    return run(options, work)


def _build_output_of_each(
    noun: str, done: str, succeeded: Sequence[str], failures: Sequence[Failure]
) -> Output:
    def show(console: Console) -> None:
        for item in succeeded:
            print_line(console, f"{done.capitalize()} {noun} {item}.")
        for failure in failures:
            print_line(
                console,
                f"{noun.capitalize()} {failure.id} was not {done}: {failure.reason}",
                "red",
            )

    code = (PARTLY if succeeded else FAILED) if failures else 0
    return Output({done: list(succeeded), "failed": failures}, show, code)
