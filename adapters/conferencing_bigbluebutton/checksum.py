"""Checksums: a hash over the call, its query exactly as sent, and the secret.

docs/vendors/bigbluebutton.md#checksum
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from conferencing.errors import InvalidRequest
from conferencing.http import NoAuth, Outgoing
from conferencing.model.secret import Secret

__all__ = ["ALGORITHMS", "Checksum", "algorithm_of", "check_length", "digest", "sign_url"]

ALGORITHMS: Final = ("sha1", "sha256", "sha384", "sha512")
_LENGTHS: Final = {hashlib.new(name).digest_size * 2: name for name in ALGORITHMS}


def digest(secret: Secret, content: bytes, algorithm: str) -> str:
    """Return the hash of the content followed by the secret, in lower-case hex."""
    # Older servers accept lower case only: docs/vendors/bigbluebutton.md#checksum
    return hashlib.new(algorithm, content + secret.reveal().encode()).hexdigest()


def algorithm_of(checksum: str) -> str | None:
    """Return the algorithm of a checksum, which its length gives away, or None."""
    return _LENGTHS.get(len(checksum))


def sign_url(
    base_url: str, call: str, query: Mapping[str, str], secret: Secret, algorithm: str
) -> str:
    """Return the signed address of a call. Nothing is sent."""
    raw = urlencode(query, quote_via=quote, safe="")
    checksum = digest(secret, f"{call}{raw}".encode(), algorithm)
    return f"{base_url}/{call}?{raw}&checksum={checksum}"


def check_length(url: str, longest: int) -> str:
    """Return an address. Raises `InvalidRequest` for one that servers may cut or refuse.

    Parameters are never sent in a body, which implementations sign in three ways.
    docs/vendors/bigbluebutton.md#bodies
    """
    if len(url) > longest:
        raise InvalidRequest(
            f"the address of this call would have {len(url)} characters, and longest_url is"
            f" {longest}; shorten the description or the native fields, or raise longest_url if"
            " the server takes it",
            field="description",
        )
    return url


class Checksum(NoAuth):
    """Authenticate by a checksum, the last parameter of the query."""

    def __init__(self, secret: Secret, algorithm: str) -> None:
        self.secrets: tuple[Secret, ...] = (secret,)
        self._algorithm: Final = algorithm

    def parameters(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the checksum of a request."""
        # The `?` between call and query is not hashed: docs/vendors/bigbluebutton.md#checksum
        call, _, query = outgoing.target.removeprefix("/").partition("?")
        return {"checksum": digest(self.secrets[0], f"{call}{query}".encode(), self._algorithm)}
