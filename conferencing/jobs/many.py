"""One bulk registration whose journal is shared with other machines."""

from __future__ import annotations

from conferencing.bulk.outcomes import Options
from conferencing.bulk.register import register_roster
from conferencing.bulk.rehearse import rehearse_roster
from conferencing.bulk.result import BulkResult
from conferencing.bulk.roster import Roster
from conferencing.client.people import PeopleOperations
from conferencing.model import Room

from .journal import HeldJournal, open_journal, read_marks
from .records import SharedJournal

__all__ = ["register_shared"]


async def register_shared(
    conference: PeopleOperations,
    room: Room,
    roster: Roster,
    journal: str | SharedJournal,
    options: Options,
    *,
    dry_run: bool,
) -> BulkResult:
    """Register the people of a roster, alone of all runs for this room that share the journal.

    Waits until another run for the room has ended. A journal given by its address is closed again.
    """
    opened = open_journal(journal)
    subject = f"{conference.provider.name} {conference.account} {room.id}"
    keys = [entry.key for entry in roster.entries if entry.person is not None]
    try:
        if dry_run:
            marks = await read_marks(opened, subject, keys)
            return await rehearse_roster(conference, room, roster, marks, options)
        async with opened.hold(subject) as hold:
            held = HeldJournal(opened, hold, subject, keys)
            return await register_roster(conference, room, roster, held, options)
    finally:
        if opened is not journal:
            await opened.aclose()
