"""All decoders of the adapter, each with a reply that is as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing.http import Reply
from conferencing.http.provider import _read
from conferencing_meetrs import wire

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
DECODERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "room": (A_ROOM, wire.room),
    "rooms": ([A_ROOM], wire.rooms),
    "usage": (SAMPLES["usage"], wire.usage),
    "sessions": (SAMPLES["usage"], wire.sessions),
    "feedback": (SAMPLES["feedbacks"], wire.feedback),
    "template": (SAMPLES["configurations"][0], wire.template),
    "templates": (SAMPLES["configurations"], wire.templates),
    "tenants": (SAMPLES["tenants"], wire.tenants),
    "token": (SAMPLES["token"], wire.token),
}


@frozen(kw_only=True)
class Decoder:
    """A reply that is as it should be, and what reads it from its bytes to the model."""

    name: str
    payload: Any
    decode: Callable[[Any], Any]

    def read(self, body: bytes) -> Any:
        if self.name == "token":
            return _read(Reply(200, {}, body), self.decode)
        return _read(Reply(200, {}, body), lambda reply: self.decode(reply.json()))


@pytest.fixture(scope="session", params=DECODERS)
def decoder(request: pytest.FixtureRequest) -> Decoder:
    payload, decode = DECODERS[request.param]
    return Decoder(name=request.param, payload=payload, decode=decode)
