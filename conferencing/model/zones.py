"""Time zones by their IANA name."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conferencing.errors import InvalidRequest

__all__ = ["zone_of"]


def zone_of(name: str | None) -> ZoneInfo:
    """Return the zone of this IANA name, UTC for None. Raises `InvalidRequest`."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise InvalidRequest(
        f"timezone is {name!r}; it must be an IANA name such as 'Europe/Warsaw'", field="timezone"
    )
