"""The reference adapter passes the suite, without a network."""

from __future__ import annotations

from conferencing.testing import ProviderSuite


class TestMemory(ProviderSuite):
    provider = "memory"
