"""The state of a world as flat paths and plain values, so that two worlds can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from attrs import asdict, has

from conferencing.model.secret import Secret
from conferencing.world import World

__all__ = ["count_changes", "counts", "flatten", "state"]

_PARTS: Final = (
    "rooms", "notes", "participants", "sessions", "tokens", "recordings", "templates", "outbox",
    "subscriptions",
)  # fmt: skip


def state(world: World | None) -> dict[str, object]:
    """Return each value in the world under its path; nothing for a missing world."""
    if world is None:
        return {}
    return {path: value for part in _PARTS for path, value in flatten(getattr(world, part), part)}


def counts(world: World | None) -> dict[str, int]:
    """Count the objects in a world, which shows what was done twice."""
    if world is None:
        return {}
    ended = [session for session in world.sessions.values() if session.ended_at is not None]
    return {
        "rooms": len(world.rooms),
        "people": sum(map(len, world.participants.values())),
        "sessions": len(world.sessions),
        "ended sessions": len(ended),
        "tokens": sum(map(len, world.tokens.values())),
        "recordings": len(world.recordings),
        "templates": len(world.templates),
        "mails": len(world.outbox),
        "subscriptions": len(world.subscriptions),
    }


def count_changes(before: Mapping[str, int], world: World | None) -> dict[str, int]:
    """Return by how much each count of the world has changed; what is unchanged is left out."""
    after = counts(world)
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


def flatten(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each plain value in a model, mapping or sequence with its path; secrets revealed."""
    if isinstance(value, Secret):
        yield path, value.reveal()
    elif has(type(value)):
        yield f"{path}:", type(value).__name__
        yield from flatten(asdict(cast("Any", value), recurse=False), path)
    elif isinstance(value, Mapping):
        for name, part in cast("Mapping[object, object]", value).items():
            yield from flatten(part, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(cast("list[object]", value)):
            yield from flatten(part, f"{path}[{place}]")
    else:
        yield path, value
