"""The part of the suite on faults: the right result or one typed error, and nothing done twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from conferencing.capabilities import Operation
from conferencing.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TransportError,
)

from .base import Harness, SuiteBase
from .expect import equal, expect
from .plays import CASES
from .replays import Ending, baseline, replayed

__all__ = ["FaultTests"]

HTML: Final = "<!DOCTYPE html><html><body>Please sign in</body></html>"
TIMES: Final = 99
"""Longer than any adapter tries."""

LOST: Final[Mapping[str, Mapping[str, Any]]] = {
    "reset before": {"kind": "reset"},
    "closed before": {"kind": "close"},
    "done, then reset": {"kind": "commit-reset"},
    "done, then closed": {"kind": "commit-close"},
    "done, reply cut": {"kind": "cut", "size": 1},
    "done, reply cut by a reset": {"kind": "cut-reset", "size": 1},
    "not HTTP": {"kind": "garbage"},
}
REFUSED: Final = (400, 401, 402, 403, 404, 409, 410, 418, 422)
FAILING: Final = (500, 502, 503, 504)
SENSELESS: Final[Mapping[str, Mapping[str, Any]]] = {
    "HTML": {"body": HTML, "media_type": "text/html"},
    "null": {"body": "null"},
    "a list": {"body": "[]"},
    "a text": {"body": '"yes"'},
    "an object": {"body": "{}"},
    "nothing": {"body": ""},
    "cut JSON": {"body": '{"data": [{"id"'},
    "deep JSON": {"body": "[" * 100_000},
    "bad gzip": {"kind": "bad-gzip"},
}


class FaultTests(SuiteBase):
    """Let every request of every operation go wrong in every way."""

    def test_a_lost_reply_is_made_good_or_said(self, sent: Operation) -> None:
        """What must not happen twice does not, and the error tells whether it left."""

        async def scene(harness: Harness) -> None:
            async for one, name in _under(harness, sent, LOST):
                error = one.error
                one.check_not_twice()
                if error is None:
                    one.check_result()
                    continue
                one.check_count()
                expect(isinstance(error, TransportError), f"{one.what} raised {error!r}")
                expect(error.sent is not Sent.NO, f"{one.what} says that nothing was sent")
                if "cut" in name:
                    equal(error.sent, Sent.YES, f"sent after {one.what}")
                if one.play.once and one.path == one.base.requests[-1].path:
                    expect(isinstance(error, OutcomeUnknown), f"{one.what} raised {error!r}")
                    equal(one.tries(), 1, f"the number of requests of {one.what}")

        self.run(scene)

    def test_a_failing_vendor_is_said_to_fail(self, sent: Operation) -> None:
        """The attempts told are the requests seen, and nothing happened."""

        async def scene(harness: Harness) -> None:
            failing = {
                str(status): {"kind": "status", "status": status, "times": TIMES}
                for status in FAILING
            }
            async for one, _ in _under(harness, sent, failing):
                if one.error is None:
                    one.check_result()
                    continue
                one.check_count()
                kinds = (ProviderUnavailable, OutcomeUnknown)
                expect(isinstance(one.error, kinds), f"{one.what} raised {one.error!r}")
                one.check_not_twice()

        self.run(scene)

    def test_a_throttled_call_waits_as_long_as_it_is_told(self, sent: Operation) -> None:
        """A 429 means that it did not happen: it is done again, after `Retry-After`."""

        async def scene(harness: Harness) -> None:
            throttled = {"once": _status(429, headers={"Retry-After": "7"})}
            async for one, _ in _under(harness, sent, throttled):
                expect(one.error is None, f"{one.what} was not done again: {one.error!r}")
                one.check_result()
                waited = max(one.scenario.clock.slept, default=0.0)
                expect(7 <= waited <= 14, f"{one.what} waited {waited} s, not 7")  # noqa: PLR2004

        self.run(scene)

    def test_a_call_that_stays_throttled_ends_as_such(self, sent: Operation) -> None:
        """A wait that is too long is not waited for: it stands in the error."""

        async def scene(harness: Harness) -> None:
            throttled = {
                "always": _status(429, times=TIMES),
                "a day": _status(429, times=TIMES, headers={"Retry-After": "86400"}),
            }
            async for one, name in _under(harness, sent, throttled):
                if one.error is None:
                    one.check_result()
                    continue
                expect(isinstance(one.error, RateLimited), f"{one.what} raised {one.error!r}")
                one.check_count()
                expect(sum(one.scenario.clock.slept) < 120, f"{one.what} waited for too long")  # noqa: PLR2004
                if name == "a day":
                    equal(one.error.retry_after, 86400.0, f"retry_after of {one.what}")

        self.run(scene)

    def test_every_refusal_is_an_error_of_the_vendor(self, sent: Operation) -> None:
        """A refusal by status is a `ProviderError`, and no success is made of it."""

        async def scene(harness: Harness) -> None:
            refusals = {str(status): _status(status, times=TIMES) for status in REFUSED}
            async for one, status in _under(harness, sent, refusals):
                if one.error is None:
                    gone = status in {"404", "410"} and not one.came
                    if not gone:
                        one.check_result()
                    continue
                expect(isinstance(one.error, ProviderError), f"{one.what} raised {one.error!r}")
                equal(one.error.sent, Sent.YES, f"sent after {one.what}")
                one.check_count()

        self.run(scene)

    def test_no_redirect_is_followed(self, sent: Operation) -> None:
        """Where a redirect leads, nobody comes: credentials would come along."""

        async def scene(harness: Harness) -> None:
            root = harness.served.simulator.root if harness.served else ""
            redirects = {
                str(status): _status(status, headers={"Location": f"{root}/elsewhere"}, times=TIMES)
                for status in (301, 302, 307)
            }
            async for one, _ in _under(harness, sent, redirects):
                followed = [each for each in one.requests if each.path.endswith("/elsewhere")]
                expect(not followed, f"{one.what} followed the redirect")
                expect(
                    one.error is not None or one.added == one.base.added, f"{one.what} succeeded"
                )

        self.run(scene)

    def test_a_reply_without_sense_is_refused(self, sent: Operation) -> None:
        """No value is made of HTML, of null, or of half a reply."""

        async def scene(harness: Harness) -> None:
            async for one, name in _under(harness, sent, SENSELESS):
                if one.error is None:
                    # PHP writes an empty map as a list, and some an empty list as a map.
                    empty = name in {"a list", "an object"} and one.came == []
                    if not empty:
                        one.check_result()
                    continue
                expect(isinstance(one.error, ProviderError), f"{one.what} raised {one.error!r}")
                one.check_not_twice()
                one.check_count()

        self.run(scene)


async def _under(
    harness: Harness, operation: Operation, faults: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[tuple[Ending, str]]:
    """Give how an operation ends under each fault at each of its paths."""
    play = CASES[operation]
    base = await baseline(harness, play)
    async with replayed(harness, play, base) as replays:
        for path in base.paths:
            for name, fault in faults.items():
                async with replays.under({**fault, "match": path}) as ending:
                    if ending.struck:
                        yield ending, name


def _status(status: int, **details: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, **details}
