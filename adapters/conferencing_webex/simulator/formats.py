"""Times as Webex reads and writes them: docs/vendors/webex.md#times"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .errors import refuse

__all__ = ["EPOCH", "milliseconds", "plan_start", "read_time", "seconds", "to_minute"]

EPOCH: Final = "1970-01-01T00:00:00.000Z"
"""A time that is not known yet."""


def seconds(moment: datetime, zone: tzinfo = UTC) -> str:
    """Return a time in whole seconds in a zone; UTC is written as `Z`."""
    text = moment.astimezone(zone).replace(microsecond=0).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def milliseconds(moment: datetime) -> str:
    """Return a time in UTC with milliseconds, as devices have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(text: str, zone: tzinfo, name: str) -> datetime:
    """Return a time; one without an offset is local to `zone`."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError as error:
        raise refuse(400, f"Parameter '{name}' is invalid.") from error


def to_minute(moment: datetime) -> datetime:
    """Return a time cut to the minute."""
    return moment.replace(second=0, microsecond=0)


def plan_start(start: datetime, now: datetime) -> datetime:
    """Return the start that Webex plans: cut to the minute, and the next one if that is now."""
    minute = to_minute(start)
    return minute + timedelta(minutes=1) if minute == to_minute(now) else minute
