"""How a user calls the asynchronous client, and what the type checkers make of each result."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type
from zoneinfo import ZoneInfo

import aiohttp

import conferencing
from conferencing import (
    AccessToken,
    Attendance,
    Capabilities,
    Conference,
    Feedback,
    JoinLink,
    Listing,
    Operation,
    Participant,
    Passcode,
    Person,
    Recording,
    Report,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Segment,
    Session,
    SignIn,
    Support,
    Template,
    Usage,
)
from conferencing.accounts.config import read_account, read_config
from conferencing.provider import RawReply


async def connecting(session: aiohttp.ClientSession) -> None:
    assert_type(conferencing.connect(), Conference)
    assert_type(conferencing.connect("main", config="conferencing.toml"), Conference)
    conferencing.connect("main", config=read_config(Path("conferencing.toml")), app="shop/1.0")
    conferencing.connect({"provider": "clickmeeting", "api_key": "k"}, session=session)
    conferencing.connect(read_account("main"))
    async with conferencing.connect("main") as conference:
        assert_type(conference, Conference)
        assert_type(conference.account, str)
        assert_type(conference.capabilities, Capabilities)
        assert_type(conference.capabilities["register"], Support)
        assert_type(conference.capabilities.supports(Operation.USAGE), bool)


async def rooms(conference: Conference) -> None:
    room = await conference.create_room(
        "Launch",
        kind="webinar",
        starts_at=datetime(2027, 3, 1, 17, tzinfo=ZoneInfo("Europe/Warsaw")),
        duration=timedelta(hours=1),
        entry=[Passcode("s3cret"), SignIn("google", email="ann@example.com")],
        settings=RoomSettings(camera=False),
        host=Person(name="Ann"),
        native={"access_type": 4},
        ignore_unsupported=True,
    )
    assert_type(room, Room)
    assert_type(room.kind, RoomKind)
    assert_type(room.starts_at, datetime | None)
    assert_type(room.ends_at, datetime | None)
    assert_type(room.native, Mapping[str, Any])
    assert_type(await conference.create_room("Plain", kind=RoomKind.MEETING), Room)
    assert_type(await conference.update_room(room, status="ended", name="Over"), Room)
    assert_type(await conference.update_room(room.id, status=RoomStatus.OPEN), Room)
    assert_type(await conference.get_room("r-1"), Room)
    await conference.delete_room(room)
    await conference.delete_room(room.id)
    assert_type(await conference.default_settings(), RoomSettings)
    assert_type(await conference.room_settings(room), RoomSettings)


async def listings(conference: Conference, room: Room, session: Session) -> None:
    assert_type(conference.rooms("open"), Listing[Room])
    assert_type(conference.rooms(RoomStatus.ENDED), Listing[Room])
    assert_type(conference.participants(room), Listing[Participant])
    assert_type(conference.participants(session), Listing[Participant])
    assert_type(conference.sessions(room.id), Listing[Session])
    assert_type(conference.attendance(session), Listing[Attendance])
    assert_type(conference.recordings(), Listing[Recording])
    assert_type(conference.access_tokens(room, email="ann@example.com"), Listing[AccessToken])
    assert_type(conference.templates(), Listing[Template])
    assert_type(conference.usage(datetime.now(UTC)), Listing[Usage])
    assert_type(conference.feedback(tenant="school"), Listing[Feedback])
    assert_type(conference.rooms().pages(), AsyncGenerator[Sequence[Room], None])
    assert_type(await conference.rooms().collect(), list[Room])
    async for each in conference.rooms():
        assert_type(each, Room)
    async for page in conference.rooms().pages():
        assert_type(page, Sequence[Room])
    assert_type([session.id async for session in conference.sessions(room)], list[str])


async def people(conference: Conference, room: Room, row: dict[str, str]) -> None:
    ann = await conference.register(room, email="ann@example.com", first_name="Ann")
    assert_type(ann, Participant)
    assert_type(ann.id, str | None)
    assert_type(ann.join_link, JoinLink | None)
    assert_type(ann.person, Person)
    await conference.register(room, Person(email="ann@example.com"), fields={"Company": "Acme"})
    assert_type(await conference.get_participant(room, "p-1"), Participant)
    assert_type(await conference.get_participant(room, email="ann@example.com"), Participant)
    await conference.invite(room, ["ann@example.com", Person(email="zoe@example.com")])
    await conference.invite(room, (email for email in row), role="presenter", language="pl")
    link = await conference.join_link(room, role=Role.HOST, name="Ann", email="ann@example.com")
    assert_type(link, JoinLink)
    assert_type(link.url, str)
    tokens = await conference.create_access_tokens(room, 5)
    assert_type(tokens, Sequence[AccessToken])
    assert_type(await conference.join_link(room, person=ann, token=tokens[0]), JoinLink)
    assert_type(tokens[0].code.reveal(), str)
    await conference.revoke_access_tokens(room, tokens)


async def sessions(conference: Conference, room: Room) -> None:
    assert_type(await conference.start_session(room, "Ann"), JoinLink)
    assert_type(await conference.start_session(room.id, Person(name="Ann")), JoinLink)
    session = await conference.get_session("s-1")
    assert_type(session.duration, timedelta | None)
    await conference.end_session(session)
    async for presence in conference.attendance(session):
        assert_type(presence.segments, tuple[Segment, ...])
        assert_type(presence.duration, timedelta | None)
        assert_type(presence.share_of(session), float | None)
    report = await conference.wait_for_report(await conference.create_report(session), every=5)
    assert_type(report, Report)
    assert_type(await conference.download(report, "report.pdf", replace=True), Path)
    for recording in await conference.recordings(room).collect():
        assert_type(await conference.download(recording, Path("film.mp4")), Path)
        await conference.delete_recording(recording)
    reply = await conference.request("GET", "/phone_gateways", query={"page": 1})
    assert_type(reply, RawReply)
    assert_type(reply.status, int)
    assert_type(reply.body, bytes)


async def templates(conference: Conference) -> None:
    template = await conference.create_template("Plain", default=True)
    assert_type(template, Template)
    assert_type(await conference.update_template(template, native={"layout": 3}), Template)
    await conference.create_room("Launch", template=template)
    await conference.create_room("Launch", template=template.id)
    await conference.delete_template(template)
