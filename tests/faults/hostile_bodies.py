"""Bodies that are hard to read or to explain: wide, deep, repetitive, and almost right.

`measure` lets an operation read each of them, and reports the CPU time and the memory that it took.
"""

from __future__ import annotations

import ctypes
import gc
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from attrs import frozen

from conferencing import ConferencingError
from conferencing.testing import OperationCase
from conferencing.testing.actions import respond
from conferencing.testing.base import Harness
from conferencing.testing.faults import Family, Fault
from conferencing.testing.injector import Action, Exchange
from conferencing.testing.mutation import Place, format_place, leaves, remove, replace
from conferencing.testing.replay import Replayer, Strike

Build = Callable[[], bytes]

SIZE: Final = 8 * 2**20 - 1024
"""Just below the limit, so that the body is read."""

SECONDS: Final = 1.0
MEBIBYTES: Final = 32
TEXT: Final = 2000
_M_MMAP_THRESHOLD: Final = -3
STATUS: Final = Path("/proc/self/status")

VALUES: Final = ("{}", "[]", "0", '""', "null", '{"a":1}', "[[]]", "true", "1e5", '"\\u0000"')
"""What fills a wide list, from the shortest values on."""


@frozen(kw_only=True)
class Reading:
    """How one body was read: the outcome, CPU seconds, and MiB that were needed meanwhile."""

    what: str
    outcome: Any
    seconds: float
    mebibytes: float

    @property
    def problems(self) -> list[str]:
        """What is wrong: too slow, too large, or an error text without a bound."""
        problems: list[str] = []
        if self.seconds > SECONDS:
            problems.append(f"{self.what}: took {self.seconds:.2f} s")
        if self.mebibytes > MEBIBYTES:
            problems.append(f"{self.what}: took {self.mebibytes:.0f} MiB")
        if isinstance(self.outcome, ConferencingError) and len(str(self.outcome)) > TEXT:
            problems.append(f"{self.what}: the error has {len(str(self.outcome))} characters")
        return problems


def bodies(document: Any, random: Random) -> Iterator[tuple[str, Build]]:
    """Yield the names of hostile bodies in place of a reply, and what builds them."""
    yield from _plain_bodies()
    lists = [place for place, value in _containers(document) if isinstance(value, list)]
    for place in [(), *lists]:
        for value in (VALUES[0], *random.sample(VALUES[1:], 2)):
            yield (
                f"a list of {value} at {format_place(place)}",
                partial(_fill, document, place, value),
            )
    for place in lists:
        yield from _almost_right(document, place, random)
    texts = [place for place, value in leaves(document) if place and isinstance(value, str)]
    for place in random.sample(texts, min(2, len(texts))):
        yield (
            f"a long text at {format_place(place)}",
            partial(_place, document, place, b'"%s"', b"x"),
        )


def _plain_bodies() -> Iterator[tuple[str, Build]]:
    yield "a list that never ends", lambda: b"[" * SIZE
    yield "objects in one another", lambda: b'{"a":' * (SIZE // 5)
    yield "closed lists in one another", lambda: b"[" * (SIZE // 2) + b"]" * (SIZE // 2)
    yield "a long number", lambda: b"9" * SIZE
    yield "a long text", lambda: b'"' + b"x" * (SIZE - 2) + b'"'
    yield "white space", lambda: b" " * SIZE
    yield "bytes that are not UTF-8", lambda: b"\xff" * SIZE
    yield "a page", lambda: b"<html>" + b"<p>no</p>" * (SIZE // 9)
    yield "an object of many keys", _build_keys
    yield "many errors", _build_errors
    yield (
        "one long error",
        lambda: b'{"code":422,"message":"%s","msg":"no"}' % (b"no " * (SIZE // 4)),
    )


def _build_keys() -> bytes:
    return b"{%s}" % b",".join(b'"%x":0' % number for number in range(SIZE // 12))


def _build_errors() -> bytes:
    errors = b",".join([b'{"name":"x","message":"no"}'] * (SIZE // 28))
    return b'{"code":422,"name":"BAD","errors":[%s]}' % errors


def _almost_right(document: Any, place: Place, random: Random) -> Iterator[tuple[str, Build]]:
    """Yield a list with as many rows as fit, right but for one place of one row or of all."""
    rows = _at(document, place)
    if not rows:
        return
    row, where = rows[0], format_place(place)
    yield f"right rows at {where}", partial(_fill, document, place, json.dumps(row))
    spots = [spot for spot, _ in leaves(row) if spot]
    for spot in random.sample(spots, min(2, len(spots))):
        odd = replace(row, spot, {"zzz": 1})
        name = format_place(spot)
        fill = partial(_fill, document, place)
        yield f"rows at {where}, all with an odd {name}", partial(fill, json.dumps(odd))
        if isinstance(spot[-1], str):
            short = json.dumps(remove(row, spot))
            yield f"rows at {where}, all without {name}", partial(fill, short)
        last = partial(fill, json.dumps(row), last=json.dumps(odd))
        yield f"rows at {where}, the last with an odd {name}", last


def _containers(document: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield place, document
    parts: Any = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        parts = enumerate(document[:1])
    for key, part in parts:
        yield from _containers(part, (*place, key))


def _at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def _fill(document: Any, place: Place, value: str, last: str | None = None) -> bytes:
    """Return the document with a list of as many values as fit at a place."""
    piece = value.encode()
    count = (SIZE - len(json.dumps(document))) // (len(piece) + 1)
    rows = [piece] * count
    if last is not None:
        rows[-1] = last.encode()
    return _place(document, place, b"%s", b",".join(rows).join((b"[", b"]")), fill=False)


def _place(document: Any, place: Place, form: bytes, filler: bytes, *, fill: bool = True) -> bytes:
    """Return the document with bytes at a place, repeated up to the size if `fill` is set."""
    marker = "surely-no-value-of-a-vendor"
    head, _, tail = (
        json.dumps(replace(document, place, marker)).encode().partition(b'"%s"' % marker.encode())
    )
    room = SIZE - len(head) - len(tail) - len(form)
    return head + form % (filler * (room // len(filler)) if fill else filler) + tail


# ----------------------------------------------------------------------------------- measurement


async def measure(
    harness: Harness, case: OperationCase, seed: int, every: int = 1
) -> AsyncIterator[Reading]:
    """Let an operation read hostile bodies in place of each of its replies, at status 200 and 422.

    With `every`, one body in so many; each reply and each seed begins with another one.
    """
    random = Random(seed)
    replayer = Replayer(harness, case)
    await replayer.start()
    for at, step in enumerate(replayer.baseline.steps):
        document = json.loads(step.answer.body or b"{}")
        for number, (name, build) in enumerate(bodies(document, random)):
            if (number + at + seed) % every == 0:
                status = 422 if "error" in name or number % 5 == 1 else 200
                what = f"{case}, {name} ({status}), in the reply of {step.method} {step.path}"
                yield await _read(replayer, what, at, respond_in_pieces(status, build()))


async def _read(replayer: Replayer, what: str, at: int, action: Action) -> Reading:
    fault = Fault(name=what, family=Family.BODY, error=ConferencingError, action=action)
    start = _start_peak()
    began = time.process_time()
    ending = await replayer.under(fault, Strike(at=at, times=1))
    seconds = time.process_time() - began
    return Reading(what=what, outcome=ending.outcome, seconds=seconds, mebibytes=_peak() - start)


def respond_in_pieces(status: int, body: bytes) -> Action:
    """Return an action that sends the body without a second copy of it in the server's buffers."""

    async def action(exchange: Exchange) -> None:
        await respond(status, b"", Content_Length=str(len(body)))(exchange)
        view = memoryview(body)
        for start in range(0, len(body), 2**18):
            if exchange.is_closing:
                return
            await exchange.send(bytes(view[start : start + 2**18]))

    return action


def _start_peak() -> float:
    """Return the memory of this process in MiB, from which its peak is measured from now on."""
    gc.collect()
    libc = ctypes.CDLL(None)
    # Otherwise glibc keeps freed blocks, as many as readings before this one have taught it to keep
    # (mallopt(3), "dynamic mmap threshold"), and a reading would be charged for them.
    libc.mallopt(_M_MMAP_THRESHOLD, 128 * 2**10)
    libc.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
