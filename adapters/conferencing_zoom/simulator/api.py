"""A simulator of Zoom's REST API, OAuth, downloads and webhooks: state, wire format and refusals.

**Documented** (Zoom's reference of 2025 and 2026): paths, methods, field names, enumerations,
defaults and limits; the three grants of the token endpoint, with refresh tokens that are spent by
their use; codes of errors with `errors[]` by dotted field; 201 for creations and 204 without a body
for changes; one space of numbers for meetings and webinars; a new uuid for each run; double-encoded
uuids; pages of 30 to 300 with a token of 15 minutes; approval of registrants, 30 at once; `join_url`
only for the approved; a row for each join; `registrant_id` only if asked for; blank ids and addresses
of guests; recordings of today without dates, a month at most; trash of 30 days; downloads by 302;
the signature, challenge and waits of webhooks.

**Observed** (replies quoted by users, and programs that work with the live service): texts of
errors; a uuid that is not encoded twice is looked for without its slashes; `approval_type` of a
permanent room is dropped with 204; 100 creations and updates of a host and 3 registrations of an
address a day, with `Retry-After` as a date and time; the same address gets the same registrant;
`type` of recordings as text; refused downloads as HTML with 200.

**Guessed**: ending a room where nothing runs is 204; a batch is refused as a whole; lists have the
newest start first; a run ends a minute after the last one left; rows of breakout rooms beside those
of the meeting; `me` without a user is 404 with 1001; a webinar's path with a meeting's number is
404 with 3001; unknown paths are 404 with 2300; the join pages; once by default for a recurrence.

**Left out**: the registration form and its page, consent (a test calls `tokens.add_code`), account
settings, dashboards apart from participants, chat, devices. Rate limits of a second are off by
default, because a world's clock stands still.

**Quirks**, on by default: `passcode_required` (the account makes up passcodes), `daily_limits`,
`ends_when_empty`, `undeletable_while_running` (old documents only), `one_person_runs` (the account
shows runs of one person), `ids_as_text` (in events about runs). Off by default, documented or
observed: `no_plan_in_200`, `invalid_client_is_401`, `rate_limits`, `bare_429`,
`one_person_reports`, `late_rows`, `duplicate_rows`, `blank_people`, `only_audio_files`,
`lose_left`, `fractional_times` (in reports of webinars), `other_language`
(texts of errors in French), `end_idle_is_400`, `auto_record` (a room that is set to be recorded is, ready 5 minutes
after the run). For tests: `refuse_unknown`, `failures_in_200`, `missing_fields`, `extra_fields`,
`other_spellings` (`id` as text), `other_file_host` (files are on `localhost`). Of the sender of
webhooks: `duplicate_webhooks`, `reorder_webhooks`, `delay_webhooks` (by an hour).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar, Final, cast

from attrs import evolve

from conferencing.model import RoomKind
from conferencing.sandbox import WEBHOOK_QUIRKS, WebhookSender
from conferencing.sandbox.kit import Fields, Refusal, read_query
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing.world import Change, Visit

from . import (
    join,
    library,
    past,
    people,
    recording_calls,
    registrant_calls,
    reports,
    room_calls,
    room_lists,
    users,
)
from .bodies import PATH_IDS, read_body, read_reply
from .downloads import answer_file
from .endpoints import Endpoints, check_scope
from .errors import error_answer, refuse
from .events import build_events
from .limits import LimitReached, count_second, rate_headers
from .recording_calls import empty_trash
from .recordings import record_by_itself, take_ready
from .rooms import sync_room
from .runs import end_empty_runs
from .state import App, Event, ZoomState
from .tokens import ZoomTokens, answer_token
from .webhooks import (
    CHALLENGE_EVERY,
    RETRY_AFTER,
    challenge_answer,
    challenge_body,
    signature_headers,
    write_event,
)

__all__ = ["ENDPOINTS", "ZoomSimulator"]

CONVERTED: Final = {2: 5, 3: 6, 8: 9, 5: 2, 6: 3, 9: 8}
"""The types of meetings and webinars that become each other."""

ENDPOINTS: Final = Endpoints(
    users.endpoints,
    room_lists.endpoints,
    recording_calls.endpoints,
    registrant_calls.endpoints,
    people.endpoints,
    room_calls.endpoints,
    reports.endpoints,
    past.endpoints,
    library.endpoints,
)


class ZoomSimulator(ZoomState):
    """Answer as Zoom does, and send its webhooks to the addresses in `receivers`."""

    default_quirks: ClassVar[Mapping[str, bool]] = {**ZoomState.default_quirks, **WEBHOOK_QUIRKS}

    def reset(self) -> None:
        """Forget everything; the credentials stay the same, tokens do not."""
        super().reset()
        self.tokens = ZoomTokens(self.world.random.randbytes(32), self)
        self.app = self.tokens.add_app(
            App(
                id=self.make_key("client", 22),
                secret=self.make_key("client secret", 32),
                scopes=ENDPOINTS.scopes(),
            )
        )
        self._handled = 0
        self.receivers: dict[str, datetime] = {}
        self.sender = WebhookSender(
            self.world,
            lambda body, at: signature_headers(self.secret_token, body, at),
            quirks=self.quirks,
            retry_after=RETRY_AFTER,
        )
        self.webhooks = self.sender
        self.world.observers.append(self._observe)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account: of an app on its own, or in the dialect `user` of a user's."""
        keys = {
            "client_id": self.app.id,
            "client_secret": self.app.secret,
            "webhook_secret": self.secret_token,
            "base_url": f"{self.root}/v2",
            "auth_url": f"{self.root}/oauth",
        }
        if dialect == "user":
            subject = f"{self.app.id} {self.host.id}"
            refresh_token = self.tokens.add_refresh_token(self.app.id, subject)
            # Zoom replaces the token at each use: the new one is known until the process ends.
            return {**keys, "refresh_token": refresh_token, "token_store": "memory", "host": "me"}
        return {**keys, "account_id": self.account_id, "host": self.host.email}

    # -- calls

    def handle(self, call: Call) -> Answer:
        """Answer a call. Each reply has an id for support, and `Date` is that of the world."""
        date = format_datetime(self.world.now, usegmt=True)
        self._handled += 1
        request_id = self.make_key(f"request/{self._handled}", 32).upper()
        tracking = f"v=2.0;clid=us06;rid=WEB_{request_id}"
        answer = super().handle(call)
        return answer.with_headers({"Date": date, "x-zm-trackingid": tracking})

    def answer(self, call: Call) -> Answer:
        """Answer a call: tokens and files first, then the token, the path, scope and limits."""
        self.catch_up()
        if call.path == "/oauth/token":
            return answer_token(self, self.tokens, call)
        file = answer_file(self, self.tokens, call)
        if file is not None:
            return file
        caller = self.tokens.read_caller(call.headers.get("authorization", ""))
        match = ENDPOINTS.router.find(call.method, call.path)
        if match is None:
            raise refuse(404, 2300, "This API endpoint is not recognized.")
        route, parts = match
        endpoint = ENDPOINTS.details[route.function]
        check_scope(caller, endpoint.scope_of(parts))
        count_second(self, endpoint.label)
        self.path = call.path
        fields = self._read_fields(call, route.parameters)
        answer = cast("Answer", route(self, fields, caller, **parts))
        return answer.with_headers(rate_headers(self, endpoint.label))

    def _read_fields(self, call: Call, parameters: frozenset[str]) -> Fields:
        """Return the parameters; of a call with a body, the query has a few of them as text."""
        values: dict[str, Any] = read_query(call.query)
        has_body = call.method in {"POST", "PATCH", "PUT"}
        if has_body:
            values |= read_body(call.body)
        # Clients send ids of the path again: docs/vendors/zoom.md#general
        ids = PATH_IDS - parameters
        values = {name: value for name, value in values.items() if name not in ids}
        fields = self.fields(values, from_text=not has_body)
        fields.only(*parameters)
        return fields

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return `{"code", "message"}`; a limit that is reached has headers."""
        answer = error_answer(refusal, french=self.quirks["other_language"])
        if isinstance(refusal, LimitReached):
            return answer.with_headers(refusal.headers)
        return answer

    # -- what happens by itself

    def catch_up(self) -> None:
        """Do what the clock has brought about since the last call; a call does it first."""
        end_empty_runs(self)
        empty_trash(self)
        for recording in take_ready(self):
            self.world.announce("recording ready", recording.room_id or "", recording.id)

    def _observe(self, change: Change) -> None:
        for event in build_events(self, change):
            self.events.append(event)
            self._send(event)
        record_by_itself(self, change)

    def _send(self, event: Event) -> None:
        for url in self.receivers:
            request_id = {"x-zm-request-id": self.new_text(22)}
            self.sender.send(url, write_event(event), request_id)

    async def subscribe(self, url: str) -> bool:
        """Send the challenge to an address, and events from now on if it answers as it should."""
        plain_token = self.new_text(22)
        attempt = await self.sender.challenge(url, challenge_body(plain_token, self.world.now))
        expected = challenge_answer(self.secret_token, plain_token)
        accepted = attempt.status == 200 and read_reply(attempt.reply) == expected  # noqa: PLR2004
        self.receivers.pop(url, None)
        if accepted:
            self.receivers[url] = self.world.now
        return accepted

    async def repeat_challenges(self) -> list[str]:
        """Send the challenge again where it is 72 hours old, and return who did not pass."""
        due = self.world.now - CHALLENGE_EVERY
        old = [url for url, checked_at in self.receivers.items() if checked_at <= due]
        return [url for url in old if not await self.subscribe(url)]

    def convert_room(self, number: str) -> None:
        """Make a meeting a webinar, or the other way round, as a host can on Zoom's pages.

        The number stays, and is not there for calls of the former kind: oddity-4.
        """
        room = self.world.room(number)
        details = self.details_of(room)
        details.kind = "webinar" if details.kind == "meeting" else "meeting"
        details.type = CONVERTED[details.type]
        sync_room(self, evolve(room, kind=RoomKind(details.kind)), details)
        self.world.announce("converted", number)

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a link opens. Raises `NotFound`, or `Conflict` if it is not open now."""
        return join.open_link(self, parts, query)

    def enter(
        self, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Admit somebody, or let them wait. Raises `Conflict`."""
        return join.enter_room(self, join_target, option, name, email)
