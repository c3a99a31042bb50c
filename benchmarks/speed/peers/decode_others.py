"""Sides of `decoding.py` with a library of their own: pydantic and msgspec."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from attendees import page
from sides import serve_side, warm_heap

PAGE = page(300)
TIMES = 60


def pydantic() -> Any:
    from pydantic import BaseModel, TypeAdapter

    class Attendee(BaseModel, frozen=True):
        uid: str
        role: str
        nickname: str
        email: str | None
        start_date: datetime
        end_date: datetime

    return TypeAdapter(list[Attendee]).validate_json


def msgspec() -> Any:
    from msgspec import Struct
    from msgspec.json import Decoder

    class Attendee(Struct, frozen=True):
        uid: str
        role: str
        nickname: str
        email: str | None
        start_date: datetime
        end_date: datetime

    return Decoder(list[Attendee]).decode


WAYS = {"pydantic": pydantic, "msgspec": msgspec}


def main() -> None:
    decode = WAYS[sys.argv[1]]()

    def work() -> float:
        begun = time.process_time()
        for _ in range(TIMES):
            decode(PAGE)
        return (time.process_time() - begun) / TIMES / 300 * 1e6

    heap = warm_heap()
    serve_side(work)
    del heap


if __name__ == "__main__":
    main()
