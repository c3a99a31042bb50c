"""Mistakes in what is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve
from planting import MANY, MODEL, WORKS, WRONG_TYPE, planted
from sample_adapter import Acme
from sample_wire import SECRET, WORDS

from conferencing import (
    NotFound,
    Participant,
    Precision,
    Recording,
    Room,
    Segment,
    Session,
    SessionStatus,
)
from conferencing.http import DELETE, GET, NumberedPages
from conferencing.model.native import Native
from conferencing.provider import Pages

WARSAW = ZoneInfo("Europe/Warsaw")


@planted(WORKS, "naive")
class ReadsNaiveTimes(Acme):
    def read_time(self, seconds: int | None) -> datetime | None:
        return (
            None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        )


@planted(MODEL, "registered_at is naive")
class ReadsOneTimeNaive(Acme):
    def read_person(self, payload: Any, room_id: str) -> Participant:
        one = super().read_person(payload, room_id)
        return evolve(
            one, registered_at=one.registered_at and one.registered_at.replace(tzinfo=None)
        )


@planted(WORKS, "started_at is")
class ReadsUTCAsLocalTime(Acme):
    def read_time(self, seconds: int | None) -> datetime | None:
        utc = super().read_time(seconds)
        return utc and utc.replace(tzinfo=WARSAW)


@planted(WORKS, "the recording's duration is")
class ReadsSecondsAsMinutes(Acme):
    def read_recording(self, row: Any, room_id: str) -> Recording:
        return evolve(super().read_recording(row, room_id), duration=timedelta(minutes=row.seconds))


@planted(WRONG_TYPE, "raised TypeError|was made a value of|made a value")
class CoercesANumber(Acme):
    def read_room(self, payload: Any) -> Room:
        minutes = payload["minutes"]
        mended = {**payload, "minutes": minutes if isinstance(minutes, int) else None}
        return evolve(super().read_room(mended), native=Native(payload, SECRET))


@planted(WRONG_TYPE, "was made a value of")
class CoercesATextByStr(Acme):
    def read_rooms(self, payload: Any) -> list[Room]:
        rows = payload["rooms"]
        return [self.read_room({**row, "name": str(row["name"])}) for row in rows]


@planted("a_word_that_nobody_knows_is_no_error", "an unknown word at")
class KnowsAllStates(Acme):
    def read_session(self, payload: Any) -> Session:
        state = {"running": SessionStatus.RUNNING, "ended": SessionStatus.ENDED}[payload["state"]]
        return evolve(super().read_session(payload), status=state)


@planted("a_word_that_nobody_knows_is_no_error", "an unknown word at")
class KnowsAllRoles(Acme):
    def read_stay(self, payload: Any, session_id: str) -> Any:
        return evolve(super().read_stay(payload, session_id), role=WORDS[payload["role"]])


@planted(MODEL, "Room.kind is 'meeting'")
class LeavesAWordAsItIs(Acme):
    def read_room(self, payload: Any) -> Room:
        return evolve(super().read_room(payload), kind=payload["kind"])


@planted(WORKS, "it is one per person")
class CountsStaysAsPeople(Acme):
    def read_attendance(self, payload: Any, session_id: str) -> Any:
        return [self.read_stay(one, session_id) for one in payload]


@planted(WORKS, "the stays of")
class TakesNobodyLeftForZero(Acme):
    def read_stay(self, payload: Any, session_id: str) -> Any:
        one = super().read_stay(payload, session_id)
        joined = one.segments[0].joined_at
        return evolve(one, segments=(Segment(joined_at=joined, left_at=joined),))


@planted(WORKS, "the precision of a record")
class PromisesMorePrecision(Acme):
    def read_stay(self, payload: Any, session_id: str) -> Any:
        return evolve(super().read_stay(payload, session_id), precision=Precision.SPAN)


@planted("what_is_not_there_is_not_found", "must raise NotFound")
class SwallowsNotFound(Acme):
    async def get_room(self, room_id: str) -> Room:
        try:
            return await super().get_room(room_id)
        except NotFound:
            return Room(id=room_id)


@planted(WORKS, "deleting what is gone must succeed")
class DeletesOnlyOnce(Acme):
    async def delete_room(self, room: Room) -> None:
        await self.call(DELETE("/rooms/{id}", id=room.id))


@planted(MANY, "the number of rooms listed is 100")
class ReadsTheFirstPageOnly(Acme):
    async def list_rooms(self, status: Any = None) -> Pages[Room]:
        yield await self.call(GET("/rooms"), self.read_rooms)


@planted(MANY, "came more than once|same page twice")
class ReadsAPageTwice(Acme):
    async def list_rooms(self, status: Any = None) -> Pages[Room]:
        for number in (1, 1, 2, 3):
            rooms = await self.call(GET("/rooms", query={"page": number}), self.read_rooms)
            yield (
                rooms
                if number > 1
                else rooms[::-1]
                if self.__dict__.setdefault("_second", [])
                else rooms
            )
            self.__dict__["_second"] = [1]


@planted(MANY, "the number of rooms listed is")
class CountsPagesFromNought(Acme):
    pages = NumberedPages(size=100, start=2)
