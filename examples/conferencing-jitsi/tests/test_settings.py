"""Settings that cannot be: each is refused with the key at fault, and none is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from conferencing import Conference, ConfigurationError, connect

SECRET = "canary-SECRET-of-32-bytes-or-more"
APP = "vpaas-magic-cookie-0123456789abcdef0123456789abcdef"
NO_KEY = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("keys", "field", "told"),
    [
        ({"domain": "https://meet.example.org"}, "domain", "bare host"),
        ({"domain": "meet.example.org/path"}, "domain", "bare host"),
        ({"domain": "ann@meet.example.org"}, "domain", "bare host"),
        ({"domain": ""}, "domain", "bare host"),
        ({"key": None}, "app_id", "goes with key"),
        ({"key": ""}, "key", "it is empty"),
        ({"app_id": None}, "app_id", "goes with key"),
        ({"app_id": APP}, "key_id", "JaaS"),
        ({"app_id": APP, "key": NO_KEY}, "key_id", "JaaS"),
        ({"key": NO_KEY, "key_id": "k"}, "key", "RSA key"),
        ({"key_id": "k"}, "key", "with key_id it is an RSA key in PEM"),
        ({"key": NO_KEY}, "key", "else 32 bytes of text"),
        ({"link_lifetime": 0}, "link_lifetime", "seconds"),
        ({"link_lifetime": 10**15}, "link_lifetime", "seconds"),
        ({"kye": "x"}, "kye", "did you mean 'key'"),
    ],
)
def test_what_cannot_be_names_its_key(
    account: Any, keys: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        account(**keys)
    assert caught.value.field == field
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_key_of_another_kind_is_refused(account: Any, key: rsa.RSAPrivateKey) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    others = [
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ]
    for other in others:
        with pytest.raises(ConfigurationError) as caught:
            account(key=other.decode(), key_id="k")
        assert caught.value.field == "key"


async def test_a_key_is_read_from_a_file(pem: str, tmp_path: Path) -> None:
    (tmp_path / "jaas.pem").write_text(pem)
    (tmp_path / "conferencing.toml").write_text(
        f'[accounts.jaas]\nprovider = "jitsi"\ndomain = "8x8.vc"\napp_id = "{APP}"\n'
        f'key_id = "{APP}/1"\nkey = "file:jaas.pem"\nhost_features = ["recording"]\n'
    )
    async with connect("jaas", config=tmp_path / "conferencing.toml") as conference:
        assert (await conference.join_link("Launch", role="host")).personal is False


def test_no_secret_shows(own: Conference, jaas: Conference) -> None:
    for conference in (own, jaas):
        text = repr(conference) + repr(vars(conference.provider))
        assert SECRET not in text
        assert "PRIVATE" not in text
