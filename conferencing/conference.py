"""The main class: one account of one provider with all operations, and `connect`, which makes it.

Bulk registration, attendance reports and calendar files stand above the operations that they use:
they are imported when they are called.
"""

from __future__ import annotations

import os
import traceback
from asyncio import to_thread
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast

from attrs import evolve

from conferencing.accounts.config import Account, Config, read_account
from conferencing.accounts.context import Clock, Context
from conferencing.accounts.settings import hide_texts
from conferencing.capabilities import Operation
from conferencing.client.base import check_count, check_path, check_seconds, room_of
from conferencing.client.people import PeopleOperations
from conferencing.client.rooms import RoomOperations
from conferencing.client.sessions import SessionOperations
from conferencing.errors import ConferencingError, ConfigurationError, raise_without_context
from conferencing.model import JoinLink, Participant, Person, Room, Session
from conferencing.provider import ConferenceProvider, RawReply

if TYPE_CHECKING:
    import aiohttp

    from conferencing.bulk.result import BulkResult, BulkRow
    from conferencing.bulk.roster import Roster, Source
    from conferencing.jobs.records import SharedJournal
    from conferencing.report.threshold import AtLeast
    from conferencing.report.values import AttendanceReport
    from conferencing.webhooks.reader import Webhooks

__all__ = ["Conference", "connect"]


def connect(
    account: str | Mapping[str, Any] | Account | None = None,
    *,
    config: str | os.PathLike[str] | Config | None = None,
    session: aiohttp.ClientSession | None = None,
    clock: Clock | None = None,
    app: str | None = None,
) -> Conference:
    """Return a `Conference` for an account: a name in the configuration, or a mapping of its keys.

    Without `account`, `CONFERENCING_ACCOUNT` or the configuration's `default` is used. `session`
    is borrowed and never closed. `app` goes in front of the User-Agent. Nothing is sent. Raises
    `ConfigurationError` or a subclass.
    """
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: this frame keeps no plain string
    settings = read_account(account, config)
    context = evolve(settings.context, session=session, app=app)
    if clock is not None:
        context = evolve(context, clock=clock)
    return Conference(_open_provider(settings, context))


def _open_provider(account: Account, context: Context) -> ConferenceProvider:
    """Return the adapter's provider. Its errors lose their frames: those hold the settings."""
    try:
        provider: ConferenceProvider = account.provider.open(account.settings, context)
    except ConferencingError as error:
        error.add_context(account=context.account)
        raise_without_context(error)
    except Exception as error:  # noqa: BLE001 - whatever a third party's adapter raises
        last = traceback.extract_tb(error.__traceback__)[-1]
        fault = ConfigurationError(
            f"the adapter {account.provider.__name__} cannot be opened: {type(error).__name__} in "
            f"{Path(last.filename).name}, line {last.lineno}",
            account=context.account,
        )
        raise_without_context(fault)
    return provider


class Conference(RoomOperations, PeopleOperations, SessionOperations):
    """One account of one provider. Use it in `async with`, or call `aclose()` at the end.

    Operations take a room or a session, or its id. Operations that the provider does not have
    raise `UnsupportedOperation` before anything is sent; `capabilities` lists them beforehand.
    """

    def __repr__(self) -> str:
        return f"<Conference {self.account} on {self.provider.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Conference holds connections and credentials and cannot be pickled")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; calling it again does nothing."""
        await self.provider.aclose()

    @property
    def webhooks(self) -> Webhooks:
        """The events that the vendor pushes: read one, or make a receiver for a web framework."""
        from conferencing.webhooks.reader import Webhooks  # noqa: PLC0415 - needed by few programs

        return Webhooks(self.provider)

    async def register_many(
        self,
        room: Room | str,
        people: Source | Roster,
        *,
        journal: str | os.PathLike[str] | SharedJournal | None = None,
        fields: Mapping[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
        header_line: int | None = None,
        sheet: str | None = None,
        encoding: str | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        settle: float = 60.0,
        concurrency: int = 8,
        dry_run: bool = False,
        on_row: Callable[[BulkRow], None] | None = None,
    ) -> BulkResult:
        """Register people from a CSV file, a workbook, or rows, and return what became of each.

        With `journal`, the path of a file on a local disk, the run can be killed at any time and
        started again: nobody is lost and nobody is registered twice. With a shared journal, such as
        `postgresql://…` or `redis://…`, another machine can continue it. Rows whose outcome is
        unknown are looked up after `settle` seconds, the time that the vendor may need to finish a
        request whose reply was lost. `fields` maps columns to keys of the registration form;
        `columns`, `header_line`, `sheet` and `encoding` are those of `read_roster`, which reads the
        people unless they are a `Roster` already. `on_row` is called with each row when its outcome
        is known, and again if it changes. With `dry_run`, all checks are made and nothing is sent
        or written: rows that would be sent are `not-sent`.

        Raises for faults that concern all rows (credentials, the room, the file), and
        `JournalError` with the rows so far if the journal fails during the run.
        """
        from conferencing.bulk.outcomes import Options  # noqa: PLC0415 - SQLite
        from conferencing.bulk.register import register_roster  # noqa: PLC0415
        from conferencing.bulk.rehearse import rehearse_roster  # noqa: PLC0415
        from conferencing.bulk.roster import read_source  # noqa: PLC0415
        from conferencing.jobs.journal import is_shared  # noqa: PLC0415

        with self._label_errors(Operation.REGISTER):
            options = Options(
                confirmation=confirmation,
                language=language,
                native=native or {},
                settle=check_seconds("settle", settle),
                concurrency=check_count("concurrency", concurrency),
                on_row=on_row,
            )
            roster = await to_thread(
                read_source,
                people,
                fields,
                columns=columns,
                header_line=header_line,
                sheet=sheet,
                encoding=encoding,
            )
            if is_shared(journal):
                from conferencing.jobs.many import register_shared  # noqa: PLC0415

                return await register_shared(
                    self, room_of(room), roster, journal, options, dry_run=dry_run
                )
            path = None if journal is None else check_path("journal", cast("Any", journal))
            work = rehearse_roster if dry_run else register_roster
            return await work(self, room_of(room), roster, path, options)

    async def attendance_report(
        self,
        room: Room | str,
        session: Session | str | Iterable[Session | str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        timezone: str | None = None,
        at_least: AtLeast | None = None,
    ) -> AttendanceReport:
        """Return the attendance of sessions of a room, for `write_report`.

        `session` is one session or several. Without it, all sessions count that started at or after
        `since` and before `until`. `at_least` marks who was present for a share of the sessions,
        such as `"80%"` or 0.8, or for a time, such as `"45m"`. `timezone` is the IANA name of the
        zone in which times are shown; by default, the room's. What the provider does not report is
        listed in the report.
        """
        from conferencing.report.collect import collect_report  # noqa: PLC0415 - rarely used

        with self._label_errors(Operation.LIST_SESSIONS):
            return await collect_report(
                self,
                room,
                session,
                since=since,
                until=until,
                timezone=timezone,
                at_least=at_least,
            )

    def invitation(
        self,
        room: Room,
        link: JoinLink | None = None,
        *,
        person: Person | Participant | None = None,
        organizer: Person | None = None,
        method: str | None = None,
        sequence: int | None = None,
    ) -> bytes:
        """Return a calendar file with the dates of the room and the join link. Nothing is sent.

        The arguments are those of `conferencing.calendar.invitation`.
        """
        from conferencing.calendar import invitation  # noqa: PLC0415 - rarely used

        with self._label_errors(None):
            return invitation(
                room,
                link,
                provider=self.provider.name,
                account=self.account,
                person=person,
                organizer=organizer,
                method=method,
                sequence=sequence,
                now=self.provider.context.clock.now(),
            )

    async def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Send a request that the model does not cover, with the account's credentials and limits.

        `path` is below the base URL. `options` are those of the provider; over HTTP: `query`,
        `form`, `json`, `files`, `headers`, and `effect`, which says whether the request may be
        repeated (a POST is not, by default). Failures raise as in every operation.
        """
        with self._operation(Operation.REQUEST):
            return await self.provider.request(method, path, **options)
