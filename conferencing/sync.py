"""The blocking `connect` and `Conference`, with the same names and types: for scripts and WSGI.

Each `Conference` has an event loop in a thread of its own. It can be used from any thread, and in
notebooks.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar

from conferencing import conference
from conferencing.accounts.config import Account, Config
from conferencing.accounts.context import Clock
from conferencing.accounts.settings import hide_texts
from conferencing.capabilities import Capabilities, Ignored
from conferencing.client import listing
from conferencing.client.reconcile import Reconciliation
from conferencing.errors import ProviderError
from conferencing.model import (
    AccessToken,
    EntryRule,
    Feedback,
    File,
    JoinLink,
    Participant,
    Permissions,
    Person,
    Recording,
    Report,
    Role,
    RoleName,
    Room,
    RoomSettings,
    RoomStatusName,
    Session,
    Template,
    Usage,
)
from conferencing.model.attendance import Attendance
from conferencing.portal import Portal
from conferencing.provider import ConferenceProvider, RawReply

if TYPE_CHECKING:
    from typing import Unpack

    from conferencing.bulk.result import BulkResult, BulkRow
    from conferencing.bulk.roster import Roster, Source
    from conferencing.jobs.records import SharedJournal
    from conferencing.model.drafts import PersonFields, RegistrationDraft, RoomChanges, RoomFields
    from conferencing.report import AttendanceReport
    from conferencing.report.threshold import AtLeast
    from conferencing.webhooks.blocking import Webhooks

__all__ = ["Conference", "Listing", "connect"]

T = TypeVar("T")


def connect(
    account: str | Mapping[str, Any] | Account | None = None,
    *,
    config: str | os.PathLike[str] | Config | None = None,
    clock: Clock | None = None,
    app: str | None = None,
) -> Conference:
    """Return a blocking `Conference`; the arguments are those of `conferencing.connect`.

    There is no `session`: it would belong to another event loop.
    """
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: this frame keeps no plain string
    return Conference(conference.connect(account, config=config, clock=clock, app=app).provider)


class Listing(Generic[T]):
    """The records of a listing: iterate it, iterate its `pages()`, or `collect()` them in a list."""

    def __init__(self, records: listing.Listing[T], portal: Portal) -> None:
        self._async = records
        self._portal = portal

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the rows that were left out of the last use."""
        return self._async.problems

    def pages(self) -> Iterator[Sequence[T]]:
        """Yield the pages, each fetched when the one before it has been used."""
        pages = self._async.pages()
        try:
            while (page := self._portal.run(_next(pages))) is not None:
                yield page
        finally:
            if not self._portal.closed:
                self._portal.run(pages.aclose())

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page

    def collect(self) -> list[T]:
        """Return all records in a list."""
        return self._portal.run(self._async.collect())

    def __repr__(self) -> str:
        return "<Listing: for, .pages(), .collect()>"


async def _next(pages: AsyncGenerator[Sequence[T]]) -> Sequence[T] | None:
    return await anext(pages, None)


class Conference:
    """One account of one provider, blocking. Use it in `with`, or call `close()` at the end.

    The methods are those of `conferencing.Conference`.
    """

    def __init__(self, provider: ConferenceProvider) -> None:
        self._async = conference.Conference(provider)
        self._portal = Portal(self._async.aclose)

    def __repr__(self) -> str:
        return repr(self._async)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Conference holds connections and credentials and cannot be pickled")

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
        """Close the connections and end the thread; calling it again does nothing."""
        self._portal.close()

    @property
    def provider(self) -> ConferenceProvider:
        """The provider, which is asynchronous."""
        return self._async.provider

    @property
    def account(self) -> str:
        """The name of the account."""
        return self._async.account

    @property
    def capabilities(self) -> Capabilities:
        """What the provider supports."""
        return self._async.capabilities

    @property
    def webhooks(self) -> Webhooks:
        """The events that the vendor pushes: read one, or make a receiver for a web framework."""
        from conferencing.webhooks.blocking import Webhooks  # noqa: PLC0415 - needed by few programs

        return Webhooks(self._async, self._portal)

    def check(self) -> None:
        """Check the credentials with one cheap call. Raises `AuthenticationFailed`."""
        self._portal.run(self._async.check())

    def permissions(self) -> Sequence[Permissions]:
        """Return what each credential permits; empty if the vendor does not report it."""
        return self._portal.run(self._async.permissions())

    def rooms(self, status: RoomStatusName | None = None) -> Listing[Room]:
        """List the rooms, of one status or all."""
        return Listing(self._async.rooms(status), self._portal)

    def get_room(self, room_id: str) -> Room:
        """Fetch one room. Raises `NotFound`."""
        return self._portal.run(self._async.get_room(room_id))

    def create_room(
        self,
        name: str | None = None,
        *,
        native: Mapping[str, Any] | None = None,
        ignore_unsupported: Ignored = False,
        **fields: Unpack[RoomFields],
    ) -> Room:
        """Create a room and return it as the vendor made it. What is not set is the vendor's choice.

        `fields` are:

            kind          "meeting" or "webinar"
            starts_at     an aware datetime
            duration      a timedelta
            timezone      the IANA name of the zone to plan in; by default, that of starts_at
            permanent     True for a room without dates
            recurrence    the rule of a series (RFC 5545): "FREQ=WEEKLY;COUNT=8"
            entry         who may enter: Anyone(), Passcode(...), PersonalToken(), SignIn(...), or several
            description   the text that people see before it starts
            registration  whether people register
            approval      whether registrations wait for the host's approval
            waiting_room  whether people wait until they are let in
            capacity      how many people may be in the room
            settings      RoomSettings(...): chat, cameras, recording
            host          the Person who leads
            people        those who may enter: Person(...) and Invitee(...) values
            template      a Template or its id

        """
        return self._portal.run(
            self._async.create_room(
                name, native=native, ignore_unsupported=ignore_unsupported, **fields
            )
        )

    def reconcile_room(
        self, name: str, *, since: datetime, marker: str | None = None, settle: float = 60.0
    ) -> Reconciliation[Room]:
        """Find out what became of a creation that ended in `OutcomeUnknown`."""
        return self._portal.run(
            self._async.reconcile_room(name, since=since, marker=marker, settle=settle)
        )

    def update_room(
        self,
        room: Room | str,
        *,
        native: Mapping[str, Any] | None = None,
        ignore_unsupported: Ignored = False,
        **changes: Unpack[RoomChanges],
    ) -> Room:
        """Change the fields that are passed and return the whole room: its links may have changed.

        `changes` are the fields of `create_room`, and `name` and `status`.
        """
        return self._portal.run(
            self._async.update_room(
                room, native=native, ignore_unsupported=ignore_unsupported, **changes
            )
        )

    def delete_room(self, room: Room | str) -> None:
        """Delete a room. A room that does not exist any more is not an error."""
        self._portal.run(self._async.delete_room(room))

    def default_settings(self) -> RoomSettings:
        """Fetch the settings of new rooms."""
        return self._portal.run(self._async.default_settings())

    def room_settings(self, room: Room | str) -> RoomSettings:
        """Fetch the settings of one room."""
        return self._portal.run(self._async.room_settings(room))

    def templates(self) -> Listing[Template]:
        """List the room templates."""
        return Listing(self._async.templates(), self._portal)

    def create_template(
        self,
        name: str,
        *,
        description: str | None = None,
        default: bool = False,
        native: Mapping[str, Any] | None = None,
    ) -> Template:
        """Create a room template."""
        return self._portal.run(
            self._async.create_template(
                name, description=description, default=default, native=native
            )
        )

    def update_template(
        self, template: Template, *, native: Mapping[str, Any] | None = None
    ) -> Template:
        """Overwrite the vendor's template with this id."""
        return self._portal.run(self._async.update_template(template, native=native))

    def delete_template(self, template: Template | str) -> None:
        """Delete a template. A template that does not exist any more is not an error."""
        self._portal.run(self._async.delete_template(template))

    def register(
        self,
        room: Room | str,
        person: Person | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        **who: Unpack[PersonFields],
    ) -> Participant:
        """Register one person: a `Person`, or `email`, `first_name`, `last_name` and `name`."""
        return self._portal.run(
            self._async.register(
                room,
                person,
                fields=fields,
                confirmation=confirmation,
                language=language,
                native=native,
                **who,
            )
        )

    def draft_registration(
        self,
        person: Person | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        **who: Unpack[PersonFields],
    ) -> RegistrationDraft:
        """Return a registration after all checks that `register` makes. Nothing is sent."""
        return self._async.draft_registration(
            person,
            fields=fields,
            confirmation=confirmation,
            language=language,
            native=native,
            **who,
        )

    def register_many(
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

        `on_row` is called in the thread of the event loop.
        """
        return self._portal.run(
            self._async.register_many(
                room,
                people,
                journal=journal,
                fields=fields,
                columns=columns,
                header_line=header_line,
                sheet=sheet,
                encoding=encoding,
                confirmation=confirmation,
                language=language,
                native=native,
                settle=settle,
                concurrency=concurrency,
                dry_run=dry_run,
                on_row=on_row,
            )
        )

    def ensure_registered(
        self,
        room: Room | str,
        person: Person | None = None,
        *,
        settle: float = 60.0,
        **who: Unpack[PersonFields],
    ) -> Participant:
        """Register one person unless they are registered. It is safe to call it again."""
        return self._portal.run(self._async.ensure_registered(room, person, settle=settle, **who))

    def register_batch(
        self, room: Room | str, people: Iterable[Person | RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register several people with one call; `capabilities.features.batch` says how many."""
        return self._portal.run(self._async.register_batch(room, people))

    def approve_registration(self, room: Room | str, participant: Participant | str) -> Participant:
        """Approve a pending registration, and return it: it may have a join link now."""
        return self._portal.run(self._async.approve_registration(room, participant))

    def deny_registration(self, room: Room | str, participant: Participant | str) -> Participant:
        """Deny a registration, and return it."""
        return self._portal.run(self._async.deny_registration(room, participant))

    def cancel_registration(self, room: Room | str, participant: Participant | str) -> None:
        """Cancel a registration. One that does not exist any more is not an error."""
        self._portal.run(self._async.cancel_registration(room, participant))

    def participants(self, of: Room | Session | str) -> Listing[Participant]:
        """List the registrations of a room (an id is a room's), or those present in a session."""
        return Listing(self._async.participants(of), self._portal)

    def get_participant(
        self, room: Room | str, participant_id: str | None = None, *, email: str | None = None
    ) -> Participant:
        """Fetch one registration by id or by e-mail. Raises `NotFound`."""
        return self._portal.run(self._async.get_participant(room, participant_id, email=email))

    def reconcile_participant(
        self, room: Room | str, email: str, *, settle: float = 60.0
    ) -> Reconciliation[Participant]:
        """Find out what became of a registration that ended in `OutcomeUnknown`."""
        return self._portal.run(self._async.reconcile_participant(room, email, settle=settle))

    def invite(
        self,
        room: Room | str,
        people: Iterable[Person | str],
        *,
        role: RoleName = Role.ATTENDEE,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> None:
        """Have the vendor mail invitations to people, each a `Person` or an e-mail address."""
        self._portal.run(
            self._async.invite(room, people, role=role, language=language, native=native)
        )

    def join_link(
        self,
        room: Room | str,
        *,
        role: RoleName = Role.ATTENDEE,
        person: Person | Participant | None = None,
        token: AccessToken | str | None = None,
        **who: Unpack[PersonFields],
    ) -> JoinLink:
        """Get a join link: personal if a person is given, else the same for everybody."""
        return self._portal.run(
            self._async.join_link(room, role=role, person=person, token=token, **who)
        )

    def create_access_tokens(self, room: Room | str, count: int = 1) -> Sequence[AccessToken]:
        """Create codes that admit one person each."""
        return self._portal.run(self._async.create_access_tokens(room, count))

    def access_tokens(self, room: Room | str, *, email: str | None = None) -> Listing[AccessToken]:
        """List the codes of a room; with `email`, the one sent to that address."""
        return Listing(self._async.access_tokens(room, email=email), self._portal)

    def revoke_access_tokens(self, room: Room | str, tokens: Iterable[AccessToken | str]) -> None:
        """Revoke access tokens, each an `AccessToken` or its code."""
        self._portal.run(self._async.revoke_access_tokens(room, tokens))

    def start_session(
        self,
        room: Room | str,
        host: Person | str,
        *,
        title: str | None = None,
        entry: EntryRule | Iterable[EntryRule] | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> JoinLink:
        """Start a session and return the host's join link; `host` is a person or a name."""
        return self._portal.run(
            self._async.start_session(room, host, title=title, entry=entry, native=native)
        )

    def end_session(self, session: Session | str) -> None:
        """End exactly this session, not a later one of the same room."""
        self._portal.run(self._async.end_session(session))

    def sessions(self, room: Room | str) -> Listing[Session]:
        """List the sessions of a room."""
        return Listing(self._async.sessions(room), self._portal)

    def get_session(self, session_id: str) -> Session:
        """Fetch one session. Raises `NotFound`."""
        return self._portal.run(self._async.get_session(session_id))

    def attendance(self, of: Session | Room | str) -> Listing[Attendance]:
        """List the attendance of a session: one record per person and session."""
        return Listing(self._async.attendance(of), self._portal)

    def attendance_report(
        self,
        room: Room | str,
        session: Session | str | Iterable[Session | str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        timezone: str | None = None,
        at_least: AtLeast | None = None,
    ) -> AttendanceReport:
        """Return the attendance of sessions of a room, for `write_report`."""
        return self._portal.run(
            self._async.attendance_report(
                room, session, since=since, until=until, timezone=timezone, at_least=at_least
            )
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
        """Return a calendar file with the dates of the room and the join link. Nothing is sent."""
        return self._async.invitation(
            room, link, person=person, organizer=organizer, method=method, sequence=sequence
        )

    def recordings(self, of: Room | Session | str | None = None) -> Listing[Recording]:
        """List the recordings of a room (an id is a room's), of a session, or of the account."""
        return Listing(self._async.recordings(of), self._portal)

    def delete_recording(self, recording: Recording | str) -> None:
        """Delete one recording. One that does not exist any more is not an error."""
        self._portal.run(self._async.delete_recording(recording))

    def delete_recordings(self, room: Room | str) -> None:
        """Delete all recordings of a room."""
        self._portal.run(self._async.delete_recordings(room))

    def create_report(
        self, session: Session | str, *, kind: str = "pdf", language: str = "en"
    ) -> Report:
        """Request a report of a session; then check its `status`, or call `wait_for_report`."""
        return self._portal.run(self._async.create_report(session, kind=kind, language=language))

    def get_report(self, report: Report | str) -> Report:
        """Fetch a report with its present status."""
        return self._portal.run(self._async.get_report(report))

    def wait_for_report(
        self, report: Report | str, *, every: float = 2.0, at_most: float = 600.0
    ) -> Report:
        """Fetch a report until it is ready. The waits grow from `every` to 30, in seconds."""
        return self._portal.run(self._async.wait_for_report(report, every=every, at_most=at_most))

    def download(
        self,
        what: Recording | Report | File,
        to: str | os.PathLike[str],
        *,
        replace: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Path:
        """Save a recording's first file, a report, or a file as `to`, and return that path.

        `progress` is called in the thread of the event loop.
        """
        return self._portal.run(self._async.download(what, to, replace=replace, progress=progress))

    def usage(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Usage]:
        """List the usage of ended sessions; without a range, in the vendor's default range."""
        return Listing(self._async.usage(since, until, tenant=tenant), self._portal)

    def feedback(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Feedback]:
        """List people's feedback; without a range, in the vendor's default range."""
        return Listing(self._async.feedback(since, until, tenant=tenant), self._portal)

    def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Send a request that the model does not cover, with the account's credentials and limits."""
        return self._portal.run(self._async.request(method, path, **options))
