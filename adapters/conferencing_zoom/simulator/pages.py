"""Pages by `next_page_token`: docs/vendors/zoom.md#paging"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from conferencing.sandbox.kit import Fields

from .errors import refuse
from .state import ZoomState

__all__ = ["PAGING", "write_page"]

PAGING: Final = ("page_size", "next_page_token", "page_number")
DEFAULT_SIZE: Final = 30
MAX_SIZE: Final = 300
LIFETIME: Final = timedelta(minutes=15)


def write_page(
    simulator: ZoomState, fields: Fields, key: str, rows: Sequence[Any], *, numbered: bool = False
) -> dict[str, Any]:
    """Return a page of rows under `key`. `numbered` replies echo the deprecated `page_number`.

    The token is bound to path and query, and expires after 15 minutes.
    """
    size = fields.number("page_size", 1, MAX_SIZE) or DEFAULT_SIZE
    token = fields.text("next_page_token")
    number = (fields.number("page_number", 1) or 1) if numbered else 1
    start = _read_token(simulator, fields, token) if token else (number - 1) * size
    end = start + size
    following = _write_token(simulator, fields, end) if end < len(rows) else ""
    body: dict[str, Any] = {"page_count": -(-len(rows) // size), "page_size": size}
    if numbered:
        body["page_number"] = start // size + 1
    return body | {
        "total_records": len(rows),
        "next_page_token": following,
        key: list(rows[start:end]),
    }


def _query_of(simulator: ZoomState, fields: Fields) -> str:
    """Return what a token is bound to: the path, and the query without its position."""
    query = sorted((name, str(fields[name])) for name in fields if name not in PAGING[1:])
    return f"{simulator.path}?{query}"


def _write_token(simulator: ZoomState, fields: Fields, start: int) -> str:
    expires = simulator.world.now + LIFETIME
    text = f"{_query_of(simulator, fields)}#{start}#{expires.timestamp()}"
    token = sha256(text.encode()).hexdigest()[:32]
    simulator.page_tokens[token] = (_query_of(simulator, fields), start, expires)
    return token


def _read_token(simulator: ZoomState, fields: Fields, token: str) -> int:
    query, start, expires = simulator.page_tokens.get(token, ("", 0, simulator.world.now))
    if query != _query_of(simulator, fields) or expires <= simulator.world.now:
        raise refuse(400, 300, "The next page token is invalid or expired.")
    return start
