"""Webex's own schema, where a copy of it lies in `shared/specs` of a folder above; it is not part of this project.

Requests only: the replies that the vendor gives as examples break its schemas.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_specs import OpenAPI, drop_allowed

from conferencing.sandbox import Answer, Call

__all__ = ["CAN_CHECK", "CHECKS_REPLIES", "check_exchange", "request_faults"]

SPEC = OpenAPI("webex.json")
CAN_CHECK = SPEC.can_check
CHECKS_REPLIES = False

OF_LINKS = {"cursor"}
"""Parameters of links to next pages, which are followed as they come."""

ALLOWED: dict[str, str] = {
    r"'conferencing_probe' was unexpected": "the suite sends it to see that native fields arrive",
}
"""Patterns of faults that are none, each with its reason."""


def request_faults(method: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request: its path, its query, or the fields of its body."""
    path, _, query = target.partition("?")
    listed = SPEC.find(method, path)
    if listed is None:
        return [f"{method} {unquote(path)} is not in the schema"]
    return [*_query_faults(*listed, query), *_body_faults(listed[1], body)]


def _query_faults(template: str, operation: Any, query: str) -> list[str]:
    rows = [row for row in operation.get("parameters", []) if row["in"] == "query"]
    required = {row["name"] for row in rows if row.get("required")}
    sent = dict(parse_qsl(query, keep_blank_values=True))
    names = {row["name"] for row in rows} | OF_LINKS
    return [
        *(f"{name} is not in the query of {template}" for name in sent.keys() - names),
        *(f"{name} is missing in the query of {template}" for name in required - sent.keys()),
        *_value_faults(rows, sent),
    ]


def _value_faults(rows: list[Any], sent: dict[str, str]) -> list[str]:
    """Return the values that are none of an enumeration, or no booleans."""
    faults: list[str] = []
    for row in rows:
        schema, value = row["schema"], sent.get(row["name"])
        options = schema.get("enum") or (["true", "false"] if schema["type"] == "boolean" else None)
        if value is not None and options and value not in options:
            faults.append(f"{row['name']} is {value}, not one of {options}")
    return faults


def _body_faults(operation: Any, body: bytes) -> list[str]:
    declared = operation.get("requestBody")
    if not body:
        return ["the body is missing"] if declared and declared.get("required") else []
    if declared is None:
        return ["there is a body"]
    return SPEC.body_faults(_content(declared), body)


def _content(declared: Any) -> Any:
    (content,) = declared["content"].values()
    return content["schema"]


def check_exchange(call: Call, answer: Answer, by_adapter: bool) -> list[str] | None:
    """Return what does not fit the schema in a request of the adapter.

    None for what is outside of the schema: token calls, downloads and join pages.
    """
    path = call.path.removeprefix("/v1")
    if not by_adapter or path in {call.path, "/access_token"}:
        return None
    target = f"{path}?{call.query}" if call.query else path
    faults = request_faults(call.method, target, call.body)
    return drop_allowed(faults, ALLOWED)
