"""A raw asyncio server of as many participants as one asks for, in pages of 300 of Zoom's kind.

The pages differ by their ids and by the token of the next one, and are made when they are asked
for: a million participants would take 600 MB.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from urllib.parse import parse_qs, urlsplit

from attendees import attendee
from server import _Answering, _reply
from sides import server_core

__all__ = ["SIZE", "endless"]

SIZE = 300
PAGE, FOLLOWING = b"@@@@@", b"#####"


@contextmanager
def endless() -> Iterator[str]:
    """Serve `/past_meetings/<number of pages>/participants`, and give the base URL."""
    context: SpawnContext = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    server_core()
    asyncio.run(_served(told))


async def _served(told: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(Pages(), 0.0), "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class Pages(dict[bytes, bytes]):
    """Replies by their target, made from one page."""

    def __init__(self) -> None:
        super().__init__()
        rows = [_row(number) for number in range(SIZE)]
        page = {"participants": rows, "next_page_token": FOLLOWING.decode()}
        self._page = json.dumps(page, separators=(",", ":")).encode()

    def get(self, target: bytes, *_: object) -> bytes:  # type: ignore[override]
        parts = urlsplit(target.decode())
        last = int(parts.path.split("/")[-2]) - 1
        number = int(parse_qs(parts.query).get("next_page_token", ["0"])[0])
        following = b"%05d" % (number + 1) if number < last else b""
        body = self._page.replace(PAGE, b"%05d" % number).replace(FOLLOWING, following)
        return _reply(body)


def _row(number: int) -> dict[str, object]:
    """Return a row of about 600 bytes, with the page's number in the id."""
    row = attendee(number)
    return {
        "id": row.pop("uid"),
        "user_id": f"{PAGE.decode()}{number:03}",
        "name": row.pop("nickname"),
        "user_email": row.pop("email"),
        "join_time": "2026-10-01T08:05:00Z",
        "leave_time": "2026-10-01T09:20:00Z",
        **{name: part for name, part in row.items() if name not in {"start_date", "end_date"}},
    }
