"""What GoTo does otherwise than one would expect: the numbered oddities of the vendor notes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenarios import BEA, HOUR

from conferencing import (
    Conflict,
    InvalidRequest,
    NotFound,
    Person,
    ProviderUnavailable,
    RateLimited,
    RegistrationStatus,
    Session,
    UnsupportedOption,
    connect,
)

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")


# ------------------------------------------------------------------------------------------- rooms


async def test_change_is_read_back_until_it_shows(scenario, clock) -> None:
    scenario.served.simulator.quirks["late_changes"] = True
    room = await scenario.conference.update_room(scenario.room, name="B")
    assert room.name == "B"
    assert clock.slept[-2:] == [0.5, 1.0]


async def test_change_that_never_shows_is_an_error(scenario) -> None:
    details = scenario.served.simulator.details_of(scenario.room.id)
    scenario.served.simulator.quirks["late_changes"] = True
    details.reads_of_former = 0
    await scenario.conference.update_room(scenario.room, name="B")
    scenario.served.simulator.quirks["late_changes"] = False
    details.reads_of_former = 99  # the former state still has the first name
    with pytest.raises(ProviderUnavailable, match="does not show it yet"):
        await scenario.conference.update_room(scenario.room, name="C")


async def test_change_of_a_past_webinar_is_refused(scenario, world, clock) -> None:
    world.advance(24 * HOUR)
    clock.time += 24 * HOUR.total_seconds()
    with pytest.raises(InvalidRequest, match="in progress or has ended"):
        await scenario.conference.update_room(scenario.room, name="B")


async def test_creation_whose_read_back_fails_is_a_room(conference, served, world) -> None:
    served.fail("status", status=500, times=9, match="/webinars/")
    room = await conference.create_room("Launch", starts_at=world.now + HOUR, duration=HOUR)
    assert (room.name, room.duration, room.join_url) == ("Launch", HOUR, None)
    served.faults.clear()
    assert (await conference.get_room(room.id)).join_url


async def test_series_is_a_webinar_for_each_date(conference, world) -> None:
    times = [
        {"startTime": f"2026-12-0{day}T09:00:00Z", "endTime": f"2026-12-0{day}T10:00:00Z"}
        for day in (1, 2, 3)
    ]
    first = await conference.create_room("Series", native={"type": "series", "times": times})
    listed = await conference.rooms().collect()
    assert len({room.native["recurrenceKey"] for room in listed}) == 1
    assert len(listed) == len({room.id for room in listed}) == 3
    await conference.delete_room(first)
    assert len(world.rooms) == 2


async def test_delete_all_takes_the_whole_series(sandbox, conference, world, clock) -> None:
    times = [
        {"startTime": f"2026-12-0{day}T09:00:00Z", "endTime": f"2026-12-0{day}T10:00:00Z"}
        for day in (1, 2)
    ]
    first = await conference.create_room("Series", native={"type": "series", "times": times})
    account = sandbox.account("gotowebinar") | {"delete_all": True}
    async with connect(account, clock=clock) as other:
        await other.delete_room(first)
    assert world.rooms == {}


async def test_webinar_in_session_is_not_deleted(scenario, world) -> None:
    world.enter(scenario.room.id, "Bea Nowak", BEA.email)
    with pytest.raises(Conflict, match="in session"):
        await scenario.conference.delete_room(scenario.room)
    (live,) = await scenario.conference.rooms(status="live").collect()
    assert (live.id, live.status) == (scenario.room.id, "live")


async def test_rooms_beyond_a_page_are_listed_once(conference, served, world) -> None:
    for number in range(401):
        world.add_room(name=str(number), starts_at=world.now + HOUR, duration=HOUR)
    assert len({room.id for room in await conference.rooms().collect()}) == 401
    assert len(served.requests) == 3


# ------------------------------------------------------------------------------------------ people


@pytest.mark.parametrize("bare", [False, True])
async def test_second_registration_is_the_first(scenario, bare) -> None:
    scenario.served.simulator.quirks["bare_conflicts"] = bare
    again = await scenario.conference.register(scenario.room, BEA)
    assert (again.id, again.existed) == (scenario.participant.id, True)
    assert again.join_link.url == scenario.participant.join_link.url
    assert scenario.participant.existed is False
    assert len(scenario.served.requests) == (2 if bare else 1)


async def test_conflict_about_nobody_is_a_conflict(scenario) -> None:
    scenario.served.fail("status", status=409)
    with pytest.raises(Conflict, match="lists no former one"):
        await scenario.conference.register(scenario.room, ANN)


async def test_lost_registration_is_found_by_registering_again(scenario) -> None:
    scenario.served.fail("commit-close")
    with pytest.raises(Exception, match="unknown whether it happened"):
        await scenario.conference.register(scenario.room, ANN)
    again = await scenario.conference.register(scenario.room, ANN)
    assert again.existed
    assert again.join_link is not None


async def test_link_comes_with_the_approval(scenario) -> None:
    simulator: Any = scenario.served.simulator
    simulator.require_approval(scenario.room.id)
    waiting = await scenario.conference.register(scenario.room, ANN)
    assert (waiting.status, waiting.join_link) == (RegistrationStatus.PENDING, None)
    with pytest.raises(Conflict, match="the registration is pending"):
        await scenario.conference.join_link(scenario.room, person=waiting)
    simulator.set_status(scenario.room.id, waiting.id, RegistrationStatus.APPROVED)
    link = await scenario.conference.join_link(scenario.room, person=waiting)
    assert link.personal
    simulator.set_status(scenario.room.id, waiting.id, RegistrationStatus.DENIED)
    denied = await scenario.conference.get_participant(scenario.room, waiting.id)
    assert (denied.status, denied.join_link) == (RegistrationStatus.DENIED, None)


async def test_link_of_a_panelist_is_found_again(scenario) -> None:
    links = [
        await scenario.conference.join_link(scenario.room, role="presenter", person=ANN)
        for _ in range(2)
    ]
    assert links[0].url == links[1].url
    assert len(scenario.world.outbox) == 2  # Bea's confirmation, and one invitation


async def test_cancelling_a_former_registration_is_no_error(scenario) -> None:
    await scenario.conference.cancel_registration(scenario.room, scenario.participant)
    await scenario.conference.cancel_registration(scenario.room, scenario.participant)


@pytest.mark.parametrize("role", ["attendee", "presenter"])
async def test_invitation_that_cannot_be_is_refused(scenario, role) -> None:
    language = None if role == "attendee" else "pl"
    with pytest.raises(UnsupportedOption):
        await scenario.conference.invite(scenario.room, [ANN], role=role, language=language)
    assert scenario.lines() == []


# ---------------------------------------------------------------------------------------- sessions


async def test_running_session_is_not_there_yet(scenario, world) -> None:
    world.enter(scenario.room.id, "Bea Nowak", BEA.email)
    running = world.running(scenario.room.id)
    assert len(await scenario.conference.sessions(scenario.room).collect()) == 1
    with pytest.raises(NotFound, match="that has ended"):
        await scenario.conference.get_session(f"{scenario.room.id}:{running.id}")
    session = Session(id=f"{scenario.room.id}:{running.id}")
    with pytest.raises(NotFound):
        await scenario.conference.attendance(session).collect()


async def test_figures_come_some_minutes_after_the_end(scenario, world) -> None:
    scenario.served.simulator.quirks["late_figures"] = True
    assert await scenario.conference.sessions(scenario.room).collect() == []
    world.advance(timedelta(minutes=10))
    assert len(await scenario.conference.sessions(scenario.room).collect()) == 1


async def test_visitor_without_registration_becomes_one(scenario, world) -> None:
    world.enter(scenario.room.id, "Dee Dee", "dee@example.com")
    world.advance(HOUR / 4)
    world.end_session(scenario.room.id)
    session = (await scenario.conference.sessions(scenario.room).collect())[-1]
    (record,) = await scenario.conference.attendance(session).collect()
    person = await scenario.conference.get_participant(scenario.room, record.participant_id)
    assert (person.display_name, person.native["type"]) == ("Dee Dee", "LATE")


async def test_recording_is_downloaded_without_the_token(scenario, served) -> None:
    file = scenario.recording.files[0]
    content = b"".join([part async for part in scenario.conference.provider.read_file(file)])
    assert content == scenario.world.files[scenario.world.file_ids[scenario.recording.id][0]]
    assert "authorization" not in served.requests[-1].headers


async def test_recordings_of_the_only_session_are_those_of_the_room(scenario, world) -> None:
    (recording,) = await scenario.conference.recordings(scenario.session).collect()
    assert (recording.id, recording.session_id) == (scenario.recording.id, scenario.session.id)
    world.enter(scenario.room.id, "Bea Nowak", BEA.email)
    world.end_session(scenario.room.id)
    with pytest.raises(UnsupportedOption, match="exactly one"):
        await scenario.conference.recordings(scenario.session).collect()


# ---------------------------------------------------------------------------------------- failures


async def test_bare_429_is_waited_for(scenario, served, clock) -> None:
    served.fail("status", status=429)
    await scenario.conference.get_room(scenario.room.id)
    assert len(served.requests) == 2
    assert clock.slept


async def test_eleventh_call_of_a_second_is_refused(scenario, served) -> None:
    served.simulator.quirks["rate_limits"] = True
    scenario.world.advance(timedelta(seconds=2))
    for _ in range(10):
        await scenario.conference.get_room(scenario.room.id)
    with pytest.raises(RateLimited):
        await scenario.conference.get_room(scenario.room.id)


async def test_empty_404_is_not_found(conference, served) -> None:
    served.simulator.quirks["empty_404"] = True
    with pytest.raises(NotFound):
        await conference.get_room("7878787878787878781")
