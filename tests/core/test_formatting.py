"""Times, sizes, shares and names as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conferencing import formatting

AT = datetime(2026, 10, 1, 10, 2, 59, tzinfo=ZoneInfo("Europe/Warsaw"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0m"), (1, "1s"), (59.999, "59s"), (45, "45s"), (60, "1m"), (5400, "1h30m"), (7225, "2h25s"),
     (3_600_000, "1000h")],
)  # fmt: skip
def test_duration_is_hours_minutes_and_seconds(seconds: float, text: str) -> None:
    assert formatting.format_short_duration(timedelta(seconds=seconds)) == text


def test_time_is_shown_as_it_is() -> None:
    assert formatting.format_time(AT) == "10:02"


@pytest.mark.parametrize(
    ("zone", "text"),
    [("Europe/Warsaw", "UTC+2:00"), ("America/St_Johns", "UTC\u22122:30"), ("UTC", "UTC")],
)
def test_offset_has_a_sign(zone: str, text: str) -> None:
    assert formatting.format_utc_offset(AT.astimezone(ZoneInfo(zone))) == text


def test_none_is_a_dash() -> None:
    assert formatting.format_percent(None) == formatting.UNKNOWN
    assert formatting.format_time(None) == formatting.UNKNOWN


def test_size_and_percent_have_units() -> None:
    assert (formatting.format_size(4096), formatting.format_size(3_100_000)) == ("4.1 kB", "3.1 MB")
    assert formatting.format_percent(0.854) == "85 %"


@pytest.mark.parametrize(("share", "text"), [(0.7999, "79 %"), (0.8, "80 %"), (0.29, "29 %")])
def test_percent_is_rounded_down(share: float, text: str) -> None:
    assert formatting.format_percent(share) == text


def test_unsafe_characters_are_replaced() -> None:
    for code in (*range(32), 0x7F, 0x9B, 0x2028, 0x202E, 0x2066, 0xD83D, 0xFFFE):
        assert chr(code) not in formatting.clean_line(f"a{chr(code)}b")
    assert formatting.clean_line("a\tb\r\nc") == "a b  c"
    assert formatting.clean_line("ليلى المنصور 王伟") == "ليلى المنصور 王伟"
    assert formatting.clean_line(None) == ""
    assert formatting.format_time(AT.astimezone(UTC)) == "08:02"
