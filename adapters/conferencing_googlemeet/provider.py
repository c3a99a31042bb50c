"""Google Meet's operations, one short method each; a room is an event, or a space without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from attrs import evolve
from msgspec.structs import replace

from conferencing.accounts.context import Context
from conferencing.capabilities import Features, emulated
from conferencing.errors import (
    ConferencingError,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Sent,
    UnsupportedOption,
    WebhookForged,
)
from conferencing.http import (
    DELETE,
    GET,
    PATCH,
    POST,
    Effect,
    NoAuth,
    Repeated,
    Request,
    map_concurrently,
)
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Occurrence,
    Participant,
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
from conferencing.provider import Page, Pages, replace_rows

from .calls import GoogleCalls
from .settings import GoogleMeetSettings
from .wire import base, people, recordings, rooms, sessions, spaces, subscriptions
from .wire.base import EventId, RecordId, SpaceId, last_part
from .wire.rooms import EventRow, ReadEvent
from .wire.spaces import SpaceRow
from .wire.subscriptions import ReadSubscription

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest

__all__ = ["GoogleMeet"]

T = TypeVar("T")

EVENTS: Final = "/calendar/v3/calendars/{calendar}/events"
EVENT: Final = f"{EVENTS}/{{event}}"
SPACE: Final = "/v2/spaces/{space}"
RECORD: Final = "/v2/conferenceRecords/{record}"
FILE: Final = "/drive/v3/files/{file}"
SUBSCRIPTION: Final = "/v1/subscriptions/{subscription}"

MOST_DATES: Final = 1000
MOST_PEOPLE: Final = 200
WAITS: Final = (1.0, 2.0, 4.0)
"""After how many seconds a conference or a subscription is looked for that Google has not made yet."""
KEYS_KEPT: Final = 60.0
"""After how many seconds the keys are fetched again at the earliest."""
CHANGES: Final = 10
"""How often a change is made anew because somebody else changed the event meanwhile."""

_FIELDS: Final = frozenset(
    {"entry", "settings.auto_recording", "settings.public_chat"}
)  # of spaces, and so of all rooms
_CREATE_FIELDS: Final = _FIELDS | {"kind", "permanent"}
_EVENT_FIELDS: Final = frozenset(
    {"name", "description", "starts_at", "duration", "timezone", "recurrence"}
)

# Google answers alike for what is missing and what is somebody else's; an event is read without it.
_SPACE_ERRORS: Final = base.ERRORS.with_codes(
    dict.fromkeys(
        ["PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "NOT_FOUND"], NotAvailable
    )
)


class GoogleMeet(GoogleCalls):
    """Meetings in a calendar, and spaces without an event; their sessions and files."""

    name = "googlemeet"
    features = Features(
        kinds=frozenset({RoomKind.MEETING}),
        create_fields=_EVENT_FIELDS | _CREATE_FIELDS | {"people"},
        update_fields=_EVENT_FIELDS | _FIELDS,
        entry=frozenset({EntryKind.OPEN, EntryKind.SIGN_IN}),
        entry_rules=MOST_PEOPLE,
        roles=frozenset({Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(seconds=1),
        batch=50,
        confirms=False,
        limits={"registrations": MOST_PEOPLE},
    )

    def features_of(self, room: Room | RoomDraft) -> Features:
        """Return what a room can have: a permanent one is a bare space, without name and times."""
        bare = room.permanent if isinstance(room, RoomDraft) else room.id.startswith("space:")
        if not bare:
            return self.features
        return evolve(
            self.features,
            create_fields=_CREATE_FIELDS | (self.features.create_fields & {"host"}),
            update_fields=_FIELDS,
        )

    def __init__(self, settings: GoogleMeetSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._keys: Mapping[str, Any] = {}
        self._fetch_keys_at = 0.0

    async def check(self) -> None:
        """Check the token with one call to the calendar and one to Meet."""
        owner, calendar = self.settings.owner, self.settings.calendar
        query = {"maxResults": 1, "fields": "kind"}
        await self.call_for(owner, GET(EVENTS, calendar=calendar, query=query), base.read_any)
        query = {"pageSize": 1, "fields": "nextPageToken"}
        await self.call_for(owner, GET("/v2/conferenceRecords", query=query), base.read_any)

    # -- rooms

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the events that were created as rooms; bare spaces are in no list.

        Whether one is running is known of a single room only.
        """
        if status is RoomStatus.LIVE:
            raise UnsupportedOption("Google does not list rooms that are live", field="status")
        return self._rooms(status)

    async def _rooms(self, status: RoomStatus | None) -> Pages[Room]:
        owner, calendar = self.settings.owner, self.settings.calendar
        query = {"maxResults": 250, "privateExtendedProperty": "=".join(rooms.MARK)}
        read = partial(rooms.read_rooms, owner=owner, calendar=calendar, now=self.now)
        request = GET(EVENTS, calendar=calendar, query=query)
        async for page in self.pages_for(owner, request, read):
            yield replace_rows(page, (room for room in page if status in {None, room.status}))

    async def get_room(self, room_id: str) -> Room:
        """Fetch an event with what its space knows, or a bare space."""
        place = base.split_room_id(room_id)
        if isinstance(place, SpaceId):
            read = partial(spaces.read_space, owner=place.owner)
            request = GET(SPACE, space=place.space)
            return await self.call_for(place.owner, request, read, errors=base.READ_ERRORS)
        return await self._complete(place, await self._read_event(place))

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create an event with a conference, or with `permanent` a bare space."""
        owner = draft.host.email if draft.host else self.settings.owner
        if not owner:
            raise InvalidRequest("Google knows hosts by their e-mail address", field="host")
        if draft.permanent:
            return await self._create_space(owner, draft)
        event_id = str(draft.native.get("id") or rooms.make_event_id(uuid4()))
        return await self._create_event(EventId(owner, self.settings.calendar, event_id), draft)

    async def _create_space(self, owner: str, draft: RoomDraft) -> Room:
        if any(getattr(rule, "email", None) for rule in draft.entry or ()):
            raise UnsupportedOption(
                "a Meet space without an event has no guests who could be named", field="entry"
            )
        request = POST("/v2/spaces", json=spaces.write_space(draft))
        return await self.call_for(owner, request, partial(spaces.read_space, owner=owner))

    async def _create_event(self, place: EventId, draft: RoomDraft) -> Room:
        """Create an event under an id of our own, by which a repeated call finds it again."""
        config = spaces.write_config(draft)
        request = POST(
            EVENTS,
            calendar=place.calendar,
            query=self._query(),
            json=rooms.write_event(draft, place.event, self.now),
            effect=Effect.KEYED,
        )
        try:
            event = await self.call_for(place.owner, request, rooms.read_created_event)
        except Conflict as error:
            event = await self._find_created(place, error)
        event = await self._await_conference(place, event)
        room = self._to_room(place, event)
        if not config:
            return room
        try:
            space = await self._configure(place.owner, event.row, config)
        except ConferencingError as error:
            # All or nothing: without its rules of entry, the room would be open to anybody.
            raise await self._withdraw(place, error) from None
        return evolve(room, **rooms.add_space(room, event.row, space))

    async def _find_created(self, place: EventId, conflict: Conflict) -> ReadEvent:
        """Return the event of an id that is taken, if an earlier try or call has made it."""
        if conflict.sent is Sent.NO:  # a token could not be had
            raise conflict
        try:
            event = await self._read_event(place)
        except NotFound:  # deleted events keep their ids (docs/vendors/googlemeet.md#oddity-5)
            raise conflict from None
        if not event.is_marked:
            raise conflict
        return event

    async def _await_conference(self, place: EventId, event: ReadEvent) -> ReadEvent:
        """Return the event with its conference, or without one if Google does not make it soon.

        docs/vendors/googlemeet.md#oddity-2
        """
        for wait in WAITS:
            if event.row.link is not None or event.row.progress != "pending":
                break
            await self.context.clock.sleep(wait)
            with suppress(ConferencingError):  # the event exists, whatever this look comes to
                event = await self._read_event(place)
        return event

    async def _withdraw(self, place: EventId, error: ConferencingError) -> ConferencingError:
        """Delete an event whose space could not be set up, and return the error to raise."""
        try:
            await self._delete_event(place)
        except ConferencingError:
            return OutcomeUnknown(
                f"the event {place.event} was created, and its space could not be set up"
                f" ({error.message}); deleting it failed as well",
                sent=Sent.YES,
            )
        return error

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change an event and its space; somebody else's change meanwhile is not overwritten."""
        place = base.split_room_id(room.id)
        if isinstance(place, SpaceId):
            body = spaces.write_space(changes)
            read = partial(spaces.read_space, owner=place.owner)
            return await self.call_for(place.owner, _patch_space(place.space, body), read)
        config = spaces.write_config(changes)
        event = await self._change_event(
            place, lambda event: rooms.write_changes(changes, event.row), self.settings.send_updates
        )
        space = await self._configure(place.owner, event.row, config) if config else None
        return await self._complete(place, event, space)

    async def delete_room(self, room: Room) -> None:
        """Delete an event with all its dates. Its link goes on working: Google keeps the space."""
        await self._delete_event(_event_of(room, "cannot be deleted"))

    async def _delete_event(self, place: EventId) -> None:
        query = {"sendUpdates": self.settings.send_updates}
        request = DELETE(EVENT, calendar=place.calendar, event=place.event, query=query)
        await self.delete(self.place(request), auth=self.auth_of(place.owner))

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch the settings of a room's space."""
        owner, space = await self._find_space(room)
        request = GET(SPACE, space=space)
        return await self.call_for(owner, request, spaces.read_settings, errors=base.READ_ERRORS)

    # -- events and spaces

    def _query(self, mails: str | None = None) -> dict[str, Any]:
        """Return the query of each change to an event: without the version, Google drops the link."""
        return {"conferenceDataVersion": 1, "sendUpdates": mails or self.settings.send_updates}

    async def _read_event(self, place: EventId) -> ReadEvent:
        request = GET(EVENT, calendar=place.calendar, event=place.event)
        return await self.call_for(place.owner, request, rooms.read_event)

    async def _change_event(
        self, place: EventId, change: Callable[[ReadEvent], Mapping[str, Any]], mails: str
    ) -> ReadEvent:
        """Read an event and write what `change` makes of it, until nobody else comes in between.

        Nothing is written where there is nothing to change, such as after a lost reply.
        """
        tries = 0
        while True:
            event = await self._read_event(place)
            fields = change(event)
            if not fields:
                return event
            request = PATCH(
                EVENT,
                calendar=place.calendar,
                event=place.event,
                query=self._query(mails),
                json=fields,
                headers={"If-Match": event.row.etag} if event.row.etag else {},
                effect=Effect.IDEMPOTENT,
            )
            try:
                return await self.call_for(place.owner, request, rooms.read_event)
            except Conflict as error:
                tries += 1
                if error.code != "conditionNotMet" or tries == CHANGES:
                    raise
            await self.context.clock.sleep(self.context.random() * 0.1 * 2**tries)

    async def _configure(self, owner: str, row: EventRow, config: Mapping[str, Any]) -> SpaceRow:
        """Set up the space of an event, which takes its lasting name: codes can only be looked up."""
        if row.code is None:
            raise NotAvailable("Google has not made the event's space", sent=Sent.YES)
        request = GET(SPACE, space=row.code)
        space = await self.call_for(owner, request, spaces.read_space_row)
        patch = _patch_space(last_part(space.name), {"config": config})
        return await self.call_for(owner, patch, spaces.read_space_row)

    async def _complete(
        self, place: EventId, event: ReadEvent, space: SpaceRow | None = None
    ) -> Room:
        """Return a room with its dates, and with what its space knows, as far as that may be read."""
        dates = await self._list_dates(place) if event.row.rule else []
        room = self._to_room(place, event, dates)
        if space is None and event.row.code is not None:
            request = GET(SPACE, space=event.row.code)
            with suppress(NotAvailable):
                space = await self.call_for(
                    place.owner, request, spaces.read_space_row, errors=_SPACE_ERRORS
                )
        return evolve(room, **rooms.add_space(room, event.row, space)) if space else room

    def _to_room(self, place: EventId, event: ReadEvent, dates: Sequence[Occurrence] = ()) -> Room:
        return rooms.to_room(
            event, owner=place.owner, calendar=place.calendar, now=self.now, occurrences=dates
        )

    async def _list_dates(self, place: EventId) -> list[Occurrence]:
        """Return the dates of a series, the first thousand of one without an end."""
        request = GET(
            f"{EVENT}/instances",
            calendar=place.calendar,
            event=place.event,
            query={"maxResults": 250, "showDeleted": "true"},
        )
        dates: list[Occurrence] = []
        async for page in self.pages_for(place.owner, request, rooms.read_instances):
            dates += page
            if len(dates) >= MOST_DATES:
                break
        return dates

    async def _find_space(self, room: Room) -> tuple[str, str]:
        """Return the owner, and the id of a bare space or the code of an event's."""
        place = base.split_room_id(room.id)
        if isinstance(place, SpaceId):
            return place.owner, place.space
        event = await self._read_event(place)
        if event.row.code is None:
            raise NotFound("Google has not made the event's space", sent=Sent.YES)
        return place.owner, event.row.code

    # -- people and links

    @emulated
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Make a person a guest of the event; with `confirmation`, Google mails the guests."""
        (participant,) = await self.register_batch(room, [draft])
        return participant

    @emulated
    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant]:
        """Make up to 50 people guests of the event, with one change."""
        for name in ("fields", "language"):
            if any(getattr(draft, name) for draft in drafts):
                raise UnsupportedOption(f"a guest of an event has no {name}", field=name)
        mails = {people.MAILS[bool(draft.confirmation)] for draft in drafts}
        if len(mails) > 1:
            raise InvalidRequest(
                "Google mails all new guests of a change or none; pass the same confirmation for"
                " each",
                field="confirmation",
            )
        place = _event_of(room, "has no guests")
        guests = [people.write_guest(draft) for draft in drafts]
        present, before = await self._add_guests(place, guests, *mails)
        return [
            evolve(_require_guest(present, draft.person.email), existed=existed)
            for draft in drafts
            for existed in (people.find_attendee(before, draft.person.email) is not None,)
        ]

    async def _add_guests(
        self, place: EventId, guests: Sequence[Mapping[str, Any]], mails: str
    ) -> tuple[list[Participant], list[Participant]]:
        """Return the guests of an event with these, and those who were guests at the first look."""
        looks: list[list[Participant]] = []

        def add(event: ReadEvent) -> Mapping[str, Any]:
            present = event.list_participants(str(place))
            looks.append(present)
            missing = [each for each in guests if not people.find_attendee(present, each["email"])]
            return {"attendees": [*event.list_attendees(), *missing]} if missing else {}

        event = await self._change_event(place, add, mails)
        return event.list_participants(str(place)), looks[0]

    @emulated
    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Remove a guest from the event."""
        place = _event_of(room, "has no guests")
        email = participant.email or participant.id or ""

        def remove(event: ReadEvent) -> Mapping[str, Any]:
            present = event.list_attendees()
            left = [row for row in present if not people.is_guest(row, email)]
            return {"attendees": left} if len(left) < len(present) else {}

        await self._change_event(place, remove, self.settings.send_updates)

    @emulated
    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the guests of an event."""
        if isinstance(of, Session):
            raise UnsupportedOption(
                "Google lists those who are in a session as attendance", field="of"
            )
        return self._guests(_event_of(of, "has no guests"))

    async def _guests(self, place: EventId) -> Pages[Participant]:
        event = await self._read_event(place)
        yield event.list_participants(str(place))

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a guest of the event by the address, which is the id as well."""
        event = await self._read_event(_event_of(room, "has no guests"))
        return _require_guest(event.list_participants(room.id), participant_id or email)

    @emulated
    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Make people guests of the event, and have Google mail them."""
        place = _event_of(room, "has no guests")
        if invitation.role is not Role.ATTENDEE or invitation.language is not None:
            name = "language" if invitation.language is not None else "role"
            raise UnsupportedOption(f"Google invites guests without a {name}", field=name)
        guests = [{**people.write_attendee(who), **invitation.native} for who in invitation.people]
        _, before = await self._add_guests(place, guests, people.MAILS[True])
        known = [each for each in guests if people.find_attendee(before, each["email"])]
        if known:
            raise Conflict(
                f"{len(known)} of {len(guests)} people were guests before, whom Google does not"
                " mail again; the others were invited",
                sent=Sent.YES,
            )

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return the link, which is the same for all: Google knows people by their accounts."""
        url = room.join_url or await self._find_link(room)
        if url is None:
            raise NotAvailable("Google has not made a link for this event", sent=Sent.YES)
        return JoinLink(url=url, role=role, person=person.person if person else None)

    async def _find_link(self, room: Room) -> str | None:
        place = base.split_room_id(room.id)
        if isinstance(place, SpaceId):
            return (await self.get_room(room.id)).join_url
        return (await self._read_event(place)).row.link

    # -- sessions

    async def end_session(self, session: Session) -> None:
        """End a session of a bare space, if it is the one that runs."""
        if (session.room_id or "").startswith("event:"):
            raise UnsupportedOption(
                "Google ends sessions only in spaces that the app itself has made, without an event",
                field="session",
            )
        place = base.split_record_id(session.id)
        request = GET(RECORD, record=place.record)
        record = await self.call_for(
            place.owner, request, sessions.read_record, errors=base.READ_ERRORS
        )
        space = last_part(record.space or "", "$.space")
        if not await self._is_running(place.owner, space, record.name):
            raise Conflict("this session is not running any more", sent=Sent.NO)
        end = POST(f"{SPACE}:endActiveConference", space=space, json={}, effect=Effect.NEVER_RETRY)
        try:
            await self.call_guarded(
                self.place(end),
                lambda: self._is_running(place.owner, space, record.name),
                auth=self.auth_of(place.owner),
            )
        except InvalidRequest as error:
            if error.code != "FAILED_PRECONDITION":  # nothing runs any more
                raise

    async def _is_running(self, owner: str, space: str, record: str) -> bool:
        request = GET(SPACE, space=space)
        row = await self.call_for(owner, request, spaces.read_space_row, errors=base.READ_ERRORS)
        return row.running == record

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of the last 30 days, the oldest first."""
        place = base.split_room_id(room.id)
        created_at, dates = None, list[Occurrence]()
        if isinstance(place, SpaceId):
            filter_text = f'space.name = "spaces/{place.space}"'
        else:
            event = await self._read_event(place)
            created_at = base.to_time(event.row.created)
            dates = await self._list_dates(place) if event.row.rule else []
            filter_text = f'space.meeting_code = "{event.row.code}"'
        listed = await self._list_records(place.owner, {"filter": filter_text}, room.id)
        counted = await map_concurrently(self._count_people, listed)
        rows = [
            evolve(session, occurrence_id=sessions.find_occurrence(session, dates))
            for session in sorted(counted, key=sessions.by_start)
        ]
        yield Page(rows, (*listed.problems, *sessions.warn_of_expiry(created_at, self.now)))

    async def _list_records(
        self, owner: str, query: Mapping[str, str], room_id: str | None = None
    ) -> Page[Session]:
        request = GET("/v2/conferenceRecords", query={"pageSize": 100, **query})
        read = partial(sessions.read_sessions, owner=owner, room_id=room_id)
        return await collect_pages(self.pages_for(owner, request, read))

    async def _count_people(self, session: Session) -> Session:
        place = base.split_record_id(session.id)
        query = {"pageSize": 1, "fields": "totalSize"}
        request = GET(f"{RECORD}/participants", record=place.record, query=query)
        count = await self.call_for(place.owner, request, sessions.read_count)
        return evolve(session, people=count)

    async def get_session(self, session_id: str) -> Session:
        """Fetch a session. Its room is known by the space, not by the event."""
        place = base.split_record_id(session_id)
        request = GET(RECORD, record=place.record)
        read = partial(sessions.read_session, owner=place.owner)
        session = await self.call_for(place.owner, request, read, errors=base.READ_ERRORS)
        return await self._count_people(session)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was there, the first to come first.

        Each person takes a call of its own, a few at a time, unless `attendance` is `span`.
        """
        place = base.split_record_id(session.id)
        request = GET(f"{RECORD}/participants", record=place.record, query={"pageSize": 250})
        read = partial(sessions.read_participants, session_id=session.id)
        listed = await collect_pages(self.pages_for(place.owner, request, read))
        # A page may repeat people of the one before while somebody comes or goes.
        records = sessions.sort_people({record.id: record for record in reversed(listed)}.values())
        if self.settings.attendance == "segments":
            records = await map_concurrently(partial(self._add_segments, place), records)
        records, problems = await self._add_emails(place.owner, records)
        yield Page(records, (*listed.problems, *problems))

    async def _add_segments(self, place: RecordId, record: Attendance) -> Attendance:
        request = GET(
            f"{RECORD}/participants/{{person}}/participantSessions",
            record=place.record,
            person=record.id,
            query={"pageSize": 250},
        )
        pages = self.pages_for(place.owner, request, sessions.read_segments)
        segments = [segment async for page in pages for segment in page]
        return sessions.with_segments(record, segments)

    async def _add_emails(
        self, owner: str, records: list[Attendance]
    ) -> tuple[list[Attendance], tuple[str, ...]]:
        """Return the records with addresses, as far as the account looks for them and may see them.

        A failed look-up costs the addresses, not the attendance.
        """
        ids = [user_id for record in records if (user_id := sessions.find_user_id(record))]
        if self.settings.emails is None or not ids:
            return records, ()
        look_up = self._ask_people if self.settings.emails == "people" else self._ask_directory
        try:
            emails = await look_up(owner, ids)
        except ProviderError as error:
            return records, (f"e-mail addresses are missing: {error.message}",)
        return sessions.add_emails(records, emails), ()

    async def _ask_people(self, owner: str, ids: Sequence[str]) -> dict[str, str]:
        emails: dict[str, str] = {}
        for start in range(0, len(ids), MOST_PEOPLE):
            names = Repeated(f"people/{each}" for each in ids[start : start + MOST_PEOPLE])
            query = {"personFields": "emailAddresses", "resourceNames": names}
            request = GET("/v1/people:batchGet", query=query)
            emails |= await self.call_for(owner, request, sessions.read_people)
        return emails

    async def _ask_directory(self, owner: str, ids: Sequence[str]) -> dict[str, str]:
        async def ask(user_id: str) -> str | None:
            query = {"viewType": "domain_public"}
            request = GET("/admin/directory/v1/users/{user}", user=user_id, query=query)
            try:
                return await self.call_for(owner, request, sessions.read_directory_user)
            except NotFound as error:  # somebody of another domain
                if error.sent is Sent.NO:  # a token could not be had
                    raise
                return None

        emails = await map_concurrently(ask, ids)
        return {user_id: email for user_id, email in zip(ids, emails, strict=True) if email}

    # -- recordings

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings, transcripts and notes of the sessions of the last 30 days."""
        if isinstance(of, Session):
            yield await self._list_files(of)
            return
        if of is None:
            owner = self.settings.owner
            pages: Pages[Session] = _one_page(await self._list_records(owner, {}))
            warning = sessions.warn_of_expiry(None, self.now)
        else:
            pages, warning = self.list_sessions(of), ()
        async for page in pages:
            listed = await map_concurrently(self._list_files, page)
            problems = [problem for files in listed for problem in files.problems]
            rows = [recording for files in listed for recording in files]
            own = page.problems if isinstance(page, Page) else ()
            yield Page(rows, (*own, *problems, *warning))

    async def _list_files(self, session: Session) -> Page[Recording]:
        """Return what a session was recorded in: the recordings, the transcripts, and the notes."""
        place = base.split_record_id(session.id)
        rows, problems = list[Recording](), list[str]()
        for collection in recordings.COLLECTIONS:
            read = partial(
                recordings.read_recordings,
                collection=collection,
                owner=place.owner,
                room_id=session.room_id,
                drive=self.drive,
            )
            request = GET(f"{RECORD}/{collection}", record=place.record, query={"pageSize": 100})
            page = await collect_pages(self.pages_for(place.owner, request, read))
            rows += page
            problems += page.problems
        if self.settings.file_details:
            rows = await map_concurrently(partial(self._add_details, place.owner), rows)
        return Page(rows, problems)

    async def _add_details(self, owner: str, recording: Recording) -> Recording:
        """Return a recording with what Drive knows of its file; a deleted one stays as it is."""
        drive_id = recordings.find_drive_id(recording)
        if drive_id is None or not recording.files:
            return recording
        query = {"fields": "name,mimeType,size", "supportsAllDrives": "true"}
        request = GET(FILE, file=drive_id, query=query)
        read = partial(recordings.add_details, file=recording.files[0])
        try:
            file = await self.call_for(owner, request, read)
        except NotFound:
            return recording
        return evolve(recording, files=(file,))

    async def delete_recording(self, recording: Recording) -> None:
        """Delete the file for good. Meet goes on listing the recording for 30 days."""
        place = base.split_file_id(recording.id)
        request = GET(f"{RECORD}/{place.collection}/{{file}}", record=place.record, file=place.file)
        read = recordings.read_destination
        drive_id = await self.call_for(place.owner, request, read, errors=base.READ_ERRORS)
        if drive_id is None:
            raise Conflict("the recording has no file yet", sent=Sent.NO)
        delete = DELETE(FILE, file=drive_id, query={"supportsAllDrives": "true"})
        await self.delete(self.place(delete), auth=self.auth_of(place.owner))

    @emulated
    async def delete_recordings(self, room: Room) -> None:
        """Delete the files of a room's recordings, one after another."""
        listed = [each async for page in self.list_recordings(room) for each in page]
        for recording in listed:
            if recording.files:
                await self.delete_recording(recording)

    # -- events

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have events published to the account's topic, whose subscription pushes them to `url`.

        The push subscription is made once, in the console of Google Cloud.
        """
        topic = self._topic()
        targets = [await self._find_target(room) for room in rooms] or [self._own_target()]
        made: list[WebhookSubscription] = []
        for owner, target, room_id in targets:
            subscription = await self._subscribe(owner, target, topic)
            made.append(subscription.build(url, room_id))
        return made

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Delete the subscriptions of rooms to the account's topic, or all that the user has."""
        topic = self._topic()
        targets: list[tuple[str, str | None]] = [
            (await self._find_target(room))[:2] for room in rooms
        ]
        for owner, target in targets or [(self.settings.owner, None)]:
            for subscription in await self._subscriptions(owner, target, topic):
                request = DELETE(SUBSCRIPTION, subscription=subscription.row.id)
                await self.delete(self.place(request), auth=self.auth_of(owner))

    def _topic(self) -> str:
        if self.settings.pubsub_topic is None:
            raise ConfigurationError(
                "pubsub_topic is not set; Google sends events to a topic of Pub/Sub only,"
                " projects/<project>/topics/<topic>",
                field="pubsub_topic",
            )
        return self.settings.pubsub_topic

    def _own_target(self) -> tuple[str, str, str | None]:
        if self.settings.user_id is None:
            raise ConfigurationError(
                "user_id is not set; it is the numeric id of the user about whose rooms events are"
                " sent; or name the rooms",
                field="user_id",
            )
        return self.settings.owner, subscriptions.user_target(self.settings.user_id), None

    async def _find_target(self, room: Room) -> tuple[str, str, str | None]:
        """Return owner, target and id of a room: an event stands for the space behind its code."""
        owner, space = await self._find_space(room)
        if isinstance(base.split_room_id(room.id), EventId):
            request = GET(SPACE, space=space)
            row = await self.call_for(
                owner, request, spaces.read_space_row, errors=base.READ_ERRORS
            )
            space = last_part(row.name)
        return owner, subscriptions.space_target(space), room.id

    async def _subscriptions(
        self, owner: str, target: str | None, topic: str | None
    ) -> list[ReadSubscription]:
        query = {"pageSize": 100, "filter": subscriptions.find_filter(target)}
        pages = self.pages_for(
            owner, GET("/v1/subscriptions", query=query), subscriptions.read_subscriptions
        )
        return [each async for page in pages for each in page if each.is_for(target, topic)]

    async def _subscribe(self, owner: str, target: str, topic: str) -> ReadSubscription:
        """Return the subscription to a target: the one that exists, renewed, or a new one."""
        present = await self._subscriptions(owner, target, topic)
        if present:
            return await self._renew(owner, present[0])
        body = subscriptions.write_subscription(target, topic)
        request = POST("/v1/subscriptions", json=body, effect=Effect.KEYED)
        try:
            created = await self.call_for(owner, request, subscriptions.read_operation)
        except (
            Conflict
        ) as error:  # an earlier try made it; Google takes one for each user and target
            if error.code != "ALREADY_EXISTS":
                raise
            created = None
        return created or await self._await_subscription(owner, target, topic)

    async def _renew(self, owner: str, present: ReadSubscription) -> ReadSubscription:
        """Return a subscription that is active and does not end soon."""
        row, name = present.row, present.row.id
        changes: list[Request] = []
        if row.is_suspended:
            changes.append(POST(f"{SUBSCRIPTION}:reactivate", subscription=name, json={}))
        if row.is_due(self.now):
            query = {"updateMask": "ttl"}
            changes.append(PATCH(SUBSCRIPTION, subscription=name, query=query, json={"ttl": "0s"}))
        for request in changes:
            again = replace(request, effect=Effect.IDEMPOTENT)
            changed = await self.call_for(owner, again, subscriptions.read_operation)
            present = present if changed is None else changed
        return present

    async def _await_subscription(self, owner: str, target: str, topic: str) -> ReadSubscription:
        for wait in WAITS:
            present = await self._subscriptions(owner, target, topic)
            if present:
                return present[0]
            await self.context.clock.sleep(wait)
        if not await self._subscriptions(owner, target, None):
            raise MalformedResponse("Google does not list the subscription", path="$.subscriptions")
        raise Conflict(
            "Google has a subscription of this user to the same rooms, which sends elsewhere; delete"
            " it, or use its topic as pubsub_topic",
            sent=Sent.YES,
        )

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read an event that Pub/Sub pushed."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        if not settings.webhook_sender or not settings.webhook_audience:
            name = "webhook_sender" if not settings.webhook_sender else "webhook_audience"
            raise ConfigurationError(
                f"{name} is not set; without it nobody can tell who sent an event", field=name
            )
        key = await self._find_key(events.find_key_id(request))
        events.check_sender(
            request,
            key,
            audience=settings.webhook_audience,
            sender=settings.webhook_sender,
            now=self.now,
        )
        return events.read_delivery(request, settings.owner)

    async def _find_key(self, key_id: str) -> Any:
        """Return the key that signed a token. Keys are fetched again when there is a new one."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        if settings.webhook_keys is not None:
            self._keys = self._keys or events.parse_keys(settings.webhook_keys)
        elif key_id not in self._keys and self._may_fetch_keys():
            parts = urlsplit(settings.webhook_keys_url)
            origin = f"{parts.scheme}://{parts.netloc}"
            get = GET(parts.path, base_url=origin)
            self._keys = await self.call(get, events.read_keys, auth=NoAuth())
        if key_id not in self._keys:
            raise WebhookForged(
                "the token is signed by a key that Google does not publish", field="Authorization"
            )
        return self._keys[key_id]

    def _may_fetch_keys(self) -> bool:
        """Return whether the last fetch is long ago: forged tokens must not cause a flood of calls."""
        now = self.context.clock.monotonic()
        may_fetch = now >= self._fetch_keys_at
        if may_fetch:
            self._fetch_keys_at = now + KEYS_KEPT
        return may_fetch


async def collect_pages(pages: Pages[T]) -> Page[T]:
    """Return all rows of a listing, with the problems of its pages."""
    rows, problems = list[T](), list[str]()
    async for page in pages:
        rows += page
        problems += page.problems if isinstance(page, Page) else ()
    return Page(rows, problems)


async def _one_page(page: Page[T]) -> Pages[T]:
    yield page


def _event_of(room: Room, problem: str) -> EventId:
    """Return the event of a room. Raises `UnsupportedOption` for a bare space."""
    place = base.split_room_id(room.id)
    if isinstance(place, SpaceId):
        raise UnsupportedOption(f"a Meet space without an event {problem}", field="room")
    return place


def _require_guest(present: Sequence[Participant], email: str | None) -> Participant:
    guest = people.find_attendee(present, email)
    if guest is None:
        raise NotFound("the event has no guest with this e-mail address", sent=Sent.YES)
    return guest


def _patch_space(space: str, body: Mapping[str, Any]) -> Request:
    """Return the change of a space, with a mask of exactly what it sets."""
    leaves = ",".join(spaces.list_leaves(body.get("config") or {}))
    return PATCH(
        SPACE,
        space=space,
        query={"updateMask": leaves} if leaves else {},
        json=body,
        effect=Effect.IDEMPOTENT,
    )
