"""Explain why a TLS connection failed, and what to do."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

__all__ = ["explain_tls"]

# The codes of X509_verify_cert_error_string(3).
_REASONS: Final[Mapping[int, str]] = {
    9: "it is not valid yet: check the clock of this computer",
    10: "it has expired",
    **dict.fromkeys(
        (18, 19, 20, 21),
        "its issuer is not trusted here: if it is your organization's own, set SSL_CERT_FILE to a"
        " file with the certificate of that authority",
    ),
    62: "it belongs to another host name: check base_url",
    64: "it belongs to another IP address: check base_url",
}


def explain_tls(error: BaseException | None) -> str:
    """Return why a handshake failed; OpenSSL's own words are in parentheses."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _REASONS.get(error.verify_code, "it cannot be verified")
        return f"the server's certificate is not accepted, {reason} ({error.verify_message})"
    detail = getattr(error, "reason", None) or "no reason given"
    return f"no TLS connection, the server may not speak TLS here: check base_url ({detail})"
