"""Pages that link to the next one: docs/vendors/webex.md#paging"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from conferencing.sandbox.kit import Fields, link_header, page_by_cursor
from conferencing.sandbox.simulator import Answer

from .errors import refuse
from .state import WebexState

__all__ = ["page_answer"]


def page_answer(
    simulator: WebexState, fields: Fields, rows: Sequence[Any], *, usual: int = 10, most: int = 100
) -> Answer:
    """Return a page of `items`; a larger `max` is cut, and the cursor of the link is opaque.

    With the quirk `empty_page` there is an empty page before the last one, and with `broken_links` a
    link has `max=null` and lacks the filters.
    """
    size = fields.number("max") if fields.get("max") is not None else usual
    if size is None or size < 1:
        raise refuse(400, "Parameter 'max' is invalid.")
    cursor, empty = fields.text("cursor"), simulator.quirks["empty_page"]
    page = page_by_cursor(rows, (cursor or "").removeprefix("after-") or None, min(size, most))
    following, shown = page.next, page.rows
    if empty and following is None and page.total and not (cursor or "").startswith("after-"):
        following, shown = f"after-{cursor or ''}", ()
    answer = Answer.json({"items": [*shown]})
    if following is None:
        return answer
    parameters = {**fields, "cursor": following}
    if simulator.quirks["broken_links"]:
        parameters = {"max": "null", "cursor": following}
    return answer.with_headers(link_header(next=f"{simulator.url}?{urlencode(parameters)}"))
