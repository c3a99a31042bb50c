"""What ClickMeeting's simulator keeps, its quirks, and the helpers that all routes share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from html import escape
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Role
from conferencing.sandbox.kit import ReplyShape
from conferencing.sandbox.simulator import Simulator
from conferencing.world import World

__all__ = ["Autologin", "ClickMeetingState", "ReportJob", "Upload", "escape_html"]

FIRST_IDS = {
    "room": 2632001,
    "session": 5342001,
    "visit": 7823001,
    "participant": 3203001,
    "recording": 4284001,
    "file": 601001,
}


@frozen(kw_only=True)
class Autologin:
    """The person and role behind a personal hash."""

    room_id: str
    email: str
    nickname: str
    role: Role


@define
class ReportJob:
    """A PDF report in progress. It advances each time that it is asked for."""

    code: str
    polls: int = 0

    @property
    def progress(self) -> int:
        """The progress in percent."""
        return (0, 40, 100)[min(self.polls, 2)]


@frozen(kw_only=True)
class Upload:
    """A file of the library; `room_id` is None if it belongs to no room."""

    id: str
    name: str
    content: bytes = field(repr=False)
    room_id: str | None
    uploaded_at: datetime


class ClickMeetingState(Simulator):
    """The state behind the routes."""

    name = "clickmeeting"
    zone = "Europe/Warsaw"
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 422,
        InvalidRequest: 422,
    }
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = dict.fromkeys(
        [
            "refuse_unknown",
            "failures_in_200",
            "no_sessions_is_404",
            "missing_fields",
            "extra_fields",
            "other_spellings",
            "empty_deletes",
            "bare_registration",
            "json_bodies",
            "untyped_bodies",
            "loose_durations",
            "ignore_page",
        ],
        False,
    )
    # Fields that only some of the recorded bodies have, and values that they have in two types; see
    # the tables in docs/vendors/clickmeeting.md
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *(
                    "parent_id",
                    "paid_enabled",
                    "automated_enabled",
                    "type",
                    "user_ip",
                    "polls",
                    "r",
                ),
                *("http_referer", "geo", "recorder_start_date", "recording_name", "conference_id"),
            ]
        ),
        spellings={
            "access_type": str,
            "code": str,
            "lobby_enabled": lambda on: str(int(on)),
            "recording_file_size": int,
            "registration_confirmed": lambda text: None if text == "null" else text,
            "registration_enabled": bool,
        },
        data_maps=frozenset(["fields", "pdf"]),
    )

    def reset(self) -> None:
        """Forget everything; the key stays the same."""
        super().reset()
        self.key = "eu" + self.world.random.randbytes(20).hex()
        self.reports: dict[tuple[str, str], ReportJob] = {}
        self.uploads: dict[str, Upload] = {}
        self.contacts: dict[str, dict[str, str]] = {}
        self.autologins: dict[str, Autologin] = {}

    def new_world(self) -> World:
        """Return a world whose ids are numbers."""
        new_id = partial(_make_id, Counter[str]())
        return World(seed=self.seed, real_time=self.real_time, new_id=new_id)

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the key and the URL of the API."""
        return {"api_key": self.key, "base_url": f"{self.root}/v1"}

    def local_time(self, moment: datetime, zone: str | None) -> str:
        """Return a time in ISO 8601 with the offset of a room's zone."""
        return moment.astimezone(ZoneInfo(zone or self.zone)).replace(microsecond=0).isoformat()

    def random_text(self, length: int, alphabet: str) -> str:
        """Return random characters of an alphabet."""
        return "".join(self.world.random.choice(alphabet) for _ in range(length))


def escape_html(text: str) -> str:
    """Escape a text for HTML as PHP's `htmlspecialchars` does.

    Names are written so in JSON: docs/vendors/clickmeeting.md#oddity-8
    """
    return escape(text).replace("&#x27;", "&#039;")


def _make_id(counts: Counter[str], kind: str) -> str:
    number = FIRST_IDS.get(kind, 9000001) + counts[kind]
    counts[kind] += 1
    return str(number)
