"""XML replies as mappings, lists and values, and back, for the suites of a vendor that speaks XML."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

__all__ = ["parse_reply", "write_reply"]

ROOT = "response"


def parse_reply(body: bytes) -> Any:
    """Return the elements below the root, or a JSON object. Raises `ValueError` for anything else."""
    if body.startswith(b"{"):
        return json.loads(body)
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise ValueError("this is not XML") from error
    return _read(root)


def _read(element: ET.Element) -> Any:
    if not len(element):
        return element.text or ""
    fields: dict[str, Any] = {}
    for child in element:
        fields.setdefault(child.tag, []).append(_read(child))
    return {tag: values if len(values) > 1 else values[0] for tag, values in fields.items()}


def write_reply(document: Any) -> bytes:
    """Return a document as elements; what XML has no form for becomes elements called `item`.

    One that holds the root itself is written as JSON.
    """
    if isinstance(document, dict) and ROOT in document:
        return json.dumps(document).encode()
    root = ET.Element(ROOT)
    _fill(root, document)
    return ET.tostring(root)


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, dict):
        for tag, part in value.items():
            for each in part if isinstance(part, list) else [part]:
                _fill(ET.SubElement(element, tag), each)
    elif isinstance(value, list):
        for each in value:
            _fill(ET.SubElement(element, "item"), each)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
