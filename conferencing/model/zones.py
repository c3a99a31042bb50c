"""Time zones by their IANA name."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from conferencing.errors import ConfigurationError, InvalidRequest

__all__ = ["find_zone", "to_zone", "zone_name", "zone_of"]

MAX_NAME: Final = 100
"""How many characters the name of a zone may have: three times the longest of IANA."""

# A zone file (RFC 8536) with one type of local time: offset 0, no daylight saving time, "UTC".
_BLOCK: Final = b"TZif2" + bytes(15) + bytes.fromhex("00" * 19 + "01" + "00000004") + bytes(6)
_UTC_FILE: Final = 2 * (_BLOCK + b"UTC\0") + b"\nUTC0\n"


def zone_of(name: str | None, field: str = "timezone") -> ZoneInfo:
    """Return the zone of an IANA name, UTC for None.

    Raises `InvalidRequest` that names `field`, and `ConfigurationError` if this computer has no time
    zone database. UTC needs none.
    """
    if isinstance(name, str) and len(name) > MAX_NAME:
        raise InvalidRequest(
            f"{field} has {len(name):,} characters; it must be an IANA name such as 'Europe/Warsaw'",
            field=field,
        )
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        if not name or name == "UTC":
            return ZoneInfo.from_file(BytesIO(_UTC_FILE), key="UTC")
        if not available_timezones():
            raise ConfigurationError(
                "there is no time zone database; install one: python -m pip install tzdata",
                field=field,
            ) from error
        raise InvalidRequest(
            f"{field} is {name!r}; it must be an IANA name such as 'Europe/Warsaw'", field=field
        ) from error


def find_zone(name: str | None) -> ZoneInfo | None:
    """Return the zone of an IANA name, UTC for None, or None for any other name.

    Vendors also send names of Windows, such as `W. Europe Standard Time`.
    """
    # The cache keeps names: a vendor may not fill it with long texts.
    return None if name and len(name) > MAX_NAME else _find_zone(name)


@lru_cache(1000)
def _find_zone(name: str | None) -> ZoneInfo | None:
    try:
        return zone_of(name)
    except (InvalidRequest, ConfigurationError):
        return None


def to_zone(moment: datetime | None, name: str | None) -> datetime | None:
    """Return the moment in the zone of this name, so that adding days keeps the time of day.

    It is returned as it is if the zone is not known here, or at the ends of the calendar.
    """
    zone = find_zone(name) if moment and name else None
    if moment is None or zone is None:
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def zone_name(moment: datetime | None) -> str | None:
    """Return the IANA name of the zone of a moment, or None if its zone has no such name."""
    zone = moment.tzinfo if moment else None
    return zone.key if isinstance(zone, ZoneInfo) else None
