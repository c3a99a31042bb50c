"""Conference records, people and their presence, and files: docs/vendors/googlemeet.md#records"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.model import Recording, Session
from conferencing.sandbox.kit import Refusal, page_by_cursor
from conferencing.sandbox.simulator import Answer
from conferencing.world import Change, Visit

from .endpoints import Endpoints, Query
from .errors import meet_failure
from .formats import find_part, meet_time, user_number, without_defaults
from .state import Caller, MeetState, Space

__all__ = [
    "artifact_collection",
    "endpoints",
    "find_record",
    "list_artifacts",
    "person_id",
    "record_by_itself",
    "write_page",
]

endpoints = Endpoints()

KEPT: Final = timedelta(days=30)
READY_AFTER: Final = timedelta(minutes=5)
LATE: Final = timedelta(minutes=2)
READ: Final = ("meetings.space.created", "meetings.space.readonly")
RECORDS: Final = "/v2/conferenceRecords"
RECORD: Final = f"{RECORDS}/{{record}}"
COLLECTIONS: Final = ("recordings", "transcripts", "smartNotes")
FILTER: Final = re.compile(r'\s*([a-z_.]+)\s*(>=|<=|=|>|<|IS NOT NULL|IS NULL)\s*("?)([^"]*)\3\s*')

Row = dict[str, Any]


# ------------------------------------------------------------------------------------- who and what


def is_kept(simulator: MeetState, session: Session) -> bool:
    """Return whether a record still exists: 30 days from its end on, it does not."""
    now = simulator.world.now
    if session.ended_at is not None and session.ended_at + KEPT <= now:
        return False
    late = simulator.quirks["late_records"]
    return not (late and session.started_at is not None and session.started_at + LATE > now)


def may_read(simulator: MeetState, caller: Caller, space: Space, session: Session) -> bool:
    """Return whether a caller may read a record: the owner may, and everybody who was there.

    With the scope `created` alone, only those of the app's own spaces.
    """
    if "meetings.space.readonly" not in caller.scopes and space.app != caller.app:
        return False
    if space.owner == caller.email:
        return True
    visits = simulator.world.visits_of(session.id)
    was_there = any(visit.email == caller.email for visit in visits)
    return simulator.quirks["participants_read"] and was_there


def find_record(simulator: MeetState, caller: Caller, record: str) -> tuple[Session, Space]:
    """Return a record with its space. Raises `Refusal`."""
    session = simulator.world.sessions.get(record)
    space = simulator.space_of_room(session.room_id or "") if session else None
    if session is None or space is None or not is_kept(simulator, session):
        raise meet_failure(404, "Requested entity was not found.")
    if not may_read(simulator, caller, space, session):
        raise meet_failure(403, "The caller does not have permission")
    return session, space


def person_id(simulator: MeetState, visit: Visit) -> str:
    """Return the id of a participant: a user's number, or one for each entry of anybody else."""
    return user_number(visit.email) if visit.email else f"anon{visit.id}"


def people_of(simulator: MeetState, session: Session) -> dict[str, list[Visit]]:
    """Return the visits of each participant, in the order of arrival."""
    people: dict[str, list[Visit]] = {}
    for visit in simulator.world.visits_of(session.id):
        if visit.segments():
            people.setdefault(person_id(simulator, visit), []).append(visit)
    return people


def segments_of(simulator: MeetState, visit: Visit) -> Iterator[tuple[datetime, datetime | None]]:
    for segment in visit.segments():
        lost = simulator.quirks["lose_end"]
        yield segment.joined_at, None if lost else segment.left_at


# ------------------------------------------------------------------------------------------- rows


def record_row(simulator: MeetState, session: Session, space: Space) -> Row:
    row = {
        "name": f"conferenceRecords/{session.id}",
        "startTime": meet_time(session.started_at or simulator.world.now),
        "space": f"spaces/{space.id}",
    }
    if session.ended_at is not None:
        row["endTime"] = meet_time(session.ended_at)
        row["expireTime"] = meet_time(session.ended_at + KEPT)
    return row


def participant_row(simulator: MeetState, session: Session, key: str, visits: list[Visit]) -> Row:
    times = [pair for visit in visits for pair in segments_of(simulator, visit)]
    row: Row = {
        "name": f"conferenceRecords/{session.id}/participants/{key}",
        "earliestStartTime": meet_time(min(start for start, _ in times)),
    }
    ends = [end for _, end in times]
    if all(end is not None for end in ends):
        row["latestEndTime"] = meet_time(max(end for end in ends if end is not None))
    first = visits[0]
    if first.email:
        row["signedinUser"] = {"user": f"users/{key}", "displayName": first.name}
    elif first.device.startswith("phone"):
        row["phoneUser"] = {"displayName": first.name}
    else:
        row["anonymousUser"] = {"displayName": first.name}
    return row


def visit_rows(simulator: MeetState, session: Session, key: str, visit: Visit) -> Iterator[Row]:
    for number, (start, end) in enumerate(segments_of(simulator, visit)):
        name = f"{visit.id}{number or ''}"
        row = {
            "name": f"conferenceRecords/{session.id}/participants/{key}/participantSessions/{name}",
            "startTime": meet_time(start),
        }
        yield row if end is None else row | {"endTime": meet_time(end)}


def artifact_collection(media_type: str | None) -> str:
    """Return where a file of a recording is listed."""
    return "recordings" if (media_type or "").startswith(("video/", "audio/")) else "transcripts"


def list_artifacts(simulator: MeetState, session: Session) -> Iterator[tuple[str, Row]]:
    """Yield the files of a session, each with its collection; those deleted in Drive as well."""
    world = simulator.world
    kept = [*world.recordings.values(), *simulator.removed_files.values()]
    for recording in sorted(kept, key=lambda each: each.started_at or world.now):
        if recording.session_id != session.id:
            continue
        keys = world.file_ids.get(recording.id, (recording.id,))
        for key, file in zip(keys, recording.files, strict=True):
            collection = artifact_collection(file.media_type)
            yield collection, _artifact_row(simulator, session, recording, collection, key)


def _artifact_row(
    simulator: MeetState, session: Session, recording: Recording, collection: str, key: str
) -> Row:
    start = recording.started_at or simulator.world.now
    ready = simulator.processing.get(recording.id, simulator.world.now) <= simulator.world.now
    row: Row = {
        "name": f"conferenceRecords/{session.id}/{collection}/{key}",
        "state": "FILE_GENERATED" if ready else "ENDED",
        "startTime": meet_time(start),
        "endTime": meet_time(start + (recording.duration or timedelta())),
    }
    if not ready:
        return row
    if collection == "recordings":
        view = f"https://drive.google.com/file/d/{key}/view"
        return row | {"driveDestination": {"file": key, "exportUri": view}}
    view = f"https://docs.google.com/document/d/{key}/view"
    return row | {"docsDestination": {"document": key, "exportUri": view}}


def record_by_itself(simulator: MeetState, change: Change) -> None:
    """Record a session that has ended if its space is set to, and its owner may; ready later."""
    if change.kind != "session ended" or not simulator.quirks["auto_record"]:
        return
    space = simulator.space_of_room(change.room_id)
    config = space.config if space else {}
    setting = find_part(config, "artifactConfig", "recordingConfig", "autoRecordingGeneration")
    session = simulator.world.sessions[change.subject_id]
    if space and setting == "ON" and space.owner in simulator.entitled and session.duration:
        recording = simulator.world.record(change.room_id, session.duration)
        simulator.processing[recording.id] = simulator.world.now + READY_AFTER


# ------------------------------------------------------------------------------------------ paging


def write_page(
    simulator: MeetState, query: Query, rows: list[Any], key: str, sizes: tuple[int, int]
) -> Row:
    """Return a page of a list: `sizes` are the default, and the largest to which others are cut."""
    default, largest = sizes
    size = query.number("pageSize") or 0
    if size < 0:
        raise meet_failure(400, "page_size must not be negative")
    size = min(size or default, largest)
    token = query.text("pageToken")
    if simulator.quirks["empty_pages"] and token is None and rows:
        return {"nextPageToken": "empty"}
    try:
        page = page_by_cursor(rows, None if token == "empty" else token, size)  # noqa: S105
    except Refusal as error:
        raise meet_failure(400, "Invalid page token") from error
    reply: Row = {key: list(page.rows)} if page.rows else {}  # an empty list is left out
    return reply | ({"nextPageToken": page.next} if page.next else {})


def filter_rows(
    rows: list[Row], text: str | None, fields: dict[str, Callable[[Row], Any]]
) -> list[Row]:
    """Return the rows that a filter keeps: conditions joined by AND. Raises `Refusal`."""
    for part in re.split(r"\s+AND\s+", text or ""):
        if not part.strip():
            continue
        match = FILTER.fullmatch(part)
        if match is None or match[1] not in fields:
            raise meet_failure(400, f"Invalid filter: {part}")
        rows = [row for row in rows if _keeps(fields[match[1]](row), match[2], match[4])]
    return rows


def _keeps(value: Any, operator: str, wanted: str) -> bool:
    if operator.startswith("IS"):
        return (value is None) == (operator == "IS NULL")
    tests: dict[str, Callable[[], bool]] = {
        "=": lambda: value == wanted,
        ">=": lambda: value is not None and value >= wanted,
        "<=": lambda: value is not None and value <= wanted,
        ">": lambda: value is not None and value > wanted,
        "<": lambda: value is not None and value < wanted,
    }
    return tests[operator]()


# ------------------------------------------------------------------------------------------ routes


@endpoints("GET", RECORDS, READ, "filter", "pageSize", "pageToken")
def list_records(simulator: MeetState, query: Query, caller: Caller) -> Answer:
    rows: list[Row] = []
    for session in simulator.world.sessions.values():
        space = simulator.space_of_room(session.room_id or "")
        if space and is_kept(simulator, session) and may_read(simulator, caller, space, session):
            rows.append(record_row(simulator, session, space))
    rows.sort(key=lambda row: str(row["startTime"]), reverse=True)
    codes = {f"spaces/{space.id}": space.code for space in simulator.spaces.values()}
    kept = filter_rows(
        rows,
        query.text("filter"),
        {
            "space.name": lambda row: row["space"],
            "space.meeting_code": lambda row: codes.get(row["space"]),
            "start_time": lambda row: row["startTime"],
            "end_time": lambda row: row.get("endTime"),
        },
    )
    return Answer.json(write_page(simulator, query, kept, "conferenceRecords", (25, 100)))


@endpoints("GET", RECORD, READ)
def get_record(simulator: MeetState, query: Query, caller: Caller, record: str) -> Answer:
    return Answer.json(record_row(simulator, *find_record(simulator, caller, record)))


@endpoints("GET", f"{RECORD}/participants", READ, "filter", "pageSize", "pageToken")
def list_participants(simulator: MeetState, query: Query, caller: Caller, record: str) -> Answer:
    session, _ = find_record(simulator, caller, record)
    people = people_of(simulator, session)
    rows = [participant_row(simulator, session, key, visits) for key, visits in people.items()]
    rows.reverse()  # the newest first
    kept = filter_rows(
        rows,
        query.text("filter"),
        {
            "earliest_start_time": lambda row: row["earliestStartTime"],
            "latest_end_time": lambda row: row.get("latestEndTime"),
        },
    )
    reply = write_page(simulator, query, kept, "participants", (100, 250))
    # Counted only if it is asked for by name.
    if "totalSize" in (query.text("fields") or ""):
        reply["totalSize"] = len(kept)
    return Answer.json(reply)


def _find_person(simulator: MeetState, session: Session, person: str) -> list[Visit]:
    visits = [
        visit
        for visit in simulator.world.visits_of(session.id)
        if person_id(simulator, visit) == person and visit.segments()
    ]
    if not visits:
        raise meet_failure(404, "Requested entity was not found.")
    return visits


PERSON: Final = f"{RECORD}/participants/{{person}}"


@endpoints("GET", PERSON, READ)
def get_participant(
    simulator: MeetState, query: Query, caller: Caller, record: str, person: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    visits = _find_person(simulator, session, person)
    return Answer.json(participant_row(simulator, session, person, visits))


@endpoints("GET", f"{PERSON}/participantSessions", READ, "filter", "pageSize", "pageToken")
def list_visits(
    simulator: MeetState, query: Query, caller: Caller, record: str, person: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    visits = _find_person(simulator, session, person)
    rows = [
        row for visit in reversed(visits) for row in visit_rows(simulator, session, person, visit)
    ]
    kept = filter_rows(
        rows,
        query.text("filter"),
        {
            "start_time": lambda row: row["startTime"],
            "end_time": lambda row: row.get("endTime"),
        },
    )
    return Answer.json(write_page(simulator, query, kept, "participantSessions", (100, 250)))


@endpoints("GET", f"{PERSON}/participantSessions/{{visit}}", READ)
def get_visit(
    simulator: MeetState, query: Query, caller: Caller, *, record: str, person: str, visit: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    for each in _find_person(simulator, session, person):
        for row in visit_rows(simulator, session, person, each):
            if row["name"].endswith(f"/{visit}"):
                return Answer.json(row)
    raise meet_failure(404, "Requested entity was not found.")


FILES: Final = f"{RECORD}/{{collection:{'|'.join(COLLECTIONS)}}}"


@endpoints("GET", FILES, READ, "pageSize", "pageToken")
def list_files(
    simulator: MeetState, query: Query, caller: Caller, record: str, collection: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    rows = [row for kind, row in list_artifacts(simulator, session) if kind == collection]
    return Answer.json(write_page(simulator, query, rows, collection, (10, 100)))


@endpoints("GET", f"{FILES}/{{file}}", READ)
def get_file(
    simulator: MeetState, query: Query, caller: Caller, *, record: str, collection: str, file: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    name = f"conferenceRecords/{session.id}/{collection}/{file}"
    for _, row in list_artifacts(simulator, session):
        if row["name"] == name:
            return Answer.json(row)
    raise meet_failure(404, "Requested entity was not found.")


@endpoints("GET", f"{RECORD}/transcripts/{{file}}/entries", READ, "pageSize", "pageToken")
def list_entries(
    simulator: MeetState, query: Query, caller: Caller, record: str, file: str
) -> Answer:
    session, _ = find_record(simulator, caller, record)
    name = f"conferenceRecords/{session.id}/transcripts/{file}"
    rows: list[Row] = []
    for _, row in list_artifacts(simulator, session):
        if row["name"] == name:
            rows = [_entry_row(simulator, session, row, number) for number in range(3)]
    return Answer.json(write_page(simulator, query, rows, "transcriptEntries", (10, 100)))


def _entry_row(simulator: MeetState, session: Session, transcript: Row, number: int) -> Row:
    people = list(people_of(simulator, session)) or ["nobody"]
    person = people[number % len(people)]
    entry: Row = without_defaults(
        {
            "name": f"{transcript['name']}/entries/{number + 1}",
            "participant": f"conferenceRecords/{session.id}/participants/{person}",
            "text": "Hello everybody.",
            "languageCode": "en-US",
            "startTime": transcript["startTime"],
            "endTime": transcript["startTime"],
        }
    )
    return entry
