"""Rehearse a bulk registration: all checks of the real run, and nothing sent or written."""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Mapping

from attrs import define

from conferencing.capabilities import Operation
from conferencing.client.base import check_path
from conferencing.client.people import PeopleOperations
from conferencing.model import Room
from conferencing.model.drafts import RegistrationDraft

from .journal import JournalRow, read_journal
from .outcomes import DONE, REFUSALS, SENT_BEFORE, Options, Outcomes
from .result import BulkResult, Outcome
from .roster import Entry, Roster

__all__ = ["rehearse_roster"]


async def rehearse_roster(
    conference: PeopleOperations,
    room: Room,
    roster: Roster,
    journal: str | os.PathLike[str] | Mapping[str, JournalRow] | None,
    options: Options,
) -> BulkResult:
    """Return what `register_roster` would do, after all its checks. Nothing is sent or written.

    `journal` is the path of a file, or the rows of a journal.
    """
    rehearsal = Rehearsal(conference=conference, room=room, roster=roster, options=options)
    if isinstance(journal, Mapping):
        rehearsal.recorded = dict(journal)
    elif journal is not None:
        path = check_path("journal", journal)
        recorded = await to_thread(read_journal, path, rehearsal.subject)
        rehearsal.recorded, rehearsal.damaged = recorded or {}, recorded is None
    return await rehearsal.check_all()


@define(kw_only=True)
class Rehearsal(Outcomes):
    """One dry run over one roster."""

    async def check_all(self) -> BulkResult:
        """Report what would become of each row."""
        self._settle_known_rows(await self._list_registered())
        for entry in self._list_unsettled():
            if self.damaged or entry.key in self.recorded:
                self._report(entry, Outcome.IN_DOUBT, SENT_BEFORE)
            else:
                await self._check(entry)
        self._copy_outcomes_to_duplicates((*DONE, Outcome.UNSENT))
        return self._result()

    async def _check(self, entry: Entry) -> None:
        try:
            draft = self.conference.draft_registration(
                entry.person, **self._registration_options(entry)
            )
            await self._refuse_unverified(draft)
        except REFUSALS as error:
            self._report(entry, Outcome.REFUSED, str(error))
        else:
            self._report(entry, Outcome.UNSENT, "a dry run: it would be sent")

    async def _refuse_unverified(self, draft: RegistrationDraft) -> None:
        if not self.conference.capabilities.supports(Operation.REGISTER):
            await self.conference.provider.register(self.room, draft)  # raises before it sends
