"""Junk in any argument of any operation: a `ConferencingError`, never another exception."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from conferencing import (
    Conference,
    ConferencingError,
    Listing,
    Occurrence,
    Role,
    Template,
    connect,
)
from conferencing.model.drafts import RoomChanges

JUNK: list[Any] = [
    None,
    "",
    "\0",
    "x",
    5,
    -1.5,
    float("nan"),
    True,
    b"bytes",
    [],
    ["x", 5],
    {},
    {"x": object()},
    object(),
    Occurrence(id="1"),
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime.min.replace(tzinfo=UTC),
    Role.HOST,
]
NOT_OPERATIONS = {"aclose", "request", "invitation", "account", "capabilities"}
NOT_CHECKED = {"on_row", "progress"}  # callables of the caller: their errors are the caller's
GOOD: dict[str, Any] = {
    "room_id": "room-1",
    "name": "Launch",
    "since": datetime(2026, 1, 1, tzinfo=UTC),
    "email": "ann@example.com",
    "host": "Ann",
    "people": ["ann@example.com"],
    "template": Template(id="template-1"),
    "tokens": ["A"],
    "session_id": "session-1",
    "session": "session-1",
    "recording": "recording-1",
    "report": "session-1/pdf/en",
    "settle": 0.0,
    "room": "room-1",
    "participant": "participant-1",
    "of": "room-1",
}


def operations() -> Iterator[tuple[str, str]]:
    for name, member in inspect.getmembers(Conference):
        if name.startswith("_") or name in NOT_OPERATIONS or not callable(member):
            continue
        for parameter in inspect.signature(member).parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                for field in RoomChanges.__annotations__ if "room" in name else ("first_name",):
                    yield name, field
            elif parameter.name not in {"self", *NOT_CHECKED}:
                yield name, parameter.name


@pytest.mark.parametrize(("operation", "parameter"), [*operations()])
async def test_junk_argument_raises_typed_error(operation, parameter, place, clock) -> None:
    signature = inspect.signature(getattr(Conference, operation))
    arguments = {
        name: GOOD[name]
        for name, each in signature.parameters.items()
        if name in GOOD and (each.default is each.empty or name == "settle")
    }
    if operation == "download":
        arguments |= {"what": "x", "to": place / "file"}
    if operation == "create_room":
        arguments["name"] = "Launch"
    if operation in {"register", "ensure_registered"} and parameter != "person":
        arguments["email"] = "ann@example.com"
    leaks: list[str] = []
    async with connect({"provider": "memory"}, clock=clock) as conference:
        room = await conference.create_room("Launch")
        conference.provider.world.start_session(room.id, None)
        for junk in JUNK:
            try:
                result = getattr(conference, operation)(**arguments | {parameter: junk})
                await (result.collect() if isinstance(result, Listing) else result)
            except ConferencingError:
                pass
            except Exception as error:  # noqa: BLE001
                leaks.append(f"{junk!r}: {type(error).__name__}: {error}")
    assert leaks == []
