"""The conformance suite: what an adapter must pass, and how pytest finds it. No tests in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from itertools import product
from typing import TYPE_CHECKING, Any

from attrs import frozen

from conferencing.capabilities import Operation, Support
from conferencing.testing.base import SuiteBase
from conferencing.testing.expect import expect
from conferencing.testing.faults import Family
from conferencing.testing.operations import VARIANTS, OperationCase

from .bystanders import BystanderTests
from .exhaustive import ExhaustiveTests
from .faults import FaultTests
from .fields import FieldTests, field_names
from .lifecycle import LifecycleTests
from .listings import ListingTests
from .models import ModelTests
from .operations import OperationTests
from .replies import ReplyTests
from .secrets import SecretTests
from .values import ValueTests

if TYPE_CHECKING:
    import pytest

__all__ = ["Case", "ExhaustiveSuite", "ProviderSuite", "cases"]


class Suite(SuiteBase):
    """Hand each test its cases, and apply the exceptions."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        faults = find_wrong_exceptions(cls) if hasattr(cls, "provider") else []
        if faults:
            raise TypeError(f"{cls.__name__}: {'; '.join(faults)}")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrize a test with its cases."""
        import pytest  # noqa: PLC0415 - only who runs this has it

        cls, name = type(self), metafunc.definition.originalname
        values_by_name = arguments(cls, metafunc.fixturenames)
        params: list[Any] = []
        for values in product(*values_by_name.values()):
            case = "-".join(map(str, values))
            marks = _skip_mark(cls, f"{name}[{case}]")
            params.append(pytest.param(*values, id=case, marks=marks))
        if values_by_name:
            metafunc.parametrize(list(values_by_name), params)

    def setup_method(self, method: Callable[..., Any]) -> None:
        """Skip a test that has a reason not to hold; an override of it runs."""
        reason = self.exceptions.get(method.__name__)
        if reason and _is_original(type(self), method.__name__):
            import pytest  # noqa: PLC0415 - only who runs this has it

            pytest.skip(reason)

    def test_exceptions_have_reasons(self) -> None:
        """What is removed or overridden is named in `exceptions`, and nothing else is."""
        faults = find_wrong_exceptions(type(self))
        expect(not faults, "; ".join(faults))


class ProviderSuite(
    OperationTests,
    ListingTests,
    FieldTests,
    ValueTests,
    BystanderTests,
    FaultTests,
    ReplyTests,
    SecretTests,
    ModelTests,
    LifecycleTests,
    Suite,
):
    """Prove an adapter right. Subclass it in a test file, with the name of the provider:

        class TestAcme(ProviderSuite):
            provider = "acme"

    `provider` is a registered name or an adapter's class, `dialect` one of its dialects.
    `simulator` is the class of its simulator: by default the registered one, None for an adapter
    without a network; `quirks` switches its quirks. `settings` are laid over the account that the
    simulator gives, and `room_fields` are passed for every room. `many` objects have to be more
    than fit on one of the vendor's pages. `retries_bare_429` is False for a vendor whose 429 without
    a word of when to try again is a limit of the day. `unreported` are the roles of people whom the
    vendor's attendance leaves out. `absent` are operations that rooms of these
    `room_fields` do not have, each with the reason, and `once` further ones whose effect must not
    happen twice. `extra_cases` are calls that only this adapter has.
    `world_room` and `world_session` translate the adapter's ids into those of the world.
    `open_room` brings a room to the vendor, for an adapter that keeps rooms by itself.

    What cannot hold for a vendor is named in `exceptions` with its reason: the name of a test, or
    of one case as in `"test_operation_works[create_room]"`. Removing or overriding a test without a
    reason is a `TypeError`. The tests run event loops of their own and need no plug-in.
    """


class ExhaustiveSuite(ExhaustiveTests, Suite):
    """Prove more of the same, in minutes instead of seconds: every fault at every request.

    It takes the attributes of `ProviderSuite`. Every operation, and every further way to call it,
    meets the whole catalogue of faults; its replies are cut and mutated, its ids are hostile.
    """


def arguments(cls: type[SuiteBase], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the values for the arguments of a test that the suite provides."""
    served = cls.simulator_class() is not None
    choices: dict[str, Callable[[], Sequence[Any]]] = {
        "case": cls.cases,
        "any_case": lambda: _all_cases(cls),
        "served_case": lambda: cls.cases() if served else (),
        "any_served_case": lambda: _all_cases(cls) if served else (),
        "findable": lambda: [case for case in cls.cases() if case.finds],
        "listing": lambda: [case for case in cls.cases() if case.fill],
        "undeclared": lambda: cls.operations(Support.ABSENT),
        "field": lambda: _fields(cls, Operation.CREATE_ROOM, declared=True),
        "changed_field": lambda: _fields(cls, Operation.UPDATE_ROOM, declared=True),
        "undeclared_field": lambda: _fields(cls, Operation.CREATE_ROOM, declared=False),
        "family": lambda: list(Family),
    }
    return {name: choices[name]() for name in names if name in choices}


def _all_cases(cls: type[SuiteBase]) -> list[OperationCase]:
    operations = cls.operations()
    variants = [case for case in VARIANTS if case.operation in operations]
    return [*cls.cases(), *variants, *cls.extra_cases]


def _fields(cls: type[SuiteBase], operation: Operation, *, declared: bool) -> list[str]:
    features = cls.adapter().features
    creates = operation is Operation.CREATE_ROOM
    names = features.create_fields if creates else features.update_fields
    if not cls.declared().supports(operation):
        return []
    return [name for name in field_names() if (name in names) is declared]


def find_wrong_exceptions(cls: type[SuiteBase]) -> list[str]:
    """Return what is wrong with the exceptions of a suite, as sentences."""
    reasons = dict(cls.exceptions)
    names = _test_names(cls)
    faults = [
        f"{name} is {'removed' if getattr(cls, name) is None else 'overridden'} without a reason"
        for name in names
        if not _is_original(cls, name) and name not in reasons
    ]
    faults += [f"{name} has an empty reason" for name, why in reasons.items() if not why.strip()]
    unknown = [name for name in reasons if name.partition("[")[0] not in names]
    return faults + [f"exceptions names {name}, which is not a test" for name in unknown]


def _original(cls: type[SuiteBase]) -> type[SuiteBase]:
    return ExhaustiveSuite if issubclass(cls, ExhaustiveSuite) else ProviderSuite


def _is_original(cls: type[SuiteBase], name: str) -> bool:
    return getattr(cls, name) is getattr(_original(cls), name)


def _test_names(cls: type[SuiteBase]) -> list[str]:
    return [name for name in dir(_original(cls)) if name.startswith("test_")]


def _skip_mark(cls: type[SuiteBase], case: str) -> Any:
    import pytest  # noqa: PLC0415 - only who runs this has it

    reason = cls.exceptions.get(case)
    return (pytest.mark.skip(reason=reason),) if reason else ()


# --------------------------------------------------------------------------------- without pytest


@frozen
class Case:
    """One test with one set of arguments; calling it runs it. Raises `AssertionError`."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        self.run()


def cases(cls: type[SuiteBase], *tests: str) -> Iterator[Case]:
    """Yield the cases of a suite, all or those of the named tests: to run it without pytest."""
    for test in tests or _test_names(cls):
        function = getattr(cls, test)
        if function is None or (test in cls.exceptions and _is_original(cls, test)):
            continue
        values_by_name = arguments(cls, list(signature(function).parameters))
        for values in product(*values_by_name.values()):
            name = f"{test}[{'-'.join(map(str, values))}]" if values else test
            if name not in cls.exceptions:
                yield Case(
                    name, partial(function, cls(), **dict(zip(values_by_name, values, strict=True)))
                )
