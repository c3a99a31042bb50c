"""An adapter for Acme, as a third party would write it: it does all that the suite asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve
from sample_wire import (
    FIELDS,
    ROLES,
    WIRE,
    WORDS,
    AcmeSettings,
    LinkRow,
    PersonRow,
    PongRow,
    RatingRow,
    RecordingRow,
    RoomRow,
    SessionRow,
    StayRow,
    TemplateRow,
    TicketRow,
)

from conferencing import (
    AccessToken,
    Anyone,
    Attendance,
    EntryKind,
    Features,
    Feedback,
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
    SessionStatus,
    Template,
    UnsupportedOption,
    Usage,
    emulated,
)
from conferencing.attendance import merge
from conferencing.capabilities import Operation
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
    without_none,
)
from conferencing.model.drafts import Invitation, RegistrationDraft, SessionDraft
from conferencing.provider import Pages

ITEMS = "items"
"""The key of the rows in each of Acme's lists."""


class Acme(HTTPProvider[AcmeSettings]):
    """Acme's rooms, people and sessions.

    `read_*` reads a reply, `to_*` maps a row; mistakes are planted in them.
    """

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
        invites=frozenset(ROLES),
        languages=frozenset({Operation.REGISTER, Operation.INVITE}),
    )
    room_row = RoomRow
    session_row = SessionRow

    def auth(self) -> Any:
        return HeaderAuth("X-Acme-Key", self.settings.api_key, setting="api_key")

    async def check(self) -> None:
        await self.call(GET("/ping"), lambda reply: WIRE.read(reply, PongRow))

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

    def read_rooms(self, reply: Any) -> list[Room]:
        return WIRE.records(reply, self.room_row, self.to_room, at=ITEMS)

    def read_room(self, reply: Any) -> Room:
        return WIRE.record(reply, self.room_row, self.to_room)

    def to_room(self, row: RoomRow, native: Any) -> Room:
        return Room(
            id=row.id,
            name=row.name,
            kind=RoomKind(row.kind),
            starts_at=row.begin,
            duration=self.to_duration(row.minutes, 60),
            timezone=row.zone,
            description=row.description,
            registration=row.sign_up,
            entry=(Passcode(row.passcode),) if row.passcode else (Anyone(),),
            settings=RoomSettings(recording=row.record),
            join_url=row.url,
            native=native,
        )

    def to_duration(self, count: int | None, unit: int) -> timedelta | None:
        return None if count is None else timedelta(seconds=count * unit)

    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        codes = [rule.code for rule in draft.entry or () if isinstance(rule, Passcode)]
        body = without_none(
            name=draft.name,
            kind=draft.kind,
            begin=draft.starts_at and draft.starts_at.isoformat(),
            minutes=draft.duration and draft.duration // timedelta(minutes=1),
            zone=draft.timezone,
            description=draft.description,
            sign_up=draft.registration,
            passcode=codes[0] if codes else None,
            record=draft.settings.recording if draft.settings else None,
        )
        return self.with_native(body, draft.native)

    def with_native(self, body: dict[str, Any], native: Mapping[str, Any]) -> dict[str, Any]:
        return deep_merge(body, native)

    # -- templates

    async def list_templates(self) -> Pages[Template]:
        async for page in self.paginate(GET("/templates"), self.read_templates):
            yield page

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        body = self.with_native(
            {"name": template.name, "description": template.description}, native
        )
        return await self.call(POST("/templates", json=body), self.read_template)

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        body = self.with_native(
            {"name": template.name, "description": template.description}, native
        )
        return await self.call(
            PUT("/templates/{id}", id=template.id, json=body), self.read_template
        )

    async def delete_template(self, template: Template) -> None:
        await self.delete(DELETE("/templates/{id}", id=template.id))

    def read_templates(self, reply: Any) -> list[Template]:
        return WIRE.records(reply, TemplateRow, self.to_template, at=ITEMS)

    def read_template(self, reply: Any) -> Template:
        return WIRE.record(reply, TemplateRow, self.to_template)

    def to_template(self, row: TemplateRow, native: Any) -> Template:
        return Template(id=row.id, name=row.name, description=row.description, native=native)

    # -- people

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        who = draft.person
        body = without_none(email=who.email, first=who.first_name, last=who.last_name)
        body = self.with_native(body, draft.native)
        request = POST("/rooms/{id}/people", id=room.id, json=body)
        return await self.call(request, lambda reply: self.read_person(reply, room.id))

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        request = GET("/rooms/{id}/people", id=of.id)
        async for page in self.paginate(request, lambda reply: self.read_people(reply, of.id)):
            yield page

    def read_people(self, reply: Any, room_id: str) -> list[Participant]:
        return WIRE.records(
            reply, PersonRow, lambda row, native: self.to_person(row, native, room_id), at=ITEMS
        )

    def read_person(self, reply: Any, room_id: str) -> Participant:
        return WIRE.record(
            reply, PersonRow, lambda row, native: self.to_person(row, native, room_id)
        )

    def to_person(self, row: PersonRow, native: Any, room_id: str) -> Participant:
        person = Person(email=row.email, first_name=row.first, last_name=row.last)
        return Participant(
            id=row.id,
            room_id=room_id,
            email=row.email,
            first_name=row.first,
            last_name=row.last,
            registered_at=row.at,
            join_link=JoinLink(url=row.link, personal=True, person=person) if row.link else None,
            native=native,
        )

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        async for page in self.list_participants(room):
            for person in page:
                if person.id == participant_id or (email and person.email == email.lower()):
                    return person
        raise NotFound("nobody is registered under this id or address")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        body = {
            "emails": [person.email for person in invitation.people],
            "role": ROLES[invitation.role],
            "language": invitation.language,
        }
        path = "/rooms/{id}/invitations"
        await self.call(POST(path, id=room.id, json=body, effect=Effect.NOTIFY))

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        if isinstance(person, Participant) and person.join_link is not None:
            return person.join_link
        who = person.person if isinstance(person, Participant) else person or Person()
        return await self._link("/rooms/{id}/links", room, role, who)

    async def _link(self, path: str, room: Room, role: Role, who: Person) -> JoinLink:
        body = without_none(role=ROLES[role], email=who.email, name=who.display_name)
        # One more link does no harm.
        request = POST(path, id=room.id, json=body, effect=Effect.IDEMPOTENT)
        row = await self.call(request, lambda reply: WIRE.read(reply, LinkRow))
        return JoinLink(url=row.url, role=role, personal=True, person=who)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        request = POST("/rooms/{id}/tickets", id=room.id, json={"count": count})
        return await self.call(request, self.read_tokens)

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        async for page in self.paginate(GET("/rooms/{id}/tickets", id=room.id), self.read_tokens):
            yield page

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        body = {"codes": [token.code for token in tokens]}
        await self.call(DELETE("/rooms/{id}/tickets", id=room.id, json=body))

    def read_tokens(self, reply: Any) -> list[AccessToken]:
        return WIRE.records(reply, TicketRow, self.to_token, at=ITEMS)

    def to_token(self, row: TicketRow, native: Any) -> AccessToken:
        return AccessToken(code=row.code, native={"kind": "ticket"})

    # -- sessions

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        return await self._link("/rooms/{id}/start", room, Role.HOST, draft.host)

    async def end_session(self, session: Session) -> None:
        await self.call(PUT("/sessions/{id}/end", id=session.id))

    async def list_sessions(self, room: Room) -> Pages[Session]:
        request = GET("/rooms/{id}/sessions", id=room.id)
        async for page in self.paginate(request, self.read_sessions):
            yield page

    async def get_session(self, session_id: str) -> Session:
        return await self.call(GET("/sessions/{id}", id=session_id), self.read_session)

    def read_sessions(self, reply: Any) -> list[Session]:
        return WIRE.records(reply, self.session_row, self.to_session, at=ITEMS)

    def read_session(self, reply: Any) -> Session:
        return WIRE.record(reply, self.session_row, self.to_session)

    def to_session(self, row: SessionRow, native: Any) -> Session:
        return Session(
            id=row.id,
            room_id=row.room,
            status=SessionStatus(row.state),
            started_at=self.to_time(row.begin),
            ended_at=self.to_time(row.end),
            people=row.people,
            native=native,
        )

    def to_time(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        stays: list[Attendance] = []
        request = GET("/sessions/{id}/people", id=session.id)
        async for page in self.paginate(request, self.read_stays):
            stays += page
        yield self.merge_stays([evolve(stay, session_id=session.id) for stay in stays])

    def merge_stays(self, stays: Sequence[Attendance]) -> list[Attendance]:
        return merge(stays)

    def read_stays(self, reply: Any) -> list[Attendance]:
        return WIRE.records(reply, StayRow, self.to_stay, at=ITEMS)

    def to_stay(self, row: StayRow, native: Any) -> Attendance:
        joined = datetime.fromtimestamp(row.joined, UTC)
        return Attendance(
            id=row.id,
            display_name=row.name,
            email=row.email,
            role=WORDS.get(row.role, Role.UNKNOWN),
            segments=(Segment(joined_at=joined, left_at=self.to_time(row.left)),),
            native=native,
        )

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        if not isinstance(of, Room):
            raise UnsupportedOption("acme lists the recordings of a room only", field="of")
        room_id = of.id
        request = GET("/rooms/{id}/recordings", id=room_id)
        async for page in self.paginate(request, self.read_recordings):
            yield [evolve(recording, room_id=room_id) for recording in page]

    def read_recordings(self, reply: Any) -> list[Recording]:
        return WIRE.records(reply, RecordingRow, self.to_recording, at=ITEMS)

    def to_recording(self, row: RecordingRow, native: Any) -> Recording:
        return Recording(
            id=row.id,
            status=RecordingStatus.READY,
            started_at=self.to_time(row.begin),
            duration=self.to_duration(row.seconds, 1),
            files=(File(url=row.url, size=row.size),),
            native=native,
        )

    async def delete_recording(self, recording: Recording) -> None:
        await self.delete(DELETE("/recordings/{id}", id=recording.id))

    async def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        query = without_none(
            since=since and int(since.timestamp()), until=until and int(until.timestamp())
        )
        async for page in self.paginate(GET("/usage", query=query), self.read_usage):
            yield page

    def read_usage(self, reply: Any) -> list[Usage]:
        return WIRE.records(reply, SessionRow, self.to_usage, at=ITEMS)

    def to_usage(self, row: SessionRow, native: Any) -> Usage:
        session = self.to_session(row, native)
        return Usage(
            id=session.id,
            room_id=session.room_id,
            people=session.people,
            started_at=session.started_at,
            ended_at=session.ended_at,
            duration=session.duration,
            native=native,
        )

    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        async for page in self.paginate(GET("/ratings"), self.read_ratings):
            yield page

    def read_ratings(self, reply: Any) -> list[Feedback]:
        return WIRE.records(reply, RatingRow, self.to_feedback, at=ITEMS)

    def to_feedback(self, row: RatingRow, native: Any) -> Feedback:
        return Feedback(
            id=row.id,
            rating=row.rating,
            text=row.comment,
            room_id=row.room,
            given_at=self.to_time(row.at),
            native=native,
        )
