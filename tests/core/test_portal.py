"""The thread behind a blocking client: many callers, other loops, forks, interrupts and the end."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bare_provider import BareProvider, NoSettings

from conferencing import ClientClosed, Room, sync
from conferencing.accounts.context import Context
from conferencing.portal import Portal


class Waiting(BareProvider):
    """A provider that answers when it is let, and remembers who was cancelled."""

    name = "waiting"

    def __init__(self, settings: NoSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.reached = threading.Event()
        self.cancelled = False
        self.closed = False
        self.inside: Callable[[], Any] = lambda: None

    async def check(self) -> None:
        self.reached.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise

    async def aclose(self) -> None:
        self.closed = True

    async def get_room(self, room_id: str) -> Room:
        self.inside()
        await asyncio.sleep(0)
        return Room(id=room_id, name=threading.current_thread().name)


def test_eight_threads_share_one_client() -> None:
    def work(number: int) -> list[str]:
        return [conference.get_room(f"{number}-{turn}").id for turn in range(50)]

    with (
        sync.connect({"provider": Waiting}) as conference,
        ThreadPoolExecutor(8) as pool,
    ):
        done = list(pool.map(work, range(8)))
    assert done == [[f"{number}-{turn}" for turn in range(50)] for number in range(8)]


async def test_blocking_client_works_beside_a_loop() -> None:
    with sync.connect({"provider": Waiting}) as conference:
        assert conference.get_room("7").name == "conferencing"
        assert (await asyncio.to_thread(conference.get_room, "8")).id == "8"


def test_blocking_call_in_its_own_loop_raises() -> None:
    with sync.connect({"provider": Waiting}) as conference:
        conference.provider.inside = lambda: conference.get_room("other")
        with pytest.raises(ClientClosed, match="event loop"):
            conference.get_room("7")
        conference.provider.inside = lambda: None
        assert conference.get_room("7").id == "7"


def test_waiting_call_raises_client_closed() -> None:
    conference = sync.connect({"provider": Waiting})
    waiting = Caller(conference.check)
    assert conference.provider.reached.wait(5)
    conference.close()
    assert outcomes(waiting) == [ClientClosed]
    assert conference.provider.cancelled


def test_calls_during_close_end() -> None:
    def call_on() -> None:
        barrier.wait(5)
        while conference.get_room("7").id == "7":
            pass

    for _ in range(20):
        barrier = threading.Barrier(5)
        conference = sync.connect({"provider": Waiting})
        callers = [Caller(call_on) for _ in range(4)]
        barrier.wait(5)
        conference.close()
        assert outcomes(*callers) == [ClientClosed] * 4


def test_closed_portal_runs_nothing() -> None:
    async def one() -> int:
        return 1

    portal = Portal()
    assert portal.run(one()) == 1
    assert not portal.closed
    portal.close()
    portal.close()
    assert portal.closed
    with pytest.raises(ClientClosed, match="connect again"):
        portal.run(one())


def test_timeout_of_the_call_is_passed_on() -> None:
    async def late() -> None:
        raise TimeoutError("late")

    portal = Portal()
    with pytest.raises(TimeoutError, match="late"):
        portal.run(late())
    portal.close()


def test_close_cancels_running_tasks() -> None:
    cancelled = threading.Event()

    async def begin() -> asyncio.Task[None]:
        async def forever() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        return task

    portal = Portal()
    task = portal.run(begin())
    portal.close()
    assert cancelled.is_set()
    assert task.cancelled()


def test_client_made_before_fork_raises(python) -> None:
    output = python("""
import os, warnings
from conferencing import ClientClosed, sync
warnings.simplefilter("ignore")  # newer Pythons warn of any fork beside a thread
conference = sync.connect({"provider": "memory"})
room = conference.create_room("Launch")
if os.fork() == 0:
    try:
        conference.get_room(room.id)
    except ClientClosed as error:
        print("child:", error, flush=True)
    conference.close()
    with sync.connect({"provider": "memory"}) as anew:
        print("child:", anew.create_room("Anew").name, flush=True)
    os._exit(0)
os.wait()
print("parent:", conference.get_room(room.id).name)
conference.close()
""")
    refused, anew, parent = output.splitlines()
    assert "fork" in refused
    assert (anew, parent) == ("child: Anew", "parent: Launch")


def test_interrupt_cancels_the_call(python) -> None:
    output = python("""
import asyncio, os, signal, sys, threading
from conferencing import ConferenceProvider, Room, sync
import attrs

@attrs.frozen
class NoSettings: ...

class Slow(ConferenceProvider):
    name, settings_class = "slow", NoSettings
    def __init__(self, settings, context):
        self.context, self.cancelled = context, threading.Event()
    async def check(self):
        main = threading.main_thread().ident
        while sys._current_frames()[main].f_code.co_name != "wait":
            await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
    async def get_room(self, room_id):
        return Room(id=room_id)

with sync.connect({"provider": Slow}) as conference:
    try:
        conference.check()
    except KeyboardInterrupt:
        print("interrupted", conference.provider.cancelled.wait(5))
    print(conference.get_room("still there").id)
""")
    assert output.splitlines() == ["interrupted True", "still there"]


def test_program_ends_with_open_client(python) -> None:
    program = """
from conferencing import sync
conference = sync.connect({"provider": "memory"})
print(conference.create_room("Launch").name)
"""
    assert python(program) == "Launch"


def test_dropped_client_ends_its_thread(python) -> None:
    printed = python("""
import gc, os, threading, warnings
from conferencing import sync

def open_files():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

def use():
    conference = sync.connect({"provider": "memory"})
    conference.create_room("Launch")
    return [thread for thread in threading.enumerate() if thread.name == "conferencing"]

before = open_files()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    threads = [thread for _ in range(20) for thread in use()]
    gc.collect()
    for thread in threads:
        thread.join(10)
print(any(thread.is_alive() for thread in threads), open_files() - before)
print(len(caught), caught[0].category.__name__, caught[0].message)
""")
    alive, warned = printed.splitlines()
    assert alive == "False 0"
    assert warned.startswith("20 ResourceWarning a blocking Conference was dropped without close()")


def test_dropped_client_is_cleaned_up() -> None:
    conference = sync.connect({"provider": Waiting})
    provider = conference.provider
    thread = conference.get_room("7").name
    running = [each for each in threading.enumerate() if each.name == thread]
    holder = [conference]
    del conference
    with pytest.warns(ResourceWarning, match="dropped without close"):
        holder.clear()
    for each in running:
        each.join(10)
    assert provider.closed


def test_listing_keeps_its_client_open() -> None:
    listings = [sync.connect({"provider": "memory"}).rooms()]
    gc.collect()
    assert listings[0].collect() == []
    with pytest.warns(ResourceWarning):
        listings.clear()


def test_close_inside_its_own_loop_is_refused() -> None:
    with sync.connect({"provider": Waiting}) as conference:
        conference.provider.inside = conference.close
        with pytest.raises(ClientClosed, match="event loop"):
            conference.get_room("7")


class Caller(threading.Thread):
    """A thread that calls, and remembers what it ended in; it may hang without stopping us."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.ended: object = "it hangs"
        self.start()

    def run(self) -> None:
        try:
            self.ended = self.work()
        except BaseException as error:  # noqa: BLE001 - the test compares any error
            self.ended = type(error)


def outcomes(*callers: Caller) -> list[object]:
    deadline = time.monotonic() + 5
    for caller in callers:
        caller.join(max(0.0, deadline - time.monotonic()))
    return [caller.ended for caller in callers]
