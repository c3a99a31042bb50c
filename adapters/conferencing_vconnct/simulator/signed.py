"""What all methods of v4 share: the signature, and the strict reading of what is given."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from conferencing.sandbox.simulator import Call

if TYPE_CHECKING:
    from . import VConnctSimulator

Given = dict[str, Any]


class Refused(Exception):
    """Answer with a failure."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        self.status = status
        self.text = text


def is_signed(simulator: VConnctSimulator, call: Call) -> bool:
    """Return whether the signature fits the bytes received, in one of the forms that clients sign."""
    given = call.headers.get("hash-signature", "")
    texts = (text.replace("\r\n", "\n").strip() for text in _texts(simulator, call))
    return any(hmac.compare_digest(given, _mac(simulator.secret, text)) for text in texts)


def _mac(secret: str, text: str) -> str:
    return b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def _texts(simulator: VConnctSimulator, call: Call) -> list[str]:
    """Return what may have been signed; the vendor's own SDK signs a GET unescaped and sorted."""
    parts = multipart(call.body)
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


def multipart(body: bytes) -> dict[str, str] | None:
    """Return the fields of a multipart body, found by its own first line: the type may be wrong."""
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


def given_in(call: Call) -> Given:
    if call.method == "GET":
        return dict(parse_qsl(call.query, keep_blank_values=True))
    parts = multipart(call.body)
    if parts is not None:
        return parts
    try:
        body: object = json.loads(call.body or b"{}")
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body must be an object")
    return cast("dict[str, Any]", body)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def is_number(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdigit()


def are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, str) for one in cast("list[object]", value)
    )


def is_order(value: Any) -> bool:
    return value in ("ASC", "DESC")


def is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def is_start(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value) is not None


def is_role(value: Any) -> bool:
    return value in ("admin", "viewer")


def checked(given: Given, known: Mapping[str, Callable[[Any], bool]], *required: str) -> None:
    for name in required:
        if given.get(name) in (None, "", []):
            raise Refused(400, f"{name} is required")
    for name, value in given.items():
        if name not in known or not known[name](value):
            raise Refused(400, f"{name} is not valid")
