"""Fixtures of real servers; without a server or the library of its client, tests are skipped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from real_servers import Missing, PostgresServer, RedisServer, Server, serving

__all__ = ["serving_or_skip"]


@contextmanager
def serving_or_skip(kind: type[Server], package: str, **options: Any) -> Iterator[Any]:
    """Run a server, or skip the test; `package` is what pip installs as the library of a client."""
    library = package.partition("[")[0]
    pytest.importorskip(library, reason=f"this needs {library}: pip install {package}")
    try:
        with serving(kind, **options) as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this process of tests."""
    with serving_or_skip(PostgresServer, "psycopg[binary]") as server:
        yield server


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres_server.new_database()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this process of tests, which keeps what it is told."""
    with serving_or_skip(RedisServer, "redis") as server:
        yield server


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a Redis on a unix socket, in the place of the one before."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed")
    path = tmp_path / "redis.sock"
    command = [server, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", tmp_path]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        stop()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        running.append(process)
        ready = any(b"eady to accept connections" in line for line in process.stdout)
        assert ready, "redis-server did not start"
        return process

    def stop() -> None:
        for process in running:
            process.terminate()
            process.communicate(timeout=20)
        running.clear()

    yield start
    stop()


@pytest.fixture
def redis(start_redis: Callable[[], subprocess.Popen[bytes]], tmp_path: Path) -> str:
    """The address of an empty Redis that runs."""
    pytest.importorskip("redis", reason="this needs redis: pip install redis")
    start_redis()
    return f"unix://{tmp_path}/redis.sock"
