"""GoTo Webinar's operations, one short method each. Paths are those of its API, version 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from conferencing.capabilities import Features, emulated
from conferencing.errors import (
    ConferencingError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    ProviderUnavailable,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    DELETE,
    GET,
    POST,
    PUT,
    Effect,
    HeaderAuth,
    Reply,
    Request,
    Token,
    unpack_id,
    write_utc,
)
from conferencing.http.oauth import RefreshingProvider
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import (
    AccessToken,
    JoinLink,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    Session,
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.model.emails import same_email
from conferencing.provider import Pages, find_participant, find_row, replace_rows, unverified
from conferencing.webhooks.verification import live_secrets

from .settings import GoToWebinarSettings
from .wire import base, people, recordings, rooms, sessions
from .wire.base import HAL, HAL_PAGES, LISTED, LISTED_PAGES

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest

    from .wire.events import HookRow, SubscriptionRow

__all__ = ["GoToWebinar"]

WEBINAR: Final = "/organizers/{organizer}/webinars/{webinar}"
LOOKS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""The seconds to wait before each look at whether a change shows that was accepted.

docs/vendors/gotowebinar.md#oddity-7
"""

_UPDATE_FIELDS: Final = frozenset(["name", "description", "starts_at", "duration", "timezone"])


class GoToWebinar(RefreshingProvider[GoToWebinarSettings]):
    """One organizer's webinars, their registrants, sessions, attendance and recordings."""

    name = "gotowebinar"
    settings_class = GoToWebinarSettings
    errors = base.ERRORS
    pages = HAL_PAGES
    # A refresh token usually stays good (docs/vendors/gotowebinar.md#oddity-14).
    token_effect = Effect.IDEMPOTENT
    probes_webhooks = True  # by a GET (docs/vendors/gotowebinar.md#oddity-15)
    features = Features(
        kinds=frozenset({RoomKind.WEBINAR}),
        create_fields=_UPDATE_FIELDS | {"kind"},
        update_fields=_UPDATE_FIELDS,
        entry=frozenset(),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(seconds=1),
        required={"email": None, "first_name": None, "last_name": None},
        invites=frozenset({Role.HOST, Role.PRESENTER}),
        hooks_of_rooms=False,
        limits={"name": 128, "description": 2048},
    )
    _organizer: str | None = None

    def headers(self) -> Mapping[str, str]:
        """Ask for JSON: another type loses answers (docs/vendors/gotowebinar.md#oddity-16)."""
        return {"Accept": "application/json"}

    # -- credentials

    async def fetch_token(self) -> Token:
        """Fetch a token, and with the first one the organizer's key, of which most say nothing.

        docs/vendors/gotowebinar.md#oddity-13
        """
        token = await super().fetch_token()
        self._organizer = self.settings.organizer_key or self._organizer
        if self._organizer is None:
            # The account's own credentials would wait for this very token.
            bearer = HeaderAuth("Authorization", token.value, setting="token", prefix="Bearer ")
            user = await self.call(self._get_user(), base.read_user, auth=bearer)
            self._organizer = str(user.key)
        return token

    def read_refreshed(self, reply: Reply) -> Refreshed:
        """Read a token, and the organizer's key if it is there."""
        self._organizer = self._organizer or base.read_organizer(reply)
        return super().read_refreshed(reply)

    def _get_user(self) -> Request:
        return GET("/me", base_url=self.settings.identity_url)

    async def _find_organizer(self) -> str:
        if self._organizer is None:
            await self.tokens.acquire()
        return self._organizer or ""

    async def check(self) -> None:
        """Fetch a token and the user."""
        await self.call(self._get_user(), base.read_user)

    # -- rooms

    async def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List the organizer's webinars of the days `history` and `horizon`.

        Lists do not say what runs: `live` asks for what is in session now.
        """
        live = status is RoomStatus.LIVE
        request = GET(
            "/organizers/{organizer}/" + ("insessionWebinars" if live else "webinars"),
            organizer=await self._find_organizer(),
            query=self._window() | ({} if live else HAL),
        )
        if live:
            yield await self.call(request, partial(rooms.read_live_rooms, now=self.now))
            return
        async for page in self.paginate(request, partial(rooms.read_rooms, now=self.now)):
            yield page

    def _window(self) -> dict[str, Any]:
        # Both bounds are required (docs/vendors/gotowebinar.md#rooms).
        start = self.now - timedelta(days=self.settings.history)
        end = self.now + timedelta(days=self.settings.horizon)
        return {"fromTime": write_utc(start), "toTime": write_utc(end)}

    async def get_room(self, room_id: str) -> Room:
        """Fetch a webinar by its key, not by the number that people dial in with."""
        request = await self._in_webinar(GET, "", room_id)
        return await self.call(request, partial(rooms.read_room, now=self.now))

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a webinar of one date, unless `native` describes several, and read it."""
        if not draft.name and "subject" not in draft.native:
            raise InvalidRequest("GoTo needs a name for a webinar", field="name")
        body = rooms.write_room(draft, self.now)
        organizer = await self._find_organizer()
        request = POST("/organizers/{organizer}/webinars", organizer=organizer, json=body)
        key = await self.call(request, rooms.read_key)
        try:
            return await self.get_room(key)
        except ConferencingError:  # it is created all the same
            return rooms.to_created_room(key, body, self.now)

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a future webinar: read it, send all of it, and wait until the change shows.

        Raises `ProviderUnavailable` if GoTo accepts the change, and shows the former state for long.
        """
        get = await self._in_webinar(GET, "", room.id)
        # PUT replaces the whole definition (docs/vendors/gotowebinar.md#oddity-8).
        before = await self.call(get, rooms.read_definition)
        body = rooms.write_changes(before, changes)
        await self.call(await self._in_webinar(PUT, "", room.id, json=body))
        for wait in LOOKS:
            await self.context.clock.sleep(wait)
            changed = await self.get_room(room.id)
            if not rooms.is_pending(body, before, changed):
                return changed
        raise ProviderUnavailable(
            "GoTo accepted the change, and does not show it yet; fetch the room later",
            sent=Sent.YES,
        )

    async def delete_room(self, room: Room) -> None:
        """Delete a webinar, and mail nobody: this date only, or with `delete_all` all dates.

        GoTo's default would be all of them (docs/vendors/gotowebinar.md#oddity-9).
        """
        query = {"deleteAll": str(self.settings.delete_all).lower()}
        await self.delete(await self._in_webinar(DELETE, "", room.id, query=query))

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register one person; a registered one keeps the registration and its link.

        With `confirmation`, that person gets the confirmation again.
        """
        body = people.write_registrant(draft)
        query = {"resendConfirmation": "true"} if draft.confirmation else {}
        request = await self._in_webinar(
            POST, "/registrants", room.id, json=body, query=query, effect=Effect.NOTIFY
        )
        read = partial(people.read_registered, room_id=room.id, draft=draft)
        # A 409 has the registration that exists (docs/vendors/gotowebinar.md#oddity-3).
        participant = await self.call(request, read, errors=base.ERRORS.accepting(409))
        if participant is None:
            email, pages = draft.person.email, self.list_participants(room)
            participant = await find_row(pages, lambda each: same_email(each.email, email))
        if participant is None:
            raise Conflict("GoTo refused this registration, and lists no former one", sent=Sent.YES)
        # A registration that was found in the list existed before.
        return evolve(participant, existed=participant.existed is not False)

    async def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrants of a webinar, in every status, without their answers."""
        request = await self._in_webinar(GET, "/registrants", of.id, query=LISTED)
        read = partial(people.read_participants, room_id=of.id)
        async for page in self.paginate(request, read, LISTED_PAGES):
            yield page

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch a registration by its key; by e-mail, look through all of them."""
        if participant_id is not None:
            path = "/registrants/{registrant}"
            request = await self._in_webinar(GET, path, room.id, registrant=participant_id)
            return await self.call(request, partial(people.read_participant, room_id=room.id))
        return await find_participant(self.list_participants(room), email=email)

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Delete a registration, which GoTo permits until the webinar begins."""
        path, key = "/registrants/{registrant}", participant.id
        await self.delete(await self._in_webinar(DELETE, path, room.id, registrant=key))

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Make people panelists or co-organizers, which mails them."""
        if invitation.role is Role.PRESENTER:
            await self.call(await self._add_presenters(room, invitation.people))
            return
        body = people.write_hosts(invitation.people)
        await self.call(
            await self._in_webinar(POST, "/coorganizers", room.id, json=body, effect=Effect.NOTIFY)
        )

    async def _add_presenters(self, room: Room, persons: Sequence[Person]) -> Request:
        body = people.write_presenters(persons)
        return await self._in_webinar(POST, "/panelists", room.id, json=body, effect=Effect.NOTIFY)

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return a link: the organizer's, a panelist's, that of a registration, or the form's.

        A person who is not registered becomes so, and a presenter a panelist; GoTo mails both.
        """
        if role is Role.HOST:
            request = GET("/webinars/{webinar}/startUrl", webinar=room.id)
            return await self.call(request, rooms.read_host_link)
        if role is Role.PRESENTER:
            return await self._presenter_link(room, person)
        if person is None:
            current = room if room.join_url else await self.get_room(room.id)
            return JoinLink(url=current.join_url or "")
        if not isinstance(person, Participant) or person.id is None:
            person = await self.register(room, RegistrationDraft(person=person.person))
        return await self.find_link(room, person)

    async def _presenter_link(self, room: Room, person: Person | Participant | None) -> JoinLink:
        if person is None or not person.email:
            raise UnsupportedOption(
                "GoTo has a link for each presenter: name a person with an e-mail address",
                field="person",
            )
        # Adding a panelist mails the person, so look first.
        who = person.person
        read = partial(people.read_presenter_link, person=who)
        link = await self.call(await self._in_webinar(GET, "/panelists", room.id), read)
        link = link or await self.call(await self._add_presenters(room, [who]), read)
        if link is None:
            raise MalformedResponse("the reply has no link for the panelist added", path="$")
        return link

    # -- sessions and their results

    async def list_sessions(self, room: Room) -> Pages[Session]:
        """List the sessions that have ended; of a running one, GoTo reports nothing."""
        request = await self._in_webinar(GET, "/sessions", room.id, query=HAL)
        read = partial(sessions.read_sessions, room_id=room.id)
        async for page in self.paginate(request, read):
            yield page

    @emulated
    async def get_session(self, session_id: str) -> Session:
        """Find a session in the list: the call for a single one returns attendees.

        docs/vendors/gotowebinar.md#oddity-11
        """
        webinar, _ = unpack_id(session_id, 2, "session")
        pages = self.list_sessions(Room(id=webinar))
        session = await find_row(pages, lambda each: each.id == session_id)
        if session is None:
            raise NotFound(f"webinar {webinar} has no session {session_id} that has ended")
        return session

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List which registrants were in a session, without organizers and panelists."""
        webinar, key = unpack_id(session.id, 2, "session")
        request = await self._in_webinar(GET, "/sessions/{session}/attendees", webinar, session=key)
        page = await self.call(request, partial(sessions.read_attendance, session_id=session.id))
        yield replace_rows(page, sessions.merge_attendance(page))

    def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List the finished recordings of a webinar, of its only session, or of the account."""
        if isinstance(of, Session):
            return self._recordings_of(of)
        if of is None:
            return self._account_recordings()
        request = GET("/webinars/{webinar}/recordingAssets", webinar=of.id, query=LISTED)
        read = partial(recordings.read_recordings, room_id=of.id)
        return self.paginate(request, read, LISTED_PAGES)

    async def _recordings_of(self, session: Session) -> Pages[Recording]:
        """List a webinar's recordings, which do not name a session, if it had no other one."""
        room = Room(id=unpack_id(session.id, 2, "session")[0])
        if [each.id async for page in self.list_sessions(room) for each in page] != [session.id]:
            raise UnsupportedOption(
                "GoTo does not report the session of a recording, and this webinar did not have"
                " exactly one; list those of the room",
                field="of",
            )
        async for page in self.list_recordings(room):
            yield replace_rows(page, (evolve(each, session_id=session.id) for each in page))

    async def _account_recordings(self) -> Pages[Recording]:
        request = POST(
            "/recordingassets/search",
            # Without `includes`, no webinar is named (docs/vendors/gotowebinar.md#recordings).
            query={**HAL, "includes": "recordingShareUrl,webinarKey"},
            json={"accountKey": await self._find_account()},
            effect=Effect.READ,
        )
        async for page in self.paginate(request, recordings.read_found_recordings):
            yield page

    async def _find_account(self) -> str:
        if self.settings.account_key is not None:
            return self.settings.account_key
        key = (await self.call(self._get_user(), base.read_user)).accountKey
        if key is None:
            raise NotAvailable("GoTo does not name the account of this user; set account_key")
        return str(key)

    # -- events

    @unverified
    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read an event, whose signature GoTo has not published."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        secrets = live_secrets(settings.webhook_secret, settings.webhook_secret_previous)
        return events.read_webhook(request, secrets)

    @unverified
    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have all events of the organizer sent to `url`, which has to answer 200 to a GET."""
        from .wire import events  # noqa: PLC0415

        hooks = await self._list_hooks(url)
        missing = sorted(events.EVENTS - {hook.eventName for hook in hooks})
        if missing:
            request = POST("/webhooks", json=events.write_hooks(url, missing))
            hooks += await self.call(request, partial(events.read_hooks, url=url))
        if len(hooks) < len(events.EVENTS):
            raise MalformedResponse("the reply lacks webhooks that were created", path="$")
        keys = [str(hook.webhookKey) for hook in hooks]
        # Webhooks are born inactive (docs/vendors/gotowebinar.md#oddity-15).
        idle = [str(hook.webhookKey) for hook in hooks if hook.state != "ACTIVE"]
        if idle:
            await self.call(
                PUT("/webhooks", json=[{"webhookKey": key, "state": "ACTIVE"} for key in idle])
            )
        subscribed = {str(each.webhookKey) for each in await self._list_subscriptions(keys)}
        others = [{"webhookKey": key} for key in keys if key not in subscribed]
        if others:
            await self.call(POST("/userSubscriptions", json=others))
        return [events.to_subscription(hook) for hook in hooks]

    @unverified
    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Delete the subscriptions and webhooks for `url`."""
        keys = [str(hook.webhookKey) for hook in await self._list_hooks(url)]
        subscriptions = await self._list_subscriptions(keys)
        if subscriptions:
            ids = [str(each.userSubscriptionKey) for each in subscriptions]
            await self.delete(DELETE("/userSubscriptions", json=ids))
        if keys:
            await self.delete(DELETE("/webhooks", json=keys))

    async def _list_hooks(self, url: str) -> list[HookRow]:
        from .wire import events  # noqa: PLC0415

        read = partial(events.read_hooks, url=url)
        return await self.call(GET("/webhooks", query=events.PRODUCT), read)

    async def _list_subscriptions(self, hooks: Sequence[str]) -> list[SubscriptionRow]:
        from .wire import events  # noqa: PLC0415

        read = partial(events.read_subscriptions, hooks=hooks)
        return await self.call(GET("/userSubscriptions", query=events.PRODUCT), read)

    # -- helpers

    async def _in_webinar(
        self, build: Callable[..., Request], path: str, webinar: str, **parts: Any
    ) -> Request:
        """Return a request below a webinar of the organizer's."""
        organizer = await self._find_organizer()
        return build(WEBINAR + path, organizer=organizer, webinar=webinar, **parts)
