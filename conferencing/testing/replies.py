"""The part of the suite on what a vendor may send: each value of each reply changed, one at a time."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final, cast

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.errors import MalformedResponse, ProviderError
from conferencing.sandbox.simulator import Answer, Call

from .base import Harness, SuiteBase
from .expect import expect
from .plays import CASES
from .replays import Ending, baseline, replayed

__all__ = ["ReplyTests", "leaves", "replaced"]

MOST: Final = 20
"""How many places of one reply are tried; which, chance says, and always the same."""

WRONG: Final = ({"zzz": 1}, [["zzz"]])
UNKNOWN: Final = "zzzunknown"
OURS: Final = {
    "launch",
    "mine",
    "ann",
    "lee",
    "zoë",
    "hart",
    "ann lee",
    "zoë hart",
    "success",
    "null",
}


class ReplyTests(SuiteBase):
    """Change what the vendor sends."""

    def test_a_value_of_the_wrong_type_is_refused_or_was_not_read(self, sent: Operation) -> None:
        """Never coerced, and never another exception than ours."""

        async def scene(harness: Harness) -> None:
            async for one, place in _changed(harness, sent, WRONG, MOST):
                if one.error is not None:
                    expect(
                        isinstance(one.error, ProviderError),
                        f"an object in place of {place} of {one.what} raised {one.error!r}",
                    )
                elif one.play.exact:
                    expect(
                        one.came == one.base.result,
                        f"an object in place of {place} was made a value of: {one.came!r}",
                    )

        self.run(scene)

    def test_a_word_that_nobody_knows_is_no_error(self, sent: Operation) -> None:
        """A status, role or kind that a vendor adds later becomes `UNKNOWN`."""
        play = CASES[sent]
        if not play.exact:
            return

        async def scene(harness: Harness) -> None:
            async for one, place in _changed(harness, sent, (UNKNOWN,), MOST, words=True):
                expect(
                    not isinstance(one.error, MalformedResponse),
                    f"an unknown word at {place} made {sent} fail: {one.error!r}",
                )

        self.run(scene)


async def _changed(
    harness: Harness,
    operation: Operation,
    values: tuple[Any, ...],
    most: int,
    *,
    words: bool = False,
) -> AsyncIterator[tuple[Ending, str]]:
    """Give how an operation ends with each changed reply, and which place was changed."""
    play = CASES[operation]
    bodies = _recorded(harness)
    base = await baseline(harness, play)
    told = {path: bodies.get(path, b"") for path in base.paths}
    async with replayed(harness, play, base) as replays:
        for path, body in told.items():
            for place, payload in _variants(body, values, most, words=words):
                fault = {"body": json.dumps(payload), "match": path}
                async with replays.under(fault) as ending:
                    if ending.struck:
                        yield evolve(ending, what=f"the reply of {path}"), place


def _recorded(harness: Harness) -> dict[str, bytes]:
    """Keep the newest body of each path, as the simulator sends it."""
    bodies: dict[str, bytes] = {}
    if harness.served is not None:
        simulator: Any = harness.served.simulator
        handle = simulator.handle

        def kept(call: Call) -> Answer:
            answer: Answer = handle(call)
            if answer.status < 300:  # noqa: PLR2004
                bodies[call.path] = answer.body
            return answer

        simulator.handle = kept
    return bodies


def _variants(
    body: bytes, values: tuple[Any, ...], most: int, *, words: bool
) -> Iterator[tuple[str, Any]]:
    try:
        payload: Any = json.loads(body)
    except ValueError:
        return
    places = [place for place, value in leaves(payload) if not words or _is_word(place, value)]
    chance = Random(len(places))  # noqa: S311 - the same places each time
    for place in chance.sample(places, min(most, len(places))):
        value = values[len(_named(place)) % len(values)]
        yield _named(place), replaced(payload, place, value)


Place = tuple[str | int, ...]


def leaves(payload: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Give each value of a JSON document that is neither object nor list, with its place."""
    parts: Iterable[tuple[str | int, Any]] = ()
    if isinstance(payload, dict):
        parts = cast("Mapping[str, Any]", payload).items()
    elif isinstance(payload, list):
        parts = enumerate(cast("Sequence[Any]", payload))
    else:
        yield place, payload
    for name, part in parts:
        yield from leaves(part, (*place, name))


def replaced(payload: Any, place: Place, value: Any) -> Any:
    """Return the document with another value at a place."""
    if not place:
        return value
    copy: Any = payload.copy()
    copy[place[0]] = replaced(copy[place[0]], place[1:], value)
    return copy


def _is_word(place: Place, value: Any) -> bool:
    """Whether a value looks like a word of an enumeration, and is no text that we put there."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z _-]{1,19}", value):
        return False
    return value.casefold() not in OURS and not any("zone" in str(part).lower() for part in place)


def _named(place: Place) -> str:
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in place)
