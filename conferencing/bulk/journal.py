"""The journal of a bulk registration: the intent before each request, the outcome after it.

One SQLite file, locked against a second run for as long as it is open. A row that was begun and has
no outcome is in doubt. A damaged journal puts all rows in doubt.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zlib import crc32

from attrs import frozen

from conferencing.errors import InvalidRequest, StoreUnavailable
from conferencing.locks import FileLock

from .result import BulkResult, Outcome

__all__ = ["Journal", "JournalError", "JournalRow"]

VERSION: Final = 1

BUSY_TIMEOUT: Final = 5.0
"""How long, in seconds, a write waits for another program that reads the file."""

_MAGIC: Final = b"SQLite format 3\x00"
_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}

# `rows` is the number of rows, so that a journal that lost some is noticed; counting them at each
# write would take longer with each. The checksums find flipped bits, which SQLite does not.
_TABLES: Final = """
    CREATE TABLE meta (version INTEGER, subject TEXT, rows INTEGER, checksum INTEGER);
    CREATE TABLE rows (key TEXT PRIMARY KEY, outcome TEXT, reason TEXT, checksum INTEGER)
    WITHOUT ROWID;
"""


class JournalError(StoreUnavailable):
    """The journal failed during a run: disk full, deleted, damaged, or locked for too long.

    `result` has the rows with their outcomes, so far as they are known. Nothing was sent after the
    fault; run it again, with the same journal or with a new one.
    """

    _result: BulkResult | None = None  # private: `facts` are logged, and the rows name people

    @property
    def result(self) -> BulkResult | None:
        """The rows of the run with their outcomes."""
        return self._result

    def with_result(self, result: BulkResult) -> Self:
        """Return the error itself, with the rows of the run."""
        self._result = result
        return self


@frozen
class JournalRow:
    """What is recorded of a row that was begun: its outcome, or None while it is in doubt.

    With `busy`, another run that has begun the row is still running, and may send it yet.
    """

    outcome: Outcome | None = None
    reason: str | None = None
    busy: bool = False


class Journal:
    """The record of the registration of one list of people; without `path`, in memory.

    `subject` names provider, account and room: a journal belongs to one room. `keys` are those of
    all rows: if the file is damaged, they are all in doubt, and a copy of it is kept as
    `<name>.damaged`. Raises `InvalidRequest` if another run has it open, if it belongs to another
    room, or if its file system cannot lock files.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, subject: str, keys: Iterable[str]
    ) -> None:
        self._subject = subject
        self._path = None if path is None else Path(path)
        self._lock: FileLock | None = None
        self.damaged = False
        with ExitStack() as stack:
            if self._path is None:
                self._file = stack.enter_context(closing(_connect_to(":memory:")))
                _create_tables(self._file, subject, ())
            else:
                with _convert_open_faults(self._path):
                    lock = stack.enter_context(_lock(self._path, subject))
                    self._lock = lock
                    self._file = stack.enter_context(closing(self._open(self._path, lock, keys)))
            self._resources = stack.pop_all()

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
        """Close the file and release the lock."""
        self._resources.close()

    def rows(self) -> dict[str, JournalRow]:
        """Return all rows by key."""
        with self._convert_faults():
            return _select(self._file)

    def write(
        self,
        begun: Iterable[str] = (),
        done: Mapping[str, tuple[Outcome, str | None]] | None = None,
        unsent: Iterable[str] = (),
    ) -> None:
        """Record in one transaction which rows begin, and the outcomes of rows that have ended.

        `unsent` rows were begun and certainly not sent, so they are removed. Raises `JournalError`.
        """
        with self._convert_faults():
            if self._lock is not None:
                self._lock.check()
            with _transaction(self._file):
                added = _begin(self._file, begun)
                self._file.executemany(
                    "UPDATE rows SET outcome = ?, reason = ?, checksum = ? WHERE key = ?",
                    [
                        (outcome.value, reason, _checksum(key, outcome.value, reason), key)
                        for key, (outcome, reason) in (done or {}).items()
                    ],
                )
                removed = self._file.executemany(
                    "DELETE FROM rows WHERE key = ?", [(key,) for key in unsent]
                ).rowcount
                _count(self._file, added - removed)

    @contextmanager
    def _convert_faults(self) -> Generator[None]:
        """Convert faults during a run to `JournalError`."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise JournalError(f"the journal {self._path} failed: {reason}") from error

    def _open(self, path: Path, lock: FileLock, keys: Iterable[str]) -> sqlite3.Connection:
        """Return a connection to the file, with a new journal in it if it was damaged."""
        self.damaged = _is_damaged(path)
        if self.damaged:
            _set_aside(path, lock)
        file = _connect(path)
        try:
            if self.damaged:
                _create_tables(file, self._subject, keys)
            _check_owner(file, path, self._subject)
            lock.check()
        except BaseException:
            file.close()
            raise
        return file


def read_journal(path: Path, subject: str) -> dict[str, JournalRow] | None:
    """Return the rows of a journal without changing it: none if there is no file, None if damaged.

    Raises `InvalidRequest` in the same cases as `Journal`.
    """
    if not path.exists():
        return {}
    with _convert_open_faults(path), _lock(path, subject):
        if _is_damaged(path):
            return None
        with closing(_connect(path)) as file:
            _check_owner(file, path, subject)
            return _select(file)


# --------------------------------------------------------------------------------------- the file


def _connect(path: Path) -> sqlite3.Connection:
    # Where flock and fcntl locks exclude each other (macOS, BSD), SQLite would wait for the lock of
    # this very run. It needs none of its own: `FileLock` keeps all others out.
    nolock = "" if sys.platform in {"linux", "win32"} else "?nolock=1"
    return _connect_to(f"{path.absolute().as_uri()}{nolock}")


def _connect_to(database: str) -> sqlite3.Connection:
    return sqlite3.connect(
        database, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, uri=True
    )


@contextmanager
def _convert_open_faults(path: Path) -> Generator[None]:
    """Convert faults while opening to `InvalidRequest`."""
    try:
        yield
    except (OSError, ValueError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequest(
            f"{path} cannot be used as a journal: {reason}", field="journal"
        ) from error


def _lock(path: Path, subject: str) -> FileLock:
    """Lock the journal, and create it first if there is none."""
    if not path.exists():
        _create(path, subject)
    if not stat.S_ISREG(path.stat().st_mode):
        raise InvalidRequest(f"{path} is not a regular file", field="journal")
    return FileLock(path, "the journal")


def _create(path: Path, subject: str) -> None:
    """Create a journal atomically: a run that is killed meanwhile leaves no row in doubt."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    part = Path(name)
    try:
        with closing(_connect(part)) as file:
            _create_tables(file, subject, ())
        try:
            path.hardlink_to(part)
        except FileExistsError:
            return  # another run was faster, and the lock decides between the two
        except OSError:  # no hard links on this file system
            if not path.exists():
                part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _set_aside(path: Path, lock: FileLock) -> None:
    """Copy a damaged journal and empty it in place, since the lock is on this file."""
    if path.stat().st_size:
        copy = path.with_name(f"{path.name}.damaged")
        copy.unlink(missing_ok=True)
        copy.touch(0o600)
        shutil.copyfile(path, copy)
    for suffix in ("-journal", "-wal", "-shm"):  # SQLite would apply them to the new content
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    lock.truncate()


def _check_owner(file: sqlite3.Connection, path: Path, subject: str) -> None:
    version, owner = file.execute("SELECT version, subject FROM meta").fetchone()
    if version != VERSION:
        problem = f"has version {version}, which this release cannot read"
    elif owner != subject:
        problem = f"belongs to {owner}, not to {subject}"
    else:
        return
    raise InvalidRequest(f"the journal {path} {problem}; choose another file", field="journal")


def _select(file: sqlite3.Connection) -> dict[str, JournalRow]:
    rows = file.execute("SELECT key, outcome, reason FROM rows")
    return {key: JournalRow(_OUTCOMES.get(outcome), reason) for key, outcome, reason in rows}


@contextmanager
def _transaction(file: sqlite3.Connection) -> Generator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        if file.in_transaction:  # a full disk has ended it already
            file.execute("ROLLBACK")
        raise


def _create_tables(file: sqlite3.Connection, subject: str, begun: Iterable[str]) -> None:
    with _transaction(file):
        for statement in filter(None, map(str.strip, _TABLES.split(";"))):
            file.execute(statement)
        values = (VERSION, subject, _checksum(str(VERSION), subject))
        file.execute("INSERT INTO meta VALUES (?, ?, 0, ?)", values)
        _count(file, _begin(file, begun))


def _begin(file: sqlite3.Connection, keys: Iterable[str]) -> int:
    """Record rows as begun, and return how many of them are new."""
    rows = [(_checksum(key, None, None), key) for key in keys]
    file.executemany(
        "UPDATE rows SET outcome = NULL, reason = NULL, checksum = ? WHERE key = ?", rows
    )
    return file.executemany(
        "INSERT OR IGNORE INTO rows (checksum, key) VALUES (?, ?)", rows
    ).rowcount


def _count(file: sqlite3.Connection, more: int) -> None:
    file.execute("UPDATE meta SET rows = rows + ?", (more,))


def _checksum(*values: str | None) -> int:
    return crc32(repr(values).encode("utf-8", "surrogatepass"))


def _is_damaged(path: Path) -> bool:
    """Return whether a journal is not intact. Raises `InvalidRequest` for any other file."""
    with path.open("rb") as raw:
        head = raw.read(len(_MAGIC))
    # An empty or cut file begins like a journal: it is damaged. Any other is somebody's own file.
    if not _MAGIC.startswith(head):
        raise _not_a_journal(path)
    try:
        with closing(_connect(path)) as file:
            if not _is_intact(file, path):
                return True
            tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
            if not {"meta", "rows"} <= tables:
                raise _not_a_journal(path)
            meta = file.execute("SELECT version, subject, rows, checksum FROM meta").fetchone()
            version, subject, count, checksum = meta
            if version != VERSION:
                return False  # refused later: another version has other rules
            return checksum != _checksum(str(version), subject) or _has_wrong_rows(file, count)
    except (sqlite3.DatabaseError, TypeError, ValueError) as error:
        if "locked" in str(error):  # another program reads it, which does no damage
            raise
        return True


def _is_intact(file: sqlite3.Connection, path: Path) -> bool:
    """Return whether all pages exist and fit. SQLite reads missing pages as zeros."""
    checked = file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    pages = file.execute("PRAGMA page_count").fetchone()[0]
    size = file.execute("PRAGMA page_size").fetchone()[0]
    return bool(checked and pages and path.stat().st_size == pages * size)


def _has_wrong_rows(file: sqlite3.Connection, count: int) -> bool:
    rows = file.execute("SELECT key, outcome, reason, checksum FROM rows").fetchall()
    return len(rows) != count or any(_checksum(*values) != checksum for *values, checksum in rows)


def _not_a_journal(path: Path) -> InvalidRequest:
    return InvalidRequest(f"{path} exists but is not a journal", field="journal")
