"""Returned models: they do not change, can be pickled, know their time zone, and keep `native`."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from zoneinfo import available_timezones

from attrs import evolve, fields, has
from attrs.exceptions import FrozenInstanceError

from conferencing.model.native import NO_NATIVE
from conferencing.model.zones import zone_name
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import expect, expect_equal, expect_success, type_of
from conferencing.testing.operations import OperationCase

__all__ = ["ModelTests"]


class ModelTests(SuiteBase):
    """Look at what the operations return."""

    def test_result_is_a_value(self, case: OperationCase) -> None:
        """Immutable, picklable, with aware times; `native` is in no repr and no comparison."""

        async def test(harness: Harness) -> None:
            async with harness.scenario(*case.states) as scenario:
                result = await expect_success(case.perform(scenario), str(case))
            for model in _models(result):
                _check_frozen(model)
                _check_times(model, type(model).__name__)
                _check_native(model)
                copy = pickle.loads(pickle.dumps(model))  # noqa: S301 - pickled in this line
                expected = (type_of(model), repr(model))
                expect_equal((type_of(copy), repr(copy)), expected, "a pickled copy")

        self.run(test)

    def test_result_has_native(self, served_case: OperationCase) -> None:
        """What the vendor sent is in `native` of each model that was read from its reply."""

        async def test(harness: Harness) -> None:
            async with harness.scenario(*served_case.states) as scenario:
                result = await expect_success(served_case.perform(scenario), str(served_case))
            for model in _models(result):
                name = type(model).__name__
                has_native = "native" in {each.name for each in fields(type_of(model))}
                if has_native:
                    expect(model.native, f"{name}.native of {served_case} is empty")

        if served_case.exact:
            self.run(test)


def _models(result: Any) -> Iterator[Any]:
    items = cast("list[object]", result) if isinstance(result, list | tuple) else [result]
    for item in items:
        is_model = item is None or has(type_of(item)) or isinstance(item, int)
        expect(is_model, f"{item!r} is not a model of this library")
        if has(type_of(item)):
            yield item


def _check_frozen(model: Any) -> None:
    name = fields(type_of(model))[0].name
    try:
        setattr(model, name, None)
    except (FrozenInstanceError, AttributeError):
        return
    raise AssertionError(f"{type(model).__name__}.{name} can be changed")


def _check_times(value: Any, place: str) -> None:
    """Refuse naive times anywhere, and plain text in place of a member of an enumeration."""
    if isinstance(value, datetime):
        expect(value.utcoffset() is not None, f"{place} is naive: {value}")
    elif isinstance(value, list | tuple):
        for part in cast("list[object]", value):
            _check_times(part, place)
    elif has(type_of(value)):
        _check_zone(value, place)
        for each in fields(type_of(value)):
            part = getattr(value, each.name)
            _check_times(part, f"{place}.{each.name}")
            enumerated = isinstance(each.default, StrEnum)
            expect(not enumerated or isinstance(part, StrEnum), f"{place}.{each.name} is {part!r}")


def _check_zone(value: Any, place: str) -> None:
    """Refuse a planned time that is not in its zone: a week later it would be an hour off."""
    zone, starts_at = getattr(value, "timezone", None), getattr(value, "starts_at", None)
    if starts_at is not None and zone in available_timezones():
        expect_equal(zone_name(starts_at), zone, f"the zone of {place}.starts_at")


def _check_native(model: Any) -> None:
    native: Mapping[str, Any] | None = getattr(model, "native", None)
    if native is None:
        return
    bare = evolve(model, native=NO_NATIVE)
    expect_equal(repr(bare), repr(model), "the repr without native")
    expect(bare == model, f"{type(model).__name__}: native counts when values are compared")
