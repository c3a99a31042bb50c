"""A simulator of Meet.rs' REST API: state, wire format and refusals.

**Documented** (the vendor's README): the token from key and secret as JSON, 401 if they are wrong;
meetings from an empty body, with title and description, with participants in every shape of the
samples, with a configuration; the implicit rule of an anonymous guest; invitations to all who have
an address, and a reminder an hour before the start; the list of configurations with its fields;
usage and feedback for the present month, for a range, for all tenants below or for one by code or
id, with the fields of the samples; free below 20 billable minutes.

**Observed** (the vendor's samples and own programs): the scheme `bearer` in lower case; 6 and 7
digits of a second; sizes of screens as strings; `Quick meet 07/22 - 265` as a title; `code` and
`addonsInfo` in a creation, where a code that is taken gives the meeting that has it, and own
add-ons, which the vendor's developer tools run; `schedulingInfo.duration` of 60 minutes, or 20
with the quirk `free_account`.

**Guessed**: every message; 400 for unknown roles and providers (compared without case), a passcode
without a condition, a sign-in without any address, people without user or rules; that unknown
fields are ignored; 404 for what is another tenant's; paths and bodies of POST, PUT and DELETE of
configurations, 409 for deleting the default one; that a range is about the end of a meeting and the
time of a feedback; that a meeting is over when all have left, and goes on when somebody comes back;
billable is the time of two people or more, not of two devices. `expires_at` is in seconds, with the
quirk `milliseconds` in those. Whether a subscription covers a meeting is the quirk `covered`.

**Assumed whole**, each behind a quirk that is on and can be turned off: GET, PUT and DELETE of
meetings (`assumed_crud`), `schedulingInfo.startsAt` (`assumed_start`), without which there are no
reminders, and GET of tenants (`assumed_tenants`).

**Left out**: session tokens, add-ons, events and polls, projects, webhooks, billing. There is no
paging. Tokens expire by the world's clock, and `Date` is that clock.

**Quirks**, off by default. Observed: `missing_fields` (a meeting has only `id`, `code` and
`partitionKey`, which is what the vendor's later client declares), `other_spellings` (roles as
numbers). For tests: `extra_fields`, `refuse_unknown` (unknown fields and parameters are 400).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import cast

from conferencing.errors import Conflict
from conferencing.model import RoomStatus
from conferencing.sandbox.kit import Fields, Refusal, Route, Router, read_json_object, read_query
from conferencing.sandbox.simulator import Answer, Call, JoinTarget

from . import people, reports, rooms, templates, tokens
from .state import MeetRSState

__all__ = ["MeetRSSimulator"]

ROUTES = Router(tokens.route, rooms.route, templates.route, reports.route)


class MeetRSSimulator(MeetRSState):
    """Answer as Meet.rs does."""

    def reset(self) -> None:
        """Forget everything, and start again with the configurations that every tenant has."""
        super().reset()
        self.world.templates |= templates.first_templates(self.seed)

    def handle(self, call: Call) -> Answer:
        """Answer a call. The `Date` header is the world's time, so that clients follow its clock."""
        date = format_datetime(self.world.now, usegmt=True)
        return super().handle(call).with_headers({"Date": date})

    def answer(self, call: Call) -> Answer:
        """Answer a call: the path is checked first, then the token, then the parameters."""
        rooms.send_reminders(self)
        match = ROUTES.find(call.method, call.path)
        if match is None:
            raise Refusal(404, "there is nothing here")
        route, parts = match
        if route.function is tokens.create_token:
            return tokens.create_token(self, self._read_fields(call, route))
        claims = self.tokens.authenticate(call.headers.get("authorization", ""))
        tenant = self.tenant_of(claims["sub"])
        return cast("Answer", route(self, self._read_fields(call, route), tenant, **parts))

    def _read_fields(self, call: Call, route: Route) -> Fields:
        """Return the parameters in the body of a POST or PUT, or else in the query."""
        query = self.fields(read_query(call.query))
        if call.method not in {"POST", "PUT"}:
            query.only(*route.parameters)
            return query
        query.only()
        if not call.headers.get("content-type", "").startswith("application/json"):
            raise Refusal(415, "the body must be application/json")
        fields = self.fields(read_json_object(call.body))
        fields.only(*route.parameters)
        return fields

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a meeting's link opens: one option for each rule of each participant."""
        code = parts[0] if len(parts) == 1 else ""
        if self.world.room(code).status is RoomStatus.ENDED:
            raise Conflict("this meeting is closed")
        participants = self.world.notes[code]["participants"]
        return JoinTarget(room_id=code, entry_options=people.entry_options(participants))
