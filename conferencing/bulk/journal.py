"""The journal of a bulk registration: the intent before each send, the outcome after it.

One SQLite file, locked against a second runner for as long as it is open. What it does not say for
sure is in doubt, never assumed: a journal that was damaged puts every row in doubt.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from conferencing.errors import InvalidRequest

from .result import Outcome

__all__ = ["Journal", "Mark"]

VERSION: Final = 1

_MAGIC: Final = b"SQLite format 3\x00"
_SIZES: Final = ("page_count", "page_size")
_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}

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
        self._held = ExitStack()
        self.damaged = False
        with ExitStack() as held:
            if self._path is None:
                self._file = held.enter_context(closing(_connected(":memory:")))
                _make(self._file, subject, {})
            else:
                with _usable(self._path):
                    held.enter_context(closing(_locked(self._path)))
                    self._prepare(self._path, keys, now)
                    self._file = held.enter_context(closing(_connected(self._path)))
                    self._check()
            self._held = held.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._held.close()

    def marks(self) -> dict[str, Mark]:
        """Return all marks by key."""
        rows = self._file.execute("SELECT key, begun, outcome, reason FROM rows")
        return {
            key: Mark(begun, _OUTCOMES.get(outcome), reason) for key, begun, outcome, reason in rows
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
        with _transaction(self._file):
            more = _begin(self._file, begun or {})
            self._file.executemany(
                "UPDATE rows SET outcome = ?, reason = ? WHERE key = ?",
                [(outcome.value, reason, key) for key, (outcome, reason) in (done or {}).items()],
            )
            gone = [(key,) for key in unsent]
            less = self._file.executemany("DELETE FROM rows WHERE key = ?", gone).rowcount
            _count(self._file, more - less)

    def _prepare(self, path: Path, keys: Iterable[str], now: float) -> None:
        """Make the journal if there is none, or a new one in the place of a damaged one."""
        self.damaged = path.exists() and _damaged(path)
        if path.exists() and not self.damaged:
            return
        made = path.with_name(f"{path.name}.new")
        made.unlink(missing_ok=True)
        made.touch(0o600)
        with closing(_connected(made)) as file:
            _make(file, self._subject, dict.fromkeys(keys, now) if self.damaged else {})
        if self.damaged:
            path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
            path.replace(path.with_name(f"{path.name}.damaged"))
        made.replace(path)

    def _check(self) -> None:
        version, subject = self._file.execute("SELECT version, subject FROM meta").fetchone()
        if version != VERSION or subject != self._subject:
            whose = f"of version {version}" if version != VERSION else f"that of {subject}"
            raise InvalidRequest(
                f"{self._path} is the journal {whose}, not that of {self._subject};"
                " name another file as journal",
                field="journal",
            )


def _connected(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)


def _locked(path: Path) -> sqlite3.Connection:
    """Hold a file beside the journal: the journal itself may be replaced while it is held."""
    beside = path.with_name(f"{path.name}.lock")
    beside.touch(0o600)
    file = _connected(beside)
    try:
        file.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        file.close()
        if "locked" not in str(error):
            raise
    else:
        return file
    raise InvalidRequest(f"the journal {path} is in use by another run", field="journal")


@contextmanager
def _usable(path: Path) -> Generator[None]:
    """Turn what a file may be unfit for into an error of ours."""
    try:
        yield
    except OSError as error:
        fault = error.strerror or str(error)
    except sqlite3.Error as error:
        fault = str(error)
    else:
        return
    raise InvalidRequest(f"{path} cannot be used as a journal: {fault}", field="journal")


@contextmanager
def _transaction(file: sqlite3.Connection) -> Generator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


def _make(file: sqlite3.Connection, subject: str, begun: Mapping[str, float]) -> None:
    with _transaction(file):
        for statement in filter(None, map(str.strip, _TABLES.split(";"))):
            file.execute(statement)
        file.execute("INSERT INTO meta VALUES (?, ?, 0)", (VERSION, subject))
        _count(file, _begin(file, begun))


def _begin(file: sqlite3.Connection, begun: Mapping[str, float]) -> int:
    """Mark rows as begun, and return how many of them are new."""
    again = [(at, key) for key, at in begun.items()]
    file.executemany(
        "UPDATE rows SET begun = ?, outcome = NULL, reason = NULL WHERE key = ?", again
    )
    new = file.executemany("INSERT OR IGNORE INTO rows (begun, key) VALUES (?, ?)", again)
    return new.rowcount


def _count(file: sqlite3.Connection, more: int) -> None:
    """Write down how many rows there are: counting them anew would take longer with each."""
    file.execute("UPDATE meta SET rows = rows + ?", (more,))


def _damaged(path: Path) -> bool:
    """Return whether a journal is not whole. Raises `InvalidRequest` for what never was one."""
    with path.open("rb") as raw:
        head = raw.read(len(_MAGIC))
    if not _MAGIC.startswith(head):
        raise InvalidRequest(f"{path} is there and is no journal", field="journal")
    try:
        with closing(_connected(path)) as file:
            if not _whole(file, path):
                return True
            tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
            if not {"meta", "rows"} <= tables:
                raise InvalidRequest(f"{path} is there and is no journal", field="journal")
            if file.execute("SELECT version FROM meta").fetchone()[0] != VERSION:
                return False
            told = file.execute("SELECT rows FROM meta").fetchone()[0]
            counted = file.execute("SELECT count(*) FROM rows").fetchone()[0]
            return bool(told != counted)
    except (sqlite3.Error, TypeError, ValueError):
        return True


def _whole(file: sqlite3.Connection, path: Path) -> bool:
    """Return whether all pages are there and fit. SQLite reads one that was cut as if in zeros."""
    checked = file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    pages, size = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZES)
    return bool(checked and pages and path.stat().st_size == pages * size)
