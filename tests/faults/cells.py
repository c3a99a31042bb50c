"""One cell of the fault matrix: one operation under one fault, and whether it ended as it should."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any, Final, Self

import steps
from attrs import evolve, field, frozen
from canaries import note_outcome
from front import Front
from join_links import plain
from kinds import Kind
from operations import Case
from staging import Baseline, Step, Theatre, added

from conferencing import (
    ConferencingError,
    JoinLink,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Report,
    Room,
    Sent,
    Template,
)
from conferencing.accounts.context import SystemClock
from conferencing.http.request import Effect
from conferencing.testing.scenario import Scenario
from conferencing.testing.state import counts

__all__ = ["LIMIT", "Ending", "Floor", "strikes", "verdict"]

LIMIT: Final = 0.4
"""The time limit of a call that meets something slow, in seconds."""

TOKEN: Final = "/token"


@frozen(kw_only=True)
class Ending:
    """How a cell ended: what came of it, and what the server and the world say."""

    case: Case
    kind: Kind
    base: Baseline
    step: Step | None
    once: bool
    came: Any = field(repr=False)
    tries: int
    added: dict[str, int]
    opens: str | None
    strayed: bool
    seconds: float

    @property
    def error(self) -> ConferencingError | None:
        """The error that it ended in, or None."""
        return self.came if isinstance(self.came, ConferencingError) else None

    @property
    def careful(self) -> bool:
        """Whether it is the lost reply to what makes a second thing, or annoys, if repeated."""
        step = self.step
        return self.kind.lost and step is not None and step.effect in {Effect.CREATE, Effect.NOTIFY}

    def __str__(self) -> str:
        place = f" at {self.step.method} {self.step.template}" if self.step else ""
        return f"{self.case}{place}, {self.kind}{' once' if self.once else ''}"


class Floor:
    """Where cells are played: one simulator behind a server, and another server to stray to."""

    def __init__(self, adapter: str, *, seed: int = 0) -> None:
        self.theatre = Theatre(adapter, seed=seed)
        self._kept: tuple[Case, Scenario] | None = None

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        self._elsewhere = await self._stack.enter_async_context(Front(self.theatre.simulator))
        self.front = await self._stack.enter_async_context(
            Front(self.theatre.simulator, elsewhere=self._elsewhere.origin)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def set(self, case: Case, base: Baseline) -> Scenario:
        """Set the stage; one on which nothing changes stays."""
        if self._kept is not None and self._kept[0] is case and base.harmless:
            return self._kept[1]
        scenario = await self.theatre.staged(case)
        self._kept = case, scenario
        return scenario

    async def play(
        self,
        case: Case,
        base: Baseline,
        kind: Kind,
        at: int = 0,
        *,
        once: bool = False,
        **keys: Any,
    ) -> Ending:
        """Play an operation by a new client and let its request of this number go wrong.

        `keys` are laid over the account.
        """
        scenario = await self.set(case, base)
        if kind.slow:
            keys["timeout"] = LIMIT
        clock = SystemClock() if kind.slow else None
        strayed = self._elsewhere.connections
        async with (
            (kind.join_target or plain)(self.front) as join_target,
            self.theatre.connect(
                join_target.origin, clock=clock, session=join_target.session, **keys
            ) as client,
        ):
            if kind.warm or kind.idle:
                self.front.strike(steps.close_after if kind.idle else None)
                await client.check()
                await asyncio.sleep(0.01 if kind.idle else 0)  # to notice that it is closed
            self.front.strike(kind.play, at, 1 if once else 2**31)
            before = counts(scenario.world)
            begun = time.perf_counter()
            came = await outcome(case.call(evolve(scenario, conference=client)))
            return Ending(
                case=case, kind=kind, base=base, once=once, came=came,
                step=base.steps[at] if at < len(base.steps) else None,
                tries=self.front.tries, added=added(before, scenario), opens=_opens(scenario, came),
                strayed=self._elsewhere.connections > strayed, seconds=time.perf_counter() - begun,
            )  # fmt: skip


async def outcome(work: Any) -> Any:
    """Return what came of it: a result, or whatever was raised."""
    try:
        came = await work
    except Exception as error:  # noqa: BLE001 - what is raised is the question
        came = error
    note_outcome(came)
    return came.with_traceback(None) if isinstance(came, Exception) else came


def strikes(base: Baseline, kind: Kind) -> list[int]:
    """Return the numbers of the requests that this fault can strike."""
    if kind.join_target is not None:
        return [0][: len(base.steps)]
    if kind.warm or kind.idle:  # the token is there by then
        first = [n for n, step in enumerate(base.steps) if step.template != TOKEN]
        return first[:1]
    return list(range(len(base.steps)))


# ------------------------------------------------------------------------------------ the verdict


def verdict(ending: Ending) -> str | None:
    """Return what is wrong with how a cell ended, or None."""
    faults = [
        *([_wrong_result(ending)] if ending.error is None else _wrong_error(ending, ending.error)),
        _twice(ending),
        "it followed the redirect" if ending.strayed else None,
    ]
    told = [fault for fault in faults if fault]
    return f"{ending}: {'; '.join(told)}" if told else None


def _twice(ending: Ending) -> str | None:
    for name, count in ending.added.items():
        if abs(count) > abs(ending.base.added.get(name, 0)):
            return f"{name} changed by {count}"
    return None


def _wrong_result(ending: Ending) -> str | None:
    if isinstance(ending.came, Exception):
        return f"untyped {ending.came!r}"
    if ending.added == ending.base.added and alike(ending.came, ending.base.result, ending.opens):
        return None
    if _absent(ending) and not ending.came and not ending.added:
        return None
    return f"returned {ending.came!r:.300} and added {ending.added}, not {ending.base.result!r:.300}, {ending.base.added}"


ABSENT: Final = frozenset(
    [
        "/conferences/{room}/token",  # nobody has a token under this address
        "/api/v1/get_record/",  # there is no recording, or not yet
        "/recordings/get_record",
        "/rooms/get_active_room_info",  # it does not run
        "/rooms/fetch_past_rooms",  # it never ran
    ]
)
"""Where a vendor's 404 is an answer and no failure; a deletion of what is gone is done as well."""


def _absent(ending: Ending) -> bool:
    step = ending.step
    if step is None or ending.kind.error is not NotFound:
        return False
    return step.method == "DELETE" or step.template in ABSENT


def alike(came: Any, wanted: Any, opens: str | None) -> bool:
    """Return whether a result is right: the same, or one that says less or is as good.

    A second link into the same room is as good as the first, if it really `opens` that room; a
    link into a session may not know which one it is; a report makes progress with each look; what
    is made after another token was given out has another id, drawn from the same chance.
    """
    if came == wanted or type(came) is not type(wanted):
        return bool(came == wanted)
    if isinstance(came, JoinLink):
        here = evolve(wanted, url=came.url, session_id=came.session_id)
        same = came.url == wanted.url or opens == "the room"
        return came == here and same and came.session_id in {None, wanted.session_id}
    if isinstance(came, Report):
        return (came.id, came.kind, came.language) == (wanted.id, wanted.kind, wanted.language)
    later = isinstance(came, Room | Template) and opens == "new"
    return later and bool(came == evolve(wanted, id=came.id))


def _opens(scenario: Any, link: Any) -> str | None:
    """Return what a link opens in the vendor's world, or that a thing is new there."""
    if isinstance(link, Room | Template):
        return "new" if link.id in scenario.world.rooms | scenario.world.templates else None
    join_target = scenario.join_target(link) if isinstance(link, JoinLink) else None
    real = scenario.real_room()
    if join_target is None or real is None or join_target.room_id != real.id:
        return None
    return (
        "the room"
        if {way.role for way in join_target.entry_options} <= {link.role}
        else "another role"
    )


def _wrong_error(ending: Ending, error: ConferencingError) -> list[str | None]:
    wanted, sent = _right(ending)
    attempts = ending.tries or error.attempts  # at some doors nobody counts
    if error.attempts == 0 and Sent.NO in sent:
        attempts = 0  # of the call itself: only its token was asked for
    return [
        None if isinstance(error, wanted) else f"raised {error!r}, not {wanted}",
        None if error.sent in sent else f"says sent={error.sent}, not {' or '.join(sent)}",
        None if error.attempts == attempts else f"tells {error.attempts} attempts of {attempts}",
    ]


def _right(ending: Ending) -> tuple[Any, set[Sent]]:
    """Return the error that is right here, and what it may say of the request."""
    kind, step = ending.kind, ending.step
    sent = {kind.sent}
    if kind.slow and kind.join_target is not None:
        sent.add(Sent.NO)  # the connection may never have been made
    if step is None or _absent(ending):
        return ProviderError, sent  # what is made of the answer
    if step.template == TOKEN and len(ending.base.steps) > 1:
        return kind.error, {Sent.NO}  # of the call that wants the token
    once = not step.effect.repeatable or (ending.case.once and step.changes)
    if kind.lost and once and kind.sent is not Sent.NO:
        if ending.error is not None and ending.error.sent is Sent.NO:
            return kind.error, sent
        return OutcomeUnknown if not step.effect.repeatable else (OutcomeUnknown, kind.error), sent
    return kind.error, sent
