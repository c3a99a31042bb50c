"""Replies: each value changed, one at a time."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import Any, Final

from attrs import frozen

from conferencing.errors import ConferencingError, MalformedResponse, ProviderError
from conferencing.testing.actions import reply_with
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.evidence import less_known
from conferencing.testing.expect import expect
from conferencing.testing.faults import Family, Fault
from conferencing.testing.mutation import Place, add_keys, format_place, leaves, remove, replace
from conferencing.testing.operations import OperationCase
from conferencing.testing.replay import Replayer, Strike
from conferencing.testing.rules import Ending

__all__ = ["ReplyTests", "changed_replies"]

MOST: Final = 20
"""How many places of one reply are tried: chosen at random, and always the same ones."""

WRONG: Final = ({"zzz": 1}, [["zzz"]])
UNKNOWN: Final = "zzzunknown"
OWN_WORDS: Final = frozenset({
    "launch", "mine", "ann", "lee", "zoë", "hart", "ann lee", "zoë hart", "success", "null",
})  # fmt: skip


class ReplyTests(SuiteBase):
    """Change what the vendor sends."""

    def test_wrong_type_is_refused(self, served_case: OperationCase) -> None:
        """An object in place of a value is an error, or leaves the field unknown."""
        self._check_changes(served_case, lambda document: _replaced(document, WRONG))

    def test_unknown_value_stays_unknown(self, served_case: OperationCase) -> None:
        """Null in place of a value, or no key at all, never becomes zero or another value."""
        self._check_changes(served_case, _nulled)

    def test_unknown_key_is_ignored(self, served_case: OperationCase) -> None:
        """A key that a vendor adds later changes nothing."""

        async def test(harness: Harness) -> None:
            async for reply in changed_replies(harness, served_case, _extended):
                expect(reply.outcome == reply.wanted, f"{reply}: got {reply.outcome!r}")

        if served_case.exact:
            self.run(test)

    def test_unknown_word_is_no_error(self, served_case: OperationCase) -> None:
        """A status, role or kind that a vendor adds later becomes `UNKNOWN`."""

        async def test(harness: Harness) -> None:
            async for reply in changed_replies(harness, served_case, _reworded):
                refused = isinstance(reply.outcome, MalformedResponse)
                expect(not refused, f"an unknown word: {reply}: got {reply.outcome!r}")

        if served_case.exact:
            self.run(test)

    def _check_changes(
        self, case: OperationCase, changes: Callable[[Any], Iterator[tuple[str, Any]]]
    ) -> None:
        async def test(harness: Harness) -> None:
            async for reply in changed_replies(harness, case, changes):
                if isinstance(reply.outcome, ConferencingError):
                    fits = isinstance(reply.outcome, ProviderError)
                    expect(fits, f"{reply}: expected ProviderError, got {reply.outcome!r}")
                elif case.exact:
                    problems = list(less_known(reply.outcome, reply.wanted))
                    expect(not problems, f"{reply}: {'; '.join(problems)}")

        self.run(test)


@frozen(kw_only=True)
class ChangedReply:
    """How a call ended with a changed reply, and how it ends usually."""

    ending: Ending
    change: str

    @property
    def outcome(self) -> Any:
        """The result, or the error."""
        return self.ending.outcome

    @property
    def wanted(self) -> Any:
        """The result of the reply as it should be."""
        return self.ending.baseline.result

    def __str__(self) -> str:
        step = self.ending.step
        return f"{self.ending.case}, {self.change} in the reply of {step.method} {step.path}"


async def changed_replies(
    harness: Harness, case: OperationCase, changes: Callable[[Any], Iterator[tuple[str, Any]]]
) -> AsyncIterator[ChangedReply]:
    """Yield how a call ends with each changed document in place of each of its replies."""
    replayer = Replayer(harness, case)
    await replayer.start()
    for at, step in enumerate(replayer.baseline.steps):
        try:
            document: Any = json.loads(step.answer.body)
        except ValueError:
            continue
        for change, changed in changes(document):
            body = json.dumps(changed).encode()
            fault = Fault(
                name=change, family=Family.BODY, error=MalformedResponse,
                action=reply_with(body),
            )  # fmt: skip
            ending = await replayer.under(fault, Strike(at=at))
            yield ChangedReply(ending=ending, change=change)


def _places(document: Any) -> list[tuple[Place, Any]]:
    """Return some places of a document with their values, always the same ones."""
    places = [pair for pair in leaves(document) if pair[0]]
    return Random(len(places)).sample(places, min(MOST, len(places)))  # noqa: S311 - repeatable


def _replaced(document: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for place, _ in _places(document):
        value = values[len(format_place(place)) % len(values)]
        yield f"{value!r} for {format_place(place)}", replace(document, place, value)


def _nulled(document: Any) -> Iterator[tuple[str, Any]]:
    for place, value in _places(document):
        if value is not None:
            yield f"null for {format_place(place)}", replace(document, place, None)
        if isinstance(place[-1], str):
            yield f"no {format_place(place)}", remove(document, place)


def _extended(document: Any) -> Iterator[tuple[str, Any]]:
    yield "an unknown key", add_keys(document)


def _reworded(document: Any) -> Iterator[tuple[str, Any]]:
    words = [place for place, value in leaves(document) if place and _is_word(place, value)]
    for place in words[:MOST]:
        yield f"{UNKNOWN} for {format_place(place)}", replace(document, place, UNKNOWN)


def _is_word(place: Place, value: Any) -> bool:
    """Return whether a value looks like a word of an enumeration, and is not a text of ours."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z _-]{1,19}", value):
        return False
    zone = any("zone" in str(part).lower() for part in place)
    return value.casefold() not in OWN_WORDS and not zone
