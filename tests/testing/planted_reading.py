"""Mistakes in reading replies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve
from planting import VALUE, WORKS, WRONG_TYPE, planted
from sample_adapter import Acme
from sample_wire import WORDS, AnyLinkRoomRow, LaxRoomRow, WordySessionRow

from conferencing import (
    Attendance,
    NotFound,
    Participant,
    Precision,
    Recording,
    Room,
    Session,
    SessionStatus,
)
from conferencing.http import DELETE

WARSAW = ZoneInfo("Europe/Warsaw")


@planted(WORKS, "naive")
class ReadsNaiveTimes(Acme):
    def to_time(self, seconds: int | None) -> datetime | None:
        moment = super().to_time(seconds)
        return moment and moment.replace(tzinfo=None)


@planted(VALUE, "registered_at is naive")
class ReadsOneTimeNaive(Acme):
    def to_person(self, row: Any, native: Any, room_id: str) -> Participant:
        person = super().to_person(row, native, room_id)
        moment = person.registered_at
        return evolve(person, registered_at=moment and moment.replace(tzinfo=None))


@planted(WORKS, "started_at: expected")
class ReadsUTCAsLocalTime(Acme):
    def to_time(self, seconds: int | None) -> datetime | None:
        utc = super().to_time(seconds)
        return utc and utc.replace(tzinfo=WARSAW)


@planted(WORKS, "the recording's duration: expected")
class ReadsSecondsAsMinutes(Acme):
    def to_recording(self, row: Any, native: Any) -> Recording:
        return evolve(super().to_recording(row, native), duration=timedelta(minutes=row.seconds))


class Lax(Acme):
    room_row = LaxRoomRow


@planted(WRONG_TYPE, r"duration: expected .* or unknown, got datetime.timedelta\(0\)")
class CoercesANumber(Lax):
    def to_room(self, row: Any, native: Any) -> Room:
        minutes = row.minutes if isinstance(row.minutes, int) else 0
        return super().to_room(evolve(row, minutes=minutes), native)


@planted(WRONG_TYPE, "name: expected .* or unknown, got")
class CoercesATextByStr(Lax):
    def to_room(self, row: Any, native: Any) -> Room:
        return super().to_room(evolve(row, name=str(row.name)), native)


class Wordy(Acme):
    session_row = WordySessionRow


@planted("unknown_word_is_no_error", "an unknown word")
class KnowsAllStates(Wordy):
    def to_session(self, row: Any, native: Any) -> Session:
        states = {"running": SessionStatus.RUNNING, "ended": SessionStatus.ENDED}
        return evolve(super().to_session(row, native), status=states[row.state])


@planted("unknown_word_is_no_error", "an unknown word")
class KnowsAllRoles(Acme):
    def to_stay(self, row: Any, native: Any) -> Attendance:
        return evolve(super().to_stay(row, native), role=WORDS[row.role])


@planted(VALUE, "Room.kind is 'meeting'")
class LeavesAWordAsItIs(Lax):
    def to_room(self, row: Any, native: Any) -> Room:
        return evolve(super().to_room(row, native), kind=row.kind)


@planted(WORKS, "which is one per person")
class CountsStaysAsPeople(Acme):
    def merge_stays(self, stays: Any) -> list[Attendance]:
        return list(stays)


@planted(WORKS, "the precision of a record")
class PromisesMorePrecision(Acme):
    def to_stay(self, row: Any, native: Any) -> Attendance:
        return evolve(super().to_stay(row, native), precision=Precision.SPAN)


@planted("missing_object_raises_not_found", "expected NotFound")
class SwallowsNotFound(Acme):
    async def get_room(self, room_id: str) -> Room:
        try:
            return await super().get_room(room_id)
        except NotFound:
            return Room(id=room_id)


@planted(WORKS, "deleting a room that is already deleted")
class DeletesOnlyOnce(Acme):
    async def delete_room(self, room: Room) -> None:
        await self.call(DELETE("/rooms/{id}", id=room.id))


@planted("unsafe_link_is_not_returned", "the result has the link")
class TakesAnyTextForALink(Acme):
    room_row = AnyLinkRoomRow
