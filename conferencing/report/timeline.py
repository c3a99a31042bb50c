"""Where a moment stands on the picture's time axis: sessions side by side, without the days between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.model import Session
from conferencing.model.base import elapsed

from .values import AttendanceReport, Attendee, Stay
from .words import clock, day

__all__ = ["Bar", "Tick", "Window", "bars_of", "ticks", "windows_of"]

_GAP: Final = 0.015
_GAPS: Final = 0.25  # all gaps together take no more of the width
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
_LEAST: Final = timedelta(minutes=1)


@frozen(kw_only=True)
class Window:
    """Hold the stretch of time that is drawn of one session: `x` and `width` are 0 to 1."""

    session: Session
    start: datetime
    end: datetime
    x: float
    width: float

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return elapsed(self.start, self.end)

    def place(self, at: datetime) -> float:
        """Return where a moment stands, 0 to 1 over the whole picture."""
        return self.x + self.width * (elapsed(self.start, at) / self.length)


@frozen
class Bar:
    """Draw one stay from `x`, `width` wide, both 0 to 1. One that is `open` has no known end."""

    x: float
    width: float
    open: bool = False


@frozen
class Tick:
    """Label a moment of a window; `offset` is the time since its start."""

    offset: timedelta
    label: str


def windows_of(report: AttendanceReport) -> tuple[Window, ...]:
    """Return what is drawn of each session, in order of time; those without any time are not."""
    stays: dict[str, list[Stay]] = {}
    for stay in (stay for person in report.people for stay in person.stays):
        stays.setdefault(stay.session_id, []).append(stay)
    spans = [
        (session, *span)
        for session in report.sessions
        if (span := _span(session, stays.get(session.id, []))) is not None
    ]
    spans.sort(key=lambda one: one[1])
    gap = min(_GAP, _GAPS / len(spans)) if spans else 0
    whole = sum((end - start for _, start, end in spans), timedelta())
    left, found = 0.0, list[Window]()
    for session, start, end in spans:
        width = (end - start) / whole * (1 - gap * (len(spans) - 1))
        zone = report.timezone
        found.append(
            Window(
                session=session,
                start=start.astimezone(zone),
                end=end.astimezone(zone),
                x=left,
                width=width,
            )
        )
        left += width + gap
    return tuple(found)


def bars_of(windows: Mapping[str, Window], person: Attendee) -> tuple[Bar, ...]:
    """Return a bar for each stay; `windows` are by the id of their session."""
    return tuple(
        _bar(windows[stay.session_id], stay) for stay in person.stays if stay.session_id in windows
    )


def ticks(window: Window, zone: ZoneInfo, most: int) -> tuple[Tick, ...]:
    """Return at most so many round times of day within a window."""
    length = window.length / timedelta(minutes=1)
    step = next((one for one in _STEPS if length / one <= most), _STEPS[-1])
    while length / step > most:
        step *= 2
    start = window.start.astimezone(zone)
    late = timedelta(
        minutes=(start.hour * 60 + start.minute) % step,
        seconds=start.second,
        microseconds=start.microsecond,
    )
    first = timedelta(minutes=step) - late if late else timedelta()
    offsets = [first + number * timedelta(minutes=step) for number in range(most + 1)]
    return tuple(
        Tick(offset, _label(window.start, offset, zone, step))
        for offset in offsets
        if offset <= window.length
    )


def _label(start: datetime, offset: timedelta, zone: ZoneInfo, step: int) -> str:
    at = (start.astimezone(UTC) + offset).astimezone(zone)
    return day(at) if step >= _STEPS[-1] else clock(at)


def _span(session: Session, stays: Sequence[Stay]) -> tuple[datetime, datetime] | None:
    moments = [session.started_at, session.ended_at, *_moments(stays)]
    known = [at.astimezone(UTC) for at in moments if at is not None]
    if not known:
        return None
    return min(known), max(*known, min(known) + _LEAST)


def _moments(stays: Iterable[Stay]) -> Iterable[datetime | None]:
    for stay in stays:
        yield stay.joined_at
        yield stay.left_at


def _bar(window: Window, stay: Stay) -> Bar:
    x = window.place(stay.joined_at)
    if stay.left_at is None:
        return Bar(x, 0.0, open=True)
    return Bar(x, window.place(stay.left_at) - x)
