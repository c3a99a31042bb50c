"""The client: refusals before any I/O, ids instead of objects, and errors that say where they are."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bare_provider import BareProvider, NoSettings

import conferencing
import conferencing.sync
from conferencing import (
    Conference,
    ConferencingError,
    Conflict,
    Features,
    InvalidRequest,
    Operation,
    Participant,
    Person,
    Recording,
    Role,
    Room,
    RoomStatus,
    Sent,
    Session,
    Support,
    Template,
    UnsupportedOperation,
    UnsupportedOption,
    connect,
)
from conferencing.accounts.context import Context
from conferencing.model.drafts import Invitation, RegistrationDraft, RoomFields

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


class Tiny(BareProvider):
    """A provider with a few operations, which remembers what reached it."""

    name = "tiny"
    features = Features(
        roles=frozenset({Role.ATTENDEE, Role.HOST}),
        invites=frozenset({Role.HOST}),
        statuses=frozenset({RoomStatus.LIVE, RoomStatus.ENDED}),
        languages=frozenset({Operation.REGISTER}),
    )

    def __init__(self, settings: NoSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.reached: list[Any] = []
        self.closed = 0

    async def create_room(self, draft: object) -> Room:
        raise Conflict("there is one already", operation="put_room")

    async def register(self, room: Room, draft: RegistrationDraft) -> Participant:
        self.reached.append((room, draft))
        return Participant(room_id=room.id)

    async def get_participant(self, room: Room, **wanted: Any) -> Participant:
        self.reached.append((room, wanted))
        return Participant(id="p-1")

    async def invite(self, room: Room, invitation: Invitation) -> None:
        self.reached.append((room, invitation))

    async def end_session(self, session: Session) -> None:
        self.reached.append(session)

    async def join_link(self, *arguments: Any) -> Any:
        self.reached.append(arguments)

    async def aclose(self) -> None:
        self.closed += 1


def tiny() -> Conference:
    return connect({"provider": Tiny, "name": "main"})


def memory() -> Conference:
    return connect({"provider": "memory", "name": "main"})


async def done(conference: Conference, call: Callable[[Conference], Any]) -> None:
    await call(conference)


HOOK = "https://example.com/webhooks"
ROOM, SESSION, TEMPLATE = Room(id="r-1"), Session(id="s-1"), Template(id="t-1")
CALLS: dict[str, Callable[[Conference], Any]] = {
    "check": lambda on: on.check(),
    "list_rooms": lambda on: on.rooms(),
    "get_room": lambda on: on.get_room("r-1"),
    "create_room": lambda on: on.create_room("Launch"),
    "update_room": lambda on: on.update_room(ROOM, name="Launch"),
    "delete_room": lambda on: on.delete_room(ROOM),
    "start_session": lambda on: on.start_session(ROOM, "Ann"),
    "end_session": lambda on: on.end_session(SESSION),
    "join_link": lambda on: on.join_link(ROOM),
    "list_sessions": lambda on: on.sessions(ROOM),
    "get_session": lambda on: on.get_session("s-1"),
    "register": lambda on: on.register(ROOM, email="ann@example.com"),
    "list_participants": lambda on: on.participants(ROOM),
    "get_participant": lambda on: on.get_participant(ROOM, "p-1"),
    "invite": lambda on: on.invite(ROOM, ["ann@example.com"]),
    "list_attendance": lambda on: on.attendance(SESSION),
    "list_recordings": lambda on: on.recordings(),
    "register_batch": lambda on: on.register_batch(ROOM, [Person(email="ann@example.com")]),
    "approve_registration": lambda on: on.approve_registration(ROOM, "p-1"),
    "deny_registration": lambda on: on.deny_registration(ROOM, "p-1"),
    "cancel_registration": lambda on: on.cancel_registration(ROOM, "p-1"),
    "delete_recording": lambda on: on.delete_recording(Recording(id="v-1")),
    "delete_recordings": lambda on: on.delete_recordings(ROOM),
    "create_report": lambda on: on.create_report(SESSION),
    "get_report": lambda on: on.get_report("p-1"),
    "usage": lambda on: on.usage(),
    "feedback": lambda on: on.feedback(),
    "default_settings": lambda on: on.default_settings(),
    "room_settings": lambda on: on.room_settings(ROOM),
    "list_templates": lambda on: on.templates(),
    "create_template": lambda on: on.create_template("Plain"),
    "update_template": lambda on: on.update_template(TEMPLATE),
    "delete_template": lambda on: on.delete_template(TEMPLATE),
    "create_access_tokens": lambda on: on.create_access_tokens(ROOM),
    "list_access_tokens": lambda on: on.access_tokens(ROOM),
    "revoke_access_tokens": lambda on: on.revoke_access_tokens(ROOM, []),
    "subscribe_webhooks": lambda on: on.webhooks.subscribe(HOOK, ROOM),
    "unsubscribe_webhooks": lambda on: on.webhooks.unsubscribe(HOOK),
    "request": lambda on: on.request("GET", "/"),
}


def test_calls_cover_every_operation() -> None:
    assert set(CALLS) == {operation.value for operation in Operation}


@pytest.mark.parametrize("operation", Operation)
async def test_absent_operation_does_not_reach_provider(
    operation: Operation,
) -> None:
    conference = connect({"provider": BareProvider, "name": "main"})
    with pytest.raises(UnsupportedOperation) as caught:
        await done(conference, CALLS[operation])
    error = caught.value
    assert (error.provider, error.account, error.operation) == ("bare", "main", operation)
    assert error.sent is Sent.NO
    assert conference.capabilities[operation] is Support.ABSENT


@pytest.mark.parametrize("role", [Role.PRESENTER, "guest"])
async def test_unsupported_role_lists_the_supported(role: str) -> None:
    conference = tiny()
    for call in (
        conference.join_link("r-1", role=role),
        conference.invite("r-1", ["ann@example.com"], role=role),
    ):
        with pytest.raises(UnsupportedOption, match="attendee, host") as caught:
            await call
        assert (caught.value.field, caught.value.provider) == ("role", "tiny")
    assert conference.provider.reached == []
    await conference.join_link("r-1", role="host")
    assert conference.provider.reached == [(ROOM, Role.HOST, None, None)]


async def test_provider_error_gets_missing_context() -> None:
    with pytest.raises(Conflict) as caught:
        await tiny().create_room("Launch")
    assert (caught.value.provider, caught.value.account) == ("tiny", "main")
    assert caught.value.operation == "put_room"
    assert str(caught.value) == "tiny (main) put_room: there is one already"


WRONG: list[tuple[str, str | None, Callable[[Conference], Any]]] = [
    ("list_rooms", "status", lambda on: on.rooms("closed")),
    ("get_room", "room_id", lambda on: on.get_room("")),
    ("create_room", "kind", lambda on: on.create_room("x", kind="party")),
    ("update_room", None, lambda on: on.update_room("r-1")),
    ("update_room", "room", lambda on: on.update_room("", name="x")),
    ("delete_room", "room", lambda on: on.delete_room(5)),
    ("delete_template", "id", lambda on: on.delete_template("")),
    ("register", "email", lambda on: on.register("r-1", email="ann")),
    ("register", "person", lambda on: on.register("r-1", "ann@example.com")),
    ("list_participants", "room", lambda on: on.participants("")),
    ("get_participant", "participant_id", lambda on: on.get_participant("r-1")),
    (
        "get_participant",
        "participant_id",
        lambda on: on.get_participant("r-1", "p-1", email="ann@example.com"),
    ),
    ("invite", "email", lambda on: on.invite("r-1", ["ann"])),
    ("invite", "people", lambda on: on.invite("r-1", "ann@example.com")),
    ("invite", "people", lambda on: on.invite("r-1", [Person(name="Ann")])),
    ("invite", "people", lambda on: on.invite("r-1", [])),
    ("join_link", "role", lambda on: on.join_link("r-1", role="boss")),
    ("join_link", "role", lambda on: on.join_link("r-1", role="unknown")),
    ("create_access_tokens", "count", lambda on: on.create_access_tokens("r-1", 0)),
    ("list_access_tokens", "room", lambda on: on.access_tokens("")),
    ("end_session", "session", lambda on: on.end_session("")),
    ("list_attendance", "session", lambda on: on.attendance("")),
    ("list_recordings", "room", lambda on: on.recordings("")),
    ("get_report", "report", lambda on: on.get_report("")),
    ("usage", "since", lambda on: on.usage(NOON.replace(tzinfo=None))),
    ("usage", "until", lambda on: on.usage(NOON, NOON.replace(tzinfo=None))),
    ("feedback", "since", lambda on: on.feedback(NOON, NOON - timedelta(seconds=1))),
]


@pytest.mark.parametrize(
    ("field", "call"), [row[1:] for row in WRONG], ids=[f"{row[0]}-{row[1]}" for row in WRONG]
)
async def test_invalid_argument_is_named(
    field: str | None, call: Callable[[Conference], Any]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await done(memory(), call)
    assert caught.value.field == field


async def test_refusal_names_provider_and_operation() -> None:
    nowhere = []
    for operation, field, call in WRONG:
        try:
            await done(memory(), call)
        except ConferencingError as error:
            if (error.provider, error.account, error.operation) != ("memory", "main", operation):
                nowhere.append((operation, field))
    assert nowhere == []


async def test_person_is_an_object_or_fields() -> None:
    conference = tiny()
    ann = Person(email="ann@example.com", first_name="Ann")
    await conference.register(ROOM, ann, fields={"Company": "Acme"}, language="pl")
    await conference.register("r-1", email="ann@example.com", first_name="Ann")
    (room, first), (same_room, second) = conference.provider.reached
    assert room == same_room == ROOM
    assert first.person == second.person == ann
    assert (first.fields, first.language, second.fields) == ({"Company": "Acme"}, "pl", {})


async def test_invitees_are_persons_or_addresses() -> None:
    conference = tiny()
    ann = Person(email="ann@example.com", name="Ann")
    await conference.invite("r-1", iter([ann, "zoe@example.com"]), role="host")
    [(_, invitation)] = conference.provider.reached
    assert invitation.people == (ann, Person(email="zoe@example.com"))
    assert invitation.role is Role.HOST


async def test_id_stands_for_room_or_session() -> None:
    conference = tiny()
    await conference.end_session("s-1")
    await conference.end_session(SESSION)
    await conference.get_participant("r-1", email="ann@example.com")
    await conference.get_participant(ROOM, "p-1")
    first, second, by_email, by_id = conference.provider.reached
    assert first == second == SESSION
    assert by_email == (ROOM, {"participant_id": None, "email": "ann@example.com"})
    assert by_id == (ROOM, {"participant_id": "p-1", "email": None})


async def test_client_can_be_closed_twice() -> None:
    async with tiny() as conference:
        await conference.aclose()
    assert conference.provider.closed == 2
    async with memory() as conference:
        await conference.aclose()


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_conference_is_not_copied_or_pickled(copied: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="pickled"):
        copied(tiny())


def test_conference_has_account_and_provider() -> None:
    conference = tiny()
    assert repr(conference) == "<Conference main on tiny>"
    assert conference.account == "main"
    assert conference.capabilities is conference.capabilities
    assert conference.capabilities.provider == "tiny"


@pytest.mark.parametrize(
    ("operation", "names", "nearest"),
    [
        ("create_room", {"title": "y"}, ""),
        ("create_room", {"start_at": "y"}, "did you mean 'starts_at'?"),
        ("update_room", {"durration": "y"}, "did you mean 'duration'?"),
    ],
)
async def test_unknown_field_raises_with_near_match(
    operation: str, names: dict[str, str], nearest: str
) -> None:
    async with connect({"provider": "memory"}) as conference:
        with pytest.raises(InvalidRequest, match="has no argument") as caught:
            await getattr(conference, operation)("room-1", **names)
    assert (caught.value.field, caught.value.operation) == (*names, operation)
    assert nearest in caught.value.message
    assert "starts_at, duration" in caught.value.message


@pytest.mark.parametrize("operation", ["register", "ensure_registered", "join_link"])
async def test_unknown_person_field_raises_with_near_match(operation: str) -> None:
    async with connect({"provider": "memory"}) as conference:
        with pytest.raises(InvalidRequest, match="did you mean 'first_name'") as caught:
            await getattr(conference, operation)("room-1", firstname="Ann")
    assert caught.value.field == "firstname"


@pytest.mark.parametrize("module", [conferencing, conferencing.sync])
def test_create_room_explains_each_field(module: Any) -> None:
    text = module.Conference.create_room.__doc__
    explained = set(re.findall(r"^ {12}(\w+)  +\S", text, re.MULTILINE))
    assert explained == set(RoomFields.__annotations__)
