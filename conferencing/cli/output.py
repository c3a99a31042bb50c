"""What a command has to say: once as data for `--json`, once for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import frozen
from rich.console import Console

__all__ = ["Output", "printed", "written"]

WIDTH = 120
"""How wide a line may be where no terminal says so."""


@frozen
class Output:
    """Hold a command's result: `data` for programs, `show` for people, and its exit code."""

    data: Any
    show: Callable[[Console], None]
    code: int = 0


def written(data: Any) -> str:
    """Write data as JSON: times in ISO 8601, whatever else is no JSON as its text."""
    return json.dumps(data, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def printed(output: Output, *, as_json: bool) -> None:
    """Print it the one way or the other."""
    if as_json:
        print(written(output.data))  # noqa: T201
        return
    terminal = sys.stdout.isatty()
    output.show(Console(width=None if terminal else WIDTH, highlight=False))
