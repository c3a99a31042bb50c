"""A simulator of GoTo Webinar's API, version 2, and its OAuth: state, wire format and refusals.

**Documented** (GoTo's OpenAPI document of 2026 and its guides): paths, methods, names and types,
among them keys that are numbers in one call and texts in another; 201 with keys only for creations,
202 without a body for updates, 204 for deletions; both forms of pages, from 0 and of 200 rows at
most; `fromTime` and `toTime` are required; one pair of times for a single webinar, several for a
series, which becomes a webinar for each, and a rule for a sequence; an update replaces all; a
deletion takes all dates unless `deleteAll=false`, and 409 while in session; registrants are deleted
before the webinar only; an old media type in `Accept` keeps names only; the five calls that set
webhooks up, and the GET by which an address is tested.

**Observed** (clients in production): no `_embedded` without hits; 403 for an expired token; bodies
of errors; 409 for a registration that exists, with its key and link; replies of tokens without
`organizer_key` and without `refresh_token`; the user at `/me`; 10 calls a second, then 429 without
headers.

**Guessed**: 403 for another organizer's key; 400 for a size above 200; what a field that is missing
in an update becomes (the default; of subject and times, the former one); `deleteAll=false` for a
sequence takes the next date; 400 for deleting a registrant of a past webinar; who comes without a
registration is registered by the page; one address registers once, without regard to case; the
status of registrations without a link; a refresh token is replaced after 25 of its 30 days; the
join pages.

**Left out**: polls, questions, surveys and performance, audio settings, the consent page, the GET
by which GoTo tests the address of a webhook, webinars of other organizers.

**Quirks**, off by default. Observed: `token_errors_401` (401 instead of 403), `old_tokens` (replies
of the old token endpoint), `bare_conflicts` (409 without key and link), `empty_404`, `rate_limits`
(off, because a world's clock stands still). Assumed: `late_changes` (a change shows at the third
look), `late_figures` (sessions appear 10 minutes after their end), `signed_webhooks` (HMAC-SHA256
in `X-Webhook-Signature`; the form is not published). For tests: `refuse_unknown`, `extra_fields`,
`missing_fields`, `other_spellings` (keys in their other type). Of the sender of webhooks:
`duplicate_webhooks`, `reorder_webhooks`, `delay_webhooks`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, cast

from conferencing.errors import Conflict, NotFound
from conferencing.model import Person, RegistrationStatus, Role
from conferencing.sandbox import WebhookSender
from conferencing.sandbox.kit import Problem, Refusal, Router, read_json_object, read_query
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing.world import Change

from . import people, rooms, sessions, tokens, webhooks
from .people import AlreadyRegistered, note_visitor
from .state import API, GoToState

__all__ = ["GoToWebinarSimulator"]

ROUTES: Final = Router(rooms.route, people.route, sessions.route, webhooks.route, tokens.route)
CALLS_A_SECOND: Final = 10
FORBIDDEN: Final = "The access token is missing, expired, or not valid for this."


class GoToWebinarSimulator(GoToState):
    """Answer as GoTo does, and send its webhooks."""

    def reset(self) -> None:
        """Forget everything; the credentials stay the same, tokens do not."""
        super().reset()
        self.tokens = tokens.GoToTokens(self.world.random.randbytes(32), self)
        self.client_id = "a2094c4f-1b0e-4339-934f-4da2d788d0aa"
        self.client_secret = "s3cr3t+/=" + self.name
        self.tokens.clients[self.client_id] = self.client_secret
        self.refresh_token = self.tokens.add_refresh_token(self.client_id, self.organizer_key)
        self._recent: deque[datetime] = deque(maxlen=CALLS_A_SECOND)
        self.sender = WebhookSender(
            self.world, lambda body, at: webhooks.sign(self, body, at), quirks=self.quirks
        )
        self.webhooks = self.sender
        self.world.observers.append(self._observe)

    async def prepare(self, call: Call) -> None:
        """Test the addresses of new webhooks by a GET before the call is answered."""
        if (call.method, call.path) != ("POST", f"{API}/webhooks"):
            return
        for address in webhooks.find_addresses(call.body):
            attempt = await self.sender.challenge(address, b"", method="GET")
            if attempt.status == HTTPStatus.OK:
                self.answering.add(address)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of the organizer's account."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "token_store": "memory",
            "base_url": f"{self.root}/G2W/rest/v2",
            "identity_url": f"{self.root}/admin/rest/v1",
            "token_url": f"{self.root}/oauth/token",
        }

    # -- calls

    def answer(self, call: Call) -> Answer:
        """Answer a call: tokens and files first, then the token, the path and the limit."""
        if call.path == "/oauth/token" and call.method == "POST":
            return tokens.answer_token(self, self.tokens, call)
        file = sessions.public_file(self, call.path)
        if file is not None:
            return file
        subject = self._authenticate(call)
        match = ROUTES.find(call.method, call.path)
        if match is None:
            raise Refusal(404, Problem("Not found", code="NOT_FOUND"))
        self._count_call()
        route, parts = match
        if parts.get("organizer", subject) != subject:
            raise Refusal(403, Problem("Not the organizer of this webinar", code="Forbidden"))
        self.body, self.accept = call.body, call.headers.get("accept", "")
        values: dict[str, Any] = read_query(call.query)
        is_object = call.method in {"POST", "PUT"} and call.body.lstrip().startswith(b"{")
        values |= read_json_object(call.body) if is_object else {}
        fields = self.fields(values, from_text=call.method in {"GET", "DELETE"})
        fields.only(*route.parameters)
        return cast("Answer", route(self, fields, **parts))

    def _authenticate(self, call: Call) -> str:
        """Return the organizer of the token: docs/vendors/gotowebinar.md#oddity-2"""
        try:
            claims = self.tokens.authenticate(call.headers.get("authorization", ""))
        except Refusal:
            status = 401 if self.quirks["token_errors_401"] else 403
            raise Refusal(status, Problem(FORBIDDEN, code="Forbidden")) from None
        return str(claims["sub"])

    def _count_call(self) -> None:
        now = self.world.now
        full = len(self._recent) == CALLS_A_SECOND
        if self.quirks["rate_limits"] and full and self._recent[0] > now - timedelta(seconds=1):
            raise Refusal(429)
        self._recent.append(now)

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return the body of a refusal; one by the edge has another field for its text."""
        if refusal.status == 429 or (refusal.status == 404 and self.quirks["empty_404"]):  # noqa: PLR2004
            return Answer(status=refusal.status)
        if isinstance(refusal, AlreadyRegistered) and not self.quirks["bare_conflicts"]:
            row = people.registrant_row(self, refusal.participant)
            link = {"joinUrl": row["joinUrl"]} if "joinUrl" in row else {}
            body = {"registrantKey": row["registrantKey"], **link}
            return Answer.json(body | _error_body(refusal), 409)
        return Answer.json(_error_body(refusal), refusal.status)

    # -- what happens by itself

    def _observe(self, change: Change) -> None:
        if change.kind == "entered":
            visit = self.world.visits[change.subject_id]
            if visit.role is Role.ATTENDEE:
                note_visitor(self, change.room_id, visit)
        event = webhooks.build_event(self, change)
        if event is not None:
            for url in webhooks.list_receivers(self, event["eventName"]):
                self.sender.send(url, webhooks.write_event(event))

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what `register/{w}`, `join/{w}/{r}`, `panel|cohost|start/{w}/{key}` opens.

        Raises `NotFound`, or `Conflict` for a registration that is not approved.
        """
        if len(parts) < 2 or parts[1] not in self.world.rooms:  # noqa: PLR2004
            raise NotFound("this link leads nowhere")
        return JoinTarget(room_id=parts[1], entry_options=(self._option(*parts),))

    def _option(self, kind: str, webinar: str, key: str = "") -> EntryOption:
        details = self.details_of(webinar)
        if kind == "register":  # the form, on which people register and then come in
            return EntryOption()
        if kind == "start" and key == details.start_code:
            return EntryOption(role=Role.HOST)
        for row in (*details.panelists, *details.hosts):
            if key in {row.get("panelistKey"), row.get("memberKey")}:
                role = Role.PRESENTER if kind == "panel" else Role.HOST
                person = Person(name=row.get("name") or row.get("givenName"), email=row["email"])
                return EntryOption(role=role, person=person)
        for participant in self.world.participants[webinar]:
            if kind == "join" and participant.id == key:
                if participant.status is not RegistrationStatus.APPROVED:
                    raise Conflict("this registration is not approved")
                return EntryOption(person=participant.person)
        raise NotFound("this link leads nowhere")


def _error_body(refusal: Refusal) -> dict[str, str]:
    problem = refusal.problems[0] if refusal.problems else Problem()
    if problem.code == "NOT_FOUND":  # by the edge: the path is not known
        return {"errorCode": problem.code, "message": refusal.message}
    codes = {400: "InvalidRequest", 404: "NotFound", 409: "Conflict"}
    is_named = problem.code[:1].isupper()
    code = problem.code if is_named else codes.get(refusal.status, "Forbidden")
    text = refusal.message or "Request failed"
    if refusal.status == 404 and not is_named:  # noqa: PLR2004
        text = "Webinar with specified key does not exist."
    return {
        "errorCode": code,
        "description": text,
        "incident": "5f2b0c1d-9e4a-4a7b-8c3d-2f1e0d9c8b7a",
    }
