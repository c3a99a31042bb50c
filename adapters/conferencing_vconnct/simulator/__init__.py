"""A stand-in for VConnct: the v1 Client API, and V.cloud's v4, each below its own paths.

**Documented** for v1: the twelve methods, their fields, the envelope of success and of failure, the
`license` header with its expiry and its two limits, `Accept-Language`, the ten settings, the ids and
times, and that a meeting which runs cannot be deleted. The document prints the same path for joining
as for starting; both paths work here, and the fields tell which is meant.

**Guessed** for v1: the HTTP status repeats `status_code`; the state machine (starting what runs gives
a new link into the same session, joining what does not run is 400, ending it too); 401 for a wrong
password, 400 when a limit is reached; one fault per setting that is missing, unknown or no truth; a
recording appears with the end if `record` and `auto_start_recording` are set, and without one the
answer is 404; the texts.

**Documented or observed** for v4 (through the vendor's own SDK): methods, fields, the signature and
what it is made over, numbers as texts, epochs, `metadata` as a text of JSON. **Guessed** for v4: the
bodies of errors; that `client_room_id` finds the room that it made as long as that is not over; that
a link's `user_id` is the participant's `identity` and the key in `participant_durations`. **Left out**:
that a host's link lets in once, as v3 says; `empty_timeout`.

Odd shapes come by switch. v1: `settings_as_rows`, `settings_as_single_objects`, `settings_unbraced`
(the list of pairs that is no JSON), `space_in_link`, `moderator_link` (the viewer's link holds the
moderators' password), `repeat_ids`, `no_record_is_null`, `no_record_is_empty`, `underscores` (names
in links), `no_join_path` (joining is only where the document prints it). v4: `rooms_in_response` and
`records_as_list`, as v3 has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha1
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from conferencing.errors import Conflict, NotFound
from conferencing.model import Person, Role
from conferencing.sandbox.simulator import Answer, Call, EntryOption, JoinTarget, Simulator
from conferencing.world import Visit, World

from . import envelope, meetings, sessions, v4

__all__ = ["VConnctSimulator"]

_SWITCHES: Final = (
    "settings_as_rows settings_as_single_objects settings_unbraced space_in_link moderator_link"
    " repeat_ids no_record_is_null no_record_is_empty underscores no_join_path rooms_in_response"
    " records_as_list"
)
_ = sessions  # its routes are bound by importing it


class VConnctSimulator(Simulator):
    """Answer as VConnct does."""

    name = "vconnct"
    dialects = ("", "v4")
    project_id = "project-1"
    max_rooms = 1000
    max_attendance = 1000

    def reset(self) -> None:
        """Forget everything; the credentials stay the same."""
        super().reset()
        self.quirks = dict.fromkeys(_SWITCHES.split(), False)
        self.license = self.world.random.randbytes(16).hex()
        self.key = self.world.random.randbytes(12).hex()
        self.secret = self.world.random.randbytes(24).hex()
        self.license_expires = self.world.now + timedelta(days=365)
        self.general_settings: dict[str, bool] = dict.fromkeys(meetings.SETTINGS, False)
        self.playbacks: dict[str, str] = {}
        self.branding: dict[str, int] = {}

    def new_world(self) -> World:
        """Return a world whose ids are UUIDs."""
        world = World(seed=self.seed, real_time=self.real_time)
        world.new_id = lambda _: str(UUID(bytes=world.random.randbytes(16), version=4))
        return world

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the credentials of one generation, and the address."""
        if dialect == "v4":
            return {
                "api_version": 4,
                "key": self.key,
                "secret": self.secret,
                "project_id": self.project_id,
                "base_url": f"{self.root}{v4.PREFIX}",
            }
        return {"license": self.license, "base_url": self.root}

    def handle(self, call: Call) -> Answer:
        """Answer a call of either generation, or for one of the files that it told of."""
        if call.path.startswith("/playback/"):
            return self._playback(call.path)
        if call.path.startswith("/files/"):
            return self._file(call.path)
        if call.path.startswith(v4.PREFIX):
            return v4.answer(self, call)
        return self._odd(envelope.answer(self, call), call)

    # -- links

    def link(self, room_id: str, name: str, password: str, role: Role) -> str:
        """Make a link of BigBlueButton's shape; the checksum is what lets its bearer in."""
        shown = name.replace(" ", "_") if self.quirks["underscores"] else name
        query = urlencode({"fullName": shown, "meetingID": room_id, "password": password})
        checksum = sha1(f"{query}{self.license}{role}".encode(), usedforsecurity=False).hexdigest()
        self.world.notes["links"][checksum] = (room_id, Person(name=shown), role)
        url = f"{self.join_url()}?{query}&checksum={checksum}"
        return url.replace("-", "- ", 1) if self.quirks["space_in_link"] else url

    def invitation(self, room_id: str, user_id: str, role: Role) -> str:
        """Make a link of v4."""
        code = self.world.random.randbytes(12).hex()
        person = Person(name=user_id, email=user_id if "@" in user_id else None)
        self.world.notes["links"][code] = (room_id, person, role)
        return self.join_url(code)

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return the room of a link; it opens while the room runs."""
        link = self.world.notes["links"].get(parts[0] if parts else query.get("checksum", ""))
        if link is None or link[0] not in self.world.rooms:
            raise NotFound("this link leads nowhere")
        room_id, person, role = link
        if self.world.running(room_id) is None:
            raise Conflict("the meeting does not run")
        return JoinTarget(room_id=room_id, entry_options=(EntryOption(role=role, person=person),))

    def identity(self, visit: Visit) -> str:
        """Return the key under which v4 speaks of somebody: the `user_id` of the link."""
        return visit.email or visit.id

    # -- oddities, and files

    def repeated(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Give all rows the first one's id, as the document's samples have it, if so switched."""
        name = next((key for key in rows[0] if key.endswith("_id")), "") if rows else ""
        if name and self.quirks["repeat_ids"]:
            return [{**row, name: rows[0][name]} for row in rows]
        return rows

    def _odd(self, answer: Answer, call: Call) -> Answer:
        """Take the braces away from the general settings, as the document prints them."""
        if not self.quirks["settings_unbraced"] or "list_general" not in call.path:
            return answer
        body = re.sub(rb'("data": )\{([^{}]*)\}', rb"\1[\2]", answer.body)
        return Answer(status=answer.status, body=body)

    def _playback(self, path: str) -> Answer:
        if self.playbacks.get(path.rpartition("/")[2]) not in self.world.recordings:
            return Answer(status=404, media_type="text/html", body=b"<h1>404</h1>")
        page = "<!doctype html><title>Playback</title><p>Nobody said a word."
        return Answer(media_type="text/html; charset=utf-8", body=page.encode())

    def _file(self, path: str) -> Answer:
        content = self.world.files.get(path.removeprefix("/files/").removesuffix(".mp4"))
        if content is None:
            return Answer(status=404, media_type="text/html", body=b"<h1>404</h1>")
        return Answer(media_type="video/mp4", body=content)
