"""Zoom's operations, one short method each. Paths are those of the Meetings API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from attrs import evolve

from conferencing.capabilities import Features, Operation, emulated
from conferencing.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    DELETE,
    GET,
    PATCH,
    POST,
    PUT,
    BasicAuth,
    Effect,
    HTTPProvider,
    Policy,
    Reply,
    Request,
    Token,
    TokenAuth,
    suppress_missing,
)
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import (
    AccessToken,
    EntryKind,
    File,
    FileKind,
    JoinLink,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    Secret,
    Session,
    Template,
    Usage,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.provider import Pages, find_participant, replace_rows
from conferencing.webhooks.verification import live_secrets

from .settings import ZoomSettings
from .wire import base, people, recordings, rooms, sessions, templates
from .wire.base import encode_uuid, split_room_id, split_run_id
from .wire.rooms import RoomRow

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest

__all__ = ["Zoom"]

T = TypeVar("T")

BATCH: Final = 30  # the most in one call (docs/vendors/zoom.md#registrants)
PAGE: Final[Mapping[str, Any]] = {"page_size": 300}  # the most (docs/vendors/zoom.md#paging)
UNKNOWN_TYPE: Final = "application/octet-stream"
LINK_SECONDS: Final = 7200
"""For how long a link for somebody who did not register is valid."""

_FIELDS: Final = frozenset(
    [
        "name",
        "description",
        "starts_at",
        "duration",
        "timezone",
        "permanent",
        "recurrence",
        "entry",
        "registration",
        "approval",
        "settings.auto_recording",
    ]
)
_MEETING_FIELDS: Final = _FIELDS | {"waiting_room", "settings.encryption"}
_CREATE_FIELDS: Final = frozenset({"kind", "host", "template"})

# Failures of tokens have words for codes, and come with status 400 (docs/vendors/zoom.md#oauth).
_TOKEN_ERRORS: Final = base.ERRORS.with_codes(
    dict.fromkeys(["invalid_client", "invalid_grant", "invalid_request"], AuthenticationFailed)
)
# Code 3000 depends on the operation: no privilege to schedule for the host, or registration is off
# (docs/vendors/zoom.md#oddity-6).
_SCHEDULE_ERRORS: Final = base.ERRORS.with_codes({"3000": PermissionDenied})
_REGISTER_ERRORS: Final = base.ERRORS.with_codes({"3000": Conflict})


class Zoom(HTTPProvider[ZoomSettings]):
    """Zoom's meetings and webinars, registrants, past runs and cloud recordings."""

    name = "zoom"
    settings_class = ZoomSettings
    errors = base.ERRORS
    pages = base.PAGES
    policy = Policy(throttled_base=2.0)
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_MEETING_FIELDS | _CREATE_FIELDS,
        update_fields=_MEETING_FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(seconds=1),
        batch=BATCH,
        required={"email": None, "first_name": None},
        confirms=None,
        invites=frozenset({Role.PRESENTER}),
        languages=frozenset({Operation.REGISTER}),
        statuses=frozenset({RoomStatus.SCHEDULED, RoomStatus.LIVE, RoomStatus.ENDED}),
        limits={"name": 200, "first_name": 64, "registrations": 4999, "occurrences": 60},
    )
    features_by_kind: ClassVar[Mapping[RoomKind, Features]] = {
        RoomKind.MEETING: evolve(
            features, roles=frozenset({Role.HOST, Role.ATTENDEE}), invites=frozenset[Role]()
        ),
        RoomKind.WEBINAR: evolve(
            features, create_fields=_FIELDS | _CREATE_FIELDS, update_fields=_FIELDS
        ),
    }

    def features_for(self, kind: RoomKind | None) -> Features:
        """Return what rooms of a kind can have: webinars no waiting room, meetings no presenters."""
        return self.features_by_kind.get(kind or RoomKind.MEETING, self.features)

    def kind_of(self, room: Room) -> RoomKind:
        """Return the kind, which the id carries."""
        return split_room_id(room.id)[0]

    # -- credentials

    def auth(self) -> TokenAuth:
        """Authenticate by a token, the same for all calls."""
        return self._tokens

    @cached_property
    def _tokens(self) -> TokenAuth:
        settings, clock = self.settings, self.context.clock
        if settings.refresh_token is None:
            return TokenAuth(self._fetch_token, clock)
        source = self.open_refresh_tokens(
            settings.refresh_token, self._exchange, owner=settings.client_id
        )
        return TokenAuth(source.fetch, clock)

    async def _fetch_token(self) -> Token:
        form = {"grant_type": "account_credentials", "account_id": self.settings.account_id}
        return await self._call_auth(form, Effect.READ, base.read_token)

    async def _exchange(self, refresh: Secret) -> Refreshed:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        return await self._call_auth(form, Effect.EXCHANGE, base.read_refreshed)

    async def _call_auth(self, form: dict[str, Any], effect: Effect, read: Callable[..., T]) -> T:
        settings = self.settings
        request = POST("/token", form=form, base_url=settings.auth_url, effect=effect)
        app = BasicAuth(settings.client_id, settings.client_secret)
        read_reply: Callable[[Reply], T] = partial(
            read, regional=settings.regional, home=settings.base_url
        )
        return await self.call(request, read_reply, auth=app, errors=_TOKEN_ERRORS)

    def authenticates(self, url: str) -> bool:
        """Return whether a download is from a host of Zoom's, which asks for the token."""
        return base.is_trusted(url, self.settings.base_url)

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a file; a web page in its place is a refusal, whatever type the file is of.

        docs/vendors/zoom.md#oddity-14
        """
        return super().read_file(evolve(file, media_type=file.media_type or UNKNOWN_TYPE))

    async def check(self) -> None:
        """Fetch a token and the host."""
        await self.call(GET("/users/{host}", host=self.settings.host), base.read_user)

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the host's meetings, then the webinars; instant meetings are in no list.

        Zoom reports which meetings run, and of no webinar.
        """
        for kind, query in rooms.LISTS[status].items():
            request = GET(
                f"/users/{{host}}/{kind.value}s", host=self.settings.host, query={**PAGE, **query}
            )
            read = partial(rooms.read_rooms, kind=kind, now=self.now)
            async for page in self._pages_if_available(request, read, kind):
                yield page

    async def _pages_if_available(
        self, request: Request, read: Callable[[Reply], list[Room]], kind: RoomKind
    ) -> Pages[Room]:
        """List rooms of a kind; an account without the webinar add-on has no webinars."""
        try:
            async for page in self.paginate(request, read):
                yield page
        except NotAvailable:
            if kind is RoomKind.MEETING:
                raise

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room. One that was turned into the other kind is not found under its old id."""
        kind, number = split_room_id(room_id)
        return await self.call(_get_room(kind, number), self._reader(kind))

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a meeting or a webinar in the name of the host."""
        kind = draft.kind or RoomKind.MEETING
        host = draft.host.email if draft.host else self.settings.host
        if not host:
            raise InvalidRequest("Zoom knows hosts by their e-mail address", field="host")
        request = POST(
            f"/users/{{host}}/{kind.value}s", host=host, json=rooms.write_room(draft, kind)
        )
        return await self.call(request, self._reader(kind), errors=_SCHEDULE_ERRORS)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room, and read it back: Zoom answers 204 also to what it does not do."""
        kind, number = split_room_id(room.id)
        body = rooms.write_room(changes, kind, update=True)
        request = PATCH(
            f"/{kind.value}s/{{number}}", number=number, json=body, effect=Effect.IDEMPOTENT
        )
        await self.call(request)
        changed = await self.get_room(room.id)
        ignored = rooms.find_ignored(changes, changed)
        if ignored:
            raise InvalidRequest(
                f"Zoom accepted the change and left {ignored} as it was; rooms of this type do not"
                " have it",
                field=ignored,
                sent=Sent.YES,
            )
        return changed

    async def delete_room(self, room: Room) -> None:
        """Delete a room with all its dates, and mail nobody."""
        kind, number = split_room_id(room.id)
        await self.delete(DELETE(f"/{kind.value}s/{{number}}", number=number))

    def list_templates(self) -> Pages[Template]:
        """List the host's templates of meetings, then those of webinars."""
        return self._templates()

    async def _templates(self) -> Pages[Template]:
        for kind in (RoomKind.MEETING, RoomKind.WEBINAR):
            request = GET(f"/users/{{host}}/{kind.value}_templates", host=self.settings.host)
            try:
                yield await self.call(request, partial(templates.read_templates, kind=kind))
            except NotAvailable:
                if kind is RoomKind.MEETING:
                    raise

    async def create_template(self, template: Template, native: Any) -> Template:
        """Create a template from an existing room: `native` has its `meeting_id` or `webinar_id`."""
        kind = templates.find_kind(native)
        request = POST(
            f"/users/{{host}}/{kind.value}_templates",
            host=self.settings.host,
            json=templates.write_template(template, native),
        )
        return await self.call(request, partial(templates.read_template, kind=kind))

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register one person; a registered one keeps the registration and its link.

        Rooms mail people who register unless they are set not to, so it is never sent twice.
        """
        kind, number = split_room_id(room.id)
        request = POST(
            f"/{kind.value}s/{{number}}/registrants",
            number=number,
            json=people.write_registrant(draft),
            effect=Effect.NOTIFY,
        )
        read = partial(people.read_registered, room_id=room.id, draft=draft)
        return await self.call(request, read, errors=_REGISTER_ERRORS)

    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register up to 30 people for a room that does not recur: all of them or nobody."""
        kind, number = split_room_id(room.id)
        request = POST(
            f"/{kind.value}s/{{number}}/batch_registrants",
            number=number,
            json=people.write_batch(drafts),
            effect=Effect.NOTIFY,
        )
        read = partial(people.read_batch, room_id=room.id, drafts=drafts)
        return await self.call(request, read, errors=_REGISTER_ERRORS)

    async def approve_registration(self, room: Room, participant: Participant) -> Participant:
        """Approve a registration; Zoom mails the person."""
        return await self._set_status(room, participant, "approve")

    async def deny_registration(self, room: Room, participant: Participant) -> Participant:
        """Deny a registration."""
        return await self._set_status(room, participant, "deny")

    async def _set_status(self, room: Room, participant: Participant, action: str) -> Participant:
        """Change a registration and read it back: Zoom answers 204 also if there is none."""
        await self.call(_set_status(room, participant, action))
        return await self.get_participant(room, participant_id=participant.id, email=None)

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Cancel a registration; it is in no list any more."""
        await self.delete(_set_status(room, participant, "cancel"))

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room: the approved, the pending, and the denied ones."""
        kind, number = split_room_id(of.id)
        read = partial(people.read_participants, room_id=of.id)
        # Each has a list of its own, and without a status Zoom lists the approved only
        # (docs/vendors/zoom.md#oddity-7).
        for status in ("approved", "pending", "denied"):
            request = GET(
                f"/{kind.value}s/{{number}}/registrants",
                number=number,
                query={**PAGE, "status": status},
            )
            async for page in self.paginate(request, read):
                yield page

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch a registration by its id; by e-mail, look through all of them."""
        if participant_id is not None:
            kind, number = split_room_id(room.id)
            request = GET(
                f"/{kind.value}s/{{number}}/registrants/{{registrant}}",
                number=number,
                registrant=participant_id,
            )
            return await self.call(request, partial(people.read_participant, room_id=room.id))
        return await find_participant(self.list_participants(room), email=email)

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Make people panelists of a webinar, which mails them."""
        await self.call(_add_panelists(split_room_id(room.id)[1], invitation.people))

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return a link: the host's, a panelist's, that of a registration, or the plain one."""
        if role is Role.HOST:
            return await self._host_link(room, person.person if person else None)
        if role is Role.PRESENTER:
            return await self._panelist_link(room, person)
        if person is None:
            current = room if room.join_url else await self.get_room(room.id)
            return JoinLink(url=current.join_url or "", role=role)
        if isinstance(person, Participant) and person.id is not None:
            return await self.find_link(room, person)
        return await self._personal_link(room, person.person)

    async def _host_link(self, room: Room, person: Person | None) -> JoinLink:
        kind, number = split_room_id(room.id)
        read = partial(rooms.read_host_link, person=person, now=self.now)
        return await self.call(_get_room(kind, number), read)

    async def _panelist_link(self, room: Room, person: Person | Participant | None) -> JoinLink:
        number = split_room_id(room.id)[1]
        if person is None or not person.email:
            raise UnsupportedOption(
                "a Zoom webinar has a link for each presenter: name a person with an e-mail address",
                field="person",
            )
        await self.call(_add_panelists(number, [person.person]))
        # The reply to adding one has no link (docs/vendors/zoom.md#oddity-9).
        request = GET("/webinars/{number}/panelists", number=number)
        return await self.call(request, partial(people.read_panelist_link, person=person.person))

    async def _personal_link(self, room: Room, person: Person) -> JoinLink:
        """Return the link of a registration; without registration, one with the person's name."""
        current = room if room.registration is not None else await self.get_room(room.id)
        if current.registration:
            participant = await self.register(room, RegistrationDraft(person=person))
            return await self.find_link(room, participant)
        kind, number = split_room_id(room.id)
        name = person.display_name or person.email
        if not name:
            raise InvalidRequest("a personal link needs a name", field="name")
        request = POST(
            f"/{kind.value}s/{{number}}/invite_links",
            number=number,
            json={"attendees": [{"name": name}], "ttl": LINK_SECONDS},
        )
        expires_at = self.now + timedelta(seconds=LINK_SECONDS)
        read = partial(rooms.read_invite_link, person=person, expires_at=expires_at)
        return await self.call(request, read)

    # -- sessions and their results

    async def end_session(self, session: Session) -> None:
        """End a session, if it is the one that runs: the call ends whatever runs in the room."""
        kind, number, uuid = split_run_id(session.id, "session")
        if not await self._is_running(kind, number, uuid):
            raise Conflict("this session is not running any more", sent=Sent.NO)
        request = PUT(
            f"/{kind.value}s/{{number}}/status",
            number=number,
            json={"action": "end"},
            effect=Effect.NEVER_RETRY,
        )
        await self.call_guarded(request, lambda: self._is_running(kind, number, uuid))

    async def _is_running(self, kind: RoomKind, number: str, uuid: str) -> bool:
        """Return whether this run is going on. Of webinars it is known only that it is not over."""
        return sessions.is_running(await self._row(kind, number), uuid)

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the running session of a meeting, and the ended ones of the last 15 months.

        The list has starts only, so each ended session is fetched for its end.
        """
        kind, number = split_room_id(room.id)
        running = sessions.to_running_session(await self._row(kind, number), kind)
        if running is not None:
            yield [running]
        request = GET(f"/past_{kind.value}s/{{number}}/instances", number=number)
        read = partial(sessions.read_runs, kind=kind, number=number)
        runs = await self.call(request, read)
        # In which order Zoom lists them is not documented (docs/vendors/zoom.md#paging).
        yield [await self._complete(run) for run in sorted(runs, key=sessions.by_start)]

    async def _complete(self, session: Session) -> Session:
        """Return a session with its end. That of a webinar is in its report only."""
        is_webinar = split_run_id(session.id, "session")[0] is RoomKind.WEBINAR
        # With `past`, the account need not have the scope for reports.
        if is_webinar and self.settings.attendance != "report":
            return session
        detailed = await self._get_ended_session(session.id)
        return evolve(
            detailed,
            started_at=detailed.started_at or session.started_at,
            occurrence_id=session.occurrence_id,
        )

    async def get_session(self, session_id: str) -> Session:
        """Fetch an ended session, or the running one of a meeting."""
        try:
            return await self._get_ended_session(session_id)
        except NotFound as error:
            if error.sent is Sent.NO:  # the address of the token was not found
                raise
            missing = error
        # A run that goes on is not found among the past ones (docs/vendors/zoom.md#errors).
        kind, number, uuid = split_run_id(session_id, "session")
        row = await self._row(kind, number)
        running = sessions.to_running_session(row, kind)
        if running is None or row.uuid != uuid:
            raise missing
        return running

    async def _get_ended_session(self, session_id: str) -> Session:
        kind, number, uuid = split_run_id(session_id, "session")
        # Webinars have no call of their own for it (docs/vendors/zoom.md#runs).
        path = "/past_meetings/{uuid}" if kind is RoomKind.MEETING else "/report/webinars/{uuid}"
        request = GET(path, uuid=encode_uuid(uuid))
        read = partial(sessions.read_run, kind=kind, number=number)
        return await self.call(request, read)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was in an ended session. All rows are needed to know whose they are.

        Zoom lists who is in a running session for accounts with a dashboard only.
        """
        kind, number, uuid = split_run_id(session.id, "session")
        request = _get_attendance(kind, uuid, self.settings.attendance)
        room = await self._row_or_none(kind, number)
        if room is not None and sessions.is_running(room, uuid):
            raise UnsupportedOption(
                "Zoom reports who was in a session when it has ended", field="session"
            )
        host_id = room.host_id if room else None
        read = partial(sessions.read_attendance, session_id=session.id, host_id=host_id)
        joins = [record async for page in self.paginate(request, read) for record in page]
        yield sessions.fold_attendance(joins)

    async def _row_or_none(self, kind: RoomKind, number: str) -> RoomRow | None:
        """Return the room of a session, or None for one that exists no more."""
        # A one-off room expires 30 days after use (docs/vendors/zoom.md#ids).
        with suppress_missing():
            return await self._row(kind, number)
        return None

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings in the cloud: of a session, or of the last days of `history`."""
        if isinstance(of, Session):
            return self._recording_of(of)
        return self._recordings(of)

    async def _recording_of(self, session: Session) -> Pages[Recording]:
        uuid = encode_uuid(split_run_id(session.id, "session")[2])
        try:
            recording = await self.call(
                GET("/meetings/{uuid}/recordings", uuid=uuid), recordings.read_recording
            )
        except NotFound as error:
            if error.sent is Sent.NO:
                raise
            return
        yield [await self._add_transcript(recording, uuid)]

    async def _add_transcript(self, recording: Recording, uuid: str) -> Recording:
        """Add the transcript where it is not one of the recording's own files."""
        if any(file.kind is FileKind.TRANSCRIPT for file in recording.files):
            return recording
        try:
            transcript = await self.call(
                GET("/meetings/{uuid}/transcript", uuid=uuid), recordings.read_transcript
            )
        except (NotFound, NotAvailable, PermissionDenied):
            return recording
        if transcript is None:
            return recording
        return evolve(recording, files=(*recording.files, transcript))

    async def _recordings(self, room: Room | None) -> Pages[Recording]:
        query = {**PAGE, **({"meeting_id": split_room_id(room.id)[1]} if room else {})}
        read = partial(recordings.read_recordings, kind=split_room_id(room.id)[0] if room else None)
        since = self.now - timedelta(days=self.settings.history)
        # Without dates, Zoom lists the recordings of today only (docs/vendors/zoom.md#oddity-7).
        for start, end in sessions.months_back(since, self.now):
            request = GET(
                "/users/{host}/recordings",
                host=self.settings.host,
                query={**query, "from": start, "to": end},
            )
            async for page in self.paginate(request, read):
                yield replace_rows(page, (each for each in page if _belongs(each, room)))

    async def delete_recording(self, recording: Recording) -> None:
        """Move a recording to the trash, or delete it at once if the account says so."""
        request = DELETE(
            "/meetings/{uuid}/recordings",
            uuid=encode_uuid(recording.id),
            query={"action": "delete" if self.settings.permanent_deletion else "trash"},
        )
        await self.delete(request)

    @emulated
    async def delete_recordings(self, room: Room) -> None:
        """Delete the recordings of a room, one after another."""
        listed = [recording async for page in self._recordings(room) for recording in page]
        for recording in listed:
            await self.delete_recording(recording)

    async def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List the host's runs with two or more people; without a range, of the last 30 days."""
        until = until or self.now
        for start, end in sessions.months_back(since or until - timedelta(days=29), until):
            request = GET(
                "/report/users/{host}/meetings",
                host=self.settings.host,
                query={**PAGE, "from": start, "to": end},
            )
            async for page in self.paginate(request, sessions.read_usage):
                yield page

    # -- events

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read an event of Zoom's, or answer its challenge."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        return events.read_webhook(
            request,
            live_secrets(settings.webhook_secret, settings.webhook_secret_previous),
            now=self.now,
            tolerance=settings.webhook_tolerance,
        )

    # -- helpers

    def _reader(self, kind: RoomKind) -> Callable[[Reply], Room]:
        return partial(rooms.read_room, kind=kind, now=self.now)

    async def _row(self, kind: RoomKind, number: str) -> RoomRow:
        return await self.call(_get_room(kind, number), rooms.read_room_row)


def _belongs(recording: Recording, room: Room | None) -> bool:
    if room is None:
        return True
    return split_room_id(recording.room_id or "")[1] == split_room_id(room.id)[1]


def _get_room(kind: RoomKind, number: str) -> Request:
    return GET(f"/{kind.value}s/{{number}}", number=number)


def _set_status(room: Room, participant: Participant, action: str) -> Request:
    kind, number = split_room_id(room.id)
    return PUT(
        f"/{kind.value}s/{{number}}/registrants/status",
        number=number,
        json=people.write_status(action, participant),
        effect=Effect.NOTIFY,
    )


def _add_panelists(number: str, persons: Sequence[Person]) -> Request:
    return POST(
        "/webinars/{number}/panelists",
        number=number,
        json=people.write_panelists(persons),
        effect=Effect.NOTIFY,
    )


def _get_attendance(kind: RoomKind, uuid: str, source: str) -> Request:
    """Return the request for who was there; only reports name registrations."""
    if source == "past":
        path = f"/past_{kind.value}s/{{uuid}}/participants"
        return GET(path, uuid=encode_uuid(uuid), query=PAGE)
    path = f"/report/{kind.value}s/{{uuid}}/participants"
    query = {**PAGE, "include_fields": "registrant_id"}
    return GET(path, uuid=encode_uuid(uuid), query=query)
