"""Cells by themselves that are easily wrong, whichever part of the matrix is played."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from attrs import evolve
from cells import Floor
from kinds import Kind, kinds
from operations import cases

from conferencing import MalformedResponse, NotFound, Sent, TimedOut, TransportError
from conferencing.http.reply import Reply

SOON = 5.0
"""Seconds after which a broken connection must have been noticed, however busy the machine is."""


@pytest.mark.parametrize("name", ["delete_room", "delete_template"])
async def test_a_token_endpoint_that_is_not_there_deletes_nothing(name: str) -> None:
    ending = await played("meetrs", name, "404 with JSON")
    assert ending.added == {}
    assert isinstance(ending.error, NotFound)
    assert ending.error.sent is Sent.NO


@pytest.mark.parametrize("name", ["plain JSON labelled deflate"])
async def test_a_body_that_turns_out_to_be_none_is_noticed_at_once(name: str) -> None:
    async with asyncio.timeout(SOON):
        ending = await played("clickmeeting", "list_rooms", name, slow=False)
    assert isinstance(ending.error, TransportError | MalformedResponse)
    assert not isinstance(ending.error, TimedOut)


def test_a_raw_reply_that_cannot_be_read_tells_its_attempts() -> None:
    with pytest.raises(MalformedResponse) as caught:
        Reply(200, {}, b"<html>", attempts=3).json()
    assert caught.value.attempts == 3


async def played(adapter: str, name: str, kind: str, **changes: Any) -> Any:
    case = next(one for one in cases(adapter) if one.name == name)
    async with Floor(adapter) as floor:
        base = await floor.theatre.baseline(case)
        return await floor.play(case, base, evolve(named(kind), **changes))


def named(name: str) -> Kind:
    return next(kind for kind in kinds() if kind.name == name)
