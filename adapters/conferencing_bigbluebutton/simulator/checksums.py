"""The checksum of a call as the server checks it: docs/vendors/bigbluebutton.md#checksum"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote_plus

from conferencing.sandbox.simulator import Call

__all__ = ["LENGTHS", "find_checksums", "is_signed", "make_checksum", "remove_checksum"]

LENGTHS = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
FORM = "application/x-www-form-urlencoded"


def make_checksum(content: str | bytes, secret: str, algorithm: str = "sha1") -> str:
    """Return the hash of a text and the secret behind it, in hex."""
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.new(algorithm, raw + secret.encode()).hexdigest()


def find_checksums(call: Call) -> list[str]:
    """Return every parameter `checksum`, of the query and of a form in the body."""
    pairs = parse_qsl(call.query, keep_blank_values=True)
    if has_form(call):
        pairs += parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
    return [value for name, value in pairs if name == "checksum"]


def has_form(call: Call) -> bool:
    """Return whether the body holds parameters."""
    return call.method == "POST" and call.headers.get("content-type", "").startswith(FORM)


def remove_checksum(query: str, checksum: str) -> str:
    """Return a raw query without its checksum, wherever that stands; nothing is decoded."""
    for piece in (f"&checksum={checksum}", f"checksum={checksum}&", f"checksum={checksum}"):
        query = query.replace(piece, "")
    return query


def is_signed(call: Call, name: str, secret: str) -> bool:
    """Return whether a call has exactly one checksum, and the right one. Case does not matter."""
    checksums = find_checksums(call)
    if len(checksums) != 1:
        return False
    checksum = checksums[0]
    algorithm = LENGTHS.get(len(checksum))
    if algorithm is None:
        return False
    expected = [
        make_checksum(f"{name}{content}", secret, algorithm)
        for content in _list_signed_contents(call, checksum)
    ]
    given = checksum.lower().encode("utf-8", "replace")
    return any([hmac.compare_digest(each.encode(), given) for each in expected])  # noqa: C419


def _list_signed_contents(call: Call, checksum: str) -> Iterator[str]:
    """Yield what may have been signed. For a form in the body there are three customs.

    docs/vendors/bigbluebutton.md#bodies
    """
    query = remove_checksum(call.query, checksum)
    yield query
    if query or not has_form(call):
        return
    body = call.body.decode("utf-8", "replace")
    pairs = [pair for pair in parse_qsl(body, keep_blank_values=True) if pair[0] != "checksum"]
    yield "&".join(f"{name}={_encode_as_java(value)}" for name, value in sorted(pairs))
    yield remove_checksum(body, checksum)


def _encode_as_java(value: str) -> str:
    """Encode as `java.net.URLEncoder`: `*-._` are kept, a space is `+`, and `~` is encoded."""
    return re.sub("~", "%7E", quote_plus(value, safe="*"))
