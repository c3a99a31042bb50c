"""The signature of v4: Base64 of HMAC-SHA256 over the query or the body, exactly as sent."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from conferencing.errors import ConfigurationError
from conferencing.http import HeaderAuth, Outgoing
from conferencing.model.secret import Secret

__all__ = ["Signature", "sign"]


def sign(secret: Secret, text: str) -> str:
    """Return the signature of a text, with CRLF read as LF and white space stripped from both ends.

    See docs/vendors/vconnct.md#v4-signature.
    """
    message = text.replace("\r\n", "\n").strip().encode()
    return b64encode(hmac.digest(secret.reveal().encode(), message, "sha256")).decode()


class Signature(HeaderAuth):
    """Authenticate by a key, and by a signature with its secret.

    Path and query of a GET are signed, of another request its body, and of a multipart body its
    `project_id` alone. `base_path` is the path of the base URL.
    """

    def __init__(self, key: Secret, secret: Secret, base_path: str) -> None:
        super().__init__("key", key, setting="key")
        if not secret:
            raise ConfigurationError("secret is empty", field="secret")
        self.secrets = (key, secret)
        self._secret: Final = secret
        self._base_path: Final = base_path.rstrip("/")

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the key and the signature."""
        signature = sign(self._secret, self._text(outgoing))
        return {**super().headers(outgoing), "hash-signature": signature}

    def _text(self, outgoing: Outgoing) -> str:
        if outgoing.request.files:
            return str((outgoing.request.form or {}).get("project_id", ""))
        if outgoing.body is not None:
            return outgoing.body.decode()
        # What is sent is signed, not the unescaped query: docs/vendors/vconnct.md#v4-oddity-1
        return self._base_path + outgoing.target
