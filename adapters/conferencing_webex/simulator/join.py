"""Links into rooms and what they open: docs/vendors/webex.md#join-links"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from conferencing.errors import Conflict, NotFound
from conferencing.model import Passcode, Person, RegistrationStatus, Role, Room
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer, EntryOption, JoinTarget
from conferencing.world import User, Visit

from .access import find_host
from .errors import not_found, refuse, wrong_kind
from .formats import seconds
from .ids import kind_of, series_of
from .rooms import web_link
from .state import Caller, Plan, WebexState

__all__ = ["enter_room", "open_link", "route"]

route = Router()

MINUTES: Final = 60
"""For how long a link is valid by default; a guess."""


@route("POST", "/v1/meetings/join", "meetingId", "meetingNumber", "webLink", "joinDirectly", "email",
       "displayName", "password", "expirationMinutes", "registrationId", "hostEmail",
       "createJoinLinkAsWebLink", "createStartLinkAsWebLink")  # fmt: skip
def join_meeting(simulator: WebexState, fields: Fields, caller: Caller) -> Answer:
    """Make links for one person; unless told not to, the answer is a redirect to the link."""
    user = find_host(simulator, fields, caller)
    room, plan = _find(simulator, fields)
    _check(simulator, fields, plan, user)
    email, name = fields.text("email"), fields.text("displayName")
    if name and not email:
        raise refuse(400, "Parameter 'email' is required with 'displayName'.")
    minutes = fields.number("expirationMinutes", 1, MINUTES) or MINUTES
    expires = simulator.world.now + timedelta(minutes=minutes)
    person = Person(email=email, name=name) if email else _person_of(user)
    role = _role_of(plan, email) if email else _own_role(plan, user)
    join_link = _make_link(simulator, room, role, person, expires)
    if fields.flag("joinDirectly") is not False:
        return Answer(status=302).with_headers({"Location": join_link})
    body = {"joinLink": join_link}
    if _own_role(plan, user) is Role.HOST:
        host = person if email and role is Role.HOST else _person_of(user)
        body["startLink"] = _make_link(simulator, room, Role.HOST, host, expires)
    return Answer.json({**body, "expiration": seconds(expires)})


def _make_link(
    simulator: WebexState, room: Room, role: Role, person: Person, expires: datetime
) -> str:
    key = simulator.new_key()
    simulator.links[key] = (room.id, role, person, expires)
    path = simulator.join_url("wbxmjs", "joinservice", "download", room.id)
    return f"{path}?integrationJoinToken={key}"


def _find(simulator: WebexState, fields: Fields) -> tuple[Room, Plan]:
    meeting, number, link = (
        fields.text(name) for name in ("meetingId", "meetingNumber", "webLink")
    )
    if meeting and kind_of(meeting) == "meeting":
        raise wrong_kind(meeting)
    for room in simulator.world.rooms.values():
        plan = simulator.plan_of(room)
        if meeting:
            matches = room.id == series_of(meeting)
        else:
            matches = plan.number == number or web_link(simulator, plan) == link
        if matches:
            return room, plan
    raise not_found()


def _check(simulator: WebexState, fields: Fields, plan: Plan, user: User) -> None:
    """Refuse who lacks the password, and who is too early for a webinar (403 is a guess)."""
    invited = any(same_email(each.email, user.email) for each in plan.invitees)
    if plan.host_id != user.id and not invited and fields.text("password") != plan.password:
        raise refuse(403, "The password is wrong.")
    if plan.kind == "webinar" and fields.text("hostEmail"):
        raise refuse(400, "Parameter 'hostEmail' is for meetings only.")
    early = timedelta(minutes=plan.options["joinBeforeHostMinutes"])
    if plan.kind == "webinar" and simulator.world.now < plan.start - early:
        raise refuse(403, "The webinar has not started yet.")


def _person_of(user: User) -> Person:
    return Person(email=user.email, first_name=user.first_name, last_name=user.last_name)


def _own_role(plan: Plan, user: User) -> Role:
    return Role.HOST if plan.host_id == user.id else _role_of(plan, user.email)


def _role_of(plan: Plan, email: str) -> Role:
    roles = (each.role for each in plan.invitees if same_email(each.email, email))
    return next(roles, Role.ATTENDEE)


# ------------------------------------------------------------------------------------- in a browser


def open_link(simulator: WebexState, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
    """Return what a link opens: the plain one asks for the password. All of it is a guess."""
    match parts:
        case ["j.php"]:
            room, plan = _by_key(simulator, "web", query.get("MTID", ""))
            return JoinTarget(
                room_id=room.id, entry_options=(EntryOption(rule=Passcode(plan.password)),)
            )
        case ["weblink", "register", key]:
            _by_key(simulator, "register", key)
            raise Conflict("this page is Webex's registration form, which is not simulated")
        case ["wbxmjs", "joinservice", "download", _]:
            return _personal(simulator, query.get("integrationJoinToken", ""))
        case _:
            raise NotFound("this link leads nowhere")


def _by_key(simulator: WebexState, name: str, key: str) -> tuple[Room, Plan]:
    for room in simulator.world.rooms.values():
        plan = simulator.plan_of(room)
        if key and plan.keys[name] == key[1:]:
            return room, plan
    raise NotFound("this link leads nowhere")


def _personal(simulator: WebexState, key: str) -> JoinTarget:
    if key not in simulator.links:
        raise NotFound("this link leads nowhere")
    room_id, role, person, expires = simulator.links[key]
    if expires <= simulator.world.now:
        raise Conflict("this link has expired")
    room = simulator.world.room(room_id)
    if role is Role.ATTENDEE and simulator.plan_of(room).form is not None:
        _check_registered(simulator, room, person)
    return JoinTarget(room_id=room_id, entry_options=(EntryOption(role=role, person=person),))


def _check_registered(simulator: WebexState, room: Room, person: Person) -> None:
    """Refuse somebody whose registration was rejected; others may come, which is a guess."""
    for registered in simulator.world.participants[room.id]:
        denied = registered.status is RegistrationStatus.DENIED
        if denied and same_email(registered.email, person.email):
            raise Conflict("this registration was rejected")


def enter_room(
    simulator: WebexState,
    join_target: JoinTarget,
    option: EntryOption,
    name: str,
    email: str | None,
) -> Visit:
    """Admit somebody. Before the host, people wait in the lobby, unless they may join before."""
    world, number = simulator.world, join_target.room_id
    options = simulator.plan_of(world.rooms[number]).options
    if option.role is Role.HOST:
        visit = world.enter(number, name, email, Role.HOST)
        if options["unlockedMeetingJoinSecurity"] == "allowJoin":
            for waiting in world.visits_of(visit.session_id):
                if waiting.waits and waiting.left_at is None:
                    world.move(waiting.id)
        return visit
    session = world.running(number)
    visits = world.visits_of(session.id) if session else ()
    hosted = any(visit.role is Role.HOST for visit in visits)
    early = bool(options["enabledJoinBeforeHost"])
    locked = options["unlockedMeetingJoinSecurity"] == "allowJoinWithLobby"
    waits = locked or not (hosted or early)
    return world.enter(number, name, email, option.role, waits=waits)
