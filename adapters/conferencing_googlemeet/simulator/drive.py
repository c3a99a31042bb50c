"""Files of recordings: docs/vendors/googlemeet.md#files"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import File, Recording
from conferencing.sandbox.kit import cut_range
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints, Query
from .errors import Failure, calendar_failure
from .formats import calendar_time
from .records import artifact_collection
from .state import Caller, MeetState

__all__ = ["endpoints"]

endpoints = Endpoints()

READ: Final = ("drive", "drive.readonly", "drive.file", "drive.meet.readonly")
WRITE: Final = ("drive", "drive.file")
FILE: Final = "/drive/v3/files/{file}"
FLAGS: Final = ("supportsAllDrives", "supportsTeamDrives", "acknowledgeAbuse", "includeLabels")
DOCUMENT: Final = "application/vnd.google-apps.document"
EXPORTS: Final = {"text/plain", "text/markdown", "application/pdf"}


def _find(simulator: MeetState, caller: Caller, key: str) -> tuple[Recording, File]:
    """Return the file of an id, which belongs to the owner of the space. Raises `Refusal`."""
    world = simulator.world
    for recording in world.recordings.values():
        keys = world.file_ids.get(recording.id, (recording.id,))
        space = simulator.space_of_room(recording.room_id or "")
        if key in keys and key in world.files and space and space.owner == caller.email:
            return recording, recording.files[keys.index(key)]
    raise missing(key)


def missing(key: str) -> Failure:
    """Return the failure for a file that does not exist, or that the caller may not see."""
    return calendar_failure(404, "notFound", f"File not found: {key}.")


def _is_document(file: File) -> bool:
    return artifact_collection(file.media_type) != "recordings"


@endpoints("GET", FILE, READ, *FLAGS)
def get_file(simulator: MeetState, query: Query, caller: Caller, file: str) -> Answer:
    recording, stored = _find(simulator, caller, file)
    if query.text("alt") == "media":
        return _content(simulator, query, caller, file, stored)
    document = _is_document(stored)
    row: dict[str, Any] = {
        "kind": "drive#file",
        "id": file,
        "name": f"{recording.name or 'Meeting'} ({'Transcript' if document else 'Recording'})",
        "mimeType": DOCUMENT if document else stored.media_type,
    }
    if query.text("fields") is not None:
        created = recording.started_at or simulator.world.now
        row |= {"createdTime": calendar_time(created)}
        row |= {} if document else {"size": str(len(simulator.world.files[file]))}
        row["webViewLink"] = f"https://drive.google.com/file/d/{file}/view"
    return Answer.json(row)


def _content(simulator: MeetState, query: Query, caller: Caller, key: str, file: File) -> Answer:
    if _is_document(file):
        raise calendar_failure(
            403, "fileNotDownloadable",
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
        )  # fmt: skip
    if not {"drive", "drive.readonly", "drive.file"} & caller.scopes:
        raise missing(key)  # observed with the scope of Meet's own files alone
    content = simulator.world.files[key]
    whole = Answer(body=content, media_type=file.media_type or "video/mp4")
    return cut_range(
        whole.with_headers({"Accept-Ranges": "bytes", "ETag": f'"{simulator.make_key(key, 16)}"'}),
        query.headers.get("range", ""),
        query.headers.get("if-range"),
    )


@endpoints("GET", f"{FILE}/export", READ, "mimeType")
def export_file(simulator: MeetState, query: Query, caller: Caller, file: str) -> Answer:
    _, stored = _find(simulator, caller, file)
    if not _is_document(stored):
        raise calendar_failure(403, "fileNotExportable", "Export only supports Docs Editors files.")
    media_type = query.text("mimeType")
    if media_type not in EXPORTS:
        raise calendar_failure(400, "badRequest", "The requested conversion is not supported.")
    return Answer(body=simulator.world.files[file], media_type=media_type or "text/plain")


@endpoints("DELETE", FILE, WRITE, *FLAGS, "enforceSingleParent")
def delete_file(simulator: MeetState, query: Query, caller: Caller, file: str) -> Answer:
    recording, _ = _find(simulator, caller, file)
    del simulator.world.files[file]
    keys = simulator.world.file_ids.get(recording.id, (recording.id,))
    if not any(key in simulator.world.files for key in keys):
        # Meet goes on listing it: docs/vendors/googlemeet.md#files
        simulator.removed_files[recording.id] = simulator.world.recordings.pop(recording.id)
    return Answer(status=204)


@endpoints("PATCH", FILE, WRITE, *FLAGS)
def trash_file(simulator: MeetState, query: Query, caller: Caller, file: str) -> Answer:
    recording, stored = _find(simulator, caller, file)
    if query.body.get("trashed") is True:
        delete_file(simulator, query, caller, file)
    return Answer.json(
        {
            "kind": "drive#file",
            "id": file,
            "name": recording.name or "",
            "mimeType": stored.media_type,
        }
    )
