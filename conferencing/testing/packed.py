"""Ids that adapters pack of several: by `pack_id` with colons, or with tildes."""

from __future__ import annotations

from urllib.parse import unquote

__all__ = ["last_part", "separator_of"]


def separator_of(packed: str) -> str:
    """Return what separates the parts of an id."""
    return "~" if "~" in packed else ":"


def last_part(packed: str) -> str:
    """Return the last part of an id, decoded; the whole id if it has one part."""
    return unquote(packed.rpartition(separator_of(packed))[2])
