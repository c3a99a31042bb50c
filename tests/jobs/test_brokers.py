"""Taskiq's brokers: settings that lose jobs are refused, each by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from real_servers import RedisServer
from server_fixtures import serving_or_skip

from conferencing import ConfigurationError

pytest.importorskip("taskiq", reason="this needs taskiq: pip install taskiq")
streams = pytest.importorskip("taskiq_redis", reason="this needs taskiq-redis")
rabbit = pytest.importorskip("taskiq_aio_pika", reason="this needs taskiq-aio-pika")
json_serializer = import_module("taskiq.serializers").JSONSerializer
add_tasks = import_module("conferencing.jobs.taskiq").add_tasks

ADDRESS = "redis://127.0.0.1:1/0"
FIT: dict[str, Any] = {
    "consumer_id": "0",
    "xread_count": 1,
    "unacknowledged_batch_size": 1,
    "unacknowledged_lock_timeout": 5,
}


def make(**changes: Any) -> Any:
    return streams.RedisStreamBroker(ADDRESS, **{**FIT, **changes})


def test_stock_stream_broker_is_refused_with_each_setting() -> None:
    with pytest.raises(ConfigurationError) as caught:
        add_tasks(streams.RedisStreamBroker(ADDRESS), journal=ADDRESS)
    for name in ("consumer_id", "xread_count", "unacknowledged_batch_size", "lock_timeout"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("consumer_id", "$"), ("xread_count", 100), ("unacknowledged_batch_size", 100),
     ("unacknowledged_lock_timeout", None), ("maxlen", 10_000)],
)  # fmt: skip
def test_one_unfit_setting_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"expose personal data: {setting} is"):
        add_tasks(make(**{setting: value}), journal=ADDRESS)


@pytest.mark.parametrize(
    ("broker", "reason"),
    [
        (lambda: streams.ListQueueBroker(ADDRESS), "loses the jobs of a worker that dies"),
        (lambda: streams.PubSubBroker(ADDRESS), "drops what no worker is listening for"),
        (
            lambda: make().with_result_backend(streams.RedisAsyncResultBackend(ADDRESS)),
            "JSONSerializer",
        ),
        (
            lambda: rabbit.AioPikaBroker("amqp://127.0.0.1:1/").with_queues(
                rabbit.Queue(name="people", durable=False)
            ),
            "'people' is not durable",
        ),
    ],
)
def test_unsafe_broker_is_refused(broker: Callable[[], Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        add_tasks(broker(), journal=ADDRESS)


def test_fit_brokers_are_accepted() -> None:
    results = streams.RedisAsyncResultBackend(ADDRESS, serializer=json_serializer())
    for broker in (
        make().with_result_backend(results),
        rabbit.AioPikaBroker("amqp://127.0.0.1:1/"),
    ):
        people = add_tasks(broker, journal=ADDRESS)
        assert broker.find_task("conferencing:register") is not None
        assert people.jobs.journal is not None


async def test_broker_on_redis_without_appendonly_file_is_refused() -> None:
    with serving_or_skip(RedisServer, "redis", appendonly=False) as server:
        broker = streams.RedisStreamBroker(server.address, **FIT)
        people = add_tasks(broker, journal=server.address)
        broker.is_worker_process = True
        with pytest.raises(ConfigurationError, match="appendonly yes"):
            await broker.startup()
        with pytest.raises(ConfigurationError, match="appendonly yes"):
            await people.submit([])
        await broker.shutdown()
        await people.aclose()
