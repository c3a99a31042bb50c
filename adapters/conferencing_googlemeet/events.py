"""Events with their spaces: read, changed, completed. Operations on rooms and on guests rest on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import evolve

from conferencing.errors import (
    Conflict,
    NotAvailable,
    NotFound,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    GET,
    PATCH,
    Effect,
    Request,
)
from conferencing.model import (
    Occurrence,
    Room,
    Session,
)

from .calls import SPACE, GoogleCalls
from .wire import base, rooms, spaces
from .wire.base import EventId, SpaceId, last_part
from .wire.rooms import EventRow, ReadEvent
from .wire.spaces import SpaceRow

__all__ = ["EVENT", "EVENTS", "EventCalls", "event_of", "patch_space"]

EVENTS: Final = "/calendar/v3/calendars/{calendar}/events"
EVENT: Final = f"{EVENTS}/{{event}}"
MOST_DATES: Final = 1000
"""How many dates of a series are fetched."""

CHANGES: Final = 10
"""How often a change is made anew because somebody else changed the event meanwhile."""

# Accounts with the calendar's scope alone get rooms without what spaces know.
_SPACE_ERRORS: Final = base.ERRORS.with_codes(
    dict.fromkeys(
        ["PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "NOT_FOUND"], NotAvailable
    )
)


class EventCalls(GoogleCalls):
    """Calls about events, and about the spaces behind them."""

    def _query(self, mails: str | None = None) -> dict[str, Any]:
        """Return the query of each change to an event: without the version, Google drops the link.

        docs/vendors/googlemeet.md#oddity-1
        """
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
                # Repeated after a lost reply, it gets a 412, and the event is read again.
                effect=Effect.IDEMPOTENT,
            )
            try:
                return await self.call_for(place.owner, request, rooms.read_event)
            except Conflict as error:  # 412 (docs/vendors/googlemeet.md#oddity-6)
                tries += 1
                if error.code != "conditionNotMet" or tries == CHANGES:
                    raise
            await self.context.clock.sleep(self.context.random() * 0.1 * 2**tries)

    async def _configure(self, owner: str, row: EventRow, config: Mapping[str, Any]) -> SpaceRow:
        """Set up the space of an event, which takes its lasting name: codes can only be looked up."""
        if row.code is None:
            raise NotAvailable("Google has not made the event's space", sent=Sent.YES)
        request = GET(SPACE, space=row.code)  # docs/vendors/googlemeet.md#oddity-3
        space = await self.call_for(owner, request, spaces.read_space_row)
        patch = patch_space(last_part(space.name), {"config": config})
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
            # A deleted date stays, as `cancelled` (docs/vendors/googlemeet.md#events).
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


def event_of(room: Room | Session, problem: str) -> EventId:
    """Return the event of a room. Raises `UnsupportedOption` for a bare space."""
    place = base.split_room_id(room.id)
    if isinstance(place, SpaceId):
        raise UnsupportedOption(f"a Meet space without an event {problem}", field="room")
    return place


def patch_space(space: str, body: Mapping[str, Any]) -> Request:
    """Return the change of a space, with a mask of exactly what it sets."""
    # Without a mask, all fields of the body are set, or none (docs/vendors/googlemeet.md#spaces).
    leaves = ",".join(spaces.list_leaves(body.get("config") or {}))
    return PATCH(
        SPACE,
        space=space,
        query={"updateMask": leaves} if leaves else {},
        json=body,
        effect=Effect.IDEMPOTENT,
    )
