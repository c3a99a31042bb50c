"""Guests of events, who take the place of registrations; and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from conferencing.capabilities import emulated
from conferencing.errors import (
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    Sent,
    UnsupportedOption,
)
from conferencing.model import (
    AccessToken,
    JoinLink,
    Participant,
    Person,
    Role,
    Room,
    Session,
)
from conferencing.model.drafts import Invitation, RegistrationDraft
from conferencing.provider import Pages

from .events import EventCalls, event_of
from .wire import base, people
from .wire.base import EventId, SpaceId
from .wire.rooms import ReadEvent

__all__ = ["PeopleCalls"]


class PeopleCalls(EventCalls):
    """Operations on people."""

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
        if any(draft.fields for draft in drafts):
            raise UnsupportedOption("a guest of an event has no fields", field="fields")
        mails = {people.MAILS[bool(draft.confirmation)] for draft in drafts}
        if len(mails) > 1:
            raise InvalidRequest(
                "Google mails all new guests of a change or none; pass the same confirmation for"
                " each",
                field="confirmation",
            )
        place = event_of(room, "has no guests")
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
            # PATCH replaces the list as a whole (docs/vendors/googlemeet.md#oddity-6).
            return {"attendees": [*event.list_attendees(), *missing]} if missing else {}

        event = await self._change_event(place, add, mails)
        # A later look may show what a try with a lost reply has added.
        return event.list_participants(str(place)), looks[0]

    @emulated
    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Remove a guest from the event."""
        place = event_of(room, "has no guests")
        email = participant.email or participant.id or ""

        def remove(event: ReadEvent) -> Mapping[str, Any]:
            present = event.list_attendees()
            left = [row for row in present if not people.is_guest(row, email)]
            return {"attendees": left} if len(left) < len(present) else {}

        await self._change_event(place, remove, self.settings.send_updates)

    @emulated
    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the guests of an event."""
        return self._guests(event_of(of, "has no guests"))

    async def _guests(self, place: EventId) -> Pages[Participant]:
        event = await self._read_event(place)
        yield event.list_participants(str(place))

    @emulated
    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Find a guest of the event by the address, which is the id as well."""
        event = await self._read_event(event_of(room, "has no guests"))
        return _require_guest(event.list_participants(room.id), participant_id or email)

    @emulated
    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Make people guests of the event, and have Google mail them."""
        place = event_of(room, "has no guests")
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


def _require_guest(present: Sequence[Participant], email: str | None) -> Participant:
    guest = people.find_attendee(present, email)
    if guest is None:
        raise NotFound("the event has no guest with this e-mail address", sent=Sent.YES)
    return guest
