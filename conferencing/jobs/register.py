"""Register one batch, and end only when nobody is left in doubt."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from conferencing.bulk.outcomes import Options
from conferencing.bulk.register import register_roster
from conferencing.bulk.result import BulkResult, BulkRow, Outcome
from conferencing.client.base import check_count, check_seconds
from conferencing.conference import Conference
from conferencing.model import Room

from .batch import Batch, BatchResult
from .journal import HeldJournal
from .records import BatchState, Hold, SharedJournal

__all__ = ["run_batch"]

_MASK = "***"
_SHORTEST = 3
"""Names shorter than this are not looked for in reasons."""


async def run_batch(
    conference: Conference,
    batch: Batch,
    journal: SharedJournal,
    *,
    settle: float = 60.0,
    concurrency: int = 8,
) -> BatchResult:
    """Register the people of a batch, and return how many have which outcome.

    It may be killed at any time and run again: it first waits until nobody else works on the batch.
    Until the result is `complete`, it has to be run again. `settle` and `concurrency` are those of
    `register_many`. Raises for what concerns all rows (credentials, the room), and `JournalError`
    if the journal is unavailable or the lease on the batch is lost.
    """
    async with journal.hold(batch.key) as hold:
        return await register_held(
            conference,
            batch,
            journal,
            hold,
            settle=check_seconds("settle", settle),
            concurrency=check_count("concurrency", concurrency),
        )


async def register_held(
    conference: Conference,
    batch: Batch,
    journal: SharedJournal,
    hold: Hold,
    *,
    settle: float,
    concurrency: int,
) -> BatchResult:
    """Register the people of a batch whose lease is held."""
    subject = f"{conference.provider.name} {conference.account} {batch.room}"
    keys = [entry.key for entry in batch.entries]
    options = Options(
        confirmation=batch.confirmation,
        language=batch.language,
        settle=settle,
        concurrency=concurrency,
    )
    result = await register_roster(
        conference,
        Room(id=batch.room),
        batch.roster,
        HeldJournal(journal, hold, subject, keys),
        options,
    )
    summary = _summarize(batch.key, result)
    if summary.complete:
        record = batch.to_record()
        await hold.finish(
            evolve(
                record,
                state=BatchState.DONE,
                counts=summary.counts,
                refused=summary.refused,
                content=None,
            )
        )
    return summary


def _summarize(key: str, result: BulkResult) -> BatchResult:
    refused = [row for row in result.rows if row.outcome in {Outcome.REFUSED, Outcome.CONFLICT}]
    return BatchResult(
        key=key,
        counts={outcome: count for outcome, count in result.counts.items() if count},
        refused=tuple((row.number, mask_people(row.reason or "", [row])) for row in refused),
        stopped=mask_people(result.stopped, result.rows) if result.stopped else None,
    )


def mask_people(text: str, rows: Iterable[BulkRow]) -> str:
    """Return a text of a vendor or an adapter without the addresses and names of rows."""
    parts = {part for row in rows for part in _list_parts(row) if len(part) >= _SHORTEST}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, _MASK)
    return text


def _list_parts(row: BulkRow) -> list[str]:
    person = row.person
    names = (person.email, person.name, person.first_name, person.last_name) if person else ()
    return [part for part in (row.email, *names) if part]
