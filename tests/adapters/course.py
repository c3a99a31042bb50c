"""Hold a course on any account, leaving out what the account does not have.

    python course.py CONFIGURATION ACCOUNT [WITHOUT ...]

Prints the id of the room, waits for a line while people meet, and prints what happened as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conferencing import Conference, Person, connect

FIELDS: Final[dict[str, Any]] = {
    "description": "Welcome",
    "starts_at": datetime(2027, 3, 1, 17, tzinfo=UTC),
    "duration": timedelta(hours=1),
    "registration": True,
}
HOST: Final = Person(name="Zoë Host", email="zoe@example.com")
ANN: Final = Person(name="Ann Lee", first_name="Ann", last_name="Lee", email="ann@example.com")


async def hold_course(conference: Conference, without: set[str]) -> dict[str, Any]:
    """Create a room, let people meet in it, and return what the account says about it."""
    fields = {name: value for name, value in FIELDS.items() if name not in without}
    room = await conference.create_room("Course", **fields)
    if "register" not in without:
        await conference.register(room, ANN)
    if "start_session" not in without:
        await conference.start_session(room, HOST)
    guest = await conference.join_link(room, person=ANN)
    print(room.id, flush=True)  # noqa: T201 - a program
    await asyncio.to_thread(sys.stdin.readline)
    outcome: dict[str, Any] = {"room": room.name, "link": guest.role}
    if "list_participants" not in without:
        outcome["registered"] = [who.email async for who in conference.participants(room)]
    if "list_sessions" not in without:
        session = (await conference.sessions(room).collect())[-1]
        if "end_session" not in without:
            await conference.end_session(session)
        if "attendance" not in without:
            outcome["present"] = len(await conference.attendance(session).collect())
        if "recordings" not in without:
            outcome["recordings"] = len(await conference.recordings(session).collect())
    if "delete_room" not in without:
        await conference.delete_room(room)
    return outcome


async def main(configuration: str, account: str, *without: str) -> None:
    async with connect(account, config=configuration) as conference:
        print(json.dumps(await hold_course(conference, set(without))))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
