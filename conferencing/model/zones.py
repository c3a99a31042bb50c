"""Time zones by their IANA name."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conferencing.errors import InvalidRequest

__all__ = ["to_zone", "zone_name", "zone_of"]


def zone_of(name: str | None, field: str = "timezone") -> ZoneInfo:
    """Return the zone of an IANA name, UTC for None. Raises `InvalidRequest` that names `field`."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise InvalidRequest(
            f"{field} is {name!r}; it must be an IANA name such as 'Europe/Warsaw'", field=field
        ) from error


def to_zone(moment: datetime | None, timezone: str | None) -> datetime | None:
    """Return a vendor's time in the zone of its room, so that adding days keeps the time of day.

    A zone that is not known here leaves the time as it is.
    """
    zone = _find_zone(timezone) if moment and timezone else None
    if moment is None or zone is None:
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:  # at the ends of the calendar
        return moment


def zone_name(moment: datetime | None) -> str | None:
    """Return the IANA name of a time's zone, or None if it has none."""
    return getattr(moment.tzinfo, "key", None) if moment else None


@lru_cache(1000)
def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return zone_of(name)
    except InvalidRequest:
        return None
