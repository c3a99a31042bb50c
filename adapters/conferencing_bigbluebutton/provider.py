"""BigBlueButton's operations, one short method each. Paths are those of the API below `/api`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

from attrs import evolve

from conferencing.accounts.context import Context
from conferencing.capabilities import Features, emulated
from conferencing.documents import open_document_store
from conferencing.errors import (
    Conflict,
    NotAvailable,
    NotFound,
    ProviderUnavailable,
    Sent,
    UnsupportedOption,
)
from conferencing.http import GET, POST, Effect, HTTPProvider, Reply, Request, Upload, server_time
from conferencing.model import (
    AccessToken,
    EntryKind,
    File,
    JoinLink,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    Secret,
    Session,
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import RoomDraft, SessionDraft
from conferencing.provider import Pages, replace_rows
from conferencing.webhooks.request import Delivery, WebhookRequest
from conferencing.webhooks.verification import live_secrets

from .checksum import Checksum, check_length, sign_url
from .settings import BigBlueButtonSettings
from .store import RoomStore
from .wire import base, deliveries, hooks, people, recordings, rooms, sessions
from .wire.rooms import Meeting, Run
from .wire.sessions import StoredSession
from .wire.xml import import_parser

__all__ = ["BigBlueButton"]

# An end takes effect later: docs/vendors/bigbluebutton.md#oddity-5
END_POLLS: Final = 10
END_WAIT: Final = 1.0
"""How often it is looked whether a meeting has ended, and how many seconds lie in between."""

_FIELDS: Final = frozenset(
    [
        "name",
        "description",
        "starts_at",
        "duration",
        "timezone",
        "waiting_room",
        "capacity",
        *(f"settings.{name}" for name in (*rooms.PEOPLE_MAY, *rooms.SWITCHES)),
    ]
)


class BigBlueButton(HTTPProvider[BigBlueButtonSettings]):
    """Rooms of a store, which become meetings on the server when they are used; recordings."""

    name = "bigbluebutton"
    settings_class = BigBlueButtonSettings
    errors = base.ERRORS
    features = Features(
        kinds=frozenset({RoomKind.MEETING}),
        create_fields=_FIELDS | {"kind"},
        update_fields=_FIELDS,
        entry=frozenset({EntryKind.OPEN}),
        roles=frozenset(people.ROLES),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(milliseconds=1),
        limits={"name": 64},  # docs/vendors/bigbluebutton.md#general
    )

    def __init__(self, settings: BigBlueButtonSettings, context: Context) -> None:
        super().__init__(settings.with_api_url(), context)
        import_parser()  # raises now rather than when a meeting was created
        documents = open_document_store(context.room_store, "room_store")
        self._store = RoomStore(documents, self.settings.base_url)

    def auth(self) -> Checksum:
        """Authenticate each call by its checksum."""
        return Checksum(self.settings.secret, self.settings.algorithm)

    async def aclose(self) -> None:
        """Close the connections and the store."""
        await super().aclose()
        await self._store.aclose()

    async def check(self) -> None:
        """Check the secret with the cheapest signed call; there is no such meeting."""
        # A meeting that does not exist is no failure: docs/vendors/bigbluebutton.md#monitoring
        request = GET("/isMeetingRunning", query={"meetingID": "conferencing-check"})
        await self.call(request, base.read_response)

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the rooms of the store, then the meetings on the server that others created."""
        meetings = await self.call(GET("/getMeetings"), rooms.read_meetings)
        others = {meeting.id: meeting for meeting in meetings}
        stored = await self._store.list_rooms()
        listed = [rooms.to_room(room, others.pop(room.id, None), self.now) for room in stored]
        listed += [rooms.to_room(None, meeting, self.now) for meeting in others.values()]
        yield replace_rows(meetings, listed)

    async def get_room(self, room_id: str) -> Room:
        """Return a room of the store, or a meeting on the server, with its present status."""
        stored, meeting = await self._store.find_room(room_id), await self._find_meeting(room_id)
        if stored is None and meeting is None:
            raise _no_room(room_id)
        return rooms.to_room(stored, meeting, self.now)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Put a room into the store. Nothing is sent before somebody needs it."""
        room = rooms.new_room(draft, uuid4().hex, self.now)
        if not await self._store.add_room(room):
            raise Conflict(f"there is a room {room.id!r} already", field="native", sent=Sent.NO)
        return rooms.to_room(room, None, self.now)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a room in the store; a session that runs already keeps what it began with."""
        change = partial(rooms.change_room, draft=changes, now=self.now)
        changed = await self._store.change_room(room.id, change)
        if changed is None:
            raise _no_room(room.id)
        return rooms.to_room(changed, None, self.now)

    async def delete_room(self, room: Room) -> None:
        """End the room's session, if there is one, and remove the room from the store.

        What is known of its past sessions stays: see `forget_session`.
        """
        meeting = await self._find_meeting(room.id)
        if meeting is not None:
            await self._end(meeting)
        await self._store.remove_room(room.id)

    # -- sessions

    async def start_session(self, room: Room, draft: SessionDraft) -> JoinLink:
        """Create the meeting on the server, or find it there, and return the host's link."""
        if draft.entry is not None:
            raise UnsupportedOption("BigBlueButton admits by links only", field="entry")
        run = await self._open(room.id, title=draft.title, native=draft.native)
        return self._link(run, Role.HOST, draft.host)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Sign a link, into the session that the room has now or gets by this.

        With `pin_links = false` nothing is sent: the link is valid whenever the room has a session.
        """
        who = person.person if person else None
        settings = self.settings
        # Other links hold a password or the createTime, so the meeting has to exist first:
        # docs/vendors/bigbluebutton.md#join
        if not settings.pin_links and settings.links == "role":
            return self._link(Run(meeting=room.id), role, who)
        people.check_name(who)  # before a meeting is created
        return self._link(await self._open(room.id), role, who)

    async def _open(
        self, room_id: str, *, title: str | None = None, native: Mapping[str, Any] | None = None
    ) -> Run:
        """Return the present life of a meeting, which begins by this if there is none.

        Creating a meeting that exists changes nothing (docs/vendors/bigbluebutton.md#create).
        """
        stored = await self._store.find_room(room_id)
        if stored is None:
            meeting = await self._find_meeting(room_id)
            if meeting is None:
                raise _no_room(room_id)
            run = meeting.run
        else:
            callback_url = self.settings.callback_url
            query = rooms.write_create(
                stored, title=title, callback_url=callback_url, native=native
            )
            request = GET("/create", query=query, effect=Effect.IDEMPOTENT)
            self._check_length(request)
            read = partial(rooms.read_created, meeting=room_id, name=query["name"])
            run = await self.call(request, read)
        await self._store.note_run(run)
        return run

    def _check_length(self, request: Request) -> None:
        check_length(self.settings.base_url + request.encode().target, self.settings.longest_url)

    def _link(self, run: Run, role: Role, person: Person | None) -> JoinLink:
        settings, pinned = self.settings, self.settings.pin_links
        query = people.write_join(run, role, person, links=settings.links, pinned=pinned)
        url = sign_url(settings.base_url, "join", query, settings.secret, settings.algorithm)
        return JoinLink(
            url=check_length(url, settings.longest_url),
            role=role,
            personal=True,
            person=person,
            session_id=run.session_id if pinned else None,
        )

    async def end_session(self, session: Session) -> None:
        """End a session, if it is the one that exists: the call ends whatever life there is."""
        meeting, internal = base.split_session_id(session.id)
        current = await self._look(meeting)
        if current is None or current.row.internalMeetingID != internal:
            raise Conflict("this session does not run any more", sent=Sent.NO)
        await self._end(current)

    async def _end(self, meeting: Meeting) -> None:
        """End a meeting, and wait until it is gone: the server does it some time afterwards."""
        query: dict[str, str | Secret] = {"meetingID": meeting.id}
        if meeting.row.moderatorPW:  # servers before 2.4 ask for it
            query["password"] = Secret(meeting.row.moderatorPW)
        # The call names no session: sent once more, it could end the next one.
        request = GET("/end", query=query, effect=Effect.NEVER_RETRY)
        exists = partial(self._exists, meeting)
        try:
            await self.call_guarded(request, exists, base.read_response)
        except NotFound as error:
            # An ended meeting is not found: docs/vendors/bigbluebutton.md#monitoring
            if not base.is_missing(error):
                raise
        for _ in range(END_POLLS):
            if not await exists():
                return
            await self.context.clock.sleep(END_WAIT)
        raise ProviderUnavailable(
            f"the server has accepted the end, and the meeting is still there after {END_POLLS} s",
            sent=Sent.YES,
            retryable=True,
        )

    async def _exists(self, meeting: Meeting) -> bool:
        current = await self._find_meeting(meeting.id)
        return (
            current is not None and current.row.internalMeetingID == meeting.row.internalMeetingID
        )

    async def _find_meeting(self, meeting: str) -> Meeting | None:
        """Return a meeting on the server, or None."""
        try:
            return await self.call(_get_meeting(meeting), rooms.read_meeting)
        except NotFound as error:
            if base.is_missing(error):
                return None
            raise

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions that the store knows of, and the one that exists on the server."""
        meeting = await self._look(room.id)
        stored = await self._store.list_sessions(room.id)
        if not stored and await self._store.find_room(room.id) is None:
            raise _no_room(room.id)
        yield [sessions.to_session(session, meeting) for session in stored]

    async def get_session(self, session_id: str) -> Session:
        """Return a session of the store, or the one that exists on the server."""
        meeting_id, internal = base.split_session_id(session_id)
        meeting = await self._look(meeting_id)
        return sessions.to_session(await self._find_stored_session(meeting_id, internal), meeting)

    async def _find_stored_session(self, meeting: str, internal: str) -> StoredSession:
        stored = await self._store.find_session(meeting, internal)
        if stored is None:
            raise NotFound(
                f"nothing is known of the session {base.session_id(meeting, internal)!r}"
            )
        return stored

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was in a session, by the best that is known of it.

        That is the callback at its end; or else webhooks; or else who was seen whenever this or
        `sessions` was called while it ran. Raises `NotAvailable` if nothing of it is known, which
        does not mean that nobody was there.
        """
        meeting_id, internal = base.split_session_id(session.id)
        records = deliveries.read_attendance(await self._store.list_pushed(internal))
        if records is not None:
            yield records
            return
        meeting = await self._look(meeting_id)
        sightings = await self._store.find_sightings(internal)
        if not sightings.at:
            await self._find_stored_session(meeting_id, internal)
            raise NotAvailable(
                "who was in this session is unknown: no callback and no webhook of it has come;"
                " set callback_url, or subscribe to webhooks, before a session begins",
                retryable=True,
            )
        running = meeting is not None and meeting.row.internalMeetingID == internal
        yield sessions.read_sightings(sightings, session.id, running=running)

    async def _look(self, meeting_id: str) -> Meeting | None:
        """Return a meeting on the server, and take note of who is in it, by the server's clock."""
        try:
            meeting, attendees, at = await self.call(_get_meeting(meeting_id), self._read_look)
        except NotFound as error:
            if base.is_missing(error):
                return None
            raise
        await self._store.note_run(meeting.run)
        await self._store.add_sighting(meeting.row.internalMeetingID, attendees, at)
        return meeting

    def _read_look(self, reply: Reply) -> tuple[Meeting, list[sessions.Attendee], int]:
        at = server_time(reply) or self.now
        attendees = sessions.read_attendees(reply)
        return rooms.read_meeting(reply), attendees, round(at.timestamp() * 1000)

    async def forget_session(self, session: Session) -> None:
        """Remove all that the store knows of a session, such as who was in it."""
        await self._store.remove_session(*base.split_session_id(session.id))

    # -- recordings

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings, also those that are not ready; with captions for those of a session."""
        if isinstance(of, Session):
            return self._recordings_of(of)
        query = {"meetingID": of.id} if of else {}
        return self._recordings(query)

    def _recordings(self, query: Mapping[str, str]) -> Pages[Recording]:
        request = GET("/getRecordings", query={**query, "state": recordings.STATES})
        return self.paginate(request, recordings.read_recordings, recordings.PAGES)

    async def _recordings_of(self, session: Session) -> Pages[Recording]:
        # The server takes it for the beginning of an id: docs/vendors/bigbluebutton.md#oddity-16
        recording_id = recordings.check_recording_id(base.split_session_id(session.id)[1])
        async for page in self._recordings({"recordID": recording_id}):
            same = [recording for recording in page if recording.session_id == session.id]
            yield replace_rows(page, [await self._add_captions(recording) for recording in same])

    async def _add_captions(self, recording: Recording) -> Recording:
        """Add the text tracks, which one call gives for one recording."""
        request = GET("/getRecordingTextTracks", query={"recordID": recording.id})
        try:
            tracks: Sequence[File] = await self.call(request, recordings.read_tracks)
        except (NotFound, NotAvailable):  # before 2.2, and behind some load balancers
            return recording
        return evolve(recording, files=(*recording.files, *tracks))

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording with all its formats."""
        query = {"recordID": recordings.check_recording_id(recording.id)}
        request = GET("/deleteRecordings", query=query, effect=Effect.IDEMPOTENT)
        try:
            await self.call(request, base.read_response)
        except NotFound as error:
            if not base.is_missing(error):
                raise

    @emulated
    async def delete_recordings(self, room: Room) -> None:
        """Delete the recordings of a room, one after another."""
        listed = [each async for page in self.list_recordings(room) for each in page]
        for recording in listed:
            await self.delete_recording(recording)

    async def publish_recording(self, recording: Recording | str, *, published: bool) -> None:
        """Let everybody watch a recording who has its address, or nobody."""
        query = {"publish": str(published).lower()}
        await self._change_recording("publishRecordings", recording, query)

    async def update_recording(
        self, recording: Recording | str, metadata: Mapping[str, str | None]
    ) -> None:
        """Set entries of a recording's metadata, and remove those that are None."""
        query = recordings.write_metadata(metadata)
        await self._change_recording("updateRecordings", recording, query)

    async def _change_recording(
        self, call: str, recording: Recording | str, query: Mapping[str, str]
    ) -> None:
        record_id = recordings.check_recording_id(_id_of(recording))
        request = GET(f"/{call}", query={"recordID": record_id, **query}, effect=Effect.IDEMPOTENT)
        self._check_length(request)
        await self.call(request, base.read_response)

    async def upload_captions(
        self, recording: Recording | str, content: bytes, *, language: str, label: str
    ) -> None:
        """Add a text track in WebVTT or SubRip; it is shown when the server has processed it."""
        # In the query, since bodies of uploads are not signed: docs/vendors/bigbluebutton.md#bodies
        query = {
            "recordID": recordings.check_recording_id(_id_of(recording)),
            "kind": "subtitles",
            "lang": language,
            "label": label,
        }
        file = Upload(filename="captions.vtt", content=content, media_type="text/vtt")
        request = POST(
            "/putRecordingTextTrack",
            query=query,
            files={"file": file},
            effect=Effect.IDEMPOTENT,
        )
        await self.call(request, recordings.confirm_upload)

    # -- events

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have the server's webhooks sent to `url`: of all meetings, or of those of these rooms.

        The server drops an address that does not answer for some minutes, so repeat it.
        """
        wanted: list[str | None] = [room.id for room in rooms]
        return [await self._subscribe(url, meeting) for meeting in wanted or [None]]

    async def _subscribe(self, url: str, meeting: str | None) -> WebhookSubscription:
        address = hooks.to_address(url, meeting)
        # Before the call: a webhook may overtake its reply, and is checked with this address.
        await self._store.add_address(address)
        request = GET(
            "/hooks/create",
            query=hooks.write_hook(address, meeting),
            effect=Effect.IDEMPOTENT,
        )
        return await self.call(request, partial(hooks.read_hook, url=url, meeting=meeting))

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Remove the webhooks of an address: all of them, or those of these rooms."""
        listed = await self.call(GET("/hooks/list"), hooks.read_hooks)
        ended = {hooks.to_address(url, room.id) for room in rooms}
        for hook in listed:
            mine = hook.callbackURL in ended if ended else hooks.belongs(hook.callbackURL, url)
            if mine:
                await self._remove_hook(str(hook.hookID))
        for address in await self._store.list_addresses():
            if address in ended or (not ended and hooks.belongs(address, url)):
                await self._store.remove_address(address)

    async def _remove_hook(self, hook_id: str) -> None:
        request = GET("/hooks/destroy", query={"hookID": hook_id}, effect=Effect.IDEMPOTENT)
        try:
            await self.call(request, base.read_response)
        except NotFound as error:
            if not base.is_missing(error):
                raise

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify a webhook or a callback, keep what it says of a session, and return its events.

        It is kept before this returns, so that what was answered with 200 is not lost.
        """
        settings = self.settings
        secrets = live_secrets(settings.secret, settings.secret_previous, field="secret")
        addresses = await self._store.list_addresses()
        if settings.callback_url is not None:
            addresses.append(settings.callback_url)
        pushed = deliveries.read_webhook(request, secrets, addresses, self.now)
        for document in pushed.documents:
            internal = document.session.internal
            await self._store.add_event(internal, document.key, document.body)
            await self._store.note_session(document.session)
        return Delivery(events=pushed.events)


def _get_meeting(meeting: str) -> Request:
    return GET("/getMeetingInfo", query={"meetingID": meeting})


def _id_of(recording: Recording | str) -> str:
    return recording.id if isinstance(recording, Recording) else recording


def _no_room(room_id: str) -> NotFound:
    return NotFound(f"neither the room store nor the server has a room {room_id!r}")
