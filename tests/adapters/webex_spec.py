"""Webex's own schema, where a copy of it lies in `shared/specs` of a folder above; it is not part of this project.

Requests only: the replies that the vendor gives as examples break its schemas.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from zoom_spec import close

from conferencing.sandbox import Answer, Call

__all__ = ["CAN_CHECK", "CHECKS_REPLIES", "check_exchange", "request_faults"]

PATHS = [folder / "shared" / "specs" / "webex.json" for folder in Path(__file__).resolve().parents]
SPEC = next((path for path in PATHS if path.is_file()), None)
CAN_CHECK = SPEC is not None and find_spec("openapi_schema_validator") is not None
CHECKS_REPLIES = False

OF_LINKS = {"cursor"}
"""Parameters of links to next pages, which are followed as they come."""

ALLOWED: dict[str, str] = {
    r"'conferencing_probe' was unexpected": "the suite sends it to see that native fields arrive",
}
"""Patterns of faults that are none, each with its reason."""


@cache
def read_spec() -> Any:
    """Return the schema as JSON."""
    if SPEC is None:
        raise FileNotFoundError("there is no copy of Webex's schema")
    return json.loads(SPEC.read_text("utf-8"))


@cache
def list_operations() -> list[tuple[str, str, re.Pattern[str], Any]]:
    """Return method, path, pattern of paths, and the operation; the most particular paths first."""
    rows = [
        (method.upper(), path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation)
        for path, operations in read_spec()["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]
    return sorted(rows, key=lambda row: row[1].count("{"))


def request_faults(method: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request: its path, its query, or the fields of its body."""
    path, _, query = target.partition("?")
    for verb, template, pattern, operation in list_operations():
        if verb == method and pattern.fullmatch(path):
            return [*_query_faults(template, operation, query), *_body_faults(verb, template, body)]
    return [f"{method} {unquote(path)} is not in the schema"]


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


def _body_faults(method: str, template: str, body: bytes) -> list[str]:
    declared = _find_body(method, template)
    if not body:
        return ["the body is missing"] if declared and declared.get("required") else []
    if declared is None:
        return ["there is a body"]
    errors = _make_validator(method, template).iter_errors(json.loads(body))
    return [f"{error.json_path}: {error.message}" for error in errors]


def _find_body(method: str, template: str) -> Any:
    return read_spec()["paths"][template][method.lower()].get("requestBody")


@cache
def _make_validator(method: str, template: str) -> Any:
    from openapi_schema_validator import OAS30Validator  # noqa: PLC0415 - it may not be installed

    (content,) = _find_body(method, template)["content"].values()
    return OAS30Validator({
        **close(content["schema"]), "components": close(read_spec()["components"])
    })  # fmt: skip


def check_exchange(call: Call, answer: Answer, by_adapter: bool) -> list[str] | None:
    """Return what does not fit the schema in a request of the adapter.

    None for what is outside of the schema: token calls, downloads and join pages.
    """
    path = call.path.removeprefix("/v1")
    if not by_adapter or path in {call.path, "/access_token"}:
        return None
    target = f"{path}?{call.query}" if call.query else path
    faults = request_faults(call.method, target, call.body)
    return [fault for fault in faults if not any(re.search(rule, fault) for rule in ALLOWED)]
