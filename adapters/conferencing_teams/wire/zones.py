"""Time zones by the names of Windows, and times in them (docs/vendors/teams.md#times).

The mapping is that of Unicode's CLDR, which the library tzlocal carries.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Final

from attrs import define

from conferencing.extras import import_extra
from conferencing.model.zones import find_zone, to_zone, zone_name

__all__ = [
    "UTC_NAME",
    "DateTimeRow",
    "find_iana_name",
    "find_windows_name",
    "parse_instant",
    "read_moment",
    "write_instant",
    "write_moment",
]

UTC_NAME: Final = "UTC"


@define
class DateTimeRow:
    """A local time without an offset, and the name of its zone (`dateTimeTimeZone`)."""

    dateTime: str  # noqa: N815 - Graph's spelling
    timeZone: str | None = None  # noqa: N815 - Graph's spelling


@cache
def _windows_names() -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of Windows by IANA's, and the other way round."""
    module = import_extra(
        "tzlocal.windows_tz", extra="teams", purpose="name time zones as Microsoft does"
    )
    return module.tz_win, module.win_tz


def find_windows_name(name: str) -> str | None:
    """Return the name of a zone at Microsoft, or None for one that has none there."""
    return _windows_names()[0].get(name)


def find_iana_name(name: str | None) -> str | None:
    """Return the IANA name of a zone of Microsoft's; one of IANA stays as it is.

    None for any other text, such as `tzone://Microsoft/Custom`.
    """
    if not name:
        return None
    # Each has one name of IANA only, so that Asia/Kolkata comes back as Asia/Calcutta.
    iana = _windows_names()[1].get(name, name)
    return iana if find_zone(iana) else None


# ------------------------------------------------------------------------------------------ reading


def parse_instant(text: str | None) -> datetime | None:
    """Return a time in ISO 8601, or None for another text.

    One without an offset is in UTC. Graph writes up to seven digits of a second, of which the
    seventh is dropped: rounded, `.9999999` would be in the next second
    (docs/vendors/teams.md#oddity-9).
    """
    moment = _parse(text)
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _parse(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def read_moment(row: DateTimeRow | None, zone: str | None = None) -> datetime | None:
    """Return a time in the zone in which it was planned, or None if it is not known.

    `zone` is the name of that zone where the time itself comes in UTC.
    """
    if row is None:
        return None
    own = find_iana_name(row.timeZone) if row.timeZone else UTC_NAME
    local = _parse(row.dateTime)
    if local is None or own is None:
        return None  # such as in the zone `PacificSt` of a sample (docs/vendors/teams.md#oddity-3)
    moment = local if local.tzinfo else local.replace(tzinfo=find_zone(own))
    return to_zone(moment, find_iana_name(zone))


# ------------------------------------------------------------------------------------------ writing


def write_instant(moment: datetime) -> str:
    """Return a time in UTC, as Graph takes it where it keeps no zone."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def write_moment(moment: datetime, zone: str | None) -> dict[str, str]:
    """Return a time in its zone, by the name that Microsoft has for it.

    `zone` is the IANA name; without it, that of the moment counts. A zone without such a name, and
    an hour that occurs twice in autumn, cannot be said in this form: those are written in UTC.
    """
    name = zone or zone_name(moment)
    windows = find_windows_name(name) if name else None
    local = to_zone(moment, name) if windows else None
    if windows is None or local is None or _is_ambiguous(local):
        local, windows = moment.astimezone(UTC), UTC_NAME
    return {"dateTime": local.replace(tzinfo=None, fold=0).isoformat(), "timeZone": windows}


def _is_ambiguous(local: datetime) -> bool:
    """Return whether the clock shows this time twice, or the moment never shows on it."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
