"""A right adapter passes the whole suite; its test file has three lines."""

from __future__ import annotations

from sample_adapter import Acme
from sample_simulator import AcmeSimulator

from conferencing.testing import ProviderSuite


class TestAcme(ProviderSuite):
    provider = Acme
    simulator = AcmeSimulator
