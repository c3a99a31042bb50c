"""`conferencing usage` and `conferencing feedback`: what sessions cost, and what people thought."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen
from cyclopts import Parameter

from .options import LIST, Listing, Moment, instant
from .output import Output
from .work import listed

__all__ = ["feedback", "usage"]

USAGE = ("id", "room_id", "title", "people", "started_at", "duration", "billable", "free")
FEEDBACK = ("id", "rating", "text", "person", "room_id", "given_at")


@Parameter(name="*")
@frozen(kw_only=True)
class Range:
    """Say of when, and of whom."""

    since: Moment | None = None
    "From when on, like 2026-10-01T00:00+02:00; without a range, the provider's own counts."

    until: Moment | None = None
    "Until when."

    tenant: str | None = None
    "Only this tenant of the account."

    def instants(self, zone: ZoneInfo | None) -> tuple[datetime | None, datetime | None]:
        """Return both ends as instants. Raises `Usage` for a time without a zone."""
        return instant(self.since, zone, "--since"), instant(self.until, zone, "--until")


ALL: Final = Range()


def usage(*, of: Range = ALL, at: Listing = LIST) -> Output | None:
    """List what ended sessions cost."""
    ends = of.instants(at.timezone)
    return listed(at, lambda conference: conference.usage(*ends, tenant=of.tenant), USAGE)


def feedback(*, of: Range = ALL, at: Listing = LIST) -> Output | None:
    """List what people thought of sessions."""
    ends = of.instants(at.timezone)
    return listed(at, lambda conference: conference.feedback(*ends, tenant=of.tenant), FEEDBACK)
