"""The conformance suite: what an adapter must pass, and how pytest finds it. No tests in here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from conferencing.capabilities import Operation, Support

from .expect import expect
from .faults import FaultTests
from .fields import FieldTests, all_fields
from .lifecycle import LifecycleTests
from .models import ModelTests
from .operations import OperationTests
from .plays import CASES
from .replies import ReplyTests
from .secrets import SecretTests
from .values import ValueTests

if TYPE_CHECKING:
    import pytest

__all__ = ["Case", "ProviderSuite", "cases"]


class ProviderSuite(
    OperationTests,
    FieldTests,
    ValueTests,
    FaultTests,
    ReplyTests,
    SecretTests,
    ModelTests,
    LifecycleTests,
):
    """Prove an adapter right. Subclass it in a test file, with the name of the provider:

        class TestAcme(ProviderSuite):
            provider = "acme"

    `provider` is a registered name or an adapter's class, `dialect` one of its dialects.
    `simulator` is the class of its stand-in: the registered one if it is not said, None for an
    adapter without a network. `settings` are laid over the account that the simulator gives,
    `room_fields` go with every room that is made, and `many` rooms are more than fit on one of the
    vendor's pages. `world_room` and `world_session` find what the adapter's ids mean in the world.

    What cannot hold for a vendor is named in `exceptions` with its reason: a test's name, or that
    of one case as in `"test_x[create_room]"`. A test that is removed or overridden without a reason
    is a `TypeError`. The tests run their own event loops and need no plug-in.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        faults = unexplained(cls)
        if faults:
            raise TypeError(f"{cls.__name__}: {'; '.join(faults)}")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test its cases."""
        import pytest  # noqa: PLC0415 - only who runs this has it

        cls, name = type(self), metafunc.definition.originalname
        found = parameters(cls, metafunc.fixturenames)
        for argument, values in found.items():
            params = [
                pytest.param(one, id=str(one), marks=_skipped(cls, f"{name}[{one}]"))
                for one in values
            ]
            metafunc.parametrize(argument, params)

    def setup_method(self, method: Callable[..., Any]) -> None:
        """Skip what has a reason not to hold; what stands in its place is run."""
        reason = self.exceptions.get(method.__name__)
        if reason and _kept(type(self), method.__name__):
            import pytest  # noqa: PLC0415 - only who runs this has it

            pytest.skip(reason)

    def test_every_exception_has_its_reason(self) -> None:
        """What is removed or overridden is named in `exceptions`, and nothing else is."""
        faults = unexplained(type(self))
        expect(not faults, "; ".join(faults))


ALL: Final = (Support.NATIVE, Support.EMULATED, Support.UNVERIFIED)


def parameters(cls: type[ProviderSuite], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the cases for those of a test's arguments that are the suite's."""
    known: dict[str, Callable[[], Sequence[Any]]] = {
        "operation": lambda: cls.operations(*ALL),
        "sent": lambda: cls.operations(*ALL) if cls.simulator_class() else (),
        "absent": lambda: cls.operations(Support.ABSENT),
        "finding": lambda: [one for one in cls.operations(*ALL) if CASES[one].finds],
        "field": lambda: _fields(cls, Operation.CREATE_ROOM, said=True),
        "change": lambda: _fields(cls, Operation.UPDATE_ROOM, said=True),
        "unsaid": lambda: _fields(cls, Operation.CREATE_ROOM, said=False),
    }
    return {name: known[name]() for name in names if name in known}


def _fields(cls: type[ProviderSuite], operation: Operation, *, said: bool) -> list[str]:
    features = cls.adapter().features
    created = operation is Operation.CREATE_ROOM
    declared = features.create_fields if created else features.update_fields
    if not cls.declared().supports(operation):
        return []
    return [one for one in all_fields() if (one in declared) is said]


def unexplained(cls: type) -> list[str]:
    """Return what is wrong with the exceptions of a suite, in words."""
    reasons: dict[str, str] = dict(getattr(cls, "exceptions", {}))
    faults = [
        f"{name} is {'removed' if getattr(cls, name) is None else 'overridden'} without a reason"
        for name in _tests()
        if not _kept(cls, name) and name not in reasons
    ]
    faults += [f"{name} has an empty reason" for name, why in reasons.items() if not why.strip()]
    unknown = [name for name in reasons if name.partition("[")[0] not in _tests()]
    return faults + [f"exceptions names {name}, which is no test" for name in unknown]


def _kept(cls: type, name: str) -> bool:
    return getattr(cls, name) is getattr(ProviderSuite, name)


def _tests() -> list[str]:
    return [name for name in dir(ProviderSuite) if name.startswith("test_")]


def _skipped(cls: type[ProviderSuite], case: str) -> Any:
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


def cases(cls: type[ProviderSuite], *tests: str) -> Iterator[Case]:
    """Give the cases of a suite, all or those of the named tests: to run it without pytest."""
    for test in tests or _tests():
        function = getattr(cls, test)
        if function is None or (test in cls.exceptions and _kept(cls, test)):
            continue
        found = parameters(cls, list(signature(function).parameters))
        for argument, values in found.items() or [("", [None])]:
            for value in values:
                name = f"{test}[{value}]" if argument else test
                given = {argument: value} if argument else {}
                if name not in cls.exceptions:
                    yield Case(name, partial(function, cls(), **given))
