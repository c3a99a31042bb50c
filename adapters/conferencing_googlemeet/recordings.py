"""Recordings, transcripts and notes, whose files are in Drive."""

from __future__ import annotations

from functools import partial
from typing import Final

from attrs import evolve

from conferencing.capabilities import emulated
from conferencing.errors import (
    Conflict,
    NotFound,
    Sent,
)
from conferencing.http import (
    DELETE,
    GET,
    map_concurrently,
)
from conferencing.model import (
    Recording,
    Room,
    Session,
)
from conferencing.provider import Page, Pages

from .calls import RECORD, collect_pages
from .sessions import SessionCalls
from .wire import base, recordings, sessions

__all__ = ["RecordingCalls"]

FILE: Final = "/drive/v3/files/{file}"


class RecordingCalls(SessionCalls):
    """Operations on recordings."""

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings, transcripts and notes of the sessions of the last 30 days."""
        if isinstance(of, Session):
            yield await self._list_files(of)
            return
        if of is None:
            listed = await self._list_records(self.settings.owner, {})
            problems = [*listed.problems, *sessions.warn_of_expiry(None, self.now)]
        else:
            listed = await self._find_sessions(of)
            problems = [*listed.problems]
        pages = await map_concurrently(self._list_files, listed)
        problems += [problem for page in pages for problem in page.problems]
        yield Page([recording for page in pages for recording in page], problems)

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
        """Delete the file for good. Meet goes on listing the recording for 30 days.

        docs/vendors/googlemeet.md#files
        """
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
            if recording.files:  # what is still being recorded has none
                await self.delete_recording(recording)
