"""Sessions and attendance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from conferencing.errors import (
    Conflict,
    InvalidRequest,
    ProviderError,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    GET,
    POST,
    Effect,
    Repeated,
    map_concurrently,
    suppress_missing,
)
from conferencing.model import (
    Occurrence,
    Room,
    Session,
)
from conferencing.model.attendance import Attendance
from conferencing.provider import Page, Pages

from .calls import RECORD, SPACE, collect_pages
from .events import EventCalls
from .wire import base, sessions, spaces
from .wire.base import RecordId, SpaceId, last_part

__all__ = ["SessionCalls"]

MOST_NAMES: Final = 200
"""How many people one call asks for."""


class SessionCalls(EventCalls):
    """Operations on sessions."""

    async def end_session(self, session: Session) -> None:
        """End a session of a bare space, if it is the one that runs."""
        # Google refuses it in spaces of a calendar (docs/vendors/googlemeet.md#oddity-4).
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
        # The call names the space, and would end a later session in it as well.
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
            # Nothing runs any more, which is what was wanted (docs/vendors/googlemeet.md#errors).
            if error.code != "FAILED_PRECONDITION":
                raise

    async def _is_running(self, owner: str, space: str, record: str) -> bool:
        request = GET(SPACE, space=space)
        row = await self.call_for(owner, request, spaces.read_space_row, errors=base.READ_ERRORS)
        return row.running == record

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions of the last 30 days, the oldest first."""
        listed = await self._find_sessions(room)
        yield Page(await map_concurrently(self._count_people, listed), listed.problems)

    async def _find_sessions(self, room: Room) -> Page[Session]:
        """Return the sessions of a room, without how many people were there."""
        place = base.split_room_id(room.id)
        created_at, dates = None, list[Occurrence]()
        # Filters spell names in snake_case, unlike replies (docs/vendors/googlemeet.md#records).
        if isinstance(place, SpaceId):
            filter_text = f'space.name = "spaces/{place.space}"'
        else:
            event = await self._read_event(place)
            created_at = base.to_time(event.row.created)
            dates = await self._list_dates(place) if event.row.rule else []
            if event.row.code is None:  # Google has not made the space, so nobody was there
                return Page([], ())
            filter_text = f'space.meeting_code = "{event.row.code}"'
        listed = await self._list_records(place.owner, {"filter": filter_text}, room.id)
        rows = [
            evolve(session, occurrence_id=sessions.find_occurrence(session, dates))
            for session in sorted(listed, key=sessions.by_start)
        ]
        return Page(rows, (*listed.problems, *sessions.warn_of_expiry(created_at, self.now)))

    async def _list_records(
        self, owner: str, query: Mapping[str, str], room_id: str | None = None
    ) -> Page[Session]:
        request = GET("/v2/conferenceRecords", query={"pageSize": 100, **query})
        read = partial(sessions.read_sessions, owner=owner, room_id=room_id)
        return await collect_pages(self.pages_for(owner, request, read))

    async def _count_people(self, session: Session) -> Session:
        place = base.split_record_id(session.id)
        # The count comes only if `fields` names it (docs/vendors/googlemeet.md#records).
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
        # A page may repeat people of the one before (docs/vendors/googlemeet.md#oddity-9).
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
        for start in range(0, len(ids), MOST_NAMES):
            # Meet's `users/` and `people/` have the same ids.
            names = Repeated(f"people/{each}" for each in ids[start : start + MOST_NAMES])
            query = {"personFields": "emailAddresses", "resourceNames": names}
            request = GET("/v1/people:batchGet", query=query)
            emails |= await self.call_for(owner, request, sessions.read_people)
        return emails

    async def _ask_directory(self, owner: str, ids: Sequence[str]) -> dict[str, str]:
        async def ask(user_id: str) -> str | None:
            query = {"viewType": "domain_public"}
            request = GET("/admin/directory/v1/users/{user}", user=user_id, query=query)
            with suppress_missing():
                return await self.call_for(owner, request, sessions.read_directory_user)
            return None  # somebody of another domain

        emails = await map_concurrently(ask, ids)
        return {user_id: email for user_id, email in zip(ids, emails, strict=True) if email}
