"""Samples of GoTo Webinar's JSON, and the replies and people of its tests."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from conferencing import Person
from conferencing.http import Reply

__all__ = ["BEA", "HOUR", "reply_of", "sample"]

SAMPLES = Path(__file__).parent / "gotowebinar" / "samples"
BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
HOUR = timedelta(hours=1)


def sample(name: str) -> Any:
    """Return a sample."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def reply_of(payload: Any, status: int = 200) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(status, {}, json.dumps(payload).encode())
