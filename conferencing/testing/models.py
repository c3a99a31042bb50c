"""The part of the suite on values: they do not change, travel, and know their time zone."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from attrs import evolve, fields, has
from attrs.exceptions import FrozenInstanceError

from conferencing.capabilities import Operation
from conferencing.model.native import NO_NATIVE

from .base import Harness, SuiteBase
from .expect import equal, expect, kind_of, succeeded
from .plays import CASES

__all__ = ["ModelTests"]


class ModelTests(SuiteBase):
    """Look at what the operations return."""

    def test_what_comes_back_is_a_value(self, operation: Operation) -> None:
        """Immutable, picklable, with aware times; `native` is in no repr and no comparison."""

        async def scene(harness: Harness) -> None:
            play = CASES[operation]
            async with harness.scenario(*play.needs) as scenario:
                result = await succeeded(play.perform(scenario), operation.value)
            for one in _models(result):
                _check_frozen(one)
                _check_times(one, type(one).__name__)
                _check_native(one)
                copy = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own
                equal((kind_of(copy), repr(copy)), (kind_of(one), repr(one)), "a pickled copy")

        self.run(scene)


def _models(result: Any) -> Iterator[Any]:
    many = isinstance(result, list | tuple)
    for one in cast("list[object]", result) if many else [result]:
        expect(
            one is None or has(kind_of(one)) or isinstance(one, int), f"{one!r} is no model of ours"
        )
        if has(kind_of(one)):
            yield one


def _check_frozen(one: Any) -> None:
    name = fields(kind_of(one))[0].name
    try:
        setattr(one, name, None)
    except (FrozenInstanceError, AttributeError):
        return
    raise AssertionError(f"{type(one).__name__}.{name} can be changed")


def _check_times(value: Any, where: str) -> None:
    """Refuse naive times anywhere, and words of an enumeration that are none."""
    if isinstance(value, datetime):
        expect(value.utcoffset() is not None, f"{where} is naive: {value}")
    elif isinstance(value, list | tuple):
        for part in cast("list[object]", value):
            _check_times(part, where)
    elif has(kind_of(value)):
        for each in fields(kind_of(value)):
            part = getattr(value, each.name)
            _check_times(part, f"{where}.{each.name}")
            is_word = isinstance(each.default, StrEnum)
            expect(not is_word or isinstance(part, StrEnum), f"{where}.{each.name} is {part!r}")


def _check_native(one: Any) -> None:
    native: Mapping[str, Any] | None = getattr(one, "native", None)
    if native is None:
        return
    bare = evolve(one, native=NO_NATIVE)
    equal(repr(bare), repr(one), "the repr without native")
    expect(bare == one, f"{type(one).__name__}: native counts when values are compared")
