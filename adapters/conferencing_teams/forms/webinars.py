"""Webinars, which only a signed-in organizer makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import evolve

from conferencing.errors import (
    ConferencingError,
    Conflict,
    InvalidRequest,
    NotFound,
    Sent,
    UnsupportedOption,
)
from conferencing.http import GET, PATCH, POST, Effect, Reply, Request, suppress_missing
from conferencing.model import (
    JoinLink,
    Participant,
    Person,
    RegistrationStatus,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.drafts import RegistrationDraft, RoomDraft
from conferencing.model.zones import zone_name
from conferencing.provider import Pages
from conferencing_teams.client import GraphProvider, MeetingPath, join_paths
from conferencing_teams.wire import people, webinars
from conferencing_teams.wire.base import RoomKey, quote_literal
from conferencing_teams.wire.meetings import HOUR, plan_times
from conferencing_teams.wire.webinars import SessionRow

from .base import build_unsupported, find_meeting, undo_unless

__all__ = ["WebinarForm"]

ROOT: Final = "/solutions/virtualEvents/webinars"
NO_MEETING: Final = "Graph does not show a meeting of this webinar"
ACTIONS: Final = {RoomStatus.OPEN: "publish", RoomStatus.ENDED: "cancel"}


class WebinarForm:
    """Webinars: with registration, by two tokens."""

    def __init__(self, graph: GraphProvider) -> None:
        self._graph = graph

    # -- rooms

    async def list_rooms(self) -> Pages[Room]:
        """List the webinars of the organizer, without the canceled ones."""
        graph = self._graph
        # An app on its own has to name the organizer (docs/vendors/teams.md#webinars).
        if graph.organizer_auth:
            request = GET(f"{ROOT}/getByUserRole(role='organizer')")
        else:
            owner = await graph.find_owner()
            request = GET(
                f"{ROOT}/getByUserIdAndRole(userId='{{owner}}',role='organizer')", owner=owner
            )
        read = partial(webinars.read_rooms, now=graph.now)
        async for page in graph.list_pages(request, read):
            yield page

    async def get(self, key: RoomKey) -> Room:
        """Fetch a webinar."""
        return await self._graph.call(GET(f"{ROOT}/{{webinar}}", webinar=key.id), self._reader())

    async def create(self, draft: RoomDraft) -> Room:
        """Create a webinar and publish it, so that people can register."""
        now = self._graph.now
        times = plan_times(draft, now) or (now, now + HOUR)
        # Graph takes no key by which it would know a repetition (docs/vendors/teams.md#forms).
        request = POST(ROOT, json=webinars.write_webinar(draft, times, draft.timezone))
        room = await self._graph.call(request, self._reader())
        key = self._graph.split_id(room.id)
        await undo_unless(self._act(key, "publish"), lambda: self.delete(key))
        # Graph's reply describes the draft, from before it was published.
        return evolve(room, status=RoomStatus.OPEN) if _is_now(room, now) else room

    async def update(self, room: Room, changes: RoomDraft) -> Room:
        """Change a webinar; `status` publishes a draft, or cancels it for good."""
        key = self._graph.split_id(room.id)
        action = _find_action(changes.status)
        times, zone = await self._plan_update(key, changes)
        body = webinars.write_webinar(changes, times, zone)
        changed = await self._patch(key, body) if body else None
        if action:
            await self._act(key, action)
        return changed if changed and not action else await self.get(key)

    async def _patch(self, key: RoomKey, body: object) -> Room:
        request = PATCH(f"{ROOT}/{{webinar}}", webinar=key.id, json=body, effect=Effect.IDEMPOTENT)
        return await self._graph.call(request, self._reader())

    async def _plan_update(
        self, key: RoomKey, changes: RoomDraft
    ) -> tuple[tuple[datetime, datetime] | None, str | None]:
        parts = (changes.starts_at, changes.duration, changes.timezone)
        if all(part is None for part in parts):
            return None, None
        if changes.starts_at and changes.duration:
            return plan_times(changes, self._graph.now), changes.timezone
        current = await self.get(key)
        moved = evolve(changes, starts_at=changes.starts_at or current.starts_at)
        zone = changes.timezone or zone_name(changes.starts_at) or current.timezone
        return plan_times(moved, self._graph.now, current), zone

    async def delete(self, key: RoomKey) -> None:
        """Cancel a webinar, for good: Graph deletes none, and refuses to cancel it again."""
        try:
            await self._act(key, "cancel")
        except NotFound as error:
            if error.sent is Sent.NO:  # the address of the token was not found
                raise
            return
        except InvalidRequest as error:
            failed = error
        else:
            return
        # Canceling twice is refused, as after a try whose reply was lost
        # (docs/vendors/teams.md#oddity-11).
        if failed.sent is Sent.NO or not await self._is_canceled(key):
            raise failed

    async def _is_canceled(self, key: RoomKey) -> bool:
        try:
            room = await self.get(key)
        except ConferencingError:
            return False
        return webinars.is_canceled(room)

    async def _act(self, key: RoomKey, action: str) -> None:
        # The metadata has another path, below `events` (docs/vendors/teams.md#oddity-10).
        request = POST(f"{ROOT}/{{webinar}}/{action}", webinar=key.id, effect=Effect.IDEMPOTENT)
        await self._graph.call(request)

    async def settings(self, key: RoomKey) -> RoomSettings:
        """Refuse: Graph has no settings of webinars."""
        raise build_unsupported(
            "Graph has no settings of webinars that the model knows", "room_settings"
        )

    # -- sessions

    async def list_paths(self, key: RoomKey, room: Room | None = None) -> Sequence[MeetingPath]:
        """Return the paths of the sessions of a webinar."""
        return [self.session_path(key, row.id) for row in await self._sessions(key)]

    def session_path(self, key: RoomKey, session_id: str) -> MeetingPath:
        """Return the path of one session."""
        base = GET(f"{ROOT}/{{webinar}}/sessions/{{session}}", webinar=key.id, session=session_id)
        return MeetingPath(base, session_id)

    async def find_online_meeting(self, key: RoomKey, room: Room | None = None) -> tuple[str, str]:
        """Return owner and id of the meeting behind the session of a webinar."""
        owner = await self._graph.find_owner()
        for row in await self._sessions(key):
            if row.joinWebUrl:
                return owner, (await find_meeting(self._graph, owner, row.joinWebUrl)).id
        raise Conflict(NO_MEETING)

    async def _sessions(self, key: RoomKey) -> list[SessionRow]:
        pages = self._graph.list_pages(_get_sessions(key), webinars.read_sessions)
        return [row async for page in pages for row in page]

    # -- people and links

    async def register(self, key: RoomKey, draft: RegistrationDraft) -> Participant:
        """Register a person in the app's name. Graph confirms it without an id and without a link."""
        settings = self._graph.settings
        # Questions are read with the organizer's token, which the account may lack.
        questions = await self._questions(key) if draft.fields else []
        body = people.write_registration(
            draft, questions, language=settings.language, timezone=settings.timezone
        )
        request = POST(
            f"{ROOT}/{{webinar}}/registrations",
            webinar=key.id,
            json=body,
            effect=Effect.NOTIFY,
        )
        await self._graph.call(request)
        return people.to_registered(draft, str(key))

    async def _questions(self, key: RoomKey) -> list[people.QuestionRow]:
        request = GET(f"{ROOT}/{{webinar}}/registrationConfiguration/questions", webinar=key.id)
        pages = self._graph.list_pages(request, people.read_questions)
        return [row async for page in pages for row in page]

    def list_participants(self, key: RoomKey) -> Pages[Participant]:
        """List the registrations, without the canceled ones."""
        request = GET(f"{ROOT}/{{webinar}}/registrations", webinar=key.id)
        read = partial(people.read_participants, room_id=str(key))
        return self._graph.list_pages(request, read)

    async def get_participant(
        self, key: RoomKey, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch a registration by its id or by its address."""
        request = _get_registration(key, participant_id, email)
        return await self._graph.call(request, partial(people.read_participant, room_id=str(key)))

    async def cancel_registration(self, key: RoomKey, participant: Participant) -> None:
        """Cancel a registration."""
        registration = _get_registration(key, participant.id, participant.email)
        cancel = POST("/cancel", effect=Effect.IDEMPOTENT)
        await self._graph.delete(join_paths(registration, cancel))

    async def join_link(
        self, key: RoomKey, role: Role, person: Person | Participant | None
    ) -> JoinLink:
        """Return the own link of somebody who is registered, or registers now; else that for all."""
        if role is not Role.ATTENDEE or person is None:
            who = person.person if person else None
            read = partial(webinars.read_session_link, role=role, person=who)
            return await self._fetch_link(_get_sessions(key), read)
        participant = await self._find_or_register(key, person)
        registration = _get_registration(key, participant.id, participant.email)
        request = join_paths(registration, GET("/sessions"))
        read = partial(
            webinars.read_session_link, role=role, person=participant.person, personal=True
        )
        return await self._fetch_link(request, read)

    async def _fetch_link(
        self, request: Request, read: Callable[[Reply], JoinLink | None]
    ) -> JoinLink:
        link = await self._graph.call(request, read)
        if link is None:
            raise Conflict(NO_MEETING)
        return link

    async def _find_or_register(self, key: RoomKey, person: Person | Participant) -> Participant:
        if isinstance(person, Participant) and person.id is not None:
            return person
        if person.email is None:
            raise UnsupportedOption(
                "people of a webinar are known by their e-mail addresses", field="person"
            )
        with suppress_missing():
            found = await self.get_participant(key, None, person.email)
            # Graph also finds canceled ones (docs/vendors/teams.md#registrations).
            if found.status is not RegistrationStatus.CANCELLED:
                return found
        # The reply has no id; the address finds the registration
        # (docs/vendors/teams.md#oddity-7).
        await self.register(key, RegistrationDraft(person=person.person))
        return await self.get_participant(key, None, person.email)

    # -- helpers

    def _reader(self) -> Callable[[Reply], Room]:
        return partial(webinars.read_room, now=self._graph.now)


def _find_action(status: RoomStatus | None) -> str | None:
    if status is None or status in ACTIONS:
        return ACTIONS[status] if status else None
    raise UnsupportedOption(
        "the status of a webinar can become open (published) or ended (canceled)", field="status"
    )


def _is_now(room: Room, now: datetime) -> bool:
    """Return whether a webinar, published by now, has begun."""
    ends_at = room.ends_at
    return room.starts_at is not None and ends_at is not None and room.starts_at <= now < ends_at


def _get_sessions(key: RoomKey) -> Request:
    return GET(f"{ROOT}/{{webinar}}/sessions", webinar=key.id)


def _get_registration(key: RoomKey, participant_id: str | None, email: str | None) -> Request:
    """Return the request for a registration. The address is a key in the path.

    Its quotes are doubled, and then the whole of it is encoded (docs/vendors/teams.md#queries).
    """
    path = f"{ROOT}/{{webinar}}/registrations"
    if participant_id is not None:
        return GET(f"{path}/{{registration}}", webinar=key.id, registration=participant_id)
    address = quote_literal(email or "")
    return GET(f"{path}(email='{{email}}')", webinar=key.id, email=address)
