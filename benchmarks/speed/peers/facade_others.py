"""Sides of `facade.py` with a library of their own: requests and httpx, each with its session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from clocks import CALLS, now, since
from room import ROOM_PATH
from sides import serve_side, warm_heap

HEADERS = {"X-Api-Key": "key"}


def requests(url: str) -> Callable[[], Any]:
    from requests import Session

    session = Session()
    session.headers.update(HEADERS)
    return lambda: session.get(url).json()


def httpx(url: str) -> Callable[[], Any]:
    from httpx import Client

    client = Client(headers=HEADERS)
    return lambda: client.get(url).json()


WAYS = {"requests": requests, "httpx": httpx}


def main(way: str, url: str) -> None:
    call = WAYS[way](url + ROOM_PATH)

    def work() -> str:
        begun = now()
        names = [call()["conference"]["name"] for _ in range(CALLS)]
        cost = since(begun)
        assert names == ["Launch"] * CALLS
        return cost

    heap = warm_heap(16)
    serve_side(work)
    del heap


if __name__ == "__main__":
    main(*sys.argv[1:])
