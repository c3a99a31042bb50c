"""What the links open in a browser; all of it is a guess."""

from __future__ import annotations

from collections.abc import Sequence

from conferencing.errors import Conflict, NotFound
from conferencing.sandbox.simulator import EntryOption, JoinTarget
from conferencing.world import Visit

from .spaces import entry_of
from .state import MeetState

__all__ = ["enter_room", "open_link"]


def open_link(simulator: MeetState, parts: Sequence[str]) -> JoinTarget:
    """Return what a link with a code opens. Raises `NotFound`."""
    simulator.adopt_rooms()
    space = simulator.space_by(parts[0]) if len(parts) == 1 else None
    if space is None or space.room_id not in simulator.world.rooms:
        raise NotFound("this link leads nowhere")
    event = simulator.calendars[space.owner].get(space.room_id)
    options = tuple(EntryOption(rule=rule) for rule in entry_of(space, event))
    return JoinTarget(room_id=space.room_id, entry_options=options)


def enter_room(
    simulator: MeetState, target: JoinTarget, option: EntryOption, name: str, email: str | None
) -> Visit:
    """Admit somebody. Raises `Conflict` if nobody answers the knock."""
    if not target.entry_options:
        raise Conflict("nobody has let you in")
    return simulator.world.enter(target.room_id, name, email, option.role)
