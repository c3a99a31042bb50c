"""Webex's operations, one short method each. Paths are those of the Meetings API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from attrs import evolve

from conferencing.attendance import merge
from conferencing.capabilities import Features, emulated
from conferencing.errors import (
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotAvailable,
    ProviderError,
    Sent,
    UnsupportedOption,
)
from conferencing.http import (
    DELETE,
    GET,
    PATCH,
    POST,
    PUT,
    Effect,
    HTTPProvider,
    NoAuth,
    Request,
    TokenAuth,
    deep_merge,
    without_none,
    write_utc,
)
from conferencing.http.oauth import read_refreshed
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import (
    AccessToken,
    EntryKind,
    FileKind,
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
    SessionStatus,
    Template,
    Usage,
    WebhookSubscription,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomDraft
from conferencing.model.emails import same_email
from conferencing.provider import Pages, collect_rows, find_participant, find_row, replace_rows
from conferencing.webhooks.verification import live_secrets

from .settings import WebexSettings
from .wire import base, people, recordings, rooms, sessions
from .wire.base import check_run

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest

__all__ = ["Webex"]

PAGE: Final = {"max": 100}
SERIES: Final = {"current": "false"}
"""Asks for a whole series, and not for its next occurrence (docs/vendors/webex.md#oddity-2)."""

AHEAD: Final = timedelta(days=3653)
"""How far ahead Webex plans (docs/vendors/webex.md#times)."""

_FIELDS: Final = frozenset(
    [
        *("name", "description", "starts_at", "duration", "timezone", "recurrence", "entry"),
        *("registration", "approval", "waiting_room", "settings.auto_recording"),
        *("settings.public_chat", "settings.camera", "settings.microphone"),
    ]
)
_CREATED: Final = frozenset({"kind", "host", "people", "template"})
_OF_MEETINGS: Final = frozenset({"settings.private_chat"})
_TIMES: Final = frozenset({"starts_at", "duration", "timezone", "recurrence"})
_FORM: Final = frozenset({"registration", "approval"})

REPORTED: Final = timedelta(days=30)
"""The longest range of a report (docs/vendors/webex.md#reports)."""


class Webex(HTTPProvider[WebexSettings]):
    """Webex's meetings and webinars, registrants, runs and recordings."""

    name = "webex"
    settings_class = WebexSettings
    errors = base.ERRORS
    pages = base.PAGES
    features = Features(
        kinds=frozenset({RoomKind.MEETING, RoomKind.WEBINAR}),
        create_fields=_FIELDS | _CREATED | _OF_MEETINGS,
        update_fields=_FIELDS | _OF_MEETINGS,
        entry=frozenset({EntryKind.PASSCODE}),
        roles=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        attendance=Precision.SEGMENTS,
        resolution=timedelta(seconds=1),
        batch=100,  # assumed: Webex documents no size (docs/vendors/webex.md#registration)
        required=dict.fromkeys(["email", "first_name", "last_name"]),
        invites=frozenset({Role.HOST, Role.PRESENTER, Role.ATTENDEE}),
        hooks_of_rooms=False,  # the filters of hooks name runs
        limits={"name": 128, "description": 1300},
    )
    features_by_kind: ClassVar = {
        RoomKind.MEETING: evolve(
            features,
            roles=frozenset({Role.HOST, Role.ATTENDEE}),
            invites=frozenset({Role.HOST, Role.ATTENDEE}),
        ),
        RoomKind.WEBINAR: evolve(features, create_fields=_FIELDS | _CREATED, update_fields=_FIELDS),
    }

    def features_for(self, kind: RoomKind | None) -> Features:
        """Return what rooms of a kind have: meetings no presenters, webinars no private chat."""
        return self.features_by_kind.get(kind or RoomKind.MEETING, self.features)

    # -- credentials

    def auth(self) -> TokenAuth:
        """Authenticate by a token, the same for all calls."""
        settings = self.settings
        source = self.open_refresh_tokens(
            settings.refresh_token, self._exchange, owner=settings.client_id
        )
        return TokenAuth(source.fetch, self.context.clock)

    def headers(self) -> dict[str, str]:
        """Ask for times in the account's zone."""
        return {"timezone": self.settings.timezone} if self.settings.timezone else {}

    async def _exchange(self, refresh: Secret) -> Refreshed:
        form = {
            "grant_type": "refresh_token",
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
            "refresh_token": refresh,
        }
        # Webex usually returns the same refresh token, so that it may be sent again
        # (docs/vendors/webex.md#oauth).
        request = POST("/access_token", form=form, effect=Effect.IDEMPOTENT)
        return await self.call(request, read_refreshed, auth=NoAuth())

    def authenticates(self, url: str) -> bool:
        """Return whether a download needs the token: transcripts do, recordings have tickets.

        docs/vendors/webex.md#recordings
        """
        return url.startswith(f"{self.settings.base_url}/")

    async def check(self) -> None:
        """Fetch the user of the token."""
        await self.call(GET("/people/me"))

    # -- rooms

    def list_rooms(self, status: RoomStatus | None = None) -> Pages[Room]:
        """List series; a meeting that takes place once is one, too."""
        query = {"meetingType": "meetingSeries", **self._wide(), **PAGE}
        return self.paginate(GET("/meetings", query=query), rooms.read_rooms)

    async def get_room(self, room_id: str) -> Room:
        """Fetch a series with its planned dates, or one occurrence."""
        room = await self._get_room(Room(id=room_id))
        if room.recurrence is None:
            return room
        dates = {"meetingSeriesId": room_id, "meetingType": "scheduledMeeting"}
        request = GET("/meetings", query={**dates, **self._wide(room), **PAGE})
        pages = self.paginate(request, rooms.read_occurrences)
        return evolve(room, occurrences=tuple([date async for page in pages for date in page]))

    async def _get_room(self, room: Room) -> Room:
        query = SERIES | self._on_behalf(room)
        return await self.call(GET("/meetings/{id}", id=room.id, query=query), rooms.read_room)

    async def create_room(self, draft: RoomDraft) -> Room:
        """Create a room in the name of the host, and mail nobody."""
        host = draft.host.email if draft.host else self.settings.host
        others: dict[str, Any] = {"hostEmail": host, "siteUrl": self.settings.site}
        if draft.registration or draft.approval is not None:
            others["registration"] = rooms.write_form(draft.approval)
        if draft.kind is RoomKind.WEBINAR:
            others |= {"scheduledType": "webinar", "sessionTypeId": await self._webinar_type(host)}
        times = rooms.write_times(draft, None, self.now)
        request = POST("/meetings", json=rooms.write_room(draft, **times, **others))
        return await self.call(request, partial(rooms.read_room, timezone=times.get("timezone")))

    async def _webinar_type(self, host: str | None) -> int:
        request = GET("/meetings/sessionTypes", query=without_none(hostEmail=host))
        number = await self.call(request, rooms.read_webinar_type)
        if number is None:
            raise NotAvailable("this user has no licence for webinars", sent=Sent.NO)
        return number

    async def update_room(self, room: Room, changes: RoomDraft) -> Room:
        """Change a series or an occurrence; new times of a series undo changes of single dates."""
        names, times, on_behalf = changes.set_fields(), {}, self._on_behalf(room)
        # The zone is known from the creation, if at all (docs/vendors/webex.md#oddity-1).
        changed = evolve(await self._get_room(room), timezone=room.timezone)
        if names & _TIMES:
            times = rooms.write_times(changes, changed, self.now)
        if names - _FORM or changes.native:
            body = rooms.write_room(changes, **times, **on_behalf)
            # What mails is never sent twice (docs/vendors/webex.md#oddity-7).
            effect = Effect.NOTIFY if body.get("sendEmail") else Effect.IDEMPOTENT
            request = PATCH("/meetings/{id}", id=room.id, json=body, effect=effect)
            read = partial(rooms.read_room, timezone=times.get("timezone", room.timezone))
            changed = await self.call(request, read)
        if not names & _FORM:
            return changed
        if changes.registration is False:  # `hostEmail` is a header (docs/vendors/webex.md#general)
            await self.call(DELETE("/meetings/{id}/registration", id=room.id, headers=on_behalf))
        else:
            form = rooms.write_form(changes.approval, changed) | on_behalf
            await self.call(PUT("/meetings/{id}/registration", id=room.id, json=form))
        return evolve(await self._get_room(room), timezone=changed.timezone)

    async def delete_room(self, room: Room) -> None:
        """Delete a series with all its dates, or one occurrence, and mail nobody."""
        # By default, Webex mails people (docs/vendors/webex.md#oddity-7).
        query = {"sendEmail": "false", **self._on_behalf(room)}
        await self.delete(DELETE("/meetings/{id}", id=room.id, query=query))

    def list_templates(self) -> Pages[Template]:
        """List the templates of meetings and webinars, which come all at once."""
        return self.paginate(
            GET("/meetings/templates", query=self._on_behalf()), rooms.read_templates
        )

    # -- people and links

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        """Register one person; the personal link is mailed after approval."""
        request = self._post_people(room, "", people.write_registrant(draft))
        return await self.call(request, partial(people.read_participant, room_id=room.id))

    async def register_batch(
        self, room: Room, drafts: Sequence[RegistrationDraft]
    ) -> Sequence[Participant | ProviderError]:
        """Register up to 100 people: all of them or nobody."""
        body = {"items": [people.write_registrant(draft) for draft in drafts]}
        request = self._post_people(room, "/bulkInsert", body)
        return await self.call(request, partial(people.read_batch, room_id=room.id, drafts=drafts))

    async def approve_registration(self, room: Room, participant: Participant) -> Participant:
        """Approve a registration; Webex mails the person."""
        return await self._set_status(room, participant, "/approve")

    async def deny_registration(self, room: Room, participant: Participant) -> Participant:
        """Deny a registration; Webex mails the person."""
        return await self._set_status(room, participant, "/reject")

    async def _set_status(self, room: Room, participant: Participant, action: str) -> Participant:
        """Change a registration and read it back: Webex answers 204 also if there is none.

        docs/vendors/webex.md#registration
        """
        body = {"registrants": [{"id": participant.id}]}
        await self.call(self._post_people(room, action, body))
        return await self.get_participant(room, participant_id=participant.id, email=None)

    async def cancel_registration(self, room: Room, participant: Participant) -> None:
        """Cancel a registration; Webex mails the person, who is in no list any more."""
        body = {"registrants": [{"id": participant.id}]}
        await self.delete(self._post_people(room, "/cancel", body))

    def _post_people(self, room: Room, action: str, body: dict[str, Any]) -> Request:
        # `hostEmail` is in the query here, and in the body of other calls by POST
        # (docs/vendors/webex.md#general).
        path, query = "/meetings/{id}/registrants", SERIES | self._on_behalf(room)
        return POST(path + action, id=room.id, query=query, json=body, effect=Effect.NOTIFY)

    def list_participants(self, of: Room | Session) -> Pages[Participant]:
        """List the registrations of a room."""
        return self._participants(of)

    def _participants(self, of: Room | Session, **filters: str) -> Pages[Participant]:
        query = {**SERIES, **filters, **self._on_behalf(of), **PAGE}
        request = GET("/meetings/{id}/registrants", id=of.id, query=query)
        return self.paginate(request, partial(people.read_participants, room_id=of.id))

    async def get_participant(
        self, room: Room, *, participant_id: str | None, email: str | None
    ) -> Participant:
        """Fetch a registration by its id or by e-mail."""
        if participant_id is not None:
            path, query = "/meetings/{id}/registrants/{person}", SERIES | self._on_behalf(room)
            request = GET(path, id=room.id, person=participant_id, query=query)
            return await self.call(request, partial(people.read_participant, room_id=room.id))
        return await find_participant(self._participants(room, email=email or ""), email=email)

    async def invite(self, room: Room, invitation: Invitation) -> None:
        """Mail up to 100 people that they attend, present (in webinars), or are co-hosts."""
        items = people.write_invitation(invitation)
        body = {"meetingId": room.id, "items": items, **self._on_behalf(room)}
        body = deep_merge(body, invitation.native)
        await self.call(POST("/meetingInvitees/bulkInsert", json=body, effect=Effect.NOTIFY))

    async def join_link(
        self, room: Room, role: Role, person: Person | Participant | None, token: AccessToken | None
    ) -> JoinLink:
        """Return a link: the host's, that of a person, who may present a webinar, or the plain one."""
        if role is Role.ATTENDEE and person is None:
            plain = room if room.join_url else await self._get_room(room)
            return JoinLink(url=plain.join_url or "", role=role)
        who = person.person if person else Person()
        if role is Role.HOST:
            identity = {}  # without an address, the links are those of the host
        elif not who.email:
            raise InvalidRequest(
                "a personal link of Webex's needs an e-mail address", field="email"
            )
        else:
            identity = {"email": who.email, "displayName": who.display_name}
        if role is Role.PRESENTER:
            await self._add_panelist(room, who)
        if isinstance(person, Participant) and identity:
            identity["registrationId"] = person.native.get("registrationId")
        # Webinars take no `hostEmail`, and by default the answer would be a redirect to the link
        # (docs/vendors/webex.md#join-links).
        on_behalf = {} if room.kind is RoomKind.WEBINAR else self._on_behalf(room)
        fields = {"meetingId": room.id, "joinDirectly": False, **identity, **on_behalf}
        request = POST("/meetings/join", json=without_none(**fields), effect=Effect.IDEMPOTENT)
        return await self.call(
            request, partial(rooms.read_link, role=role, person=who if person else None)
        )

    async def _add_panelist(self, room: Room, person: Person) -> None:
        """Make a person a panelist without a mail, unless they are one."""
        # An invitee who is there already would be a 409 (docs/vendors/webex.md#errors).
        query = {"meetingId": room.id, "panelist": "true", **self._on_behalf(room), **PAGE}
        emails = self.paginate(GET("/meetingInvitees", query=query), people.read_emails)
        if await find_row(emails, lambda email: same_email(email, person.email)):
            return
        body = without_none(
            meetingId=room.id,
            email=person.email,
            displayName=person.display_name,
            panelist=True,
            sendEmail=False,
            **self._on_behalf(room),
        )
        await self.call(POST("/meetingInvitees", json=body))

    # -- sessions and their results

    async def end_session(self, session: Session) -> None:
        """End a run that goes on; its id is that of no later one."""
        if not await self._is_running(session):
            raise Conflict("this session is not running any more", sent=Sent.NO)
        request = POST("/meetings/{id}/end", id=session.id, effect=Effect.NEVER_RETRY)
        await self.call_guarded(request, lambda: self._is_running(session))

    async def _is_running(self, session: Session) -> bool:
        check_run(session.id)
        return (await self._get_run(session)).status is not SessionStatus.ENDED

    def list_sessions(self, room: Room) -> Pages[Session]:
        """List the runs of a room that Webex shows: some minutes after their start and end."""
        query = {"meetingSeriesId": base.series_of(room.id), "meetingType": "meeting"}
        request = GET("/meetings", query={**query, **self._wide(room), **PAGE})
        return self.paginate(request, sessions.read_sessions)

    async def get_session(self, session_id: str) -> Session:
        """Fetch a run."""
        return await self._get_run(Session(id=check_run(session_id)))

    async def _get_run(self, session: Session) -> Session:
        query = SERIES | self._on_behalf(session)
        request = GET("/meetings/{id}", id=session.id, query=query)
        return await self.call(request, sessions.read_session)

    async def list_attendance(self, session: Session) -> Pages[Attendance]:
        """List who was in a run, with a segment for each device; all rows are needed to merge them.

        Of a webinar that goes on, Webex lists only some people (docs/vendors/webex.md#attendance).
        """
        check_run(session.id)
        if session.status is not SessionStatus.ENDED:
            session = await self._get_run(session)
        is_meeting = session.native.get("scheduledType") == "meeting"
        if session.status is SessionStatus.RUNNING and not is_meeting:
            raise UnsupportedOption(
                "Webex reports who was in a webinar when it has ended", field="session"
            )
        # Panelists of a webinar look like those who attend.
        usual = Role.ATTENDEE if is_meeting else Role.UNKNOWN
        query = {"meetingId": session.id, **self._on_behalf(session), **PAGE}
        read = partial(sessions.read_attendance, session_id=session.id, usual=usual)
        rows = await collect_rows(self.paginate(GET("/meetingParticipants", query=query), read))
        yield replace_rows(rows, merge(rows))

    async def list_recordings(self, of: Room | Session | None) -> Pages[Recording]:
        """List recordings, each fetched for its links; those of a session have its transcripts."""
        query = {**self._wide(of), **PAGE, **({"meetingId": of.id} if of else {})}
        async for page in self.paginate(
            GET("/recordings", query=query), recordings.read_recordings
        ):
            yield replace_rows(page, [await self._get_recording(each, of) for each in page])

    async def _get_recording(self, listed: Recording, of: Room | Session | None) -> Recording:
        request = GET("/recordings/{id}", id=listed.id, query=self._on_behalf(of))
        recording = await self.call(request, recordings.read_recording)
        kinds = {file.kind for file in recording.files}
        # Transcripts are those of one run (docs/vendors/webex.md#ids).
        if not isinstance(of, Session) or FileKind.TRANSCRIPT in kinds:
            return recording
        query = {"meetingId": of.id, **self._wide(of), **PAGE}
        read = partial(recordings.read_transcripts, base_url=self.settings.base_url)
        files = await collect_rows(self.paginate(GET("/meetingTranscripts", query=query), read))
        return evolve(recording, files=(*recording.files, *files))

    async def delete_recording(self, recording: Recording) -> None:
        """Delete a recording for good."""
        query = self._on_behalf(recording)
        await self.delete(DELETE("/recordings/{id}", id=recording.id, query=query))

    @emulated
    async def delete_recordings(self, room: Room) -> None:
        """Delete the recordings of a room, one after another."""
        query = {"meetingId": room.id, **self._wide(room), **PAGE}
        pages = self.paginate(GET("/recordings", query=query), recordings.read_recordings)
        for recording in await collect_rows(pages):
            await self.delete_recording(recording)

    async def usage(
        self, since: datetime | None, until: datetime | None, tenant: str | None
    ) -> Pages[Usage]:
        """List the runs of a site, for administrators; without a range, those of the last 30 days."""
        if self.settings.site is None:
            raise ConfigurationError("the usage report is that of a site: set site", field="site")
        end = until or self.now + timedelta(days=1)  # Webex's clock may be ahead
        start = since or end - REPORTED
        while start < end:
            until = min(start + REPORTED, end)
            query = {
                "siteUrl": self.settings.site,
                "from": write_utc(start),
                "to": write_utc(until),
                "max": 1000,  # only reports have pages of this size (docs/vendors/webex.md#paging)
            }
            async for page in self.paginate(
                GET("/meetingReports/usage", query=query), sessions.read_usage
            ):
                yield page
            start = until

    # -- events

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read an event."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        secrets = live_secrets(settings.webhook_secret, settings.webhook_secret_previous)
        return events.read_webhook(request, secrets, settings.base_url)

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have events of the account sent: a hook for each kind, which Webex switches off at errors."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        secret, *_ = live_secrets(self.settings.webhook_secret)
        hooks = {hook.events[0]: hook for hook in await self._list_hooks(url)}
        for name in events.EVENTS:
            body = events.write_hook(name, url, secret, self.settings.host)
            if name not in hooks:
                hooks[name] = await self.call(POST("/webhooks", json=body), events.read_hook)
            elif not events.is_current(hooks[name], secret):
                changes = {key: body[key] for key in ("name", "targetUrl", "secret")}
                request = PUT(
                    "/webhooks/{id}", id=hooks[name].id, json={**changes, "status": "active"}
                )
                hooks[name] = await self.call(request, events.read_hook)
        return [hooks[name] for name in events.EVENTS]

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Delete the hooks for `url`."""
        for hook in await self._list_hooks(url):
            await self.delete(DELETE("/webhooks/{id}", id=hook.id))

    async def _list_hooks(self, url: str) -> list[WebhookSubscription]:
        from .wire import events  # noqa: PLC0415

        query = {**PAGE, **({"ownedBy": "org"} if self.settings.host else {})}
        hooks = await collect_rows(self.paginate(GET("/webhooks", query=query), events.read_hooks))
        return [hook for hook in hooks if hook.url == url and events.EVENTS.keys() & {*hook.events}]

    # -- helpers

    def _on_behalf(self, of: Room | Session | Recording | None = None) -> dict[str, str]:
        """Return whose object a call is about: only administrators and service apps say so.

        docs/vendors/webex.md#general
        """
        if self.settings.host is None:
            return {}
        return {"hostEmail": (of.native.get("hostEmail") if of else None) or self.settings.host}

    def _wide(self, of: Room | Session | None = None) -> dict[str, str]:
        """Return the widest range: without one, lists have a week (docs/vendors/webex.md#oddity-2)."""
        since, until = self.now - timedelta(days=self.settings.history), self.now + AHEAD
        return {"from": write_utc(since), "to": write_utc(until), **self._on_behalf(of)}
