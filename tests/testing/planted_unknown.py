"""Mistakes in what is not known: zero, another value or another person in place of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve
from planting import NATIVE, READ_BACK, SENT_NATIVE, UNKNOWN, WORKS, planted
from sample_adapter import Acme

from conferencing import (
    AccessToken,
    Attendance,
    Feedback,
    JoinLink,
    MergedBy,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomDraft,
    Segment,
    Session,
    Usage,
)
from conferencing.attendance import merge
from conferencing.model.drafts import RegistrationDraft
from conferencing.model.native import NO_NATIVE

# ------------------------------------------------------------------------- unknown times and lengths


@planted(UNKNOWN, r"duration: expected .*, got datetime.timedelta\(0\)")
class TakesAnUnknownLengthForZero(Acme):
    def to_duration(self, count: int | None, unit: int) -> timedelta | None:
        return timedelta(seconds=(count or 0) * unit)


@planted(WORKS, "the room's duration: expected None, got a duration of zero")
class TakesNoLengthForZero(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        room = super().to_room(row, native)
        return evolve(room, duration=room.duration or timedelta())

    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, duration=None))


@planted(UNKNOWN, r"duration: expected .*, got datetime.timedelta\(0\)")
class TakesAnUnknownUsageForZero(Acme):
    def to_usage(self, row: Any, native: Any) -> Usage:
        usage = super().to_usage(row, native)
        return evolve(usage, duration=usage.duration or timedelta())


@planted(WORKS, "the session's ended_at: expected None")
class EndsARunningSession(Acme):
    def to_session(self, row: Any, native: Any) -> Session:
        session = super().to_session(row, native)
        return evolve(session, ended_at=session.ended_at or session.started_at)


@planted(UNKNOWN, "ended_at: expected")
class EndsAnUnknownSessionAtItsStart(EndsARunningSession):
    """The same mistake, seen where the end is left out."""


@planted(WORKS, "the segments of")
class LetsGuestsInsideLeaveAtOnce(Acme):
    def to_stay(self, row: Any, native: Any) -> Attendance:
        stay = super().to_stay(row, native)
        (segment,) = stay.segments
        left = segment.left_at or segment.joined_at
        return evolve(stay, segments=(evolve(segment, left_at=left),))


@planted(UNKNOWN, "left_at: expected")
class TakesAnUnknownEndForTheStart(LetsGuestsInsideLeaveAtOnce):
    """The same mistake, seen where the end is left out."""


@planted(WORKS, "the segments of")
class LetsEverybodyLeaveAtOnce(Acme):
    def to_stay(self, row: Any, native: Any) -> Attendance:
        stay = super().to_stay(row, native)
        joined = stay.segments[0].joined_at
        return evolve(stay, segments=(Segment(joined_at=joined, left_at=joined),))


@planted(UNKNOWN, "given_at: expected")
class DatesAnUndatedRating(Acme):
    def to_feedback(self, row: Any, native: Any) -> Feedback:
        entry = super().to_feedback(row, native)
        return evolve(entry, given_at=entry.given_at or datetime(2026, 10, 2, tzinfo=UTC))


# ------------------------------------------------------------------------------------------- people


@planted(WORKS, "who was there|the number of records, which is one per person")
class MergesPeopleOfOneName(Acme):
    def merge_stays(self, stays: Sequence[Attendance]) -> list[Attendance]:
        return merge(stays, by=[MergedBy.NAME])


@planted("personal_link_stays_personal", "has a link for everybody in place of a personal one")
class GivesAParticipantThePlainLink(Acme):
    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        if isinstance(person, Participant):
            known = await self.get_room(room.id)
            return JoinLink(url=known.join_url or "", role=role)
        return await super().join_link(room, role, person, token)


@planted("personal_link_stays_personal", "has lost the personal link")
class LosesTheLinkInListings(Acme):
    def read_people(self, reply: Any, room_id: str) -> list[Participant]:
        return [evolve(person, join_link=None) for person in super().read_people(reply, room_id)]


@planted("personal_link_stays_personal", "whom the link of .* is for")
class GivesAParticipantALinkForSomebodyElse(Acme):
    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        if isinstance(person, Participant):
            person = Person(email="somebody@example.com", name="Somebody Else")
        return await super().join_link(room, role, person, token)


# ------------------------------------------------------------------------------------------- native


@planted(SENT_NATIVE, r"create_room\(native=...\) does not send")
class LeavesNativeOutOfRooms(Acme):
    def write_room(self, draft: RoomDraft) -> dict[str, Any]:
        return super().write_room(evolve(draft, native={}))


@planted(SENT_NATIVE, r"register\(native=...\) does not send")
class LeavesNativeOutOfRegistrations(Acme):
    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        return await super().register(room, evolve(draft, native={}))


@planted(SENT_NATIVE, r"native=...\) does not send")
class LeavesNativeOut(Acme):
    def with_native(self, body: dict[str, Any], native: Mapping[str, Any]) -> dict[str, Any]:
        return body


@planted(NATIVE, "Room.native of .* is empty")
class LeavesNativeOfRoomsEmpty(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        return super().to_room(row, NO_NATIVE)


@planted(NATIVE, "Participant.native of .* is empty")
class LeavesNativeOfPeopleEmpty(Acme):
    def to_person(self, row: Any, native: Any, room_id: str) -> Participant:
        return super().to_person(row, NO_NATIVE, room_id)


@planted(NATIVE, "Recording.native of .* is empty")
class LeavesNativeOfRecordingsEmpty(Acme):
    def to_recording(self, row: Any, native: Any) -> Recording:
        return super().to_recording(row, NO_NATIVE)


# -------------------------------------------------------------------------------------- reading back


@planted(READ_BACK, "registration of the room, which the vendor reports in native")
class ForgetsRegistration(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        return evolve(super().to_room(row, native), registration=None)


@planted(READ_BACK, "settings.recording of the room, which the vendor reports in native")
class ForgetsSettings(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        return evolve(super().to_room(row, native), settings=None)


@planted(READ_BACK, "description of the room, which the vendor reports in native")
class ForgetsDescriptions(Acme):
    def to_room(self, row: Any, native: Any) -> Room:
        return evolve(super().to_room(row, native), description=None)
