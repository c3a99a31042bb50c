"""A vendor without an API: its rooms have any entry options, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conferencing import Anyone, Passcode, Person, PersonalToken, Role, RoomKind, RoomStatus, SignIn
from conferencing.errors import NotFound
from conferencing.model import AccessToken
from conferencing.sandbox import EntryOption, JoinTarget, Sandbox, ServedSimulator, Simulator, Visit

JACK = Person(name="Jack Sparrow", email="jack@example.com")
ZUMI = Person(first_name="Zumi", last_name="Zami", email="zumi@example.com")
JOHN = Person(name="John Smith", email="john@example.com")

INTERVIEW = (
    EntryOption(rule=Passcode("112233"), role=Role.ATTENDEE, person=JOHN),
    EntryOption(rule=Passcode("host-1"), role=Role.HOST, person=Person(name="Rita")),
    EntryOption(rule=SignIn("google", email="jack@example.com"), role=Role.PRESENTER, person=JACK),
    EntryOption(
        rule=SignIn("microsoft", email="zumi@example.com"), role=Role.PRESENTER, person=ZUMI
    ),
    EntryOption(rule=SignIn("linkedin"), role=Role.ATTENDEE),
    EntryOption(rule=Anyone(), role=Role.GUEST),
)


class JoinVendor(Simulator):
    """Serve join links only: `add("hall", EntryOption(), name="Hall")` returns one."""

    name = "acme"

    def reset(self) -> None:
        super().reset()
        self.join_links: dict[str, JoinTarget | Exception] = {}
        self.queries: list[dict[str, str]] = []

    def settings(self, dialect: str = "") -> dict[str, Any]:
        return {}

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        self.queries.append(dict(query))
        join_target = self.join_links.get("/".join(parts), NotFound("no such link"))
        if isinstance(join_target, Exception):
            raise join_target
        return join_target

    def add(self, key: str, *entry_options: EntryOption, **room: Any) -> str:
        """Add a room with a join link of that key, and return the URL of its join page."""
        fields = {"name": key.title(), "kind": RoomKind.MEETING, "status": RoomStatus.OPEN} | room
        room_id = self.world.add_room(**fields, join_url=self.join_url(key)).id
        self.join_links[key] = JoinTarget(
            room_id=room_id, entry_options=entry_options or (EntryOption(),)
        )
        return self.join_url(key)

    def add_token(self, key: str, code: str, sent_to: str | None = None) -> None:
        """Add an access token of a room."""
        room = self.join_links[key].room_id
        self.world.tokens[room].append(AccessToken(code=code, room_id=room, sent_to=sent_to))

    def add_token_room(self, key: str, *codes: str) -> str:
        """Add a room that asks for a token."""
        url = self.add(key, EntryOption(rule=PersonalToken()))
        for code in codes:
            self.add_token(key, code)
        return url

    def visits(self) -> list[Visit]:
        """Return all visits in the order of arrival."""
        return list(self.world.visits.values())


def serve_vendor(sandbox: Sandbox) -> JoinVendor:
    """Serve such a vendor in a running sandbox."""
    vendor = JoinVendor()
    vendor.origin = sandbox.origin
    sandbox.simulators["acme"] = ServedSimulator(vendor)
    return vendor
