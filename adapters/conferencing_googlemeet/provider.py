"""Google Meet's rooms: an event of a calendar, or a space without one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from attrs import evolve

from conferencing.accounts.context import Context
from conferencing.capabilities import Features
from conferencing.errors import (
    ConferencingError,
    Conflict,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    DELETE,
    GET,
    POST,
    Effect,
)
from conferencing.model import (
    EntryKind,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.attendance import Precision
from conferencing.model.drafts import RoomDraft
from conferencing.provider import Pages

from .calls import SPACE, WAITS
from .events import EVENT, EVENTS, event_of, patch_space
from .people import PeopleCalls
from .recordings import RecordingCalls
from .settings import GoogleMeetSettings
from .webhooks import WebhookCalls
from .wire import base, rooms, spaces
from .wire.base import EventId, SpaceId
from .wire.rooms import ReadEvent

__all__ = ["GoogleMeet"]

MOST_PEOPLE: Final = 200  # Google recommends no more guests of an event
_FIELDS: Final = frozenset({"entry", "settings.auto_recording", "settings.public_chat"})
"""What spaces have, and so all rooms."""

_CREATE_FIELDS: Final = _FIELDS | {"kind", "permanent"}
_EVENT_FIELDS: Final = frozenset(
    {"name", "description", "starts_at", "duration", "timezone", "recurrence"}
)


class GoogleMeet(PeopleCalls, RecordingCalls, WebhookCalls):
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
        invites=frozenset({Role.ATTENDEE}),
        statuses=frozenset(RoomStatus) - {RoomStatus.LIVE},  # only a space says what runs
        limits={"registrations": MOST_PEOPLE},
    )

    def __init__(self, settings: GoogleMeetSettings, context: Context) -> None:
        super().__init__(settings, context)
        fields = self.features.create_fields
        if settings.service_account is not None:  # which can act for another host
            fields |= {"host"}
        attendance = Precision(settings.attendance)
        self.features = evolve(self.features, create_fields=fields, attendance=attendance)

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

    async def check(self) -> None:
        """Check the token with one call to the calendar and one to Meet."""
        owner, calendar = self.settings.owner, self.settings.calendar
        query = {"maxResults": 1, "fields": "kind"}
        await self.call_for(owner, GET(EVENTS, calendar=calendar, query=query), base.read_any)
        query = {"pageSize": 1, "fields": "nextPageToken"}
        await self.call_for(owner, GET("/v2/conferenceRecords", query=query), base.read_any)

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the events that were created as rooms; bare spaces are in no list.

        Whether one is running is known of a single room only.
        """
        owner, calendar = self.settings.owner, self.settings.calendar
        query = {"maxResults": 250, "privateExtendedProperty": "=".join(rooms.MARK)}
        read = partial(rooms.read_rooms, owner=owner, calendar=calendar, now=self.now)
        request = GET(EVENTS, calendar=calendar, query=query)
        return self.pages_for(owner, request, read)

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
        """Create an event under an id of our own, by which a repeated call finds it again.

        docs/vendors/googlemeet.md#events
        """
        config = spaces.write_config(draft)
        request = POST(
            EVENTS,
            calendar=place.calendar,
            query=self._query(),
            json=rooms.write_event(draft, place.event, self.now),
            effect=Effect.KEYED,
        )
        is_own = True
        try:
            event = await self.call_for(place.owner, request, rooms.read_created_event)
        except Conflict as error:
            event = await self._find_created(place, error)
            is_own = "id" not in draft.native  # by a key of the caller's, it may be an older one
        event = await self._await_conference(place, event)
        room = self._to_room(place, event)
        if not config:
            return room
        try:
            space = await self._configure(place.owner, event.row, config)
        except ConferencingError as error:
            # All or nothing: without its rules of entry, the room would be open to anybody.
            raise (await self._withdraw(place, error) if is_own else error) from None
        return evolve(room, **rooms.add_space(room, event.row, space))

    async def _find_created(self, place: EventId, conflict: Conflict) -> ReadEvent:
        """Return the event of an id that is taken, if an earlier try or call has made it."""
        if conflict.sent is Sent.NO:  # a token could not be had
            raise conflict
        try:
            event = await self._read_event(place)
        except NotFound:  # deleted events keep their ids (docs/vendors/googlemeet.md#oddity-5)
            raise conflict from None
        except ConferencingError as error:
            raise OutcomeUnknown(
                f"there is an event {place.event}, and it could not be read: {error.message}",
                sent=Sent.YES,
            ) from None
        if not event.is_marked:  # another program took the id
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
            return await self.call_for(place.owner, patch_space(place.space, body), read)
        config = spaces.write_config(changes)
        event = await self._change_event(
            place, lambda event: rooms.write_changes(changes, event.row), self.settings.send_updates
        )
        space = await self._configure(place.owner, event.row, config) if config else None
        return await self._complete(place, event, space)

    async def delete_room(self, room: Room) -> None:
        """Delete an event with all its dates. Its link goes on working: Google keeps the space.

        docs/vendors/googlemeet.md#events
        """
        await self._delete_event(event_of(room, "cannot be deleted"))

    async def _delete_event(self, place: EventId) -> None:
        query = {"sendUpdates": self.settings.send_updates}
        request = DELETE(EVENT, calendar=place.calendar, event=place.event, query=query)
        await self.delete(self.place(request), auth=self.auth_of(place.owner))

    async def room_settings(self, room: Room) -> RoomSettings:
        """Fetch the settings of a room's space."""
        owner, space = await self._find_space(room)
        request = GET(SPACE, space=space)
        return await self.call_for(owner, request, spaces.read_settings, errors=base.READ_ERRORS)
