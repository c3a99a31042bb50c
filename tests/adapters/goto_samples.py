"""Samples of GoTo Webinar's JSON, and replies with JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conferencing.http import Reply

__all__ = ["reply_of", "sample"]

SAMPLES = Path(__file__).parent / "gotowebinar" / "samples"


def sample(name: str) -> Any:
    """Return a sample."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def reply_of(payload: Any, status: int = 200) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(status, {}, json.dumps(payload).encode())
