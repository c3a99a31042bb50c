"""Replies that break off: after every byte, of every reply, of every operation."""

from __future__ import annotations

from collections.abc import Sequence

from cells import Ending, Floor
from front import Exchange, OperationCase, rendered
from kinds import Family, Kind
from matrix import Tally
from operations import ADAPTERS
from staging import as_answer, baselines

from conferencing import Sent, TransportError

__all__ = ["cut_all"]


async def cut_all(every: int = 1, adapters: Sequence[str] = tuple(ADAPTERS)) -> Tally:
    """Cut each reply after each byte, or after every so manyth; no call is repeated."""
    tally = Tally()
    for adapter in adapters:
        async with Floor(adapter) as floor:
            for case, base in (await baselines(adapter)).items():
                for at, step in enumerate(base.steps):
                    raw = rendered(as_answer(step.reply))
                    head = raw.index(b"\r\n\r\n") + 4
                    for place in range((at + len(case.name)) % every, len(raw), every):
                        kind = _cut(place, head)
                        ending = await floor.play(case, base, kind, at, retries=0)
                        tally.add(ending)
                        tally.faults += _count(ending)
    return tally


def _cut(place: int, head: int) -> Kind:
    return Kind(
        name=f"cut after {place} bytes", family=Family.CONNECTION, error=TransportError,
        sent=Sent.YES if place >= head else Sent.MAYBE, play=_after(place), lost=True, happens=True,
    )  # fmt: skip


def _after(place: int) -> OperationCase:
    async def play(exchange: Exchange) -> None:
        await exchange.send(rendered(exchange.happen())[:place])
        exchange.close()

    return play


def _count(ending: Ending) -> list[str]:
    told = ending.tries > 1 and ending.step is not None and ending.step.effect.value != "guarded"
    return [f"{ending}: {ending.tries} requests without repeats"] if told else []
