"""Sides of `decoding.py` in our environment: ours, orjson, cattrs' default Converter, by hand.

All of them have the same modules loaded, since the collector walks through a whole program.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen
from cattrs import Converter

from conferencing.http.provider import _decoded
from conferencing.http.reply import Reply
from conferencing_clickmeeting import wire

sys.path.insert(0, str(Path(__file__).parents[1]))

from attendees import page
from sides import serve_side, warm_heap

PAGE = page(300)
TIMES = 60


def ours() -> Any:
    return lambda: _decoded(Reply(200, {}, PAGE), lambda payload: wire.attendees(payload, "1:2"))


def plain() -> Any:
    return lambda: orjson.loads(PAGE)


def converter() -> Any:
    @frozen
    class Attendee:
        uid: str
        role: str
        nickname: str
        email: str | None
        start_date: datetime
        end_date: datetime
        device: str | None = None
        rating: str | None = None
        rating_comment: str | None = None
        user_ip: str | None = None
        polls: tuple[Any, ...] = ()

    structure = Converter()
    structure.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    return lambda: structure.structure(json.loads(PAGE), list[Attendee])


def by_hand() -> Any:
    def read(row: dict[str, Any]) -> Attendee:
        return Attendee(
            uid=row["uid"],
            role=row["role"],
            nickname=row["nickname"],
            email=row.get("email"),
            start_date=datetime.strptime(row["start_date"], "%Y-%m-%dT%H:%M:%S%z"),
            end_date=datetime.strptime(row["end_date"], "%Y-%m-%dT%H:%M:%S%z"),
            native=row,
        )

    return lambda: [read(row) for row in json.loads(PAGE)]


@dataclass(frozen=True)
class Attendee:
    uid: str
    role: str
    nickname: str
    email: str | None
    start_date: datetime
    end_date: datetime
    native: dict[str, Any]


WAYS = {"ours": ours, "orjson": plain, "converter": converter, "by_hand": by_hand}


def main() -> None:
    decode = WAYS[sys.argv[1]]()

    def work() -> float:
        begun = time.process_time()
        for _ in range(TIMES):
            decode()
        return (time.process_time() - begun) / TIMES / 300 * 1e6

    heap = warm_heap()
    serve_side(work)
    del heap


if __name__ == "__main__":
    main()
