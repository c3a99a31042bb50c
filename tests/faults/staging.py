"""A stage without a network: an operation is prepared, or replayed, on a simulator called directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from attrs import evolve, field, frozen
from canaries import note_traffic
from operations import ADAPTERS, Case, cases

from conferencing import Conference, connect
from conferencing.accounts.config import Account, read_account
from conferencing.accounts.context import Clock
from conferencing.http.line import Line
from conferencing.http.reply import Reply
from conferencing.http.request import Effect, Outgoing
from conferencing.sandbox.simulator import Answer, Call, Simulator
from conferencing.testing import FakeClock
from conferencing.testing.base import Harness
from conferencing.testing.scenario import Scenario
from conferencing.testing.state import counts, state

__all__ = [
    "ORIGIN",
    "Baseline",
    "Direct",
    "Step",
    "Theatre",
    "added",
    "as_answer",
    "baselines",
    "called",
]

ORIGIN: Final = "http://127.0.0.1:9"
"""What stands in the links that a vendor makes: the same in each run, so that results compare."""

Answerer = Callable[[Outgoing, Mapping[str, str]], Reply]


class Direct(Line):
    """Put requests to a function instead of on the wire; all else is as it is."""

    def __init__(self, provider: Any, answer: Answerer) -> None:
        base_url, headers = provider.settings.base_url, provider.headers()
        super().__init__(provider.name, base_url, headers, provider._policy, provider.context)
        self._answer = answer

    async def exchange(self, outgoing: Outgoing, grant: Any, seconds: float) -> Reply:
        headers = self._headers_of(outgoing) | dict(grant.headers(outgoing))
        reply = self._answer(outgoing, {name.lower(): value for name, value in headers.items()})
        return evolve(reply, secrets=lambda: (*outgoing.request.secrets, *grant.secrets))


@frozen(kw_only=True)
class Step:
    """A request of an operation; `changes` says that the vendor's world is another one after it."""

    method: str
    path: str
    template: str
    effect: Effect
    reply: Reply = field(repr=False)
    changes: bool


@frozen(kw_only=True)
class Baseline:
    """How an operation goes when nothing goes wrong, and what there is more of in the world then."""

    result: Any = field(repr=False)
    steps: tuple[Step, ...]
    added: Mapping[str, int]

    @property
    def harmless(self) -> bool:
        """Whether it only reads, and all is as it was."""
        return not any(step.changes or step.effect is not Effect.READ for step in self.steps)


class Theatre:
    """One adapter and its simulator, which is set anew for each scene; always the same scene."""

    def __init__(self, adapter: str, *, seed: int = 0) -> None:
        self.adapter = adapter
        self.harness = Harness(ADAPTERS[adapter]())
        self.served = self.harness.served
        self.simulator: Simulator = self.served.simulator
        self.simulator.seed = seed
        self.simulator.origin = ORIGIN
        self.simulator.reset()
        self._known: dict[tuple[Any, ...], Account] = {}

    def account(self, origin: str = ORIGIN, **keys: Any) -> dict[str, Any]:
        """Return the account, with its API at an origin."""
        account = self.harness.account()
        base = origin + urlsplit(account["base_url"]).path
        return {**account, "base_url": base, **keys}

    def connect(
        self,
        origin: str = ORIGIN,
        *,
        clock: Clock | None = None,
        session: aiohttp.ClientSession | None = None,
        **keys: Any,
    ) -> Conference:
        """Return a client; unless a clock is given, none of its waits takes time."""
        known = self._known.get((origin, *keys.items()))
        if known is None:  # reading an account takes longer than most cells
            known = self._known[(origin, *keys.items())] = read_account(
                self.account(origin, **keys)
            )
        return connect(known, clock=clock or FakeClock(), session=session)

    def direct(
        self, answer: Answerer | None = None, way: type[Direct] = Direct, **keys: Any
    ) -> Conference:
        """Return a client that asks the simulator, or a function, without a network."""
        client = self.connect(**keys)
        provider: Any = client.provider
        provider._line = lambda: way(provider, answer or self.answer)
        return client

    def answer(self, outgoing: Outgoing, headers: Mapping[str, str]) -> Reply:
        """Let the simulator answer."""
        base = urlsplit(self.account()["base_url"]).path.removeprefix(f"/{self.simulator.name}")
        target = base + outgoing.target
        answer = self.simulator.handle(called(outgoing.method, target, headers, outgoing.body))
        note_traffic(dict(headers), outgoing.body or b"", answer.body)
        told = {"content-type": answer.media_type} | {
            name.lower(): value for name, value in answer.headers.items()
        }
        return Reply(answer.status, told, answer.body)

    async def staged(self, case: Case) -> Scenario:
        """Set the world anew and bring about what an operation needs."""
        self.served.reset()
        self.simulator.origin = ORIGIN
        scenario = Scenario(
            harness=self.harness, conference=self.direct(), served=self.served, clock=FakeClock()
        )
        await scenario.prepare(*case.needs)
        if case.setup is not None:
            await case.setup(scenario)
        return scenario

    async def baseline(self, case: Case) -> Baseline:
        """Play an operation by a new client and note each request."""
        scenario = await self.staged(case)
        steps: list[Step] = []

        def noted(outgoing: Outgoing, headers: Mapping[str, str]) -> Reply:
            before = counts(scenario.world), state_of(scenario)
            reply = self.answer(outgoing, headers)
            steps.append(
                Step(
                    method=outgoing.method,
                    path=outgoing.target.partition("?")[0],
                    template=outgoing.template,
                    effect=outgoing.request.effect,
                    reply=reply,
                    changes=(counts(scenario.world), state_of(scenario)) != before,
                )
            )
            return reply

        before = counts(scenario.world)
        result = await case.call(evolve(scenario, conference=self.direct(noted)))
        return Baseline(result=result, steps=tuple(steps), added=added(before, scenario))


_baselines: dict[str, dict[Case, Baseline]] = {}


async def baselines(adapter: str) -> dict[Case, Baseline]:
    """Return how each operation of an adapter goes; the same every time, so it is kept."""
    if adapter not in _baselines:
        theatre = Theatre(adapter)
        _baselines[adapter] = {case: await theatre.baseline(case) for case in cases(adapter)}
    return _baselines[adapter]


def called(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Call:
    """Return a call as a simulator takes it."""
    path, _, query = target.partition("?")
    return Call(method=method, path=path, query=query, headers=headers, body=body or b"")


def as_answer(reply: Reply) -> Answer:
    """Return a reply as a simulator gives it."""
    named = {name: value for name, value in reply.headers.items() if name != "content-type"}
    kind = reply.headers["content-type"]
    return Answer(status=reply.status, body=reply.body, media_type=kind, headers=named)


def added(before: Mapping[str, int], scenario: Scenario) -> dict[str, int]:
    """Return what there is more of in the world, or less."""
    after = counts(scenario.world)
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


def state_of(scenario: Scenario) -> dict[str, object]:
    """Return all that is in the world."""
    return state(scenario.world) if scenario.world else {}
