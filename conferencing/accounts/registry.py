"""Finding adapters: by name, through entry points, one at a time. Nothing is scanned at import."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from conferencing.errors import ConfigurationError, UnknownProvider
from conferencing.lazy import import_quickly

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "BUILT_IN",
    "PROVIDERS",
    "SIMULATORS",
    "Plugin",
    "list_plugins",
    "load",
    "simulator_names",
]

PROVIDERS: Final = "conferencing.providers"
SIMULATORS: Final = "conferencing.simulators"

BUILT_IN: Final = {
    PROVIDERS: {
        "clickmeeting": "conferencing_clickmeeting:ClickMeeting",
        "meetrs": "conferencing_meetrs:MeetRS",
        "memory": "conferencing.memory:MemoryProvider",
        "vconnct": "conferencing_vconnct:VConnct",
    },
    SIMULATORS: {
        "clickmeeting": "conferencing_clickmeeting.simulator:ClickMeetingSimulator",
        "meetrs": "conferencing_meetrs.simulator:MeetRSSimulator",
        "vconnct": "conferencing_vconnct.simulator:VConnctSimulator",
    },
}
"""Our own, declared as entry points like anybody's, but found without a search that costs 50 ms,
and so that no other distribution can stand in for them. A test holds both lists equal."""

HINTS: Final[dict[str, str]] = {}
"""What to install for the adapters that we know of and do not ship."""


@frozen(kw_only=True)
class Plugin:
    """Say where an adapter comes from. `rivals` are further distributions that claim its name."""

    name: str
    value: str
    distribution: str | None = None
    version: str | None = None
    rivals: tuple[str, ...] = ()


def list_plugins(group: str = PROVIDERS) -> list[Plugin]:
    """Return what is installed, by name. Reads metadata and imports nothing."""
    return [_plugin(group, name, found) for name, found in sorted(_found(group).items())]


def load(name: str, group: str = PROVIDERS) -> Any:
    """Import the one that has this name and return its class.

    Raises `UnknownProvider` with the names there are, and `ConfigurationError` if two
    distributions claim the name or the adapter is broken.
    """
    key = _normal(name)
    if key in BUILT_IN[group]:
        return _checked(_resolve(BUILT_IN[group][key]), key, group, "conferencing")
    found = _found(group).get(key, ())
    if not found:
        raise _unknown(name, group)
    owners = sorted({_owner(one) for one in found})
    if len(owners) > 1:
        raise ConfigurationError(
            f"{name!r} is claimed by {' and '.join(owners)}; uninstall all but one of them",
            provider=name,
        )
    return _checked(_loaded(found[0], owners[0]), key, group, owners[0])


def simulator_names() -> frozenset[str]:
    """Return the names that have a simulator. Reads metadata and imports nothing."""
    return frozenset(_found(SIMULATORS))


@cache
def _found(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - our own need no search

    found: defaultdict[str, dict[tuple[str, str], EntryPoint]] = defaultdict(dict)
    for one in entry_points(group=group):
        found[_normal(one.name)].setdefault((_owner(one), one.value), one)
    return {name: tuple(points.values()) for name, points in found.items()}


def _plugin(group: str, name: str, found: tuple[EntryPoint, ...]) -> Plugin:
    own = BUILT_IN[group].get(name)
    first = next((one for one in found if one.value == own), found[0])
    others = {_owner(one) for one in found if one is not first} - {_owner(first)}
    return Plugin(
        name=name,
        value=first.value,
        distribution=first.dist.name if first.dist else None,
        version=first.dist.version if first.dist else None,
        rivals=tuple(sorted(others)),
    )


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unnamed distribution"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).casefold()


def _resolve(value: str) -> Any:
    module, _, attribute = value.partition(":")
    return getattr(import_quickly(module), attribute)


def _loaded(point: EntryPoint, owner: str) -> Any:
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"the adapter {point.name!r} of {owner} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            provider=point.name,
        ) from error


def _checked(adapter: Any, key: str, group: str, owner: str) -> Any:
    wanted = ("name", "settings_class", "features") if group == PROVIDERS else ("name", "handle")
    missing = [one for one in wanted if not hasattr(adapter, one)]
    if missing or _normal(str(adapter.name)) != key:
        fault = f"has no {missing[0]}" if missing else f"calls itself {adapter.name!r}"
        raise ConfigurationError(f"the adapter {key!r} of {owner} {fault}", provider=key)
    return adapter


def _unknown(name: str, group: str) -> UnknownProvider:
    from difflib import get_close_matches  # noqa: PLC0415

    known = sorted(_found(group).keys() | BUILT_IN[group])
    close = get_close_matches(_normal(name), known, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if _normal(name) in HINTS:
        hint = f"; install it: python -m pip install {HINTS[_normal(name)]}"
    return UnknownProvider(
        f"there is no provider {name!r} among the installed ones ({', '.join(known)}){hint}"
    )
