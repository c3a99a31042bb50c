"""The source for dlt: a resource for each table, all of them fed by one reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from conferencing.accounts.config import Account, Config, read_account, read_config
from conferencing.client.base import check_range
from conferencing.errors import ConfigurationError, InvalidRequest
from conferencing.extras import import_extra
from conferencing.model.secret import Secret

from .cursor import Window
from .people import PeopleMode, open_identities
from .reader import Reader, Selection
from .reading import Reading
from .tables import REMOVED, TABLES, build_hints

__all__ = ["conferencing_source"]

SOURCE: Final = "conferencing"
"""The name of the source, and with it of the schema that dlt keeps."""

AHEAD: Final = 500
"""How many rooms are read ahead of dlt."""

LAG: Final = timedelta(days=2)
"""How far back is read again by default: vendors finish a report some time after the session."""


def conferencing_source(
    accounts: str | Sequence[str | Mapping[str, Any] | Account],
    *,
    config: str | os.PathLike[str] | Config | None = None,
    people: str = "pseudonyms",
    pseudonym_key: str | Secret | None = None,
    since: datetime | None = None,
    lag: timedelta = LAG,
    rooms: Mapping[str, Sequence[str]] | None = None,
) -> Any:
    """Return a source for `pipeline.run`: everything that is new in these accounts, in one load.

    `accounts` are names in the configuration, or mappings of an account's keys with `name`.
    `people` is what the tables have about people: "pseudonyms", which need `pseudonym_key`, "none"
    or "full". `since` leaves out sessions that ended before it. What ended up to `lag` before the
    previous run began is read again. `rooms` are ids by account, to read just these again.

    `harvest` is the better way for many rooms, since it loads in parts, and for several pipelines
    into one database. Raises `ConfigurationError` for accounts that are not set up correctly.
    """
    selection = build_selection(
        accounts,
        config=config,
        people=people,
        pseudonym_key=pseudonym_key,
        since=since,
        lag=lag,
        rooms=rooms,
    )
    return build_source(partial(_read_all_readings, selection), selection.identities.mode)


def build_selection(
    accounts: str | Sequence[str | Mapping[str, Any] | Account],
    *,
    config: str | os.PathLike[str] | Config | None,
    people: str,
    pseudonym_key: str | Secret | None,
    since: datetime | None,
    lag: timedelta,
    rooms: Mapping[str, Sequence[str]] | None,
) -> Selection:
    """Return what to read. Raises `ConfigurationError` and `InvalidRequest` for what cannot be."""
    check_range(since, None)
    if not isinstance(lag, timedelta) or lag < timedelta():  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequest(f"lag is {lag!r}; it must be a timedelta, 0 or more", field="lag")
    if since is not None and rooms is not None:
        raise InvalidRequest("rooms are read whole; leave out since", field="since")
    by_name = _read_accounts(accounts, config)
    for name in rooms or ():
        if name not in by_name:
            raise ConfigurationError(
                f"rooms names the account {name!r}, which is not among the accounts", field="rooms"
            )
    return Selection(
        accounts=by_name,
        identities=open_identities(people, pseudonym_key),
        window=Window(since=since, lag=lag),
        rooms=rooms,
    )


def _read_accounts(
    accounts: str | Sequence[str | Mapping[str, Any] | Account],
    config: str | os.PathLike[str] | Config | None,
) -> dict[str, Account]:
    given = [accounts] if isinstance(accounts, str | Mapping | Account) else list(accounts)
    if not given:
        raise ConfigurationError("there is no account to harvest", field="accounts")
    if any(isinstance(account, str) for account in given) and not isinstance(config, Config):
        config = read_config(config)
    by_name: dict[str, Account] = {}
    for account in (read_account(each, config) for each in given):
        name = account.context.account
        if name in by_name:
            raise ConfigurationError(
                f"two accounts are named {name!r}; give each a name of its own", account=name
            )
        by_name[name] = account
    return by_name


Read = Callable[[dict[str, Any]], Iterable[Reading]]
"""Takes the source's state, changes it, and returns the readings of one load."""


def build_source(read: Read, people: PeopleMode) -> Any:
    """Return a dlt source with a resource for each table, all of them fed by `read`."""
    dlt = import_dlt()

    def generate() -> Iterator[Reading]:
        state = dlt.current.source_state()
        _check_tables(state, set(dlt.current.source().selected_resources))
        yield _build_blank_reading()
        yield from read(state)

    def list_resources() -> Iterator[Any]:
        readings = dlt.resource(generate, name="readings", selected=False)
        for table in TABLES.values():
            pick = _build_picker(table.name, dlt.mark.materialize_table_schema)
            yield dlt.transformer(pick, data_from=readings, **build_hints(table, people))

    return dlt.source(list_resources, name=SOURCE, section=SOURCE, max_table_nesting=1)()


def import_dlt() -> Any:
    """Return the library dlt. Raises `ConfigurationError` if it is not installed."""
    return import_extra("dlt", extra="warehouse", purpose="fill a warehouse")


def read_readings(reader: Reader, count: int, state: dict[str, Any]) -> Iterator[Reading]:
    """Yield the next readings, and note in the state how far their accounts have been read."""
    selection = reader.selection
    _check_people(state, selection)
    accounts: dict[str, Any] = state.setdefault("accounts", {})
    reader.begin(accounts, _find_stored)
    names: set[str] = set()
    for reading in reader.take(count):
        names.add(reading.account)
        yield reading
    for name in names:
        accounts[name] = reader.cursors[name].to_state()


def _read_all_readings(selection: Selection, state: dict[str, Any]) -> Iterator[Reading]:
    with Reader(selection, AHEAD) as reader:
        while not reader.exhausted:
            for reading in read_readings(reader, AHEAD, state):
                yield reading
                reader.release(reading.rooms)


def _check_people(state: dict[str, Any], selection: Selection) -> None:
    """Raise `ConfigurationError` if the tables were filled in another mode or with another key."""
    fingerprint = selection.identities.fingerprint()
    before = state.setdefault("people", fingerprint)
    if before == fingerprint:
        return
    mode = before.partition(" ")[0]
    different = "another pseudonym_key" if mode == selection.identities.mode else f"people={mode!r}"
    raise ConfigurationError(
        f"the tables were filled with {different}, and rows of both would not fit together; use"
        " the former, or another dataset",
        field="people",
    )


def _check_tables(state: dict[str, Any], selected: set[str]) -> None:
    """Raise `ConfigurationError` for tables that earlier runs left out: old rows would be missing."""
    if "rooms" not in selected:
        raise ConfigurationError(
            "the table rooms has to be loaded too: it says which rooms have been read",
            field="resources",
        )
    missing = selected - set(state.setdefault("tables", sorted(selected)))
    if missing:
        raise ConfigurationError(
            f"earlier runs did not load {', '.join(sorted(missing))}, so old rows would be missing;"
            " use another pipeline and dataset, or run once with refresh='drop_sources'",
            field="resources",
        )
    state["tables"] = sorted(selected)


def _find_stored(account: str) -> Collection[str]:
    """Return the ids of the rooms of an account that are in the warehouse."""
    with import_dlt().current.pipeline().sql_client() as client:
        table = client.make_qualified_table_name("rooms")
        # The name of the table is dlt's own and quoted.
        query = f"SELECT id FROM {table} WHERE account = %s"  # noqa: S608
        return {row[0] for row in client.execute_sql(query, account)}


def _build_blank_reading() -> Reading:
    """Return a reading that stores nothing, and has all tables made, so that queries find them.

    dlt makes a nested table only if a row has had something in it: here, one that is removed.
    """
    reading = Reading(account="")
    for table in TABLES.values():
        if table.nested:
            nested = {name: [dict.fromkeys(columns)] for name, columns in table.nested.items()}
            row = dict.fromkeys(table.group, "") | {REMOVED: True} | nested
            reading.rows[table.name].append(row)
    return reading


def _build_picker(table: str, make_table: Callable[[], Any]) -> Callable[[Reading], Any]:
    """Return a function that takes the rows of a table out of a reading."""

    def pick(reading: Reading) -> Any:
        return reading.rows[table] or make_table()

    return pick
