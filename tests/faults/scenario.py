"""A broad scenario with fresh secrets: every operation as it should go, and going wrong in each way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random, SystemRandom

from cells import Floor, strikes
from front import Exchange, OperationCase, rendered
from kinds import Family, Kind, kinds
from operations import ADAPTERS, cases
from staging import Baseline

from conferencing import InvalidRequest
from conferencing.sandbox.simulator import Answer

__all__ = ["ECHOES", "rehearse"]


def _echoed(shape: str) -> OperationCase:
    """Refuse a call by a text that repeats all that was sent."""

    async def play(exchange: Exchange) -> None:
        exchange.happen()
        call = exchange.call
        said = f"{exchange.target} {dict(call.headers)} {call.body.decode(errors='replace')}"
        body = shape % json.dumps(said) if shape else said
        await exchange.send(rendered(Answer(status=422, body=body.encode())))

    return play


ECHOES = tuple(
    Kind(name=f"a refusal that repeats the request {number}", family=Family.STATUS,
         error=InvalidRequest, play=_echoed(shape))
    for number, shape in enumerate((
        "", '{"error": %s}', '{"message": %s}', '{"status": false, "error_messages": [%s]}',
        '{"status": false, "msg": %s}', '{"errors": [{"name": null, "message": %s}]}',
        "<html><body>%s</body></html>",
    ))
)  # fmt: skip
"""Vendors that repeat the credentials and passcodes they were sent, in each of their shapes."""


async def rehearse(faults: int, adapters: Sequence[str] = tuple(ADAPTERS)) -> int:
    """Play all operations with secrets that no other run has, each under so many faults.

    Every operation goes once without a fault, and under each echo. Returns how many were played.
    """
    chance, count = SystemRandom(), 0
    for adapter in adapters:
        async with Floor(adapter, seed=chance.getrandbits(32)) as floor:
            for case in cases(adapter):
                base = await floor.theatre.baseline(case)
                for kind, at, once in _planned(base, faults, chance):
                    await floor.play(case, base, kind, at, once=once)
                    count += 1
    return count


def _planned(base: Baseline, faults: int, chance: Random) -> list[tuple[Kind, int, bool]]:
    quick = [kind for kind in kinds() if not kind.slow]
    some = chance.sample(quick, min(faults, len(quick)))
    fine = Kind(name="none", family=Family.STATUS, error=InvalidRequest)
    return [(fine, 0, False), *_struck([*ECHOES, *some], base, chance)]


def _struck(
    some: Sequence[Kind], base: Baseline, chance: Random
) -> Iterator[tuple[Kind, int, bool]]:
    for kind in some:
        for at in strikes(base, kind) and [chance.choice(strikes(base, kind))]:
            yield kind, at, chance.random() < 0.5
