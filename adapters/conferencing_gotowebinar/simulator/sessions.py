"""Sessions, attendance and recordings: docs/vendors/gotowebinar.md#sessions"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.model import Participant, Recording, Role, Session
from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .people import registrant_row
from .state import API, WEBINAR, GoToState, hal, page_listed, require_window, to_text

__all__ = ["public_file", "route"]

route = Router()

SESSION: Final = f"{WEBINAR}/sessions/{{session:\\d+}}"
DELAY: Final = timedelta(minutes=10)
"""When figures appear after the end, with the quirk `late_figures`. How long it takes is a guess."""


@route("GET", f"{WEBINAR}/sessions", "page", "size")
def list_sessions(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    simulator.world.room(webinar)
    rows = [_session_row(simulator, session) for session in _list_ended(simulator, webinar)]
    return hal(fields, "sessionInfoResources", rows)


@route("GET", f"{API}/organizers/{{organizer:\\d+}}/sessions", "fromTime", "toTime", "page", "size")
def list_all_sessions(simulator: GoToState, fields: Fields, organizer: str) -> Answer:
    start, end = require_window(fields)
    rows = [
        _session_row(simulator, session)
        for webinar in simulator.world.rooms
        for session in _list_ended(simulator, webinar)
        if session.started_at and start <= session.started_at <= end
    ]
    return hal(fields, "sessionInfoResources", rows)


def _list_ended(simulator: GoToState, webinar: str) -> Iterator[Session]:
    """Yield the sessions that exist in the API: those that have ended, after the delay."""
    delay = DELAY if simulator.quirks["late_figures"] else timedelta()
    for session in simulator.world.sessions_of(webinar):
        if session.ended_at is not None and session.ended_at + delay <= simulator.world.now:
            yield session


def _session_row(simulator: GoToState, session: Session) -> dict[str, Any]:
    webinar = session.room_id or ""
    room, details = simulator.world.room(webinar), simulator.details_of(webinar)
    start = session.started_at or simulator.world.now
    return {
        "sessionKey": session.id,
        "webinarKey": webinar,
        "webinarID": details.number,
        "webinarName": room.name,
        "startTime": to_text(start),
        "endTime": to_text(session.ended_at or start),
        "registrantsAttended": len(_visits_by_registrant(simulator, session)),
        "registrantCount": len(simulator.world.participants[webinar]),
        "accountKey": simulator.account_key,
        "creatingOrganizerKey": simulator.organizer_key,
        "startingOrganizerKey": simulator.organizer_key,
        "timeZone": room.timezone,
        "experienceType": details.experience.lower(),
    }


def _visits_by_registrant(simulator: GoToState, session: Session) -> dict[str, list[Visit]]:
    """Return the visits of registrants; organizers and panelists are not among them."""
    visits: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in simulator.world.visits_of(session.id):
        key = simulator.world.notes[visit.id].get("registrant")
        if visit.role is Role.ATTENDEE and key and visit.segments():
            visits[key].append(visit)
    return dict(visits)


@route("GET", f"{SESSION}/attendees")
@route("GET", SESSION)
def list_attendees(
    simulator: GoToState, fields: Fields, organizer: str, webinar: str, session: str
) -> Answer:
    """List the attendees, also where a session is asked for: oddity-11."""
    return Answer.json(_attendee_rows(simulator, _session(simulator, webinar, session)))


@route("GET", f"{WEBINAR}/attendees", "page", "size")
def list_all_attendees(
    simulator: GoToState, fields: Fields, organizer: str, webinar: str
) -> Answer:
    simulator.world.room(webinar)
    sessions = _list_ended(simulator, webinar)
    rows = [row for session in sessions for row in _attendee_rows(simulator, session)]
    return hal(fields, "attendeeParticipationResponses", rows)


@route("GET", f"{SESSION}/attendees/{{registrant:\\d+}}")
def get_attendee(simulator: GoToState, fields: Fields, webinar: str, **parts: str) -> Answer:
    """Return a registrant, without times: oddity-11."""
    _session(simulator, webinar, parts["session"])
    return Answer.json(
        registrant_row(simulator, _find_person(simulator, webinar, parts["registrant"]))
    )


def _session(simulator: GoToState, webinar: str, key: str) -> Session:
    simulator.world.room(webinar)
    for session in _list_ended(simulator, webinar):
        if session.id == key:
            return session
    raise Refusal(404, "Session with specified key does not exist.")


def _find_person(simulator: GoToState, webinar: str, key: str) -> Participant:
    for participant in simulator.world.participants[webinar]:
        if participant.id == key:
            return participant
    raise Refusal(404, "Registrant with specified key does not exist.")


def _attendee_rows(simulator: GoToState, session: Session) -> list[dict[str, Any]]:
    return [
        _attendee_row(simulator, session, key, visits)
        for key, visits in _visits_by_registrant(simulator, session).items()
    ]


def _attendee_row(
    simulator: GoToState, session: Session, key: str, visits: list[Visit]
) -> dict[str, Any]:
    person = _find_person(simulator, session.room_id or "", key)
    stays = [
        (segment.joined_at, segment.left_at or session.ended_at or segment.joined_at)
        for visit in visits
        for segment in visit.segments()
    ]
    return {
        "registrantKey": int(key),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "attendanceTimeInSeconds": sum(map(_seconds, stays)),
        "sessionKey": int(session.id),
        "attendance": [
            {"joinTime": to_text(joined), "leaveTime": to_text(left)} for joined, left in stays
        ],
    }


def _seconds(stay: tuple[datetime, datetime]) -> int:
    return (stay[1] - stay[0]) // timedelta(seconds=1)


# -------------------------------------------------------------------------------------- recordings


@route("GET", f"{API}/webinars/{{webinar:\\d+}}/recordingAssets", "page", "limit")
def list_recordings(simulator: GoToState, fields: Fields, webinar: str) -> Answer:
    simulator.world.room(webinar)
    recordings = simulator.world.recordings.values()
    rows = [_asset_row(simulator, each) for each in recordings if each.room_id == webinar]
    return page_listed(fields, rows, echoes_limit=False)


SEARCH: Final = ("page", "size", "includes", "accountKey", "name", "sortField", "sortOrder")


@route("POST", f"{API}/recordingassets/search", *SEARCH)
def search_recordings(simulator: GoToState, fields: Fields) -> Answer:
    """Search the account; the link and the webinar come only if they are asked for."""
    fields.require("accountKey")
    included = set((fields.text("includes") or "").split(","))
    hidden = {"recordingShareUrl", "webinarKey"} - included
    rows = [_asset_row(simulator, each) for each in simulator.world.recordings.values()]
    shown = [{name: row[name] for name in row if name not in hidden} for row in rows]
    paging = {name: int(fields[name]) for name in ("page", "size") if name in fields}
    return hal(simulator.fields(paging), "recordingAssets", shown)


def _asset_row(simulator: GoToState, recording: Recording) -> dict[str, Any]:
    ended_at = (recording.started_at or simulator.world.now) + (recording.duration or timedelta())
    urls = [
        f"{simulator.root}/files/{file_id}" for file_id in simulator.world.file_ids[recording.id]
    ]
    row: dict[str, Any] = {
        "recordingAssetKey": recording.id,
        "name": recording.name,
        "productName": "GoToWebinar",
        "createTime": to_text(ended_at),
        "creatorKey": simulator.organizer_key,
        "accountKey": simulator.account_key,
        "totalReferenceCount": 1,
        "mp4DownloadUrl": urls[0],
        "recordingShareUrl": f"{simulator.root}/share/{recording.id}",
        "webinarKey": recording.room_id,
    }
    return row | ({"transcriptDownloadUrl": urls[1]} if len(urls) > 1 else {})


def public_file(simulator: GoToState, path: str) -> Answer | None:
    """Return a recording's file, whose link is signed, so that it needs no token."""
    _, _, file_id = path.partition("/files/")
    content = simulator.world.files.get(file_id)
    if content is None:
        return None
    is_text = content.startswith(b"WEBVTT")
    return Answer(body=content, media_type="text/vtt" if is_text else "video/mp4")
