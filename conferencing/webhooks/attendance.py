"""Attendance from events: the same records that a query gives, whatever the order of delivery.

Pure functions. The result depends on the set of events only: repeating some of them, or passing
them in another order, changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from conferencing.attendance import KEYS, Group, groups_of
from conferencing.model.attendance import (
    Attendance,
    MatchedBy,
    MergedBy,
    Precision,
    Segment,
)
from conferencing.model.attendance_segments import by_start
from conferencing.model.base import to_utc
from conferencing.model.emails import email_key
from conferencing.model.people import Role

from .events import Event, ParticipantJoined, ParticipantLeft, SessionEnded, SessionStarted

__all__ = ["attendance_from_events"]

PresenceEvents = ParticipantJoined | ParticipantLeft
Ends = tuple[datetime | None, datetime | None]
"""When one presence began and ended, as far as events say so."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_RANK: Final = {role: rank for rank, role in enumerate(Role)}  # host first
_PRECISIONS: Final = (Precision.SEGMENTS, Precision.SPAN, Precision.JOINED)  # the best first


def attendance_from_events(
    events: Iterable[Event],
    by: Sequence[MergedBy] = (MergedBy.REGISTRATION, MergedBy.ID, MergedBy.EMAIL),
) -> list[Attendance]:
    """Return one record per person and session, in the order of sessions and of arrivals.

    Other events than joining, leaving, and the start and end of sessions are ignored. `by` are the
    keys by which presences are taken for one person's.

    A leave that is missing is unknown. But once the session has ended, the person was present until
    then at most: that end is used, and `precision` is `SPAN`. A join that is missing is replaced by
    the start of the session in the same way; if that is unknown too, the person was seen at the
    time of leaving and nothing more is known: the segment begins there without an end, and
    `precision` is `JOINED`.
    """
    sessions: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        in_session = event.session_id is not None
        key = ("session", event.session_id) if in_session else ("room", event.room_id)
        sessions[key[0], key[1] or ""].append(event)
    folded = [(_fold_session(group, by), key) for key, group in sessions.items()]
    ordered = sorted(((_order(rows[0]), key, rows) for rows, key in folded if rows), key=_first_two)
    return [row for _, _, rows in ordered for row in rows]


def _first_two(session: tuple[Any, Any, Any]) -> tuple[Any, Any]:
    return session[0], session[1]


@frozen
class Bounds:
    """When a session started and ended. One without an id may have done so several times."""

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]

    def start_before(self, moment: datetime) -> datetime | None:
        """Return the last start before a moment, or None."""
        earlier = (start for start in reversed(self.starts) if to_utc(start) <= to_utc(moment))
        return next(earlier, None)

    def end_after(self, moment: datetime) -> datetime | None:
        """Return the first end after a moment, or None."""
        return next((end for end in self.ends if to_utc(end) >= to_utc(moment)), None)


def _fold_session(events: Sequence[Event], by: Sequence[MergedBy]) -> list[Attendance]:
    bounds = _read_bounds(events)
    presences: defaultdict[Hashable, list[PresenceEvents]] = defaultdict(list)
    for event in events:
        if isinstance(event, PresenceEvents):
            presences[_presence_key(event)].append(event)
    rows = sorted((_fold_presence(group, bounds) for group in presences.values()), key=_order)
    groups = groups_of(rows, {reason: KEYS[reason] for reason in by})
    return sorted(map(_merge_rows, groups), key=_order)


def _read_bounds(events: Sequence[Event]) -> Bounds:
    starts: set[datetime | None] = set()
    ends: set[datetime | None] = set()
    for event in events:
        if isinstance(event, SessionStarted):
            starts.add(event.started_at or event.time)
        elif isinstance(event, SessionEnded):
            starts.add(event.started_at)
            ends.add(event.ended_at or event.time)
    return Bounds(_in_order(starts), _in_order(ends))


def _in_order(moments: Iterable[datetime | None]) -> tuple[datetime, ...]:
    return tuple(sorted((moment for moment in moments if moment is not None), key=to_utc))


def _presence_key(event: PresenceEvents) -> Hashable:
    """Return the key of a presence: the vendor's, or else one of the person."""
    if event.visit_id:
        return "visit", event.visit_id
    if event.person_id:
        return "person", event.person_id
    if event.participant_id:
        return "participant", event.participant_id
    if event.email:
        return "email", email_key(event.email)
    return "event", event.id  # nothing connects it with another event; names are not unique


def _fold_presence(events: Sequence[PresenceEvents], bounds: Bounds) -> Attendance:
    """Return a record of the events with one key."""
    ordered = sorted(events, key=_event_order)
    pairs = _pair_visit(ordered) if ordered[0].visit_id else _pair_events(ordered, bounds)
    segments = [_complete(pair, bounds) for pair in pairs]
    participant_id = _first_known(ordered, "participant_id")
    return Attendance(
        id=_first_known(ordered, "person_id") or ordered[0].visit_id or ordered[0].id,
        session_id=ordered[0].session_id,
        display_name=_first_known(ordered, "display_name"),
        email=_first_known(ordered, "email"),
        role=min((event.role for event in ordered), key=_RANK.__getitem__),
        segments=tuple(sorted((segment for segment, _ in segments), key=by_start)),
        precision=_worst(precision for _, precision in segments),
        participant_id=participant_id,
        matched_by=None if participant_id is None else MatchedBy.REGISTRATION,
        native=ordered[0].native,
    )


def _pair_visit(events: Sequence[PresenceEvents]) -> list[Ends]:
    """Return the one presence that all of these events are about."""
    joins = _in_order({_find_join(event) for event in events})
    leaves = _in_order({_find_leave(event) for event in events})
    ends = (joins[0] if joins else None, leaves[-1] if leaves else None)
    return [] if ends == (None, None) else [ends]


def _pair_events(events: Sequence[PresenceEvents], bounds: Bounds) -> list[Ends]:
    """Return the presences of one person, of whom only single joins and leaves are known.

    Events with one id are repetitions. A leave that says when the person joined is a whole
    presence; its join may also have been reported on its own.
    """
    joined = {
        (_find_join(event), event.id) for event in events if isinstance(event, ParticipantJoined)
    }
    left = {
        (event.joined_at, _find_leave(event), event.id)
        for event in events
        if isinstance(event, ParticipantLeft)
    }
    whole = {(start, end) for start, end, _ in left if start is not None}
    joins = Counter(moment for moment, _ in joined if moment is not None)
    joins.subtract(start for start, _ in whole)
    leaves = Counter(end for start, end, _ in left if start is None and end is not None)
    return [*whole, *_pair_changes(+joins, leaves, bounds)]


def _pair_changes(
    joins: Counter[datetime], leaves: Counter[datetime], bounds: Bounds
) -> list[Ends]:
    """Pair joins and leaves of one person: a leave belongs to the latest join that is still open.

    That is right for two devices, since only the union of the presences counts, and for a leave
    that was lost, since the join after it is closed by its own leave.
    """
    pairs: list[Ends] = []
    opened: list[datetime] = []
    for moment in _in_order({*joins, *leaves, *bounds.starts}):
        ended = [start for start in opened if _has_end_between(start, moment, bounds)]
        pairs += [(start, None) for start in ended]
        opened = [start for start in opened if start not in ended]
        left = leaves[moment]
        # Leaving and coming back at one moment: first close what was open before.
        closed = min(left, len(opened))
        pairs += [(opened.pop(), moment) for _ in range(closed)]
        opened += [moment] * joins[moment]
        at_once = min(left - closed, joins[moment])
        pairs += [(opened.pop(), moment) for _ in range(at_once)]
        pairs += [(None, moment)] * (left - closed - at_once)
    return [*pairs, *((start, None) for start in opened)]


def _has_end_between(start: datetime, moment: datetime, bounds: Bounds) -> bool:
    """Return whether a room's session ended after `start`, and another one started at `moment`."""
    end = bounds.end_after(start)
    return moment in bounds.starts and end is not None and to_utc(end) <= to_utc(moment)


def _complete(pair: Ends, bounds: Bounds) -> tuple[Segment, Precision]:
    """Return the segment of a presence, with a missing time replaced by the session's bound."""
    match pair:
        case (datetime() as joined, datetime() as left):
            return Segment(joined_at=joined, left_at=left), Precision.SEGMENTS
        case (datetime() as joined, None):
            end = bounds.end_after(joined)
            precision = Precision.SEGMENTS if end is None else Precision.SPAN
            return Segment(joined_at=joined, left_at=end), precision
        case (None, datetime() as left):
            start = bounds.start_before(left)
            if start is None:
                return Segment(joined_at=left), Precision.JOINED
            return Segment(joined_at=start, left_at=left), Precision.SPAN
        case _:
            raise ValueError("a presence needs a time")


def _find_join(event: PresenceEvents) -> datetime | None:
    """Return when the person joined; the time of the event where the vendor sends no other."""
    return event.joined_at or (event.time if isinstance(event, ParticipantJoined) else None)


def _find_leave(event: PresenceEvents) -> datetime | None:
    """Return when the person left; the time of the event where the vendor sends no other."""
    return (event.left_at or event.time) if isinstance(event, ParticipantLeft) else None


def _event_order(event: PresenceEvents) -> tuple[Any, ...]:
    """Return a sort key in which only repetitions are equal, so that their order never matters."""
    moment = _find_leave(event) or _find_join(event) or _NEVER
    facts = (event.person_id, event.participant_id, event.display_name, event.email, event.role)
    return to_utc(moment), event.kind, event.id, repr(facts)


def _order(row: Attendance) -> tuple[Any, ...]:
    return to_utc(row.joined_at or _NEVER), row.id, repr((row.email, row.segments))


def _first_known(events: Sequence[PresenceEvents], name: str) -> str | None:
    return next((value for event in events if (value := getattr(event, name))), None)


def _worst(precisions: Iterable[Precision]) -> Precision:
    return max(precisions, key=_PRECISIONS.index, default=Precision.JOINED)


def _merge_rows(group: Group) -> Attendance:
    """Return the rows of one person as one record, no more precise than the worst of them."""
    return evolve(
        group.record(),
        display_name=next((row.display_name for row in group.rows if row.display_name), None),
        precision=_worst(row.precision for row in group.rows),
    )
