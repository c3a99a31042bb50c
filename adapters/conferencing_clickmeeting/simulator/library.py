"""Files, chats, contacts, zones and numbers: sections 11 to 14 of the notes on the wire."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from attrs import field, frozen

from conferencing.model import Session
from conferencing.sandbox.php import PartFile
from conferencing.sandbox.simulator import Answer

from .shared import Refused, required, route

if TYPE_CHECKING:
    from . import ClickMeetingSimulator

Given = dict[str, Any]

ZONES = {
    "de": ["Europe/Berlin", "Europe/Busingen"],
    "gb": ["Europe/London"],
    "jp": ["Asia/Tokyo"],
    "pl": ["Europe/Warsaw"],
    "rs": ["Europe/Belgrade"],
    "us": ["America/Chicago", "America/Denver", "America/Los_Angeles", "America/New_York"],
}
GATEWAYS = [
    {
        "code": "US",
        "location": "New York",
        "value": "+1 555 0100",
        "geo": {"lat": 40.7, "long": -74.0},
    },
    {
        "code": "PL",
        "location": "Gdansk",
        "value": "+48 555 0101",
        "geo": {"lat": 54.35, "long": 18.65},
    },
]
CONTACT = ("email", "firstname", "lastname", "phone", "company", "country")
OCTETS = "application/octet-stream"


@frozen(kw_only=True)
class Upload:
    """A file of the library; `room_id` is None for one that belongs to no room."""

    id: str
    name: str
    content: bytes = field(repr=False)
    room_id: str | None
    uploaded_at: datetime


# ------------------------------------------------------------------------------------- the files


@route("GET", "/v1/file-library")
def list_files(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    return Answer.json([_file_row(simulator, one, 1) for one in simulator.uploads.values()])


@route("GET", "/v1/file-library/conferences/{room:\\d+}")
def list_room_files(simulator: ClickMeetingSimulator, given: Given, room: str) -> Answer:
    simulator.world.room(room)
    mine = [one for one in simulator.uploads.values() if one.room_id == room]
    return Answer.json([_file_row(simulator, one, 1) for one in mine])


@route("GET", "/v1/file-library/{file:\\d+}")
def get_file(simulator: ClickMeetingSimulator, given: Given, file: str) -> Answer:
    return Answer.json(_file_row(simulator, _file(simulator, file)))


@route("GET", "/v1/file-library/{file:\\d+}/download")
def download_file(simulator: ClickMeetingSimulator, given: Given, file: str) -> Answer:
    present = _file(simulator, file)
    disposition = f'attachment; filename="{present.name}"'
    return Answer(
        body=present.content, media_type=OCTETS, headers={"Content-Disposition": disposition}
    )


@route("POST", "/v1/file-library", "uploaded")
def upload(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    return _kept(simulator, given, None)


@route("POST", "/v1/file-library/conferences/{room:\\d+}", "uploaded")
def upload_to_room(simulator: ClickMeetingSimulator, given: Given, room: str) -> Answer:
    return _kept(simulator, given, simulator.world.room(room).id)


@route("DELETE", "/v1/file-library/{file:\\d+}")
def delete_file(simulator: ClickMeetingSimulator, given: Given, file: str) -> Answer:
    del simulator.uploads[_file(simulator, file).id]
    return Answer.json({"response": "OK"})


def _kept(simulator: ClickMeetingSimulator, given: Given, room: str | None) -> Answer:
    part = given.get("uploaded")
    if not isinstance(part, PartFile):
        raise Refused(422, {"uploaded": "must be a file"})
    kept = Upload(
        id=simulator.world.new_id("file"),
        name=part.filename,
        content=part.content,
        room_id=room,
        uploaded_at=simulator.world.now,
    )
    simulator.uploads[kept.id] = kept
    return Answer.json(_file_row(simulator, kept), 201)


def _file(simulator: ClickMeetingSimulator, file: str) -> Upload:
    if file not in simulator.uploads:
        raise Refused(404, {})
    return simulator.uploads[file]


def _file_row(simulator: ClickMeetingSimulator, one: Upload, listed: int = 0) -> dict[str, Any]:
    pictures = (".png", ".jpg", ".jpeg", ".gif")
    uploaded = one.uploaded_at.astimezone(UTC).replace(microsecond=0)
    row = {
        "id": int(one.id),
        "name": one.name,
        "document_type": "image" if one.name.lower().endswith(pictures) else "presentation_pdf",
        "conversion_progress": 100,
        "status": "converted",
        "status_message": "",
        "upload_date": f"{uploaded:%Y-%m-%d %H:%M:%S}",
        "url": f"{simulator.root}/v1/file-library/{one.id}/download",
    }
    return row | ({"created_at": uploaded.isoformat()} if listed else {})


def public_file(simulator: ClickMeetingSimulator, path: str) -> Answer | None:
    """Return what can be had outside of `/v1` and without the key: PDF reports and recordings."""
    report = re.fullmatch(r"/panel/pdf/(\w+/\d+/\w+)", path)
    movie = re.fullmatch(r"/r/(\d+)/recording\.mp4", path)
    if report and report[1] in simulator.world.files:
        return Answer(body=simulator.world.files[report[1]], media_type="application/pdf")
    if movie and movie[1] in simulator.world.recordings:
        return Answer(body=simulator.world.files[movie[1]], media_type="video/mp4")
    return (
        Answer(status=404, media_type="text/html", body=b"<h1>404</h1>")
        if report or movie
        else None
    )


# ------------------------------------------------------------------------------- chats, contacts


@route("GET", "/v1/chats")
def list_chats(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    ended = [one for one in simulator.world.sessions.values() if one.ended_at is not None]
    return Answer.json([_chat(simulator, one) for one in ended])


@route("GET", "/v1/chats/{session:\\d+}")
def download_chat(simulator: ClickMeetingSimulator, given: Given, session: str) -> Answer:
    ended = simulator.world.session(session).ended_at
    if ended is None:
        raise Refused(404, {})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("chat.txt", "Nobody said a word.\n")
    name = f"chat_history_{session}_{ended:%Y%m%d_%H%M%S}.zip"
    disposition = f'attachment; filename="{name}"'
    return Answer(
        body=archive.getvalue(),
        media_type="application/zip",
        headers={"Content-Disposition": disposition},
    )


def _chat(simulator: ClickMeetingSimulator, session: Session) -> dict[str, Any]:
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


@route("POST", "/v1/contacts", *CONTACT)
def add_contact(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    required(given, "email", "firstname", "lastname")
    simulator.contacts[given["email"]] = given
    return Answer.json({"status": "OK"})


# --------------------------------------------------------------------------------------- the rest


@route("GET", "/v1/time_zone_list")
def time_zones(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    places = sorted(zone for zone in available_timezones() if re.match(r"[A-Z]\w+/", zone))
    return Answer.json([*(zone for zone in places if not zone.startswith("Etc/")), "UTC"])


@route("GET", "/v1/time_zone_list/{country}")
def time_zones_of(simulator: ClickMeetingSimulator, given: Given, country: str) -> Answer:
    if country.lower() not in ZONES:
        raise Refused(404, {})
    return Answer.json(ZONES[country.lower()])


@route("GET", "/v1/phone_gateways")
def phone_gateways(simulator: ClickMeetingSimulator, given: Given) -> Answer:
    return Answer.json(GATEWAYS)
