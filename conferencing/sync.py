"""The same `connect` and `Conference`, blocking: same names, same types, for scripts and WSGI.

One event loop in one thread serves a `Conference`; it works in notebooks too, and from any thread.
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
from conferencing.capabilities import Capabilities
from conferencing.client import listing
from conferencing.client.reconcile import Reconciliation
from conferencing.model import (
    AccessToken,
    EntryRule,
    Feedback,
    File,
    JoinLink,
    Participant,
    Person,
    Recording,
    Report,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
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
    from conferencing.bulk.roster import Source
    from conferencing.model.drafts import PersonFields, RoomChanges, RoomFields
    from conferencing.report import AttendanceReport

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

    No session can be borrowed: it would belong to another event loop.
    """
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: the texts are gone from this frame
    return Conference(conference.connect(account, config=config, clock=clock, app=app).provider)


class Listing(Generic[T]):
    """List what a provider has: iterate it, take whole `pages()`, or `collect()` all in a list."""

    def __init__(self, behind: listing.Listing[T], portal: Portal) -> None:
        self._behind = behind
        self._portal = portal

    def pages(self) -> Iterator[Sequence[T]]:
        """Give the pages, each fetched when it is asked for."""
        pages = self._behind.pages()
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
        """Return all of them in a list."""
        return self._portal.run(self._behind.collect())

    def __repr__(self) -> str:
        return "<Listing: for, .pages(), .collect()>"


async def _next(pages: AsyncGenerator[Sequence[T]]) -> Sequence[T] | None:
    return await anext(pages, None)


class Conference:
    """One account of one provider, blocking. Use it in `with`, or call `close()` in the end.

    Every method is that of `conferencing.Conference` with the same name.
    """

    def __init__(self, provider: ConferenceProvider) -> None:
        self._async = conference.Conference(provider)
        self._portal = Portal()

    def __repr__(self) -> str:
        return repr(self._async)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Conference holds connections and credentials and is not pickled")

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
        if not self._portal.closed:
            try:
                self._portal.run(self._async.aclose())
            finally:
                self._portal.close()

    @property
    def provider(self) -> ConferenceProvider:
        """The provider behind it, which is asynchronous."""
        return self._async.provider

    @property
    def account(self) -> str:
        """The name of the account."""
        return self._async.account

    @property
    def capabilities(self) -> Capabilities:
        """What the provider can do."""
        return self._async.capabilities

    def check(self) -> None:
        """Prove the credentials by one cheap call. Raises `AuthenticationFailed`."""
        self._portal.run(self._async.check())

    def rooms(self, status: RoomStatus | str | None = None) -> Listing[Room]:
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
        ignore_unsupported: bool = False,
        **fields: Unpack[RoomFields],
    ) -> Room:
        """Create a room and return it as the vendor made it; `fields` are those of `RoomDraft`."""
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
        ignore_unsupported: bool = False,
        **changes: Unpack[RoomChanges],
    ) -> Room:
        """Change what is given and return the whole new room: its links may have changed."""
        return self._portal.run(
            self._async.update_room(
                room, native=native, ignore_unsupported=ignore_unsupported, **changes
            )
        )

    def delete_room(self, room: Room | str) -> None:
        """Delete a room; one that is gone already is a success."""
        self._portal.run(self._async.delete_room(room))

    def default_settings(self) -> RoomSettings:
        """Fetch the settings that new rooms get."""
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
        """Make the vendor's template of this id like the given one."""
        return self._portal.run(self._async.update_template(template, native=native))

    def delete_template(self, template: Template | str) -> None:
        """Delete a template; one that is gone already is a success."""
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

    def register_many(
        self,
        room: Room | str,
        people: Source,
        *,
        journal: str | os.PathLike[str] | None = None,
        fields: Mapping[str, str] | None = None,
        confirmation: bool | None = None,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
        settle: float = 60.0,
        concurrency: int = 8,
        on_row: Callable[[BulkRow], None] | None = None,
    ) -> BulkResult:
        """Register people from a CSV file, a workbook, or rows, and tell what became of each.

        `on_row` is called in the thread of the loop.
        """
        return self._portal.run(
            self._async.register_many(
                room,
                people,
                journal=journal,
                fields=fields,
                confirmation=confirmation,
                language=language,
                native=native,
                settle=settle,
                concurrency=concurrency,
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
        """Register one person unless that is so already. It is safe to call it again."""
        return self._portal.run(self._async.ensure_registered(room, person, settle=settle, **who))

    def participants(self, of: Room | Session | str) -> Listing[Participant]:
        """List who is registered for a room (an id is a room's), or who of them came to a session."""
        return Listing(self._async.participants(of), self._portal)

    def get_participant(
        self, room: Room | str, participant_id: str | None = None, *, email: str | None = None
    ) -> Participant:
        """Fetch one registration by its id or by e-mail. Raises `NotFound`."""
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
        role: Role | str = Role.ATTENDEE,
        language: str | None = None,
        native: Mapping[str, Any] | None = None,
    ) -> None:
        """Have the vendor mail invitations to people, given as `Person` or by e-mail."""
        self._portal.run(
            self._async.invite(room, people, role=role, language=language, native=native)
        )

    def join_link(
        self,
        room: Room | str,
        *,
        role: Role | str = Role.ATTENDEE,
        person: Person | Participant | None = None,
        email: str | None = None,
        name: str | None = None,
        token: AccessToken | None = None,
    ) -> JoinLink:
        """Get a way into a room: personal if a person is given, else the same for everybody."""
        return self._portal.run(
            self._async.join_link(
                room, role=role, person=person, email=email, name=name, token=token
            )
        )

    def create_access_tokens(self, room: Room | str, count: int = 1) -> Sequence[AccessToken]:
        """Make codes that let in one person each."""
        return self._portal.run(self._async.create_access_tokens(room, count))

    def access_tokens(self, room: Room | str, *, email: str | None = None) -> Listing[AccessToken]:
        """List the codes of a room; with `email`, the one that was sent there."""
        return Listing(self._async.access_tokens(room, email=email), self._portal)

    def revoke_access_tokens(self, room: Room | str, tokens: Iterable[AccessToken]) -> None:
        """Make codes worthless."""
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
        """Start a session and return the host's way in; `host` is a person or a name."""
        return self._portal.run(
            self._async.start_session(room, host, title=title, entry=entry, native=native)
        )

    def end_session(self, session: Session | str) -> None:
        """End this very session and no later one."""
        self._portal.run(self._async.end_session(session))

    def sessions(self, room: Room | str) -> Listing[Session]:
        """List the sessions of a room."""
        return Listing(self._async.sessions(room), self._portal)

    def get_session(self, session_id: str) -> Session:
        """Fetch one session. Raises `NotFound`."""
        return self._portal.run(self._async.get_session(session_id))

    def attendance(self, of: Session | Room | str) -> Listing[Attendance]:
        """List who was there, one record per person and session."""
        return Listing(self._async.attendance(of), self._portal)

    def attendance_report(
        self,
        room: Room | str,
        session: Session | str | None = None,
        *,
        timezone: str | None = None,
    ) -> AttendanceReport:
        """Gather who was there over all sessions of a room, or in one, for `write_report`."""
        return self._portal.run(self._async.attendance_report(room, session, timezone=timezone))

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
        """Return a calendar file with the room's dates and the way in; nothing is sent."""
        return self._async.invitation(
            room, link, person=person, organizer=organizer, method=method, sequence=sequence
        )

    def recordings(self, of: Room | Session | str | None = None) -> Listing[Recording]:
        """List the recordings of a room (an id is a room's), of a session, or of the account."""
        return Listing(self._async.recordings(of), self._portal)

    def delete_recording(self, recording: Recording | str) -> None:
        """Delete one recording; one that is gone already is a success."""
        self._portal.run(self._async.delete_recording(recording))

    def delete_recordings(self, room: Room | str) -> None:
        """Delete all recordings of a room."""
        self._portal.run(self._async.delete_recordings(room))

    def create_report(
        self, session: Session | str, *, kind: str = "pdf", language: str = "en"
    ) -> Report:
        """Order a report of a session; see its `status`, or `wait_for_report`."""
        return self._portal.run(self._async.create_report(session, kind=kind, language=language))

    def get_report(self, report: Report | str) -> Report:
        """Fetch the present state of a report."""
        return self._portal.run(self._async.get_report(report))

    def wait_for_report(
        self, report: Report | str, *, every: float = 2.0, at_most: float = 600.0
    ) -> Report:
        """Ask for a report until it is ready; waits grow from `every` to 30 s, in seconds."""
        return self._portal.run(self._async.wait_for_report(report, every=every, at_most=at_most))

    def download(
        self,
        what: Recording | Report | File,
        to: str | os.PathLike[str],
        *,
        replace: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Path:
        """Save a recording's first file, or a report, under a name of your choice; return its path.

        `progress` is called in the thread of the loop.
        """
        return self._portal.run(self._async.download(what, to, replace=replace, progress=progress))

    def usage(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Usage]:
        """List what ended sessions cost; without a range, the vendor's own counts."""
        return Listing(self._async.usage(since, until, tenant=tenant), self._portal)

    def feedback(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        tenant: str | None = None,
    ) -> Listing[Feedback]:
        """List what people thought; without a range, the vendor's own counts."""
        return Listing(self._async.feedback(since, until, tenant=tenant), self._portal)

    def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Make a call that the model does not cover, with this account's credentials and limits."""
        return self._portal.run(self._async.request(method, path, **options))
