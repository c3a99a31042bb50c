"""Sides of `participants.py` with a client of their own: zoomus, pyzoom, google-apps-meet."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sides import serve_side, warm_heap
from zoom import COUNT, MEETING, SIZE, TIMES

Fetch = Callable[[], Any]


def zoomus(url: str) -> Fetch:
    from zoomus import ZoomClient

    client = ZoomClient("id", "secret", "account", base_uri=url, oauth_uri=f"{url}/oauth/token")

    def fetch() -> list[dict[str, Any]]:
        people: list[dict[str, Any]] = []
        token = None
        while True:
            reply = client.past_meeting.get_participants(
                meeting_id=MEETING, page_size=SIZE, next_page_token=token
            )
            page = json.loads(reply.content)
            people += page["participants"]
            token = page["next_page_token"]
            if not token:
                return people

    return fetch


def pyzoom(url: str) -> Fetch:
    from pyzoom import ZoomClient

    client = ZoomClient("token", base_url=url)
    return lambda: client.meetings.past_meeting_participants(MEETING)


def meet(url: str) -> Fetch:
    from google.apps.meet_v2 import ConferenceRecordsServiceClient, ListParticipantsRequest
    from google.apps.meet_v2.services.conference_records_service.transports import (
        ConferenceRecordsServiceRestTransport,
    )
    from google.auth.credentials import AnonymousCredentials

    transport = ConferenceRecordsServiceRestTransport(host=url, credentials=AnonymousCredentials())
    client = ConferenceRecordsServiceClient(transport=transport)
    request = ListParticipantsRequest(parent=f"conferenceRecords/{MEETING}", page_size=SIZE)
    return lambda: list(client.list_participants(request))


WAYS = {"zoomus": zoomus, "pyzoom": pyzoom, "google-apps-meet": meet}


def main(way: str, url: str) -> None:
    fetch = WAYS[way](url)

    def timed() -> float:
        begun = time.process_time()
        people = fetch()
        cost = time.process_time() - begun
        assert len(people) == COUNT
        return cost * 1e3

    def work() -> float:
        return statistics.mean(timed() for _ in range(TIMES))

    heap = warm_heap()
    serve_side(work)
    del heap


if __name__ == "__main__":
    main(*sys.argv[1:])
