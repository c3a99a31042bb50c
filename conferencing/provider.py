"""The protocol that an adapter implements. Methods that are not overridden raise.

Subclass `ConferenceProvider` (or `conferencing.http.HTTPProvider`) and override the operations that
the vendor has: the capabilities are derived from that. Listings yield pages, each a list as the
vendor delivers it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Protocol, TypeVar, cast

from conferencing.accounts.context import Context
from conferencing.capabilities import (
    SUPPORT_MARK,
    Capabilities,
    Features,
    Operation,
    Support,
    derive,
)
from conferencing.errors import MalformedResponse, NotFound, ProviderError, UnsupportedOperation
from conferencing.model import (
    AccessToken,
    Feedback,
    File,
    JoinLink,
    Participant,
    Permissions,
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
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft, SessionDraft
from conferencing.model.emails import same_email

if TYPE_CHECKING:  # few programs receive webhooks
    from conferencing.webhooks.request import Delivery, WebhookRequest

__all__ = [
    "ConferenceProvider",
    "Page",
    "Pages",
    "RawReply",
    "collect_rows",
    "find_participant",
    "find_row",
    "replace_rows",
    "unverified",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

Pages = AsyncIterator[Sequence[T]]
"""What a listing returns: page after page, each fetched when it is asked for."""


class Page(list[T]):
    """A page with `problems`: what the reader of a listing has to know about it.

    Rows were left out because they could not be read, and it says for each what is wrong and where;
    or the vendor keeps less than the listing is about.
    """

    def __init__(self, rows: Sequence[T], problems: Sequence[str]) -> None:
        super().__init__(rows)
        self.problems = tuple(problems)


def replace_rows(page: Sequence[Any], rows: Iterable[T]) -> Sequence[T]:
    """Return other rows in place of a page's, with the problems that the page has.

    For adapters that filter or convert a page, which would otherwise lose what is wrong with it.
    """
    return Page([*rows], page.problems) if isinstance(page, Page) else [*rows]


async def collect_rows(pages: Pages[T]) -> Page[T]:
    """Return the rows of all pages as one, with the problems of each page.

    For adapters that need all rows before they can return one, such as those of attendance.
    """
    rows: list[T] = []
    problems: list[str] = []
    async for page in pages:
        rows += page
        problems += getattr(page, "problems", ())
    return Page(rows, problems)


async def close_pages(pages: AsyncIterator[Any]) -> None:
    """Close an adapter's generator now instead of leaving it to the garbage collector."""
    if isinstance(pages, AsyncGenerator):
        await cast("AsyncGenerator[Any]", pages).aclose()


async def find_row(pages: Pages[T], matches: Callable[[T], bool]) -> T | None:
    """Return the first row that matches, or None. Pages behind it are not fetched."""
    try:
        async for page in pages:
            for row in page:
                if matches(row):
                    return row
    finally:
        await close_pages(pages)
    return None


async def find_participant(
    pages: Pages[Participant], *, participant_id: str | None = None, email: str | None = None
) -> Participant:
    """Return the first registration with this id, or else this address. Raises `NotFound`.

    For adapters whose vendor has no call for a single one, or none by e-mail.
    """
    participant = await find_row(
        pages,
        lambda row: same_email(row.email, email) if email else row.id == participant_id,
    )
    if participant is None:
        what = "e-mail address" if email else "id"
        raise NotFound(f"there is no registration with this {what}")
    return participant


class RepeatGuard:
    """Refuse a listing without an end: some vendors ignore which page is requested.

    Two pages never have the same rows, in whatever order; records without an id are compared by all
    fields. And the rows of the first page do not come again and again: now and then one does, when
    something was created or deleted meanwhile.
    """

    def __init__(self) -> None:
        self._pages: set[int] = set()
        self._first: frozenset[object] | None = None
        self._repeated = 0

    def check(self, page: Sequence[Any]) -> None:
        """Raise `MalformedResponse` if this page shows that the listing would not end."""
        if not page:
            return
        ids = _ids_of(page)
        try:
            fingerprint = hash(frozenset(Counter(ids or page).items()))
        except TypeError:
            return  # records that cannot be hashed
        if fingerprint in self._pages:
            raise MalformedResponse(
                "the vendor sent the same page twice; the listing would not end"
            )
        self._pages.add(fingerprint)
        if self._first is None:
            self._first = frozenset(ids)
            return
        self._repeated += sum(map(self._first.__contains__, ids))
        if self._repeated > len(self._first) > 0:
            raise MalformedResponse(
                "the vendor sends the same rows again; the listing would not end"
            )


def _ids_of(page: Sequence[Any]) -> tuple[object, ...]:
    """Return the ids of all rows, or nothing if a row has none."""
    try:
        ids = tuple(map(_ID, page))
    except AttributeError:
        return ()
    return ids if all(ids) else ()


_ID: Final = attrgetter("id")


class RawReply(Protocol):
    """What `request` returns: the reply as the vendor sent it."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    def json(self) -> Any: ...


class ConferenceProvider(Protocol):
    """One account at one vendor. An instance is made with its settings and a `Context`.

    Every operation that a subclass does not override raises `UnsupportedOperation` before any
    I/O. A `Room` or a `Session` that an operation takes may have only its id set: fetch the rest
    if you need it.
    """

    name: str
    settings_class: type[Any]
    features: Features = Features()
    context: Context
    probes_webhooks: ClassVar[bool] = False
    """Whether the vendor tests a webhook's address by a GET, which receivers then answer with 200."""

    def __init__(self, settings: Any, context: Context) -> None: ...

    @property
    def capabilities(self) -> Capabilities:
        """What this provider supports, derived from the methods that its class overrides."""
        return derive(
            type(self),
            ConferenceProvider,
            self.name,
            self.features,
            unverified=self.context.unverified,
        )

    @classmethod
    def dialects(cls) -> Mapping[str, type[ConferenceProvider]]:
        """Return the classes that `open` chooses from, by a short name; the default has an empty one."""
        return {"": cls}

    @classmethod
    def open(cls, settings: Any, context: Context) -> ConferenceProvider:
        """Return a provider for an account; a class with several dialects chooses one here."""
        return cls(settings, context)

    def features_for(self, kind: RoomKind | None) -> Features:
        """Return the features for rooms of this kind; the same for all unless overridden."""
        return self.features

    def features_of(self, room: Room | RoomDraft) -> Features:
        """Return what a room can have, or one that is to be created: by its kind unless overridden.

        An adapter overrides it where more than the kind decides.
        """
        kind = room.kind if isinstance(room, RoomDraft) else self.kind_of(room)
        return self.features_for(kind)

    def kind_of(self, room: Room) -> RoomKind:
        """Return the kind of a room of which only the id may be known.

        An adapter whose ids carry the kind overrides it.
        """
        return room.kind

    async def aclose(self) -> None:
        """Release connections and files. Calling it again does nothing."""

    # -- rooms

    async def check(self) -> None:
        """Check the credentials with one cheap call."""
        self._refuse(Operation.CHECK)

    async def permissions(self) -> Sequence[Permissions]:
        """Return what each credential permits; empty if the vendor does not report it.

        Not an `Operation`: a vendor that has permissions reports them in its tokens.
        """
        return ()

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms, of one status or all; the client leaves out those of another status."""
        self._refuse(Operation.LIST_ROOMS)

    async def get_room(self, room_id: str) -> Room:
        """Fetch one room."""
        self._refuse(Operation.GET_ROOM)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room and return it with all its fields."""
        self._refuse(Operation.CREATE_ROOM)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change the fields that are set and return the whole room: links may have changed."""
        self._refuse(Operation.UPDATE_ROOM)

    async def delete_room(self, room: Room) -> None:
        """Delete the room. One that does not exist any more is not an error."""
        self._refuse(Operation.DELETE_ROOM)

    async def default_settings(self) -> RoomSettings:
        """Fetch the settings of new rooms."""
        self._refuse(Operation.DEFAULT_SETTINGS)

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch the settings of one room."""
        self._refuse(Operation.ROOM_SETTINGS)

    def list_templates(self) -> Pages[Template]:
        """List the room templates."""
        self._refuse(Operation.LIST_TEMPLATES)

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Create a room template; the id of `template` is ignored."""
        self._refuse(Operation.CREATE_TEMPLATE)

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Overwrite the vendor's template with this id."""
        self._refuse(Operation.UPDATE_TEMPLATE)

    async def delete_template(self, template: Template) -> None:
        """Delete the template. One that does not exist any more is not an error."""
        self._refuse(Operation.DELETE_TEMPLATE)

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register one person."""
        self._refuse(Operation.REGISTER)

    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register up to `features.batch` people with one call.

        Returns for each draft, in order, the participant or the error by which the vendor refused
        this person alone. Raises if nobody was registered, or if that is not known.
        """
        self._refuse(Operation.REGISTER_BATCH)

    async def approve_registration(self, room: Room, participant: Participant) -> Participant:
        """Approve a registration and return it with its new status. Raises `NotFound`."""
        self._refuse(Operation.APPROVE_REGISTRATION)

    async def deny_registration(self, room: Room, participant: Participant) -> Participant:
        """Deny a registration and return it with its new status. Raises `NotFound`."""
        self._refuse(Operation.DENY_REGISTRATION)

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Cancel a registration. One that does not exist any more is not an error."""
        self._refuse(Operation.CANCEL_REGISTRATION)

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room, or with `features.lists_present` those of a session."""
        self._refuse(Operation.LIST_PARTICIPANTS)

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch one registration by id or by e-mail; exactly one of the two is not None."""
        self._refuse(Operation.GET_PARTICIPANT)

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Have the vendor mail invitations."""
        self._refuse(Operation.INVITE)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get a join link: personal if a person is given, else the same for everybody."""
        self._refuse(Operation.JOIN_LINK)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Create codes that admit one person each."""
        self._refuse(Operation.CREATE_ACCESS_TOKENS)

    def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List the codes of a room; with `email`, the one sent to that address."""
        self._refuse(Operation.LIST_ACCESS_TOKENS)

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Revoke access tokens."""
        self._refuse(Operation.REVOKE_ACCESS_TOKENS)

    # -- sessions and their results

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session, or find the running one, and return the host's join link."""
        self._refuse(Operation.START_SESSION)

    async def end_session(self, session: Session) -> None:
        """End exactly this session, not a later one of the same room."""
        self._refuse(Operation.END_SESSION)

    def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of a room."""
        self._refuse(Operation.LIST_SESSIONS)

    async def get_session(self, session_id: str) -> Session:
        """Fetch one session."""
        self._refuse(Operation.GET_SESSION)

    def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List the attendance: one record per person."""
        self._refuse(Operation.LIST_ATTENDANCE)

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recordings of a room, of one of its sessions, or of the whole account."""
        self._refuse(Operation.LIST_RECORDINGS)

    async def delete_recording(self, recording: Recording) -> None:
        """Delete one recording. One that does not exist any more is not an error."""
        self._refuse(Operation.DELETE_RECORDING)

    async def delete_recordings(self, room: Room) -> None:
        """Delete all recordings of a room."""
        self._refuse(Operation.DELETE_RECORDINGS)

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Request a report. It may not be ready yet: see `Report.status`."""
        self._refuse(Operation.CREATE_REPORT)

    async def get_report(self, report_id: str) -> Report:
        """Fetch a report with its present status."""
        self._refuse(Operation.GET_REPORT)

    def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List the usage of ended sessions; None: the vendor's default range, all tenants."""
        self._refuse(Operation.USAGE)

    def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List people's feedback; None: the vendor's default range, all tenants."""
        self._refuse(Operation.FEEDBACK)

    # -- events

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have events of the account, or of these rooms, sent to `url`.

        Returns the subscriptions that are now active. Creates what is missing, renews what expires, and creates again what the vendor removed. It is
        called again and again, so it never makes a second subscription for the same events.
        """
        self._refuse(Operation.SUBSCRIBE_WEBHOOKS)

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """End what `subscribe_webhooks` made for `url`: all of it, or that of these rooms."""
        self._refuse(Operation.UNSUBSCRIBE_WEBHOOKS)

    # -- outside the model

    async def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Send a request that the model does not cover, with the account's credentials and limits."""
        self._refuse(Operation.REQUEST)

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify a webhook over its raw bytes, and return its events or the answer to a challenge.

        Raises `WebhookForged` before anything of the body is used; `conferencing.webhooks` has the
        checks. It is not an `Operation`. It sends a request only if an event names its object
        without describing it, so that the object has to be fetched.
        """
        raise without_webhooks(self.name)

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Yield the content of a recording's or a report's file, piece by piece."""
        raise UnsupportedOperation(f"{self.name} has no files to download", provider=self.name)

    def _refuse(self, operation: Operation) -> NoReturn:
        raise build_unsupported(self.name, operation)


def build_unsupported(provider: str, operation: Operation) -> UnsupportedOperation:
    """Return the error for an operation that the provider does not have."""
    return UnsupportedOperation(
        f"{provider} does not support {operation.value}",
        provider=provider,
        operation=operation.value,
    )


def without_webhooks(provider: str) -> UnsupportedOperation:
    """Return the error for a provider whose adapter reads no webhooks."""
    return UnsupportedOperation(
        f"{provider} sends no webhooks, or none that this adapter can read",
        provider=provider,
        operation="read_webhook",
    )


def unverified(method: F) -> F:
    """Mark an operation as not documented by the vendor: it raises unless `unverified = true`."""

    @wraps(method)
    def call_if_allowed(self: ConferenceProvider, *args: Any, **kwargs: Any) -> Any:
        if not self.context.unverified:
            raise UnsupportedOperation(
                f"{self.name} does not document {method.__name__}; set unverified = true in the "
                "account to try what this adapter assumes",
                provider=self.name,
                operation=method.__name__,
            )
        return method(self, *args, **kwargs)

    setattr(call_if_allowed, SUPPORT_MARK, Support.UNVERIFIED)
    return cast("F", call_if_allowed)
