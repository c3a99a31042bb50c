"""ClickMeeting passes the suite."""

from __future__ import annotations

from conferencing.testing import ProviderSuite

DATED = "a rating of somebody without a time of leaving is dated by the end of the session"


class TestClickMeeting(ProviderSuite):
    provider = "clickmeeting"
    exceptions = {"test_unknown_value_stays_unknown[feedback]": DATED}  # noqa: RUF012
