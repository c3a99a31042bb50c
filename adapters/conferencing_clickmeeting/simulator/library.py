"""The file library and the chat archives.

docs/vendors/clickmeeting.md#file-library, docs/vendors/clickmeeting.md#chats
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from conferencing.model import Session
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.php import PartFile
from conferencing.sandbox.simulator import Answer

from .state import ClickMeetingState, Upload

__all__ = ["route"]

route = Router()

PICTURES = (".png", ".jpg", ".jpeg", ".gif")


# ------------------------------------------------------------------------------------- the files


@route("GET", "/v1/file-library")
def list_files(simulator: ClickMeetingState, fields: Fields) -> Answer:
    return Answer.json([_list_row(simulator, upload) for upload in simulator.uploads.values()])


@route("GET", "/v1/file-library/conferences/{room:\\d+}")
def list_room_files(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    simulator.world.room(room)
    uploads = [upload for upload in simulator.uploads.values() if upload.room_id == room]
    return Answer.json([_list_row(simulator, upload) for upload in uploads])


@route("GET", "/v1/file-library/{file:\\d+}")
def get_file(simulator: ClickMeetingState, fields: Fields, file: str) -> Answer:
    return Answer.json(_row(simulator, _upload(simulator, file)))


@route("GET", "/v1/file-library/{file:\\d+}/download")
def download_file(simulator: ClickMeetingState, fields: Fields, file: str) -> Answer:
    upload = _upload(simulator, file)
    return _attachment(upload.name, upload.content, "application/octet-stream")


@route("POST", "/v1/file-library", "uploaded")
def upload_file(simulator: ClickMeetingState, fields: Fields) -> Answer:
    return _add(simulator, fields, None)


@route("POST", "/v1/file-library/conferences/{room:\\d+}", "uploaded")
def upload_to_room(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    return _add(simulator, fields, simulator.world.room(room).id)


@route("DELETE", "/v1/file-library/{file:\\d+}")
def delete_file(simulator: ClickMeetingState, fields: Fields, file: str) -> Answer:
    del simulator.uploads[_upload(simulator, file).id]
    return Answer.json({"response": "OK"})


def _add(simulator: ClickMeetingState, fields: Fields, room: str | None) -> Answer:
    part = fields.get("uploaded")
    if not isinstance(part, PartFile):
        raise fields.refuse("uploaded", "must be a file")
    upload = Upload(
        id=simulator.world.new_id("file"),
        name=part.filename,
        content=part.content,
        room_id=room,
        uploaded_at=simulator.world.now,
    )
    simulator.uploads[upload.id] = upload
    return Answer.json(_row(simulator, upload), 201)


def _upload(simulator: ClickMeetingState, file: str) -> Upload:
    if file not in simulator.uploads:
        raise Refusal(404)
    return simulator.uploads[file]


def _row(simulator: ClickMeetingState, upload: Upload) -> dict[str, Any]:
    is_picture = upload.name.lower().endswith(PICTURES)
    return {
        "id": int(upload.id),
        "name": upload.name,
        "document_type": "image" if is_picture else "presentation_pdf",
        "conversion_progress": 100,
        "status": "converted",
        "status_message": "",
        "upload_date": f"{upload.uploaded_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "url": f"{simulator.root}/v1/file-library/{upload.id}/download",
    }


def _list_row(simulator: ClickMeetingState, upload: Upload) -> dict[str, Any]:
    """Return a row of a list, the only place where `created_at` was observed."""
    created = upload.uploaded_at.astimezone(UTC).replace(microsecond=0)
    return {**_row(simulator, upload), "created_at": created.isoformat()}


# ------------------------------------------------------------------------------------- the chats


@route("GET", "/v1/chats")
def list_chats(simulator: ClickMeetingState, fields: Fields) -> Answer:
    sessions = simulator.world.sessions.values()
    return Answer.json([_chat_row(simulator, s) for s in sessions if s.ended_at is not None])


@route("GET", "/v1/chats/{session:\\d+}")
def download_chat(simulator: ClickMeetingState, fields: Fields, session: str) -> Answer:
    ended = simulator.world.session(session).ended_at
    if ended is None:
        raise Refusal(404)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("chat.txt", "There are no messages.\n")
    name = f"chat_history_{session}_{ended:%Y%m%d_%H%M%S}.zip"
    return _attachment(name, archive.getvalue(), "application/zip")


def _chat_row(simulator: ClickMeetingState, session: Session) -> dict[str, Any]:
    room = simulator.world.rooms.get(session.room_id or "")
    zone = (room.timezone if room else None) or simulator.zone
    ended = (session.ended_at or simulator.world.now).astimezone(ZoneInfo(zone))
    return {
        "id": int(session.id),
        "name": room.name if room else "",
        "date": f"{ended:%Y-%m-%d}",
        "time": f"{ended:%H:%M:%S}",
        "timezone": zone,
        "download_link": f"{simulator.root}/v1/chats/{session.id}",
    }


def _attachment(name: str, content: bytes, media_type: str) -> Answer:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(body=content, media_type=media_type, headers=headers)
