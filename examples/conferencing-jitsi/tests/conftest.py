"""What the tests share: keys made for them, accounts that sign with these, and a clock that stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conferencing import Conference, connect

NOW = datetime(2026, 10, 1, 8, 0, 0, 250_000, tzinfo=UTC)
SECRET = "canary-SECRET-of-32-bytes-or-more"
OWN = {"domain": "Meet.Example.org:8443", "app_id": "my_app", "key": SECRET}
APP = "vpaas-magic-cookie-0123456789abcdef0123456789abcdef"


class FakeClock:
    """Stand at one instant."""

    def monotonic(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def own() -> Conference:
    """A server of one's own."""
    return opened(OWN)


@pytest.fixture
def jaas(pem: str) -> Conference:
    """An app of 8x8's."""
    keys = {"domain": "8x8.vc", "app_id": APP, "key": pem, "key_id": f"{APP}/4f4910"}
    return opened(keys | {"host_features": ["recording", "transcription"]})


@pytest.fixture
def plain() -> Conference:
    """A server on which everybody may enter."""
    return opened({"domain": "meet.jit.si"})


@pytest.fixture
def account() -> Callable[..., Conference]:
    """Open an account that is like one on a server of one's own but for these keys."""
    return lambda **keys: opened({k: v for k, v in (OWN | keys).items() if v is not None})


def opened(keys: dict[str, Any]) -> Conference:
    return connect({"provider": "jitsi", **keys}, clock=FakeClock())
