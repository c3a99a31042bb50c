"""Positions on the time axis of the pictures: sessions side by side, without the days between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.model import Session
from conferencing.model.base import elapsed

from .language import Language
from .values import AttendanceReport, Attendee, SessionSegment

__all__ = ["Bar", "Tick", "Window", "build_bars", "build_ticks", "build_windows"]

_GAP: Final = 0.015
_MAX_GAPS: Final = 0.25  # of the width, for all gaps together
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)  # minutes
_MIN_LENGTH: Final = timedelta(minutes=1)


@frozen(kw_only=True)
class Window:
    """The time of one session that is drawn. `x` and `width` are 0 to 1 of the picture's width."""

    session: Session
    start: datetime
    end: datetime
    x: float
    width: float

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return elapsed(self.start, self.end)

    def position(self, at: datetime) -> float:
        """Return the position of a moment, 0 to 1 of the picture's width."""
        return self.x + self.width * (elapsed(self.start, at) / self.length)


@frozen
class Bar:
    """A segment, from `x` and `width` wide, both 0 to 1. The end of an `open` one is unknown."""

    x: float
    width: float
    open: bool = False


@frozen
class Tick:
    """A label on the axis; `offset` is the time since the start of the window."""

    offset: timedelta
    label: str


def build_windows(report: AttendanceReport) -> tuple[Window, ...]:
    """Return the windows of the sessions in order of time; sessions without any time have none."""
    segments: dict[str, list[SessionSegment]] = {}
    for segment in (segment for person in report.people for segment in person.segments):
        segments.setdefault(segment.session_id, []).append(segment)
    spans = [
        (session, *span)
        for session in report.sessions
        if (span := _find_span(session, segments.get(session.id, []))) is not None
    ]
    spans.sort(key=lambda span: span[1])
    gap = min(_GAP, _MAX_GAPS / len(spans)) if spans else 0
    total = sum((end - start for _, start, end in spans), timedelta())
    x, windows = 0.0, list[Window]()
    for session, start, end in spans:
        width = (end - start) / total * (1 - gap * (len(spans) - 1))
        local_start, local_end = (at.astimezone(report.timezone) for at in (start, end))
        windows.append(Window(session=session, start=local_start, end=local_end, x=x, width=width))
        x += width + gap
    return tuple(windows)


def build_bars(windows: Mapping[str, Window], person: Attendee) -> tuple[Bar, ...]:
    """Return a bar for each segment; the keys of `windows` are session ids."""
    return tuple(
        _build_bar(windows[segment.session_id], segment)
        for segment in person.segments
        if segment.session_id in windows
    )


def build_ticks(window: Window, zone: ZoneInfo, count: int, language: Language) -> tuple[Tick, ...]:
    """Return about `count` round times of day within a window, at most one more."""
    length = window.length / timedelta(minutes=1)
    step = next((step for step in _STEPS if length / step <= count), _STEPS[-1])
    while length / step > count:
        step *= 2
    start = window.start.astimezone(zone)
    since_round = timedelta(
        minutes=(start.hour * 60 + start.minute) % step,
        seconds=start.second,
        microseconds=start.microsecond,
    )
    first = timedelta(minutes=step) - since_round if since_round else timedelta()
    offsets = [first + number * timedelta(minutes=step) for number in range(count + 1)]
    return tuple(
        Tick(offset, _build_label(window.start, offset, zone, step, language))
        for offset in offsets
        if offset <= window.length
    )


def _build_label(
    start: datetime, offset: timedelta, zone: ZoneInfo, step: int, language: Language
) -> str:
    at = (start.astimezone(UTC) + offset).astimezone(zone)
    return language.day(at) if step >= _STEPS[-1] else language.time(at)


def _find_span(
    session: Session, segments: Sequence[SessionSegment]
) -> tuple[datetime, datetime] | None:
    moments = [session.started_at, session.ended_at, *_moments(segments)]
    times = [at.astimezone(UTC) for at in moments if at is not None]
    if not times:
        return None
    return min(times), max(*times, min(times) + _MIN_LENGTH)


def _moments(segments: Iterable[SessionSegment]) -> Iterable[datetime | None]:
    for segment in segments:
        yield segment.joined_at
        yield segment.left_at


def _build_bar(window: Window, segment: SessionSegment) -> Bar:
    x = window.position(segment.joined_at)
    if segment.left_at is None:
        return Bar(x, 0.0, open=True)
    return Bar(x, window.position(segment.left_at) - x)
