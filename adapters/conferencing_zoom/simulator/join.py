"""What the links open in a browser: docs/vendors/zoom.md#join-links. Most of it is a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hmac import compare_digest

from conferencing.errors import Conflict, NotFound
from conferencing.model import Passcode, Person, Role, Room
from conferencing.sandbox.simulator import EntryOption, JoinTarget
from conferencing.world import Visit

from .defaults import settings_of_room
from .registrants import status_of
from .rooms import is_expired, passcode_key
from .state import RoomDetails, ZoomState

__all__ = ["enter_room", "open_link"]


def open_link(simulator: ZoomState, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
    """Return what `/j/{number}?pwd=`, `/w/{number}?tk=` or `/s/{number}?zak=` opens."""
    match parts:
        case ["j", number]:
            return _plain(simulator, number, query.get("pwd", ""))
        case ["w", number]:
            return _personal(simulator, number, query.get("tk", ""))
        case ["s", number]:
            return _host(simulator, number, query.get("zak", ""))
        case ["meeting" | "webinar", "register", code]:
            return _register(simulator, code)
        case _:
            raise NotFound("this link leads nowhere")


def _room(simulator: ZoomState, number: str) -> tuple[Room, RoomDetails]:
    room = simulator.world.room(number)
    if is_expired(simulator, room):
        raise NotFound("this meeting has expired")
    return room, simulator.details_of(room)


def _plain(simulator: ZoomState, number: str, passcode: str) -> JoinTarget:
    """Open the plain link, which asks for the passcode if that in the link is missing or wrong."""
    _, details = _room(simulator, number)
    if details.registers:
        raise Conflict("this needs a registration; open your personal link")
    right = compare_digest(passcode.encode(), passcode_key(details, number).encode())
    if details.password and not right:
        option = EntryOption(rule=Passcode(details.password))
        return JoinTarget(room_id=number, entry_options=(option,))
    return JoinTarget(room_id=number)


def _register(simulator: ZoomState, code: str) -> JoinTarget:
    exists = any(details.register_code == code for details in simulator.details.values())
    if not exists:
        raise NotFound("this link leads nowhere")
    raise Conflict("this page is Zoom's registration form, which is not simulated; use the API")


def _personal(simulator: ZoomState, number: str, key: str) -> JoinTarget:
    """Open the personal link of a registrant, a panelist, or somebody with an invite link."""
    _, details = _room(simulator, number)
    option = (
        _registrant(simulator, number, key)
        or _panelist(details, key)
        or _find_invitation(simulator, number, key)
    )
    if option is None:
        raise NotFound("this link leads nowhere")
    return JoinTarget(room_id=number, entry_options=(option,))


def _registrant(simulator: ZoomState, number: str, key: str) -> EntryOption | None:
    for participant in simulator.world.participants[number]:
        if key and simulator.world.notes[participant.id or ""].get("key") == key:
            if status_of(participant) != "approved":
                raise Conflict("this registration is not approved")
            return EntryOption(person=participant.person)
    return None


def _panelist(details: RoomDetails, key: str) -> EntryOption | None:
    for panelist in details.panelists:
        if panelist.key == key:
            person = Person(name=panelist.name, email=panelist.email)
            return EntryOption(role=Role.PRESENTER, person=person)
    return None


def _find_invitation(simulator: ZoomState, number: str, key: str) -> EntryOption | None:
    room, name, expires = simulator.invite_links.get(key, ("", "", None))
    if room != number:
        return None
    if expires is not None and expires <= simulator.world.now:
        raise Conflict("this link has expired")
    return EntryOption(person=Person(name=name))


def _host(simulator: ZoomState, number: str, key: str) -> JoinTarget:
    """Open the host's link, which is dead after two hours."""
    _, details = _room(simulator, number)
    room, expires = simulator.host_keys.get(key, ("", simulator.world.now))
    if room != number or expires <= simulator.world.now:
        raise NotFound("this link has expired")
    user = simulator.world.users[details.host_id]
    person = Person(email=user.email, first_name=user.first_name, last_name=user.last_name)
    option = EntryOption(role=Role.HOST, person=person)
    return JoinTarget(room_id=number, entry_options=(option,))


def enter_room(
    simulator: ZoomState, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
) -> Visit:
    """Admit somebody: the host starts the run, and guests may have to wait for admission.

    Without a host, guests come in only if they may join before. Raises `Conflict`.
    """
    number = join_target.room_id
    details = simulator.details_of(simulator.world.rooms[number])
    if option.role is Role.HOST:
        return simulator.world.enter(number, name, email, Role.HOST)
    settings = settings_of_room(details)
    if not simulator.world.running(number) and not _may_start(simulator, number, settings):
        raise Conflict("the host has not started this yet")
    waits = bool(settings.get("waiting_room")) and option.role is not Role.PRESENTER
    return simulator.world.enter(number, name, email, option.role, waits=waits)


def _may_start(simulator: ZoomState, number: str, settings: Mapping[str, object]) -> bool:
    """Return whether guests may come before the host; 0 minutes mean at any time."""
    early = settings.get("jbh_time")
    starts_at = simulator.world.rooms[number].starts_at
    if not settings.get("join_before_host"):
        return False
    if not isinstance(early, int) or early == 0 or starts_at is None:
        return True
    return simulator.world.now >= starts_at - timedelta(minutes=early)
