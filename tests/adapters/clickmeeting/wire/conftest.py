"""All decoders of the adapter, each with a reply that is as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing import Person, Session
from conferencing.http import Reply
from conferencing.http.provider import _decoded
from conferencing_clickmeeting import wire

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[1] / "samples").glob("*.json")
}
FLAGS = {"recorder_autostart_enabled": 1, "encryption_enabled": True}
A_ROOM = SAMPLES["room"] | {"password": "s3cret", "settings": FLAGS}
A_RECORDING = SAMPLES["recordings"][0] | {"conference_id": 2632001}
NOW = datetime(2026, 9, 30, tzinfo=UTC)
RUNNING = Session(id="1:2", room_id="1")
DECODERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "created_room": ({"room": A_ROOM}, lambda p: wire.created_room(p, NOW)),
    "fetched_room": ({"conference": A_ROOM}, lambda p: wire.fetched_room(p, NOW)),
    "rooms": ([A_ROOM], lambda p: wire.rooms(p, NOW)),
    "sessions": (SAMPLES["session_list"], lambda p: wire.sessions(p, "1")),
    "session": (SAMPLES["session_detail"], lambda p: wire.session(p, "1", "2")),
    "stays": (SAMPLES["session_detail"], wire.stays),
    "attendance": (SAMPLES["attendees"], lambda p: wire.attendance(wire.attendees(p, "1:2"), {})),
    "feedback": (SAMPLES["attendees"], lambda p: wire.feedback(p, RUNNING)),
    "report": (SAMPLES["report_ready"], lambda p: wire.report(p, "1", "2", "en")),
    "recordings": ([A_RECORDING], lambda p: wire.recordings(p, None)),
    "registered": (SAMPLES["registered"], lambda p: wire.registered(p, "1", Person())),
    "participants": (SAMPLES["registrations"], lambda p: wire.participants(p, "1")),
    "tokens": (SAMPLES["tokens"], lambda p: wire.tokens(p, "1")),
    "tokens_of": (["G986DW"], lambda p: wire.tokens_of(p, "1", "a@b.c")),
    "autologin": ({"autologin_hash": "KEY__"}, wire.autologin),
    "time_zones": (["Europe/Warsaw", "UTC"], lambda p: wire.WIRE.read(p, list[str])),
}


@frozen(kw_only=True)
class Decoder:
    """A reply that is as it should be, and what reads it from its bytes to the model."""

    name: str
    payload: Any
    decode: Callable[[Any], Any]

    def read(self, body: bytes) -> Any:
        return _decoded(Reply(200, {}, body), self.decode)


@pytest.fixture(scope="session", params=DECODERS)
def decoder(request: pytest.FixtureRequest) -> Decoder:
    payload, decode = DECODERS[request.param]
    return Decoder(name=request.param, payload=payload, decode=decode)
