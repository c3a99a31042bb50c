"""`conferencing link`: the ways in. No other command but `sessions start` shows one."""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import frozen
from cyclopts import Parameter
from rich.console import Console

from conferencing.conference import Conference
from conferencing.model import JoinLink

from .options import WRITE, Usage, WriteOptions
from .output import Output, emit, plain, table
from .work import perform

__all__ = ["link", "one_link"]


@frozen
class EntryOption:
    """Hold what is told of one link."""

    email: str | None
    name: str | None
    url: str


def link(
    room: str,
    /,
    *,
    role: Literal["host", "presenter", "attendee", "guest"] = "attendee",
    name: str | None = None,
    email: str | None = None,
    of: str | None = None,
    all_: Annotated[bool, Parameter(name="--all")] = False,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Get a way into a room. With a name and an address it is personal.

    Parameters
    ----------
    room
        The id of the room.
    role
        As what one comes in.
    name
        For whom it is: the name to show in the room.
    email
        And the address.
    of
        The address of somebody who is registered: the link of that registration.
    all_
        The links of everybody who is registered, with names and addresses.
    """
    given = [
        option
        for option, is_set in {
            "--of": of,
            "--all": all_,
            "--name or --email": name or email,
        }.items()
        if is_set
    ]
    if len(given) > 1:
        raise Usage(f"give one of {' and '.join(given)}, not both")
    if all_:
        return perform(at, lambda conference: _everybody(conference, room, at))

    async def work(conference: Conference) -> Output:
        person = await conference.get_participant(room, email=of) if of else None
        found = await conference.join_link(room, role=role, person=person, name=name, email=email)
        return one_link(found)

    return perform(at, work)


def one_link(link: JoinLink) -> Output:
    """Show a link alone on its line, ready to be copied."""
    data = {
        "url": link.url,
        "role": link.role,
        "personal": link.personal,
        "session_id": link.session_id,
        "expires_at": link.expires_at,
    }
    return Output(data, lambda console: plain(console, [[link.url]]))


async def _everybody(conference: Conference, room: str, at: WriteOptions) -> Output | None:
    found: list[EntryOption] = []
    async for person in conference.participants(room):
        link = person.join_link or await conference.join_link(room, person=person)
        found.append(EntryOption(person.email, person.display_name, link.url))
        if at.json:
            emit({"email": person.email, "name": person.display_name, "url": link.url})
    if at.json:
        return None

    def show(console: Console) -> None:
        table(console, ("email", "name", "url"), found, at.timezone)

    return Output(None, show)
