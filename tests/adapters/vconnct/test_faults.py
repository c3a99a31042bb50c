"""Replies that are lost or make no sense: nothing is done twice, and nothing is taken for done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from attrs import field, frozen

from conferencing import (
    ConferencingError,
    MalformedResponse,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    RoomSettings,
)

HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"
SENSELESS = {
    "html": (HTML, "text/html"),
    "null": ("null", "application/json"),
    "a list": ("[]", "application/json"),
    "another object": ('{"hello":"world"}', "application/json"),
    "nothing": ("", "application/json"),
}
WITHOUT_RESULT = {"delete_scheduled_meeting", "end_meeting", "end_room"}
TEN = RoomSettings(
    public_chat=True, private_chat=True, microphone=True, camera=True, see_cameras=True,
    shared_notes=True, change_layout=True, recording=True, auto_recording=True,
    recording_control=True,
)  # fmt: skip


@frozen
class Step:
    """A call, the method of the vendor that it is about, and what of the world it adds.

    `repeats` says what follows on a lost reply: the call is made `again`, `never`, or the adapter
    `looks` whether it has happened. What is `guarded` is not even made again after a 429.
    """

    call: Callable[[Any], Awaitable[Any]]
    method: str
    adds: Mapping[str, int] = field(factory=dict[str, int])
    repeats: str = "again"


ROOM, SESSION = {"rooms": 1}, {"sessions": 1}
V1 = {
    "check": Step(lambda s: s.conference.check(), "list_general_meeting_setting"),
    "rooms": Step(lambda s: s.conference.rooms().collect(), "list_meetings"),
    "room_settings": Step(lambda s: s.conference.room_settings(s.room), "list_setting"),
    "create_room": Step(
        lambda s: s.conference.create_room("New", settings=TEN), "create_meeting", ROOM, "never"
    ),
    "update_room": Step(lambda s: s.conference.update_room(s.room, name="x"), "update_meeting"),
    "delete_room": Step(
        lambda s: s.conference.delete_room(s.room), "delete_scheduled_meeting", {"rooms": -1}
    ),
    "start_session": Step(
        lambda s: s.conference.start_session(s.room, "Mod"), "start_meeting", SESSION, "never"
    ),
    "end_session": Step(
        lambda s: s.conference.end_session(s.running), "end_meeting", {"recordings": 1}, "guarded"
    ),
    "join_link": Step(lambda s: s.conference.join_link(s.live, name="Zoë"), "join_meeting"),
    "sessions": Step(lambda s: s.conference.sessions(s.room).collect(), "list_sessions"),
    "attendance": Step(lambda s: s.conference.attendance(s.session).collect(), "list_attendance"),
    "recordings": Step(lambda s: s.conference.recordings(s.session).collect(), "get_record"),
}
V4 = {
    "check": Step(lambda s: s.conference.check(), "get_active_rooms_info"),
    "get_room": Step(lambda s: s.conference.get_room(s.live.id), "get_active_room_info"),
    "past": Step(lambda s: s.conference.get_room(s.past.id), "fetch_past_rooms"),
    "create_room": Step(
        lambda s: s.conference.create_room("New"), "create_quick_video_room", ROOM | SESSION
    ),
    "start_session": Step(
        lambda s: s.conference.start_session(s.planned, "M"), "start_schedule", SESSION, "looks"
    ),
    "end_session": Step(lambda s: s.conference.end_session(s.live.id), "end_room"),
    "join_link": Step(lambda s: s.conference.join_link(s.live, name="Z"), "create_invitation_link"),
    "attendance": Step(lambda s: s.conference.attendance(s.past.id).collect(), "get_analytics"),
    "recordings": Step(lambda s: s.conference.recordings(s.past).collect(), "get_record"),
}


@frozen
class Played:
    """A step, and the stage of its generation."""

    step: Step
    scenario: Any

    async def call(self) -> Any:
        return await self.step.call(self.scenario)

    def fail(self, kind: str, **details: Any) -> None:
        self.scenario.served.fail(kind, match=self.step.method, **details)

    def requests(self) -> int:
        """Count the requests of the step's own method."""
        return sum(self.step.method in one.path for one in self.scenario.served.requests)

    def tally(self) -> dict[str, int]:
        world = self.scenario.world
        return {name: len(getattr(world, name)) for name in ("rooms", "sessions", "recordings")}


@pytest.fixture(params=[("v1", name) for name in V1] + [("v4", name) for name in V4], ids=" ".join)
def played(request: pytest.FixtureRequest) -> Played:
    version, name = request.param
    scenario = request.getfixturevalue("cloud" if version == "v4" else "scenario")
    return Played({"v1": V1, "v4": V4}[version][name], scenario)


async def test_meaningless_success_raises(played: Played) -> None:
    for kind, (body, media_type) in SENSELESS.items():
        if kind == "another object" and played.step.method == "get_record":
            continue  # no recording is told by leaving it out, too
        if kind == "nothing" and played.step.method in WITHOUT_RESULT:
            continue  # no body is a success where a call has no result
        played.scenario.served.requests.clear()
        played.fail("status", status=200, body=body, media_type=media_type)
        with pytest.raises(MalformedResponse) as caught:
            await played.call()
        assert caught.value.path.startswith("$"), kind
        assert played.requests() == 1


async def test_lost_reply_repeats_nothing(
    played: Played,
) -> None:
    before = played.tally()
    played.fail("commit-reset")
    if played.step.repeats == "never":
        with pytest.raises(OutcomeUnknown) as caught:
            await played.call()
        assert caught.value.attempts == played.requests() == 1
    else:
        await played.call()
        assert played.requests() == (2 if played.step.repeats == "again" else 1)
    after = played.tally()
    changes = {name: after[name] - one for name, one in before.items() if after[name] != one}
    assert changes == played.step.adds


async def test_failing_vendor_raises(played: Played) -> None:
    before = played.tally()
    played.fail("status", status=503, times=99)
    with pytest.raises(ProviderUnavailable) as caught:
        await played.call()
    attempts = 4 if played.step.repeats == "again" else 1
    assert caught.value.attempts == played.requests() == attempts
    assert played.tally() == before


async def test_throttled_call_waits_as_told(played: Played, clock: Any) -> None:
    played.fail("status", status=429, headers={"Retry-After": "7"})
    if played.step.repeats == "guarded":  # whoever calls looks before the next try
        with pytest.raises(RateLimited) as caught:
            await played.call()
        assert caught.value.retry_after == 7
        return
    await played.call()
    assert played.requests() == 2
    assert 7 <= max(clock.slept) < 8


async def test_error_names_account_and_operation(played: Played) -> None:
    played.fail("status", status=400)
    with pytest.raises(ConferencingError) as caught:
        await played.call()
    assert (caught.value.provider, caught.value.account) == ("vconnct", "vconnct")
    assert caught.value.operation is not None
