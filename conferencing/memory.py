"""The reference adapter: every operation of the protocol, in memory and without a network.

It is the plain face of a `World`, which tests reach as `conference.provider.world`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import asdict, evolve, fields, frozen

from conferencing.accounts.context import Context
from conferencing.attendance import merge
from conferencing.capabilities import Features
from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import (
    AccessToken,
    EntryKind,
    Feedback,
    File,
    JoinLink,
    Participant,
    Person,
    Recording,
    Report,
    ReportStatus,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    SessionStatus,
    Template,
    Usage,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft, SessionDraft
from conferencing.provider import ConferenceProvider, Pages
from conferencing.sandbox.pdf import pdf
from conferencing.world import Visit, World

__all__ = ["MemoryProvider", "MemorySettings"]

_PAGE = 100
_FIELDS = frozenset(one.name for one in fields(RoomDraft)) - {
    "settings",
    "native",
    "template",
    "people",
}
_SETTINGS = frozenset(f"settings.{one.name}" for one in fields(RoomSettings))
_FREE = timedelta(minutes=20)


@frozen(kw_only=True)
class MemorySettings:
    """Take nothing: memory needs no credentials."""


class MemoryProvider(ConferenceProvider):
    """Keep everything in a `World`."""

    name = "memory"
    settings_class = MemorySettings
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_FIELDS | _SETTINGS | {"people"},
        update_fields=_FIELDS | _SETTINGS,
        entry=frozenset(EntryKind),
        entry_rules=len(EntryKind),
        roles=frozenset(Role) - {Role.UNKNOWN},
        attendance=Precision.SEGMENTS,
        reports=frozenset({"pdf"}),
    )

    def __init__(
        self, settings: MemorySettings, context: Context, world: World | None = None
    ) -> None:
        self.settings = settings
        self.context = context
        self.world = world or World()

    # -- rooms

    async def check(self) -> None:
        """Do nothing: there is nothing to prove."""

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms."""
        rooms = [self.world.room(one) for one in self.world.rooms]
        for page in _paged([room for room in rooms if status in {None, room.status}]):
            yield page

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room."""
        return self.world.room(room_id)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room."""
        said = {"kind": RoomKind.MEETING, "status": RoomStatus.OPEN} | _said(draft)
        room = self.world.add_room(**said)
        for one in draft.people or ():
            person = one.person or Person()
            self.world.participants[room.id].append(self._participant(room.id, person, one.role))
        return self.world.change_room(room.id, join_url=f"memory:{room.id}")

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room."""
        return self.world.change_room(room.id, **_said(changes))

    async def delete_room(self, room: Room) -> None:
        """Delete a room."""
        if room.id in self.world.rooms:
            self.world.remove_room(room.id)

    async def default_settings(self) -> RoomSettings:
        """Return settings in which everything is allowed and nothing is recorded."""
        return RoomSettings(**{one.name: "record" not in one.name for one in _settings()})

    async def room_settings(self, room: Room) -> RoomSettings:
        """Return the defaults with the room's own settings over them."""
        own = self.world.room(room.id).settings
        said = (
            {name: value for name, value in asdict(own).items() if value is not None} if own else {}
        )
        return evolve(await self.default_settings(), **said)

    async def list_templates(self) -> Pages[Template]:
        """List the templates."""
        for page in _paged(list(self.world.templates.values())):
            yield page

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Keep a template."""
        kept = evolve(template, id=self.world.new_id("template"), native=native)
        self.world.templates[kept.id] = kept
        return kept

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Replace a template."""
        if template.id not in self.world.templates:
            raise NotFound(f"there is no template {template.id!r}")
        self.world.templates[template.id] = evolve(template, native=native)
        return self.world.templates[template.id]

    async def delete_template(self, template: Template) -> None:
        """Forget a template."""
        self.world.templates.pop(template.id, None)

    # -- people and ways in

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register a person; a second time finds the first."""
        self.world.room(room.id)
        person = draft.person
        if not person.email:
            raise InvalidRequest("a registration needs an e-mail address", field="email")
        present = self._registered(room.id, person.email)
        if present is not None:
            return evolve(present, existed=True)
        link = await self.join_link(room, Role.ATTENDEE, person, None)
        participant = evolve(
            self._participant(room.id, person, Role.ATTENDEE), join_link=link, fields=draft.fields
        )
        self.world.participants[room.id].append(participant)
        if draft.confirmation:
            self.world.post(
                "confirmation", person.email, room.id, language=draft.language, link=link
            )
        return participant

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room, or of those who came to a session."""
        room_id = self.world.session(of.id).room_id if isinstance(of, Session) else of.id
        self.world.room(room_id or "")
        people = self.world.participants[room_id or ""]
        if isinstance(of, Session):
            came = {_key(visit.email) for visit in self.world.visits_of(of.id)}
            people = [one for one in people if _key(one.email) in came]
        for page in _paged(people):
            yield page

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a registration."""
        for one in self.world.participants[room.id]:
            if one.id == participant_id or (email is not None and _key(one.email) == _key(email)):
                return one
        raise NotFound(f"nobody is registered as {participant_id or email!r}")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Put invitations into the outbox."""
        for person in invitation.people:
            link = await self.join_link(room, invitation.role, person, None)
            self.world.post(
                "invitation",
                person.email or "",
                room.id,
                language=invitation.language,
                role=invitation.role,
                link=link,
            )

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Make up a link."""
        url = f"memory:{self.world.room(room.id).id}?role={role}"
        if person is None:
            return JoinLink(url=url, role=role)
        who = person.person if person else None
        key = self.world.random.randbytes(8).hex()
        return JoinLink(url=f"{url}&key={key}", role=role, personal=True, person=who)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Make tokens."""
        self.world.room(room.id)
        made = [
            AccessToken(code=self.world.random.randbytes(4).hex(), room_id=room.id)
            for _ in range(count)
        ]
        self.world.tokens[room.id].extend(made)
        return made

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List tokens."""
        tokens = self.world.tokens[self.world.room(room.id).id]
        for page in _paged([one for one in tokens if email in {None, one.sent_to}]):
            yield page

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Forget tokens."""
        gone = {token.code for token in tokens}
        left = [one for one in self.world.tokens[room.id] if one.code not in gone]
        self.world.tokens[room.id] = left

    # -- sessions and what is left of them

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session."""
        session = self.world.start_session(room.id, draft.title)
        link = await self.join_link(room, Role.HOST, draft.host, None)
        return evolve(link, session_id=session.id)

    async def end_session(self, session: Session) -> None:
        """End the session if it is the one that runs."""
        present = self.world.session(session.id)
        if present.status is not SessionStatus.RUNNING:
            raise Conflict("this session has ended already")
        self.world.end_session(present.room_id or "")

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List sessions."""
        for page in _paged(self.world.sessions_of(self.world.room(room.id).id)):
            yield page

    async def get_session(self, session_id: str) -> Session:
        """Fetch a session."""
        return self.world.session(session_id)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there."""
        rows = self.world.attendance(self.world.session(session.id).id)
        for page in _paged(merge(rows)):
            yield page

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings."""
        mine = self.world.recordings.values()
        for page in _paged([one for one in mine if _belongs(one, of)]):
            yield page

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording."""
        self.world.recordings.pop(recording.id, None)

    async def delete_recordings(self, room: Room) -> None:
        """Delete the recordings of a room."""
        for one in [one.id for one in self.world.recordings.values() if one.room_id == room.id]:
            del self.world.recordings[one]

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Make a report at once."""
        present = self.world.session(session.id)
        report_id = f"{present.id}/{kind}/{language}"
        people = merge(self.world.attendance(present.id))
        lines = [f"Session {present.id}", *(str(one.display_name) for one in people)]
        self.world.files[report_id] = pdf(lines)
        return await self.get_report(report_id)

    async def get_report(self, report_id: str) -> Report:
        """Fetch a report."""
        content = self.world.files.get(report_id)
        if content is None or report_id.count("/") < 2:  # noqa: PLR2004
            raise NotFound(f"there is no report {report_id!r}")
        session_id, kind, language = report_id.rsplit("/", 2)
        return Report(
            id=report_id,
            session_id=session_id,
            kind=kind,
            language=language,
            status=ReportStatus.READY,
            progress=100,
            file=File(url=f"memory:{report_id}", media_type="application/pdf", size=len(content)),
        )

    async def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List ended sessions; what two or more people shared is billable."""
        ended = [one for one in self.world.sessions.values() if _within(one.ended_at, since, until)]
        for page in _paged([self._usage(one) for one in ended]):
            yield page

    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List the ratings that people left."""
        visits = self.world.visits.values()
        rated = [one for one in visits if one.rating is not None]
        given = [self._feedback(one) for one in rated if _within(one.left_at, since, until)]
        for page in _paged(given):
            yield page

    async def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a file out of the world."""
        content = self.world.files.get(file.url.removeprefix("memory:"))
        if content is None:
            raise NotFound("there is no such file")
        yield content

    def _participant(self, room_id: str, person: Person, role: Role) -> Participant:
        return Participant(
            id=self.world.new_id("participant"),
            room_id=room_id,
            role=role,
            existed=False,
            registered_at=self.world.now,
            **asdict(person),
        )

    def _registered(self, room_id: str, email: str) -> Participant | None:
        people = self.world.participants[room_id]
        return next((one for one in people if _key(one.email) == _key(email)), None)

    def _usage(self, session: Session) -> Usage:
        shared = _shared(list(self.world.visits_of(session.id)))
        room = self.world.rooms.get(session.room_id or "")
        return Usage(
            id=f"usage-{session.id}",
            room_id=session.room_id,
            title=room.name if room else None,
            people=session.people,
            created_at=room.created_at if room else None,
            started_at=session.started_at,
            ended_at=session.ended_at,
            duration=session.duration,
            billable=shared,
            free=shared < _FREE,
        )

    def _feedback(self, visit: Visit) -> Feedback:
        return Feedback(
            id=f"feedback-{visit.id}",
            rating=visit.rating,
            text=visit.comment,
            room_id=self.world.session(visit.session_id).room_id,
            session_id=visit.session_id,
            person=Person(name=visit.name, email=visit.email),
            given_at=visit.left_at,
        )


def _said(draft: RoomDraft) -> dict[str, Any]:
    names = _FIELDS | {"settings"}
    said = {name: getattr(draft, name) for name in names}
    native = {"native": dict(draft.native)} if draft.native else {}
    return {name: value for name, value in said.items() if value is not None} | native


def _belongs(recording: Recording, to: Room | Session | None) -> bool:
    if isinstance(to, Session):
        return recording.session_id == to.id
    return to is None or recording.room_id == to.id


def _key(email: str | None) -> str:
    return (email or "").casefold()


def _settings() -> tuple[Any, ...]:
    return fields(RoomSettings)


def _paged(rows: Sequence[Any]) -> list[Any]:
    return [rows[start : start + _PAGE] for start in range(0, len(rows), _PAGE)]


def _within(moment: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    if moment is None:
        return False
    return (since is None or moment >= since) and (until is None or moment <= until)


def _shared(visits: Sequence[Visit]) -> timedelta:
    """Return how long at least two stays overlapped."""
    moments = [(one.joined_at, 1) for one in visits]
    moments += [(one.left_at, -1) for one in visits if one.left_at is not None]
    shared, inside, since = timedelta(), 0, None
    for moment, change in sorted(moments):
        if inside > 1 and since is not None:
            shared += moment - since
        inside, since = inside + change, moment
    return shared
