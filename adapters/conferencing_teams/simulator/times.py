"""Times and zones as Graph reads and writes them: docs/vendors/teams.md#times"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from conferencing.extras import import_extra
from conferencing.model.zones import find_zone

__all__ = ["format_local", "format_time", "iana_name", "read_local", "read_time", "zone_of"]


def iana_name(name: str) -> str | None:
    """Return the IANA name of a zone; Outlook takes both kinds of names. None for any other text."""
    module = import_extra("tzlocal.windows_tz", extra="teams", purpose="simulate Microsoft Teams")
    iana: str = module.win_tz.get(name, name)
    return iana if find_zone(iana) else None


def zone_of(name: str) -> ZoneInfo | None:
    """Return a zone by either kind of name, or None."""
    iana = iana_name(name)
    return find_zone(iana) if iana else None


def read_time(text: str) -> datetime | None:
    """Return a time with its offset, or None for another text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def read_local(value: dict[str, Any]) -> datetime | None:
    """Return the instant of a `dateTimeTimeZone`, or None if its zone is not known here."""
    zone = zone_of(value.get("timeZone") or "UTC")
    try:
        local = datetime.fromisoformat(value["dateTime"])
    except (KeyError, TypeError, ValueError):
        return None
    if zone is None:
        return None
    return local if local.tzinfo else local.replace(tzinfo=zone)


def format_time(moment: datetime | None) -> str | None:
    """Return an instant in UTC, with up to seven digits of a second and no zeros behind them."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text.rstrip('0')}Z" if "." in text else f"{text}Z"


def format_local(moment: datetime, zone: str = "UTC") -> dict[str, str]:
    """Return an instant as Outlook writes it: local, with seven digits of a second."""
    local = moment.astimezone(zone_of(zone) or UTC)
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S.%f}0", "timeZone": zone}
