"""What VConnct's simulator keeps, its quirks, and the helpers that all routes of v1 share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha1
from typing import Any, ClassVar, Final
from urllib.parse import urlencode
from uuid import UUID

from conferencing.model import Person, Role, Room
from conferencing.sandbox.kit import Fields, Problem, Refusal, ReplyShape
from conferencing_vconnct.v4.simulator.state import CLOUD_QUIRKS, CloudState, Link

__all__ = ["SETTINGS", "Done", "VConnctState", "read_uuid", "refusal"]

SETTINGS: Final = (
    "lock_settings_disable_public_chat",
    "lock_settings_disable_mic",
    "auto_start_recording",
    "lock_settings_disable_cam",
    "lock_settings_locked_layout",
    "allow_start_stop_recording",
    "record",
    "webcam_only_for_moderators",
    "lock_settings_disable_note",
    "lock_settings_disable_private_chat",
)

Done = tuple[int, Any, str]
"""The result of a route of v1: HTTP status, `data`, and the code of the message."""


def _to_iso(value: Any) -> Any:
    """Return a time of a past room in ISO 8601; the reply to `end_room` has a boolean `ended`."""
    return f"{value.replace(' ', 'T')}Z" if value and isinstance(value, str) else value


class VConnctState(CloudState):
    """The state behind the routes of both generations."""

    dialects = ("", "v4")
    max_rooms = 1000
    max_attendance = 1000
    copyable = True
    default_quirks: ClassVar[Mapping[str, bool]] = dict.fromkeys(
        [
            *("refuse_unknown", "failures_in_200", "missing_fields", "extra_fields"),
            *("other_spellings", "empty_deletes"),
            *("settings_as_rows", "settings_as_single_objects", "settings_unbraced"),
            *("space_in_link", "moderator_link", "repeat_ids", "no_record_is_null"),
            *("no_record_is_empty", "underscores", "no_join_path"),
            *CLOUD_QUIRKS,
        ],
        False,
    )
    # v3's and v4's clients declare these fields as optional, or read these values as other types:
    # docs/vendors/vconnct.md#v4-endpoints
    shape: ClassVar[ReplyShape] = ReplyShape(
        optional=frozenset(
            [
                *("webhook_url", "room_sid", "analytics_file_id", "parent_room_id", "welcome_text"),
                *("is_active_rtmp", "is_breakout_room", "is_recording"),
                *("tracks", "state", "is_publisher"),
            ]
        ),
        spellings={
            "created": _to_iso,
            "ended": _to_iso,
            "creation_time": int,
            "is_running": lambda on: int(on) if isinstance(on, bool) else bool(on),
            "joined_participants": int,
            "total_rooms": int,
        },
        data_maps=frozenset(["participant_durations"]),
    )

    def reset(self) -> None:
        """Forget everything; the credentials stay the same."""
        super().reset()
        self.license = self.world.random.randbytes(16).hex()
        self.license_expires = self.world.now + timedelta(days=365)
        self.general_settings: dict[str, bool] = dict.fromkeys(SETTINGS, False)
        self.playbacks: dict[str, str] = {}

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the credentials of one generation, and its URL."""
        if dialect == "v4":
            return {
                "api_version": 4,
                "key": self.key,
                "secret": self.secret,
                "project_id": self.project_id,
                "base_url": f"{self.root}/api/v4",
            }
        return {"license": self.license, "base_url": self.root}

    def meeting(self, fields: Fields) -> Room:
        """Return the meeting of `meeting_id`, which is all that is sent."""
        fields.check({"meeting_id": read_uuid}, "meeting_id")
        room = self.world.room(fields.text("meeting_id") or "")
        if "v4" in self.world.notes[room.id]:
            raise refusal(404, "not_found")
        return room

    def link(self, room_id: str, name: str, password: str, role: Role) -> str:
        """Return a join link as BigBlueButton has it; the checksum stands for room, name and role.

        docs/vendors/vconnct.md#oddity-4 (a space), docs/vendors/vconnct.md#oddity-12 (underscores)
        """
        shown = name.replace(" ", "_") if self.quirks["underscores"] else name
        query = urlencode({"fullName": shown, "meetingID": room_id, "password": password})
        checksum = sha1(f"{query}{self.license}{role}".encode(), usedforsecurity=False).hexdigest()
        self.links[checksum] = Link(room_id=room_id, person=Person(name=shown), role=role)
        url = f"{self.join_url()}?{query}&checksum={checksum}"
        return url.replace("-", "- ", 1) if self.quirks["space_in_link"] else url

    def repeat_first_id(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows with the id of the first row, if that quirk is on.

        The samples of the document are so: docs/vendors/vconnct.md#oddity-7
        """
        name = next((key for key in rows[0] if key.endswith("_id")), "") if rows else ""
        if name and self.quirks["repeat_ids"]:
            return [{**row, name: rows[0][name]} for row in rows]
        return rows


def refusal(status: int, code: str, field: str = "") -> Refusal:
    """Return a refusal with one of the messages."""
    return Refusal(status, Problem(field=field, code=code))


def read_uuid(fields: Fields, name: str) -> str | None:
    """Return a UUID; an empty string is taken for absent."""
    text = fields.text(name)
    try:
        is_uuid = not text or str(UUID(text)) == text.lower()
    except ValueError:
        is_uuid = False
    if not is_uuid:
        raise fields.refuse(name, "must be a UUID")
    return text
