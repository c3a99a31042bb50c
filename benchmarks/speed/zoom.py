"""The participants that all sides of `participants.py` fetch: Zoom's, and Google Meet's for its own.

Each client asks for a page in its own words, so every page is there under several paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from attendees import attendee

__all__ = ["COUNT", "MEETING", "PAGES", "SIZE", "TIMES", "bodies"]

COUNT = 10_000
SIZE = 300
PAGES = -(-COUNT // SIZE)
TIMES = 3
"""How often a side fetches all of them in its turn, so that a pause of the collector is no accident."""
MEETING = "93861231234"
BEGUN = datetime(2026, 10, 1, 8, tzinfo=UTC)


def bodies() -> dict[str, bytes]:
    """Return all replies by path and query."""
    token = json.dumps({"access_token": "token", "expires_in": 3599}).encode()
    return dict(chain([("/oauth/token", token)], chain.from_iterable(map(_paths, range(PAGES)))))


def _paths(number: int) -> Iterator[tuple[str, bytes]]:
    """Give one page under each of its paths; the first is asked for without a token."""
    zoom = _written(
        page_count=PAGES, page_size=SIZE, total_records=COUNT, next_page_token=_token(number + 1),
        participants=[_of_zoom(one) for one in _numbers(number)],
    )  # fmt: skip
    token = f"next_page_token={_token(number)}"
    path = f"/past_meetings/{MEETING}/participants"
    for query in (f"page_size={SIZE}", f"meeting_id={MEETING}&page_size={SIZE}"):
        yield f"{path}?{query}&{token}" if number else f"{path}?{query}", zoom
    yield f"{path}?{token}" if number else path, zoom
    meet = _written(
        participants=[_of_meet(one) for one in _numbers(number)],
        nextPageToken=_token(number + 1),
        totalSize=COUNT,
    )
    token = f"&pageToken={_token(number)}" if number else ""
    path = f"/v2/conferenceRecords/{MEETING}/participants"
    yield f"{path}?pageSize={SIZE}{token}&%24alt=json%3Benum-encoding%3Dint", meet


def _of_zoom(number: int) -> dict[str, Any]:
    """Return a row of about 600 bytes: an attendee as everywhere here, under Zoom's names."""
    joined, row = BEGUN + timedelta(seconds=number % 600), attendee(number)
    return {
        "id": row.pop("uid"),
        "user_id": str(16778240 + number),
        "name": row.pop("nickname"),
        "user_email": row.pop("email"),
        "join_time": f"{joined:%Y-%m-%dT%H:%M:%SZ}",
        "leave_time": f"{joined + timedelta(minutes=75):%Y-%m-%dT%H:%M:%SZ}",
        **{name: part for name, part in row.items() if name not in {"start_date", "end_date"}},
    }


def _of_meet(number: int) -> dict[str, Any]:
    joined = BEGUN + timedelta(seconds=number % 600)
    return {
        "name": f"conferenceRecords/{MEETING}/participants/{27423744 + number}",
        "signedinUser": {"user": f"users/{number:021}", "displayName": f"Ann Lee {number}"},
        "earliestStartTime": f"{joined:%Y-%m-%dT%H:%M:%S.123456Z}",
        "latestEndTime": f"{joined + timedelta(minutes=75):%Y-%m-%dT%H:%M:%S.654321Z}",
    }


def _numbers(page: int) -> range:
    return range(page * SIZE, min((page + 1) * SIZE, COUNT))


def _token(page: int) -> str:
    return f"IAfJX3jsOLW7w3dokmFl84zOa0MAVGy{page:02}" if page < PAGES else ""


def _written(**fields: Any) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()
