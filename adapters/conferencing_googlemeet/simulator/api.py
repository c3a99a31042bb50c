"""A simulator of Meet, Calendar, Drive, People, Directory, Workspace Events and OAuth under one root.

**Documented** (discovery documents of Meet v2, Calendar v3, Drive v3, People v1, Directory v1 and
Workspace Events v1, of October and November 2026, and the guides): paths, methods, fields, enums and their
numbers, scopes of each call, sizes of pages; both spellings of fields, masks, partial responses; the
token endpoint with its audience and its failures; records for 30 days; ids of events in base32hex that
are taken for ever; `conferenceDataVersion`; merging by PATCH; `If-Match`; the form of failures; limits;
subscriptions of seven days at most, with names only; the token of push messages.

**Observed** (clients of Google's, and what integrators publish): enums as numbers and masks in
snake_case; HTML for unknown paths and for encoded slashes; 403 for a code where an id is meant;
members and the end of a conference are refused in spaces of Calendar; PUT is not an upsert; a
patch revives a deleted event; content of recordings is 404 with only the scope of Meet's files.

**Guessed**: one participant for each account and session, and one for each entry of anybody else; who
is not in the domain has a number as well; 404 for records that are gone; a record's entry stays when
the file is deleted; who may end what (`end_of_events`); the join pages; Calendar and Drive ignore
unknown parameters; waiting people are in no record.

**Left out**: consent (the refresh token is in the settings), ACLs, quick events, watching, free and busy
times, smart notes and entries of transcripts beyond a fixed text, knocking.

**Quirks**, off by default unless said otherwise: `assertion_times` (assertions are valid by the world's
clock, which usually is not the client's), `participants_read` (on: who was there may read the
record), `quotas` and `quota_is_403`, `pending_conferences` (made at the second look),
`pending_for_ever`, `conference_failure`, `mask_needed` (a PATCH of a space without a mask changes
nothing), `end_of_events`, `auto_record` (ready after 5 minutes), `late_records` (after 2 minutes),
`lose_end` (presence has no end), `empty_pages` (the first page is empty, with a next one),
`phone_access`; for tests `refuse_unknown`, `missing_fields`, `extra_fields`. Of the sender of webhooks:
`duplicate_webhooks`, `reorder_webhooks`, `delay_webhooks` (by an hour).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar, Final, cast

from conferencing.sandbox import WEBHOOK_QUIRKS, WebhookSender
from conferencing.sandbox.kit import Refusal
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing.world import Change, Visit

from . import calendar, calendar_lists, directory, drive, join, records, spaces, subscriptions
from .endpoints import Endpoints, Query, check_scope
from .errors import Failure, calendar_failure, meet_failure, write_failure
from .formats import pick_fields, user_number
from .key import PUBLIC_KEY
from .names import FIELDS
from .protos import number_enums
from .records import record_by_itself
from .state import MeetState
from .subscriptions import build_messages, end_subscriptions
from .tokens import PUSH_AUDIENCE, PUSHER, MeetTokens, answer_token, key_file, sign_push

__all__ = ["ENDPOINTS", "GoogleMeetSimulator"]

TOPIC: Final = "projects/demo-project/topics/meet"
MINUTE: Final = timedelta(minutes=1)
QUOTAS: Final = {"read": 600, "write": 100, "create": 10, "calendar": 600}
"""Calls of a user in a minute: docs/vendors/googlemeet.md#limits"""

ENDPOINTS: Final = Endpoints(
    records.endpoints,
    spaces.endpoints,
    calendar.endpoints,
    calendar_lists.endpoints,
    drive.endpoints,
    directory.endpoints,
    subscriptions.endpoints,
)


class GoogleMeetSimulator(MeetState):
    """Answer as Google does, and push events to the addresses in `push_endpoints`, by topic."""

    default_quirks: ClassVar[Mapping[str, bool]] = {**MeetState.default_quirks, **WEBHOOK_QUIRKS}

    def reset(self) -> None:
        """Forget everything; the credentials stay the same, tokens do not."""
        super().reset()
        self.client_id = f"{self.make_key('client', 12)}.apps.googleusercontent.com"
        self.client_secret = f"GOCSPX-{self.make_key('client secret', 28)}"
        scopes = ENDPOINTS.all_scopes()
        self.delegated = set(scopes)
        self.tokens = MeetTokens(self.make_key("tokens", 32).encode(), self, scopes)
        self.tokens.clients[self.client_id] = self.client_secret
        self.refresh_token = self.tokens.add_refresh_token(
            self.client_id, f"{self.client_id} {self.host.email}"
        )
        self.webhooks = WebhookSender(self.world, self._sign, quirks=self.quirks)
        self.world.observers.append(self._observe)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account: of a user who consented, or in the dialect `delegated`."""
        common = {
            "pubsub_topic": TOPIC,
            "user_id": user_number(self.host.email),
            "webhook_sender": PUSHER,
            "webhook_audience": PUSH_AUDIENCE,
            "webhook_keys_url": f"{self.root}/oauth2/v3/certs",
            "base_url": self.root,
        }
        if dialect == "delegated":
            return {"service_account": key_file(), "subject": self.host.email, **common}
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            **common,
        }

    def _sign(self, body: bytes, at: datetime) -> Mapping[str, str]:
        return sign_push(self)

    # -- calls

    def handle(self, call: Call) -> Answer:
        """Answer a call; `Date` is that of the world."""
        date = format_datetime(self.world.now, usegmt=True)
        return super().handle(call).with_headers({"Date": date})

    def answer(self, call: Call) -> Answer:
        """Answer a call: tokens and keys first, then the token, the scope, the limits, the values."""
        end_subscriptions(self)
        if call.path == "/token":
            return answer_token(self.tokens, call)
        if call.path == "/oauth2/v3/certs":
            return Answer.json({"keys": [PUBLIC_KEY]})
        flavour = _flavour(call.path)
        if flavour == "meet" and "%2f" in call.path.lower():
            raise Failure(404, "", flavour="html")
        match = ENDPOINTS.router.find(call.method, call.path)
        if match is None:
            raise Failure(404, "", flavour="html")
        route, parts = match
        caller = self.tokens.read_caller(call.headers.get("authorization", ""))
        check_scope(caller, ENDPOINTS.scopes[route.function], flavour)
        self._count(call, caller.email)
        query = Query(call.query, call.headers, _read_body(call, flavour))
        if flavour == "meet" or self.quirks["refuse_unknown"]:
            query.check(route.parameters)
        return self._show(route(self, query, caller, **parts), query, flavour)

    def _show(self, answer: Answer, query: Query, flavour: str) -> Answer:
        """Return an answer with the fields, and the form of enums, that the call asks for."""
        if answer.media_type != "application/json" or not answer.body:
            return answer
        reply = pick_fields(json.loads(answer.body), query.text("fields"), FIELDS)
        forms = f"{query.get('$alt', '')};{query.get('alt', '')}"
        if flavour == "meet" and "enum-encoding=int" in forms:
            reply = number_enums(reply)
        return Answer.json(reply, answer.status)

    def _count(self, call: Call, email: str) -> None:
        """Count a call, and refuse it if the user made too many in the last minute."""
        kind = "calendar" if call.path.startswith("/calendar/") else "read"
        if kind == "read" and call.method != "GET":
            kind = "create" if call.path == "/v2/spaces" else "write"
        key, now = f"{email} {kind}", self.world.now
        self.calls = [pair for pair in self.calls if pair[1] > now - MINUTE]
        recent = sum(1 for name, _ in self.calls if name == key)
        if self.quirks["quotas"] and recent >= QUOTAS[kind]:
            raise self._over_quota(kind)
        if self.quirks["quotas"]:
            self.calls.append((key, now))

    def _over_quota(self, kind: str) -> Failure:
        status = 403 if self.quirks["quota_is_403"] else 429
        if kind == "calendar":
            return calendar_failure(
                status, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"
            )
        return meet_failure(status, "Quota exceeded.", reason="RATE_LIMIT_EXCEEDED")

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return a failure in the form of the API that was called."""
        return write_failure(refusal, _flavour(call.path))

    # -- what happens by itself

    def _observe(self, change: Change) -> None:
        record_by_itself(self, change)
        for topic, message in build_messages(self, change):
            url = self.push_endpoints.get(topic)
            if url is not None and self.webhooks is not None:
                self.webhooks.send(url, json.dumps(message).encode())

    def push(self, url: str, topic: str = TOPIC) -> None:
        """Push what a topic gets to an address, as a subscription of Pub/Sub does."""
        self.push_endpoints[topic] = url

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a link opens. Raises `NotFound`."""
        return join.open_link(self, parts)

    def enter(
        self, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Admit somebody. Raises `Conflict`."""
        return join.enter_room(self, join_target, option, name, email)


def _flavour(path: str) -> str:
    """Return the form of an API's failures."""
    if path == "/token":
        return "oauth"
    calendar_like = ("/calendar/", "/drive/", "/admin/")
    return "calendar" if path.startswith(calendar_like) else "meet"


def _read_body(call: Call, flavour: str) -> dict[str, Any]:
    """Return the object in a body. Raises `Refusal`."""
    try:
        body: object = json.loads(call.body or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        if flavour == "calendar":
            raise calendar_failure(400, "parseError", "Parse Error")
        raise meet_failure(400, "Invalid JSON payload received.")
    return cast("dict[str, Any]", body)
