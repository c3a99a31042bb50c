"""Samples of the vendors' JSON, and replies with JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conferencing.http import Reply

__all__ = ["read_sample", "read_samples", "reply_of"]

FOLDER = Path(__file__).parent


def read_sample(provider: str, name: str) -> Any:
    """Return a sample of a provider by the name of its file."""
    return json.loads((FOLDER / provider / "samples" / f"{name}.json").read_text("utf-8"))


def read_samples(provider: str) -> dict[str, Any]:
    """Return all samples of a provider by their names."""
    paths = (FOLDER / provider / "samples").glob("*.json")
    return {path.stem: read_sample(provider, path.stem) for path in paths}


def reply_of(payload: Any, status: int = 200) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(status, {}, json.dumps(payload).encode())
