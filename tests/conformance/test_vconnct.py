"""VConnct passes the suite in both generations."""

from __future__ import annotations

from conferencing.testing import ProviderSuite

GUARDED = "while one waits, another session may have begun: the end is asked for anew by the caller"


class TestVConnct(ProviderSuite):
    provider = "vconnct"
    exceptions = {  # noqa: RUF012
        "test_a_throttled_call_waits_as_long_as_it_is_told[end_session]": GUARDED
    }


class TestVConnctV4(ProviderSuite):
    provider = "vconnct"
    dialect = "v4"
