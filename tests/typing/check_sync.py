"""How a user calls the blocking client: the same names, without `await`."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import assert_type

import conferencing.sync
from conferencing import (
    Attendance,
    Capabilities,
    ConferenceProvider,
    JoinLink,
    Participant,
    Person,
    Report,
    Room,
    Session,
)
from conferencing.provider import RawReply
from conferencing.sync import Conference, Listing


def connecting() -> None:
    assert_type(conferencing.sync.connect(), Conference)
    with conferencing.sync.connect({"provider": "memory"}, app="shop/1.0") as conference:
        assert_type(conference, Conference)
        assert_type(conference.provider, ConferenceProvider)
        assert_type(conference.capabilities, Capabilities)
        conference.close()


def listings(conference: Conference, room: Room) -> None:
    assert_type(conference.rooms(), Listing[Room])
    assert_type(conference.sessions(room), Listing[Session])
    assert_type(conference.participants(room).collect(), list[Participant])
    assert_type(conference.rooms().pages(), Iterator[Sequence[Room]])
    for each in conference.rooms():
        assert_type(each, Room)
        for session in conference.sessions(each):
            assert_type(session, Session)
            assert_type([who.duration for who in conference.attendance(session)], Durations)


def calls(conference: Conference, session: Session) -> None:
    room = conference.create_room("Launch", kind="webinar", duration=timedelta(hours=1))
    assert_type(room, Room)
    assert_type(conference.update_room(room, name="Lunch", capacity=5), Room)
    assert_type(conference.register(room, email="ann@example.com"), Participant)
    assert_type(conference.register(room, Person(email="ann@example.com")), Participant)
    assert_type(conference.join_link(room, role="presenter", name="Zoë"), JoinLink)
    report = conference.wait_for_report(conference.create_report(session))
    assert_type(report, Report)
    assert_type(conference.download(report, "report.pdf"), Path)
    assert_type(conference.request("GET", "/rooms"), RawReply)


Durations = list[timedelta | None]
PersonAttendance = Attendance
