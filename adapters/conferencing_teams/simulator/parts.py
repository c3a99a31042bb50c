"""Parts of a body that was checked: what is absent or null is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["child", "children"]


def child(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object."""
    return dict(cast("Mapping[str, Any]", body.get(name) or {}))


def children(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects."""
    return list(cast("list[dict[str, Any]]", body.get(name) or []))
