"""A simulator of Acme, an invented vendor: JSON, pages of a hundred, minutes and seconds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from attrs import evolve

from conferencing.errors import Conflict, InvalidRequest, NotFound
from conferencing.model import (
    AccessToken,
    JoinLink,
    Participant,
    Passcode,
    Person,
    Role,
    RoomKind,
    RoomSettings,
    Template,
)
from conferencing.sandbox import Answer, Call, EntryOption, JoinTarget, Simulator

PAGE = 100
ROLES = {"moderator": Role.HOST, "viewer": Role.ATTENDEE}
WORDS = {role: word for word, role in ROLES.items()}
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = []


def route(method: str, template: str) -> Callable[[Any], Any]:
    """Add a function to the routes; braces become its keyword arguments."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))

    def add(function: Any) -> Any:
        ROUTES.append((method, pattern, function))
        return function

    return add


class AcmeSimulator(Simulator):
    """Answer as Acme does; everything is invented."""

    name = "acme"
    copyable = True

    def reset(self) -> None:
        super().reset()
        self.key = "acme-key-" + self.world.random.randbytes(8).hex()
        self.keys: dict[str, EntryOption] = {}

    def settings(self, dialect: str = "") -> dict[str, Any]:
        return {"api_key": self.key, "base_url": self.root}

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        option = self.keys.get(query.get("key", ""), EntryOption())
        return JoinTarget(room_id=parts[0], entry_options=(option,))

    def handle(self, call: Call) -> Answer:
        if call.headers.get("x-acme-key") != self.key:
            return refuse(401, "wrong key")
        values = dict(parse_qsl(call.query)) | (json.loads(call.body) if call.body else {})
        for method, pattern, function in ROUTES:
            match = pattern.fullmatch(call.path) if method == call.method else None
            if match is not None:
                parts = {name: unquote(part) for name, part in match.groupdict().items()}
                return self.answer_with(function, values, parts)
        return refuse(404, "no such path")

    def answer_with(self, function: Any, values: Any, parts: Mapping[str, str]) -> Answer:
        try:
            return Answer.json(function(self, values, **parts))
        except (NotFound, Conflict, InvalidRequest) as error:
            status = {NotFound: 404, Conflict: 409}.get(type(error), 400)
            return refuse(status, error.message)

    def link(self, room: str, person: Mapping[str, Any], role: Role) -> str:
        key = self.world.random.randbytes(8).hex()
        who = Person(email=person.get("email"), name=person.get("name"))
        self.keys[key] = EntryOption(role=role, person=who)
        return f"{self.join_url(room)}?key={key}"


def refuse(status: int, text: str) -> Answer:
    return Answer.json({"error": {"code": status, "text": text}}, status)


def page_of(rows: Sequence[Any], values: Any) -> Any:
    start = (int(values.get("page", 1)) - 1) * PAGE
    return {"items": list(rows[start : start + PAGE])}


def seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


@route("GET", "/ping")
def ping(acme: AcmeSimulator, values: Any) -> Any:
    return {"pong": True}


# ------------------------------------------------------------------------------------------ rooms


@route("GET", "/rooms")
def list_rooms(acme: AcmeSimulator, values: Any) -> Any:
    return page_of([write_room(acme, room) for room in acme.world.rooms], values)


@route("POST", "/rooms")
def create_room(acme: AcmeSimulator, values: Any) -> Any:
    room = acme.world.add_room(**({"kind": RoomKind.MEETING, "name": ""} | read_fields(values)))
    acme.world.change_room(room.id, join_url=acme.join_url(room.id))
    return write_room(acme, room.id)


@route("GET", "/rooms/{room}")
def get_room(acme: AcmeSimulator, values: Any, room: str) -> Any:
    return write_room(acme, room)


@route("PUT", "/rooms/{room}")
def update_room(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.change_room(room, **read_fields(values))
    return write_room(acme, room)


@route("DELETE", "/rooms/{room}")
def delete_room(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.remove_room(room)
    return {}


def read_fields(values: Any) -> dict[str, Any]:
    readers: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "name": ("name", str),
        "description": ("description", str),
        "kind": ("kind", RoomKind),
        "begin": ("starts_at", datetime.fromisoformat),
        "minutes": ("duration", lambda count: timedelta(minutes=count)),
        "zone": ("timezone", str),
        "sign_up": ("registration", bool),
    }
    fields = {name: read(values[key]) for key, (name, read) in readers.items() if key in values}
    if values.get("passcode"):
        fields["entry"] = (Passcode(values["passcode"]),)
    if "record" in values:
        fields["settings"] = RoomSettings(recording=values["record"])
    return fields


def write_room(acme: AcmeSimulator, room_id: str) -> Any:
    room = acme.world.room(room_id)
    codes = [rule.code.reveal() for rule in room.entry or () if isinstance(rule, Passcode)]
    return {
        "id": room.id,
        "name": room.name,
        "kind": room.kind,
        "begin": room.starts_at and room.starts_at.isoformat(),
        "minutes": room.duration and room.duration // timedelta(minutes=1),
        "zone": room.timezone,
        "description": room.description,
        "sign_up": room.registration,
        "passcode": codes[0] if codes else None,
        "record": room.settings and room.settings.recording,
        "url": room.join_url,
    }


# -------------------------------------------------------------------------------------- templates


@route("GET", "/templates")
def list_templates(acme: AcmeSimulator, values: Any) -> Any:
    return page_of([write_template(each) for each in acme.world.templates.values()], values)


@route("POST", "/templates")
def create_template(acme: AcmeSimulator, values: Any) -> Any:
    template = Template(
        id=acme.world.new_id("template"), name=values["name"], description=values["description"]
    )
    acme.world.templates[template.id] = template
    return write_template(template)


@route("PUT", "/templates/{template}")
def update_template(acme: AcmeSimulator, values: Any, template: str) -> Any:
    known = acme.world.templates.get(template)
    if known is None:
        raise NotFound("no such template")
    changed = evolve(known, name=values["name"], description=values["description"])
    acme.world.templates[template] = changed
    return write_template(changed)


@route("DELETE", "/templates/{template}")
def delete_template(acme: AcmeSimulator, values: Any, template: str) -> Any:
    if acme.world.templates.pop(template, None) is None:
        raise NotFound("no such template")
    return {}


def write_template(template: Template) -> Any:
    return {"id": template.id, "name": template.name, "description": template.description}


# ----------------------------------------------------------------------------------------- people


@route("POST", "/rooms/{room}/people")
def register(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.room(room)
    first, last = values["first"], values["last"]
    email = values["email"]
    url = acme.link(room, {"email": email, "name": f"{first} {last}"}, Role.ATTENDEE)
    person = Participant(
        id=acme.world.new_id("p"),
        room_id=room,
        email=email,
        first_name=first,
        last_name=last,
        registered_at=acme.world.now,
        join_link=JoinLink(url=url, personal=True),
    )
    acme.world.participants[room].append(person)
    return write_person(person)


@route("GET", "/rooms/{room}/people")
def list_people(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.room(room)
    return page_of([write_person(person) for person in acme.world.participants[room]], values)


def write_person(person: Participant) -> Any:
    return {
        "id": person.id,
        "email": person.email,
        "first": person.first_name,
        "last": person.last_name,
        "at": person.registered_at and person.registered_at.isoformat(),
        "link": person.join_link and person.join_link.url,
    }


@route("POST", "/rooms/{room}/invitations")
def invite(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.room(room)
    for email in values["emails"]:
        role = ROLES[values["role"]]
        acme.world.post("invitation", email, room, role=role, language=values["language"])
    return {}


@route("POST", "/rooms/{room}/links")
def create_link(acme: AcmeSimulator, values: Any, room: str) -> Any:
    return {"url": acme.link(acme.world.room(room).id, values, ROLES[values["role"]])}


@route("POST", "/rooms/{room}/tickets")
def create_tickets(acme: AcmeSimulator, values: Any, room: str) -> Any:
    codes = [acme.world.random.randbytes(6).hex() for _ in range(values["count"])]
    tokens = [AccessToken(code=code, room_id=acme.world.room(room).id) for code in codes]
    acme.world.tokens[room].extend(tokens)
    return {"items": [{"code": code} for code in codes]}


@route("GET", "/rooms/{room}/tickets")
def list_tickets(acme: AcmeSimulator, values: Any, room: str) -> Any:
    tokens = acme.world.tokens[acme.world.room(room).id]
    return page_of([{"code": token.code.reveal()} for token in tokens], values)


@route("DELETE", "/rooms/{room}/tickets")
def revoke_tickets(acme: AcmeSimulator, values: Any, room: str) -> Any:
    tokens = acme.world.tokens[room]
    kept = [token for token in tokens if token.code.reveal() not in values["codes"]]
    acme.world.tokens[acme.world.room(room).id] = kept
    return {}


# --------------------------------------------------------------------------------------- sessions


@route("POST", "/rooms/{room}/start")
def start_session(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.start_session(room)
    return {"url": acme.link(room, values, Role.HOST)}


@route("GET", "/rooms/{room}/sessions")
def list_sessions(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.room(room)
    sessions = acme.world.sessions_of(room)
    return page_of([write_session(acme, session.id) for session in sessions], values)


@route("GET", "/sessions/{session}")
def get_session(acme: AcmeSimulator, values: Any, session: str) -> Any:
    return write_session(acme, session)


@route("PUT", "/sessions/{session}/end")
def end_session(acme: AcmeSimulator, values: Any, session: str) -> Any:
    known = acme.world.session(session)
    if known.ended_at is None:
        acme.world.end_session(known.room_id or "")
    return {}


@route("PUT", "/rooms/{room}/end")
def end_any_session(acme: AcmeSimulator, values: Any, room: str) -> Any:
    """End whatever session runs there: a trap."""
    if acme.world.running(room):
        acme.world.end_session(room)
    return {}


def write_session(acme: AcmeSimulator, session_id: str) -> Any:
    session = acme.world.session(session_id)
    return {
        "id": session.id,
        "room": session.room_id,
        "state": session.status,
        "begin": seconds(session.started_at),
        "end": seconds(session.ended_at),
        "people": session.people,
    }


@route("GET", "/sessions/{session}/people")
def list_stays(acme: AcmeSimulator, values: Any, session: str) -> Any:
    visits = acme.world.visits_of(acme.world.session(session).id)
    rows = [
        {
            "id": visit.id,
            "name": visit.name,
            "email": visit.email,
            "role": WORDS[visit.role],
            "joined": seconds(visit.joined_at),
            "left": seconds(visit.left_at),
        }
        for visit in visits
    ]
    return page_of(rows, values)


@route("GET", "/rooms/{room}/recordings")
def list_recordings(acme: AcmeSimulator, values: Any, room: str) -> Any:
    acme.world.room(room)
    recordings = [each for each in acme.world.recordings.values() if each.room_id == room]
    rows = [
        {
            "id": recording.id,
            "url": f"{acme.root}/files/{recording.id}",
            "size": recording.files[0].size,
            "seconds": recording.duration and recording.duration // timedelta(seconds=1),
            "begin": seconds(recording.started_at),
        }
        for recording in recordings
    ]
    return page_of(rows, values)


@route("DELETE", "/recordings/{recording}")
def delete_recording(acme: AcmeSimulator, values: Any, recording: str) -> Any:
    if acme.world.recordings.pop(recording, None) is None:
        raise NotFound("no such recording")
    return {}


@route("GET", "/usage")
def list_usage(acme: AcmeSimulator, values: Any) -> Any:
    since, until = int(values.get("since", 0)), int(values.get("until", 2**40))
    ended = [
        session
        for session in acme.world.sessions.values()
        if session.ended_at and since <= session.ended_at.timestamp() <= until
    ]
    return page_of([write_session(acme, session.id) for session in ended], values)


@route("GET", "/ratings")
def list_ratings(acme: AcmeSimulator, values: Any) -> Any:
    rated = [visit for visit in acme.world.visits.values() if visit.rating is not None]
    rows = [
        {
            "id": visit.id,
            "room": acme.world.session(visit.session_id).room_id,
            "rating": visit.rating,
            "comment": visit.comment,
            "at": seconds(visit.left_at),
        }
        for visit in rated
    ]
    return page_of(rows, values)
