"""The dates of a recurring event: docs/vendors/teams.md#recurrence"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule

__all__ = ["expand", "fill_in"]

DAYS: Final = {
    "sunday": SU, "monday": MO, "tuesday": TU, "wednesday": WE, "thursday": TH, "friday": FR,
    "saturday": SA,
}  # fmt: skip
POSITIONS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
FREQUENCIES: Final[Mapping[str, Any]] = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "absoluteMonthly": MONTHLY,
    "relativeMonthly": MONTHLY,
    "absoluteYearly": YEARLY,
    "relativeYearly": YEARLY,
}
MOST: Final = 1000


def expand(recurrence: Mapping[str, Any], start: datetime) -> Iterator[datetime]:
    """Yield the starts of a series in the zone of `start`, each at the same time of day."""
    pattern, range_ = recurrence["pattern"], recurrence["range"]
    kind = pattern["type"]
    days = [DAYS[word] for word in pattern.get("daysOfWeek") or ()]
    options: dict[str, Any] = {
        "interval": pattern.get("interval") or 1,
        "wkst": DAYS[pattern.get("firstDayOfWeek") or "sunday"],
        "byweekday": days or None,
    }
    if kind.startswith("relative"):
        options["bysetpos"] = POSITIONS[pattern.get("index") or "first"]
    if kind.startswith("absolute"):
        options["bymonthday"] = pattern.get("dayOfMonth")
    if kind.endswith("Yearly"):
        options["bymonth"] = pattern.get("month")
    if range_["type"] == "numbered":
        options["count"] = range_["numberOfOccurrences"]
    if range_["type"] == "endDate":
        last = date.fromisoformat(range_["endDate"])
        options["until"] = datetime.combine(last, time.max)
    dates = rrule(FREQUENCIES[kind], dtstart=start.replace(tzinfo=None), **options)
    yield from (day.replace(tzinfo=start.tzinfo) for day in islice(dates, MOST))


def fill_in(recurrence: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a recurrence as Graph sends it back: what is not used is 0, or a day of the year 1."""
    if recurrence is None:
        return None
    pattern = {"month": 0, "dayOfMonth": 0, "firstDayOfWeek": "sunday", "index": "first"}
    range_ = {"endDate": "0001-01-01", "numberOfOccurrences": 0, "recurrenceTimeZone": "UTC"}
    return {
        "pattern": {**pattern, **recurrence["pattern"]},
        "range": {**range_, **recurrence["range"]},
    }
