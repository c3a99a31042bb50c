"""Who may see what: `hostEmail`, meetings of others, and kinds of ids: docs/vendors/webex.md#general"""

from __future__ import annotations

from datetime import timedelta

from conferencing.model import Room, Session
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields
from conferencing.world import User

from .errors import not_found, refuse, wrong_kind
from .ids import kind_of, series_of
from .state import Caller, Plan, PlannedRun, WebexState

__all__ = ["find_host", "find_room", "find_run", "find_series", "is_hidden", "may_see"]


def find_host(simulator: WebexState, fields: Fields, caller: Caller) -> User:
    """Return the user in whose name a call is made. A service app has to name one."""
    email = fields.text("hostEmail")
    if not email:
        if caller.service:
            raise refuse(400, "Parameter 'hostEmail' is required.")
        return simulator.world.users[caller.user_id]
    user = simulator.user(email)
    if not caller.admin and (user is None or user.id != caller.user_id):
        raise refuse(403)
    if user is None:
        raise refuse(404, "The host is not a user of this site.")
    return user


def may_see(plan: Plan, host: User) -> bool:
    """Return whether a user hosts a room or is invited to it."""
    invited = any(same_email(person.email, host.email) for person in plan.invitees)
    return plan.host_id == host.id or invited


def find_series(simulator: WebexState, host: User, series: str) -> tuple[Room, Plan]:
    """Return the room with the id of a series, of which registration is a part."""
    if kind_of(series) != "meetingSeries":
        raise wrong_kind(series)
    room, plan, _ = find_room(simulator, host, series)
    return room, plan


def find_room(
    simulator: WebexState, host: User, meeting_id: str
) -> tuple[Room, Plan, PlannedRun | None]:
    """Return the room of a series or an occurrence, and the occurrence."""
    kind = kind_of(meeting_id)
    if kind == "meeting":
        raise wrong_kind(meeting_id)
    room = simulator.world.rooms.get(series_of(meeting_id))
    if room is None or not may_see(simulator.plan_of(room), host):
        raise not_found()
    plan = simulator.plan_of(room)
    if kind == "meetingSeries":
        return room, plan, None
    for run in plan.occurrences:
        if simulator.occurrence_of(room.id, run) == meeting_id:
            return room, plan, run
    raise not_found()


def find_run(simulator: WebexState, host: User, meeting_id: str) -> Session:
    """Return a run. One that ended is not there for 15 minutes, with the quirk `late_runs`."""
    session = simulator.world.sessions.get(meeting_id)
    plan = simulator.plans.get(series_of(meeting_id))
    if session is None or plan is None or not may_see(plan, host) or is_hidden(simulator, session):
        raise not_found()
    return session


def is_hidden(simulator: WebexState, session: Session) -> bool:
    """Return whether a run ended so shortly ago that it cannot be read yet."""
    if not simulator.quirks["late_runs"] or session.ended_at is None:
        return False
    return simulator.world.now < session.ended_at + timedelta(minutes=15)
