"""Recurrence rules: parsed strictly, written back, and planned on the wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import (
    Frequency,
    InvalidRequest,
    Recurrence,
    Weekday,
    parse_recurrence,
    plan_dates,
)

WARSAW = ZoneInfo("Europe/Warsaw")

RULES = {
    "FREQ=DAILY": Recurrence(frequency=Frequency.DAILY),
    "FREQ=WEEKLY;COUNT=10;BYDAY=MO,WE": Recurrence(
        frequency=Frequency.WEEKLY, count=10, by_day=(Weekday("MO"), Weekday("WE"))
    ),
    "FREQ=MONTHLY;COUNT=3;INTERVAL=2;BYDAY=-1FR": Recurrence(
        frequency=Frequency.MONTHLY, count=3, interval=2, by_day=(Weekday("FR", -1),)
    ),
    "FREQ=MONTHLY;UNTIL=20271231T180000Z;BYMONTHDAY=15,-1": Recurrence(
        frequency=Frequency.MONTHLY,
        until=datetime(2027, 12, 31, 18, tzinfo=UTC),
        by_month_day=(15, -1),
    ),
    "FREQ=YEARLY;COUNT=2;BYMONTH=3;WKST=SU": Recurrence(
        frequency=Frequency.YEARLY, count=2, by_month=(3,), week_start="SU"
    ),
}


@pytest.mark.parametrize(("text", "rule"), RULES.items(), ids=list(RULES))
def test_rule_is_read_and_written(text, rule) -> None:
    assert parse_recurrence(text) == rule
    assert str(rule) == text
    assert parse_recurrence(f" rrule:{text.lower()};") == rule


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "FREQ"),
        ("COUNT=3", "FREQ"),
        ("FREQ=HOURLY", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ twice"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=x", "COUNT"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude"),
        ("FREQ=DAILY;UNTIL=2027-01-01", "UNTIL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=MONDAY", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=99MO", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=DAILY;BYHOUR=3", "BYHOUR"),
        ("FREQ=DAILY;X", "X"),
        ("every Monday", "EVERY MONDAY"),
    ],
)
def test_malformed_rule_is_refused_by_part(text, part) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_recurrence(text)
    assert caught.value.field == "recurrence"
    assert part in caught.value.message


def test_date_as_end_includes_that_day() -> None:
    start = datetime(2027, 1, 1, 20, tzinfo=WARSAW)
    assert len(plan_dates("FREQ=DAILY;UNTIL=20270103", start)) == 3


def test_end_in_utc_is_compared_as_an_instant() -> None:
    start = datetime(2027, 1, 1, 0, 30, tzinfo=WARSAW)
    dates = plan_dates("FREQ=DAILY;UNTIL=20270102T233000Z", start)
    assert dates == [start + timedelta(days=days) for days in range(3)]


def test_series_keeps_the_wall_clock_over_a_clock_change() -> None:
    start = datetime(2027, 3, 22, 17, tzinfo=WARSAW)
    dates = plan_dates("FREQ=WEEKLY;COUNT=2", start)
    assert [date.hour for date in dates] == [17, 17]
    assert [date.utcoffset() for date in dates] == [timedelta(hours=1), timedelta(hours=2)]


def test_rule_without_an_end_is_cut() -> None:
    assert len(plan_dates("FREQ=DAILY", datetime(2027, 1, 1, tzinfo=UTC), 7)) == 7


@given(
    st.builds(
        Recurrence,
        frequency=st.sampled_from(Frequency),
        interval=st.integers(1, 99),
        count=st.none() | st.integers(1, 99),
        by_day=st.lists(st.builds(Weekday, st.sampled_from(["MO", "SU"]))).map(tuple),
        by_month_day=st.lists(st.integers(1, 31)).map(tuple),
        week_start=st.sampled_from(["MO", "SU"]),
    )
)
def test_any_rule_survives_its_text(rule) -> None:
    assert parse_recurrence(str(rule)) == rule
