"""`conferencing usage` and `conferencing feedback`: billable time of sessions, and ratings."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen
from cyclopts import Parameter

from .options import LIST, ListOptions, Time, resolve_time
from .output import Output
from .runner import list_values
from .tables import Column
from .zones import find_zones_by_room

__all__ = ["feedback", "usage"]

USAGE = (
    Column("id", drop=7),
    Column("room_id"),
    Column("title", drop=5, shorten=True),
    Column("people", drop=4, right=True),
    Column("started_at"),
    Column("duration", drop=1),
    Column("billable", drop=2),
    Column("free", drop=3),
)
FEEDBACK = (
    Column("id", drop=4),
    Column("rating", right=True),
    Column("text", wrap=True),
    Column("person", drop=3, shorten=True),
    Column("room_id", drop=2),
    Column("given_at", drop=1),
)


@Parameter(name="*")
@frozen(kw_only=True)
class Range:
    """Date range and tenant."""

    since: Time | None = None
    "Start of the range, like 2026-10-01T00:00+02:00 (default: the provider's)."

    until: Time | None = None
    "End of the range (default: the provider's)."

    tenant: str | None = None
    "Only this tenant of the account."

    def resolve(self, zone: ZoneInfo | None) -> tuple[datetime | None, datetime | None]:
        """Return both ends as aware times. Raises `UsageError` if one has no offset and no zone."""
        since = resolve_time(self.since, zone, "--since")
        return since, resolve_time(self.until, zone, "--until")


NO_RANGE: Final = Range()


def usage(*, in_range: Range = NO_RANGE, options: ListOptions = LIST) -> Output | None:
    """List the usage of ended sessions, as far as the provider bills it."""
    ends = in_range.resolve(options.timezone)
    return list_values(
        options,
        lambda conference: conference.usage(*ends, tenant=in_range.tenant),
        USAGE,
        find_zones=find_zones_by_room,
    )


def feedback(*, in_range: Range = NO_RANGE, options: ListOptions = LIST) -> Output | None:
    """List ratings and comments that people left."""
    ends = in_range.resolve(options.timezone)
    return list_values(
        options,
        lambda conference: conference.feedback(*ends, tenant=in_range.tenant),
        FEEDBACK,
        find_zones=find_zones_by_room,
    )
