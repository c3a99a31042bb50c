"""The headline figures in the page and the PDF, as texts."""

from __future__ import annotations

from .language import Language
from .values import AttendanceReport, Summary

__all__ = ["build_figures"]

Figure = tuple[str, str, str]
"""A label, its value, and a note on it."""


def build_figures(
    report: AttendanceReport, language: Language, *, with_day: bool
) -> list[dict[str, str]]:
    """Return the headline figures: attendees and guests, with hosts and presenters apart."""
    figures = [
        *_build_counts(report.summary, language),
        *_build_reached(report, language),
        *_build_times(report, language, with_day=with_day),
    ]
    return [{"label": label, "value": value, "note": note} for label, value, note in figures]


def _build_counts(summary: Summary, language: Language) -> list[Figure]:
    attended_note = no_shows_note = ""
    if summary.registered and summary.attended_registered is not None:
        registered = language.number(summary.attended_registered)
        attended_note = language.text("note_registered", n=registered)
    if summary.attended is None:
        attended_note = language.text("note_counts")
    if summary.no_shows and summary.registered:
        share = language.percent(summary.no_shows / summary.registered)
        no_shows_note = language.text("note_no_shows", share=share)
    staff = (language.text("staff"), language.number(summary.staff), language.text("note_staff"))
    return [
        (language.text("registered"), language.number_or_unknown(summary.registered), ""),
        (language.text("attended"), language.number_or_unknown(summary.attended), attended_note),
        (language.text("no_shows"), language.number_or_unknown(summary.no_shows), no_shows_note),
        *([staff] if summary.staff else []),
    ]


def _build_reached(report: AttendanceReport, language: Language) -> list[Figure]:
    summary = report.summary
    if report.at_least is None:
        return []
    label = language.text("reached", threshold=language.threshold(report.at_least))
    attended, unknown = language.number(summary.attended), language.number(summary.reached_unknown)
    key = "note_reached_unknown" if summary.reached_unknown else "note_reached"
    note = language.text(key, n=attended, unknown=unknown) if summary.attended else ""
    return [(label, language.number_or_unknown(summary.reached), note)]


def _build_times(report: AttendanceReport, language: Language, *, with_day: bool) -> list[Figure]:
    summary, peak = report.summary, report.summary.peak
    timed = ""
    if summary.attended is not None and 0 < summary.timed < summary.attended:
        timed = language.text("note_timed", n=language.number(summary.timed))
    at = language.text("note_peak", time=language.time(peak.at, with_day=with_day)) if peak else ""
    most = language.number_or_unknown(peak.people if peak else None)
    return [
        (language.text("median"), language.duration(summary.median), timed),
        (language.text("mean"), language.duration(summary.mean), timed),
        (language.text("most"), most, at),
    ]
