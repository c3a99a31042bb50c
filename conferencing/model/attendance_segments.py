"""Segments of presence, and the arithmetic of their union."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from .base import elapsed, to_utc

__all__ = ["Segment", "by_start", "clip_segments", "merge_segments", "sum_durations"]

_NO_END: Final = timedelta.max  # sorts a segment without an end behind all others


@frozen(kw_only=True)
class Segment:
    """One uninterrupted presence of a person. `left_at` is None if it is not known, or not yet.

    A segment that ends before it starts, as some vendors report, has the duration zero.
    """

    joined_at: datetime
    left_at: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """The duration, or None if the end is unknown."""
        if self.left_at is None:
            return None
        return max(elapsed(self.joined_at, self.left_at), timedelta())


def merge_segments(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments in order, with overlapping and adjacent ones merged.

    A segment without an end is not merged: what it covers is unknown. One that ends before it
    starts ends at its start.
    """
    forward = tuple(map(_forward, segments))
    if len(forward) <= 1:
        return forward
    merged: list[Segment] = []
    unended: list[Segment] = []
    for segment in sorted(forward, key=by_start):
        last = merged[-1].left_at if merged else None
        if segment.left_at is None:
            unended.append(segment)
        elif last is None or to_utc(segment.joined_at) > to_utc(last):
            merged.append(segment)
        elif to_utc(segment.left_at) > to_utc(last):
            merged[-1] = evolve(merged[-1], left_at=segment.left_at)
    return tuple(sorted(merged + unended, key=by_start))


def clip_segments(
    segments: Iterable[Segment], start: datetime, end: datetime
) -> tuple[Segment, ...]:
    """Return the union of the segments between `start` and `end`.

    A segment without an end is left out if it adds nothing, because it starts after `end` or
    because the others cover the time from its start to `end`.
    """
    start, end = to_utc(start), to_utc(end)
    merged = merge_segments(_clip(segments, start, end))
    ended = [(segment.joined_at, segment.left_at) for segment in merged if segment.left_at]
    return tuple(
        segment
        for segment in merged
        if segment.left_at is not None
        or (
            segment.joined_at < end
            and not any(joined <= segment.joined_at and left >= end for joined, left in ended)
        )
    )


def sum_durations(segments: Iterable[Segment]) -> timedelta:
    """Return how long the segments last together, without those whose end is unknown."""
    durations = (segment.duration for segment in segments)
    return sum((duration for duration in durations if duration is not None), timedelta())


def by_start(segment: Segment) -> tuple[datetime, timedelta]:
    return to_utc(segment.joined_at), _NO_END if segment.duration is None else segment.duration


def _forward(segment: Segment) -> Segment:
    if segment.left_at is None or elapsed(segment.joined_at, segment.left_at) >= timedelta():
        return segment
    return evolve(segment, left_at=segment.joined_at)


def _clip(segments: Iterable[Segment], start: datetime, end: datetime) -> Iterator[Segment]:
    for segment in segments:
        joined = min(max(to_utc(segment.joined_at), start), end)
        left = segment.left_at and min(max(to_utc(segment.left_at), joined), end)
        yield Segment(joined_at=joined, left_at=left)
