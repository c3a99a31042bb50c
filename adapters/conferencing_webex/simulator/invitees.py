"""Invitees: docs/vendors/webex.md#invitees"""

from __future__ import annotations

from typing import Any, Final

from conferencing.model import Room
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer

from .access import find_host, find_room
from .errors import not_found, refuse
from .ids import series_of
from .pages import page_answer
from .state import Caller, Invited, Plan, WebexState

__all__ = ["add_invitee", "notify", "route"]

route = Router()

MOST: Final = 100
FIELDS: Final = ("email", "displayName", "coHost", "panelist", "sendEmail")

Row = dict[str, Any]


def add_invitee(simulator: WebexState, plan: Plan, fields: Fields) -> Invited:
    """Add somebody. Raises `Refusal` for a known address, and for a panelist of a meeting."""
    fields.only(*FIELDS, "meetingId", "hostEmail")
    email = fields.require_text("email")
    if any(same_email(each.email, email) for each in plan.invitees):
        raise refuse(409, "User is already a meeting invitee.")
    panelist = fields.flag("panelist") or False
    if panelist and plan.kind == "meeting":
        raise refuse(400, "Parameter 'panelist' is for webinars only.")
    invited = Invited(
        id=simulator.world.new_id("invitee"),
        email=email,
        name=fields.text("displayName") or email,
        co_host=fields.flag("coHost") or False,
        panelist=panelist,
    )
    plan.invitees.append(invited)
    return invited


def notify(simulator: WebexState, room: Room, invited: Invited) -> None:
    """Mail an invitation."""
    simulator.world.post("invitation", invited.email, room.id, role=invited.role)


def _row(meeting_id: str, invited: Invited) -> Row:
    return {
        "id": f"{meeting_id}_{invited.id}",
        "email": invited.email,
        "displayName": invited.name,
        "coHost": invited.co_host,
        "panelist": invited.panelist,
        "meetingId": meeting_id,
    }


@route("GET", "/v1/meetingInvitees", "meetingId", "max", "hostEmail", "panelist", "cursor")
def list_invitees(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """List invitees by their address."""
    meeting = fields.require_text("meetingId")
    _, plan, _ = find_room(simulator, find_host(simulator, fields, caller), meeting)
    panelist = fields.flag("panelist")
    invitees = sorted(plan.invitees, key=lambda each: each.email)
    rows = [_row(meeting, each) for each in invitees if panelist in {None, each.panelist}]
    return page_answer(simulator, fields, rows)


@route("POST", "/v1/meetingInvitees", "meetingId", "hostEmail", *FIELDS)
def create_invitee(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    meeting = fields.require_text("meetingId")
    room, plan, _ = find_room(simulator, find_host(simulator, fields, caller), meeting)
    invited = add_invitee(simulator, plan, fields)
    if fields.flag("sendEmail") is not False:
        notify(simulator, room, invited)
    return Answer.json(_row(meeting, invited))


@route("POST", "/v1/meetingInvitees/bulkInsert", "meetingId", "hostEmail", "items")
def create_invitees(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """Add people: one known address refuses all."""
    meeting = fields.require_text("meetingId")
    room, plan, _ = find_room(simulator, find_host(simulator, fields, caller), meeting)
    rows, before = fields.children("items"), list(plan.invitees)
    if not rows or len(rows) > MOST:
        raise refuse(400, "Parameter 'items' has from 1 to 100 invitees.")
    try:
        invitees = [add_invitee(simulator, plan, row) for row in rows]
    except Exception:
        plan.invitees[:] = before
        raise
    for row, invited in zip(rows, invitees, strict=True):
        if row.flag("sendEmail") is not False:
            notify(simulator, room, invited)
    return Answer.json({"items": [_row(meeting, invited) for invited in invitees]})


def _find(simulator: WebexState, invitee: str) -> tuple[str, Plan, Invited]:
    meeting, _, number = invitee.rpartition("_")
    plan = simulator.plans.get(series_of(meeting))
    for invited in plan.invitees if plan else ():
        if plan is not None and invited.id == number:
            return meeting, plan, invited
    raise not_found()


@route("PUT", "/v1/meetingInvitees/{invitee}", "hostEmail", *FIELDS)
def change_invitee(simulator: WebexState, fields: Fields, caller: Caller, invitee: str) -> Answer:
    meeting, plan, invited = _find(simulator, invitee)
    find_room(simulator, find_host(simulator, fields, caller), meeting)
    invited.email = fields.require_text("email")
    invited.name = fields.text("displayName") or invited.name
    invited.co_host = fields.flag("coHost") or False
    invited.panelist = plan.kind == "webinar" and (fields.flag("panelist") or False)
    return Answer.json(_row(meeting, invited))


@route("DELETE", "/v1/meetingInvitees/{invitee}", "hostEmail", "sendEmail")
def delete_invitee(simulator: WebexState, fields: Fields, caller: Caller, invitee: str) -> Answer:
    meeting, plan, invited = _find(simulator, invitee)
    find_room(simulator, find_host(simulator, fields, caller), meeting)
    plan.invitees.remove(invited)
    return Answer(status=204)
