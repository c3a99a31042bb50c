"""Panelists, invite links and tracking sources: docs/vendors/zoom.md#panelists"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from conferencing.model import JoinLink, Role
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer

from .defaults import settings_of_room
from .drafts import text_up_to
from .endpoints import Endpoints
from .errors import no_permission, refuse
from .formats import instant
from .rooms import find_room, passcode_key
from .state import Caller, Panelist, RoomDetails, ZoomState

__all__ = ["endpoints"]

endpoints = Endpoints()

PANELISTS: Final = "/webinars/{number}/panelists"
MOST_PANELISTS: Final = 30
MOST_LINKS: Final = 500
LONGEST: Final = 7_776_000
DEFAULT_TTL: Final = 7200
_FLAGS: Final = {"disable_video": Fields.flag, "disable_audio": Fields.flag}

Row = dict[str, Any]


@endpoints("GET", PANELISTS, "M", "webinar:read:list_panelists")
def list_panelists(simulator: ZoomState, fields: Fields, caller: Caller, number: str) -> Answer:
    _, details = find_room(simulator, caller, "webinars", number)
    rows = [
        {
            "id": panelist.id,
            "name": panelist.name,
            "email": panelist.email,
            "join_url": _url(simulator, details, number, panelist.key),
        }
        for panelist in details.panelists
    ]
    return Answer.json({"total_records": len(rows), "panelists": rows})


@endpoints("POST", PANELISTS, "M", "webinar:write:panelist", "panelists")
def add_panelists(simulator: ZoomState, fields: Fields, caller: Caller, number: str) -> Answer:
    """Add panelists. The reply has no links: docs/vendors/zoom.md#oddity-9"""
    room, details = find_room(simulator, caller, "webinars", number)
    rows = fields.children("panelists")
    if not rows or len(rows) > MOST_PANELISTS:
        raise fields.refuse("panelists", "Invalid field.")
    for row in rows:
        row.check({"name": Fields.text, "email": text_up_to(128)}, "name", "email")
    for row in rows:
        _add_panelist(simulator, details, number, row)
    body = {"id": room.id, "updated_at": instant(simulator.world.now)}
    return Answer.json(body, 201)


def _add_panelist(simulator: ZoomState, details: RoomDetails, number: str, row: Fields) -> None:
    email = row.text("email") or ""
    if any(same_email(panelist.email, email) for panelist in details.panelists):
        return
    panelist = Panelist(
        id=simulator.world.new_id("panelist"),
        name=row.text("name") or "",
        email=email,
        key=simulator.new_text(40),
    )
    details.panelists.append(panelist)
    settings = settings_of_room(details)
    if settings["panelists_invitation_email_notification"]:
        url = _url(simulator, details, number, panelist.key)
        link = JoinLink(url=url, role=Role.PRESENTER, personal=True)
        simulator.world.post("invitation", email, number, role=Role.PRESENTER, link=link)


@endpoints("DELETE", PANELISTS, "L", "webinar:delete:panelist")
def delete_panelists(simulator: ZoomState, fields: Fields, caller: Caller, number: str) -> Answer:
    _, details = find_room(simulator, caller, "webinars", number)
    details.panelists.clear()
    return Answer(status=204)


@endpoints("DELETE", f"{PANELISTS}/{{panelist}}", "L", "webinar:delete:panelist")
def delete_panelist(
    simulator: ZoomState, fields: Fields, caller: Caller, number: str, panelist: str
) -> Answer:
    _, details = find_room(simulator, caller, "webinars", number)
    for member in details.panelists:
        if member.id == panelist or same_email(member.email, panelist):
            details.panelists.remove(member)
            return Answer(status=204)
    raise refuse(400, 300, "Invalid panelist id.")


@endpoints(
    "POST",
    "/{family:meetings|webinars}/{number}/invite_links",
    *("L", "{kind}:write:invite_links"),
    *("attendees", "ttl"),
)
def create_invite_links(
    simulator: ZoomState, fields: Fields, caller: Caller, family: str, number: str
) -> Answer:
    """Make a link for each name. Each call makes new ones, and nobody gets a mail."""
    _, details = find_room(simulator, caller, family, number)
    if details.kind == "webinar" and simulator.plan != "business":
        raise no_permission("This API is available for Business or higher plans.")
    rows = fields.children("attendees")
    if not rows or len(rows) > MOST_LINKS:
        raise fields.refuse("attendees", "Invalid field.")
    for row in rows:
        row.check({"name": text_up_to(64)} | _FLAGS, "name")
    ttl = fields.number("ttl", 0, LONGEST)
    ttl = DEFAULT_TTL if ttl is None else ttl
    expires = simulator.world.now + timedelta(seconds=ttl) if ttl else None
    links: list[Row] = []
    for row in rows:
        key, name = simulator.new_text(40), row.text("name") or ""
        simulator.invite_links[key] = (number, name, expires)
        links.append({"name": name, "join_url": _url(simulator, details, number, key)})
    return Answer.json({"attendees": links}, 201)


@endpoints("GET", "/webinars/{number}/tracking_sources", "M", "webinar:read:list_tracking_sources")
def list_tracking_sources(
    simulator: ZoomState, fields: Fields, caller: Caller, number: str
) -> Answer:
    _, details = find_room(simulator, caller, "webinars", number)
    rows = details.tracking_sources
    return Answer.json({"total_records": len(rows), "tracking_sources": rows})


def _url(simulator: ZoomState, details: RoomDetails, number: str, key: str) -> str:
    url = f"{simulator.join_url('w', number)}?tk={key}"
    return f"{url}&pwd={passcode_key(details, number)}" if details.password else url
