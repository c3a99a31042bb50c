"""Spans and metrics of OpenTelemetry, one span for each operation. `docs/howto/opentelemetry.md`

Nothing is imported before the application has loaded OpenTelemetry itself: until then nobody could
have asked for a span. `CONFERENCING_OTEL=off` switches this library's part off.
"""

from __future__ import annotations

import os
import sys
import time
from contextvars import ContextVar, Token
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from msgspec import Struct

from conferencing.errors import ConferencingError, Sent
from conferencing.version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import Span

__all__ = ["CALLS", "Calls", "Observation", "is_observed"]

SWITCH: Final = "CONFERENCING_OTEL"
OK: Final = "ok"
CANCELLED: Final = "cancelled"


class Calls(Struct):
    """The calls of one operation to the vendor so far, and how many seconds they waited for a turn."""

    attempts: int = 0
    retries: int = 0
    waited: float = 0.0

    def add_attempt(self, number: int) -> None:
        """Count an attempt, the `number`th of its call."""
        self.attempts += 1
        self.retries += number > 1


CALLS: ContextVar[Calls | None] = ContextVar("conferencing_calls", default=None)
"""What the transport counts into; None while nobody observes."""


def is_observed() -> bool:
    """Return whether the application has loaded OpenTelemetry and the switch is not off."""
    return "opentelemetry.trace" in sys.modules and os.environ.get(SWITCH, "").lower() != "off"


class Observation:
    """The span and the metrics of one operation.

    `resume` and `pause` enclose the times in which it runs: a listing pauses while its records are
    used. Nothing personal is recorded: no ids, no messages, and no arguments.
    """

    __slots__ = ("_attributes", "_calls", "_resumed", "_seconds", "_span", "_tokens")

    def __init__(self, provider: str, account: str, operation: str) -> None:
        self._attributes = {
            "conferencing.provider": provider,
            "conferencing.account": account,
            "conferencing.operation": operation,
        }
        self._calls = Calls()
        self._seconds = self._resumed = 0.0
        self._tokens: tuple[Token[Calls | None], Any] | None = None
        self._span: Span = _open_instruments().start_span(operation, self._attributes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(error)

    def resume(self) -> None:
        """Make the span the current one, so that those of the HTTP client are below it."""
        self._resumed = time.monotonic()
        self._tokens = CALLS.set(self._calls), _open_instruments().attach(self._span)

    def pause(self) -> None:
        """Make what was current before `resume` current again."""
        if self._tokens is not None:
            calls, span = self._tokens
            self._tokens = None
            self._seconds += time.monotonic() - self._resumed
            CALLS.reset(calls)
            _open_instruments().detach(span)

    def end(self, error: BaseException | None) -> None:
        """End the span with the outcome, and record the metrics."""
        self.pause()
        calls, outcome = self._calls, _name_outcome(error)
        facts: dict[str, Any] = {
            "conferencing.attempts": calls.attempts,
            "conferencing.retries": calls.retries,
            "conferencing.sent": _find_sent(error, calls).value,
            "conferencing.outcome": outcome,
        }
        if isinstance(error, ConferencingError) and error.status is not None:
            facts["http.response.status_code"] = error.status
        if outcome != OK:
            facts["error.type"] = outcome
        _open_instruments().end_span(self._span, facts, is_error=outcome not in {OK, CANCELLED})
        labels = self._attributes | {"conferencing.outcome": outcome}
        _open_instruments().record(self._seconds, calls, labels)


def _name_outcome(error: BaseException | None) -> str:
    if error is None or isinstance(error, GeneratorExit):  # who reads a listing may stop early
        return OK
    return type(error).__name__ if isinstance(error, Exception) else CANCELLED


def _find_sent(error: BaseException | None, calls: Calls) -> Sent:
    if isinstance(error, ConferencingError):
        return error.sent
    if not calls.attempts:
        return Sent.NO
    return Sent.YES if _name_outcome(error) == OK else Sent.MAYBE


class _Instruments:
    """The tracer and the instruments of this library; made once, when OpenTelemetry is loaded."""

    def __init__(self) -> None:
        from opentelemetry import context, metrics, trace  # noqa: PLC0415 - the extra `otel`

        self._context, self._trace = context, trace
        self._tracer = trace.get_tracer("conferencing", __version__)
        meter = metrics.get_meter("conferencing", __version__)
        self._duration = meter.create_histogram(
            "conferencing.operation.duration", "s", "How long operations take"
        )
        self._waits = meter.create_histogram(
            "conferencing.rate_limit.wait", "s", "How long operations wait for the account's rate"
        )
        self._calls = meter.create_counter("conferencing.calls", "{call}", "Requests to vendors")
        self._retries = meter.create_counter(
            "conferencing.retries", "{call}", "Requests that repeat an earlier one"
        )

    def start_span(self, operation: str, attributes: dict[str, str]) -> Span:
        return self._tracer.start_span(
            f"conferencing {operation}", kind=self._trace.SpanKind.CLIENT, attributes=attributes
        )

    def attach(self, span: Span) -> Any:
        return self._context.attach(self._trace.set_span_in_context(span))

    def detach(self, token: Any) -> None:
        self._context.detach(token)

    def end_span(self, span: Span, facts: dict[str, Any], *, is_error: bool) -> None:
        span.set_attributes(facts)
        if is_error:  # without a description: messages may repeat what a caller passed
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()

    def record(self, seconds: float, calls: Calls, labels: dict[str, str]) -> None:
        self._duration.record(seconds, labels)
        self._calls.add(calls.attempts, labels)
        self._retries.add(calls.retries, labels)
        if calls.waited:
            self._waits.record(calls.waited, labels)


@cache
def _open_instruments() -> _Instruments:
    return _Instruments()
