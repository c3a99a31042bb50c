"""A simulator of Microsoft Graph v1.0 for Teams: tokens, events, meetings, webinars, notifications.

**Documented** (metadata of 2026-08, reference pages of 2025 and 2026): paths, methods, types and
enumerations; permissions per call, and calls that one kind of token may not make; tokens of 3599
seconds, refresh tokens that are spent by their use; `createOrGet` by organizer and `externalId`;
both or neither of start and end; the filter by `JoinWebUrl`, encoded once more; webinars as drafts
that are published, and canceled for good; 204 for registrations; reports after the run only; records
by their own path or expanded; recordings of meetings in a calendar only; `@odata.nextLink`; `$batch`
of at most 20, each part refused alone; the lives of subscriptions, their validation, and lifecycle
notices.

**Observed** (bodies quoted by users): error bodies, the text that tells a missing policy, token
errors; object ids only in paths of meetings; the forms of ids and links; `transactionId` answered by
the first event; events without a link where the mailbox has no Teams; floored lengths, capital roles,
seven digits of a second; `displayName` null in participants; a 429 inside of a 200.

**Guessed**: registering for a draft, and canceling twice, are 400; the same address again is 409;
addresses are compared in any case; publishing again is 204; a webinar's session is there at once; a
run ends when the last person has left; reports come the newest first; the own link of a registrant
has a key; what a notification of a call holds; the join pages.

**Left out**: townhalls, delta queries, `calendarView`, presenters apart from their list, content in
notifications, the lobby, chats, and all of Graph that meetings do not need.

**Quirks**, on by default: `late_reports` (a report is there `report_delay` after the run). Off by
default, documented or observed: `webinar_limit` (15 writes in 30 seconds of the world's clock),
`duplicate_is_400`, `unmatched_is_404`, `registered_again_is_204`, `older_registration_rule`,
`empty_middle_page`, `wrapped_value`, `text_session_times`, `unknown_words`, `null_identity`,
`empty_code`, `no_inner_error`, `html_502`, `transcripts_off`, `content_redirects`, `opaque_tokens`.
For tests: `missing_fields`, `extra_fields`. Of the sender of notifications: `duplicate_webhooks`,
`reorder_webhooks`, `delay_webhooks`. `throttle` lets calls be refused with 429.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar, Final, cast
from urllib.parse import quote

from attrs import evolve

from conferencing.sandbox import WEBHOOK_QUIRKS, WebhookSender
from conferencing.sandbox.kit import Refusal, read_json_object, read_query
from conferencing.sandbox.simulator import Answer, Call, JoinTarget
from conferencing.world import Change

from . import attendance, calendar, meetings, recordings, registrations, users, webinars
from . import subscriptions as notices
from .attendance import end_empty_runs
from .endpoints import Endpoints, check_options
from .errors import error_answer, refuse
from .join import open_link
from .requests import Request
from .state import Caller, TeamsState
from .subscriptions import (
    drop_expired,
    find_addresses,
    list_notifications,
    list_subscriptions,
    write_notification,
)
from .tokens import TeamsTokens, answer_openid, answer_token

__all__ = ["ENDPOINTS", "TeamsSimulator"]

ENDPOINTS: Final = Endpoints(
    users.endpoints,
    calendar.endpoints,
    recordings.endpoints,
    meetings.endpoints,
    attendance.endpoints,
    registrations.endpoints,
    webinars.endpoints,
    notices.endpoints,
)
MEDIA_TYPE: Final = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
VERSION: Final = "/v1.0"
TOKEN_PATH: Final = re.compile(r"/([^/]+)/oauth2/v2\.0/token")
OPENID_PATH: Final = re.compile(r"/[^/]+/v2\.0/\.well-known/openid-configuration")
FILE_PATH: Final = re.compile(r"/files/([^/]+)")
MOST_PARTS: Final = 20
MOST_WRITES: Final = 15
WINDOW: Final = timedelta(seconds=30)
GROWING: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 160))
"""The waits between attempts to notify, which end after four hours."""


class TeamsSimulator(TeamsState):
    """Answer as Microsoft Graph does, and send its notifications."""

    default_quirks: ClassVar[Mapping[str, bool]] = {**TeamsState.default_quirks, **WEBHOOK_QUIRKS}

    def reset(self) -> None:
        """Forget everything; the credentials stay the same, tokens do not."""
        super().reset()
        self.tokens = TeamsTokens(self.world.random.randbytes(32), self)
        self.sender = WebhookSender(
            self.world, lambda _body, _at: {}, quirks=self.quirks, retry_after=GROWING, timeout=3.0
        )
        self.webhooks = self.sender
        self.world.observers.append(self._observe)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account with both tokens; in the dialect `plain`, of plain meetings."""
        return {
            "tenant": self.tenant,
            "client_id": self.app.id,
            "client_secret": self.app.secret,
            "host": self.host.id,
            # Microsoft replaces the token at each use: the new one is known until the process ends.
            "refresh_token": self.tokens.add_user_token(self.host.id),
            "token_store": "memory",
            "webhook_secret": self.client_state,
            "base_url": f"{self.root}{VERSION}",
            "auth_url": self.root,
            **({"meetings": dialect} if dialect else {}),
        }

    # -- calls

    async def prepare(self, call: Call) -> None:
        """Validate the addresses of a new subscription before the call is answered."""
        if (call.method, call.path) != ("POST", f"{VERSION}/subscriptions"):
            return
        try:
            addresses = find_addresses(read_json_object(call.body))
        except Refusal:
            return
        for address in addresses:
            if await self._validate(address):
                self.validated.add(address)

    async def _validate(self, address: str) -> bool:
        """Return whether an address answers with the token that it is sent, and nothing else."""
        token = f"Validation: Testing client: {self.world.random.randbytes(8).hex()}"
        mark = "&" if "?" in address else "?"
        url = f"{address}{mark}validationToken={quote(token, safe='')}"
        attempt = await self.sender.challenge(url, b"", {"Content-Type": "text/plain"})
        return attempt.status == 200 and attempt.reply == token.encode()  # noqa: PLR2004

    def handle(self, call: Call) -> Answer:
        """Answer a call. Each reply has an id for support, and `Date` is that of the world."""
        own_id = call.headers.get("client-request-id", "")
        date = format_datetime(self.world.now, usegmt=True)
        headers = {"Date": date, "request-id": "3f0b9d7e-8a61-4c1b-9a1f-6b2f4d5e7a90"}
        if own_id:
            headers["client-request-id"] = own_id
        if self.quirks["html_502"]:
            return Answer.html("<html><h1>502 Bad Gateway</h1></html>", 502).with_headers(headers)
        answer = super().handle(call)
        if call.path.startswith(VERSION) and answer.media_type == "application/json":
            answer = evolve(answer, media_type=MEDIA_TYPE)
            headers["OData-Version"] = "4.0"
        return answer.with_headers(headers)

    def answer(self, call: Call) -> Answer:
        """Answer a call: tokens and files first, then Graph."""
        end_empty_runs(self)
        drop_expired(self)
        if match := TOKEN_PATH.fullmatch(call.path):
            return answer_token(self, self.tokens, call, match[1])
        if OPENID_PATH.fullmatch(call.path):
            return answer_openid(self)
        if match := FILE_PATH.fullmatch(call.path):
            return Answer(body=self.world.files.get(match[1], b""), media_type="video/mp4")
        if not call.path.startswith(f"{VERSION}/"):
            raise refuse(400, "BadRequest", "Invalid version.")
        path = call.path.removeprefix(VERSION)
        caller = self.tokens.read_caller(call.headers.get("authorization", ""))
        if (call.method, path) == ("POST", "/$batch"):
            return self._answer_batch(call, caller)
        return self._answer_graph(call, path, caller)

    def _answer_graph(self, call: Call, path: str, caller: Caller) -> Answer:
        """Answer a call of Graph: its path, then limits, permissions, query and body."""
        refused = self._find_throttle(path)
        if refused is not None:
            return refused
        match = ENDPOINTS.router.find(call.method, path)
        if match is None:
            raise refuse(400, "BadRequest", "Resource not found for the segment.")
        route, parts = match
        endpoint = ENDPOINTS.details[route.function]
        endpoint.check_caller(caller)
        query: dict[str, str] = read_query(call.query)
        check_options(query, endpoint.options)
        body = read_json_object(call.body) if call.body else {}
        endpoint.check_body(body)
        request = Request(
            caller=caller, path=path, query=query, body=body, prefer=call.headers.get("prefer", "")
        )
        if call.method != "GET" and path.startswith("/solutions/virtualEvents"):
            self._count_webinar_write()
        return cast("Answer", route(self, request, **parts))

    def _answer_batch(self, call: Call, caller: Caller) -> Answer:
        """Answer the parts of a batch, in reverse order; each is refused by itself."""
        parts = read_json_object(call.body).get("requests")
        rows = cast("list[dict[str, Any]]", parts) if isinstance(parts, list) else []
        ids = [row.get("id") for row in rows]
        if not 0 < len(rows) <= MOST_PARTS or len(set(ids)) < len(ids):
            raise refuse(400, "BadRequest", "Invalid batch payload format.")
        failed: set[str] = set()
        answers: list[dict[str, Any]] = []
        for row in rows:
            answer = self._answer_part(row, caller, failed)
            if answer["status"] >= 400:  # noqa: PLR2004
                failed.add(str(row.get("id")))
            answers.append(answer)
        return Answer.json({"responses": answers[::-1]})

    def _answer_part(
        self, row: Mapping[str, Any], caller: Caller, failed: set[str]
    ) -> dict[str, Any]:
        path, _, query = str(row.get("url")).partition("?")
        body = json.dumps(row["body"]).encode() if row.get("body") else b""
        call = Call(method=str(row.get("method")), path=path, query=query, body=body)
        if failed & set(row.get("dependsOn") or ()):
            answer = self.refuse(refuse(424, "FailedDependency", "A dependency failed."), call)
        else:
            try:
                answer = self._answer_graph(call, path, caller)
            except Refusal as refusal:
                answer = self.refuse(refusal, call)
        content = json.loads(answer.body) if answer.body else None
        headers = {"Content-Type": "application/json", **answer.headers}
        return {"id": row.get("id"), "status": answer.status, "headers": headers, "body": content}

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return a failure as Graph writes it."""
        own_id = call.headers.get("client-request-id") or "3f0b9d7e-8a61-4c1b-9a1f-6b2f4d5e7a90"
        return error_answer(refusal, self.world.now, own_id, self.quirks)

    # -- limits

    def throttle(self, match: str, retry_after: str | None = None, times: int = 1) -> None:
        """Refuse the next calls whose path has `match`, with this `Retry-After` or none."""
        self.throttles.append((match, retry_after, times))

    def _find_throttle(self, path: str) -> Answer | None:
        for place, (match, retry_after, times) in enumerate(self.throttles):
            if match in path:
                left = [(match, retry_after, times - 1)] if times > 1 else []
                self.throttles[place : place + 1] = left
                return self._refuse_throttled(retry_after)
        return None

    def _refuse_throttled(self, retry_after: str | None) -> Answer:
        refusal = refuse(429, "TooManyRequests", "Please retry again later.")
        answer = self.refuse(refusal, Call(method="GET", path="/"))
        return answer.with_headers({"Retry-After": retry_after} if retry_after else {})

    def _count_webinar_write(self) -> None:
        now = self.world.now
        recent = [moment for moment in self.webinar_writes if moment > now - WINDOW]
        self.webinar_writes = [*recent, now]
        if self.quirks["webinar_limit"] and len(recent) >= MOST_WRITES:
            raise refuse(429, "TooManyRequests", "Please retry again later.")

    # -- notifications

    def _observe(self, change: Change) -> None:
        for row, notification in list_notifications(self, change):
            self._send(row["notificationUrl"], notification)

    def _send(self, url: str, *notifications: Mapping[str, Any]) -> None:
        self.sender.send(url, json.dumps({"value": notifications}).encode())

    def send_lifecycle(self, subscription: str, event: str) -> None:
        """Send a notice about a subscription: `missed`, `subscriptionRemoved` (which removes it), …"""
        rows = list_subscriptions(self)
        row = rows.pop(subscription) if event == "subscriptionRemoved" else rows[subscription]
        notice = write_notification(self, row, row["resource"], "updated", {}, lifecycleEvent=event)
        self._send(row.get("lifecycleNotificationUrl") or row["notificationUrl"], notice)

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a link opens. Raises `NotFound`, or `Conflict` if it is not open now."""
        return open_link(self, parts, query)
