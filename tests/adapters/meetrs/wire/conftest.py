"""The readers of the adapter, each with a valid reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing.http import Reply
from conferencing.http.provider import _read
from conferencing_meetrs.wire import base, reports, rooms, templates

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[1] / "samples").glob("*.json")
}
PEOPLE = [
    *SAMPLES["request_shared_passcode"]["participants"],
    {"role": "Guest", "accessRole": {"provider": "Guest"}},
]
A_ROOM = SAMPLES["meeting"] | {
    "participants": PEOPLE,
    "schedulingInfo": {"duration": 60},
    "createdAt": "2020-07-22T11:57:00.408594Z",
}
READERS: dict[str, tuple[Any, Callable[[Reply], Any]]] = {
    "room": (A_ROOM, rooms.read_room),
    "rooms": ([A_ROOM], rooms.read_rooms),
    "usage": (SAMPLES["usage"], reports.read_usage),
    "sessions": (SAMPLES["usage"], reports.read_sessions),
    "feedback": (SAMPLES["feedbacks"], reports.read_feedback),
    "template": (SAMPLES["configurations"][0], templates.read_template),
    "templates": (SAMPLES["configurations"], templates.read_templates),
    "tenants": (SAMPLES["tenants"], templates.read_tenants),
    "token": (SAMPLES["token"], base.read_token),
}


@frozen(kw_only=True)
class Reader:
    """A valid reply, and the function that reads it."""

    name: str
    payload: Any
    function: Callable[[Reply], Any]

    def read(self, body: bytes) -> Any:
        return _read(Reply(200, {}, body), self.function)


@pytest.fixture(scope="session", params=READERS)
def decoder(request: pytest.FixtureRequest) -> Reader:
    payload, function = READERS[request.param]
    return Reader(name=request.param, payload=payload, function=function)
