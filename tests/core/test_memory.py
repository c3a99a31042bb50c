"""The reference adapter: every operation, checked in the world behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from conferencing import (
    Anyone,
    Conference,
    Conflict,
    InvalidRequest,
    NotFound,
    Operation,
    Passcode,
    Person,
    PersonalToken,
    ReportStatus,
    Role,
    RoomKind,
    RoomSettings,
    RoomStatus,
    SessionStatus,
    SignIn,
    Support,
    UnsupportedOption,
    connect,
)
from conferencing.sandbox import World

NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def memory() -> AsyncIterator[Conference]:
    async with connect({"provider": "memory", "name": "main"}) as conference:
        yield conference


@pytest.fixture
def world(memory: Conference) -> World:
    return memory.provider.world


def test_memory_has_every_operation_except_request(memory) -> None:
    absent = {
        operation for operation in Operation if memory.capabilities[operation] is Support.ABSENT
    }
    assert absent == {Operation.REQUEST}


async def test_created_room_has_every_field(memory, world) -> None:
    fields = {
        "kind": RoomKind.WEBINAR,
        "starts_at": NOON,
        "duration": HOUR,
        "timezone": "Europe/Warsaw",
        "permanent": False,
        "entry": (Anyone(), Passcode("s3cret"), PersonalToken(), SignIn("google")),
        "description": "<b>Łódź</b>",
        "registration": True,
        "waiting_room": True,
        "capacity": 50,
        "settings": RoomSettings(camera=False),
        "host": Person(name="Ann"),
    }
    room = await memory.create_room("Launch", **fields)
    assert {name: getattr(world.room(room.id), name) for name in fields} == fields
    assert world.room(room.id) == room
    assert room.status is RoomStatus.SCHEDULED
    assert room.join_url


async def test_rooms_are_listed_by_status_in_pages(memory, world) -> None:
    await memory.check()
    for number in range(250):
        world.add_room(name=str(number), status=RoomStatus.OPEN)
    closed = await memory.update_room(world.add_room(name="closed"), status="ended")
    assert [len(page) async for page in memory.rooms().pages()] == [100, 100, 51]
    assert await memory.rooms("ended").collect() == [closed]
    assert len(await memory.rooms(RoomStatus.OPEN).collect()) == 250


async def test_room_is_fetched_changed_and_deleted(memory, world) -> None:
    room = await memory.create_room("Launch", capacity=5)
    changed = await memory.update_room(room.id, name="Lunch", settings=RoomSettings(camera=True))
    assert (world.room(room.id).name, world.room(room.id).capacity) == ("Lunch", 5)
    assert await memory.get_room(room.id) == changed
    await memory.delete_room(room)
    await memory.delete_room(room)
    assert world.rooms == {}
    for call in (memory.get_room(room.id), memory.update_room(room, name="x")):
        with pytest.raises(NotFound):
            await call


async def test_room_settings_override_the_defaults(memory) -> None:
    defaults = await memory.default_settings()
    assert None not in attrs.asdict(defaults).values()
    plain = await memory.create_room("Plain")
    own = await memory.create_room("Own", settings=RoomSettings(camera=False, recording=True))
    assert await memory.room_settings(plain) == defaults
    expected = attrs.evolve(defaults, camera=False, recording=True)
    assert await memory.room_settings(own.id) == expected


async def test_template_is_created_changed_and_deleted(memory, world) -> None:
    template = await memory.create_template("Plain", description="bare", native={"layout": 3})
    assert world.templates == {template.id: template}
    assert template.native == {"layout": 3}
    renamed = await memory.update_template(attrs.evolve(template, name="Fancy"))
    assert await memory.templates().collect() == [renamed] == list(world.templates.values())
    await memory.delete_template(template.id)
    await memory.delete_template(template)
    assert world.templates == {}
    with pytest.raises(NotFound):
        await memory.update_template(template)


async def test_person_registers_once_and_is_found(memory, world) -> None:
    room = await memory.create_room("Launch")
    ann = await memory.register(
        room, email="ann@example.com", name="Ann", fields={"Company": "Acme"}, confirmation=True
    )
    again = await memory.register(room, email="ann@example.com")
    assert (ann.existed, again.existed, again.id) == (False, True, ann.id)
    assert await memory.participants(room).collect() == world.participants[room.id] == [ann]
    assert await memory.get_participant(room, ann.id) == ann
    assert await memory.get_participant(room, email="ann@example.com") == ann
    [mail] = world.outbox
    assert (mail.kind, mail.to, mail.link) == ("confirmation", "ann@example.com", ann.join_link)
    with pytest.raises(InvalidRequest) as caught:
        await memory.register(room, name="Zoë")
    assert caught.value.field == "email"
    for call in (
        memory.register("gone", email="a@example.com"),
        memory.get_participant(room, "gone"),
    ):
        with pytest.raises(NotFound):
            await call


async def test_participants_of_session_were_present(memory, world) -> None:
    room = await memory.create_room("Launch")
    ann = await memory.register(room, email="ann@example.com")
    await memory.register(room, email="zoe@example.com")
    visit = world.enter(room.id, "Ann", "ann@example.com")
    session = world.session(visit.session_id)
    assert await memory.participants(session).collect() == [ann]


async def test_invitations_are_in_the_outbox(memory, world) -> None:
    room = await memory.create_room("Launch")
    await memory.invite(room, ["a@example.com", "b@example.com"], role="presenter", language="pl")
    mails = [(mail.kind, mail.to, mail.role, mail.language) for mail in world.outbox]
    assert mails == [
        ("invitation", "a@example.com", Role.PRESENTER, "pl"),
        ("invitation", "b@example.com", Role.PRESENTER, "pl"),
    ]
    assert world.outbox[0].link != world.outbox[1].link


async def test_link_is_shared_or_personal(memory) -> None:
    room = await memory.create_room("Launch")
    plain = [await memory.join_link(room) for _ in range(2)]
    own = [await memory.join_link(room, role="host", name="Ann") for _ in range(2)]
    ann = await memory.register(room, email="ann@example.com")
    registered = await memory.join_link(room, person=ann)
    assert plain[0] == plain[1]
    assert own[0] != own[1]
    assert (own[0].personal, own[0].role, own[0].person) == (True, Role.HOST, Person(name="Ann"))
    assert registered.person == ann.person
    with pytest.raises(NotFound):
        await memory.join_link("gone")


async def test_token_is_created_listed_and_revoked(memory, world) -> None:
    room = await memory.create_room("Launch", entry=PersonalToken())
    created = await memory.create_access_tokens(room, 3)
    assert len({token.code.reveal() for token in created}) == 3
    assert await memory.access_tokens(room).collect() == list(created) == world.tokens[room.id]
    await memory.revoke_access_tokens(room, created[:2])
    assert world.tokens[room.id] == [created[2]]
    assert await memory.access_tokens(room, email="ann@example.com").collect() == []


async def test_session_starts_and_ends_once(memory, world) -> None:
    room = await memory.create_room("Launch")
    link = await memory.start_session(room, "Ann")
    [session] = await memory.sessions(room).collect()
    assert (link.role, link.person) == (Role.HOST, Person(name="Ann"))
    assert session == await memory.get_session(session.id) == world.running(room.id)
    world.advance(HOUR)
    await memory.end_session(session)
    ended = world.session(session.id)
    assert (ended.status, ended.duration) == (SessionStatus.ENDED, HOUR)
    await memory.start_session(room, "Ann")
    with pytest.raises(Conflict):
        await memory.end_session(session)
    assert world.running(room.id)


async def test_attendance_has_a_record_per_person(memory, world) -> None:
    room = await memory.create_room("Launch")
    for minutes in (10, 20):
        visit = world.enter(room.id, "Ann", "ann@example.com")
        world.advance(timedelta(minutes=minutes))
        world.leave(visit.id, rating=4, comment="Fine")
    world.enter(room.id, "Zoë", None, Role.PRESENTER)
    world.advance(timedelta(minutes=30))
    first = world.end_session(room.id)
    world.enter(room.id, "Ann", "ann@example.com")
    ann, zoe = await memory.attendance(first).collect()
    minutes = [person.duration / timedelta(minutes=1) for person in (ann, zoe)]
    assert (ann.display_name, zoe.role, minutes) == ("Ann", Role.PRESENTER, [30, 30])
    whole = await memory.attendance(room).collect()
    assert [person.duration for person in whole] == [ann.duration, zoe.duration, None]
    ratings = [(entry.rating, entry.text) async for entry in memory.feedback()]
    assert ratings == [(4, "Fine")] * 2
    assert await memory.feedback(since=NOON).collect() == []


async def test_recordings_and_reports_are_files(memory, world, tmp_path) -> None:
    room, other = [await memory.create_room(name) for name in ("Launch", "Other")]
    session = world.start_session(room.id)
    recordings = [world.record(target.id, HOUR) for target in (room, room, other)]
    assert await memory.recordings().collect() == recordings
    assert await memory.recordings(room).collect() == recordings[:2]
    path = await memory.download(recordings[0], tmp_path / "film.mp4")
    assert path.read_bytes() == world.files[recordings[0].id]
    await memory.delete_recording(recordings[0].id)
    await memory.delete_recording(recordings[0])
    assert list(world.recordings) == [recording.id for recording in recordings[1:]]
    await memory.delete_recordings(room)
    assert list(world.recordings) == [recordings[2].id]

    report = await memory.wait_for_report(await memory.create_report(session, language="pl"))
    assert (report.status, report.language) == (ReportStatus.READY, "pl")
    assert await memory.get_report(report.id) == report
    path = await memory.download(report, tmp_path / "report.pdf")
    assert path.read_bytes().startswith(b"%PDF")
    with pytest.raises(NotFound):
        await memory.get_report("gone")


async def test_usage_counts_shared_minutes(memory, world) -> None:
    room = await memory.create_room("Launch")
    ann = world.enter(room.id, "Ann")
    world.advance(timedelta(minutes=10))
    world.enter(room.id, "Zoë")
    world.advance(timedelta(minutes=25))
    world.leave(ann.id)
    world.advance(timedelta(minutes=5))
    world.end_session(room.id)
    world.start_session(room.id)
    [usage] = await memory.usage().collect()
    assert (usage.title, usage.people, usage.duration) == ("Launch", 2, timedelta(minutes=40))
    assert (usage.billable, usage.free) == (timedelta(minutes=25), False)
    assert await memory.usage(until=world.start).collect() == []


async def test_room_of_missing_template_raises(memory, world) -> None:
    with pytest.raises((NotFound, UnsupportedOption)):
        await memory.create_room("Launch", template="gone")
    assert world.rooms == {}
