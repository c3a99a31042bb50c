"""Recordings, their files, and transcripts: docs/vendors/webex.md#recordings"""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from conferencing.model import Recording
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer, Call
from conferencing.world import User

from .access import find_host, find_run, may_see
from .errors import not_found, refuse, wrong_kind
from .formats import milliseconds, read_time, seconds
from .ids import kind_of
from .pages import page_answer
from .state import SITE, Caller, WebexState

__all__ = ["answer_download", "recording_row", "route", "transcript_row"]

route = Router()

LATE: Final = timedelta(minutes=10)
"""How long after its run a recording is listed; a guess, since it takes minutes to hours."""

TICKET: Final = timedelta(hours=3)
WEEK: Final = timedelta(days=7)
MOST: Final = 100
LINKS: Final = {
    "video/mp4": ("recordingDownloadLink", "MultiThreadDownloadServlet", ""),
    "audio/mp4": ("audioDownloadLink", "downloadMedia.do", "1"),
    "text/vtt": ("transcriptDownloadLink", "downloadMedia.do", "2"),
}

Row = dict[str, Any]


def recording_row(simulator: WebexState, recording: Recording, zone: tzinfo) -> Row:
    """Return a recording as in a list."""
    end = (recording.started_at or simulator.world.now) + (recording.duration or timedelta())
    session, series = recording.session_id, recording.room_id or ""
    masked = simulator.quirks["masked_passwords"]
    row: Row = {
        "id": recording.id,
        "meetingId": session,
        "scheduledMeetingId": simulator.runs_of.get(session or ""),
        "meetingSeriesId": series,
        "topic": recording.name,
        "createTime": seconds(end, zone),
        "timeRecorded": seconds(recording.started_at or end, zone),
        "siteUrl": SITE,
        "downloadUrl": f"https://{SITE}/demo/lsr.php?RCID={simulator.make_key(recording.id, 32)}",
        "playbackUrl": f"https://{SITE}/demo/ldr.php?RCID={simulator.make_key(recording.id, 32)}",
        "password": "********" if masked else simulator.make_key(f"{recording.id}/code", 8),
        "format": "MP4",
        "serviceType": "MeetingCenter",
        "durationSeconds": int((recording.duration or timedelta()).total_seconds()),
        "sizeBytes": recording.files[0].size,
        "shareToMe": False,
        "status": "available",
    }
    return {name: value for name, value in row.items() if value is not None}


def _find_listed(simulator: WebexState, host: User) -> list[Recording]:
    """Return the recordings that a host may see, the newest first."""
    late = LATE if simulator.quirks["late_recordings"] else timedelta()
    listed: list[Recording] = []
    for recording in simulator.world.recordings.values():
        plan = simulator.plans.get(recording.room_id or "")
        end = (recording.started_at or simulator.world.now) + (recording.duration or timedelta())
        if plan is not None and may_see(plan, host) and end + late <= simulator.world.now:
            listed.append(recording)
    return sorted(listed, key=lambda each: str(each.started_at), reverse=True)


@route("GET", "/v1/recordings", "max", "from", "to", "meetingId", "hostEmail", "siteUrl", "topic",
       "integrationTag", "format", "serviceType", "status", "cursor")  # fmt: skip
def list_recordings(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List recordings of a range, which is the last seven days by default."""
    host, meeting = find_host(simulator, fields, caller), fields.text("meetingId")
    since, until = fields.text("from"), fields.text("to")
    end = read_time(until, simulator.zone, "to") if until else simulator.world.now
    start = read_time(since, simulator.zone, "from") if since else end - WEEK
    status = fields.choice("status", ("available", "deleted", "purged")) or "available"
    source = _find_listed(simulator, host) if status == "available" else [*simulator.bin.values()]
    rows = [
        recording_row(simulator, recording, simulator.zone) | {"status": status}
        for recording in source
        if start <= (recording.started_at or start) < end
        and _belongs(simulator, recording, meeting)
    ]
    return page_answer(simulator, fields, rows)


def _belongs(simulator: WebexState, recording: Recording, meeting: str | None) -> bool:
    """Return whether a recording is of a series, an occurrence or a run."""
    session = recording.session_id or ""
    of = {recording.room_id, session, simulator.runs_of.get(session)}
    return meeting is None or meeting in of


def _find(simulator: WebexState, fields: Fields, caller: Caller, name: str) -> Recording:
    host = find_host(simulator, fields, caller)
    for recording in _find_listed(simulator, host):
        if recording.id == name:
            return recording
    raise not_found()


@route("GET", "/v1/recordings/{recording}", "hostEmail")
def get_recording(simulator: WebexState, fields: Fields, caller: Caller, recording: str) -> Answer:
    """Return a recording with links of three hours, which need no token."""
    listed = _find(simulator, fields, caller, recording)
    row = recording_row(simulator, listed, simulator.zone)
    if not simulator.quirks["no_download_links"]:
        row["temporaryDirectDownloadLinks"] = _write_links(simulator, listed)
    return Answer.json(row)


def _write_links(simulator: WebexState, recording: Recording) -> Row:
    expires = simulator.world.now + TICKET
    links: Row = {"expiration": seconds(expires, simulator.zone)}
    ids = simulator.world.file_ids.get(recording.id, (recording.id,))
    for file, file_id in zip(recording.files, ids, strict=False):
        name, page, kind = LINKS.get(file.media_type or "", ("", "", ""))
        hidden = simulator.quirks["no_transcript_links"] and name == "transcriptDownloadLink"
        if name and not hidden:
            ticket = simulator.make_key(f"{file_id}/{expires}", 32)
            simulator.tickets[ticket] = (file_id, expires)
            query = urlencode({"siteid": "2062842", "ticket": ticket, "mediaType": kind})
            links[name] = f"{simulator.root}/nbr/{page}?{query}"
    return links


@route("DELETE", "/v1/recordings/{recording}", "hostEmail", "reason", "comment")
def delete_recording(
    simulator: WebexState, fields: Fields, caller: Caller, recording: str
) -> Answer:
    """Delete a recording for good."""
    listed = _find(simulator, fields, caller, recording)
    del simulator.world.recordings[listed.id]
    simulator.world.announce("recording deleted", listed.room_id or "", listed.id)
    return Answer(status=204)


@route("POST", "/v1/recordings/{action:softDelete|restore|purge}", "recordingIds", "siteUrl",
       "hostEmail", "restoreAll", "purgeAll")  # fmt: skip
def move_recordings(simulator: WebexState, fields: Fields, caller: Caller, action: str) -> Answer:
    """Move recordings to the bin, back from it, or delete them there."""
    find_host(simulator, fields, caller)
    names = fields.texts("recordingIds")
    if len(names) > MOST:
        raise refuse(400, "Parameter 'recordingIds' has at most 100 ids.")
    source, target = simulator.world.recordings, simulator.bin
    if action != "softDelete":
        source, target = target, source
    for name in names:
        if name not in source:
            raise not_found()
        recording = source.pop(name)
        if action != "purge":
            target[name] = recording
    return Answer(status=204)


# ------------------------------------------------------------------------------------- transcripts


def transcript_row(simulator: WebexState, recording: Recording, file_id: str) -> Row:
    """Return a transcript; the links are to the site's host, as in the official example."""
    name = f"{file_id}_M_{simulator.make_key(file_id, 32)}"
    link = f"http://{SITE}/v1/meetingTranscripts/{name}/download?format="
    start = recording.started_at or simulator.world.now
    return {
        "id": name,
        "startTime": milliseconds(start),
        "meetingId": recording.session_id,
        "meetingTopic": recording.name,
        "siteUrl": SITE,
        "scheduledMeetingId": simulator.runs_of.get(recording.session_id or ""),
        "meetingSeriesId": recording.room_id,
        "vttDownloadLink": f"{link}vtt",
        "txtDownloadLink": f"{link}txt",
        "status": "available",
    }


def _transcripts(simulator: WebexState, host: User) -> list[tuple[Row, str]]:
    return [
        (transcript_row(simulator, recording, file_id), file_id)
        for recording in _find_listed(simulator, host)
        for file, file_id in zip(
            recording.files, simulator.world.file_ids.get(recording.id, ()), strict=False
        )
        if file.media_type == "text/vtt"
    ]


@route("GET", "/v1/meetingTranscripts", "max", "from", "to", "meetingId", "hostEmail", "siteUrl",
       "cursor")  # fmt: skip
def list_transcripts(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    host, meeting = find_host(simulator, fields, caller), fields.text("meetingId")
    if meeting:
        if kind_of(meeting) != "meeting":
            raise wrong_kind(meeting)
        find_run(simulator, host, meeting)
    rows = [row for row, _ in _transcripts(simulator, host) if meeting in {None, row["meetingId"]}]
    return page_answer(simulator, fields, rows)


@route("GET", "/v1/meetingTranscripts/{transcript}/download", "format", "hostEmail")
def download_transcript(
    simulator: WebexState, fields: Fields, caller: Caller, transcript: str
) -> Answer:
    """Return the text, which needs the token."""
    for row, file_id in _transcripts(simulator, find_host(simulator, fields, caller)):
        if row["id"] == transcript:
            kind = "text/plain" if fields.text("format") == "txt" else "text/vtt"
            return Answer(body=simulator.world.files[file_id], media_type=kind)
    raise not_found()


# --------------------------------------------------------------------------------------- downloads


def answer_download(simulator: WebexState, call: Call) -> Answer | None:
    """Answer a download by its ticket; None for any other path. The page of an old one is a guess."""
    if not call.path.startswith("/nbr/"):
        return None
    ticket = dict(parse_qsl(call.query)).get("ticket", "")
    file_id, expires = simulator.tickets.get(ticket, ("", simulator.world.now))
    content = simulator.world.files.get(file_id)
    if content is None or expires <= simulator.world.now:
        return Answer.html("<h1>The link has expired</h1>", 403)
    media_type = "text/vtt" if content.startswith(b"WEBVTT") else "video/mp4"
    return Answer(body=content, media_type=media_type)
