"""The client's operations on sessions, and on what is left of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from conferencing.capabilities import Operation
from conferencing.client.base import Client, check_range, id_of, room_of, session_of
from conferencing.client.listing import Listing
from conferencing.client.saving import save
from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    UnsupportedOption,
)
from conferencing.model import (
    EntryRule,
    Feedback,
    File,
    JoinLink,
    Person,
    Recording,
    Report,
    ReportStatus,
    Room,
    Session,
    Usage,
)
from conferencing.model.attendance import Attendance
from conferencing.model.drafts import SessionDraft
from conferencing.provider import Pages


class SessionOperations(Client):
    """Start and end sessions, and ask who was there, with which recordings and reports."""

    async def start_session(
        self,
        room: Room | str,
        host: Person | str,
        *,
        title: str | None = None,
        entry: EntryRule | Iterable[EntryRule] | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> JoinLink:
        """Start a session and return the host's way in; `host` is a person or a name.

        `entry` says how others may enter this session, where a vendor asks for it with each one.
        Raises `OutcomeUnknown` if the reply was lost, where starting twice would start two.
        """
        with self._operation(Operation.START_SESSION):
            draft = SessionDraft(
                host=host if isinstance(host, Person) else Person(name=host),
                title=title,
                entry=entry,
                native=native or {},
            )
            return await self.provider.start_session(room_of(room), draft)

    async def end_session(self, session: Session | str) -> None:
        """End this very session and no later one."""
        with self._operation(Operation.END_SESSION):
            await self.provider.end_session(session_of(session))

    def sessions(self, room: Room | str) -> Listing[Session]:
        """List the sessions of a room."""
        with self._operation(Operation.LIST_SESSIONS):
            target = room_of(room)
        return self._listing(Operation.LIST_SESSIONS, lambda: self.provider.list_sessions(target))

    async def get_session(self, session_id: str) -> Session:
        """Fetch one session. Raises `NotFound`."""
        with self._operation(Operation.GET_SESSION):
            return await self.provider.get_session(id_of(session_id, "session_id"))

    def attendance(self, of: Session | Room | str) -> Listing[Attendance]:
        """List who was there, one record per person and session.

        An id is a session's. For a `Room`, the records of all its sessions follow one another.
        """
        if isinstance(of, Room):
            return self._listing(Operation.LIST_ATTENDANCE, lambda: self._attendance(of))
        with self._operation(Operation.LIST_ATTENDANCE):
            session = session_of(of)
        return self._listing(
            Operation.LIST_ATTENDANCE, lambda: self.provider.list_attendance(session)
        )

    async def _attendance(self, room: Room) -> Pages[Attendance]:
        async for sessions in self.provider.list_sessions(room):
            for session in sessions:
                async for page in self.provider.list_attendance(session):
                    yield page

    def recordings(self, of: Room | Session | str | None = None) -> Listing[Recording]:
        """List the recordings of a room (an id is a room's), of a session, or of the account."""
        with self._operation(Operation.LIST_RECORDINGS):
            target = of if of is None or isinstance(of, Session) else room_of(of)
        return self._listing(
            Operation.LIST_RECORDINGS, lambda: self.provider.list_recordings(target)
        )

    async def delete_recording(self, recording: Recording | str) -> None:
        """Delete one recording; one that is gone already is a success."""
        with self._operation(Operation.DELETE_RECORDING):
            target = (
                recording if isinstance(recording, Recording) else Recording(id=id_of(recording))
            )
            await self.provider.delete_recording(target)

    async def delete_recordings(self, room: Room | str) -> None:
        """Delete all recordings of a room."""
        with self._operation(Operation.DELETE_RECORDINGS):
            await self.provider.delete_recordings(room_of(room))

    async def create_report(
        self, session: Session | str, *, kind: str = "pdf", language: str = "en"
    ) -> Report:
        """Order a report of a session; see its `status`, or `wait_for_report`."""
        with self._operation(Operation.CREATE_REPORT):
            if kind not in self.provider.features.reports:
                raise UnsupportedOption(
                    f"{self.provider.name} makes no {kind!r} reports, only "
                    f"{', '.join(sorted(self.provider.features.reports)) or 'none'}",
                    field="kind",
                )
            return await self.provider.create_report(session_of(session), kind, language)

    async def get_report(self, report: Report | str) -> Report:
        """Fetch the present state of a report."""
        with self._operation(Operation.GET_REPORT):
            target = report.id if isinstance(report, Report) else report
            return await self.provider.get_report(id_of(target, "report"))

    async def wait_for_report(
        self, report: Report | str, *, every: float = 2.0, at_most: float = 600.0
    ) -> Report:
        """Ask for a report until it is ready; waits grow from `every` to 30 s, in seconds.

        Raises `ProviderUnavailable` if it fails or is not ready after `at_most` seconds.
        """
        if every <= 0:
            raise InvalidRequest(f"every is {every}; it must be more seconds than 0", field="every")
        clock = self.provider.context.clock
        deadline = clock.monotonic() + at_most
        state = report if isinstance(report, Report) else await self.get_report(report)
        while state.status is not ReportStatus.READY:
            if state.status is ReportStatus.FAILED or clock.monotonic() + every > deadline:
                raise self._not_ready(state, at_most)
            await clock.sleep(every)
            every = min(every * 1.5, 30.0)
            state = await self.get_report(state)
        return state

    def _not_ready(self, report: Report, at_most: float) -> ConferencingError:
        failed = report.status is ReportStatus.FAILED
        error = ProviderUnavailable(
            "the vendor could not make the report"
            if failed
            else f"the report is at {report.progress} % after {at_most:.0f} s",
            retryable=not failed,
        )
        self._label(error, Operation.GET_REPORT)
        return error

    async def download(
        self,
        what: Recording | Report | File,
        to: str | os.PathLike[str],
        *,
        replace: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Path:
        """Save a recording's first file, or a report, under a name of your choice; return its path.

        The file appears whole or not at all. A link that has expired is fetched anew, once.
        `progress` is called with the number of bytes that have come. Raises `InvalidRequest` if the
        file is there already and `replace` is not set, or if nothing is to be had yet; `NotFound`
        if it is gone.
        """
        path = Path(to)
        with self._operation(None):
            file = file_of(what)
            try:
                return await save(self.provider.read_file(file), path, replace, progress)
            except NotFound as error:
                expired = error
            fresh = await self._fresh(what)
            if fresh is None or fresh.url == file.url:
                raise expired
            return await save(self.provider.read_file(fresh), path, replace, progress)

    async def _fresh(self, what: Recording | Report | File) -> File | None:
        """Return the file with its present link, if that can be asked for."""
        if isinstance(what, Report):
            return (await self.provider.get_report(what.id)).file
        if not isinstance(what, Recording) or not self.capabilities.supports("list_recordings"):
            return None
        room = None if what.room_id is None else Room(id=what.room_id)
        async for one in self.recordings(room):
            if one.id == what.id and one.files:
                return one.files[0]
        return None

    def usage(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Usage]:
        """List what ended sessions cost; without a range, the vendor's own counts."""
        with self._operation(Operation.USAGE):
            check_range(since, until)
        return self._listing(Operation.USAGE, lambda: self.provider.usage(since, until, tenant))

    def feedback(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Feedback]:
        """List what people thought; without a range, the vendor's own counts."""
        with self._operation(Operation.FEEDBACK):
            check_range(since, until)
        return self._listing(
            Operation.FEEDBACK, lambda: self.provider.feedback(since, until, tenant)
        )


def file_of(what: Recording | Report | File) -> File:
    """Return the file to download. Raises `InvalidRequest` if there is none yet."""
    match what:
        case File():
            return what
        case Recording(files=(first, *_)):
            return first
        case Report(file=File() as file):
            return file
        case _:
            raise InvalidRequest("there is no file to download yet", field="what")
