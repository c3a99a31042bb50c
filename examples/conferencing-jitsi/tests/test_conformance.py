"""What `conferencing` asks of every adapter."""

from conferencing.testing import ProviderSuite


class TestJitsi(ProviderSuite):
    provider = "jitsi"
    simulator = None
    settings = {"domain": "meet.example.org", "app_id": "my_app", "key": "s" * 32}
