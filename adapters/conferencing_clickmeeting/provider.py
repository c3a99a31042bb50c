"""ClickMeeting's operations, one short method each. Paths are those of the API reference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from attrs import evolve

from conferencing.capabilities import Features, Operation, emulated
from conferencing.errors import InvalidRequest, MalformedResponse, NotFound, UnsupportedOption
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
    Reply,
    Request,
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
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.provider import Pages, find_participant, replace_rows

from .settings import ClickMeetingSettings
from .wire import base, people, rooms, sessions

__all__ = ["ClickMeeting"]

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


class ClickMeeting(HTTPProvider[ClickMeetingSettings]):
    """ClickMeeting's rooms, people, sessions, recordings and reports."""

    name = "clickmeeting"
    settings_class = ClickMeetingSettings
    errors = ErrorMap(read=base.read_failure)
    # The vendor's own clients wait for 60 s and more: the API is slow.
    policy = Policy(total=120.0, attempt=60.0, read=60.0)
    # Only a short page shows the end of the list: docs/vendors/clickmeeting.md#oddity-7
    room_pages = NumberedPages(param="page", size=250)
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_FIELDS,
        update_fields=_FIELDS | {"status"},
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE, EntryKind.TOKEN}),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(minutes=1),  # docs/vendors/clickmeeting.md#oddity-16
        reports=frozenset({"pdf"}),
        required=people.FORM_FIELDS,
        confirms=False,
        invites=frozenset({Role.PRESENTER, Role.ATTENDEE}),
        languages=frozenset({Operation.REGISTER, Operation.INVITE}),
        statuses=frozenset({RoomStatus.SCHEDULED, RoomStatus.OPEN, RoomStatus.ENDED}),
        lists_present=True,
        limits={"access_tokens": 1000},
    )

    def auth(self) -> HeaderAuth:
        """Authenticate by the key, in a header of every call."""
        return HeaderAuth("X-Api-Key", self.settings.api_key, setting="api_key")

    async def check(self) -> None:
        """Ping, which needs the key."""
        await self.call(GET("/ping"), base.read_ping)

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the active rooms, then the inactive ones; after half a year these are not listed.

        Active rooms are divided into scheduled and open ones here.
        """
        for kind in _kinds(status):
            request = GET("/conferences/{kind}", kind=kind)
            read = partial(rooms.read_rooms, now=self.now)
            async for page in self.paginate(request, read, self.room_pages):
                yield page

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room by its id, which is not its PIN."""
        request = GET("/conferences/{room}", room=room_id)
        return await self.call(request, partial(rooms.read_room, now=self.now))

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room: a meeting, one-time and open unless the draft differs."""
        if not draft.name and "name" not in draft.native:
            raise InvalidRequest("ClickMeeting needs a name for a room", field="name")
        # Kind, permanence and access are required: docs/vendors/clickmeeting.md#rooms-create
        complete = evolve(
            draft, kind=draft.kind or RoomKind.MEETING, permanent=bool(draft.permanent)
        )
        form = {"access_type": rooms.ACCESS[EntryKind.OPEN]} | rooms.write_room(complete)
        request = POST("/conferences", form=form)
        return await self.call(request, partial(rooms.read_created_room, now=self.now))

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room.

        Times change only together with `permanent_room` (docs/vendors/clickmeeting.md#oddity-5).
        """
        timed = changes.starts_at is not None or changes.duration is not None
        # A start without a zone would be in that of the account: docs/vendors/clickmeeting.md#times
        if timed and (room.permanent is None or room.timezone is None):
            room = await self.get_room(room.id)
        if timed and changes.permanent is None:
            if room.permanent:
                raise InvalidRequest(
                    "the room is permanent and has no times; add permanent=False",
                    field="permanent",
                )
            changes = evolve(changes, permanent=False)
        form = rooms.write_room(changes, zone=room.timezone)
        request = PUT("/conferences/{room}", room=room.id, form=form)
        return await self.call(request, partial(rooms.read_room, now=self.now))

    async def delete_room(self, room: Room) -> None:
        """Delete a room."""
        await self.delete(DELETE("/conferences/{room}", room=room.id))

    # -- people

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register a person; the room must have registration. A repetition changes nothing."""
        form = people.write_registration(draft)
        effect = Effect.NOTIFY if draft.confirmation else Effect.CREATE
        request = POST("/conferences/{room}/registration", room=room.id, form=form, effect=effect)
        read = partial(people.read_registration, room_id=room.id, person=draft.person)
        return await self.call(request, read)

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room, or of the people who attended a session."""
        if isinstance(of, Session):
            room, session = _unpack_session(of.id)
            # The vendor's own clients omit a slash here: docs/vendors/clickmeeting.md#oddity-33
            path = "/conferences/{room}/sessions/{session}/registrations"
            request = GET(path, room=room, session=session)
        else:
            room = of.id
            request = GET("/conferences/{room}/registrations/all", room=room)
        return self.paginate(request, partial(people.read_participants, room_id=room))

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a registration in the list: there is no call for a single one."""
        pages = self.list_participants(room)
        return await find_participant(pages, participant_id=participant_id, email=email)

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Mail invitations; in a room with tokens, each person gets one of them."""
        request = POST(
            "/conferences/{room}/invitation/email/{language}",
            room=room.id,
            # The path needs a language: docs/vendors/clickmeeting.md#invitations
            language=invitation.language or "en",
            form=people.write_invitation(invitation),
            effect=Effect.NOTIFY,
        )
        await self.call(request)

    # -- join links and access tokens

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return the link of a registration, a token or a person, or the plain link of the room.

        A personal link into a room with tokens takes two calls: the first creates a token.
        """
        if isinstance(person, Participant):
            if role is Role.ATTENDEE:
                return await self.find_link(room, person)
            person = person.person
        if person is None and role is not Role.ATTENDEE:
            raise UnsupportedOption(
                f"on ClickMeeting a link for a {role} is personal; give name and email",
                field="person",
            )
        if room.join_url is None or room.entry is None:
            room = await self.get_room(room.id)
        if room.join_url is None:
            raise MalformedResponse(f"room {room.id} has no room_url", path="$.conference.room_url")
        if person is not None:
            return await self._personal_link(room, room.join_url, role, person, token)
        if token is not None:
            return JoinLink(url=f"{room.join_url}/{token.code.reveal()}", personal=True)
        return JoinLink(url=room.join_url)

    async def _personal_link(
        self, room: Room, room_url: str, role: Role, person: Person, token: AccessToken | None
    ) -> JoinLink:
        nickname = person.display_name
        if not nickname or not person.email:
            raise InvalidRequest("a personal link needs name and email", field="person")
        rule = room.entry[0] if room.entry else None
        if isinstance(rule, PersonalToken) and token is None:
            token = (await self.create_access_tokens(room, 1))[0]
        # A hash takes what the room's entrance asks for: docs/vendors/clickmeeting.md#join-links
        form = without_none(
            email=person.email,
            nickname=nickname,
            role=base.ROLES[role],
            password=rule.code if isinstance(rule, Passcode) else None,
            token=token.code if token else None,
        )
        path = "/conferences/{room}/room/autologin_hash"
        # A repetition makes one more hash, which changes nothing.
        request = POST(path, room=room.id, form=form, effect=Effect.IDEMPOTENT)
        autologin_hash = await self.call(request, people.read_autologin_hash)
        url = people.add_autologin_hash(room_url, autologin_hash)
        return JoinLink(url=url, role=role, personal=True, person=person)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Create tokens, at most 1000 in one call."""
        request = POST("/conferences/{room}/tokens", room=room.id, form={"how_many": count})
        return await self.call(request, partial(people.read_access_tokens, room_id=room.id))

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List the tokens; the one of an e-mail address has a call of its own."""
        if email is None:
            request = GET("/conferences/{room}/tokens", room=room.id)
            yield await self.call(request, partial(people.read_access_tokens, room_id=room.id))
            return
        path = "/conferences/{room}/token"
        request = POST(path, room=room.id, form={"email": email}, effect=Effect.READ)
        read = partial(people.read_personal_tokens, room_id=room.id, email=email)
        # An address without a token is a 404: docs/vendors/clickmeeting.md#access-tokens
        async for page in self._list_in_room(room, request, read):
            yield page

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Deactivate tokens: a DELETE with a body (docs/vendors/clickmeeting.md#oddity-29)."""
        if tokens:
            form = {"tokens": [token.code for token in tokens]}
            request = DELETE("/conferences/{room}/tokens", room=room.id, form=form)
            await self.call(request)

    # -- sessions, attendance and feedback

    def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions; none for a room that was never held."""
        read = partial(sessions.read_sessions, room_id=room.id)
        return self._list_in_room(room, _list_sessions(room), read)

    async def get_session(self, session_id: str) -> Session:
        """Fetch a session."""
        room, session = _unpack_session(session_id)
        read = partial(sessions.read_session, room_id=room, session_id=session)
        return await self.call(_get_session(session_id), read)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List the attendance; where rows have no times, the detail of the session has them."""
        read = partial(sessions.read_attendance, session_id=session.id)
        page = await self.call(_list_attendees(session.id), read)
        segments: dict[str, Segment] = {}
        if not all(record.segments for record in page):
            segments = await self.call(_get_session(session.id), sessions.read_segments)
        yield replace_rows(page, sessions.merge_attendance(page, segments))

    @emulated
    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """Collect the ratings of all attendees: a call per room and per session in the range."""
        async for session in self._all_sessions():
            if _overlaps(session, since, until):
                read = partial(sessions.read_feedback, session=session)
                yield await self.call(_list_attendees(session.id), read)

    async def _all_sessions(self) -> AsyncIterator[Session]:
        async for page in self.list_rooms():
            for room in page:
                for session in await self._list_held_sessions(room):
                    yield session

    async def _list_held_sessions(self, room: Room) -> Sequence[Session]:
        """Return the sessions of a room that was just listed, so that 404 means none.

        See docs/vendors/clickmeeting.md#oddity-2.
        """
        read = partial(sessions.read_sessions, room_id=room.id)
        try:
            return await self.call(_list_sessions(room), read)
        except NotFound:
            return []

    # -- recordings and reports

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the recordings of a room, of a session, or of the account. Their links expire."""
        if isinstance(of, Session):
            return self._session_recordings(of)
        if of is None:
            return self._account_recordings()
        request = GET("/conferences/{room}/recordings", room=of.id)
        read = partial(sessions.read_recordings, room_id=of.id)
        return self._list_in_room(of, request, read)

    async def _account_recordings(self) -> Pages[Recording]:
        """List the recordings of the account, room by room where it has no list of its own.

        On some accounts the list fails (docs/vendors/clickmeeting.md#recordings).
        """
        request = GET("/conferences/recordings")
        try:
            yield await self.call(request, partial(sessions.read_recordings, room_id=None))
        except NotFound:
            async for page in self.list_rooms():
                for room in page:
                    async for recordings in self.list_recordings(room):
                        yield recordings

    async def _session_recordings(self, session: Session) -> Pages[Recording]:
        """Select a room's recordings by their times: the API does not report the session."""
        if session.started_at is None:
            session = await self.get_session(session.id)
        room, _ = _unpack_session(session.id)
        async for page in self.list_recordings(Room(id=room)):
            yield replace_rows(page, (row for row in page if _is_of(row, session)))

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording."""
        room, key = unpack_id(recording.id, 2, "recording")
        if room == sessions.NO_ROOM:
            raise InvalidRequest(
                f"ClickMeeting's list of the account did not report the room of recording {key};"
                " list the recordings of its room, and delete it from there",
                field="id",
            )
        path = "/conferences/{room}/recordings/{recording}"
        await self.delete(DELETE(path, room=room, recording=key))

    async def delete_recordings(self, room: Room) -> None:
        """Delete all recordings of a room; a room without recordings may answer 404."""
        request = DELETE("/conferences/{room}/recordings", room=room.id)
        try:
            await self.call(request)
        except NotFound:
            await self.get_room(room.id)

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Order a PDF in a language such as `en`. A repetition is the same job."""
        room, key = _unpack_session(session.id)
        return await self._report(room, key, language)

    async def get_report(self, report_id: str) -> Report:
        """Fetch the state of a PDF."""
        return await self._report(*unpack_id(report_id, 3, "report"))

    async def _report(self, room: str, session: str, language: str) -> Report:
        request = GET(
            "/conferences/{room}/sessions/{session}/generate-pdf/{language}",
            room=room,
            session=session,
            language=language,
            effect=Effect.IDEMPOTENT,  # it starts a job (docs/vendors/clickmeeting.md#oddity-22)
        )
        read = partial(sessions.read_report, room_id=room, session_id=session, language=language)
        return await self.call(request, read)

    # -- not in the model

    async def time_zones(self, country: str | None = None) -> list[str]:
        """Return the names of ClickMeeting's time zones, all or those of a country (`pl`)."""
        if country is None:
            return await self.call(GET("/time_zone_list"), rooms.read_time_zones)
        request = GET("/time_zone_list/{country}", country=country)
        return await self.call(request, rooms.read_time_zones)

    async def _list_in_room(
        self, room: Room, request: Request, read: Callable[[Reply], Sequence[T]]
    ) -> Pages[T]:
        """List what a room has. Raises `NotFound` if the room does not exist.

        An empty list may be a 404 as well (docs/vendors/clickmeeting.md#oddity-2).
        """
        try:
            async for page in self.paginate(request, read):
                yield page
        except NotFound:
            await self.get_room(room.id)


def _kinds(status: RoomStatus | None) -> tuple[str, ...]:
    if status is None:
        return ("active", "inactive")
    return ("inactive",) if status is RoomStatus.ENDED else ("active",)


def _unpack_session(session_id: str) -> list[str]:
    return unpack_id(session_id, 2, "session")


def _list_sessions(room: Room) -> Request:
    return GET("/conferences/{room}/sessions", room=room.id)


def _get_session(session_id: str) -> Request:
    room, session = _unpack_session(session_id)
    return GET("/conferences/{room}/sessions/{session}", room=room, session=session)


def _list_attendees(session_id: str) -> Request:
    room, session = _unpack_session(session_id)
    path = "/conferences/{room}/sessions/{session}/attendees"
    return GET(path, room=room, session=session)


def _is_of(recording: Recording, session: Session) -> bool:
    """Return whether a recording overlaps a session in time."""
    start = recording.started_at
    if start is None:
        return False
    try:
        end = start + (recording.duration or timedelta())
    except OverflowError:  # beyond the year 9999: without an end, the start decides
        return _overlaps(session, start, None)
    return _overlaps(session, start, end)


def _overlaps(session: Session, since: datetime | None, until: datetime | None) -> bool:
    started, ended = session.started_at, session.ended_at
    return (since is None or ended is None or ended >= since) and (
        until is None or started is None or started <= until
    )
