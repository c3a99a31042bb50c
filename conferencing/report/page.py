"""The contents of the page and the PDF: texts, and positions as fractions of the picture's width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conferencing.formatting import (
    UNKNOWN,
    clean_line,
    format_count,
    format_date,
    format_day,
    format_duration,
    format_minutes,
    format_moment,
    format_percent,
    format_time,
    format_utc_offset,
)
from conferencing.model import Participant, Role, Session
from conferencing.model.attendance import MatchedBy, MergedBy

from .timeline import Bar, Window, build_bars, build_ticks, build_windows
from .values import AttendanceReport, Attendee, SessionSegment

__all__ = ["NO_NAME", "build_page"]

NO_NAME: Final = "(no name)"

_TICKS: Final = 4  # the labels that the head of the timeline has room for, less one
_DAYS: Final = 4.5
_MAX_SPOKEN: Final = 12  # segments in the description for screen readers
_MATCHED: Final = {
    MatchedBy.REGISTRATION: "registration",
    MatchedBy.EMAIL: "registered e-mail",
}
_MERGED: Final = {
    MergedBy.REGISTRATION: "registration",
    MergedBy.ID: "id",
    MergedBy.EMAIL: "e-mail",
    MergedBy.NAME: "name",
}


def build_page(report: AttendanceReport) -> dict[str, Any]:
    """Return everything that is shown, except the chart, as plain values."""
    windows = {window.session.id: window for window in build_windows(report)}
    days = {at.date() for window in windows.values() for at in (window.start, window.end)}
    with_day = len(days) > 1
    has_registration = report.summary.registered is not None
    return {
        "title": clean_line(report.title),
        "when": _describe_dates(report),
        "zone": report.timezone.key,
        "made": f"Made on {format_moment(report.made_at)} ({report.timezone.key}) from the data of "
        f"{report.provider}. Time present is time in the room: two devices at once count once, and "
        "the time between leaving and returning does not count.",
        "numbers": _build_numbers(report, with_day=with_day),
        "limitations": [limitation.text for limitation in report.limitations],
        "chart_words": _describe_chart(report, with_day=with_day),
        "people_words": _describe_people(report),
        "with_day": with_day,
        "axis": _build_axis(report, windows),
        "tracks": [
            {"x": _per_mille(window.x), "width": _per_mille(window.width)}
            for window in windows.values()
        ],
        "sessions": _build_sessions(report),
        "people": [
            _build_person(person, windows, with_day=with_day, has_registration=has_registration)
            for person in report.people
        ],
        "no_shows": [_build_no_show(person, report) for person in report.no_shows],
    }


def _describe_dates(report: AttendanceReport) -> str:
    zone = report.timezone.key
    starts = [session.started_at for session in report.sessions if session.started_at]
    if not starts:
        return f"All times are in {zone}."
    first, last = format_date(min(starts)), format_date(max(starts))
    offset = format_utc_offset(min(starts))
    dates = first if first == last else f"{first} to {last}"
    return f"{dates}. All times are in {zone if zone == offset else f'{zone} ({offset})'}."


def _build_numbers(report: AttendanceReport, *, with_day: bool) -> list[dict[str, str]]:
    summary, peak = report.summary, report.summary.peak
    attended_note = timed_note = no_shows_note = ""
    if summary.registered and summary.attended_registered is not None:
        attended_note = f"{summary.attended_registered:,} of them registered"
    if summary.attended is None:
        attended_note = "see the counts by session"
    if 0 < summary.timed < len(report.people):
        timed_note = f"of the {summary.timed:,} whose time is known"
    if summary.no_shows and summary.registered:
        share = format_percent(summary.no_shows / summary.registered)
        no_shows_note = f"{share} of those registered"
    numbers = [
        ("Registered", _format_number(summary.registered), ""),
        ("Attended", _format_number(summary.attended), attended_note),
        ("No-shows", _format_number(summary.no_shows), no_shows_note),
        ("Median time present", format_duration(summary.median), timed_note),
        ("Average time present", format_duration(summary.mean), timed_note),
        (
            "Most at one time",
            _format_number(peak.people if peak else None),
            f"at {format_time(peak.at, with_day=with_day)}" if peak else "",
        ),
    ]
    return [{"label": label, "value": value, "note": note} for label, value, note in numbers]


def _format_number(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def _describe_chart(report: AttendanceReport, *, with_day: bool) -> str:
    peak = report.summary.peak
    if peak is None:
        return ""
    return (
        "People in the room over time. The peak is "
        f"{format_count(peak.people, 'person', 'people')}, first at "
        f"{format_time(peak.at, with_day=with_day)}."
    )


def _describe_people(report: AttendanceReport) -> str:
    counts = Counter(person.role for person in report.people)
    parts = [_count_role(role, counts[role]) for role in Role if counts[role]]
    return f"{format_count(len(report.people), 'person', 'people')}: {', '.join(parts)}"


def _count_role(role: Role, number: int) -> str:
    if role is Role.UNKNOWN:
        return f"{number:,} of unknown role"
    return format_count(number, role.value, f"{role.value}s")


def _build_axis(report: AttendanceReport, windows: Mapping[str, Window]) -> list[dict[str, Any]]:
    """Label the head of the timeline: times of day, or days if there are several sessions."""
    if len(windows) > 1:
        return _build_day_labels(windows.values())
    return [
        _build_label(position, tick.label)
        for window in windows.values()
        for tick in build_ticks(window, report.timezone, _TICKS)
        if (position := tick.offset / window.length) <= 1
    ]


def _build_day_labels(windows: Iterable[Window]) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = []
    free = 0.0
    for window in windows:
        if window.x >= free:
            labels.append(_build_label(window.x, format_day(window.start)) | {"anchor": "start"})
            free = window.x + 1 / _DAYS
    return labels


def _build_label(x: float, label: str) -> dict[str, Any]:
    anchor = "start" if x < 0.04 else "end" if x > 0.96 else "middle"  # noqa: PLR2004 - the edges
    return {"x": round(x * 100, 1), "label": label, "anchor": anchor}


def _per_mille(fraction: float) -> float:
    return round(fraction * 1000, 1)


def _build_sessions(report: AttendanceReport) -> list[dict[str, str]]:
    listed = Counter(session_id for person in report.people for session_id in person.session_ids)
    none_listed = "0" if report.people else UNKNOWN
    return [
        _build_session(session, f"{listed[session.id]:,}" if listed[session.id] else none_listed)
        for session in report.sessions
    ]


def _build_session(session: Session, people: str) -> dict[str, str]:
    date = format_date(session.started_at) if session.started_at else session.id
    return {
        "title": clean_line(session.title) or date,
        "started": format_moment(session.started_at),
        "ended": format_moment(session.ended_at),
        "length": format_duration(session.duration),
        "people": people,
        "people_by_provider": UNKNOWN if session.people is None else f"{session.people:,}",
        "peak": UNKNOWN if session.peak is None else f"{session.peak:,}",
    }


def _build_person(
    person: Attendee, windows: Mapping[str, Window], *, with_day: bool, has_registration: bool
) -> dict[str, Any]:
    return {
        "name": clean_line(person.name) or NO_NAME,
        "email": clean_line(person.email),
        "role": UNKNOWN if person.role is Role.UNKNOWN else person.role.value,
        "joined": format_time(person.joined_at, with_day=with_day),
        "left": format_time(person.left_at, with_day=with_day),
        "joins": str(len(person.segments)) if person.segments else UNKNOWN,
        "minutes": format_minutes(person.duration),
        "share": format_percent(person.share),
        "identified_by": _describe_identification(person, has_registration=has_registration),
        "times": _describe_segments(person.segments, with_day=with_day),
        "bars": [_place_bar(bar) for bar in build_bars(windows, person)],
    }


def _describe_identification(person: Attendee, *, has_registration: bool) -> str:
    """Say how a person was matched to a registration, if there are any, and rows were merged."""
    match = _MATCHED[person.matched_by] if person.matched_by else ""
    if not match and has_registration:
        match = "registration" if person.participant_id else "not registered"
    # The strongest key is enough: whoever has one registration also has one e-mail address.
    key = next((_MERGED[key] for key in MergedBy if key in person.merged_by), "")
    return "; ".join(filter(None, (match, key and f"merged by {key}"))) or UNKNOWN


def _describe_segments(segments: tuple[SessionSegment, ...], *, with_day: bool) -> str:
    text = ", ".join(
        _describe_segment(segment, with_day=with_day) for segment in segments[:_MAX_SPOKEN]
    )
    more = len(segments) - _MAX_SPOKEN
    return f"{text} and {more} more" if more > 0 else text


def _describe_segment(segment: SessionSegment, *, with_day: bool) -> str:
    start = format_time(segment.joined_at, with_day=with_day)
    if segment.left_at is None:
        return f"from {start}, end unknown"
    return f"{start} to {format_time(segment.left_at)}"


def _place_bar(bar: Bar) -> dict[str, Any]:
    """Make each bar wide enough to be visible, and keep it inside the picture."""
    width = max(_per_mille(bar.width), 4.0)
    return {"x": min(_per_mille(bar.x), 1000 - width), "width": width, "open": bar.open}


def _build_no_show(person: Participant, report: AttendanceReport) -> dict[str, str]:
    registered_at = person.registered_at and person.registered_at.astimezone(report.timezone)
    return {
        "name": clean_line(person.display_name) or NO_NAME,
        "email": clean_line(person.email),
        "registered": format_moment(registered_at),
    }
