"""Teams' operations, one short method each. What a form of rooms has of its own is in `forms`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar, Final

from attrs import evolve

from conferencing.accounts.context import Context
from conferencing.capabilities import Features, Operation
from conferencing.errors import (
    NotAvailable,
    PermissionDenied,
)
from conferencing.http import GET, suppress_missing
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Permissions,
    Person,
    Recording,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.provider import ConferenceProvider, Pages
from conferencing.webhooks.verification import live_secrets

from . import media, permissions
from .client import GraphProvider, MeetingPath
from .forms import CalendarForm, MeetingForm, RoomForm, WebinarForm
from .forms.base import build_unsupported, meeting_path
from .settings import PLAIN, TeamsSettings
from .subscriptions import Subscriptions
from .wire import sessions
from .wire.base import MARK, Form, RoomKey, split_session_id
from .wire.recordings import Source

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest

__all__ = ["PlainTeams", "Teams"]

_SETTINGS: Final = frozenset(
    f"settings.{name}"
    for name in ("public_chat", "microphone", "camera", "recording", "auto_recording", "encryption")
)
_PLAIN: Final = frozenset({"name", "starts_at", "duration", "people", "waiting_room"}) | _SETTINGS
_EVENT: Final = _PLAIN | {"timezone", "description", "recurrence"}
_WEBINAR: Final = frozenset({"name", "starts_at", "duration", "timezone", "description"})
_NEW: Final = frozenset({"kind", "host", "entry"})
_REGISTERED: Final = frozenset({"kind", "registration"})


class Teams(GraphProvider):
    """Meetings as calendar events, and webinars."""

    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_EVENT | _NEW | _REGISTERED,
        update_fields=_EVENT | {"status"},
        entry=frozenset({EntryKind.OPEN}),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        required={"email": None, "first_name": None, "last_name": None},
        confirms=None,
        invites=frozenset({Role.ATTENDEE}),
        languages=frozenset({Operation.REGISTER}),
        statuses=frozenset(RoomStatus) - {RoomStatus.LIVE},  # Graph does not say what runs
        limits={"people": 500},
    )
    meeting_features: ClassVar[Features] = evolve(
        features,
        create_fields=_EVENT | _NEW,
        update_fields=_EVENT,
        roles=frozenset({Role.HOST, Role.ATTENDEE}),
    )
    webinar_features: ClassVar[Features] = evolve(
        features,
        create_fields=_WEBINAR | _REGISTERED,
        update_fields=_WEBINAR | {"status"},
        invites=frozenset[Role](),
    )

    @classmethod
    def dialects(cls) -> Mapping[str, type[ConferenceProvider]]:
        """Return the two ways to make meetings."""
        return {"": cls, PLAIN: PlainTeams}

    @classmethod
    def open(cls, settings: TeamsSettings, context: Context) -> ConferenceProvider:
        """Return the provider for the account's `meetings`."""
        return (PlainTeams if settings.meetings == PLAIN else cls)(settings, context)

    def features_for(self, kind: RoomKind | None) -> Features:
        """Return what rooms of a kind can have: only people of a webinar register."""
        return self.webinar_features if kind is RoomKind.WEBINAR else self.meeting_features

    def kind_of(self, room: Room) -> RoomKind:
        """Return the kind, which the id carries."""
        is_webinar = self.split_id(room.id).form is Form.WEBINAR
        return RoomKind.WEBINAR if is_webinar else RoomKind.MEETING

    @cached_property
    def _forms(self) -> Mapping[Form, RoomForm]:
        return {
            Form.EVENT: self._calendar,
            Form.MEETING: MeetingForm(self),
            Form.WEBINAR: self._webinars,
        }

    @cached_property
    def _calendar(self) -> CalendarForm:
        return CalendarForm(self)

    @cached_property
    def _webinars(self) -> WebinarForm:
        return WebinarForm(self)

    def _find_form(self, room_id: str) -> tuple[RoomForm, RoomKey]:
        key = self.split_id(room_id)
        return self._forms[key.form], key

    async def check(self) -> None:
        """Fetch the host's calendar; with a refresh token, also the organizer's webinars."""
        owner = await self.find_owner()
        # 404 for a host without a mailbox (docs/vendors/teams.md#users).
        await self.call(GET("/users/{owner}/calendar", owner=owner))
        await self._check_organizer()

    async def _check_organizer(self) -> None:
        if self.organizer_auth:
            await self.call(
                GET("/solutions/virtualEvents/webinars/getByUserRole(role='organizer')")
            )

    async def permissions(self) -> Sequence[Permissions]:
        """Return what each token permits, by its claims."""
        return await permissions.list_permissions(self)

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the host's events with a link, then the webinars, as far as the account may read them."""
        async for page in self._calendar.list_rooms():
            yield page
        try:
            async for page in self._webinars.list_rooms():
                yield page
        except (NotAvailable, PermissionDenied):
            if self.organizer_auth:  # an app on its own makes no webinars, and need not see them
                raise

    async def get_room(self, room_id: str) -> Room:
        """Fetch a room."""
        form, key = self._find_form(room_id)
        return await form.get(key)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create an event, or a webinar that is published at once."""
        is_webinar = draft.kind is RoomKind.WEBINAR
        return await (self._webinars if is_webinar else self._meetings).create(draft)

    @property
    def _meetings(self) -> RoomForm:
        return self._calendar

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room."""
        form, _ = self._find_form(room.id)
        return await form.update(room, changes)

    async def delete_room(self, room: Room) -> None:
        """Delete an event, which mails its people, or cancel a webinar for good."""
        form, key = self._find_form(room.id)
        await form.delete(key)

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch what people may do in a meeting."""
        form, key = self._find_form(room.id)
        return await form.settings(key)

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register a person for a webinar; the reply has neither an id nor a link."""
        return await self._webinars.register(self._webinar(room, "register"), draft)

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Cancel a registration for a webinar."""
        key = self._webinar(room, "cancel_registration")
        await self._webinars.cancel_registration(key, participant)

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a webinar."""
        return self._webinars.list_participants(self._webinar(of, "list_participants"))

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch a registration for a webinar by its id or by its address."""
        key = self._webinar(room, "get_participant")
        return await self._webinars.get_participant(key, participant_id, email)

    def _webinar(self, of: Room | Session, operation: str) -> RoomKey:
        """Return the key of a webinar. Raises `UnsupportedOperation` for a meeting."""
        key = self.split_id(of.id)
        if key.form is not Form.WEBINAR:
            raise build_unsupported(
                "people register for webinars of Teams, not for meetings", operation
            )
        return key

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Forward the invitation of a calendar event to more people, whom it mails."""
        key = self.split_id(room.id)
        if key.form is not Form.EVENT:
            raise build_unsupported("Teams mails invitations to calendar events only", "invite")
        await self._calendar.invite(key, invitation)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return the link, the same for all but people who are registered for a webinar."""
        form, key = self._find_form(room.id)
        if key.form is Form.WEBINAR:
            return await self._webinars.join_link(key, role, person)
        current = room if room.join_url else await form.get(key)
        who = person.person if person else None
        return JoinLink(url=current.join_url or "", role=role, person=who)

    # -- sessions and their results

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the ended runs, of which Graph has a report some minutes after the end."""
        form, key = self._find_form(room.id)
        for path in await form.list_paths(key, room):
            read = partial(sessions.read_reports, room_id=str(key), base=_session_base(key, path))
            async for page in self.list_pages(path.add(GET("/attendanceReports")), read):
                yield page

    async def get_session(self, session_id: str) -> Session:
        """Fetch an ended run."""
        key, path, report = await self._find_report(session_id)
        request = path.add(GET("/attendanceReports/{report}", report=report))
        base = _session_base(key, path)
        return await self.call(request, partial(sessions.read_report, room_id=str(key), base=base))

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was in an ended run, with each presence."""
        _, path, report = await self._find_report(session.id)
        request = path.add(GET("/attendanceReports/{report}/attendanceRecords", report=report))
        read = partial(sessions.read_attendance, session_id=session.id)
        async for page in self.list_pages(request, read):
            yield page

    async def _find_report(self, session_id: str) -> tuple[RoomKey, MeetingPath, str]:
        """Return the room, the path of its meeting, and the id of the report."""
        key, own_session, report = split_session_id(session_id)
        if key.form is Form.WEBINAR:
            return key, self._webinars.session_path(key, own_session), report
        # All dates of an event share one meeting (docs/vendors/teams.md#forms).
        (path,) = await self._forms[key.form].list_paths(key)
        return key, path, report

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings with their transcripts: of a room, of a run, or of all the host's meetings."""
        if of is None:
            yield await media.list_of_owner(self, self._media_source(await self.find_owner()))
            return
        if isinstance(of, Room):
            yield await self._list_recordings(of)
            return
        # Only the times tell which recordings are of a session (docs/vendors/teams.md#recordings).
        session = of if of.started_at and of.ended_at else await self.get_session(of.id)
        room = Room(id=str(split_session_id(of.id)[0]))
        yield media.list_during(await self._list_recordings(room), session)

    async def _list_recordings(self, room: Room) -> list[Recording]:
        form, key = self._find_form(room.id)
        owner, meeting = await form.find_online_meeting(key, room)
        source = self._media_source(owner, meeting, room.id)
        return await media.list_of_meeting(self, meeting_path(owner, meeting), source)

    def _media_source(self, owner: str, meeting_id: str = "", room_id: str | None = None) -> Source:
        return Source(self.settings.base_url.rstrip("/"), owner, meeting_id, room_id)

    # -- events

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Subscribe to all that Graph notifies of, of the host or of some rooms, or renew it."""
        return await self._subscriptions.subscribe(url, rooms)

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """End the subscriptions of an address."""
        await self._subscriptions.unsubscribe(url, rooms)

    @cached_property
    def _subscriptions(self) -> Subscriptions:
        return Subscriptions(self, self._forms)

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read notifications, and fetch what they are about; or answer a validation."""
        from .notifications import Notifications  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        secrets = live_secrets(settings.webhook_secret, settings.webhook_secret_previous)
        return await Notifications(self, self._forms, self._calendar).read(request, secrets)


def _session_base(key: RoomKey, path: MeetingPath) -> str:
    """Return what the id of a session begins with: the room, and the session of a webinar."""
    return f"{key}{MARK}{path.session}" if path.session else str(key)


class PlainTeams(Teams):
    """Meetings that are in no calendar, and webinars. Graph lists no such meetings."""

    features = evolve(
        Teams.features,
        create_fields=_PLAIN | _NEW | _REGISTERED,
        update_fields=_PLAIN | {"status"},
        invites=frozenset[Role](),
    )
    meeting_features = evolve(features, create_fields=_PLAIN | _NEW, update_fields=_PLAIN)
    list_rooms = ConferenceProvider.list_rooms
    invite = ConferenceProvider.invite

    @property
    def _meetings(self) -> RoomForm:
        return self._forms[Form.MEETING]

    async def _list_recordings(self, room: Room) -> list[Recording]:
        # That Graph has no recordings of these is inferred (docs/vendors/teams.md#recordings).
        if self.split_id(room.id).form is Form.MEETING:
            raise build_unsupported(
                "Graph serves recordings of meetings in a calendar, and of webinars",
                "list_recordings",
            )
        return await super()._list_recordings(room)

    async def check(self) -> None:
        """Look for a meeting that is not there; with a refresh token, also for the webinars."""
        owner = await self.find_owner()
        # There is no list; a filter without a match may be 404 (docs/vendors/teams.md#meetings).
        query = {"$filter": "joinMeetingIdSettings/joinMeetingId eq '100000000000'"}
        with suppress_missing():
            await self.call(GET("/users/{owner}/onlineMeetings", owner=owner, query=query))
        await self._check_organizer()
