"""Who was in a run, a row for each join: docs/vendors/zoom.md#attendance

Somebody who waits has a row `in_waiting_room` until the admission. Somebody in a breakout room has
a row for it beside that of the meeting, so that rows overlap; that they do is a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import evolve, frozen

from conferencing.model import Participant, Role, Session
from conferencing.model.emails import email_key
from conferencing.world import Place, User, Visit

from .formats import instant, seconds
from .registrants import find_registrant, index_by_email
from .state import ZoomState

__all__ = ["Presence", "live_row", "past_row", "presence_of", "presences", "report_row"]

LATE: Final = timedelta(minutes=10)

Row = dict[str, Any]


@frozen(kw_only=True)
class Presence:
    """One row: a visit, or a part of it, with who that is as far as the vendor may show it."""

    visit: Visit
    joined_at: datetime
    left_at: datetime | None
    user: User | None
    registrant: Participant | None
    late: bool
    blank: bool
    waits: bool = False
    breakout_id: str = ""

    @property
    def name(self) -> str:
        """The name that was typed; blank in accounts that keep people secret."""
        return "" if self.blank else self.visit.name

    @property
    def email(self) -> str:
        """The address: only of members of the account, and of people who registered."""
        if self.blank:
            return ""
        person = self.user or self.registrant
        return (person.email if person else None) or ""

    @property
    def user_id(self) -> str:
        """The id of a member of the account, blank for guests."""
        return self.user.id if self.user else ""

    def stay(self) -> Row:
        """Return the times. Soon after a big run they can be missing: `late_rows`."""
        row: Row = {"join_time": instant(self.joined_at)}
        if self.late:
            return row | {"duration": 0}
        if self.left_at is None:
            return row
        length = seconds(
            self.left_at.replace(microsecond=0) - self.joined_at.replace(microsecond=0)
        )
        return row | {"leave_time": instant(self.left_at), "duration": length}

    def status(self) -> str:
        return "in_waiting_room" if self.waits else "in_meeting"


def presences(simulator: ZoomState, session: Session) -> list[Presence]:
    """Return the rows of a run in the order of arrival."""
    registrants = index_by_email(simulator.world.participants[session.room_id or ""])
    rows = [
        row
        for visit in simulator.world.visits_of(session.id)
        for row in _rows(_identify(simulator, visit, registrants.get(_key(visit))), visit)
    ]
    return [row for row in rows for _ in range(2 if simulator.quirks["duplicate_rows"] else 1)]


def presence_of(simulator: ZoomState, visit: Visit) -> Presence:
    """Return a whole visit, for events about it."""
    number = simulator.world.sessions[visit.session_id].room_id or ""
    registrant = find_registrant(simulator, number, email=visit.email) if visit.email else None
    return _identify(simulator, visit, registrant)


def _identify(simulator: ZoomState, visit: Visit, registrant: Participant | None) -> Presence:
    """Return the row of a whole visit, with the member of the account that it is, if any."""
    users = {email_key(user.email): user for user in simulator.world.users.values()}
    ended = simulator.world.sessions[visit.session_id].ended_at
    is_late = ended is not None and simulator.world.now < ended + LATE
    return Presence(
        visit=visit,
        joined_at=visit.joined_at,
        left_at=visit.left_at,
        user=users.get(_key(visit)),
        registrant=registrant,
        late=is_late and simulator.quirks["late_rows"],
        blank=simulator.quirks["blank_people"],
    )


def _key(visit: Visit) -> str:
    return email_key(visit.email) if visit.email else ""


def _rows(whole: Presence, visit: Visit) -> Iterator[Presence]:
    """Yield the rows of a visit: its presence, and its stays in other rooms."""
    for segment in visit.segments():
        joined_at = segment.joined_at or visit.joined_at
        yield evolve(whole, joined_at=joined_at, left_at=segment.left_at)
    for stay, end in visit.list_stays():
        if stay.place is Place.WAITING_ROOM:
            yield evolve(whole, joined_at=stay.since, left_at=end, waits=True)
        elif stay.place is Place.BREAKOUT:
            breakout = breakout_id(visit.session_id, stay.breakout)
            yield evolve(whole, joined_at=stay.since, left_at=end, breakout_id=breakout)


def breakout_id(session_id: str, name: str) -> str:
    """Return the id of a breakout room of a run."""
    return sha256(f"{session_id}/{name}".encode()).hexdigest()[:22] + "=="


def participant_uuid(visit: Visit) -> str:
    """Return the id of a person in a run: the same for each join with the same address."""
    text = (visit.email or visit.id).lower()
    return sha256(f"{visit.session_id}/{text}".encode()).hexdigest()[:32].upper()


# -------------------------------------------------------------------------------------- the sources


def past_row(presence: Presence, *, registrant: bool) -> Row:
    """Return a row of `/past_meetings/{uuid}/participants`."""
    row = {
        "id": presence.user_id,
        "user_id": presence.visit.id,
        "name": presence.name,
        "user_email": presence.email,
        **presence.stay(),
        "failover": False,
        "status": presence.status(),
        "internal_user": presence.user is not None,
    }
    return row | _registration(presence, wanted=registrant)


def report_row(presence: Presence, *, registrant: bool) -> Row:
    """Return a row of `/report/meetings/{uuid}/participants`."""
    return {
        "id": presence.user_id,
        "user_id": presence.visit.id,
        "participant_user_id": presence.user_id,
        "name": presence.name,
        "user_email": presence.email,
        **presence.stay(),
        **_registration(presence, wanted=registrant),
        "status": presence.status(),
        "failover": False,
        "customer_key": "",
        "bo_mtg_id": presence.breakout_id,
    }


def live_row(presence: Presence, *, registrant: bool) -> Row:
    """Return a row of `/metrics/meetings/{uuid}/participants`, whose names differ."""
    visit = presence.visit
    row: Row = {
        "id": presence.user_id,
        "user_id": visit.id,
        "participant_user_id": presence.user_id,
        "participant_uuid": participant_uuid(visit),
        "user_name": presence.name,
        "email": presence.email,
        "device": "Web Browser",
        "role": "host" if visit.role is Role.HOST else "attendee",
        "join_time": instant(presence.joined_at),
        "status": presence.status(),
        "bo_mtg_id": presence.breakout_id,
    }
    if presence.left_at is not None:
        row["leave_time"] = instant(presence.left_at)
        row["leave_reason"] = f"{presence.name} left the meeting.<br>Reason: left the meeting."
    return row | _registration(presence, wanted=registrant)


def _registration(presence: Presence, *, wanted: bool) -> Row:
    """Return `registrant_id`, which is there only if `include_fields` asks for it."""
    if not wanted:
        return {}
    registrant = presence.registrant
    return {"registrant_id": (registrant.id if registrant else None) or ""}
