"""A simulator of ClickMeeting's REST API: state, wire format, odd types and refusals.

**Documented** (reference and guide, or connectors written against them): paths, methods, parameter
names, required flags and enumerations; the key in `X-Api-Key`; form bodies with PHP brackets;
`{"ping":"pong"}`; invitations, tokens 1 to 1000, contacts, the file library, phone gateways; the
three states of a PDF report.

**Observed** (recorded bodies of 2016 to 2023, and live programs): JSON types, among them
`registration_enabled` as a number, `uid` and skin ids as strings, a recording's size as a string,
`"null"` in four letters, `STATUS` in capitals on deletes of recordings, names escaped as HTML,
seconds of sessions cut to 00, a session's detail without its id; a one-time room lasts 3:00 and
turns inactive at a ten-minute mark; registering again answers the same link with `exist` 1; 250
rooms a page; `conferences` without a status is a map; `NOT_FOUND` as the name of a 404; unknown
parameters are ignored; the key as the parameter `api_key`; the body `None` on deletes; zone names
are those of PHP's `DateTimeZone::listIdentifiers`.

**Guessed**: every text of an error and which fields it names; 422 for a registration where that is
off, for a missing password or token; `end_date` null while a session runs; one attendee row for
each visit; codes and hashes (random, in the observed shape); the PDF and the recordings need no
key; the value of `response` on deleting a file; what `availability` counts; personal links (a hash,
a registration) ask for nothing more, and a hash does not use up the token that it was made with;
the plain link of a room with registration admits without it.

**Left out**: answers in XML and JavaScript (`.xml` is 404), the reseller's API, paid and automated
rooms.

**Quirks**, off by default. Observed: `failures_in_200` (a refusal with HTTP 200),
`no_sessions_is_404`, `missing_fields`, `extra_fields`, `other_spellings` (`lobby_enabled` as "1", a
recording's size as a number, `code` as a string), `bare_registration` (`{"status":"OK"}` and no
link), `ignore_page` (every page of rooms is the first one). Used by other clients, but unknown at
the vendor: `json_bodies`, `untyped_bodies` (a form without a content type), `loose_durations`
(`3:0` and `1.5`). For tests: `empty_deletes` (204), `refuse_unknown` (parameters that are not
documented are 422).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import evolve

from conferencing.sandbox.kit import Problem, Refusal, Route, Router, read_json_object
from conferencing.sandbox.php import read_parameters
from conferencing.sandbox.simulator import Answer, Call, JoinTarget

from . import account, join_links, library, people, rooms, sessions
from .state import ClickMeetingState

__all__ = ["ClickMeetingSimulator"]

ROUTES = Router(account.route, rooms.route, people.route, sessions.route, library.route)

FORM = "application/x-www-form-urlencoded"
NOT_FOUND = 404
NAMES = {401: "Unauthorized", NOT_FOUND: "NOT_FOUND", 422: "Unprocessable Entity"}


class ClickMeetingSimulator(ClickMeetingState):
    """Answer as ClickMeeting does."""

    def handle(self, call: Call) -> Answer:
        """Answer a call with JSON as PHP's `json_encode` writes it: ASCII, with slashes escaped."""
        answer = super().handle(call)
        if answer.media_type != "application/json" or not answer.body:
            return answer
        text = json.dumps(json.loads(answer.body), separators=(",", ":")).replace("/", "\\/")
        return evolve(answer, body=text.encode())

    def answer(self, call: Call) -> Answer:
        """Answer a call: the key is checked first, then the path, then the parameters."""
        path = call.path.removesuffix("/") or "/"
        public = sessions.public_file(self, path)
        if public is not None:
            return public
        match = ROUTES.find(call.method, path.removesuffix(".json"))
        parameters = self._parameters(call, match[0] if match else None)
        # Older programs send the key as a parameter: docs/vendors/clickmeeting.md#transport
        key = parameters.pop("api_key", None)
        if call.headers.get("x-api-key", key) != self.key:
            raise Refusal(401)
        rooms.close_past_rooms(self)
        if match is None:
            raise Refusal(NOT_FOUND)
        route, parts = match
        fields = self.fields(parameters, from_text=True)
        fields.only(*route.parameters)
        return cast("Answer", route(self, fields, **parts))

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return a map with `code`, `name` and `errors`: docs/vendors/clickmeeting.md#errors"""
        name = NAMES.get(refusal.status, "Bad Request")
        problems = refusal.problems
        if refusal.status == NOT_FOUND:
            problems = (Problem("There is nothing here", field=name),)
        errors = [
            {"name": problem.field or None, "message": problem.message} for problem in problems
        ]
        body = {"code": refusal.status, "name": name, "errors": errors}
        return Answer.json(body, refusal.status)

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a join link opens. Raises `NotFound`."""
        return join_links.join_target(self, parts, query)

    def _parameters(self, call: Call, route: Route | None) -> dict[str, Any]:
        content_type = call.headers.get("content-type", "")
        if not content_type and self.quirks["untyped_bodies"]:
            content_type = FORM
        # The vendor's Python client sends the form body `None` with every GET and DELETE, so that
        # bodies count only where parameters are documented, as in the deletion of tokens:
        # docs/vendors/clickmeeting.md#request-bodies, docs/vendors/clickmeeting.md#oddity-29
        has_body = call.method in {"POST", "PUT"} or (
            call.method == "DELETE" and route is not None and route.parameters
        )
        body = call.body if has_body else b""
        parameters = read_parameters(call.query, content_type, body)
        if self.quirks["json_bodies"] and content_type.startswith("application/json") and body:
            parameters |= _as_form(read_json_object(body))
        return parameters


def _as_form(value: object) -> Any:
    """Return a JSON value as PHP would have it from a form: strings, and lists as maps."""
    if isinstance(value, dict):
        tree = cast("dict[str, Any]", value)
        return {name: _as_form(part) for name, part in tree.items()}
    if isinstance(value, list):
        return _as_form({str(i): part for i, part in enumerate(cast("list[object]", value))})
    return str(int(value)) if isinstance(value, bool) else str(value)
