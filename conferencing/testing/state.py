"""The whole state of a world as flat paths and plain values, so that two can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from attrs import asdict, has

from conferencing.model.secret import Secret
from conferencing.world import World

__all__ = ["counts", "state"]

_PARTS: Final = (
    "rooms", "notes", "participants", "sessions", "tokens", "recordings", "templates", "outbox",
)  # fmt: skip


def state(world: World) -> dict[str, object]:
    """Return each value of the world under its path."""
    return {path: value for part in _PARTS for path, value in _flat(getattr(world, part), part)}


def counts(world: World | None) -> dict[str, int]:
    """Count what there is in the world: what must not happen twice shows here."""
    if world is None:
        return {}
    ended = [one for one in world.sessions.values() if one.ended_at is not None]
    return {
        "rooms": len(world.rooms),
        "people": sum(map(len, world.participants.values())),
        "sessions": len(world.sessions),
        "ended sessions": len(ended),
        "tokens": sum(map(len, world.tokens.values())),
        "recordings": len(world.recordings),
        "templates": len(world.templates),
        "mails": len(world.outbox),
    }


def _flat(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Secret):
        yield path, value.reveal()
    elif has(type(value)):
        yield f"{path}:", type(value).__name__
        yield from _flat(asdict(cast("Any", value), recurse=False), path)
    elif isinstance(value, Mapping):
        for name, one in cast("Mapping[object, object]", value).items():
            yield from _flat(one, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for place, one in enumerate(cast("list[object]", value)):
            yield from _flat(one, f"{path}[{place}]")
    else:
        yield path, value
