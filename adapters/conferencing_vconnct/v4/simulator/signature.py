"""The signature of v4: docs/vendors/vconnct.md#v4-signature"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from urllib.parse import parse_qsl

from conferencing.sandbox.simulator import Call

from .state import CloudState

__all__ = ["is_signed", "read_multipart"]


def is_signed(simulator: CloudState, call: Call) -> bool:
    """Return whether a call is signed, over one of the texts that existing clients sign."""
    signature = call.headers.get("hash-signature", "")
    texts = (text.replace("\r\n", "\n").strip() for text in _texts_to_sign(simulator, call))
    return any(hmac.compare_digest(signature, _sign(simulator.secret, text)) for text in texts)


def read_multipart(body: bytes) -> dict[str, str] | None:
    """Return the fields of a multipart body, or None for another body.

    The boundary is that of its first line, because the vendor's SDK labels multipart bodies as
    JSON: docs/vendors/vconnct.md#v4-oddity-3
    """
    boundary = body.partition(b"\r\n")[0]
    if not boundary.startswith(b"--") or boundary + b"--" not in body:
        return None
    fields: dict[str, str] = {}
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name:
            fields[name[1].decode()] = content.removesuffix(b"\r\n").decode("latin-1")
    return fields


def _sign(secret: str, text: str) -> str:
    return b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def _texts_to_sign(simulator: CloudState, call: Call) -> list[str]:
    """Return the texts that may be signed.

    The vendor's SDK signs the query of a GET unescaped and sorted, though it sends it escaped and
    in its own order: docs/vendors/vconnct.md#v4-oddity-1
    """
    parts = read_multipart(call.body)
    if parts is not None:
        return [parts.get("project_id", "")]
    if call.method != "GET":
        return [call.body.decode("utf-8", "replace")]
    path = f"/{simulator.name}{call.path}"
    if not call.query:
        return [path]
    pairs = sorted(parse_qsl(call.query, keep_blank_values=True))
    plain = "&".join(f"{name}={value}" for name, value in pairs)
    return [f"{path}?{call.query}", f"{path}?{plain}"]
