"""The journal of a bulk registration: the intent before each send, the outcome after it.

One SQLite file, locked against a second runner for as long as it is open. What it does not say for
sure is in doubt, never assumed: a journal that was damaged puts every row in doubt.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from conferencing.errors import InvalidRequest

from .result import Outcome

__all__ = ["Journal", "Mark"]

VERSION: Final = 1

_TABLES: Final = """
    CREATE TABLE meta (version INTEGER, subject TEXT, rows INTEGER);
    CREATE TABLE rows (key TEXT PRIMARY KEY, begun REAL, outcome TEXT, reason TEXT) WITHOUT ROWID;
"""


@frozen
class Mark:
    """Say when a row was begun, in seconds since 1970, and what became of it; None: in doubt."""

    begun: float
    outcome: Outcome | None = None
    reason: str | None = None


class Journal:
    """Keep the marks of one list of people on their way into one room.

    `subject` names provider, account and room: a journal belongs to one. `keys` are all rows and
    `now` the present, in seconds since 1970: should the file be damaged, they are all in doubt
    since now, and the damaged file stays beside it with `.damaged` behind its name. Raises
    `InvalidRequest` if another runner has it open, or if it is another's journal.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, subject: str, keys: Iterable[str], now: float
    ) -> None:
        self._subject = subject
        self._path = None if path is None else Path(path)
        self.damaged = self._path is not None and self._path.exists() and not _sound(self._path)
        if self.damaged and self._path is not None:
            self._replace(self._path, keys, now)
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def marks(self) -> dict[str, Mark]:
        """Return all marks by key."""
        rows = self._file.execute("SELECT key, begun, outcome, reason FROM rows")
        return {
            key: Mark(begun, Outcome(outcome) if outcome else None, reason)
            for key, begun, outcome, reason in rows
        }

    def write(
        self,
        begun: Mapping[str, float] | None = None,
        done: Mapping[str, tuple[Outcome, str | None]] | None = None,
        unsent: Iterable[str] = (),
    ) -> None:
        """Write, in one step that happens wholly or not at all, what begins and what is done.

        `unsent` rows were begun and surely not sent, so their marks go.
        """
        with self._writing():
            _begin(self._file, begun or {})
            self._file.executemany(
                "UPDATE rows SET outcome = ?, reason = ? WHERE key = ?",
                [(outcome.value, reason, key) for key, (outcome, reason) in (done or {}).items()],
            )
            self._file.executemany("DELETE FROM rows WHERE key = ?", [(key,) for key in unsent])
            _count(self._file)

    def _open(self) -> None:
        name = ":memory:" if self._path is None else str(self._path)
        fresh = self._path is None or not self._path.exists()
        if fresh and self._path is not None:
            self._path.touch(0o600)
        self._file = sqlite3.connect(name, timeout=0, check_same_thread=False, isolation_level=None)
        try:
            self._take(fresh=fresh)
        except BaseException:
            self._file.close()
            raise

    def _take(self, *, fresh: bool) -> None:
        """Lock the file and check whose it is; what a runner was killed in is rolled back here."""
        with self._writing():
            if fresh:
                _make(self._file, self._subject)
            version, subject = self._file.execute("SELECT version, subject FROM meta").fetchone()
        if version != VERSION or subject != self._subject:
            whose = f"of version {version}" if version != VERSION else f"that of {subject}"
            raise InvalidRequest(
                f"{self._path} is the journal {whose}, not that of {self._subject};"
                " name another file as journal",
                field="journal",
            )

    def _writing(self) -> _Transaction:
        return _Transaction(self._file, self._path)

    def _replace(self, path: Path, keys: Iterable[str], now: float) -> None:
        """Put a journal in the place of a damaged one in which each row is in doubt."""
        made = path.with_name(f"{path.name}.new")
        made.unlink(missing_ok=True)
        with closing(sqlite3.connect(made, isolation_level=None)) as file:
            file.execute("BEGIN")
            _make(file, self._subject)
            _begin(file, dict.fromkeys(keys, now))
            _count(file)
            file.execute("COMMIT")
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        path.replace(path.with_name(f"{path.name}.damaged"))
        made.replace(path)


class _Transaction:
    """Hold the file's lock for one step; in the exclusive mode it stays locked after it."""

    def __init__(self, file: sqlite3.Connection, path: Path | None) -> None:
        self._file = file
        self._path = path

    def __enter__(self) -> None:
        fault = None
        try:
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            fault = str(error)
        if fault:
            raise InvalidRequest(
                f"the journal {self._path} is in use by another run ({fault})", field="journal"
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.execute("ROLLBACK" if kind else "COMMIT")


def _make(file: sqlite3.Connection, subject: str) -> None:
    for statement in filter(None, map(str.strip, _TABLES.split(";"))):
        file.execute(statement)
    file.execute("INSERT INTO meta VALUES (?, ?, 0)", (VERSION, subject))


def _begin(file: sqlite3.Connection, begun: Mapping[str, float]) -> None:
    file.executemany(
        "INSERT INTO rows (key, begun) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET begun = excluded.begun, outcome = NULL, reason = NULL",
        list(begun.items()),
    )


def _count(file: sqlite3.Connection) -> None:
    file.execute("UPDATE meta SET rows = (SELECT count(*) FROM rows)")


def _sound(path: Path) -> bool:
    """Return whether a journal is whole. One that somebody has locked is, as far as we can see."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as file:
            checked: bool = file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            told = file.execute("SELECT rows FROM meta").fetchone()[0]
            counted: int = file.execute("SELECT count(*) FROM rows").fetchone()[0]
            return checked and told == counted
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return False
