"""Webhooks that are registered on the server (docs/vendors/bigbluebutton.md#webhooks)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from attrs import define

from conferencing.http import Id, Reply
from conferencing.model import WebhookSubscription
from conferencing.model.native import Native

from .base import WIRE, find_rows, read_response
from .events import EVENTS

__all__ = ["HookRow", "belongs", "read_hook", "read_hooks", "to_address", "write_hook"]

ROOM: Final = "room"


@define
class CreatedHookRow:
    """The reply to a creation, and to its repetition."""

    hookID: Id  # noqa: N815 - the vendor's spelling


@define
class HookRow:
    """A webhook in the list."""

    # eventID is not read: it is empty for all events (docs/vendors/bigbluebutton.md#oddity-12).
    hookID: Id  # noqa: N815 - the vendor's spelling
    callbackURL: str  # noqa: N815


def to_address(url: str, meeting: str | None) -> str:
    """Return the address to register for a room.

    The server knows one webhook per address, so each room gets an address of its own, by a
    parameter. docs/vendors/bigbluebutton.md#oddity-17
    """
    if meeting is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}{ROOM}={quote(meeting, safe='')}"


def belongs(address: str, url: str) -> bool:
    """Return whether a registered address is `url`, or that of a room of it."""
    return address == url or address.startswith(to_address(url, ""))


def write_hook(address: str, meeting: str | None) -> dict[str, str]:
    """Return the query of a creation: of the events that are read, and no others."""
    query = {"callbackURL": address, "eventID": ",".join(EVENTS)}
    return query if meeting is None else {**query, "meetingID": meeting}


def read_hook(reply: Reply, *, url: str, meeting: str | None) -> WebhookSubscription:
    """Return a webhook that was created, or existed already."""
    response = read_response(reply)
    row = WIRE.convert_value(response, CreatedHookRow)
    return WebhookSubscription(
        id=str(row.hookID), url=url, events=EVENTS, room_id=meeting, native=Native(response)
    )


def read_hooks(reply: Reply) -> list[HookRow]:
    """Return the webhooks of the server."""
    rows = find_rows(read_response(reply), "hooks", "hook")
    return WIRE.convert(reply, rows, HookRow, _to_hook, "hooks.hook")


def _to_hook(row: HookRow, _: Native) -> HookRow:
    return row
