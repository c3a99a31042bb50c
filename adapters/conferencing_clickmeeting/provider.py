"""ClickMeeting's operations, one short method each. Paths are those of the API reference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from conferencing.capabilities import Features, emulated
from conferencing.errors import InvalidRequest, NotFound, UnsupportedOption
from conferencing.http import (
    DELETE,
    GET,
    POST,
    PUT,
    Effect,
    ErrorMap,
    HeaderAuth,
    HTTPProvider,
    NumberedPages,
    Policy,
    Request,
    SinglePage,
    unpack_id,
    without_none,
)
from conferencing.model import (
    AccessToken,
    EntryKind,
    Feedback,
    JoinLink,
    Participant,
    Passcode,
    Person,
    PersonalToken,
    Recording,
    Report,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    Session,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.model.secret import Secret
from conferencing.provider import Pages

from . import wire

__all__ = ["ClickMeeting", "ClickMeetingSettings"]

T = TypeVar("T")

_FIELDS: Final = frozenset(
    [
        "name",
        "kind",
        "starts_at",
        "duration",
        "timezone",
        "permanent",
        "entry",
        "description",
        "registration",
        "waiting_room",
        "settings.auto_recording",
        "settings.encryption",
    ]
)


@frozen(kw_only=True)
class ClickMeetingSettings:
    """Hold an account's key, as the account panel shows it under API."""

    api_key: Secret
    base_url: str = "https://api.clickmeeting.com/v1"


class ClickMeeting(HTTPProvider[ClickMeetingSettings]):
    """ClickMeeting's rooms, people, sessions and what is left of them."""

    name = "clickmeeting"
    settings_class = ClickMeetingSettings
    errors = ErrorMap(read=wire.failure)
    # The vendor's own clients wait 60 s and more: the API is slow.
    policy = Policy(total=120.0, attempt=60.0, read=60.0)
    pages = SinglePage()
    rooms_pages = NumberedPages(param="page", size=250)
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_FIELDS,
        update_fields=_FIELDS | {"status"},
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE, EntryKind.TOKEN}),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(minutes=1),
        reports=frozenset({"pdf"}),
        limits={"access_tokens": 1000},
    )

    def auth(self) -> HeaderAuth:
        """Prove who asks by the key, in a header on every call."""
        return HeaderAuth("X-Api-Key", self.settings.api_key, setting="api_key")

    async def check(self) -> None:
        """Ping, which needs the key."""
        await self.call(GET("/ping"), wire.pong)

    # -- rooms

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List rooms: the active ones, then the inactive; those idle for half a year are not told.

        Which of the active ones are scheduled and which open is sifted here.
        """
        if status not in {None, RoomStatus.SCHEDULED, RoomStatus.OPEN, RoomStatus.ENDED}:
            raise UnsupportedOption(
                f"ClickMeeting cannot tell which rooms are {status}", field="status"
            )
        return self._rooms(status)

    async def _rooms(self, status: RoomStatus | None) -> Pages[Room]:
        for kind in _lists(status):
            request = GET("/conferences/{kind}", kind=kind)
            async for rooms in self.paginate(request, self._read(wire.rooms), self.rooms_pages):
                yield [room for room in rooms if status in {None, room.status}]

    def _read(self, read: Callable[[Any, datetime], T]) -> Callable[[Any], T]:
        """Return a reader that tells a scheduled room from an open one by the present instant."""
        return lambda payload: read(payload, self.context.clock.now())

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room by its id, which is not its PIN."""
        return await self.call(
            GET("/conferences/{room}", room=room_id), self._read(wire.fetched_room)
        )

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room: a meeting, one-time and open unless the draft says otherwise."""
        whole = evolve(
            draft,
            kind=draft.kind or RoomKind.MEETING,
            permanent=bool(draft.permanent),
        )
        if not draft.name and "name" not in draft.native:
            raise InvalidRequest("ClickMeeting needs a name for a room", field="name")
        form = {"access_type": wire.ACCESS[EntryKind.OPEN]} | wire.room_form(whole)
        return await self.call(POST("/conferences", form=form), self._read(wire.created_room))

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room. `permanent_room` goes with every change of its times, or they are lost."""
        timed = changes.starts_at is not None or changes.duration is not None
        if timed and (room.permanent is None or room.timezone is None):
            room = await self.get_room(room.id)
        if timed and changes.permanent is None:
            if room.permanent:
                raise InvalidRequest(
                    "the room is permanent and has no times; permanent=False gives it some",
                    field="permanent",
                )
            changes = evolve(changes, permanent=False)
        form = wire.room_form(changes, zone=room.timezone)
        return await self.call(
            PUT("/conferences/{room}", room=room.id, form=form), self._read(wire.fetched_room)
        )

    async def delete_room(self, room: Room) -> None:
        """Delete a room."""
        await self.delete(DELETE("/conferences/{room}", room=room.id), wire.deleted)

    # -- people and ways in

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register a person; registration must be on. One who is registered already stays so."""
        form = wire.registration_form(draft)
        effect = Effect.NOTIFY if draft.confirmation else Effect.CREATE
        request = POST("/conferences/{room}/registration", room=room.id, form=form, effect=effect)
        return await self.call(
            request, partial(wire.registered, room_id=room.id, person=draft.person)
        )

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List registrations of a room, or those of its people who came to a session."""
        if isinstance(of, Session):
            room, session = _session(of.id)
            path = "/conferences/{room}/sessions/{session}/registrations"
            request = GET(path, room=room, session=session)
        else:
            room = of.id
            request = GET("/conferences/{room}/registrations/all", room=room)
        return self.paginate(request, partial(wire.participants, room_id=room))

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a registration in the list: there is no call for one."""
        wanted = (email or "").casefold()
        async for people in self.list_participants(room):
            for one in people:
                if one.id == participant_id or (wanted and (one.email or "").casefold() == wanted):
                    return one
        raise NotFound(f"nobody is registered for room {room.id} as {participant_id or email}")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Have invitations mailed; a room with tokens spends one on each person."""
        if invitation.role is Role.HOST:
            raise UnsupportedOption("ClickMeeting invites no hosts by mail", field="role")
        request = POST(
            "/conferences/{room}/invitation/email/{language}",
            room=room.id,
            language=invitation.language or "en",
            form=wire.invitation_form(invitation),
            effect=Effect.NOTIFY,
        )
        await self.call(request, wire.accepted)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Get a link: the registration's, the room's with a token, a personal one, or the plain one.

        A personal link into a room with tokens takes two calls: one makes a token.
        """
        if isinstance(person, Participant):
            if role is Role.ATTENDEE:
                return await self._registered_link(room, person)
            person = person.person
        if person is None and role is not Role.ATTENDEE:
            raise UnsupportedOption(
                f"a link for a {role} is personal on ClickMeeting; give name and email",
                field="person",
            )
        if room.join_url is None or room.entry is None:
            room = await self.get_room(room.id)
        url = room.join_url or ""
        if person is not None:
            return await self._personal_link(room, role, person, token)
        if token is not None:
            return JoinLink(url=f"{url}/{token.code.reveal()}", personal=True)
        return JoinLink(url=url)

    async def _registered_link(self, room: Room, person: Participant) -> JoinLink:
        if person.join_link is not None:
            return person.join_link
        found = await self.get_participant(room, participant_id=person.id, email=person.email)
        if found.join_link is None:
            raise NotFound("ClickMeeting tells no link of this registration")
        return found.join_link

    async def _personal_link(
        self, room: Room, role: Role, person: Person, token: AccessToken | None
    ) -> JoinLink:
        nickname = person.display_name
        if not nickname or not person.email:
            raise InvalidRequest("a personal link needs name and email", field="person")
        rule = room.entry[0] if room.entry else None
        if isinstance(rule, PersonalToken) and token is None:
            token = (await self.create_access_tokens(room, 1))[0]
        form = without_none(
            email=person.email,
            nickname=nickname,
            role=wire.ROLES[role],
            password=rule.code if isinstance(rule, Passcode) else None,
            token=token.code if token else None,
        )
        # Asking again makes another hash and harms nobody.
        request = POST(
            "/conferences/{room}/room/autologin_hash",
            room=room.id,
            form=form,
            effect=Effect.IDEMPOTENT,
        )
        key = await self.call(request, wire.autologin)
        link = wire.with_hash(room.join_url or "", key)
        return JoinLink(url=link, role=role, personal=True, person=person)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Make tokens, 1000 at most in one call."""
        request = POST("/conferences/{room}/tokens", room=room.id, form={"how_many": count})
        return await self.call(request, partial(wire.tokens, room_id=room.id))

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List tokens; for an e-mail address there is a call of its own, which is 404 for none."""
        if email is None:
            request = GET("/conferences/{room}/tokens", room=room.id)
            yield await self.call(request, partial(wire.tokens, room_id=room.id))
            return
        request = POST(
            "/conferences/{room}/token", room=room.id, form={"email": email}, effect=Effect.READ
        )
        try:
            yield await self.call(request, partial(wire.tokens_of, room_id=room.id, email=email))
        except NotFound:
            await self.get_room(room.id)  # the room may be what is not there

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Deactivate tokens."""
        form = {"tokens": [token.code for token in tokens]}
        if tokens:
            request = DELETE("/conferences/{room}/tokens", room=room.id, form=form)
            await self.call(request, wire.deleted)

    # -- sessions and what is left of them

    def list_sessions(self, room: Room) -> Pages[Session]:
        """List sessions."""
        request = GET("/conferences/{room}/sessions", room=room.id)
        return self.paginate(request, partial(wire.sessions, room_id=room.id))

    async def get_session(self, session_id: str) -> Session:
        """Fetch a session."""
        room, session = _session(session_id)
        return await self.call(
            GET("/conferences/{room}/sessions/{session}", room=room, session=session),
            partial(wire.session, room_id=room, session_id=session),
        )

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there; where rows have no times, the session's detail has them."""
        room, key = _session(session.id)
        request = _attendees(session.id)
        stays = await self.call(request, partial(wire.attendees, session_id=session.id))
        times: dict[str, wire.DetailRow] = {}
        if not all(stay.segments for stay in stays):
            detail = GET("/conferences/{room}/sessions/{session}", room=room, session=key)
            times = await self.call(detail, wire.stays)
        yield wire.attendance(stays, times)

    @emulated
    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """Gather the ratings of all attendees: a call per room and per session in the range."""
        if tenant is not None:
            raise UnsupportedOption("ClickMeeting has no tenants", field="tenant")
        async for session in self._all_sessions():
            if _overlaps(session, since, until):
                read = partial(wire.feedback, session=session)
                yield await self.call(_attendees(session.id), read)

    async def _all_sessions(self) -> AsyncIterator[Session]:
        async for rooms in self.list_rooms():
            for room in rooms:
                async for sessions in self.list_sessions(room):
                    for session in sessions:
                        yield session

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recordings of a room, of a session, or of the account. Their links expire."""
        if isinstance(of, Session):
            return self._recordings_of(of)
        if of is None:
            return self.paginate(
                GET("/conferences/recordings"), partial(wire.recordings, room_id=None)
            )
        request = GET("/conferences/{room}/recordings", room=of.id)
        return self.paginate(request, partial(wire.recordings, room_id=of.id))

    async def _recordings_of(self, session: Session) -> Pages[Recording]:
        """Sift a room's recordings by time: which session they are of is not told."""
        if session.started_at is None:
            session = await self.get_session(session.id)
        async for page in self.list_recordings(Room(id=_session(session.id)[0])):
            yield [one for one in page if one.started_at and _overlaps(session, *_times(one))]

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording."""
        room, key = unpack_id(recording.id, 2, "recording")
        if room == wire.NO_ROOM:
            raise InvalidRequest("ClickMeeting did not tell the room of this recording", field="id")
        path = "/conferences/{room}/recordings/{recording}"
        await self.delete(DELETE(path, room=room, recording=key), wire.deleted)

    async def delete_recordings(self, room: Room) -> None:
        """Delete all recordings of a room."""
        await self.call(DELETE("/conferences/{room}/recordings", room=room.id), wire.deleted)

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Order a PDF in a language such as `en`. Asking again is the same job."""
        room, key = _session(session.id)
        return await self._report(room, key, language)

    async def get_report(self, report_id: str) -> Report:
        """Ask how far a PDF is."""
        return await self._report(*unpack_id(report_id, 3, "report"))

    async def _report(self, room: str, session: str, language: str) -> Report:
        request = GET(
            "/conferences/{room}/sessions/{session}/generate-pdf/{language}",
            room=room,
            session=session,
            language=language,
            effect=Effect.IDEMPOTENT,  # the first GET starts the job
        )
        read = partial(wire.report, room_id=room, session_id=session, language=language)
        return await self.call(request, read)

    # -- beside the model

    async def time_zones(self, country: str | None = None) -> list[str]:
        """Return the zone names that ClickMeeting knows, all or those of a country (`pl`)."""
        request = (
            GET("/time_zone_list")
            if country is None
            else GET("/time_zone_list/{country}", country=country)
        )
        return await self.call(request, lambda payload: wire.WIRE.read(payload, list[str]))


def _lists(status: RoomStatus | None) -> tuple[str, ...]:
    if status is None:
        return ("active", "inactive")
    return ("inactive",) if status is RoomStatus.ENDED else ("active",)


def _session(session_id: str) -> list[str]:
    return unpack_id(session_id, 2, "session")


def _times(recording: Recording) -> tuple[datetime | None, datetime | None]:
    start = recording.started_at
    try:
        return start, start + (recording.duration or timedelta()) if start else None
    except OverflowError:  # an end beyond the year 9999 is none that tells sessions apart
        return start, None


def _attendees(session_id: str) -> Request:
    room, session = _session(session_id)
    path = "/conferences/{room}/sessions/{session}/attendees"
    return GET(path, room=room, session=session)


def _overlaps(session: Session, since: datetime | None, until: datetime | None) -> bool:
    started, ended = session.started_at, session.ended_at
    return (since is None or ended is None or ended >= since) and (
        until is None or started is None or started <= until
    )
