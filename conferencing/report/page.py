"""What the page and the PDF both say, in words and fractions of the picture's width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conferencing.model import Participant, Role, Session

from .timeline import Bar, Window, bars_of, ticks, windows_of
from .values import AttendanceReport, Attendee, Stay
from .words import (
    UNKNOWN,
    clock,
    count,
    date,
    day,
    known_by,
    length,
    minutes,
    moment,
    percent,
    printable,
    zone_label,
)

__all__ = ["NAMELESS", "page_of"]

NAMELESS: Final = "(no name)"

_LABELS: Final = 5  # as many times of day as the head of the timeline has room for
_DAYS: Final = 4.5
_SPOKEN: Final = 12  # as many stays as are read out one by one
_UNSAID: Final = ""


def page_of(report: AttendanceReport) -> dict[str, Any]:
    """Return everything that is to be seen, except the curve, as plain values."""
    windows = {window.session.id: window for window in windows_of(report)}
    dated = len({day for one in windows.values() for day in (one.start.date(), one.end.date())}) > 1
    return {
        "title": printable(report.title),
        "when": _when(report),
        "zone": report.timezone.key,
        "made": f"Made on {moment(report.made_at)} ({report.timezone.key}) from what "
        f"{report.provider} tells. Time present is time in the room: two devices at once count "
        "once, and the time between leaving and coming back does not count.",
        "numbers": _numbers(report, dated=dated),
        "gaps": [{"text": gap.text} for gap in report.gaps],
        "curve_words": _curve_words(report, dated=dated),
        "people_words": _people_words(report),
        "dated": dated,
        "axis": _axis(report, windows),
        "tracks": [{"x": _mille(one.x), "width": _mille(one.width)} for one in windows.values()],
        "sessions": _sessions(report),
        "people": [
            _person(one, windows, dated=dated, registered=report.summary.registered is not None)
            for one in report.people
        ],
        "no_shows": [_no_show(one, report) for one in report.no_shows],
    }


def _when(report: AttendanceReport) -> str:
    starts = [one.started_at for one in report.sessions if one.started_at]
    if not starts:
        return f"All times are in {report.timezone.key}."
    first, last = date(min(starts)), date(max(starts))
    days = first if first == last else f"{first} to {last}"
    label = zone_label(min(starts))
    zone = (
        report.timezone.key if report.timezone.key == label else f"{report.timezone.key} ({label})"
    )
    return f"{days}. All times are in {zone}."


def _numbers(report: AttendanceReport, *, dated: bool) -> list[dict[str, str]]:
    summary = report.summary
    expected = _UNSAID
    if summary.registered and summary.expected is not None:
        expected = f"{summary.expected:,} of them registered"
    if summary.came is None:
        expected = "see the counts by session"
    partly = _UNSAID
    if 0 < summary.timed < len(report.people):
        partly = f"of the {summary.timed:,} whose time is known"
    top = summary.peak
    numbers = [
        ("Registered", _number(summary.registered), _UNSAID),
        ("Came", _number(summary.came), expected),
        ("No-shows", _number(summary.no_shows), _share(summary.no_shows, summary.registered)),
        ("Median time present", length(summary.median), partly),
        ("Average time present", length(summary.mean), partly),
        (
            "Most at one time",
            _number(top.people if top else None),
            f"at {clock(top.at, dated=dated)}" if top else "",
        ),
    ]
    return [{"label": label, "value": value, "note": note} for label, value, note in numbers]


def _number(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def _share(part: int | None, whole: int | None) -> str:
    return f"{percent(part / whole)} of those registered" if part and whole else _UNSAID


def _curve_words(report: AttendanceReport, *, dated: bool) -> str:
    top = report.summary.peak
    if top is None:
        return _UNSAID
    return (
        "How many people were in the room over time: most at "
        f"{clock(top.at, dated=dated)}, with {count(top.people, 'person', 'people')}."
    )


def _people_words(report: AttendanceReport) -> str:
    roles = Counter(one.role for one in report.people)
    parts = [_of_role(role, roles[role]) for role in Role if roles[role]]
    return f"{count(len(report.people), 'person', 'people')}: {', '.join(parts)}"


def _of_role(role: Role, number: int) -> str:
    if role is Role.UNKNOWN:
        return f"{number:,} of unknown role"
    return count(number, role.value, f"{role.value}s")


def _axis(report: AttendanceReport, windows: Mapping[str, Window]) -> list[dict[str, Any]]:
    """Label the head of the timeline: times of day, or the days where it shows several sessions."""
    if len(windows) > 1:
        return _days(windows.values())
    return [
        _mark(offset, tick.label)
        for window in windows.values()
        for tick in ticks(window, report.timezone, _LABELS - 1)
        if (offset := tick.offset / window.length) <= 1
    ]


def _days(windows: Iterable[Window]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    free = 0.0
    for window in windows:
        if window.x >= free:
            found.append(_mark(window.x, day(window.start)) | {"anchor": "start"})
            free = window.x + 1 / _DAYS
    return found


def _mark(x: float, label: str) -> dict[str, Any]:
    anchor = "start" if x < 0.04 else "end" if x > 0.96 else "middle"  # noqa: PLR2004 - the edges
    return {"x": round(x * 100, 1), "label": label, "anchor": anchor}


def _mille(fraction: float) -> float:
    return round(fraction * 1000, 1)


def _sessions(report: AttendanceReport) -> list[dict[str, str]]:
    listed = Counter(session_id for person in report.people for session_id in person.session_ids)
    unlisted = UNKNOWN if not report.people else "0"
    return [
        _session(one, f"{listed[one.id]:,}" if listed[one.id] else unlisted)
        for one in report.sessions
    ]


def _session(session: Session, people: str) -> dict[str, str]:
    return {
        "title": printable(session.title)
        or (date(session.started_at) if session.started_at else session.id),
        "started": moment(session.started_at),
        "ended": moment(session.ended_at),
        "length": length(session.duration),
        "people": people,
        "counted": UNKNOWN if session.people is None else f"{session.people:,}",
        "peak": UNKNOWN if session.peak is None else f"{session.peak:,}",
    }


def _person(
    person: Attendee, windows: Mapping[str, Window], *, dated: bool, registered: bool
) -> dict[str, Any]:
    return {
        "name": printable(person.name) or NAMELESS,
        "email": printable(person.email),
        "role": UNKNOWN if person.role is Role.UNKNOWN else person.role.value,
        "joined": clock(person.joined_at, dated=dated),
        "left": clock(person.left_at, dated=dated),
        "stays": str(len(person.stays)) if person.stays else UNKNOWN,
        "minutes": minutes(person.duration),
        "share": percent(person.share),
        "known_by": known_by(person, registered=registered),
        "stays_words": _spoken(person.stays, dated=dated),
        "bars": [_drawn(bar) for bar in bars_of(windows, person)],
    }


def _spoken(stays: tuple[Stay, ...], *, dated: bool) -> str:
    told = ", ".join(_stay(stay, dated=dated) for stay in stays[:_SPOKEN])
    more = len(stays) - _SPOKEN
    return f"{told} and {more} more" if more > 0 else told


def _stay(stay: Stay, *, dated: bool) -> str:
    if stay.left_at is None:
        return f"from {clock(stay.joined_at, dated=dated)}, end unknown"
    return f"{clock(stay.joined_at, dated=dated)} to {clock(stay.left_at)}"


def _drawn(bar: Bar) -> dict[str, Any]:
    """Keep each bar wide enough to be seen, and inside the picture."""
    width = max(_mille(bar.width), 4.0)
    return {"x": min(_mille(bar.x), 1000 - width), "width": width, "open": bar.open}


def _no_show(person: Participant, report: AttendanceReport) -> dict[str, str]:
    at = person.registered_at and person.registered_at.astimezone(report.timezone)
    return {
        "name": printable(person.display_name) or NAMELESS,
        "email": printable(person.email),
        "registered": moment(at),
    }
