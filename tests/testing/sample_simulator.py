"""A stand-in for Acme, a vendor that there is not: JSON, pages of a hundred, minutes and seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import (
    AccessToken,
    Participant,
    Passcode,
    Person,
    Role,
    RoomKind,
    RoomSettings,
)
from conferencing.sandbox import Answer, Call, EntryOption, JoinTarget, Simulator
from conferencing.sandbox.kit import Router

PAGE = 100
ROLES = {"moderator": Role.HOST, "viewer": Role.ATTENDEE}
route = Router()


class AcmeSimulator(Simulator):
    """Answer as Acme does; everything is guessed."""

    name = "acme"

    def reset(self) -> None:
        super().reset()
        self.quirks = {}
        self.key = "acme-key-" + self.world.random.randbytes(8).hex()
        self.keys: dict[str, EntryOption] = {}

    def settings(self, dialect: str = "") -> dict[str, Any]:
        return {"api_key": self.key, "base_url": self.root}

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        return JoinTarget(
            room_id=parts[0], entry_options=(self.keys.get(query.get("key", ""), EntryOption()),)
        )

    def handle(self, call: Call) -> Answer:
        if call.headers.get("x-acme-key") != self.key:
            return _refused(401, "wrong key")
        found = route.find(call.method, call.path)
        given = dict(parse_qsl(call.query)) | (json.loads(call.body) if call.body else {})
        if found is None:
            return _refused(404, "no such path")
        try:
            return Answer.json(found[0](self, given, **found[1]))
        except (NotFound, Conflict, InvalidRequest) as error:
            status = {NotFound: 404, Conflict: 409}.get(type(error), 400)
            return _refused(status, error.message)

    def way(self, room: str, person: Mapping[str, Any], role: Role) -> str:
        key = self.world.random.randbytes(8).hex()
        who = Person(email=person.get("email"), name=person.get("name"))
        self.keys[key] = EntryOption(role=role, person=who)
        return f"{self.join_url(room)}?key={key}"


def _refused(status: int, text: str) -> Answer:
    return Answer.json({"error": {"code": status, "text": text}}, status)


@route("GET", "/ping")
def ping(acme: AcmeSimulator, given: Any) -> Any:
    return {"pong": True}


# ------------------------------------------------------------------------------------------ rooms


@route("GET", "/rooms")
def rooms(acme: AcmeSimulator, given: Any) -> Any:
    start = (int(given.get("page", 1)) - 1) * PAGE
    return {"rooms": [_room(acme, one) for one in list(acme.world.rooms)[start : start + PAGE]]}


@route("POST", "/rooms")
def create(acme: AcmeSimulator, given: Any) -> Any:
    made = acme.world.add_room(**({"kind": RoomKind.MEETING, "name": ""} | _fields(given)))
    acme.world.change_room(made.id, join_url=acme.join_url(made.id))
    return _room(acme, made.id)


@route("GET", "/rooms/{room}")
def get(acme: AcmeSimulator, given: Any, room: str) -> Any:
    return _room(acme, room)


@route("PUT", "/rooms/{room}")
def change(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.change_room(room, **_fields(given))
    return _room(acme, room)


@route("DELETE", "/rooms/{room}")
def delete(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.remove_room(room)
    return {}


def _fields(given: Any) -> dict[str, Any]:
    known = {"name": str, "description": str, "kind": RoomKind, "begin": datetime.fromisoformat}
    known |= {"minutes": lambda one: timedelta(minutes=one), "zone": str}
    names = {"begin": "starts_at", "minutes": "duration", "zone": "timezone"}
    fields = {names.get(key, key): read(given[key]) for key, read in known.items() if key in given}
    if given.get("passcode"):
        fields["entry"] = (Passcode(given["passcode"]),)
    if "record" in given:
        fields["settings"] = RoomSettings(recording=given["record"])
    return fields


def _room(acme: AcmeSimulator, room_id: str) -> Any:
    room = acme.world.room(room_id)
    entry = [one.code.reveal() for one in room.entry or () if isinstance(one, Passcode)]
    return {
        "id": room.id,
        "name": room.name,
        "kind": room.kind,
        "begin": room.starts_at and room.starts_at.isoformat(),
        "minutes": room.duration and room.duration // timedelta(minutes=1),
        "zone": room.timezone,
        "description": room.description,
        "passcode": entry[0] if entry else None,
        "record": room.settings and room.settings.recording,
        "url": room.join_url,
    }


# ----------------------------------------------------------------------------------------- people


@route("POST", "/rooms/{room}/people")
def register(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.room(room)
    fields = {"email": given["email"], "first_name": given["first"], "last_name": given["last"]}
    made = Participant(
        id=acme.world.new_id("p"), room_id=room, registered_at=acme.world.now, **fields
    )
    acme.world.participants[room].append(made)
    return _person(made)


@route("GET", "/rooms/{room}/people")
def people(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.room(room)
    return [_person(one) for one in acme.world.participants[room]]


def _person(one: Participant) -> Any:
    at = one.registered_at and one.registered_at.isoformat()
    return {
        "id": one.id,
        "email": one.email,
        "first": one.first_name,
        "last": one.last_name,
        "at": at,
    }


@route("POST", "/rooms/{room}/invitations")
def invite(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.room(room)
    for email in given["emails"]:
        role = ROLES[given["role"]]
        acme.world.post("invitation", email, room, role=role, language=given["language"])
    return {}


@route("POST", "/rooms/{room}/links")
def link(acme: AcmeSimulator, given: Any, room: str) -> Any:
    return {"url": acme.way(acme.world.room(room).id, given, ROLES[given["role"]])}


@route("POST", "/rooms/{room}/tickets")
def make_tickets(acme: AcmeSimulator, given: Any, room: str) -> Any:
    made = [
        AccessToken(code=acme.world.random.randbytes(6).hex(), room_id=acme.world.room(room).id)
        for _ in range(given["count"])
    ]
    acme.world.tokens[room].extend(made)
    return [one.code.reveal() for one in made]


@route("GET", "/rooms/{room}/tickets")
def tickets(acme: AcmeSimulator, given: Any, room: str) -> Any:
    return [one.code.reveal() for one in acme.world.tokens[acme.world.room(room).id]]


@route("DELETE", "/rooms/{room}/tickets")
def revoke(acme: AcmeSimulator, given: Any, room: str) -> Any:
    kept = [one for one in acme.world.tokens[room] if one.code.reveal() not in given["codes"]]
    acme.world.tokens[acme.world.room(room).id] = kept
    return {}


# --------------------------------------------------------------------------------------- sessions


@route("POST", "/rooms/{room}/start")
def start(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.start_session(room)
    return {"url": acme.way(room, given, Role.HOST)}


@route("GET", "/rooms/{room}/sessions")
def sessions(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.room(room)
    return [_session(acme, one.id) for one in acme.world.sessions_of(room)]


@route("GET", "/sessions/{session}")
def session(acme: AcmeSimulator, given: Any, session: str) -> Any:
    return _session(acme, session)


@route("PUT", "/sessions/{session}/end")
def end(acme: AcmeSimulator, given: Any, session: str) -> Any:
    present = acme.world.session(session)
    if present.ended_at is None:
        acme.world.end_session(present.room_id or "")
    return {}


@route("PUT", "/rooms/{room}/end")
def end_any(acme: AcmeSimulator, given: Any, room: str) -> Any:
    """End whatever runs there: a trap."""
    if acme.world.running(room):
        acme.world.end_session(room)
    return {}


def _session(acme: AcmeSimulator, session_id: str) -> Any:
    one = acme.world.session(session_id)
    begin, ended = one.started_at, one.ended_at
    return {
        "id": one.id,
        "room": one.room_id,
        "state": one.status,
        "begin": begin and int(begin.timestamp()),
        "end": ended and int(ended.timestamp()),
        "people": one.people,
    }


@route("GET", "/sessions/{session}/people")
def attendance(acme: AcmeSimulator, given: Any, session: str) -> Any:
    words = {role: word for word, role in ROLES.items()}
    return [
        {
            "id": one.id,
            "name": one.name,
            "email": one.email,
            "role": words[one.role],
            "in": int(one.joined_at.timestamp()),
            "out": one.left_at and int(one.left_at.timestamp()),
        }
        for one in acme.world.visits_of(acme.world.session(session).id)
    ]


@route("GET", "/rooms/{room}/recordings")
def recordings(acme: AcmeSimulator, given: Any, room: str) -> Any:
    acme.world.room(room)
    mine = [one for one in acme.world.recordings.values() if one.room_id == room]
    return [
        {
            "id": one.id,
            "url": f"{acme.root}/files/{one.id}",
            "size": one.files[0].size,
            "seconds": one.duration and one.duration // timedelta(seconds=1),
            "begin": one.started_at and int(one.started_at.timestamp()),
        }
        for one in mine
    ]


@route("DELETE", "/recordings/{recording}")
def delete_recording(acme: AcmeSimulator, given: Any, recording: str) -> Any:
    if acme.world.recordings.pop(recording, None) is None:
        raise NotFound("no such recording")
    return {}


@route("GET", "/usage")
def usage(acme: AcmeSimulator, given: Any) -> Any:
    since, until = int(given.get("since", 0)), int(given.get("until", 2**40))
    ended = [one for one in acme.world.sessions.values() if one.ended_at]
    return [
        _session(acme, one.id)
        for one in ended
        if one.ended_at and since <= one.ended_at.timestamp() <= until
    ]
