"""Time zones by their IANA name."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conferencing.errors import InvalidRequest

__all__ = ["zone_of"]


def zone_of(name: str | None, field: str = "timezone") -> ZoneInfo:
    """Return the zone of an IANA name, UTC for None. Raises `InvalidRequest` that names `field`."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise InvalidRequest(
            f"{field} is {name!r}; it must be an IANA name such as 'Europe/Warsaw'", field=field
        ) from error
