"""Answering calls of v4: the signature, the parameters, the forms of success and failure."""

from __future__ import annotations

from typing import Any, Final

from conferencing.sandbox.kit import Refusal, Router, read_json_object, read_query
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
        return Answer.html("<h1>Not Found</h1>", 404)
    route, parts = match
    # Numbers come as numbers or as strings: docs/vendors/vconnct.md#v4-endpoints
    fields = simulator.fields(_read_parameters(call), from_text=True)
    fields.only(*route.parameters)
    reply = route(simulator, fields, **parts)
    return Answer.json({"status": True, "msg": "success", **reply})


def refuse(refusal: Refusal) -> Answer:
    """Return a flat object with `status` false and a `message`."""
    is_room = "not_found" in {problem.code for problem in refusal.problems}
    text = "room not found" if is_room else refusal.message
    return Answer.json({"status": False, "message": text}, refusal.status)


def _read_parameters(call: Call) -> dict[str, Any]:
    if call.method == "GET":
        return read_query(call.query)
    parts = read_multipart(call.body)
    return read_json_object(call.body or b"{}") if parts is None else {**parts}
