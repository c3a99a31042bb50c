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
from .reading import Chapter
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
    return build_source(partial(_read_all_chapters, selection), selection.identities.mode)


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


Read = Callable[[dict[str, Any]], Iterable[Chapter]]
"""Takes the source's state, changes it, and returns the chapters of one load."""


def build_source(read: Read, people: PeopleMode) -> Any:
    """Return a dlt source with a resource for each table, all of them fed by `read`."""
    dlt = import_dlt()

    def generate() -> Iterator[Chapter]:
        yield _build_blank_chapter()
        yield from read(dlt.current.source_state())

    def list_resources() -> Iterator[Any]:
        chapters = dlt.resource(generate, name="chapters", selected=False)
        for table in TABLES.values():
            pick = _build_picker(table.name, dlt.mark.materialize_table_schema)
            yield dlt.transformer(pick, data_from=chapters, **build_hints(table, people))

    return dlt.source(list_resources, name=SOURCE, section=SOURCE, max_table_nesting=1)()


def import_dlt() -> Any:
    """Return the library dlt. Raises `ConfigurationError` if it is not installed."""
    return import_extra("dlt", extra="warehouse", purpose="fill a warehouse")


def read_chapters(reader: Reader, count: int, state: dict[str, Any]) -> Iterator[Chapter]:
    """Yield the next chapters, and note in the state how far their accounts have been read."""
    selection = reader.selection
    _check_people(state, selection)
    accounts: dict[str, Any] = state.setdefault("accounts", {})
    reader.begin(accounts, _find_stored)
    chapters = reader.take(count)
    yield from chapters
    if selection.rooms is None:
        for name in {chapter.account for chapter in chapters}:
            accounts[name] = reader.cursors[name].to_state()


def _read_all_chapters(selection: Selection, state: dict[str, Any]) -> Iterator[Chapter]:
    with Reader(selection, AHEAD) as reader:
        while chapters := [*read_chapters(reader, AHEAD // 2, state)]:
            yield from chapters
            reader.release(chapters)


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


def _find_stored(account: str) -> Collection[str]:
    """Return the ids of the rooms of an account that are in the warehouse."""
    with import_dlt().current.pipeline().sql_client() as client:
        table = client.make_qualified_table_name("rooms")
        # The name of the table is dlt's own and quoted.
        query = f"SELECT id FROM {table} WHERE account = %s"  # noqa: S608
        return {row[0] for row in client.execute_sql(query, account)}


def _build_blank_chapter() -> Chapter:
    """Return a chapter that stores nothing, and has all tables made, so that queries find them.

    dlt makes a nested table only if a row has had something in it: here, one that is removed.
    """
    chapter = Chapter(account="")
    for table in TABLES.values():
        if table.nested:
            nested = {name: [dict.fromkeys(columns)] for name, columns in table.nested.items()}
            row = dict.fromkeys(table.group, "") | {REMOVED: True} | nested
            chapter.rows[table.name].append(row)
    return chapter


def _build_picker(table: str, make_table: Callable[[], Any]) -> Callable[[Chapter], Any]:
    """Return a function that takes the rows of a table out of a chapter."""

    def pick(chapter: Chapter) -> Any:
        return chapter.rows[table] or make_table()

    return pick
