"""Mistakes by which one thing is taken for another, or more is changed than was meant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from attrs import evolve
from planting import LISTED, READ_BACK, WORKS, planted
from sample_adapter import Acme

from conferencing import (
    AccessToken,
    Attendance,
    Feedback,
    File,
    JoinLink,
    NotFound,
    Participant,
    PermissionDenied,
    ProviderUnavailable,
    Recording,
    Role,
    Room,
    RoomDraft,
    Session,
    SessionStatus,
    Template,
    Usage,
)
from conferencing.http import PUT
from conferencing.model.drafts import Invitation, RegistrationDraft, SessionDraft
from conferencing.provider import Pages

APART = "other_objects_are_left_alone"
OTHERS = "update_keeps_other_fields"

# ------------------------------------------------------------------------------ the wrong object


@planted(APART, "delete_room changed .* of another room")
class DeletesTheFirstRoom(Acme):
    async def delete_room(self, room: Room) -> None:
        async for page in self.list_rooms():
            ids = [each.id for each in page]
            if room.id in ids:
                await super().delete_room(page[0])


@planted(APART, "delete_recording changed")
class DeletesEveryRecording(Acme):
    async def delete_recording(self, recording: Recording) -> None:
        async for page in self.list_rooms():
            for room in page:
                async for recordings in self.list_recordings(room):
                    for each in recordings:
                        await super().delete_recording(each)


@planted(APART, "revoke_access_tokens changed")
class RevokesTheTokensOfAllRooms(Acme):
    async def revoke_access_tokens(self, room: Room, tokens: Sequence[AccessToken]) -> None:
        await super().revoke_access_tokens(room, tokens)
        async for page in self.list_rooms():
            for each in page:
                async for others in self.list_access_tokens(each):
                    await super().revoke_access_tokens(each, others)


@planted(APART, "update_template changed")
class ChangesEveryTemplate(Acme):
    async def update_template(self, template: Template, native: Any) -> Template:
        async for page in self.list_templates():
            for each in page:
                await super().update_template(evolve(template, id=each.id), native)
        return await super().update_template(template, native)


@planted(APART, "update_room changed")
class ChangesTheRoomOfThatName(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        name = (await self.get_room(room.id)).name
        async for page in self.list_rooms():
            for each in page:
                if each.name == name:
                    room = await super().update_room(each, changes)
        return room


@planted(APART, "expected .* objects|changed")
class ListsTheRecordingsOfAllRooms(Acme):
    async def list_recordings(self, of: Any) -> Pages[Recording]:
        async for page in self.list_rooms():
            for room in page:
                async for recordings in super().list_recordings(room):
                    yield [evolve(recording, room_id=of.id) for recording in recordings]


@planted(APART, "expected .* objects")
class ListsTheSessionsOfAllRooms(Acme):
    async def list_sessions(self, room: Room) -> Pages[Session]:
        async for page in self.list_rooms():
            for each in page:
                async for sessions in super().list_sessions(each):
                    yield [evolve(session, room_id=room.id) for session in sessions]


@planted(APART, "expected .* objects")
class ListsThePeopleOfAllRooms(Acme):
    async def list_participants(self, of: Any) -> Pages[Participant]:
        async for page in self.list_rooms():
            for room in page:
                async for people in super().list_participants(room):
                    yield [evolve(person, room_id=of.id) for person in people]


@planted(WORKS, "the person found")
class FindsThePersonBesideIt(Acme):
    async def get_participant(self, room: Room, **by: Any) -> Participant:
        person = await super().get_participant(room, **by)
        async for page in self.list_participants(room):
            return page[0]
        return person


@planted(WORKS, "get_participant")
class FindsAnAddressAsItIsWritten(Acme):
    async def get_participant(self, room: Room, **by: Any) -> Participant:
        person = await super().get_participant(room, **by)
        if by["email"] and person.email != by["email"]:
            raise NotFound("nobody is registered under this address")
        return person


# -------------------------------------------------------------------------------- more than meant


@planted(OTHERS, "changed description")
class ClearsWhatIsNotChanged(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        body = {"description": "", **self.write_room(changes)}
        return await self.call(PUT("/rooms/{id}", id=room.id, json=body), self.read_room)


@planted(OTHERS, "changed entry")
class ResetsThePasscodeWithEachChange(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        body = {"passcode": "0000", **self.write_room(changes)}
        return await self.call(PUT("/rooms/{id}", id=room.id, json=body), self.read_room)


@planted(OTHERS, "changed settings")
class StopsRecordingWithEachChange(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        body = {"record": False, **self.write_room(changes)}
        return await self.call(PUT("/rooms/{id}", id=room.id, json=body), self.read_room)


@planted("cancelled_call_leaves_nothing", "a cancelled create_room left")
class GoesOnAfterACancellation(Acme):
    async def create_room(self, draft: RoomDraft) -> Room:
        return await asyncio.shield(asyncio.ensure_future(super().create_room(draft)))


@planted(WORKS, "number of tokens|tokens")
class MakesOneTokenTooMany(Acme):
    async def create_access_tokens(self, room: Room, count: int) -> Sequence[AccessToken]:
        return await super().create_access_tokens(room, count + 1)


# ------------------------------------------------------------------------- one value for another


@planted(READ_BACK, "timezone of the room")
class ForgetsTheTimeZone(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        room = super().to_room(row, native)
        starts_at = room.starts_at and room.starts_at.astimezone(UTC)
        return evolve(room, timezone=None, starts_at=starts_at)


@planted(WORKS, "the role of")
class TakesEverybodyForAnAttendee(Acme):
    def to_stay(self, row: Any, native: Any) -> Attendance:
        return evolve(super().to_stay(row, native), role=Role.ATTENDEE)


@planted(WORKS, "the session's status")
class TakesEverySessionForEnded(Acme):
    def to_session(self, row: Any, native: Any) -> Session:
        return evolve(super().to_session(row, native), status=SessionStatus.ENDED)


@planted(WORKS, "the role of an invitation")
class InvitesEverybodyAsAnAttendee(Acme):
    async def invite(self, room: Room, invitation: Invitation) -> None:
        await super().invite(room, evolve(invitation, role=Role.ATTENDEE))


@planted(WORKS, "first name")
class SwapsTheNames(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        who = draft.person
        person = evolve(who, first_name=who.last_name, last_name=who.first_name)
        return await super().register(room, evolve(draft, person=person))


@planted(WORKS, "the size of the recording's file")
class ReadsASizeAsKilobytes(Acme):
    def to_recording(self, row: Any, native: Any) -> Recording:
        recording = super().to_recording(row, native)
        files = tuple(File(url=file.url, size=(file.size or 1) * 1024) for file in recording.files)
        return evolve(recording, files=files)


@planted(WORKS, "the ratings listed")
class ReadsARatingOutOfTen(Acme):
    def to_feedback(self, row: Any, native: Any) -> Feedback:
        entry = super().to_feedback(row, native)
        return evolve(entry, rating=entry.rating and entry.rating * 2)


@planted(WORKS, "the segments of")
class KeepsTheFirstStayOnly(Acme):
    def merge_stays(self, stays: Sequence[Attendance]) -> list[Attendance]:
        return [evolve(each, segments=each.segments[:1]) for each in super().merge_stays(stays)]


@planted(WORKS, "a time to come")
class IgnoresTheRangeOfUsage(Acme):
    async def usage(self, since: Any, until: Any, tenant: str | None) -> Pages[Usage]:
        async for page in super().usage(None, None, tenant):
            yield page


@planted(WORKS, "name")
class ReturnsTheRoomAsItWas(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        before = await self.get_room(room.id)
        await super().update_room(room, changes)
        return before


@planted(WORKS, "the room that .* opens|leads")
class LinksToAnotherRoom(Acme):
    async def join_link(self, room: Room, *rest: Any) -> JoinLink:
        other = await self.create_room(RoomDraft(name="Other"))
        return await super().join_link(other, *rest)


@planted(WORKS, "role")
class StartsAsAnAttendee(Acme):
    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        link = await super().start_session(room, draft)
        return evolve(link, role=Role.ATTENDEE)


# ---------------------------------------------------------------------------- refusals and retries


@planted("error_status_raises", "expected the result")
class HidesARefusal(Acme):
    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        try:
            return await super().update_room(room, changes)
        except PermissionDenied:
            return await self.get_room(room.id)


@planted("error_status_raises", "attempts|requests|expected")
class TriesOnItsOwn(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        try:
            return await super().register(room, draft)
        except ProviderUnavailable:
            return await super().register(room, draft)


@planted("missing_object_raises_not_found", "expected NotFound")
class TakesAMissingRoomForAnEmptyOne(Acme):
    async def get_session(self, session_id: str) -> Session:
        try:
            return await super().get_session(session_id)
        except NotFound:
            return Session(id=session_id)


@planted("operation_works", "is declared and raised")
class DeclaresWhatItCannotDo(Acme):
    async def default_settings(self) -> Any:
        return await super().default_settings()


@planted(LISTED, "twice in|the second result|listed more than once|expected")
class StartsAtARandomPage(Acme):
    async def list_participants(self, of: Any) -> Pages[Participant]:
        skip = self.__dict__.setdefault("skip", 0)
        self.__dict__["skip"] = 1
        number = 0
        async for page in super().list_participants(of):
            number += 1
            if number > skip:
                yield page
