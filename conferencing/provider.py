"""The protocol that an adapter implements. Its own bodies refuse what is not overridden.

Subclass `ConferenceProvider` (or `conferencing.http.HTTPProvider`) and override what the vendor
has: that alone tells the capabilities. Listings give pages, each a list as the vendor delivers it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast

from conferencing.accounts.context import Context
from conferencing.capabilities import (
    SUPPORT_MARK,
    Capabilities,
    Features,
    Operation,
    Support,
    derive,
)
from conferencing.errors import MalformedResponse, UnsupportedOperation
from conferencing.model import (
    AccessToken,
    Feedback,
    File,
    JoinLink,
    Participant,
    Person,
    Recording,
    Report,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    Template,
    Usage,
)
from conferencing.model.attendance import Attendance
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft, SessionDraft

__all__ = ["ConferenceProvider", "Pages", "RawReply", "unverified"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

Pages = AsyncIterator[Sequence[T]]
"""What a listing returns: page after page, each fetched when it is asked for."""


class Page(list[T]):
    """A page from which rows were left out because they could not be read.

    `problems` says for each what is wrong and where.
    """

    def __init__(self, rows: Sequence[T], problems: Sequence[str]) -> None:
        super().__init__(rows)
        self.problems = tuple(problems)


def refuse_repeat(page: Sequence[Any], seen: set[int]) -> None:
    """Raise `MalformedResponse` for a page that was there before: the same ids in the same order.

    `seen` remembers the pages. Records without an id are told apart by all their fields.
    """
    try:
        mark = hash(_marks(page))
    except TypeError:
        return  # rows that nothing tells apart
    if mark in seen and page:
        raise MalformedResponse("the vendor sent the same page twice; the listing would not end")
    seen.add(mark)


def _marks(page: Sequence[Any]) -> tuple[object, ...]:
    try:
        ids = tuple(map(_ID, page))
    except AttributeError:
        ids = ()
    return ids if ids and all(ids) else tuple(getattr(one, "id", None) or one for one in page)


_ID: Final = attrgetter("id")


class RawReply(Protocol):
    """What `request` gives back: the reply as it came."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    def json(self) -> Any: ...


class ConferenceProvider(Protocol):
    """One vendor, one account. An instance is made with its settings and a `Context`.

    Every operation that a subclass does not override raises `UnsupportedOperation` before any
    I/O. Where an operation takes a `Room` or a `Session`, one that is known by its id alone must
    do: fetch the rest if you need it.
    """

    name: str
    settings_class: type[Any]
    features: Features = Features()
    context: Context

    def __init__(self, settings: Any, context: Context) -> None: ...

    @property
    def capabilities(self) -> Capabilities:
        """What this provider can do, derived from what its class overrides."""
        return derive(type(self), ConferenceProvider, self.name, self.features)

    @classmethod
    def dialects(cls) -> Mapping[str, type[ConferenceProvider]]:
        """Return the classes that `open` chooses from, by a short name; the usual one has none."""
        return {"": cls}

    @classmethod
    def open(cls, settings: Any, context: Context) -> ConferenceProvider:
        """Return a provider for an account; a class with several dialects chooses one here."""
        return cls(settings, context)

    def features_for(self, kind: RoomKind | None) -> Features:
        """Return the features for rooms of this kind; the same for all unless overridden."""
        return self.features

    async def aclose(self) -> None:
        """Let go of what this provider holds. Calling it again does nothing."""

    # -- rooms

    async def check(self) -> None:
        """Make one cheap call that proves the credentials."""
        self._refuse(Operation.CHECK)

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms, of one status or all."""
        self._refuse(Operation.LIST_ROOMS)

    async def get_room(self, room_id: str) -> Room:
        """Fetch one room."""
        self._refuse(Operation.GET_ROOM)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room and return the whole of it."""
        self._refuse(Operation.CREATE_ROOM)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change what the draft says and return the whole new room: links may have changed."""
        self._refuse(Operation.UPDATE_ROOM)

    async def delete_room(self, room: Room) -> None:
        """Delete the room; one that is gone already is a success."""
        self._refuse(Operation.DELETE_ROOM)

    async def default_settings(self) -> RoomSettings:
        """Fetch the settings that new rooms get."""
        self._refuse(Operation.DEFAULT_SETTINGS)

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch the settings of one room."""
        self._refuse(Operation.ROOM_SETTINGS)

    def list_templates(self) -> Pages[Template]:
        """List the room templates."""
        self._refuse(Operation.LIST_TEMPLATES)

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Create a room template; the id of the given one does not count."""
        self._refuse(Operation.CREATE_TEMPLATE)

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Make the vendor's template of this id like the given one."""
        self._refuse(Operation.UPDATE_TEMPLATE)

    async def delete_template(self, template: Template) -> None:
        """Delete the template; one that is gone already is a success."""
        self._refuse(Operation.DELETE_TEMPLATE)

    # -- people and ways in

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register one person."""
        self._refuse(Operation.REGISTER)

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List who is registered for a room, or who of them appeared in a session."""
        self._refuse(Operation.LIST_PARTICIPANTS)

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch one registration by its id or by e-mail; exactly one of the two is given."""
        self._refuse(Operation.GET_PARTICIPANT)

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Have the vendor mail invitations."""
        self._refuse(Operation.INVITE)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get a way in: personal if a person is given, else the same for everybody."""
        self._refuse(Operation.JOIN_LINK)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Make codes that let in one person each."""
        self._refuse(Operation.CREATE_ACCESS_TOKENS)

    def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List the codes of a room; with `email`, the one that was sent there."""
        self._refuse(Operation.LIST_ACCESS_TOKENS)

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Make codes worthless."""
        self._refuse(Operation.REVOKE_ACCESS_TOKENS)

    # -- sessions and what is left of them

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session, or find the one that runs, and return the host's way in."""
        self._refuse(Operation.START_SESSION)

    async def end_session(self, session: Session) -> None:
        """End this very session and no later one."""
        self._refuse(Operation.END_SESSION)

    def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of a room."""
        self._refuse(Operation.LIST_SESSIONS)

    async def get_session(self, session_id: str) -> Session:
        """Fetch one session."""
        self._refuse(Operation.GET_SESSION)

    def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there: one record per person."""
        self._refuse(Operation.LIST_ATTENDANCE)

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recordings of a room, of one of its sessions, or of the whole account."""
        self._refuse(Operation.LIST_RECORDINGS)

    async def delete_recording(self, recording: Recording) -> None:
        """Delete one recording; one that is gone already is a success."""
        self._refuse(Operation.DELETE_RECORDING)

    async def delete_recordings(self, room: Room) -> None:
        """Delete all recordings of a room."""
        self._refuse(Operation.DELETE_RECORDINGS)

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Order a report. It may not be ready yet: see `Report.status`."""
        self._refuse(Operation.CREATE_REPORT)

    async def get_report(self, report_id: str) -> Report:
        """Fetch the present state of a report."""
        self._refuse(Operation.GET_REPORT)

    def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List what ended sessions cost; None for the vendor's own range and for all tenants."""
        self._refuse(Operation.USAGE)

    def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List what people thought; None for the vendor's own range and for all tenants."""
        self._refuse(Operation.FEEDBACK)

    # -- beside the model

    async def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Make a call that the model does not cover, with this account's credentials and limits."""
        self._refuse(Operation.REQUEST)

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a recording's or a report's file piece by piece."""
        raise UnsupportedOperation(f"{self.name} has no files to download", provider=self.name)

    def _refuse(self, operation: Operation) -> NoReturn:
        raise unsupported(self.name, operation)


def unsupported(provider: str, operation: Operation) -> UnsupportedOperation:
    """Return the error that says that this provider has no such operation."""
    return UnsupportedOperation(
        f"there is no {operation.value} on {provider}",
        provider=provider,
        operation=operation.value,
    )


def unverified(method: F) -> F:
    """Mark an operation as documented nowhere: it refuses unless `unverified = true` is set."""

    @wraps(method)
    def guarded(self: ConferenceProvider, *args: Any, **kwargs: Any) -> Any:
        if not self.context.unverified:
            raise UnsupportedOperation(
                f"{self.name} publishes nothing about {method.__name__}; what this adapter assumes "
                "of it is tried only if the account sets unverified = true",
                provider=self.name,
                operation=method.__name__,
            )
        return method(self, *args, **kwargs)

    setattr(guarded, SUPPORT_MARK, Support.UNVERIFIED)
    return cast("F", guarded)
