"""The contents of the page and the PDF: texts, and positions as fractions of the picture's width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conferencing.formatting import UNKNOWN, clean_line, format_utc_offset
from conferencing.model import Role, Session
from conferencing.model.base import to_utc

from .figures import build_figures
from .language import Language
from .limitations import describe_limitation
from .people import build_columns, build_no_show, build_person
from .timeline import Bar, Window, build_bars, build_ticks, build_windows
from .values import AttendanceReport, Limitation

__all__ = ["build_page"]

_TICKS: Final = 4  # the labels that the head of the timeline has room for, less one
_DAYS: Final = 4.5


def build_page(
    report: AttendanceReport, language: Language, limitations: Iterable[Limitation] = ()
) -> dict[str, Any]:
    """Return everything that is shown, except the chart, as plain values.

    `limitations` are those of the format, in addition to those of the report. In languages that run
    from right to left, time does too.
    """
    windows = {window.session.id: window for window in build_windows(report)}
    days = {at.date() for window in windows.values() for at in (window.start, window.end)}
    with_day = len(days) > 1
    has_registration = report.summary.registered is not None
    people = [
        build_person(person, language, with_day=with_day, has_registration=has_registration)
        | {"bars": [_place_bar(bar, language) for bar in build_bars(windows, person)]}
        for person in report.people
    ]
    return {
        "words": language.texts,
        "language": language.tag,
        "rtl": language.is_right_to_left,
        "title": clean_line(report.title),
        "page_title": language.text("page_title", title=clean_line(report.title)),
        "when": _describe_dates(report, language),
        "sessions_words": language.text(
            "sessions_caption", n=language.number(len(report.sessions)), zone=report.timezone.key
        ),
        "made": language.text(
            "made",
            at=language.moment(report.made_at),
            zone=report.timezone.key,
            provider=report.provider,
        ),
        "numbers": build_figures(report, language, with_day=with_day),
        "limitations": [
            describe_limitation(limitation, language)
            for limitation in (*report.limitations, *limitations)
        ],
        "chart_words": _describe_chart(report, language, with_day=with_day),
        "people_words": _describe_people(report, language),
        "columns": build_columns(report, people, language),
        "with_day": with_day,
        "axis": _mirror_labels(_build_axis(report, windows, language), language),
        "tracks": [
            _place_bar(Bar(window.x, window.width), language) for window in windows.values()
        ],
        "sessions": _build_sessions(report, language),
        "people": people,
        "no_shows": [
            build_no_show(person, report.timezone, language) for person in report.no_shows
        ],
    }


def _describe_dates(report: AttendanceReport, language: Language) -> str:
    starts = [session.started_at for session in report.sessions if session.started_at]
    zone = language.text("zone", zone=_describe_zone(report))
    if not starts:
        return zone
    first, last = language.date(min(starts)), language.date(max(starts))
    dates = first if first == last else language.text("period", first=first, last=last)
    return f"{dates}. {zone}" if not dates.endswith(".") else f"{dates} {zone}"


def _describe_zone(report: AttendanceReport) -> str:
    """Return the zone with its offsets: two, if the clocks change between the sessions."""
    times = [at for session in report.sessions for at in (session.started_at, session.ended_at)]
    moments = sorted(to_utc(at) for at in times if at is not None)
    offsets = [format_utc_offset(at.astimezone(report.timezone)) for at in moments]
    zone = report.timezone.key
    text = ", ".join(dict.fromkeys(offsets))
    return zone if text in {"", zone} else f"{zone} ({text})"


def _describe_chart(report: AttendanceReport, language: Language, *, with_day: bool) -> str:
    peak = report.summary.peak
    if peak is None:
        return ""
    return language.text(
        "chart_words",
        people=language.count("attendees", peak.people),
        time=language.time(peak.at, with_day=with_day),
    )


def _describe_people(report: AttendanceReport, language: Language) -> str:
    counts = Counter(person.role for person in report.people)
    parts = [language.count(role.value, counts[role]) for role in Role if counts[role]]
    return f"{language.count('people', len(report.people))}: {language.join(parts)}"


def _build_axis(
    report: AttendanceReport, windows: Mapping[str, Window], language: Language
) -> list[dict[str, Any]]:
    """Label the head of the timeline: times of day, or days if there are several sessions."""
    if len(windows) > 1:
        return _build_day_labels(windows.values(), language)
    return [
        _build_label(position, tick.label)
        for window in windows.values()
        for tick in build_ticks(window, report.timezone, _TICKS, language)
        if (position := tick.offset / window.length) <= 1
    ]


def _build_day_labels(windows: Iterable[Window], language: Language) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = []
    free = 0.0
    for window in windows:
        if window.x >= free:
            label = _build_label(window.x, language.day(window.start))
            labels.append(label | {"anchor": "start"})
            free = window.x + 1 / _DAYS
    return labels


def _build_label(x: float, label: str) -> dict[str, Any]:
    anchor = "start" if x < 0.04 else "end" if x > 0.96 else "middle"  # noqa: PLR2004 - the edges
    return {"x": round(x * 100, 1), "label": label, "anchor": anchor}


def _mirror_labels(labels: list[dict[str, Any]], language: Language) -> list[dict[str, Any]]:
    if not language.is_right_to_left:
        return labels
    other = {"start": "end", "end": "start", "middle": "middle"}
    return [
        label | {"x": round(100 - label["x"], 1), "anchor": other[label["anchor"]]}
        for label in labels
    ]


def _per_mille(fraction: float) -> float:
    return round(fraction * 1000, 1)


def _place_bar(bar: Bar, language: Language) -> dict[str, Any]:
    """Make each bar wide enough to be visible, and keep it inside the picture."""
    width = max(_per_mille(bar.width), 4.0)
    x = min(_per_mille(bar.x), 1000 - width)
    mirrored = round(1000 - x - width, 1)
    return {"x": mirrored if language.is_right_to_left else x, "width": width, "open": bar.open}


def _build_sessions(report: AttendanceReport, language: Language) -> list[dict[str, str]]:
    listed = Counter(session_id for person in report.people for session_id in person.session_ids)
    none_listed = "0" if report.people else UNKNOWN
    return [
        _build_session(
            session,
            language.number(listed[session.id]) if listed[session.id] else none_listed,
            language,
        )
        for session in report.sessions
    ]


def _build_session(session: Session, people: str, language: Language) -> dict[str, str]:
    date = language.date(session.started_at) if session.started_at else session.id
    return {
        "title": clean_line(session.title) or date,
        "started": language.moment(session.started_at),
        "ended": language.moment(session.ended_at),
        "duration": language.duration(session.duration),
        "people": people,
        "people_by_provider": language.number(session.people),
        "peak": language.number(session.peak),
    }
