"""Notifications with content, which Graph encrypts (docs/vendors/teams.md#encrypted-content)."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from attrs import define

from conferencing.errors import ConfigurationError, WebhookForged, WebhookMalformed
from conferencing.extras import import_extra
from conferencing.model import Secret

__all__ = ["EncryptedRow", "decrypt", "open_content"]

PURPOSE: Final = "read notifications with content"
BLOCK: Final = 16


@define
class EncryptedRow:
    """Content: encrypted by a key that is itself encrypted, and signed by that key."""

    data: str
    dataKey: str  # noqa: N815 - Graph's spelling
    dataSignature: str  # noqa: N815 - Graph's spelling


def decrypt(row: EncryptedRow, private_key: Secret) -> Mapping[str, Any]:
    """Return the resource in a notification. `private_key` is PEM.

    Raises `WebhookForged` where key or signature do not fit, before anything is decrypted.
    """
    try:
        key = _open_key(_decode(row.dataKey), private_key)
    except ValueError:
        key = None
    if key is None:
        raise WebhookForged("the content is encrypted for another key than webhook_key")
    return msgspec.json.decode(
        open_content(key, _decode(row.data), _decode(row.dataSignature)), type=dict[str, Any]
    )


def _open_key(data: bytes, private_key: Secret) -> bytes:
    """Return the key of the content: RSA-OAEP with SHA-1, as Graph uses it."""
    serialization = _import("hazmat.primitives.serialization")
    padding = _import("hazmat.primitives.asymmetric.padding")
    sha1 = _import("hazmat.primitives.hashes").SHA1()
    try:
        loaded = serialization.load_pem_private_key(private_key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        loaded = None
    if loaded is None:  # outside of `except`: its frames hold the key
        raise ConfigurationError("webhook_key is not a private key in PEM", field="webhook_key")
    oaep = padding.OAEP(mgf=padding.MGF1(algorithm=sha1), algorithm=sha1, label=None)
    key: bytes = loaded.decrypt(data, oaep)
    return key


def open_content(key: bytes, data: bytes, signature: bytes) -> bytes:
    """Return the content: AES-CBC with PKCS7, the start of the key as the initial vector.

    Raises `WebhookForged` unless the signature is the HMAC-SHA256 of the encrypted data.
    """
    if not hmac.compare_digest(hmac.digest(key, data, "sha256"), signature):
        raise WebhookForged("dataSignature does not match the content", field="dataSignature")
    ciphers = _import("hazmat.primitives.ciphers")
    cipher = ciphers.Cipher(ciphers.algorithms.AES(key), ciphers.modes.CBC(key[:BLOCK]))
    decryptor = cipher.decryptor()
    unpadder = _import("hazmat.primitives.padding").PKCS7(8 * BLOCK).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    content: bytes = unpadder.update(padded) + unpadder.finalize()
    return content


def _import(module: str) -> Any:
    return import_extra(f"cryptography.{module}", extra="teams", purpose=PURPOSE)


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        pass
    raise WebhookMalformed("the encrypted content is not Base64", path="$.value.encryptedContent")
