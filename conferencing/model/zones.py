"""Time zones by their IANA name."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conferencing.errors import InvalidRequest

__all__ = ["find_zone", "to_zone", "zone_name", "zone_of"]


def zone_of(name: str | None, field: str = "timezone") -> ZoneInfo:
    """Return the zone of an IANA name, UTC for None. Raises `InvalidRequest` that names `field`."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise InvalidRequest(
            f"{field} is {name!r}; it must be an IANA name such as 'Europe/Warsaw'", field=field
        ) from error


@lru_cache(1000)
def find_zone(name: str | None) -> ZoneInfo | None:
    """Return the zone of an IANA name, UTC for None, or None for any other name.

    Vendors also send names of Windows, such as `W. Europe Standard Time`.
    """
    try:
        return zone_of(name)
    except InvalidRequest:
        return None


def to_zone(moment: datetime | None, timezone: str | None) -> datetime | None:
    """Return a vendor's time in the zone of its room, so that adding days keeps the time of day.

    A zone that is not known here leaves the time as it is.
    """
    zone = find_zone(timezone) if moment and timezone else None
    if moment is None or zone is None:
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:  # at the ends of the calendar
        return moment


def zone_name(moment: datetime | None) -> str | None:
    """Return the IANA name of a time's zone, or None if it has none."""
    return getattr(moment.tzinfo, "key", None) if moment else None
