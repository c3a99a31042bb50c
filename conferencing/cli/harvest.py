"""`conferencing harvest`: load what happened into a database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

from attrs import frozen
from cyclopts import Parameter
from rich.console import Console

from conferencing.accounts.config import read_config, select_account
from conferencing.warehouse import HarvestResult, harvest, open_pipeline

from .errors import PARTLY
from .options import COMMON, CommonOptions, Duration, Time, UsageError, read_secret, resolve_time
from .output import Output, print_line
from .progress import progress_bar

__all__ = ["harvest_accounts"]

NO_TELEMETRY: Final = "RUNTIME__DLTHUB_TELEMETRY"
"""The variable by which dlt is told whether to send statistics to its vendor; it does by default."""


@Parameter(name="*")
@frozen(kw_only=True)
class Contents:
    """What is loaded."""

    people: Literal["pseudonyms", "none", "full"] = "pseudonyms"
    "What the tables have about people (default: pseudonyms, which need --pseudonym-key)."

    pseudonym_key: str | None = None
    "Secret that pseudonyms are made with, read from env:NAME, file:PATH or prompt."

    since: Time | None = None
    "Leave out sessions that ended before this time, like 2026-10-01T00:00+02:00."

    lag: Duration = timedelta(days=2)
    "How far back is read again, like 48h (default: 48h)."


@Parameter(name="*")
@frozen(kw_only=True)
class Place:
    """Where it is loaded."""

    dataset: str = "conferencing"
    "Schema of the tables in the database (default: conferencing)."

    name: str = "conferencing"
    "Name of the pipeline, for several that fill one database (default: conferencing)."

    chunk: int = 500
    "How many rooms at most are read again after a kill (default: 500)."


CONTENTS = Contents()
PLACE = Place()


def harvest_accounts(
    account: list[str] | None = None,
    /,
    *,
    to: str,
    all_: bool = False,
    contents: Contents = CONTENTS,
    place: Place = PLACE,
    options: CommonOptions = COMMON,
) -> Output:
    """Load rooms, sessions, attendance and registrations into DuckDB or PostgreSQL.

    Only what is new is read. What cannot be read is a row in the table `problems`.

    Parameters
    ----------
    account
        Names of accounts (default: the account that other commands use).
    to
        DuckDB file, or an address like postgresql://user@host/database.
    all_
        All accounts of the configuration.
    """
    os.environ.setdefault(NO_TELEMETRY, "false")
    since = resolve_time(contents.since, options.timezone, "--since")
    key = read_secret(contents.pseudonym_key, "--pseudonym-key")
    accounts = _choose_accounts(account, options, everything=all_)
    pipeline = open_pipeline(to, dataset=place.dataset, name=place.name)
    with progress_bar("rooms", None, hide=options.json) as progress:
        result = harvest(
            pipeline,
            accounts,
            config=options.config,
            people=contents.people,
            pseudonym_key=key,
            since=since,
            lag=contents.lag,
            chunk=place.chunk,
            on_load=progress,
        )
    return Output(result, lambda console: _show(console, result), 0 if result.complete else PARTLY)


def _choose_accounts(
    names: Sequence[str] | None, options: CommonOptions, *, everything: bool
) -> Sequence[str]:
    if sum((bool(names), everything, options.account is not None)) > 1:
        raise UsageError("use only one of account names, --account and --all")
    if names:
        return names
    config = read_config(options.config)
    if everything:
        return list(config.accounts)
    name = options.account or select_account(config)
    if name is None:
        raise UsageError("no account is named, and there is no default; give names, or --all")
    return [name]


def _show(console: Console, result: HarvestResult) -> None:
    rows = ", ".join(f"{count} {table}" for table, count in result.rows.items())
    print_line(console, f"Read {result.rooms} rooms. Rows written: {rows}.")
    for account, operations in result.absent.items():
        names = ", ".join(operation.removeprefix("list_") for operation in operations)
        print_line(console, f"{account} does not offer {names}.")
    for problem in result.problems:
        room = f" room {problem.room_id}" if problem.room_id else ""
        print_line(console, f"{problem.account}{room}: {problem.message}", "red")
    for account in result.unfinished:
        print_line(console, f"{account} was not read to the end; harvest again to go on.", "red")
