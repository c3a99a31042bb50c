"""The whole report as JSON. Names stay exactly as they are."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from conferencing.model import Participant, Session
from conferencing.serialization import to_dict

from .values import AttendanceReport

__all__ = ["SCHEMA", "build_document", "render_json"]

SCHEMA: Final = "conferencing/attendance-report/1"
"""The format of the JSON. The number grows when a reader of the old format would misread the new."""


def render_json(report: AttendanceReport) -> bytes:
    """Return the whole report: times in ISO 8601, durations in seconds."""
    document = {"schema": SCHEMA, "report": build_document(report)}
    return json.dumps(document, indent=1).encode("ascii")


def build_document(report: AttendanceReport) -> dict[str, Any]:
    """Return the report as plain data, without what concerns neither attendance nor time."""
    contents = {
        "room": {"id": report.room.id, "name": report.room.name},
        "provider": report.provider,
        "account": report.account,
        "timezone": report.timezone,
        "made_at": report.made_at,
        "at_least": _describe_threshold(report),
        "summary": report.summary,
        "sessions": [_select_session(session) for session in report.sessions],
        "people": report.people,
        "no_shows": [_select_participant(person) for person in report.no_shows],
        "headcounts": report.headcounts,
        "limitations": report.limitations,
    }
    return cast("dict[str, Any]", to_dict(contents))


def _describe_threshold(report: AttendanceReport) -> dict[str, object] | None:
    if report.at_least is None:
        return None
    return {"share" if isinstance(report.at_least, float) else "duration": report.at_least}


def _select_session(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "title": session.title,
        "status": session.status,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "people_by_provider": session.people,
        "peak_by_provider": session.peak,
    }


def _select_participant(person: Participant) -> dict[str, object]:
    return {
        "name": person.display_name,
        "email": person.email,
        "role": person.role,
        "participant_id": person.id,
        "registered_at": person.registered_at,
    }
