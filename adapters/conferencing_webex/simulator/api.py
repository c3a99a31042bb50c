"""A simulator of Webex's Meetings API, OAuth, downloads and webhooks.

**Documented** (Webex's OpenAPI description of 2026 and its pages): paths, fields, types and bounds;
200 for creations and 204 for actions; ids of series, occurrences and runs, and which calls take
which; a one-off is a series of one; states by the clock; times cut to the minute; weeks as default
ranges; `timezone` and `hostEmail`; links by `Link` of RFC 5988 with a cut `max`; 302 of the join call
unless `joinDirectly` is false; forms, rules and statuses of registrants; devices of participants;
recordings with links of three hours; bodies of errors; HMAC-SHA1 of webhooks, and 100 failures.

**Observed** (programs that work with the live service): next links that lack parameters or have
`max=null`; an HTML body of 429; refresh tokens that stay valid.

**Guessed**: 409 for a change during a run, for ending what does not run, and for a second registration;
400 for a service app without `hostEmail`, for registering where registration is off, and for the
token endpoint's refusals; that cancelled registrants are removed; that a run ends a minute after the
last one left; that webinars open 15 minutes before their start; that a link is valid for an hour;
that the lobby is in no device; that an event about a person has all devices so far; the join pages.

**Left out**: templates by id, polls, Q&A, survey results, breakout rooms as objects, meetings of
spaces, personal rooms, the authorization page and the pair of a service app by its own call.

**Quirks**, on by default: `refuse_past` (a start before now), `daily_limits`, `late_runs` (15 minutes
after the end), `late_recordings` (10 minutes after the run), `ends_when_empty`. Off by default:
`html_429`, `lose_left`, `unknown_is_1970` (in times of people who are still there), `empty_page`
(before the last one), `broken_links`, `masked_passwords` (of recordings), `no_download_links`,
`no_transcript_links`. For tests: `refuse_unknown`, `missing_fields`, `extra_fields`,
`other_spellings` (numbers as text). Of the sender: `duplicate_webhooks`, `reorder_webhooks`,
`delay_webhooks` (by an hour).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from email.utils import format_datetime
from typing import Any, ClassVar, Final, cast

from conferencing.errors import InvalidRequest
from conferencing.model import SessionStatus
from conferencing.model.zones import zone_of
from conferencing.sandbox import WEBHOOK_QUIRKS
from conferencing.sandbox.kit import Refusal, Router, read_query
from conferencing.sandbox.kit import read_json_object as read_body
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing.world import Change, Visit

from . import invitees, join, people, recordings, registrants, reports, room_calls, webhooks
from .errors import error_answer, not_found, refuse
from .limits import LimitReached, write_limit
from .rooms import find_current
from .state import SITE, WebexState
from .tokens import WebexTokens, answer_token

__all__ = ["WebexSimulator"]

ROUTES: Final = Router(
    reports.route,
    join.route,
    registrants.route,
    room_calls.route,
    invitees.route,
    people.route,
    recordings.route,
    webhooks.route,
)
EMPTY_FOR: Final = timedelta(minutes=1)


class WebexSimulator(WebexState):
    """Answer as Webex does, and send its webhooks."""

    default_quirks: ClassVar[Mapping[str, bool]] = {**WebexState.default_quirks, **WEBHOOK_QUIRKS}

    def reset(self) -> None:
        """Forget everything; the credentials stay the same, access tokens do not."""
        super().reset()
        self.tokens = WebexTokens(self.make_key("tokens", 32).encode(), self)
        self.client = (self.make_key("client", 32), self.make_key("client secret", 32))
        self.tokens.clients[self.client[0]] = self.client[1]
        self._handled = 0
        self.world.observers.append(self._observe)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account: a user's, or with `service` those of a service app.

        That is not a dialect, because a service app has no links into webinars.
        """
        subject = f"{self.host.id} {dialect}"
        keys = {
            "client_id": self.client[0],
            "client_secret": self.client[1],
            "refresh_token": self.tokens.add_refresh_token(self.client[0], subject),
            "token_store": "memory",
            "site": SITE,
            "webhook_secret": self.webhook_secret,
            "base_url": f"{self.root}/v1",
        }
        return keys | ({"host": self.host.email} if dialect == "service" else {})

    # -- calls

    def handle(self, call: Call) -> Answer:
        """Answer a call. Each reply has an id for support, and `Date` is that of the world."""
        date = format_datetime(self.world.now, usegmt=True)
        self._handled += 1
        answer = super().handle(call)
        return answer.with_headers({"Date": date, "trackingid": self._tracking_id})

    @property
    def _tracking_id(self) -> str:
        return f"ROUTERGW_{self.make_key(f'request/{self._handled}', 32)}"

    def answer(self, call: Call) -> Answer:
        """Answer a call: tokens and files first, then the token, the path, and the values."""
        self.catch_up()
        if (call.method, call.path) == ("POST", "/v1/access_token"):
            return answer_token(self, self.tokens, call)
        file = recordings.answer_download(self, call)
        if file is not None:
            return file
        caller = self.tokens.read_caller(call.headers.get("authorization", ""))
        match = ROUTES.find(call.method, call.path)
        if match is None:
            raise not_found()
        route, parts = match
        self.url = f"{self.root}{call.path}"
        self.zone = _read_zone(call.headers.get("timezone"))
        values: dict[str, Any] = read_query(call.query)
        if "hostemail" in call.headers:
            values["hostEmail"] = call.headers["hostemail"]
        if call.body:
            values |= read_body(call.body)
        fields = self.fields(values, from_text=not call.body)
        fields.only(*route.parameters)
        return cast("Answer", route(self, fields, caller, **parts))

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return `{"message", "errors", "trackingId"}`; a limit has headers, and perhaps HTML."""
        if isinstance(refusal, LimitReached):
            answer = write_limit(as_html=self.quirks["html_429"])
            return answer.with_headers(refusal.headers)
        return error_answer(refusal, self._tracking_id)

    # -- what happens by itself

    def catch_up(self) -> None:
        """Do what the clock has brought about since the last call; a call does it first."""
        webhooks.switch_off(self)
        for session in list(self.world.sessions.values()):
            if self.quirks["ends_when_empty"] and session.status is SessionStatus.RUNNING:
                ends = [visit.left_at for visit in self.world.visits_of(session.id)]
                left = [end for end in ends if end is not None]
                if ends and len(left) == len(ends) and max(left) + EMPTY_FOR <= self.world.now:
                    self.world.end_session(session.room_id or "", max(left) + EMPTY_FOR)

    def _observe(self, change: Change) -> None:
        if change.kind in {"room created", "session started"}:
            self.announce_run(change.room_id)
        if change.kind == "session started":
            self._start_run(change.room_id, change.subject_id)
        webhooks.observe(self, change)

    def _start_run(self, room_id: str, session_id: str) -> None:
        """Note the occurrence that a run belongs to."""
        plan = self.plan_of(self.world.rooms[room_id])
        run = find_current(self, plan) or plan.occurrences[-1]
        self.runs_of[session_id] = self.occurrence_of(room_id, run)

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a link opens. Raises `NotFound`, or `Conflict` if it is not open now."""
        return join.open_link(self, parts, query)

    def enter(
        self, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Admit somebody, or let them wait."""
        return join.enter_room(self, join_target, option, name, email)


def _read_zone(name: str | None) -> tzinfo:
    """Return the zone of the times of a reply."""
    try:
        return zone_of(name)
    except InvalidRequest as error:
        raise refuse(400, "Header 'timezone' is invalid.") from error
