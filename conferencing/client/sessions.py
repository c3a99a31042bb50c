"""Operations on sessions, attendance, recordings, reports, usage and feedback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from conferencing.capabilities import Operation
from conferencing.client.base import (
    Client,
    check_path,
    check_range,
    check_seconds,
    check_string,
    id_of,
    room_of,
    session_of,
)
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
    """Start and end sessions; list attendance, recordings, reports, usage and feedback."""

    async def start_session(
        self,
        room: Room | str,
        host: Person | str,
        *,
        title: str | None = None,
        entry: EntryRule | Iterable[EntryRule] | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> JoinLink:
        """Start a session and return the host's join link; `host` is a person or a name.

        `entry` says how others may enter this session, for vendors that ask for it each time.
        Raises `OutcomeUnknown` if the reply was lost and a repetition could start a second session.
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
        """End exactly this session, not a later one of the same room."""
        with self._operation(Operation.END_SESSION):
            await self.provider.end_session(session_of(session))

    def sessions(self, room: Room | str) -> Listing[Session]:
        """List the sessions of a room."""
        with self._label_errors(Operation.LIST_SESSIONS):
            target = room_of(room)
        return self._listing(Operation.LIST_SESSIONS, lambda: self.provider.list_sessions(target))

    async def get_session(self, session_id: str) -> Session:
        """Fetch one session. Raises `NotFound`."""
        with self._operation(Operation.GET_SESSION):
            return await self.provider.get_session(id_of(session_id, "session_id"))

    def attendance(self, of: Session | Room | str) -> Listing[Attendance]:
        """List the attendance of a session: one record per person and session.

        An id is a session's. For a `Room`, the records of all its sessions in turn.
        """
        if isinstance(of, Room):
            return self._listing(Operation.LIST_ATTENDANCE, lambda: self._attendance(of))
        with self._label_errors(Operation.LIST_ATTENDANCE):
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
        with self._label_errors(Operation.LIST_RECORDINGS):
            target = of if of is None or isinstance(of, Session) else room_of(of)
        return self._listing(
            Operation.LIST_RECORDINGS, lambda: self.provider.list_recordings(target)
        )

    async def delete_recording(self, recording: Recording | str) -> None:
        """Delete one recording. One that does not exist any more is not an error."""
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
        """Request a report of a session; then check its `status`, or call `wait_for_report`."""
        with self._operation(Operation.CREATE_REPORT):
            check_string("language", language)
            kinds = self.provider.features.reports
            if check_string("kind", kind) not in kinds:
                known = f" {kind!r} reports; it has {', '.join(sorted(kinds))}"
                raise UnsupportedOption(
                    f"{self.provider.name} has no{known if kinds else ' reports'}", field="kind"
                )
            return await self.provider.create_report(session_of(session), kind, language)

    async def get_report(self, report: Report | str) -> Report:
        """Fetch a report with its present status."""
        with self._operation(Operation.GET_REPORT):
            target = report.id if isinstance(report, Report) else report
            return await self.provider.get_report(id_of(target, "report"))

    async def wait_for_report(
        self, report: Report | str, *, every: float = 2.0, at_most: float = 600.0
    ) -> Report:
        """Fetch a report until it is ready. The waits grow from `every` to 30, in seconds.

        Raises `ProviderUnavailable` if it fails or is not ready after `at_most` seconds.
        """
        with self._label_errors(Operation.GET_REPORT):
            if not check_seconds("every", every):
                raise InvalidRequest("every is 0; it must be more than 0 seconds", field="every")
            check_seconds("at_most", at_most)
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
        progress = "" if report.progress is None else f" ({report.progress} %)"
        error = ProviderUnavailable(
            "the vendor could not make the report"
            if failed
            else f"the report was not ready after {at_most:.0f} s{progress}",
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
        """Save a recording's first file, a report, or a file as `to`, and return that path.

        The file appears complete or not at all. If its link has expired, a new one is fetched,
        once. `progress` is called with the number of bytes written so far. Raises
        `InvalidRequest` if `to` exists and `replace` is not set, if it cannot be written, or if
        there is no file yet; `NotFound` if the vendor does not have it any more.
        """
        with self._label_errors(None):
            file = file_of(what)
            path = check_path("to", to)
            try:
                return await save(self.provider.read_file(file), path, replace, progress)
            except NotFound as error:
                expired = error
            # Not inside `except`: a later error would keep the frames of this one, with its link.
            fresh = await self._refresh_file(what)
            if fresh is None or fresh.url == file.url:
                raise expired
            return await save(self.provider.read_file(fresh), path, replace, progress)

    async def _refresh_file(self, what: Recording | Report | File) -> File | None:
        """Return the file with a new link, if the provider can list it again."""
        if isinstance(what, Report):
            return (await self.provider.get_report(what.id)).file
        if not isinstance(what, Recording) or not self.capabilities.supports("list_recordings"):
            return None
        room = None if what.room_id is None else Room(id=what.room_id)
        async for recording in self.recordings(room):
            if recording.id == what.id and recording.files:
                return recording.files[0]
        return None

    def usage(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Usage]:
        """List the usage of ended sessions; without a range, in the vendor's default range."""
        with self._label_errors(Operation.USAGE):
            check_range(since, until)
            self._check_tenant(tenant)
        return self._listing(Operation.USAGE, lambda: self.provider.usage(since, until, tenant))

    def feedback(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Feedback]:
        """List people's feedback; without a range, in the vendor's default range."""
        with self._label_errors(Operation.FEEDBACK):
            check_range(since, until)
            self._check_tenant(tenant)
        return self._listing(
            Operation.FEEDBACK, lambda: self.provider.feedback(since, until, tenant)
        )

    def _check_tenant(self, tenant: str | None) -> None:
        if check_string("tenant", tenant) is not None and not self.provider.features.tenants:
            raise UnsupportedOption(f"{self.provider.name} has no tenants", field="tenant")


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
