"""The whole catalogue: every fault at every request, cut and mutated replies, hostile ids."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from attrs import evolve

from conferencing.errors import (
    ConferencingError,
    MalformedResponse,
    ProviderError,
    Sent,
    TransportError,
    UnsupportedOperation,
)
from conferencing.testing.actions import cut_after, reply_with
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.evidence import Evidence
from conferencing.testing.expect import expect, type_of
from conferencing.testing.faults import FAULTS, Family, Fault
from conferencing.testing.injector import encode_answer
from conferencing.testing.mutation import format_place, leaves, mutate, replace
from conferencing.testing.operations import OperationCase
from conferencing.testing.replay import Replayer, Strike

from .faults import check_faults
from .replies import replay_with_changes
from .values import check_ids

__all__ = ["ExhaustiveTests", "hostile_ids"]

SIDE_BY_SIDE: Final = 8
"""How many slow faults are played at the same time."""

CUT_STEP: Final = 7
"""The number of bytes between two cuts of a reply; the first cut differs between replies."""

MUTATIONS: Final = 150
"""Mutated bodies for each reply of a call."""

KNOWN: Final = (
    ".", "..", "...", "../admin", "..%2fadmin", "%2e%2e", "%2e%2e/", "..\\", "/", "//",
    "//evil.example/", "a/b", "/etc/passwd", "a/../../b", "a%2fb", "%252e%252e", "?", "?x=1",
    "a?x=1#y", "#", "#x", "&x=1", "a&meeting_id=2", "=", ";", ";x=1", ":", "::", "1:2", "1:..",
    "..:..", "1:2:3", ":2", "a:b/c", "\r\n", "a\r\nX-Evil: 1", "a\nb", "\t", " ", "a b", "\x00",
    "a\x00b", "\x7f", "\u0085", "\u2028", "\u202e", "\u2024\u2024/", "\uff0e\uff0e\uff0f",
    "\ud800", "é", "東京", "💥", "@evil.example", "http://evil.example/", "https:", "[::1]",
    "{room}", "{0}", "%s", "%", "%%", "%zz", "a" * 5000, "0", "-1", "1e9", "None", "null", "true",
    "[]", "{}", "'", '"', "<x>", "|", "~", "^", "`", "*", "+", "a+b", "sessions", "1/sessions",
)  # fmt: skip
PIECES: Final = (
    "..", "/", "%2e", "%2f", "\\", "?", "#", "&", "=", ":", ";", "@", "\r\n", "\x00", "a", "1", "é",
    "%",
)  # fmt: skip


def hostile_ids(count: int) -> Iterator[str]:
    """Yield hostile ids: known ones, then `count` random ones, always the same."""
    yield from KNOWN
    random = Random(0)  # noqa: S311 - repeatable
    for _ in range(count):
        yield "".join(random.choice(PIECES) for _ in range(random.randint(2, 7)))


class ExhaustiveTests(SuiteBase):
    """Let every request of every call fail in every way."""

    def test_fault_ends_right(self, any_served_case: OperationCase, family: Family) -> None:
        """The result is right, or the error is the right one; nothing is done twice."""
        quick = [fault for fault in FAULTS if fault.family is family and not fault.slow]
        self.run(lambda harness: check_faults(harness, any_served_case, quick, thorough=True))
        slow = [fault for fault in FAULTS if fault.family is family and fault.slow]
        if slow:
            asyncio.run(_check_side_by_side(self, any_served_case, slow))

    def test_cut_reply_raises(self, any_served_case: OperationCase) -> None:
        """A reply that breaks off anywhere is an error that says how far the request got."""
        self.run(lambda harness: _check_cuts(harness, any_served_case))

    def test_wrong_value_is_refused_or_unknown(self, served_case: OperationCase) -> None:
        """A value of another type, or one that means nothing, is never made one that fits."""

        async def test(harness: Harness) -> None:
            async for reply in replay_with_changes(harness, served_case, _wrong_values):
                if isinstance(reply.outcome, ConferencingError):
                    reply.check()
                else:
                    reply.check_evidence()

        self.run(test)

    def test_mutated_reply_is_read_or_refused(self, any_served_case: OperationCase) -> None:
        """However a reply is changed, each value that is read was sent."""
        self.run(lambda harness: _check_mutations(harness, any_served_case))

    def test_any_hostile_id_keeps_path(self, any_served_case: OperationCase) -> None:
        """Whatever an id contains, the path and the parameters stay the same."""
        if any_served_case.by_id is not None:
            ids = tuple(hostile_ids(120))
            self.run(lambda harness: check_ids(harness, any_served_case, ids))


_WRONG_FOR: Final[Mapping[type, str]] = {
    str: '[5, 1.5, true, "", [], {}, ["x"], "soon", "2026-10-01", "2026-13-01T10:00:00Z"]',
    int: '["5 ", "", "1.0", "\u0663", "0x5", "1111111111111111111", 1.5, true, -1, [], {}]',
    float: '["", "x", true, [], {}]',
    bool: '["yes", "", 2, -1, 1.5, [], {}]',
}
"""Values in place of one of a type, as JSON."""

MOST_PLACES: Final = 30


def _wrong_values(document: Any) -> Iterator[tuple[str, str, Any]]:
    places = [pair for pair in leaves(document) if pair[0]]
    chosen = Random(len(places)).sample(places, min(MOST_PLACES, len(places)))  # noqa: S311
    for place, value in chosen:
        for wrong in json.loads(_WRONG_FOR.get(type_of(value), "[]")):
            yield repr(wrong), format_place(place), replace(document, place, wrong)


async def _check_side_by_side(suite: SuiteBase, case: OperationCase, faults: list[Fault]) -> None:
    """Check faults that take their time at once, each with a server of its own."""
    limit = asyncio.Semaphore(SIDE_BY_SIDE)

    async def check(fault: Fault) -> None:
        async with limit, Harness(suite) as harness:
            await check_faults(harness, case, [fault])

    results = await asyncio.gather(*map(check, faults), return_exceptions=True)
    problems = [result for result in results if isinstance(result, BaseException)]
    if problems:
        raise AssertionError("\n".join(str(problem) or repr(problem) for problem in problems))


async def _replayer(harness: Harness, case: OperationCase) -> Replayer | None:
    replayer = Replayer(harness, case)
    try:
        await replayer.start()
    except UnsupportedOperation:
        return None
    return replayer


async def _check_cuts(harness: Harness, case: OperationCase) -> None:
    replayer = await _replayer(harness, case)
    if replayer is None:
        return
    for at, step in enumerate(replayer.baseline.steps):
        data = encode_answer(step.answer)
        head = data.index(b"\r\n\r\n") + 4
        for size in range((at + len(str(case))) % CUT_STEP, len(data), CUT_STEP):
            cut = Fault(
                name=f"reply cut after {size} bytes", family=Family.CONNECTION,
                error=TransportError, sent=Sent.YES if size >= head else Sent.MAYBE, lost=True,
                action=cut_after(size),
            )  # fmt: skip
            (await replayer.under(cut, Strike(at=at), retries=0)).check()
            if size > head:
                body = step.answer.body[: size - head]
                short = Fault(
                    name=f"body of the first {len(body)} bytes", family=Family.BODY,
                    error=MalformedResponse, action=reply_with(body),
                )  # fmt: skip
                (await replayer.under(short, Strike(at=at))).check()


async def _check_mutations(harness: Harness, case: OperationCase) -> None:
    replayer = await _replayer(harness, case)
    if replayer is None:
        return
    random = Random(str(case))  # noqa: S311 - repeatable
    bodies = [step.answer.body for step in replayer.baseline.steps]
    parse = harness.suite.parse_reply
    evidence = Evidence(replayer.baseline.result, bodies, parse)
    bad = Fault(name="mutated reply", family=Family.BODY, error=MalformedResponse)
    for at, body in enumerate(bodies):
        count = MUTATIONS if replayer.baseline.harmless else MUTATIONS // 5
        for _ in range(count if body else 0):
            change = mutate(body, random)
            fault = evolve(bad, action=reply_with(change.body))
            ending = await replayer.under(fault, Strike(at=at))
            subject = f"{case}, with the reply {change.body!r:.600}"
            if isinstance(ending.outcome, ConferencingError):
                fits = isinstance(ending.outcome, ProviderError)
                expect(fits, f"{subject}: expected ProviderError, got {ending.outcome!r}")
            elif not change.opaque:
                answers = [parse(answer.body) for answer in ending.answers if answer.body]
                made_up = evidence.find_unexplained(ending.outcome, [*change.values, *answers])
                expect(not made_up, f"{subject}: {made_up[:3]} were not in the reply")
