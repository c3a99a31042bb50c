"""How a call has to end under a fault: the right result, or the one right error."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from attrs import evolve, field, fields_dict, frozen, has

from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TransportError,
)
from conferencing.model import JoinLink, Report
from conferencing.sandbox.simulator import Answer

from .evidence import less_known
from .expect import type_of
from .faults import Family, Fault
from .operations import OperationCase
from .scenario import Scenario
from .server import Received

__all__ = ["TIMES", "Baseline", "Ending", "Step"]

_ID: Final = re.compile(r"[^/]*[0-9][^/]{7,}|[^/]{7,}[0-9][^/]*")
"""A segment of a path that looks like an id: it is long, and has a digit."""

TIMES: Final = "\N{MULTIPLICATION SIGN}"
"""Stands between an operation and its fault."""

PATIENCE: Final = 120.0
"""Seconds that a call may spend waiting between attempts, all together."""

LONGEST_EXCERPT: Final = 300
"""Characters of a reply that may be in an error."""

COUNTED: Final = (TransportError, MalformedResponse, ProviderUnavailable, RateLimited)
"""Errors that always have to say how many attempts there were."""


@frozen(kw_only=True)
class Step:
    """A request of an operation and its reply; `changes` means that the world changed with it."""

    method: str
    path: str
    answer: Answer = field(repr=False)
    changes: bool

    @property
    def shape(self) -> tuple[str, str]:
        """Method and path without ids, which differ from one scenario to the next."""
        return self.method, _ID.sub("*", self.path)


@frozen(kw_only=True)
class Baseline:
    """How a call goes without a fault: its result, its requests, and what it adds to the world.

    `fresh_steps` are the requests of a client that has made none before: some fetch a token first, and
    some another one later, for calls that need it.
    """

    result: Any = field(repr=False)
    steps: tuple[Step, ...]
    fresh_steps: tuple[Step, ...]
    added: Mapping[str, int]

    @property
    def token_places(self) -> tuple[int, ...]:
        """The indexes in `fresh_steps` of the requests for tokens, which no later call makes."""
        usual = {step.shape for step in self.steps}
        return tuple(
            index for index, step in enumerate(self.fresh_steps) if step.shape not in usual
        )

    @property
    def harmless(self) -> bool:
        """Whether the call leaves the world as it is."""
        return not any(step.changes for step in self.steps)


@frozen(kw_only=True)
class Ending:
    """How a call ended under a fault.

    `step` is the request that failed, `once` whether only its first attempt did, `for_token`
    whether it was to fetch a token. `attempts` counts at the server how often it was sent.
    """

    case: OperationCase
    fault: Fault
    baseline: Baseline = field(repr=False)
    scenario: Scenario = field(repr=False)
    step: Step
    once: bool
    for_token: bool
    outcome: Any = field(repr=False)
    requests: tuple[Received, ...] = field(repr=False)
    answers: tuple[Answer, ...] = field(repr=False)
    failures: int
    attempts: int
    added: Mapping[str, int]
    strayed: bool
    credentials: frozenset[str] = field(repr=False)

    def __str__(self) -> str:
        times = ", once" if self.once else ""
        return f"{self.case} {TIMES} {self.fault} at {self.step.method} {self.step.path}{times}"

    @property
    def error(self) -> ConferencingError | None:
        """The error that the call raised, or None."""
        return self.outcome if isinstance(self.outcome, ConferencingError) else None

    def check(self) -> None:
        """Raise `AssertionError` if the call broke a rule; the message names the rules."""
        problems = list(self.problems())
        if problems:
            raise AssertionError(f"{self}: {'; '.join(problems)}")

    def problems(self) -> Iterator[str]:
        """Yield the rules that the call broke, each as a sentence with what was expected."""
        if self.error is None:
            yield from self._result_problems()
        else:
            yield from self._error_problems(self.error)
            yield from self._retry_problems(self.error)
        yield from self._effect_problems()
        slept = sum(self.scenario.clock.slept)
        if slept > PATIENCE:
            yield f"waited for too long: expected at most {PATIENCE:.0f} s, got {slept:.0f} s"

    # -- results

    def _result_problems(self) -> Iterator[str]:
        if self.fault.error == () or not self._is_absence():
            if not self._is_right():
                wanted = self.baseline.result
                yield f"expected the result {wanted!r:.300} or an error, got {self.outcome!r:.300}"
            if self.added != self.baseline.added:
                yield f"expected the effect {dict(self.baseline.added)}, got {dict(self.added)}"
        wait = self.fault.retry_after
        if wait and self.failures and self.once and self.fault.transient:
            waited = max(self.scenario.clock.slept, default=0.0)
            if not wait <= waited <= 2 * wait:
                yield f"expected a wait of {wait:.0f} s, as the server asked; got {waited} s"

    def _is_absence(self) -> bool:
        """Whether the vendor reported that there is nothing, and so does the result."""
        gone = self.fault.error is NotFound and self.outcome in (None, [])
        return gone and not self.added

    def _is_right(self) -> bool:
        wanted = self.baseline.result
        if self.outcome == wanted:
            return True
        both_lists = _is_list(self.outcome) and _is_list(wanted)
        if not both_lists and type_of(self.outcome) is not type_of(wanted):
            return False
        knows_less = self.fault.partial or self._reads_creation
        if knows_less and not list(less_known(self.outcome, wanted)):
            return True
        return not self.case.exact and self._is_similar(wanted)

    @property
    def _reads_creation(self) -> bool:
        """Whether the request reads what was created before: an error would hide that it exists."""
        created = bool(self.added) and self.added == self.baseline.added
        return self.case.once and created and self.step.method == "GET"

    def _is_similar(self, wanted: Any) -> bool:
        """Whether the result of a second attempt is as good as the first."""
        if isinstance(self.outcome, JoinLink):
            return self._is_as_good(self.outcome, wanted)
        if isinstance(self.outcome, Report):  # which makes progress with each look
            names = ("id", "kind", "language")
            return all(getattr(self.outcome, name) == getattr(wanted, name) for name in names)
        if isinstance(wanted, list):
            return len(self.outcome) == len(cast("list[object]", wanted))
        outcome = self.outcome
        attributes = fields_dict(type_of(outcome)) if has(type_of(outcome)) else {}
        # The id of a room may be the adapter's own, and so another one in each scenario.
        if "room_id" in attributes and outcome.room_id == self.scenario.room.id:
            outcome = evolve(outcome, room_id=wanted.room_id)
        return bool(_without_chance(outcome) == _without_chance(wanted))

    def _is_as_good(self, link: JoinLink, wanted: JoinLink) -> bool:
        """Whether a second link opens the same room for the same person in the same role."""
        if link.session_id not in {None, wanted.session_id}:
            return False
        same: dict[str, Any] = {"url": "https://link.invalid", "session_id": None}
        if evolve(link, **same) != evolve(wanted, **same):
            return False
        target, real = self.scenario.join_target(link), self.scenario.real_room()
        if target is None or real is None:
            return True
        roles = {option.role for option in target.entry_options}
        return target.room_id == real.id and (roles <= {link.role} or not link.personal)

    # -- errors

    def _error_problems(self, error: ConferencingError) -> Iterator[str]:
        kinds, sent = self._find_right_errors(error.sent)
        if not isinstance(error, kinds) or error.sent not in sent:
            names = " or ".join(kind.__name__ for kind in kinds) or "success"
            values = " or ".join(sorted(sent))
            yield f"expected {names} sent={values}, got {error!r} sent={error.sent}"
        counted = error.attempts or (isinstance(error, COUNTED) and Sent.NO not in sent)
        if self.attempts and counted and error.attempts != self.attempts:
            yield f"expected attempts={self.attempts} as the server saw, got {error.attempts}"
        wait = self.fault.retry_after
        if wait and isinstance(error, RateLimited) and error.retry_after != wait:
            yield f"expected retry_after={wait}, got {error.retry_after}"
        if not self.case.own:
            expected = (self.scenario.suite.provider_name, self.case.operation)
            if (error.provider, error.operation) != expected:
                yield f"expected {expected} in the error, got {error.provider}, {error.operation}"
        if error.path is not None and not error.path.startswith("$"):
            yield f"expected a path such as $[0].id, got {error.path!r}"
        if len(error.body or "") > LONGEST_EXCERPT:
            yield f"expected a short start of the reply, got {len(error.body or '')} characters"
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - pickled in this line
        if type(copy) is not type(error) or dict(copy.facts) != dict(error.facts):
            yield f"expected a pickled copy to be the same, got {copy!r}"
        texts = f"{error!r}{error}{error.facts}"
        if any(secret in texts for secret in self.credentials):
            yield "expected no credential in the error, got one"

    def _find_right_errors(
        self, reported: Sent
    ) -> tuple[tuple[type[ConferencingError], ...], set[Sent]]:
        """Return the right errors, and the right values of their `sent`."""
        fault = self.fault
        kinds = fault.error if isinstance(fault.error, tuple) else (fault.error,)
        sent = {fault.sent}
        if fault.endpoint is not None and fault.slow:
            sent.add(Sent.NO)  # the connection may never have been made
        if self.for_token:
            # A token endpoint refuses credentials by 400 (RFC 6749, section 5.2).
            refused = (AuthenticationFailed,) if InvalidRequest in kinds else ()
            return (*kinds, *refused), {Sent.NO}
        if reported is Sent.NO and Sent.NO in sent:
            return kinds, sent
        if NotFound in kinds:  # an adapter may look elsewhere, and fail there
            return (ProviderError,), sent
        if fault.lost and self._may_change:
            once = self.case.once and self.attempts <= 1
            return (OutcomeUnknown,) if once else (OutcomeUnknown, *kinds), sent
        return kinds, sent

    @property
    def _may_change(self) -> bool:
        """Whether the request changes something, as far as the adapter can know before it is sent."""
        return self.step.changes or (self.case.once and self.step.method != "GET")

    def _retry_problems(self, error: ConferencingError) -> Iterator[str]:
        fault = self.fault
        if not fault.transient or fault.slow or fault.endpoint is not None or self.for_token:
            return
        throttled = fault.error is RateLimited
        if self.once and (throttled or not self._may_change):
            yield f"expected another attempt after one failure, got {error!r}"
        if not self.once and not self._may_change and self.attempts < 2:  # noqa: PLR2004
            yield f"expected several attempts, got {self.attempts}"

    # -- effects

    def _effect_problems(self) -> Iterator[str]:
        for name, count in self.added.items():
            most = self.baseline.added.get(name, 0)
            if abs(count) > abs(most):
                yield f"expected {name} to change by at most {most}, got {count}"
        if self.for_token and self.error is not None and self.added:
            yield f"expected no effect without a token, got {dict(self.added)}"
        elsewhere = any(request.path.endswith("/elsewhere") for request in self.requests)
        if self.fault.family is Family.REDIRECT and (self.strayed or elsewhere):
            yield "followed the redirect"


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _without_chance(value: Any) -> Any:
    """Return a model without what the vendor draws by chance: ids, links and times of creation."""
    if not has(type_of(value)):
        return value
    names = {"id", "join_url", "join_link", "created_at", "updated_at"} & fields_dict(
        type_of(value)
    ).keys()
    return evolve(value, **dict.fromkeys(names))
