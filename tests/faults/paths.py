"""Ids that try to climb out of their place: every operation that takes one, on the raw wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import define, evolve, field, frozen
from cells import outcome
from front import Front
from operations import ADAPTERS, Case, cases
from staging import Theatre

from conferencing import ConferencingError
from conferencing.http.reply import Reply
from conferencing.http.request import Outgoing, pack_id

__all__ = ["Escapes", "hostile", "probed"]

KNOWN: Final = (
    ".", "..", "...", "../admin", "..%2fadmin", "%2e%2e", "%2e%2e/", "..\\", "/", "//", "//evil.example/",
    "a/b", "/etc/passwd", "a/../../b", "a%2fb", "%252e%252e", "?", "?x=1", "a?x=1#y", "#", "#x", "&x=1",
    "a&meeting_id=2", "=", ";", ";x=1", ":", "::", "1:2", "1:..", "..:..", "1:2:3", ":2", "a:b/c",
    "\r\n", "a\r\nX-Evil: 1", "a\nb", "\t", " ", "a b", "\x00", "a\x00b", "\x7f", "\u0085", "\u2028",
    "\u202e", "\u2024\u2024/", "\uff0e\uff0e\uff0f", "\ud800", "é", "東京", "💥", "@evil.example", "http://evil.example/",
    "https:", "[::1]", "{room}", "{0}", "%s", "%", "%%", "%zz", "a" * 5000, "0", "-1", "1e9", "None", "null",
    "true", "[]", "{}", "'", '"', "<x>", "|", "~", "^", "`", "*", "+", "a+b", "sessions", "1/sessions",
)  # fmt: skip
"""What has been used against others, or would change the meaning of an address."""

PIECES: Final = (
    "..",
    "/",
    "%2e",
    "%2f",
    "\\",
    "?",
    "#",
    "&",
    "=",
    ":",
    ";",
    "@",
    "\r\n",
    "\x00",
    "a",
    "1",
    "é",
    "%",
)


@frozen(kw_only=True)
class Sent:
    """A request as it was meant: the template of its path, and the target that left."""

    template: str
    target: str


@define
class Escapes:
    """What was sent for hostile ids. `templates` are the paths that took one of them."""

    ids: int = 0
    requests: int = 0
    refused: int = 0
    templates: set[tuple[str, str]] = field(factory=set[tuple[str, str]])
    faults: list[str] = field(factory=list[str])


def hostile(count: int, seed: int = 0) -> Iterator[str]:
    """Give so many hostile ids: the known ones, then those that chance makes of their pieces.

    Each comes by itself, and as a part of an id that an adapter has packed of several.
    """
    random = Random(seed)
    for number in range(count):
        made = "".join(random.choice(PIECES) for _ in range(random.randint(2, 7)))
        one = KNOWN[number] if number < len(KNOWN) else made
        yield one
        hide_texts = one.encode("utf-8", "replace").decode()
        yield (pack_id(1, hide_texts), pack_id(hide_texts, 2), pack_id(1, 2, hide_texts))[
            number % 3
        ]


async def probed(count: int, seed: int = 0, adapters: Sequence[str] = tuple(ADAPTERS)) -> Escapes:
    """Call every operation that takes an id with so many hostile ones, and read the raw targets."""
    escapes = Escapes()
    for adapter in adapters:
        theatre = Theatre(adapter)
        async with Front(theatre.simulator) as front, theatre.connect(front.origin) as client:
            await client.check()
            for case in cases(adapter):
                if case.by_id is not None:
                    await _probed(theatre, front, client, case, hostile(count, seed), escapes)
    return escapes


async def _probed(
    theatre: Theatre, front: Front, client: Any, case: Case, ids: Iterator[str], escapes: Escapes
) -> None:
    scenario = evolve(await theatre.staged(case), conference=client)
    suggest: list[Sent] = []
    provider: Any = theatre.direct(_noted(theatre, suggest))
    await provider.check()
    for one in ids:
        suggest.clear()
        front.strike(None)
        escapes.ids += 1
        came = await outcome(_called(case, scenario, one))
        await outcome(_called(case, evolve(scenario, conference=provider), one))
        escapes.requests += len(front.requests)
        escapes.refused += not front.requests
        if isinstance(came, Exception) and not isinstance(came, ConferencingError):
            escapes.faults.append(f"{case} with {one!r}: {came!r}")
        escapes.faults += _faults(
            theatre, case, one, [seen.target for seen in front.requests], suggest
        )
        escapes.templates |= {
            (theatre.adapter, sent.template) for sent in suggest if "{" in sent.template
        }


async def _called(case: Case, scenario: Any, an_id: str) -> Any:
    assert case.by_id is not None
    return await case.by_id(scenario, an_id)


def _noted(theatre: Theatre, suggest: list[Sent]) -> Any:
    def answer(outgoing: Outgoing, headers: Any) -> Reply:
        suggest.append(Sent(template=outgoing.template, target=outgoing.target))
        return theatre.answer(outgoing, headers)

    return answer


def _faults(
    theatre: Theatre, case: Case, one: str, targets: list[str], suggest: list[Sent]
) -> Iterator[str]:
    base = theatre.account()["base_url"].partition("//")[2].partition("/")[2]
    if len(targets) != len(suggest):
        yield f"{case} with {one!r:.80}: {len(targets)} requests, not {len(suggest)}"
    for target, sent in zip(targets, suggest, strict=False):
        path, _, query = target.partition("?")
        if not _pattern(f"/{base}" + sent.template).fullmatch(path):
            yield f"{case} with {one!r:.80}: {path!r:.200} is not below {sent.template}"
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
        if len(names) > len(NAMES & set(names)):
            yield f"{case} with {one!r:.80}: the query has {names}"


NAMES: Final = frozenset(
    [
        "meeting_id",
        "session_id",
        "room_id",
        "page",
        "from",
        "to",
        "since",
        "until",
        "startDate",
        "endDate",
        "email",
    ]
)
"""The names that adapters write into queries."""


def _pattern(template: str) -> re.Pattern[str]:
    """Return what a raw path must look like: each id one segment, quoted, and no dots alone."""
    parts = re.split(r"\{\w+\}", template)
    return re.compile("(?!\\.{1,2}(?:/|$))[A-Za-z0-9_.~%-]+".join(map(re.escape, parts)))
