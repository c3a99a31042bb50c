"""Ending a session ends this one and no other, whatever becomes of the replies."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import field, frozen

from conferencing import (
    AuthenticationFailed,
    Conference,
    Conflict,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProviderUnavailable,
    Room,
    Sent,
    Session,
    TransportError,
    connect,
)
from conferencing.sandbox import Answer, Call, Sandbox, ServedSimulator, World
from conferencing_vconnct.simulator import VConnctSimulator

COMMITTED = {
    "commit-reset": {},
    "commit-close": {},
    "cut": {"size": 0},
    "cut-reset": {"size": 0},
}
NOT_COMMITTED = {"reset": {}, "close": {}, "garbage": {}, "hang": {}, "status": {"status": 502}}
LOST = COMMITTED | NOT_COMMITTED
REFUSALS = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    500: ProviderUnavailable,
    503: ProviderUnavailable,
}
RESTS = 1.5
"""Seconds after which a call that hangs is given up."""


class Eventful(VConnctSimulator):
    """Let things happen in the world just before a call arrives: `plot[method]` has them in order."""

    def reset(self) -> None:
        super().reset()
        self.plot: defaultdict[str, list[Callable[[], Any]]] = defaultdict(list)

    def handle(self, call: Call) -> Answer:
        events = self.plot[call.path.split("/")[3]]
        if events:
            events.pop(0)()
        return super().handle(call)


@frozen(kw_only=True)
class Scene:
    """A meeting with one session, known to the vendor by `key`; the wire's tale is kept."""

    conference: Conference
    served: ServedSimulator
    room: Room
    session: Session
    key: str
    starts: list[str] = field(factory=list)

    @property
    def world(self) -> World:
        return self.served.simulator.world

    @property
    def plot(self) -> defaultdict[str, list[Callable[[], Any]]]:
        return self.served.simulator.plot

    def tale(self) -> str:
        """Return the looks and the ends that reached the vendor, in order."""
        words = {"list_sessions": "look", "end_meeting": "end"}
        return " ".join(words[request.path.split("/")[3]] for request in self.served.requests)

    def end(self) -> None:
        """Let the first session end, by whomever."""
        running = self.world.running(self.room.id)
        if running is not None and running.id == self.key:
            self.world.end_session(self.room.id)

    def restart(self) -> None:
        """Let the first session be over and another one have begun."""
        self.end()
        self.starts.append(self.world.start_session(self.room.id, "Another").id)

    def running(self) -> str | None:
        session = self.world.running(self.room.id)
        return session.id if session else None


@pytest.fixture
async def scene(clock: Any) -> AsyncIterator[Scene]:
    async with opened(clock) as scene:
        yield scene


# ----------------------------------------------------------- a new session in place of the old one


@pytest.mark.parametrize("kind", LOST)
async def test_lost_reply_spares_the_next_session(kind, clock) -> None:
    async with opened(clock, timeout=RESTS if kind == "hang" else 60) as scene:
        scene.plot["list_sessions"] = [nothing, scene.restart]
        scene.served.fail(kind, match="end_meeting", **LOST[kind])
        await scene.conference.end_session(scene.session)
        assert scene.tale() == "look end look"
        assert [scene.running()] == scene.starts
        assert scene.world.session(scene.key).ended_at is not None


@pytest.mark.parametrize("kind", COMMITTED)
async def test_lost_reply_to_end_is_looked_up(scene, kind) -> None:
    scene.served.fail(kind, match="end_meeting", **COMMITTED[kind])
    await scene.conference.end_session(scene.session)
    assert scene.tale() == "look end look"
    assert scene.running() is None


async def test_second_try_spares_the_next_session(scene) -> None:
    scene.plot["list_sessions"] = [nothing, nothing, scene.restart]
    scene.served.fail("reset", match="end_meeting", times=2)
    await scene.conference.end_session(scene.session)
    assert scene.tale() == "look end look end look"
    assert [scene.running()] == scene.starts


async def test_lost_look_is_repeated_without_end(scene) -> None:
    scene.plot["list_sessions"] = [nothing, scene.restart]
    scene.served.fail("commit-reset", match="end_meeting")
    scene.served.fail("reset", match="list_sessions")
    await scene.conference.end_session(scene.session)
    assert scene.tale() == "look look end look"
    assert [scene.running()] == scene.starts


# ------------------------------------------------------------------------------ trying again, or not


@pytest.mark.parametrize("kind", NOT_COMMITTED)
async def test_lost_end_is_repeated_after_a_look(kind, clock) -> None:
    async with opened(clock, timeout=RESTS if kind == "hang" else 60) as scene:
        scene.served.fail(kind, match="end_meeting", **NOT_COMMITTED[kind])
        await scene.conference.end_session(scene.session)
        assert scene.tale() == "look end look end"
        assert scene.running() is None


async def test_end_is_tried_three_times(scene) -> None:
    scene.served.fail("reset", match="end_meeting", times=99)
    with pytest.raises(OutcomeUnknown) as caught:
        await scene.conference.end_session(scene.session)
    assert scene.tale() == "look end look end look end look"
    assert scene.running() == scene.key
    assert caught.value.sent is Sent.MAYBE
    assert caught.value.operation == "end_session"


async def test_error_counts_the_ends(scene) -> None:
    scene.served.fail("reset", match="end_meeting", times=99)
    with pytest.raises(OutcomeUnknown) as caught:
        await scene.conference.end_session(scene.session)
    assert caught.value.attempts == scene.tale().count("end") == 3


@pytest.mark.parametrize("status", REFUSALS)
async def test_refused_end_is_not_repeated(scene, status) -> None:
    scene.served.fail("status", status=status, match="end_meeting", times=9)
    with pytest.raises(REFUSALS[status], match=str(status)):
        await scene.conference.end_session(scene.session)
    assert scene.tale().count("end") == 1
    assert scene.running() == scene.key


async def test_late_end_is_success(scene) -> None:
    """The second try finds that the first one, whose reply was lost, has been carried out."""
    scene.plot["end_meeting"] = [scene.end]
    scene.served.fail("reset", match="end_meeting")
    await scene.conference.end_session(scene.session)
    assert scene.running() is None


async def test_end_without_look_is_unknown(scene) -> None:
    """It has happened, so nothing may say that it did not, or that it failed otherwise."""
    scene.served.fail("commit-reset", match="end_meeting")
    scene.plot["list_sessions"] = [lambda: fail_looks(scene)]
    with pytest.raises(OutcomeUnknown):
        await scene.conference.end_session(scene.session)
    assert scene.running() is None


# --------------------------------------------------------------------- nothing to end, or no way


async def test_ended_session_is_a_conflict(scene) -> None:
    scene.end()
    with pytest.raises(Conflict) as caught:
        await scene.conference.end_session(scene.session)
    assert caught.value.sent is Sent.NO
    assert scene.tale() == "look"


async def test_session_is_ended_by_id(scene) -> None:
    await scene.conference.end_session(scene.session.id)
    assert scene.tale() == "look end"
    assert scene.running() is None


@pytest.mark.parametrize("session_id", ["5", "1:", ":1", "1:2:3"])
async def test_malformed_session_id_is_not_sent(scene, session_id) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await scene.conference.end_session(session_id)
    assert (caught.value.field, caught.value.sent) == ("session", Sent.NO)
    assert scene.served.requests == []


async def test_refused_look_ends_nothing(scene) -> None:
    scene.served.fail("status", status=401, match="list_sessions")
    with pytest.raises(AuthenticationFailed):
        await scene.conference.end_session(scene.session)
    assert scene.tale() == "look"


async def test_refused_connection_sent_nothing(sandbox, clock, unused_tcp_port) -> None:
    account = sandbox.account("vconnct") | {"base_url": f"http://127.0.0.1:{unused_tcp_port}"}
    async with connect(account, clock=clock) as client:
        with pytest.raises(TransportError) as caught:
            await client.end_session("room:session")
    assert (type(caught.value), caught.value.sent) == (TransportError, Sent.NO)


async def test_refused_connection_after_look_sent_nothing(clock) -> None:
    """The vendor becomes unreachable after it listed the running session."""
    rows = b'{"status":true,"data":[{"session_id":"s"}]}'
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(rows)
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        server.close()
        writer.write(head + rows)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    account = {"provider": "vconnct", "license": "k", "base_url": url}
    async with connect(account, clock=clock) as client:
        with pytest.raises(TransportError) as caught:
            await client.end_session("r:s")
    assert (type(caught.value), caught.value.sent) == (TransportError, Sent.NO)
    assert [head.split()[1] for head in heads] == [b"/api/v1/list_sessions/?meeting_id=r"]


# --------------------------------------------------------------------------------------- helpers


@asynccontextmanager
async def opened(clock: Any, timeout: float = 60) -> AsyncIterator[Scene]:  # noqa: ASYNC109 - a setting
    """Give a meeting that runs, on a simulator in which things happen."""
    sandbox = Sandbox([])
    sandbox.simulators["vconnct"] = served = ServedSimulator(Eventful())
    async with sandbox:
        account = sandbox.account("vconnct") | {"timeout": timeout}
        async with connect(account, clock=clock) as client:
            room = await client.create_room("Class")
            await client.start_session(room, "Mod")
            (session,) = await client.sessions(room).collect()
            served.requests.clear()
            key = session.native["session_id"]
            yield Scene(conference=client, served=served, room=room, session=session, key=key)


def nothing() -> None:
    """Let nothing happen."""


def fail_looks(scene: Scene) -> None:
    scene.served.fail("reset", match="list_sessions", times=99)
