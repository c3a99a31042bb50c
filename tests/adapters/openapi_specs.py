"""Vendors' own OpenAPI schemas, where copies lie in `shared/specs` of a folder above.

They are not part of this project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["OpenAPI", "close", "drop_allowed", "find_copy"]

METHODS = {"get", "post", "put", "patch", "delete"}


def find_copy(name: str) -> Path | None:
    """Return the copy of a schema, or None."""
    folders = [folder / "shared" / "specs" for folder in Path(__file__).resolve().parents]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


class OpenAPI:
    """The schema of a vendor. Without a copy or without a validator, it cannot check."""

    def __init__(self, name: str) -> None:
        self.path = find_copy(name)
        self.can_check = self.path is not None and find_spec("openapi_schema_validator") is not None
        self._validators: dict[int, Any] = {}

    @cached_property
    def document(self) -> Any:
        """The schema as JSON."""
        if self.path is None:
            raise FileNotFoundError("there is no copy of the schema")
        return json.loads(self.path.read_text("utf-8"))

    @cached_property
    def operations(self) -> list[tuple[str, str, re.Pattern[str], Any]]:
        """Method, path, pattern of paths, and the operation; the most particular paths first."""
        rows = [
            (method.upper(), path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
            if method in METHODS
        ]
        return sorted(rows, key=lambda row: row[1].count("{"))

    def find(self, method: str, path: str) -> tuple[str, Any] | None:
        """Return the path with its placeholders and the operation, or None."""
        for verb, template, pattern, operation in self.operations:
            if verb == method and pattern.fullmatch(path):
                return template, operation
        return None

    def body_faults(self, schema: Any, body: bytes) -> list[str]:
        """Return what in a body does not fit a schema, which has no fields beside its own."""
        # By identity: a schema is a part of the document, which stays.
        validator = self._validators.get(id(schema)) or self._make_validator(schema)
        errors = validator.iter_errors(json.loads(body))
        return [f"{error.json_path}: {error.message}" for error in errors]

    def _make_validator(self, schema: Any) -> Any:
        from openapi_schema_validator import OAS30Validator  # noqa: PLC0415 - may be missing

        closed = close({**schema, "components": self.document["components"]})
        return self._validators.setdefault(id(schema), OAS30Validator(closed))


def close(schema: Any) -> Any:
    """Return a schema that accepts no fields beside its own."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(part) for name, part in schema.items()}
    return {**closed, "additionalProperties": False} if "properties" in schema else closed


def drop_allowed(faults: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """Return faults without those that fit a pattern."""
    return [fault for fault in faults if not any(re.search(rule, fault) for rule in allowed)]
