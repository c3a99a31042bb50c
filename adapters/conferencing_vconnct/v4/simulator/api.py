"""Answering calls of v4: the signature, the parameters, the forms of success and failure."""

from __future__ import annotations

import json
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from conferencing.sandbox.kit import Refusal, Router
from conferencing.sandbox.simulator import Answer, Call

from . import people, rooms
from .signature import is_signed, read_multipart
from .state import CloudState

__all__ = ["PREFIX", "answer", "refuse"]

PREFIX: Final = "/api/v4"
ROUTES = Router(rooms.route, people.route)


def answer(simulator: CloudState, call: Call) -> Answer:
    """Answer a call: key and signature are checked first, then the path, then the parameters."""
    if call.headers.get("key") != simulator.key or not is_signed(simulator, call):
        raise Refusal(401, "invalid key or hash-signature")
    match = ROUTES.find(call.method, call.path.removeprefix(PREFIX))
    if match is None:
        # An unknown path is answered with HTML: docs/vendors/vconnct.md#v4-general-rules
        return Answer(status=404, media_type="text/html", body=b"<h1>Not Found</h1>")
    route, parts = match
    # Numbers come as numbers or as strings: docs/vendors/vconnct.md#v4-endpoints
    fields = simulator.fields(_read_parameters(call), from_text=True)
    fields.only(*route.parameters)
    reply = route(simulator, fields, **parts)
    return Answer.json({"status": True, "msg": "success", **reply})


def refuse(refusal: Refusal) -> Answer:
    """Return a flat object with `status` false and a `message`."""
    missing = (
        "room not found" if refusal.problems and refusal.problems[0].code == "not_found" else ""
    )
    return Answer.json({"status": False, "message": missing or refusal.message}, refusal.status)


def _read_parameters(call: Call) -> dict[str, Any]:
    if call.method == "GET":
        return dict(parse_qsl(call.query, keep_blank_values=True))
    parts = read_multipart(call.body)
    if parts is not None:
        return {**parts}
    try:
        payload: object = json.loads(call.body or b"{}")
    except ValueError as error:
        raise Refusal(400, "the body is not JSON") from error
    if not isinstance(payload, dict):
        raise Refusal(400, "the body must be a JSON object")
    return cast("dict[str, Any]", payload)
