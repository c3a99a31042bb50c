"""Replies: each value changed, one at a time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any, Final

from attrs import frozen

from conferencing.errors import (
    ConferencingError,
    MalformedResponse,
    ProviderError,
    UnsupportedOperation,
)
from conferencing.testing.actions import reply_with
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.evidence import Evidence, less_known, links_of
from conferencing.testing.expect import expect
from conferencing.testing.faults import Family, Fault
from conferencing.testing.mutation import Place, add_keys, format_place, leaves, remove, replace
from conferencing.testing.operations import OperationCase
from conferencing.testing.replay import Replayer, Strike
from conferencing.testing.rules import Ending

__all__ = ["ReplyTests", "replay_with_changes"]

MOST: Final = 20
"""How many places of one reply are tried: chosen at random, and always the same ones."""

WRONG: Final = ({"zzz": 1}, [["zzz"]])
UNSAFE_LINKS: Final = ("javascript:alert(1)", "https://e.example/\r\nX-Evil: 1", "https:// /", "")
UNKNOWN: Final = "zzzunknown"
OWN_WORDS: Final = frozenset({
    "launch", "mine", "ann", "lee", "zoë", "hart", "ann lee", "zoë hart", "success", "null",
})  # fmt: skip


class ReplyTests(SuiteBase):
    """Change what the vendor sends."""

    def test_wrong_type_is_refused(self, served_case: OperationCase) -> None:
        """An object in place of a value is an error, or leaves the field unknown."""
        self._check_changes(served_case, lambda document: _replace_values(document, WRONG))

    def test_unknown_value_stays_unknown(self, served_case: OperationCase) -> None:
        """Null in place of a value, or no key at all, never becomes zero or another value."""
        self._check_changes(served_case, _remove_values)

    def test_unknown_key_is_ignored(self, served_case: OperationCase) -> None:
        """A key that a vendor adds later changes nothing."""

        async def test(harness: Harness) -> None:
            async for reply in replay_with_changes(harness, served_case, _add_unknown_keys):
                expect(reply.outcome == reply.wanted, f"{reply}: got {reply.outcome!r}")

        if served_case.exact:
            self.run(test)

    def test_unknown_word_is_no_error(self, served_case: OperationCase) -> None:
        """A status, role or kind that a vendor adds later becomes `UNKNOWN`."""

        async def test(harness: Harness) -> None:
            async for reply in replay_with_changes(harness, served_case, _replace_words):
                refused = isinstance(reply.outcome, MalformedResponse)
                expect(not refused, f"an unknown word: {reply}: got {reply.outcome!r}")

        if served_case.exact:
            self.run(test)

    def test_unsafe_link_is_not_returned(self, served_case: OperationCase) -> None:
        """A link that is not a web address, or could end its line, is unknown or an error."""

        async def test(harness: Harness) -> None:
            with suppress(UnsupportedOperation):  # the adapter cannot express this call
                async for reply in replay_with_changes(harness, served_case, _replace_links):
                    if isinstance(reply.outcome, ConferencingError):
                        fits = isinstance(reply.outcome, ProviderError)
                        expect(fits, f"{reply}: expected ProviderError, got {reply.outcome!r}")
                    links = set(links_of(reply.outcome)) & set(UNSAFE_LINKS)
                    expect(not links, f"{reply}: the result has the link {links}")

        self.run(test)

    def _check_changes(self, case: OperationCase, changes: Changes) -> None:
        async def test(harness: Harness) -> None:
            async for reply in replay_with_changes(harness, case, changes):
                reply.check()

        self.run(test)


@frozen(kw_only=True)
class ChangedReply:
    """How a call ended with a reply of which one place was changed, and how it ends usually."""

    ending: Ending
    change: str
    place: str
    document: Any

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
        place = f" for {self.place}" if self.place else ""
        return f"{self.ending.case}, {self.change}{place} in the reply of {step.method} {step.path}"

    def check(self) -> None:
        """Raise `AssertionError` unless the reply was refused, or the value became unknown."""
        if isinstance(self.outcome, ConferencingError):
            fits = isinstance(self.outcome, ProviderError)
            expect(fits, f"{self}: expected ProviderError, got {self.outcome!r}")
            path = self.outcome.path or "$"
            fits = _are_related(path, self.place)
            expect(fits, f"{self}: expected its place in the error, got {path!r}")
        elif self.ending.case.exact:
            problems = list(less_known(self.outcome, self.wanted))
            expect(not problems, f"{self}: {'; '.join(problems)}")
            self.check_evidence()

    def check_evidence(self) -> None:
        """Raise `AssertionError` if a value of the result was in no reply."""
        bodies = [step.answer.body for step in self.ending.baseline.steps]
        parse = self.ending.scenario.suite.parse_reply
        answers = [parse(answer.body) for answer in self.ending.answers if answer.body]
        evidence = Evidence(self.wanted, bodies, parse)
        made_up = evidence.find_unexplained(self.outcome, [self.document, *answers])
        expect(not made_up, f"{self}: {made_up[:3]} were not in the reply")


def _are_related(path: str, place: str) -> bool:
    """Return whether the path of an error fits a place: adapters may rearrange what they read."""
    steps, expected = (re.findall(r"[^.\[\]$]+", each) for each in (path, place))
    return not steps or steps[0] == expected[0] or steps[-1] == expected[-1]


Changes = Callable[[Any], Iterator[tuple[str, str, Any]]]
"""Gives changed documents, each with a description and the place of the change."""


async def replay_with_changes(
    harness: Harness, case: OperationCase, changes: Changes
) -> AsyncIterator[ChangedReply]:
    """Yield how a call ends with each changed document in place of each of its replies."""
    replayer = Replayer(harness, case)
    await replayer.start()
    for at, step in enumerate(replayer.baseline.steps):
        try:
            document: Any = harness.suite.parse_reply(step.answer.body)
        except ValueError:
            continue
        for change, place, changed in changes(document):
            body = harness.suite.write_reply(changed)
            fault = Fault(
                name=change, family=Family.BODY, error=MalformedResponse,
                action=reply_with(body),
            )  # fmt: skip
            ending = await replayer.under(fault, Strike(at=at))
            sent = harness.suite.parse_reply(body)  # where every value is text, a number is one too
            yield ChangedReply(ending=ending, change=change, place=place, document=sent)


def _places(document: Any) -> list[tuple[Place, Any]]:
    """Return some places of a document with their values, always the same ones."""
    places = [pair for pair in leaves(document) if pair[0]]
    return Random(len(places)).sample(places, min(MOST, len(places)))  # noqa: S311 - repeatable


def _replace_values(document: Any, values: tuple[Any, ...]) -> Iterator[tuple[str, str, Any]]:
    for place, _ in _places(document):
        name = format_place(place)
        value = values[len(name) % len(values)]
        yield repr(value), name, replace(document, place, value)


def _remove_values(document: Any) -> Iterator[tuple[str, str, Any]]:
    for place, value in _places(document):
        name = format_place(place)
        if value is not None:
            yield "null", name, replace(document, place, None)
        if isinstance(place[-1], str):
            yield "nothing", name, remove(document, place)


def _replace_links(document: Any) -> Iterator[tuple[str, str, Any]]:
    links = [place for place, value in leaves(document) if place and str(value).startswith("http")]
    for place in links[:MOST]:
        for link in UNSAFE_LINKS:
            yield f"the link {link!r}", format_place(place), replace(document, place, link)


def _add_unknown_keys(document: Any) -> Iterator[tuple[str, str, Any]]:
    yield "an unknown key", "", add_keys(document)


def _replace_words(document: Any) -> Iterator[tuple[str, str, Any]]:
    words = [place for place, value in leaves(document) if place and _is_word(place, value)]
    for place in words[:MOST]:
        yield UNKNOWN, format_place(place), replace(document, place, UNKNOWN)


def _is_word(place: Place, value: Any) -> bool:
    """Return whether a value looks like a word of an enumeration, and not like a text of the suite."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z _-]{1,19}", value):
        return False
    zone = any("zone" in str(part).lower() for part in place)
    return value.casefold() not in OWN_WORDS and not zone
