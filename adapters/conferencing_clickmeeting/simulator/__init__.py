"""A stand-in for ClickMeeting's REST API: state, wire format, odd types and refusals.

**Documented** (reference and guide, or connectors written against them): paths, methods, parameter
names, required flags and enumerations; the key in `X-Api-Key`; form bodies with PHP brackets;
`{"ping":"pong"}`; invitations, tokens 1 to 1000, contacts, the file library, phone gateways; the
three states of a PDF.

**Observed** (recorded bodies of 2016 to 2023): JSON types, among them `registration_enabled` as a
number, `uid` and skin ids as texts, a recording's size as a text, `"null"` in four letters,
`STATUS` in capitals on deletes of recordings, names escaped as HTML, seconds of sessions cut to 00,
a session's detail without its id; a one-time room lasts 3:00 and turns inactive at a ten-minute
mark; registering again answers the same link with `exist` 1; 250 rooms a page; `conferences`
without a status is a map.

**Guessed**: every text of an error and which fields it names; 422 for unknown parameters, for a
registration where that is off, for a missing password or token; `end_date` null while a session
runs; one attendee row per stay; codes and hashes (made up in the observed shape); the PDF and the
recordings need no key; the value of `response` on deleting a file; what `availability` counts;
personal links (a hash, a registration) ask nothing more at the door, and a hash does not use up the
token that it was made with; the plain link of a room with registration lets in without it.

**Left out**: answers in XML and JavaScript (`.xml` is 404), the reseller's API, paid and automated
rooms. JSON bodies are not read unless the switch `json_bodies` is on. The switch
`documented_types` writes `lobby_enabled` as "1" and a recording's size as a number, `ignore_page`
makes every page of rooms the first one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, cast
from zoneinfo import ZoneInfo

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.sandbox.php import read_parameters
from conferencing.sandbox.simulator import Answer, Call, JoinTarget, Simulator
from conferencing.world import World

from . import join_links, library, people, rooms, sessions
from .shared import Refused, known_parameters, only, table, texts

__all__ = ["ClickMeetingSimulator"]

_FIRST = {
    "room": 2632001,
    "session": 5342001,
    "visit": 7823001,
    "participant": 3203001,
    "recording": 4284001,
    "file": 601001,
}
_NAMES = {401: "Unauthorized", 404: "Not Found", 422: "Unprocessable Entity"}


class ClickMeetingSimulator(Simulator):
    """Answer as ClickMeeting does."""

    name = "clickmeeting"
    account = "acme"
    zone = "Europe/Warsaw"

    def reset(self) -> None:
        """Forget everything; the key stays the same."""
        super().reset()
        self.quirks = {"json_bodies": False, "documented_types": False, "ignore_page": False}
        self.key = "eu" + self.world.random.randbytes(20).hex()
        self.reports: dict[tuple[str, str], sessions.ReportJob] = {}
        self.uploads: dict[str, library.Upload] = {}
        self.contacts: dict[str, dict[str, str]] = {}
        self.autologins: dict[str, people.Autologin] = {}

    def new_world(self) -> World:
        """Return a world with ids that are numbers."""
        numbers: defaultdict[str, Any] = defaultdict(lambda: count(9000001))
        numbers.update({kind: count(first) for kind, first in _FIRST.items()})
        return World(
            seed=self.seed, real_time=self.real_time, new_id=lambda kind: str(next(numbers[kind]))
        )

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the key and the address of the API."""
        return {"api_key": self.key, "base_url": f"{self.root}/v1"}

    def handle(self, call: Call) -> Answer:
        """Answer a call: the key first, then the path, then the parameters."""
        try:
            return _php_json(self._answer(call))
        except Refused as refused:
            return _php_json(_failure(refused.status, refused.problems))
        except NotFound:
            return _php_json(_failure(404, {}))
        except (Conflict, InvalidRequest) as error:
            return _php_json(_failure(422, {error.field or "": error.message}))

    def _answer(self, call: Call) -> Answer:
        path = call.path.removesuffix("/") or "/"
        outside = library.public_file(self, path)
        if outside is not None:
            return outside
        if call.headers.get("x-api-key") != self.key:
            raise Refused(401, {})
        rooms.tick(self)
        found = table.find(call.method, path.removesuffix(".json"))
        if found is None:
            raise Refused(404, {})
        function, ids = found
        given = self._parameters(call)
        only(given, known_parameters[function])
        texts(given)
        return cast("Answer", function(self, given, **ids))

    def _parameters(self, call: Call) -> dict[str, Any]:
        kind = call.headers.get("content-type", "")
        body = b"" if call.method == "GET" else call.body
        given = read_parameters(call.query, kind, body)
        if self.quirks["json_bodies"] and kind.startswith("application/json") and body:
            given |= _texts(json.loads(body))
        given.pop("api_key", None)
        return given

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a link of ours opens. Raises `NotFound`."""
        return join_links.open_door(self, parts, query)

    def local(self, moment: datetime, zone: str | None) -> str:
        """Write an instant with the offset of a room's zone."""
        return moment.astimezone(ZoneInfo(zone or self.zone)).replace(microsecond=0).isoformat()

    def code(self, length: int, alphabet: str) -> str:
        """Make up a code."""
        return "".join(self.world.random.choice(alphabet) for _ in range(length))


def _failure(status: int, problems: dict[str, str]) -> Answer:
    errors = [{"name": name or None, "message": text} for name, text in problems.items()]
    name = _NAMES.get(status, "Bad Request")
    return Answer.json({"code": status, "name": name, "errors": errors}, status)


def _php_json(answer: Answer) -> Answer:
    """Write JSON as PHP's `json_encode` does: ASCII, with slashes escaped."""
    if answer.media_type != "application/json":
        return answer
    text = json.dumps(json.loads(answer.body), separators=(",", ":")).replace("/", "\\/")
    return Answer(status=answer.status, body=text.encode(), headers=answer.headers)


def _texts(value: object) -> Any:
    if isinstance(value, dict):
        tree = cast("dict[str, Any]", value)
        return {name: _texts(part) for name, part in tree.items()}
    if isinstance(value, list):
        return _texts({str(i): part for i, part in enumerate(cast("list[object]", value))})
    return str(int(value)) if isinstance(value, bool) else str(value)
