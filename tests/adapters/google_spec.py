"""Google's discovery documents, where copies lie in `shared/specs` of a folder above; none is part of this project.

A discovery document is turned into JSON schemas: `$ref` names a schema of its own, `any` is anything, and
an object has no other fields than those that are listed.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import frozen
from openapi_specs import drop_allowed, find_copy

from conferencing.sandbox import Answer, Call

__all__ = [
    "CAN_CHECK",
    "CHECKS_REPLIES",
    "NAMES",
    "SPECS",
    "Method",
    "check_exchange",
    "list_methods",
    "reply_faults",
    "request_faults",
]

NAMES = ("meet", "calendar", "drive", "google-people", "google-directory", "workspaceevents")
MEET = find_copy("meet.json")
SPECS = MEET and MEET.parent
CHECKS_REPLIES = True
"""The replies of the simulator are checked as well as the requests of the adapter."""

CAN_CHECK = SPECS is not None and find_spec("jsonschema") is not None
OUTSIDE = ("/token", "/oauth2/")
"""What no discovery document describes."""

ALLOWED: dict[str, str] = {
    r"'conferencing_probe' was unexpected": "the suite sends it to see that native fields arrive",
}
"""What does not fit on purpose: patterns of faults, each with its reason."""

SYSTEM = {"$alt"}  # of every front end; documented in the guides, not in the documents
NUMBERS = {"int64", "uint64"}
"""Formats of numbers that are written as text."""


@frozen(kw_only=True)
class Method:
    """A method of an API."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    query: dict[str, Any]
    request: str | None
    response: str | None
    document: str


@cache
def read_document(name: str) -> Any:
    """Return a discovery document."""
    assert SPECS is not None
    return json.loads((SPECS / f"{name}.json").read_text("utf-8"))


@cache
def list_methods() -> list[Method]:
    """Return the methods of all documents, the most particular paths first."""
    methods: list[Method] = []
    for name in NAMES:
        document = read_document(name)
        common = set(document["parameters"])

        def walk(resource: Any, name: str = name, common: set[str] = common) -> None:
            own = resource.get("methods", {}).values()
            methods.extend(_method(name, common, method) for method in own)
            for child in resource.get("resources", {}).values():
                walk(child)

        walk(document)
    return sorted(methods, key=lambda method: method.pattern.pattern.count("[^/"))


def _method(name: str, common: set[str], method: Any) -> Method:
    document = read_document(name)
    path = method.get("flatPath") or method["path"]
    template = "/" + document["servicePath"] + path
    pattern = re.sub(r"\{\w+\}", "[^/:]+" if ":" in template else "[^/]+", template)
    query = {
        key: value
        for key, value in method.get("parameters", {}).items()
        if value["location"] == "query"
    }
    return Method(
        id=method["id"],
        verb=method["httpMethod"],
        pattern=re.compile(pattern),
        query=query | {key: {"type": "string"} for key in common | SYSTEM},
        request=method.get("request", {}).get("$ref"),
        response=method.get("response", {}).get("$ref"),
        document=name,
    )


def find_method(verb: str, path: str) -> Method | None:
    """Return the method of a call, or None."""
    for method in list_methods():
        if method.verb == verb and method.pattern.fullmatch(path):
            return method
    return None


@cache
def schema_of(document: str, name: str) -> Any:
    """Return the JSON schema of a message, with all that it refers to."""
    schemas = read_document(document)["schemas"]
    return {
        "$ref": f"#/$defs/{name}",
        "$defs": {key: _convert(value) for key, value in schemas.items()},
    }


def _convert(schema: Any) -> Any:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "any":
        return {}
    converted: dict[str, Any] = {"type": "string" if schema.get("format") in NUMBERS else kind}
    if "enum" in schema:
        converted["enum"] = schema["enum"]
    if kind == "array":
        converted["items"] = _convert(schema["items"])
    if kind == "object":
        properties = schema.get("properties", {})
        converted["properties"] = {name: _convert(part) for name, part in properties.items()}
        others = schema.get("additionalProperties")
        converted["additionalProperties"] = _convert(others) if others else False
    return converted


@cache
def validator_of(document: str, name: str) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - it may not be installed

    return Draft202012Validator(schema_of(document, name))


def _faults(document: str, name: str, body: bytes) -> list[str]:
    errors = validator_of(document, name).iter_errors(json.loads(body))
    return [f"{name} {error.json_path}: {error.message}" for error in errors]


def request_faults(verb: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request: its path, its query, or the fields of its body."""
    path, _, query = target.partition("?")
    method = find_method(verb, path)
    if method is None:
        return [f"{verb} {unquote(path)} is not in the documents"]
    faults: list[str] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameter = method.query.get(name)
        if parameter is None:
            faults.append(f"{name} is not in the query of {method.id}")
        else:
            faults += _value_faults(f"{method.id} {name}", parameter, value)
    if method.request is None:
        return [*faults, *([f"{method.id} has no body"] if body else [])]
    return faults + _faults(method.document, method.request, body or b"{}")


def _value_faults(name: str, parameter: Any, value: str) -> list[str]:
    if "enum" in parameter and value not in parameter["enum"]:
        return [f"{name} is {value!r}"]
    if parameter.get("type") == "boolean" and value not in {"true", "false"}:
        return [f"{name} is {value!r}, not a boolean"]
    if parameter.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        return [f"{name} is {value!r}, not a number"]
    return []


def reply_faults(verb: str, path: str, body: bytes) -> list[str]:
    """Return what is wrong with a successful reply: the fields of its body."""
    method = find_method(verb, path)
    if method is None:
        return [f"{verb} {unquote(path)} is not in the documents"]
    if method.response is None:
        return [f"the reply of {method.id} has a body"] if body and verb != "GET" else []
    return _faults(method.document, method.response, body)


def check_exchange(call: Call, answer: Answer, by_adapter: bool) -> list[str] | None:
    """Return what does not fit the documents: a reply, and a request of the adapter.

    None for what is outside of them: token calls and keys. Files are no JSON.
    """
    if call.path.startswith(OUTSIDE):
        return None
    faults = request_faults(call.method, call.target, call.body) if by_adapter else []
    numbers = "enum-encoding=int" in call.query or "enum-encoding%3Dint" in call.query
    if answer.body and answer.media_type == "application/json" and not numbers:
        faults += reply_faults(call.method, call.path, answer.body)
    return drop_allowed(faults, ALLOWED)
