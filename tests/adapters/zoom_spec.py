"""Zoom's own schema, where a copy of it lies in `shared/specs` of a folder above; it is not part of this project."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from conferencing.sandbox import Answer, Call

__all__ = [
    "CAN_CHECK",
    "CHECKS_REPLIES",
    "NOT_IN_SPEC",
    "PATHS",
    "SPEC",
    "check_exchange",
    "close",
    "list_operations",
    "read_spec",
    "reply_faults",
    "request_faults",
]

PATHS = [folder / "shared" / "specs" / "zoom.json" for folder in Path(__file__).resolve().parents]
SPEC = next((path for path in PATHS if path.is_file()), None)
CHECKS_REPLIES = True
CAN_CHECK = SPEC is not None and find_spec("openapi_schema_validator") is not None
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


@cache
def read_spec() -> Any:
    """Return the schema as JSON."""
    if SPEC is None:
        raise FileNotFoundError("there is no copy of Zoom's schema")
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


def close(schema: Any) -> Any:
    """Return a schema that accepts no fields beside its own."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(part) for name, part in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in schema else closed


@cache
def _make_validator(method: str, template: str, status: int | None) -> Any:
    """Return a validator of the body of a reply, or of a request if there is no status.

    None if the schema has no body there.
    """
    from openapi_schema_validator import OAS30Validator  # noqa: PLC0415 - it may not be installed

    operation = read_spec()["paths"][template][method.lower()]
    part = (
        operation.get("requestBody", {}) if status is None else operation["responses"][str(status)]
    )
    content = part.get("content")
    if not content:
        return None
    schema = close(content["application/json"]["schema"])
    # In bodies of requests, messages that are referred to may have other fields.
    components = read_spec()["components"]
    return OAS30Validator({
        **schema, "components": components if status is None else close(components)
    })  # fmt: skip


def request_faults(method: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request: its path, its query, or the fields of its body."""
    path, _, query = target.partition("?")
    for verb, template, pattern, operation in list_operations():
        if verb != method or not pattern.fullmatch(path):
            continue
        names = {row["name"] for row in operation.get("parameters", []) if row["in"] == "query"}
        names |= UNLISTED_QUERY.get((method, template), set())
        faults = [
            f"{name} is not in the query of {template}"
            for name, _ in parse_qsl(query, keep_blank_values=True)
            if name not in names
        ]
        validator = _make_validator(method, template, None)
        if (validator is None) != (not body):
            faults.append(f"{template} has {'no' if validator is None else 'a'} body")
        elif validator is not None:
            errors = validator.iter_errors(json.loads(body))
            faults += [f"{error.json_path}: {error.message}" for error in errors]
        return faults
    return [f"{method} {unquote(path)} is not in the schema"]


def reply_faults(method: str, path: str, status: int, body: bytes) -> list[str]:
    """Return what is wrong with a successful reply: its status, or the fields of its body."""
    for verb, template, pattern, operation in list_operations():
        if verb != method or not pattern.fullmatch(path) or (method, template) in NOT_IN_SPEC:
            continue
        if str(status) not in operation["responses"]:
            return [f"{template} is not answered by {status}"]
        validator = _make_validator(method, template, status)
        if (validator is None) != (not body):
            return [f"the reply of {template} has {'no' if validator is None else 'a'} body"]
        if validator is None:
            return []
        errors = validator.iter_errors(json.loads(body))
        return [f"{template} {error.json_path}: {error.message}" for error in errors]
    return []


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
    return [fault for fault in faults if not any(re.search(rule, fault) for rule in ALLOWED)]
