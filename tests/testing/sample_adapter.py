"""An adapter for Acme, as a third party would write it: right in all that the suite asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sample_wire import (
    FIELDS,
    ROLES,
    SECRET,
    WIRE,
    WORDS,
    AcmeSettings,
    LinkRow,
    PersonRow,
    RecordingRow,
    RoomRow,
    SessionRow,
    StayRow,
)

from conferencing import (
    AccessToken,
    Anyone,
    Attendance,
    EntryKind,
    Features,
    File,
    JoinLink,
    NotFound,
    Participant,
    Passcode,
    Person,
    Precision,
    Recording,
    RecordingStatus,
    Role,
    Room,
    RoomDraft,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Segment,
    Session,
    Usage,
    emulated,
)
from conferencing.attendance import merge
from conferencing.http import (
    DELETE,
    GET,
    POST,
    PUT,
    Effect,
    HeaderAuth,
    HTTPProvider,
    NumberedPages,
    deep_merge,
    said,
)
from conferencing.model.drafts import Invitation, RegistrationDraft, SessionDraft
from conferencing.model.native import Native
from conferencing.provider import Pages


class Acme(HTTPProvider[AcmeSettings]):
    """Acme's rooms, people and sessions."""

    name = "acme"
    settings_class = AcmeSettings
    pages = NumberedPages(size=100)
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=FIELDS,
        update_fields=FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.PASSCODE}),
        roles=frozenset(ROLES),
        attendance=Precision.SEGMENTS,
    )

    def auth(self) -> Any:
        return HeaderAuth("X-Acme-Key", self.settings.api_key, setting="api_key")

    async def check(self) -> None:
        await self.call(GET("/ping"), lambda payload: WIRE.read(payload["pong"], bool))

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        async for page in self.paginate(GET("/rooms"), self.read_rooms):
            yield page

    async def get_room(self, room_id: str) -> Room:
        return await self.call(GET("/rooms/{id}", id=room_id), self.read_room)

    async def create_room(self, draft: RoomDraft) -> Room:
        return await self.call(POST("/rooms", json=self.write_room(draft)), self.read_room)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        body = self.write_room(changes)
        return await self.call(PUT("/rooms/{id}", id=room.id, json=body), self.read_room)

    async def delete_room(self, room: Room) -> None:
        await self.delete(DELETE("/rooms/{id}", id=room.id))

    def read_rooms(self, payload: Any) -> list[Room]:
        return [self.read_room(one) for one in WIRE.read(payload["rooms"], list[dict[str, Any]])]

    def read_room(self, payload: Any) -> Room:
        row = WIRE.read(payload, RoomRow)
        return Room(
            id=row.id,
            name=row.name,
            kind=row.kind,
            starts_at=row.begin,
            duration=None if row.minutes is None else timedelta(minutes=row.minutes),
            timezone=row.zone,
            description=row.description,
            entry=(Passcode(row.passcode),) if row.passcode else (Anyone(),),
            settings=RoomSettings(recording=row.record),
            join_url=row.url,
            native=Native(payload, SECRET),
        )

    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        codes = [one.code for one in draft.entry or () if isinstance(one, Passcode)]
        fields = said(
            name=draft.name,
            kind=draft.kind,
            begin=draft.starts_at and draft.starts_at.isoformat(),
            minutes=draft.duration and draft.duration // timedelta(minutes=1),
            zone=draft.timezone,
            description=draft.description,
            passcode=codes[0] if codes else None,
            record=draft.settings.recording if draft.settings else None,
        )
        return deep_merge(fields, draft.native)

    # -- people

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        who = draft.person
        body = said(email=who.email, first=who.first_name, last=who.last_name)
        request = POST("/rooms/{id}/people", id=room.id, json=deep_merge(body, draft.native))
        return await self.call(request, partial(self.read_person, room_id=room.id))

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        def read(payload: Any) -> list[Participant]:
            return [
                self.read_person(one, of.id) for one in WIRE.read(payload, list[dict[str, Any]])
            ]

        yield await self.call(GET("/rooms/{id}/people", id=of.id), read)

    def read_person(self, payload: Any, room_id: str) -> Participant:
        row = WIRE.read(payload, PersonRow)
        return Participant(
            id=row.id,
            room_id=room_id,
            email=row.email,
            first_name=row.first,
            last_name=row.last,
            registered_at=row.at,
            native=Native(payload),
        )

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        async for page in self.list_participants(room):
            for one in page:
                if one.id == participant_id or (email and one.email == email.lower()):
                    return one
        raise NotFound("nobody is registered so")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        body = {
            "emails": [one.email for one in invitation.people],
            "role": ROLES[invitation.role],
            "language": invitation.language,
        }
        path = "/rooms/{id}/invitations"
        await self.call(POST(path, id=room.id, json=body, effect=Effect.NOTIFY))

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        who = person.person if isinstance(person, Participant) else person or Person()
        return await self._link("/rooms/{id}/links", room, role, who)

    async def _link(self, path: str, room: Room, role: Role, who: Person) -> JoinLink:
        body = said(role=ROLES[role], email=who.email, name=who.display_name)
        # A link more harms nobody.
        request = POST(path, id=room.id, json=body, effect=Effect.IDEMPOTENT)
        url = await self.call(request, lambda payload: WIRE.read(payload, LinkRow).url)
        return JoinLink(url=url, role=role, personal=True, person=who)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        request = POST("/rooms/{id}/tickets", id=room.id, json={"count": count})
        return await self.call(request, self.read_tokens)

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        yield await self.call(GET("/rooms/{id}/tickets", id=room.id), self.read_tokens)

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        body = {"codes": [one.code for one in tokens]}
        await self.call(DELETE("/rooms/{id}/tickets", id=room.id, json=body))

    def read_tokens(self, payload: Any) -> list[AccessToken]:
        return [AccessToken(code=one) for one in WIRE.read(payload, list[str])]

    # -- sessions

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        return await self._link("/rooms/{id}/start", room, Role.HOST, draft.host)

    async def end_session(self, session: Session) -> None:
        await self.call(PUT("/sessions/{id}/end", id=session.id))

    async def list_sessions(self, room: Room) -> Pages[Session]:
        def read(payload: Any) -> list[Session]:
            return [self.read_session(one) for one in WIRE.read(payload, list[dict[str, Any]])]

        yield await self.call(GET("/rooms/{id}/sessions", id=room.id), read)

    async def get_session(self, session_id: str) -> Session:
        return await self.call(GET("/sessions/{id}", id=session_id), self.read_session)

    def read_session(self, payload: Any) -> Session:
        row = WIRE.read(payload, SessionRow)
        return Session(
            id=row.id,
            room_id=row.room,
            status=row.state,
            started_at=self.read_time(row.begin),
            ended_at=self.read_time(row.end),
            people=row.people,
            native=Native(payload),
        )

    def read_time(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        request = GET("/sessions/{id}/people", id=session.id)
        yield await self.call(request, partial(self.read_attendance, session_id=session.id))

    def read_attendance(self, payload: Any, session_id: str) -> list[Attendance]:
        rows = WIRE.read(payload, list[dict[str, Any]])
        return merge([self.read_stay(one, session_id) for one in rows])

    def read_stay(self, payload: Mapping[str, Any], session_id: str) -> Attendance:
        renamed = {"joined": payload["in"], "left": payload["out"]}
        row = WIRE.read({**payload, **renamed}, StayRow)
        joined = datetime.fromtimestamp(row.joined, UTC)
        return Attendance(
            id=row.id,
            session_id=session_id,
            display_name=row.name,
            email=row.email,
            role=WORDS.get(row.role, Role.UNKNOWN),
            segments=(Segment(joined_at=joined, left_at=self.read_time(row.left)),),
        )

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        room_id = of.id if isinstance(of, Room) else (of and of.room_id) or ""

        def read(payload: Any) -> list[Recording]:
            rows = WIRE.read(payload, list[RecordingRow])
            return [self.read_recording(row, room_id) for row in rows]

        yield await self.call(GET("/rooms/{id}/recordings", id=room_id), read)

    def read_recording(self, row: RecordingRow, room_id: str) -> Recording:
        return Recording(
            id=row.id,
            room_id=room_id,
            status=RecordingStatus.READY,
            started_at=self.read_time(row.begin),
            duration=timedelta(seconds=row.seconds),
            files=(File(url=row.url, size=row.size),),
        )

    async def delete_recording(self, recording: Recording) -> None:
        await self.delete(DELETE("/recordings/{id}", id=recording.id))

    async def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        query = said(since=since and int(since.timestamp()), until=until and int(until.timestamp()))

        def read(payload: Any) -> list[Usage]:
            return [self.read_usage(one) for one in WIRE.read(payload, list[dict[str, Any]])]

        yield await self.call(GET("/usage", query=query), read)

    def read_usage(self, payload: Any) -> Usage:
        one = self.read_session(payload)
        return Usage(
            id=one.id,
            room_id=one.room_id,
            people=one.people,
            started_at=one.started_at,
            ended_at=one.ended_at,
            duration=one.duration,
        )
