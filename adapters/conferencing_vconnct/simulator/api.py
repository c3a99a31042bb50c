"""A simulator of VConnct: the v1 Client API, and V.cloud's v4, each below its own paths.

**Documented** for v1: the twelve methods, their fields, the envelope of success and of failure, the
`license` header with its expiry and its two limits, `Accept-Language`, the ten settings, the ids and
times, and that a running meeting cannot be deleted. The document prints the same path for joining
as for starting; both paths work here, and the fields decide which is meant.

**Guessed** for v1: the HTTP status repeats `status_code`; the state machine (starting a running
meeting gives a new link into the same session, joining or ending one that does not run is 400); 401
for a wrong password, 400 when a limit is reached; one message for each setting that is missing,
unknown or not a boolean; that unknown fields are ignored; a recording appears with the end if
`record` and `auto_start_recording` are set, and without one the answer is 404; the texts.

**Documented or observed** for v4 (the vendor's own SDKs, their tests and the engine's source):
methods, fields, the signature and what it is made over, numbers as strings, epochs, `metadata` as a
string of JSON; past rooms from the newest, with times such as `2025-06-17 09:48:04`; no
participants and a start in the past are refused. **Guessed** for v4: the bodies of errors; that
`client_room_id` finds the room that it made as long as that is not over; that a link's `user_id` is
the participant's `identity` and the key in `participant_durations`; that unknown fields are ignored.
**Left out**: that a host's link admits once, as v3 says; `empty_timeout`.

**Quirks**, off by default. Of both: `failures_in_200` (HTTP 200, `status` false),
`missing_fields`, `other_spellings` (numbers as strings and the reverse), and for tests
`extra_fields`, `refuse_unknown` (400), `empty_deletes` (204). Of v1, the oddities of its document:
`settings_as_rows`, `settings_as_single_objects`, `settings_unbraced` (a list of pairs, which is not
JSON), `space_in_link`, `moderator_link` (the viewer's link has the moderators' password),
`repeat_ids`, `no_record_is_null`, `no_record_is_empty`, `underscores` (names in links),
`no_join_path` (joining is only where the document prints it). Of v4: `rooms_in_response` and
`records_as_list`, as v3 has them, `past_rooms_as_list`, `analytics_as_rows` and `analytics_at_top`,
as the vendor's clients read them, `idle_is_failure` (`status` false if no room is active).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from conferencing.errors import Conflict, NotFound
from conferencing.sandbox.kit import Refusal, Router, read_json_object, read_query
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing_vconnct.v4 import simulator as v4

from . import rooms, sessions
from .messages import message
from .state import VConnctState, refusal

__all__ = ["VConnctSimulator"]

ROUTES = Router(rooms.route, sessions.route)


class VConnctSimulator(VConnctState):
    """Answer as VConnct does."""

    def handle(self, call: Call) -> Answer:
        """Answer a call. The general settings lose their braces, if that quirk is on."""
        answer = super().handle(call)
        if not self.quirks["settings_unbraced"] or "list_general" not in call.path:
            return answer
        # The document prints a list of pairs: docs/vendors/vconnct.md#oddity-3
        body = re.sub(rb'("data": )\{([^{}]*)\}', rb"\1[\2]", answer.body)
        return evolve(answer, body=body)

    def answer(self, call: Call) -> Answer:
        """Answer a call of either generation, or for a file."""
        if call.path.startswith("/playback/"):
            return self._playback(call.path)
        if call.path.startswith("/files/"):
            return self._file(call.path)
        if call.path.startswith(v4.PREFIX):
            return v4.answer(self, call)
        return self._answer_v1(call)

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return the error body of the generation that was called."""
        if call.path.startswith(v4.PREFIX):
            return v4.refuse(refusal)
        language = call.headers.get("accept-language", "")
        texts = [message(p.code, p.field, language=language) for p in refusal.problems]
        return Answer.json(
            {
                "status": False,
                "status_code": refusal.status,
                "message": "error",
                "error_messages": texts,
            },
            refusal.status,
        )

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return the room of a link, which is open while the room runs."""
        link = self.links.get(parts[0] if parts else query.get("checksum", ""))
        if link is None or link.room_id not in self.world.rooms:
            raise NotFound("this link leads nowhere")
        if self.world.running(link.room_id) is None:
            raise Conflict("the meeting is not running")
        option = EntryOption(role=link.role, person=link.person)
        return JoinTarget(room_id=link.room_id, entry_options=(option,))

    def _answer_v1(self, call: Call) -> Answer:
        """Answer a call: the license is checked first, then the path, then the parameters."""
        if call.headers.get("license") != self.license or self.license_expires <= self.world.now:
            raise refusal(401, "license")
        match = ROUTES.find(call.method, call.path)
        if match is None:
            raise refusal(404, "no_path")
        status, data, code = match[0](self, self.fields(_read_parameters(call)))
        return Answer.json(
            {
                "status": True,
                "status_code": status,
                "message": "success",
                "data": data,
                "success_message": message(code, language=call.headers.get("accept-language", "")),
            },
            status,
        )

    def _playback(self, path: str) -> Answer:
        if self.playbacks.get(path.rpartition("/")[2]) not in self.world.recordings:
            return Answer.html("<h1>404</h1>", 404)
        return Answer.html("<!doctype html><title>Playback</title><p>This recording is empty.")

    def _file(self, path: str) -> Answer:
        content = self.world.files.get(path.removeprefix("/files/").removesuffix(".mp4"))
        if content is None:
            return Answer.html("<h1>404</h1>", 404)
        return Answer(media_type="video/mp4", body=content)


def _read_parameters(call: Call) -> dict[str, Any]:
    """Return the query and, for POST and PUT, the JSON body."""
    has_body = call.method in {"POST", "PUT"} and call.body
    return read_query(call.query) | (read_json_object(call.body) if has_body else {})
