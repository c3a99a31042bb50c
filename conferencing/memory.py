"""The reference adapter: every operation of the protocol, in memory and without a network.

Its data is a `World`, which tests reach as `conference.provider.world`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import asdict, evolve, fields, frozen

from conferencing.accounts.context import Context
from conferencing.attendance import merge
from conferencing.capabilities import Features, Operation
from conferencing.errors import Conflict, InvalidRequest, NotFound, ProviderError
from conferencing.model import (
    AccessToken,
    EntryKind,
    Feedback,
    File,
    JoinLink,
    Occurrence,
    Participant,
    Person,
    Recording,
    RegistrationStatus,
    Report,
    ReportStatus,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Secret,
    Session,
    SessionStatus,
    Template,
    Usage,
    WebhookSubscription,
    plan_dates,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft, SessionDraft
from conferencing.model.emails import email_key, same_email
from conferencing.model.zones import to_zone, zone_name
from conferencing.provider import ConferenceProvider, Pages
from conferencing.sandbox.pdf import pdf
from conferencing.webhooks.events import EVENT_TYPES
from conferencing.webhooks.request import Delivery, WebhookRequest
from conferencing.webhooks.verification import live_secrets
from conferencing.world import Visit, World

__all__ = ["MemoryProvider", "MemorySettings"]

_PAGE = 100
_FIELDS = frozenset(attribute.name for attribute in fields(RoomDraft)) - {
    "settings",
    "native",
    "template",
    "people",
}
_SETTING_NAMES = tuple(attribute.name for attribute in fields(RoomSettings))
_SETTINGS = frozenset(f"settings.{name}" for name in _SETTING_NAMES)
_OCCURRENCES = 60
"""How many dates of a series are planned."""
_FREE = timedelta(minutes=20)
"""Sessions in which fewer than two people met for this long are not charged."""


@frozen(kw_only=True)
class MemorySettings:
    """Nothing is needed but for webhooks, in the form of `conferencing.webhooks.sign_neutral`.

    `webhook_secret` signs them; `webhook_secret_previous` is accepted too while it is replaced.
    `webhook_tolerance` is how many seconds a signature's time may differ from now.
    """

    webhook_secret: Secret | None = None
    webhook_secret_previous: Secret | None = None
    webhook_tolerance: float = 300.0


class MemoryProvider(ConferenceProvider):
    """A provider whose data is a `World` in memory."""

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
        batch=30,
        reports=frozenset({"pdf"}),
        confirms=False,
        invites=frozenset(Role) - {Role.UNKNOWN},
        languages=frozenset({Operation.REGISTER, Operation.INVITE}),
        lists_present=True,
        tenants=True,
    )

    def __init__(
        self, settings: MemorySettings, context: Context, world: World | None = None
    ) -> None:
        self.settings = settings
        self.context = context
        self.world = world or World()

    # -- rooms

    async def check(self) -> None:
        """Do nothing: there are no credentials."""

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms."""
        rooms = [self.world.room(room_id) for room_id in self.world.rooms]
        for page in _pages(rooms):
            yield page

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room."""
        return self.world.room(room_id)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room."""
        defaults = {"kind": RoomKind.MEETING, "status": RoomStatus.OPEN}
        room = self.world.add_room(**defaults | _room_fields(draft))
        for invitee in draft.people or ():
            participant = self._participant(room.id, invitee.person or Person(), invitee.role)
            self.world.participants[room.id].append(participant)
        return self.world.change_room(
            room.id,
            join_url=f"https://memory.invalid/{room.id}",
            occurrences=_plan_occurrences(room),
        )

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room."""
        fields: dict[str, Any] = {"starts_at": self.world.room(room.id).starts_at} | _room_fields(
            changes
        )
        fields["starts_at"] = to_zone(fields["starts_at"], fields.get("timezone"))
        changed = self.world.change_room(room.id, **fields)
        if changes.set_fields().isdisjoint({"recurrence", "starts_at", "duration"}):
            return changed
        return self.world.change_room(room.id, occurrences=_plan_occurrences(changed))

    async def delete_room(self, room: Room) -> None:
        """Delete a room."""
        if room.id in self.world.rooms:
            self.world.remove_room(room.id)

    async def default_settings(self) -> RoomSettings:
        """Return settings with everything allowed and nothing recorded."""
        return RoomSettings(**{name: "record" not in name for name in _SETTING_NAMES})

    async def room_settings(self, room: Room) -> RoomSettings:
        """Return the defaults, overridden by the room's own settings."""
        settings = asdict(self.world.room(room.id).settings or RoomSettings())
        own = {name: value for name, value in settings.items() if value is not None}
        return evolve(await self.default_settings(), **own)

    async def list_templates(self) -> Pages[Template]:
        """List the templates."""
        for page in _pages(list(self.world.templates.values())):
            yield page

    async def create_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Create a template."""
        created = evolve(template, id=self.world.new_id("template"), native=native)
        self.world.templates[created.id] = created
        return created

    async def update_template(self, template: Template, native: Mapping[str, Any]) -> Template:
        """Replace a template."""
        if template.id not in self.world.templates:
            raise NotFound(f"there is no template {template.id!r}")
        self.world.templates[template.id] = evolve(template, native=native)
        return self.world.templates[template.id]

    async def delete_template(self, template: Template) -> None:
        """Delete a template."""
        self.world.templates.pop(template.id, None)

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register a person; a second registration returns the first."""
        approval = self.world.room(room.id).approval
        person = draft.person
        existing = self._find_registration(room.id, person.email or "")
        if existing is not None:
            return evolve(existing, existed=True)
        link = None if approval else await self.join_link(room, Role.ATTENDEE, person, None)
        participant = evolve(
            self._participant(room.id, person, Role.ATTENDEE),
            status=RegistrationStatus.PENDING if approval else RegistrationStatus.APPROVED,
            join_link=link,
            fields=draft.fields,
        )
        self.world.participants[room.id].append(participant)
        if draft.confirmation and person.email:
            self.world.post(
                "confirmation", person.email or "", room.id, language=draft.language, link=link
            )
        return participant

    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register people one after another, which takes no time here."""
        return [await self._register_or_refuse(room, draft) for draft in drafts]

    async def _register_or_refuse(
        self, room: Room, draft: RegistrationDraft
    ) -> Participant | ProviderError:
        try:
            return await self.register(room, draft)
        except InvalidRequest as error:
            return error.with_traceback(None)

    async def approve_registration(self, room: Room, participant: Participant) -> Participant:
        """Approve a registration, and give it a link."""
        current = await self.get_participant(room, participant_id=participant.id, email=None)
        link = await self.join_link(room, Role.ATTENDEE, current, None)
        return self.world.change_participant(
            room.id, participant.id or "", status=RegistrationStatus.APPROVED, join_link=link
        )

    async def deny_registration(self, room: Room, participant: Participant) -> Participant:
        """Deny a registration, and take its link away."""
        return self.world.change_participant(
            room.id, participant.id or "", status=RegistrationStatus.DENIED, join_link=None
        )

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Remove a registration."""
        people = self.world.participants[self.world.room(room.id).id]
        people[:] = [person for person in people if person.id != participant.id]

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room, or of those present in a session."""
        room_id = self.world.session(of.id).room_id if isinstance(of, Session) else of.id
        self.world.room(room_id or "")
        people = self.world.participants[room_id or ""]
        if isinstance(of, Session):
            visitors = {visit.email for visit in self.world.visits_of(of.id)}
            keys = {email_key(email) for email in visitors if email}
            people = [
                person for person in people if person.email and email_key(person.email) in keys
            ]
        for page in _pages(people):
            yield page

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a registration."""
        for participant in self.world.participants[room.id]:
            if participant.id == participant_id or same_email(participant.email, email):
                return participant
        raise NotFound(f"there is no registration {participant_id or email!r}")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Put invitations into the world's outbox."""
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
        """Return a link that leads nowhere."""
        url = f"https://memory.invalid/{self.world.room(room.id).id}?role={role}"
        if person is None:
            return JoinLink(url=url, role=role)
        key = self.world.random.randbytes(8).hex()
        return JoinLink(url=f"{url}&key={key}", role=role, personal=True, person=person.person)

    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        """Create tokens."""
        self.world.room(room.id)
        created = [
            AccessToken(code=self.world.random.randbytes(4).hex(), room_id=room.id)
            for _ in range(count)
        ]
        self.world.tokens[room.id].extend(created)
        return created

    async def list_access_tokens(self, room: Room, email: str | None = None) -> Pages[AccessToken]:
        """List tokens."""
        tokens = self.world.tokens[self.world.room(room.id).id]
        for page in _pages([token for token in tokens if email in {None, token.sent_to}]):
            yield page

    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        """Delete tokens."""
        revoked = {token.code for token in tokens}
        valid = [token for token in self.world.tokens[room.id] if token.code not in revoked]
        self.world.tokens[room.id] = valid

    # -- sessions and their results

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Start a session."""
        session = self.world.start_session(room.id, draft.title)
        link = await self.join_link(room, Role.HOST, draft.host, None)
        return evolve(link, session_id=session.id)

    async def end_session(self, session: Session) -> None:
        """End the session if it is running."""
        current = self.world.session(session.id)
        if current.status is not SessionStatus.RUNNING:
            raise Conflict("this session has ended already")
        self.world.end_session(current.room_id or "")

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List sessions."""
        for page in _pages(self.world.sessions_of(self.world.room(room.id).id)):
            yield page

    async def get_session(self, session_id: str) -> Session:
        """Fetch a session."""
        return self.world.session(session_id)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List the attendance."""
        rows = self.world.attendance(self.world.session(session.id).id)
        for page in _pages(merge(rows)):
            yield page

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings."""
        recordings = self.world.recordings.values()
        for page in _pages([recording for recording in recordings if _belongs(recording, of)]):
            yield page

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording."""
        self.world.recordings.pop(recording.id, None)

    async def delete_recordings(self, room: Room) -> None:
        """Delete the recordings of a room."""
        recordings = self.world.recordings
        for recording in [entry for entry in recordings.values() if entry.room_id == room.id]:
            del recordings[recording.id]

    async def create_report(self, session: Session, kind: str, language: str) -> Report:
        """Create a report, which is ready at once."""
        session_id = self.world.session(session.id).id
        report_id = f"{session_id}/{kind}/{language}"
        people = merge(self.world.attendance(session_id))
        lines = [f"Session {session_id}", *(str(record.display_name) for record in people)]
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
        """List ended sessions; the time with two or more people is billable."""
        sessions = self.world.sessions.values()
        ended = [session for session in sessions if _within(session.ended_at, since, until)]
        for page in _pages([self._usage(session) for session in ended]):
            yield page

    async def feedback(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Feedback]:
        """List the ratings of visits."""
        visits = self.world.visits.values()
        rated = [visit for visit in visits if visit.rating is not None]
        recent = [visit for visit in rated if _within(visit.left_at, since, until)]
        for page in _pages([self._feedback(visit) for visit in recent]):
            yield page

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Note in the world who wants which events. A test sends them, by `sign_neutral`."""
        wanted: list[str | None] = [self.world.room(room.id).id for room in rooms]
        return [self._subscribe(url, room_id) for room_id in wanted or [None]]

    def _subscribe(self, url: str, room_id: str | None) -> WebhookSubscription:
        made = self.world.subscriptions.get((url, room_id))
        if made is None:
            made = WebhookSubscription(
                id=self.world.new_id("subscription"),
                url=url,
                events=tuple(EVENT_TYPES),
                room_id=room_id,
            )
            self.world.subscriptions[url, room_id] = made
        return made

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Remove the notes of an address: all of them, or those of some rooms."""
        ended = {room.id for room in rooms}
        for key in [*self.world.subscriptions]:
            if key[0] == url and (not ended or key[1] in ended):
                del self.world.subscriptions[key]

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read a webhook in the neutral form."""
        from conferencing.webhooks.neutral import read_neutral  # noqa: PLC0415 - few tests need it

        settings = self.settings
        return read_neutral(
            request,
            live_secrets(settings.webhook_secret, settings.webhook_secret_previous),
            now=self.context.clock.now(),
            tolerance=settings.webhook_tolerance,
        )

    async def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Yield the content of a file of the world."""
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

    def _find_registration(self, room_id: str, email: str) -> Participant | None:
        people = self.world.participants[room_id]
        return next((person for person in people if same_email(person.email, email)), None)

    def _usage(self, session: Session) -> Usage:
        shared = _measure_shared_time(list(self.world.visits_of(session.id)))
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


def _room_fields(draft: RoomDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in _FIELDS | {"settings"}}
    values["timezone"] = draft.timezone or zone_name(draft.starts_at)
    values["starts_at"] = to_zone(draft.starts_at, values["timezone"])
    native = {"native": dict(draft.native)} if draft.native else {}
    return {name: value for name, value in values.items() if value is not None} | native


def _plan_occurrences(room: Room) -> tuple[Occurrence, ...]:
    if room.recurrence is None or room.starts_at is None:
        return ()
    dates = plan_dates(room.recurrence, room.starts_at, _OCCURRENCES)
    return tuple(
        Occurrence(id=f"{date:%Y%m%dT%H%M}", starts_at=date, duration=room.duration)
        for date in dates
    )


def _belongs(recording: Recording, to: Room | Session | None) -> bool:
    if isinstance(to, Session):
        return recording.session_id == to.id
    return to is None or recording.room_id == to.id


def _pages(rows: Sequence[Any]) -> list[Any]:
    return [rows[start : start + _PAGE] for start in range(0, len(rows), _PAGE)]


def _within(moment: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    if moment is None:
        return False
    return (since is None or moment >= since) and (until is None or moment <= until)


def _measure_shared_time(visits: Sequence[Visit]) -> timedelta:
    """Return for how long at least two visits overlapped."""
    moments = [(visit.joined_at, 1) for visit in visits]
    moments += [(visit.left_at, -1) for visit in visits if visit.left_at is not None]
    shared, inside, since = timedelta(), 0, None
    for moment, change in sorted(moments):
        if inside > 1 and since is not None:
            shared += moment - since
        inside, since = inside + change, moment
    return shared
