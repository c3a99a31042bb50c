"""`conferencing people approve`, `deny` and `cancel`: decide about registrations."""

from __future__ import annotations

from conferencing.conference import Conference
from conferencing.model import Participant

from .options import DELETE, WRITE, DeleteOptions, WriteOptions, confirm
from .output import Output
from .runner import run_for_each

__all__ = ["approve", "cancel", "deny"]


def approve(
    room: str, registration: list[str], /, *, options: WriteOptions = WRITE
) -> Output | None:
    """Approve registrations that wait for the host, where the provider has approval.

    Parameters
    ----------
    room
        Room id.
    registration
        Registrations, by e-mail address or id.
    """

    async def call(conference: Conference, key: str) -> None:
        await conference.approve_registration(room, await _find(conference, room, key))

    return run_for_each(options, registration, call, "registration", done="approved")


def deny(room: str, registration: list[str], /, *, options: WriteOptions = WRITE) -> Output | None:
    """Deny registrations, where the provider has approval.

    Parameters
    ----------
    room
        Room id.
    registration
        Registrations, by e-mail address or id.
    """

    async def call(conference: Conference, key: str) -> None:
        await conference.deny_registration(room, await _find(conference, room, key))

    return run_for_each(options, registration, call, "registration", done="denied")


def cancel(
    room: str, registration: list[str], /, *, options: DeleteOptions = DELETE
) -> Output | None:
    """Cancel registrations: their join links stop working.

    Parameters
    ----------
    room
        Room id.
    registration
        Registrations, by e-mail address or id.
    """
    confirm(options, f"Cancel {', '.join(registration)} in room {room}?")

    async def call(conference: Conference, key: str) -> None:
        await conference.cancel_registration(room, await _find(conference, room, key))

    return run_for_each(options, registration, call, "registration", done="cancelled")


async def _find(conference: Conference, room: str, key: str) -> Participant | str:
    """Return the registration with an address; an id is returned as it is."""
    return await conference.get_participant(room, email=key) if "@" in key else key
