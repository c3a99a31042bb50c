"""The signature of v4: Base64 of HMAC-SHA256 over the query or the body, exactly as sent."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from conferencing.errors import ConfigurationError
from conferencing.http import HeaderAuth, Outgoing
from conferencing.model.secret import Secret

__all__ = ["Signature", "signature"]


def signature(secret: Secret, text: str) -> str:
    """Return the signature of a text, in which CRLF counts as LF and blanks around do not."""
    message = text.replace("\r\n", "\n").strip().encode()
    return b64encode(hmac.digest(secret.reveal().encode(), message, "sha256")).decode()


class Signature(HeaderAuth):
    """Prove who asks by a key, and by a signature that its secret makes.

    A GET is signed over its path and query, a body over itself, a multipart body over its
    `project_id` alone. `base_path` is the path of the address that all calls are below.
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
        signed = signature(self._secret, self._text(outgoing))
        return {**super().headers(outgoing), "hash-signature": signed}

    def _text(self, outgoing: Outgoing) -> str:
        if outgoing.request.files:
            return str((outgoing.request.form or {}).get("project_id", ""))
        if outgoing.body is not None:
            return outgoing.body.decode()
        return self._base_path + outgoing.target
