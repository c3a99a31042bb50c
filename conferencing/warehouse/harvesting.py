"""Fill a warehouse in parts, so that a harvest that is killed goes on where it was."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import field, frozen

from conferencing.accounts.config import Account, Config
from conferencing.client.base import check_count
from conferencing.errors import ConferencingError, StoreUnavailable, raise_without_context
from conferencing.model.secret import Secret

from .destinations import hold_pipeline, make_tables, open_pipeline, separate_staging
from .reader import Reader
from .reading import Reading
from .source import LAG, build_selection, build_source, read_readings
from .tables import REMOVED

__all__ = ["HarvestResult", "Problem", "harvest"]

CHUNK: Final = 500


@frozen(kw_only=True)
class Problem:
    """Something that could not be read, as in the table `problems`."""

    account: str
    room_id: str | None
    session_id: str | None
    operation: str | None
    kind: str
    message: str
    retryable: bool
    occurred_at: datetime


@frozen(kw_only=True)
class HarvestResult:
    """What a harvest has read: how many rooms, how many rows of each table, and what went wrong.

    `unfinished` are the accounts of which rooms are left for the next harvest. `absent` are the
    operations that an account does not have, so that the tables have nothing of them.
    """

    rooms: int
    rows: Mapping[str, int] = field(hash=False)
    problems: tuple[Problem, ...] = ()
    unfinished: tuple[str, ...] = ()
    absent: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], hash=False)

    @property
    def complete(self) -> bool:
        """Whether everything was read that the accounts have."""
        return not self.problems and not self.unfinished


def harvest(
    to: str | os.PathLike[str] | Any,
    accounts: str | Sequence[str | Mapping[str, Any] | Account],
    *,
    config: str | os.PathLike[str] | Config | None = None,
    people: str = "pseudonyms",
    pseudonym_key: str | Secret | None = None,
    since: datetime | None = None,
    lag: timedelta = LAG,
    rooms: Mapping[str, Sequence[str]] | None = None,
    chunk: int = CHUNK,
    on_load: Callable[[int], None] | None = None,
) -> HarvestResult:
    """Load what is new in these accounts, and return what was read.

    `to` is the path of a DuckDB file, a `postgresql://` address, or a dlt pipeline; `open_pipeline`
    makes one with other names. The further arguments are those of `conferencing_source`. All accounts
    are read at once, each at its own rate. Rooms are loaded as they are read, and at most `chunk`
    rooms are read again after a kill. A harvest that was interrupted is finished by the next one,
    which goes by what the warehouse has: dlt's own files of the pipeline are deleted first.
    `on_load` is called with the number of rooms that have been loaded.

    What cannot be read becomes a row in `problems`, and the harvest goes on. Raises
    `ConfigurationError` for accounts that are not set up correctly, `Conflict` if another harvest
    of the pipeline runs, and `StoreUnavailable` if the warehouse cannot be written.
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
    check_count("chunk", chunk)
    is_place = isinstance(to, str | os.PathLike)
    pipeline: Any = open_pipeline(cast("str | os.PathLike[str]", to)) if is_place else to
    separate_staging(pipeline)
    tally = _Tally()
    with _translate_errors(), hold_pipeline(pipeline), Reader(selection, chunk) as reader:
        # What counts is what the warehouse has. Files of a harvest that was killed may be half of
        # something, and those of one before a backup was restored are ahead of the warehouse.
        pipeline.drop()
        pipeline.sync_destination()
        while not reader.exhausted:
            _load_next(pipeline, reader, max(chunk // 2, 1), tally)
            if on_load is not None:
                on_load(tally.rooms)
        return tally.build_result(reader)


def _load_next(pipeline: Any, reader: Reader, count: int, tally: _Tally) -> None:
    """Read and load the next rooms. Nothing of them is kept but what the tally counts."""
    before = tally.rooms

    def read(state: dict[str, Any]) -> Iterator[Reading]:
        for reading in read_readings(reader, count, state):
            tally.add(reading)
            yield reading

    pipeline.extract(build_source(read, reader.selection.identities.mode))
    pipeline.normalize()
    make_tables(pipeline)
    pipeline.load()
    reader.release(tally.rooms - before)


@contextmanager
def _translate_errors() -> Generator[None]:
    """Raise errors of this library out of those of dlt, and `StoreUnavailable` for its own."""
    try:
        yield
    except ConferencingError:
        raise
    except Exception as error:  # noqa: BLE001 - dlt raises what its destinations raise
        chain = list(_list_causes(error))
        own = next((cause for cause in chain if isinstance(cause, ConferencingError)), None)
        reason = str(chain[-1]).strip().partition("\n")[0]
        fault = own or StoreUnavailable(
            f"the warehouse cannot be filled ({type(chain[-1]).__name__}: {reason})"
        )
    else:
        return
    raise_without_context(fault)  # the frames of dlt hold the address of the warehouse


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


class _Tally:
    """Count what was loaded."""

    def __init__(self) -> None:
        self.rooms = 0
        self._rows: Counter[str] = Counter()
        self._problems: list[Problem] = []

    def add(self, reading: Reading) -> None:
        self.rooms += reading.rooms
        for table, rows in reading.rows.items():
            self._rows[table] += sum(not row.get(REMOVED) for row in rows)
        for row in reading.rows["problems"]:
            facts = {name: value for name, value in row.items() if name != "id"}
            self._problems.append(Problem(**facts))

    def build_result(self, reader: Reader) -> HarvestResult:
        absent = {
            account: tuple(sorted(operation.value for operation in operations))
            for account, operations in sorted(reader.absent.items())
            if operations
        }
        return HarvestResult(
            rooms=self.rooms,
            rows=dict(self._rows),
            problems=tuple(self._problems),
            unfinished=tuple(sorted(reader.unfinished)),
            absent=absent,
        )
