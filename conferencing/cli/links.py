"""`conferencing link`: join links. Only this command and `sessions start` print links."""

from __future__ import annotations

from typing import Annotated, Literal

from attrs import frozen
from cyclopts import Parameter
from rich.console import Console

from conferencing.conference import Conference
from conferencing.model import JoinLink

from .options import WRITE, UsageError, WriteOptions
from .output import Output, print_record, print_table
from .runner import run
from .tables import Column, print_tabbed

__all__ = ["build_link_output", "link"]


COLUMNS = (Column("email"), Column("name", shorten=True), Column("url"))


@frozen
class LinkRow:
    """The link of one registered person."""

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
    options: WriteOptions = WRITE,
) -> Output | None:
    """Print a join link of a room. With --name and --email it is personal.

    Parameters
    ----------
    room
        Room id.
    role
        Role that the link gives.
    name
        Name of the person, as shown in the room.
    email
        E-mail address of the person.
    of
        Print the link of the registration with this e-mail address.
    all_
        Print the links of all registered people, with names and e-mail addresses.
    """
    choices = {"--of": of, "--all": all_, "--name or --email": name or email}
    used = [option for option, value in choices.items() if value]
    if len(used) > 1:
        raise UsageError(f"{' and '.join(used)} cannot be used together")
    if all_:
        return run(options, lambda conference: _get_all_links(conference, room, options))

    async def work(conference: Conference) -> Output:
        person = await conference.get_participant(room, email=of) if of else None
        return build_link_output(
            await conference.join_link(room, role=role, person=person, name=name, email=email)
        )

    return run(options, work)


def build_link_output(link: JoinLink) -> Output:
    """Return a link alone on its line, ready to be copied."""
    data = {
        "url": link.url,
        "role": link.role,
        "personal": link.personal,
        "session_id": link.session_id,
        "expires_at": link.expires_at,
    }
    return Output(data, lambda console: print_tabbed(console, [[link.url]]))


async def _get_all_links(conference: Conference, room: str, options: WriteOptions) -> Output | None:
    rows: list[LinkRow] = []
    async for person in conference.participants(room):
        link = person.join_link or await conference.join_link(room, person=person)
        rows.append(LinkRow(person.email, person.display_name, link.url))
        if options.json:
            print_record({"email": person.email, "name": person.display_name, "url": link.url})
    if options.json:
        return None

    def show(console: Console) -> None:
        print_table(console, COLUMNS, rows)

    return Output(None, show)
