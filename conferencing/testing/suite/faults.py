"""Faults: the right result or one typed error, and nothing done twice."""

from __future__ import annotations

from collections.abc import Iterable

from conferencing.errors import UnsupportedOperation
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.faults import Family, Fault, faults_of
from conferencing.testing.operations import OperationCase
from conferencing.testing.replay import Replayer

__all__ = ["FaultTests", "check_faults"]


class FaultTests(SuiteBase):
    """Let every request of every operation fail in the usual ways."""

    def test_lost_reply_acts_once(self, served_case: OperationCase) -> None:
        """What must not happen twice does not, and the error says whether the request was sent."""
        faults = faults_of(Family.CONNECTION, Family.FRAMING, basic=True)
        self.run(lambda harness: check_faults(harness, served_case, faults))

    def test_error_status_raises(self, served_case: OperationCase) -> None:
        """A status decides the class of the error; the vendor's failures are tried again."""
        faults = faults_of(Family.STATUS, basic=True)
        self.run(lambda harness: check_faults(harness, served_case, faults))

    def test_throttled_call_waits(self, served_case: OperationCase) -> None:
        """A 429 means that nothing happened: the call is repeated after `Retry-After`."""
        faults = faults_of(Family.THROTTLE, basic=True)
        self.run(lambda harness: check_faults(harness, served_case, faults))

    def test_redirect_is_not_followed(self, served_case: OperationCase) -> None:
        """A redirect is an error: following it would send the credentials elsewhere."""
        faults = faults_of(Family.REDIRECT, basic=True)
        self.run(lambda harness: check_faults(harness, served_case, faults))

    def test_malformed_reply_raises(self, served_case: OperationCase) -> None:
        """No value is made of HTML, of null, or of half a reply."""
        faults = faults_of(Family.BODY, basic=True)
        self.run(lambda harness: check_faults(harness, served_case, faults))


async def check_faults(
    harness: Harness, case: OperationCase, faults: Iterable[Fault], *, thorough: bool = False
) -> None:
    """Raise `AssertionError` unless the operation ends as it should under each of the faults.

    A call that the adapter cannot express is not checked.
    """
    replayer = Replayer(harness, case)
    try:
        await replayer.start()
    except UnsupportedOperation:
        return
    problems: list[str] = []
    for fault in map(harness.suite.adapt, faults):
        for strike in replayer.strikes(fault, thorough=thorough):
            ending = await replayer.under(fault, strike)
            problems += [f"{ending}: {problem}" for problem in ending.problems()]
    if problems:
        raise AssertionError("\n".join(problems))
