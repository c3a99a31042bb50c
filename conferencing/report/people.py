"""The rows of people in the page and the PDF, as texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from conferencing.formatting import UNKNOWN, clean_line
from conferencing.model import Participant, Role
from conferencing.model.attendance import MergedBy

from .language import Language
from .values import AttendanceReport, Attendee, SessionSegment

__all__ = ["build_columns", "build_no_show", "build_person"]

_MAX_SPOKEN: Final = 12  # segments in the description for screen readers
_TIMES: Final = frozenset({"joined", "left"})
_WRAPPED: Final = frozenset({"minutes", "share"})


def build_columns(
    report: AttendanceReport, people: Sequence[dict[str, Any]], language: Language
) -> list[dict[str, Any]]:
    """Return the columns between the e-mail address and the timeline of these people.

    `key` is that of the value in a row, and `typical` the longest part that stays on one line. Numbers are aligned at the
    end; times do not wrap.
    """
    keys = ["role", "joined", "left", "late_by", "left_early_by", "joins", "minutes", "share"]
    if report.at_least is not None:
        keys.append("reached")
    if report.summary.registered is not None:
        keys.append("registration")
    return [
        {
            "key": key,
            "label": _label_column(key, report, language),
            "typical": _find_longest([person[key] for person in people], key not in _WRAPPED),
            "number": key in {"late_by", "left_early_by", "joins", "minutes", "share"},
            "time": key in _TIMES,
        }
        for key in keys
    ]


def _find_longest(texts: Sequence[str], whole: bool) -> str:
    parts = texts if whole else [word for text in texts for word in text.split(" ")]
    return max(parts, key=len, default="")


def _label_column(key: str, report: AttendanceReport, language: Language) -> str:
    if key == "reached" and report.at_least is not None:
        return language.text("at_least", threshold=language.threshold(report.at_least))
    return language.text("present_minutes" if key == "minutes" else key)


def build_person(
    person: Attendee, language: Language, *, with_day: bool, has_registration: bool
) -> dict[str, Any]:
    """Return the row of one person who attended, without the bars of the timeline."""
    return {
        "name": clean_line(person.name) or language.text("no_name"),
        "email": clean_line(person.email),
        "role": UNKNOWN if person.role is Role.UNKNOWN else language.role(person.role),
        "joined": language.time(person.joined_at, with_day=with_day),
        "left": language.time(person.left_at, with_day=with_day),
        "late_by": language.duration(person.late_by),
        "left_early_by": language.duration(person.left_early_by),
        "joins": language.number(len(person.segments) or None),
        "minutes": _describe_minutes(person, language),
        "share": _describe_share(person, language),
        "reached": language.decision(person.reached),
        "registration": describe_registration(person, language) if has_registration else UNKNOWN,
        "entries": _describe_entries(person, language),
        "times": _describe_segments(person.segments, language, with_day=with_day),
    }


def build_no_show(person: Participant, zone: ZoneInfo, language: Language) -> dict[str, str]:
    """Return the row of one person who registered and did not attend."""
    registered_at = person.registered_at and person.registered_at.astimezone(zone)
    return {
        "name": clean_line(person.display_name) or language.text("no_name"),
        "email": clean_line(person.email),
        "role": language.role(person.role),
        "registered": language.moment(registered_at),
    }


def describe_registration(person: Attendee, language: Language) -> str:
    """Return whether a person is registered, and how that was found out, in words."""
    if not person.is_registered:
        return language.text("registration_none")
    return language.text(f"registration_{person.matched_by or 'registration'}")


def _describe_minutes(person: Attendee, language: Language) -> str:
    if person.duration is not None or person.known_duration == timedelta():
        return language.minutes(person.duration)
    return language.text("at_least_value", value=language.minutes(person.known_duration))


def _describe_share(person: Attendee, language: Language) -> str:
    if person.share is not None or not person.known_share:
        return language.percent(person.share)
    return language.text("at_least_value", value=language.percent(person.known_share))


def _describe_entries(person: Attendee, language: Language) -> str:
    """Return a note if rows were merged by name, which may be wrong; other keys need none."""
    return language.text("several_entries") if MergedBy.NAME in person.merged_by else ""


def _describe_segments(
    segments: Sequence[SessionSegment], language: Language, *, with_day: bool
) -> str:
    shown = segments[:_MAX_SPOKEN]
    stays = language.join([_describe_segment(part, language, with_day=with_day) for part in shown])
    more = len(segments) - _MAX_SPOKEN
    return language.text("stays_more", stays=stays, n=str(more)) if more > 0 else stays


def _describe_segment(segment: SessionSegment, language: Language, *, with_day: bool) -> str:
    start = language.time(segment.joined_at, with_day=with_day)
    if segment.left_at is None:
        return language.text("stay_open", start=start)
    return language.text("stay", start=start, end=language.time(segment.left_at))
