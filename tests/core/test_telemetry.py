"""Spans and metrics: one for each operation, nothing personal, and nothing at all where unused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from conferencing.testing import ServedSandbox

SET_UP = """
import asyncio, json
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans, reader, provider = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([reader]))

import conferencing
"""
SHOW = """
asyncio.run(main())
data = reader.get_metrics_data()
scopes = data.resource_metrics[0].scope_metrics if data else []
print(json.dumps({
    "spans": [json.loads(span.to_json()) for span in spans.get_finished_spans()],
    "metrics": {metric.name: sum(
        getattr(point, "value", getattr(point, "count", 0)) for point in metric.data.data_points
    ) for scope in scopes for metric in scope.metrics},
}))
"""
PROGRAM = """
async def main():
    async with conferencing.connect({account}) as conference:
        room = await conference.create_room("Secret plans", registration=True, permanent=True)
        await conference.ensure_registered(
            room, email="ann@example.com", first_name="Ann", last_name="Lee"
        )
        async for _ in conference.rooms():
            assert not trace.get_current_span().is_recording()
            break
        conference.draft_registration(email="ann@example.com", first_name="A", last_name="L")
        try:
            await conference.get_room("404404")
        except conferencing.NotFound:
            pass
"""


@pytest.fixture
def observe(
    python: Callable[..., str], conferencing_sandbox: ServedSandbox
) -> Callable[..., dict[str, Any]]:
    """Run a program with the SDK of OpenTelemetry, and return what was recorded."""
    pytest.importorskip("opentelemetry.sdk", reason="pip install opentelemetry-sdk")
    account = conferencing_sandbox.account("clickmeeting")

    def run(program: str = PROGRAM, before: str = "", **keys: Any) -> dict[str, Any]:
        body = program.replace("{account}", repr(account | {"rate": "50/s"} | keys))
        recorded: dict[str, Any] = json.loads(python(before + SET_UP + body + SHOW))
        return recorded

    return run


def test_operation_is_one_span_without_personal_data(
    observe: Callable[..., dict[str, Any]], conferencing_sandbox: ServedSandbox
) -> None:
    conferencing_sandbox["clickmeeting"].fail("status", status=503, match="/registrations/")
    recorded = observe()
    spans = [(span["name"].split()[1], span["attributes"]) for span in recorded["spans"]]
    short = [
        (
            name,
            facts["conferencing.attempts"],
            facts["conferencing.retries"],
            facts["conferencing.sent"],
            facts["conferencing.outcome"],
        )
        for name, facts in spans
    ]
    assert short == [
        ("create_room", 1, 0, "yes", "ok"),
        ("list_participants", 2, 1, "yes", "ok"),
        ("register", 1, 0, "yes", "ok"),
        ("list_rooms", 1, 0, "yes", "ok"),
        ("get_room", 1, 0, "yes", "NotFound"),
    ]
    assert all(
        facts["conferencing.account"] == facts["conferencing.provider"] == "clickmeeting"
        for _, facts in spans
    )
    assert spans[-1][1]["http.response.status_code"] == 404
    assert [span["status"]["status_code"] for span in recorded["spans"]] == ["UNSET"] * 4 + [
        "ERROR"
    ]
    personal = ("ann", "Lee", "Secret plans", "404404", "http://")
    assert not [word for word in personal if word in json.dumps(recorded["spans"])]


def test_metrics_count_calls_retries_and_waits(
    observe: Callable[..., dict[str, Any]], conferencing_sandbox: ServedSandbox
) -> None:
    conferencing_sandbox["clickmeeting"].fail("status", status=503, match="/registrations/")
    totals = observe()["metrics"]
    assert totals.pop("conferencing.rate_limit.wait") >= 4
    assert totals == {
        "conferencing.operation.duration": 5,
        "conferencing.calls": 6,
        "conferencing.retries": 1,
    }


def test_span_of_http_client_is_below(observe: Callable[..., dict[str, Any]]) -> None:
    recorded = observe(
        """
from conferencing.memory import MemoryProvider

class Instrumented(MemoryProvider):
    async def check(self):
        with trace.get_tracer("http").start_as_current_span("GET"):
            await asyncio.sleep(0)

    async def list_rooms(self, status=None):
        with trace.get_tracer("http").start_as_current_span("GET"):
            await asyncio.sleep(0)
        yield []

async def main():
    async with conferencing.connect({"provider": Instrumented}) as conference:
        await conference.check()
        await conference.rooms().collect()
"""
    )
    first, check, second, listing = recorded["spans"]
    assert first["parent_id"] == check["context"]["span_id"]
    assert second["parent_id"] == listing["context"]["span_id"]
    assert check["parent_id"] is listing["parent_id"] is None
    assert check["attributes"]["conferencing.sent"] == "no"


def test_cancelled_operation_is_no_error(observe: Callable[..., dict[str, Any]]) -> None:
    recorded = observe(
        """
from conferencing.memory import MemoryProvider

class Slow(MemoryProvider):
    async def check(self):
        await asyncio.Event().wait()

async def main():
    async with conferencing.connect({"provider": Slow}) as conference:
        task = asyncio.create_task(conference.check())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
"""
    )
    [span] = recorded["spans"]
    assert span["attributes"]["conferencing.outcome"] == "cancelled"
    assert span["status"]["status_code"] == "UNSET"


def test_switch_turns_spans_off(observe: Callable[..., dict[str, Any]]) -> None:
    off = "import os; os.environ['CONFERENCING_OTEL'] = 'off'\n"
    assert observe(before=off) == {"spans": [], "metrics": {}}


def test_opentelemetry_is_not_imported(python: Callable[..., str]) -> None:
    program = """
import asyncio, sys, conferencing

async def main():
    async with conferencing.connect({"provider": "memory"}) as conference:
        await conference.create_room("Launch")
        await conference.rooms().collect()

asyncio.run(main())
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    assert python(program) == "[]"
