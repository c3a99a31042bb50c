"""VConnct passes the suite in both generations."""

from __future__ import annotations

from conferencing.testing import ProviderSuite

GUARDED = "another session may have begun during the wait, so that the caller decides"
A_MAP = "the reply is a map: a new key is a new entry"
RUNS_ONCE = "a room runs once, so that it has one session"


class TestVConnct(ProviderSuite):
    provider = "vconnct"
    exceptions = {  # noqa: RUF012
        "test_throttled_call_waits[end_session]": GUARDED,
        "test_unknown_key_is_ignored[default_settings]": A_MAP,
    }


class TestVConnctV4(ProviderSuite):
    provider = "vconnct"
    dialect = "v4"
    exceptions = {  # noqa: RUF012
        "test_unknown_key_is_ignored[list_attendance]": A_MAP,
        "test_listing_returns_every_object[list_sessions]": RUNS_ONCE,
    }
