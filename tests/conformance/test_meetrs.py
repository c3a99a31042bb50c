"""Meet.rs passes the suite."""

from __future__ import annotations

from conferencing.testing import ProviderSuite


class TestMeetRS(ProviderSuite):
    provider = "meetrs"
