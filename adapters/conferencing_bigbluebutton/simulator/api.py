"""A simulator of BigBlueButton's API with its join pages, webhooks and callbacks.

**Documented** (the project's API page up to 3.0): paths, parameters, the checksum with four hashes,
the envelope with `returncode`, `messageKey` and `message`, status 200 for failures, the idempotent
`create`, the guards of `join`, the fields of meetings and recordings, states and paging of
recordings, `end` that takes effect later, text tracks in JSON, the callbacks about recordings
(HS256) and attendance (HS512).

**Observed** (the server's controllers and templates, bbb-webhooks run on loopback, and programs that
work with live servers): the checksum over the raw query, cut out textually, refused if it is there
twice; three customs of signing a form in a body; internal ids of SHA-1 and creation time; passwords
that are made up; metadata in lower case; 302 for joins and for most failures of joins, with the
errors as JSON in the address; `running` only with somebody inside; the form of webhooks with a
checksum over address and body; one webhook per address; its schedule of retries, after which the
webhook is dropped; the broken template of failures.

**Guessed**: texts of messages; lengths of made-up passwords; that an external id is that of the link
(in the world it is the person's address); the formats of recordings, a video and podcasts; that
callbacks are repeated by the schedule of webhooks; names of metadata that XML cannot have are left
out; the page of somebody who waits.

**Left out**: breakout rooms apart from their parameters, slides and `insertDocument`, `getJoinUrl`,
the learning dashboard and `feedback`, chat, polls, locks and layouts apart from keeping them,
telephony, `endWhenNoModerator`, and that 401 counts as delivered for webhooks.

**Quirks**, on by default: `expires` (unused and empty meetings end by themselves). Off by default,
observed: `no_webhooks` (that server part is not installed), `no_paging` (before 2.6),
`old_keys` (before 2.4), `failure_statuses` (mocks and load balancers answer 403 to 409),
`broken_failures` (a template without an end tag), `lower_case_codes`, `cdata`, `bearer_webhooks`
(`auth2_0`), `lose_left`, `other_file_host` (recordings on another host). For tests:
`no_callbacks`, `refuse_unknown`, `extra_fields`, `missing_fields`. Of the sender of webhooks:
`duplicate_webhooks`, `reorder_webhooks`, `delay_webhooks` (by an hour).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, ClassVar, Final, cast
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4
from weakref import finalize

from attrs import evolve

from conferencing.sandbox import WEBHOOK_QUIRKS, WebhookSender
from conferencing.sandbox.kit import Fields, Refusal, Route, Router
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget
from conferencing.world import Change, Visit

from . import hooks, join, monitoring, recordings, rooms
from .callbacks import FORM, analytics_body, end_url, recording_ready_body, token_headers
from .checksums import find_checksums, has_form, is_signed, make_checksum
from .errors import error_answer, refuse
from .events import build_events, meeting_of_event, name_of_event
from .state import BigBlueButtonState, Hook, Meeting, milliseconds
from .xml import Elements, answer_xml

__all__ = ["BigBlueButtonSimulator"]

ROUTES: Final = Router(rooms.route, monitoring.route, join.route, recordings.route, hooks.route)

POST_CALLS: Final = frozenset(
    [
        *("create", "end", "isMeetingRunning", "getMeetingInfo", "getMeetings"),
        *("updateRecordings", "getRecordingTextTracks"),
    ]
)
RETRY_AFTER: Final = tuple(
    timedelta(seconds=seconds) for seconds in (0.1, 0.5, 1, 2, 4, 8, 10, 30, 60, 60, 60, 60)
)


class BigBlueButtonSimulator(BigBlueButtonState):
    """Answer as a server does, and send its webhooks and callbacks."""

    default_quirks: ClassVar[Mapping[str, bool]] = {
        **BigBlueButtonState.default_quirks,
        **WEBHOOK_QUIRKS,
    }

    def reset(self) -> None:
        """Forget everything, rooms that a client keeps in memory included."""
        super().reset()
        self.room_store = f"memory:bigbluebutton-{uuid4().hex}"
        if self.real_time:  # served for other programs, such as one command after another
            folder = mkdtemp(prefix="conferencing-")
            finalize(self, rmtree, folder, ignore_errors=True)
            self.room_store = f"sqlite:{folder}/rooms.db"
        self.sender = WebhookSender(
            self.world,
            lambda _body, _at: {},
            quirks=self.quirks,
            retry_after=RETRY_AFTER,
            timeout=5.0,
        )
        self.webhooks = self.sender
        self.world.observers.append(self._observe)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account: the address as `bbb-conf --secret` prints it, and the secret."""
        return {
            "base_url": f"{self.root}/",
            "secret": self.secret,
            "room_store": self.room_store,
        }

    # -- calls

    def handle(self, call: Call) -> Answer:
        """Answer a call; `Date` is the world's time."""
        self.catch_up()
        answer = super().handle(call)
        if self.quirks["lower_case_codes"]:
            body = answer.body.replace(b"<returncode>SUCCESS<", b"<returncode>success<")
            answer = evolve(answer, body=body)
        return answer.with_headers({"Date": format_datetime(self.world.now, usegmt=True)})

    def answer(self, call: Call) -> Answer:
        """Answer a call: the path first, then the checksum, then the parameters."""
        if call.path.startswith("/playback/"):
            return recordings.answer_file(self, call.path)
        name = call.path.removeprefix("/api").strip("/")
        if not name:
            return self._answer_version()
        function = self._find_call(call, name)
        if function is None:
            page = "<!DOCTYPE html><html><title>404</title><h1>Not Found</h1></html>"
            return Answer.html(page, 404)
        if not is_signed(call, name, self.secret):
            return self._refuse_checksum(call, name)
        result = function(self._read_fields(call))
        if isinstance(result, Answer):
            return result
        return answer_xml(result, cdata=self.quirks["cdata"])

    def _find_call(self, call: Call, name: str) -> Callable[[Fields], Answer | Elements] | None:
        """Return the function of a call, by GET or by POST where that is possible too."""
        if call.method == "POST" and name == "putRecordingTextTrack":
            return lambda fields: recordings.upload_track(self, fields, call)
        if name.startswith("hooks/") and self.quirks["no_webhooks"]:
            return None
        method = "GET" if call.method == "POST" and name in POST_CALLS else call.method
        match = ROUTES.find(method, name)
        return None if match is None else partial(self._call, match[0])

    def _call(self, route: Route, fields: Fields) -> Answer | Elements:
        free = (name for name in fields if name.startswith(("meta_", "userdata-")))
        fields.only(*route.parameters, *free)
        return cast("Answer | Elements", route(self, fields))

    def _answer_version(self) -> Answer:
        elements = [
            ("returncode", "SUCCESS"),
            ("version", "2.0"),
            ("apiVersion", "2.0"),
            ("bbbVersion", "3.0.19"),
        ]
        return answer_xml(elements)

    def _refuse_checksum(self, call: Call, name: str) -> Answer:
        """Refuse a checksum. The webhooks fail on one of an odd length: they answer 500."""
        if name.startswith("hooks/") and any(len(each) % 2 for each in find_checksums(call)):
            return Answer.html("<!DOCTYPE html><h1>Internal Server Error</h1>", 500)
        return self.refuse(refuse("checksumError", "Checksums do not match"), call)

    def _read_fields(self, call: Call) -> Fields:
        """Return the parameters of the query, and of a form in the body, without the checksum."""
        pairs = parse_qsl(call.query, keep_blank_values=True)
        if has_form(call):
            pairs += parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        values = {name: value for name, value in pairs if name != "checksum"}
        return self.fields(values, from_text=True)

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return a failure in XML, with status 200."""
        return error_answer(
            refusal,
            old_keys=self.quirks["old_keys"],
            with_status=self.quirks["failure_statuses"],
            broken=self.quirks["broken_failures"],
        )

    # -- what happens by itself

    def catch_up(self) -> None:
        """Do what the clock has brought about since the last call; a call does it first."""
        rooms.expire_meetings(self)
        recordings.publish_ready(self)
        hooks.drop_silent_hooks(self, self.sender)

    def _observe(self, change: Change) -> None:
        if change.kind == "session ended":
            self._finish(change)
        for event in build_events(self, change):
            self.events.append(event)
            self._send_event(event)
        if change.kind == "recording ready":
            self._report_recording(change)

    def _finish(self, change: Change) -> None:
        """Report the end of a meeting to its callbacks, and record it if it is to be recorded."""
        session = self.world.sessions[change.subject_id]
        meeting = self.meeting_of(session)
        url = meeting.metadata.get("analytics-callback-url")
        keeps = meeting.flag("meetingKeepEvents") or meeting.flag("record")
        if url and keeps and not self.quirks["no_callbacks"]:
            headers = token_headers(self.secret, self.world.now)
            self.sender.send(url, analytics_body(self, session, meeting), headers)
        recording = recordings.record_session(self, session)
        self._report_end(meeting, has_marks=recording is not None)
        recordings.publish_ready(self)

    def _report_end(self, meeting: Meeting, *, has_marks: bool) -> None:
        ended = meeting.metadata.get("endcallbackurl"), meeting.parameters.get("meetingEndedURL")
        for url in filter(None, ended):
            self.sender.send(end_url(url, has_marks=has_marks), b"", method="GET")

    def _report_recording(self, change: Change) -> None:
        recording = self.world.recordings[change.subject_id]
        for name, url in self.recordings[recording.id].metadata.items():
            if name.endswith("-recording-ready-url"):
                body = recording_ready_body(recording, self.secret)
                self.sender.send(url, body, {"Content-Type": FORM})

    def _send_event(self, event: Mapping[str, Any]) -> None:
        for hook in self.hooks.values():
            about = hook.meeting in {None, meeting_of_event(event)}
            if about and (not hook.events or name_of_event(event) in hook.events):
                self._send_to(hook, event)

    def _send_to(self, hook: Hook, event: Mapping[str, Any]) -> None:
        """Send an event: a form, whose checksum over address and body is in the query."""
        form = {
            "domain": "127.0.0.1",
            "event": json.dumps([event], separators=(",", ":")),
            "timestamp": str(milliseconds(self.world.now)),
        }
        body = urlencode(form)
        url, headers = hook.url, {"Content-Type": FORM}
        if self.quirks["bearer_webhooks"]:
            headers["Authorization"] = f"Bearer {self.secret}"
        else:
            checksum = make_checksum(f"{hook.url}{body}", self.secret, self.webhook_algorithm)
            url += f"{'&' if '?' in url else '?'}checksum={checksum}"
        self.hook_messages[self.sender.send(url, body.encode(), headers)] = hook.id

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a session token opens. Raises `NotFound`, or `Conflict` if it is over."""
        return join.open_ticket(self, parts, query)

    def enter(
        self, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Admit somebody, or let a guest wait. Raises `Conflict`."""
        return join.enter_meeting(self, join_target, option, name, email)
