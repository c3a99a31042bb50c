"""Times, durations, counts and names as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conferencing import formatting

AT = datetime(2026, 10, 1, 10, 2, 59, tzinfo=ZoneInfo("Europe/Warsaw"))


@pytest.mark.parametrize(
    ("seconds", "text", "short"),
    [
        (0, "0 min", "0m"),
        (1, "1 s", "1s"),
        (45, "45 s", "45s"),
        (60, "1 min", "1m"),
        (5400, "1 h 30 min", "1h30m"),
        (7200, "2 h", "2h"),
        (7225, "2 h", "2h25s"),
        (3_600_000, "1,000 h", "1000h"),
    ],
)
def test_duration_is_hours_and_minutes(seconds: int, text: str, short: str) -> None:
    duration = timedelta(seconds=seconds)
    assert formatting.format_duration(duration) == text
    assert formatting.format_short_duration(duration) == short


@pytest.mark.parametrize(("seconds", "text"), [(0, "0"), (20, "<1"), (40, "1"), (60_000, "1,000")])
def test_minutes_are_whole_but_not_lost(seconds: int, text: str) -> None:
    assert formatting.format_minutes(timedelta(seconds=seconds)) == text


def test_time_is_shown_as_it_is() -> None:
    assert formatting.format_date(AT) == "1 October 2026"
    assert formatting.format_time(AT) == "10:02"
    assert formatting.format_time(AT, with_day=True) == "1\u00a0Oct 10:02"
    assert formatting.format_moment(AT) == "1 October 2026, 10:02"


@pytest.mark.parametrize(
    ("zone", "text"),
    [("Europe/Warsaw", "UTC+2:00"), ("America/St_Johns", "UTC\u22122:30"), ("UTC", "UTC")],
)
def test_offset_has_a_sign(zone: str, text: str) -> None:
    assert formatting.format_utc_offset(AT.astimezone(ZoneInfo(zone))) == text


def test_none_is_a_dash() -> None:
    for format_value in (
        formatting.format_duration,
        formatting.format_minutes,
        formatting.format_moment,
        formatting.format_percent,
        formatting.format_time,
    ):
        assert format_value(None) == formatting.UNKNOWN


def test_count_size_and_percent_have_units() -> None:
    assert formatting.format_count(1, "person", "people") == "1 person"
    assert formatting.format_count(2000, "person", "people") == "2,000 people"
    assert (formatting.format_size(4096), formatting.format_size(3_100_000)) == ("4.1 kB", "3.1 MB")
    assert formatting.format_percent(0.854) == "85 %"


def test_unsafe_characters_are_replaced() -> None:
    for code in (*range(32), 0x7F, 0x9B, 0x2028, 0x202E, 0x2066, 0xD83D, 0xFFFE):
        assert chr(code) not in formatting.clean_line(f"a{chr(code)}b")
    assert formatting.clean_line("a\tb\r\nc") == "a b  c"
    assert formatting.clean_line("ليلى المنصور 王伟") == "ليلى المنصور 王伟"
    assert formatting.clean_line(None) == ""
    assert formatting.format_time(AT.astimezone(UTC)) == "08:02"
