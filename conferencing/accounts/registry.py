"""Find adapters by name, through entry points. Nothing is searched or imported before it is used."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable
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

_LOG = logging.getLogger("conferencing.accounts")

PROVIDERS: Final = "conferencing.providers"
SIMULATORS: Final = "conferencing.simulators"

BUILT_IN: Final = {
    PROVIDERS: {
        "bigbluebutton": "conferencing_bigbluebutton:BigBlueButton",
        "clickmeeting": "conferencing_clickmeeting:ClickMeeting",
        "googlemeet": "conferencing_googlemeet:GoogleMeet",
        "gotowebinar": "conferencing_gotowebinar:GoToWebinar",
        "meetrs": "conferencing_meetrs:MeetRS",
        "memory": "conferencing.memory:MemoryProvider",
        "vconnct": "conferencing_vconnct:VConnct",
        "teams": "conferencing_teams:Teams",
        "webex": "conferencing_webex:Webex",
        "zoom": "conferencing_zoom:Zoom",
    },
    SIMULATORS: {
        "bigbluebutton": "conferencing_bigbluebutton.simulator:BigBlueButtonSimulator",
        "clickmeeting": "conferencing_clickmeeting.simulator:ClickMeetingSimulator",
        "googlemeet": "conferencing_googlemeet.simulator:GoogleMeetSimulator",
        "gotowebinar": "conferencing_gotowebinar.simulator:GoToWebinarSimulator",
        "meetrs": "conferencing_meetrs.simulator:MeetRSSimulator",
        "vconnct": "conferencing_vconnct.simulator:VConnctSimulator",
        "teams": "conferencing_teams.simulator:TeamsSimulator",
        "webex": "conferencing_webex.simulator:WebexSimulator",
        "zoom": "conferencing_zoom.simulator:ZoomSimulator",
    },
}
"""The adapters of this distribution. They are declared as entry points like any other adapter, but
found without a search that takes 50 ms, and no other distribution can replace them."""


@frozen(kw_only=True)
class Plugin:
    """Where an adapter comes from. `rivals` are other distributions that claim the same name."""

    name: str
    value: str
    distribution: str | None = None
    version: str | None = None
    rivals: tuple[str, ...] = ()


def list_plugins(group: str = PROVIDERS) -> list[Plugin]:
    """Return the installed adapters, sorted by name. Reads metadata and imports nothing."""
    return [_plugin(group, name, points) for name, points in sorted(_find_points(group).items())]


def load(name: str, group: str = PROVIDERS) -> Any:
    """Import the adapter of this name and return its class.

    Raises `UnknownProvider` with the installed names, and `ConfigurationError` if two
    distributions claim the name or the adapter is broken.
    """
    key = _normalize(name)
    if key in BUILT_IN[group]:
        return _check(_resolve(BUILT_IN[group][key]), key, group, "conferencing")
    points = _find_points(group).get(key, ())
    if not points:
        raise _explain_unknown(name, group)
    owners = sorted({_owner(point) for point in points})
    if len(owners) > 1:
        raise ConfigurationError(
            f"{name!r} is claimed by {' and '.join(owners)}; uninstall all but one of them",
            provider=name,
        )
    return _check(_import(points[0], owners[0]), key, group, owners[0])


def simulator_names() -> frozenset[str]:
    """Return the names that have a simulator. Reads metadata and imports nothing."""
    return frozenset(_find_points(SIMULATORS))


@cache
def _find_points(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    points_by_name: defaultdict[str, dict[tuple[str, str], EntryPoint]] = defaultdict(dict)
    for point in _entry_points(group):
        # A distribution may be found twice: installed as editable, and in the working directory.
        points_by_name[_normalize(point.name)].setdefault((_owner(point), point.value), point)
    return {name: tuple(points.values()) for name, points in points_by_name.items()}


def _entry_points(group: str) -> Iterable[EntryPoint]:
    """Return the entry points of all distributions whose metadata can be read."""
    from importlib.metadata import distributions, entry_points  # noqa: PLC0415 - slow to import

    try:
        return entry_points(group=group)
    except Exception:  # noqa: BLE001 - one broken entry_points.txt fails the whole search
        points: list[EntryPoint] = []
    for distribution in distributions():
        try:
            points += distribution.entry_points.select(group=group)
        except Exception as error:  # noqa: BLE001
            folder = getattr(distribution, "_path", "a distribution")
            _LOG.warning("the entry points of %s cannot be read: %s", folder, error)
    return points


def _plugin(group: str, name: str, points: tuple[EntryPoint, ...]) -> Plugin:
    built_in = BUILT_IN[group].get(name)
    first = next((point for point in points if point.value == built_in), points[0])
    others = {_owner(point) for point in points if point is not first} - {_owner(first)}
    return Plugin(
        name=name,
        value=first.value,
        distribution=first.dist.name if first.dist else None,
        version=first.dist.version if first.dist else None,
        rivals=tuple(sorted(others)),
    )


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unnamed distribution"


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).casefold()


def _resolve(value: str) -> Any:
    module, _, attribute = value.partition(":")
    return getattr(import_quickly(module), attribute)


def _import(point: EntryPoint, owner: str) -> Any:
    try:
        return point.load()
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"the adapter {point.name!r} of {owner} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            provider=point.name,
        ) from error


def _check(adapter: Any, key: str, group: str, owner: str) -> Any:
    required = ("name", "settings_class", "features") if group == PROVIDERS else ("name", "handle")
    missing = [name for name in required if not hasattr(adapter, name)]
    if missing or _normalize(str(adapter.name)) != key:
        fault = f"has no {missing[0]}" if missing else f"calls itself {adapter.name!r}"
        raise ConfigurationError(f"the adapter {key!r} of {owner} {fault}", provider=key)
    return adapter


def _explain_unknown(name: str, group: str) -> UnknownProvider:
    """Return the error. It does not repeat `name`, which may be a credential under a wrong key."""
    from difflib import get_close_matches  # noqa: PLC0415 - most names are right

    installed = sorted(_find_points(group).keys() | BUILT_IN[group])
    close = get_close_matches(_normalize(name), installed, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return UnknownProvider(
        f"provider is not the name of an installed adapter: {', '.join(installed)}{hint}",
        field="provider",
    )
