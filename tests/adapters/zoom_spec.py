"""Zoom's own schema, where a copy of it lies in `shared/specs` of a folder above; it is not part of this project."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_specs import OpenAPI, drop_allowed

from conferencing.sandbox import Answer, Call

__all__ = [
    "CAN_CHECK",
    "CHECKS_REPLIES",
    "NOT_IN_SPEC",
    "SPEC",
    "check_exchange",
    "reply_faults",
    "request_faults",
]

SPEC = OpenAPI("zoom.json")
CAN_CHECK = SPEC.can_check
CHECKS_REPLIES = True
NOT_IN_SPEC = {
    ("GET", "/users"),  # the reduced copy has no list of users
    ("GET", "/users/{userId}"),  # of 2022; see the note of the copy
}
UNLISTED_QUERY: dict[tuple[str, str], set[str]] = {
    # Documented, and answered by Zoom; the schema of December 2025 does not list it.
    ("GET", "/users/{userId}/recordings"): {"meeting_id"},
}


ALLOWED: dict[str, str] = {
    r"'conferencing_probe' was unexpected": "the suite sends it to see that native fields arrive",
    r"^/metrics/": "this part of the copy is of 2022, and has fewer fields",
    r": 'TIMELINE' is not one of": "a documented type of file that the schema does not list",
    r"/registrants/.* \$\.status: 'cancelled' is not": "inferred: the list says that it exists",
    r"question_details\[\d+\]: .*'polling_id'": "documented for both reports",
    r": None (is not of type|for not nullable)": "the schema does not say what may be null; Zoom takes and sends it",
}
"""What the notes know better than the schema: patterns of faults, each with its reason."""


def request_faults(method: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request: its path, its query, or the fields of its body."""
    path, _, query = target.partition("?")
    listed = SPEC.find(method, path)
    if listed is None:
        return [f"{method} {unquote(path)} is not in the schema"]
    template, operation = listed
    names = {row["name"] for row in operation.get("parameters", []) if row["in"] == "query"}
    names |= UNLISTED_QUERY.get((method, template), set())
    faults = [
        f"{name} is not in the query of {template}"
        for name, _ in parse_qsl(query, keep_blank_values=True)
        if name not in names
    ]
    schema = _body_schema(operation)
    if (schema is None) != (not body):
        faults.append(f"{template} has {'no' if schema is None else 'a'} body")
    elif schema is not None:
        faults += SPEC.body_faults(schema, body)
    return faults


def reply_faults(method: str, path: str, status: int, body: bytes) -> list[str]:
    """Return what is wrong with a successful reply: its status, or the fields of its body."""
    listed = SPEC.find(method, path)
    if listed is None or (method, listed[0]) in NOT_IN_SPEC:
        return []
    template, operation = listed
    reply = operation["responses"].get(str(status))
    if reply is None:
        return [f"{template} is not answered by {status}"]
    content = reply.get("content")
    if (content is None) != (not body):
        return [f"the reply of {template} has {'no' if content is None else 'a'} body"]
    if content is None:
        return []
    faults = SPEC.body_faults(content["application/json"]["schema"], body)
    return [f"{template} {fault}" for fault in faults]


def check_exchange(call: Call, answer: Answer, by_adapter: bool) -> list[str] | None:
    """Return what does not fit the schema: a reply, and a request of the adapter.

    None for what is outside of the schema: token calls, downloads and join pages.
    """
    if not call.path.startswith("/v2/"):
        return None
    path = call.path.removeprefix("/v2")
    target = f"{path}?{call.query}" if call.query else path
    faults = request_faults(call.method, target, call.body) if by_adapter else []
    faults += reply_faults(call.method, path, answer.status, answer.body)
    return drop_allowed(faults, ALLOWED)


def _body_schema(operation: Any) -> Any:
    content = operation.get("requestBody", {}).get("content")
    return content["application/json"]["schema"] if content else None
