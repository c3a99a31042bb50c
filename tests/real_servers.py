"""Real servers on loopback, which tests and benchmarks start, kill and start again themselves."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

STORES = ("sqlite", "redis", "postgres")
"""Where a shared journal can be."""

STARTS_WITHIN = 60.0


class Missing(Exception):
    """The server is not installed."""


def find_program(name: str, *folders: str) -> str:
    """Return the path of a program, also from folders that are not on the path."""
    places = [path for pattern in folders for path in sorted(Path("/").glob(pattern.lstrip("/")))]
    program = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, places)))
    if program is None:
        raise Missing(f"{name} is not installed")
    return program


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server with a folder of its own and a port that stays the same after a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = find_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        return {}

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, **self.options()
            )
        ends = time.monotonic() + STARTS_WITHIN
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace")[-3000:])
            time.sleep(0.05)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Kill it and all that it has started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait(30)
            self.process = None

    def clear(self) -> None:
        """Remove all that it has, as far as it matters to another test."""

    def close(self) -> None:
        """Kill it for good."""
        self.kill()


class RedisServer(Server):
    """Redis with an append-only file, unless told otherwise."""

    def __init__(self, folder: Path, *, appendonly: bool = True) -> None:
        super().__init__(folder)
        self._appendonly = "yes" if appendonly else "no"
        self._program = find_program("redis-server")
        self.address = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = {
            "port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "",
            "appendonly": self._appendonly,
        }  # fmt: skip
        return [
            self._program,
            *(part for name in options for part in (f"--{name}", str(options[name]))),
        ]

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as client:
            client.sendall(b"PING\r\n")
            return client.recv(100).startswith(b"+PONG")  # and not that it is still loading
        return False

    def clear(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.sendall(b"FLUSHALL\r\n")
            assert client.recv(100).startswith(b"+OK")


class PostgresServer(Server):
    """PostgreSQL. It refuses to run as root, so that another user runs it."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        super().__init__(folder)
        places = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
        self._initdb, self._program = (
            find_program(name, *places) for name in ("initdb", "postgres")
        )
        self._fsync = "on" if fsync else "off"
        self._counter = count(1)
        self.data = folder / "data"
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        if os.getuid() == 0:
            os.chown(folder, *self._user())
        create = [
            self._initdb,
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "--no-instructions",
        ]
        subprocess.run(create, check=True, capture_output=True, timeout=120, **self.options())

    def command(self) -> list[str]:
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
            "fsync": self._fsync, "max_connections": 60, "shared_buffers": "16MB",
        }  # fmt: skip
        return [
            self._program, "-D", str(self.data),
            *(part for name in settings for part in ("-c", f"{name}={settings[name]}")),
        ]  # fmt: skip

    def options(self) -> dict[str, Any]:
        if os.getuid() != 0:
            return {"cwd": self.folder}
        user, group = self._user()
        return {"cwd": self.folder, "user": user, "group": group, "extra_groups": []}

    def is_ready(self) -> bool:
        import psycopg  # noqa: PLC0415 - optional

        with suppress(psycopg.Error), psycopg.connect(self.address, connect_timeout=2):
            return True
        return False

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        import psycopg  # noqa: PLC0415 - optional

        name = f"test{next(self._counter)}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address.removesuffix("postgres") + name

    def clear(self) -> None:
        import psycopg  # noqa: PLC0415 - optional

        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def kill(self, number: int = signal.SIGQUIT) -> None:
        """Stop it at once, as a crash would: SIGKILL would leave its shared memory behind."""
        super().kill(number)

    @staticmethod
    def _user() -> tuple[int, int]:
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                user = pwd.getpwnam(name)
                return user.pw_uid, user.pw_gid
        raise Missing("there is no user but root, and PostgreSQL does not run as root")


class RabbitServer(Server):
    """RabbitMQ, with an `epmd` of its own: it would leave a shared one running."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # The script on the path changes to another user; what it starts is below this folder.
        place = "/usr/lib/rabbitmq/lib/*/sbin"
        programs = sorted(Path("/").glob(f"{place.lstrip('/')}/rabbitmq-server"))
        self._program = str(programs[-1]) if programs else find_program("rabbitmq-server")
        self._distribution, self._names_port = find_port(), find_port()
        epmd = find_program("epmd", "/usr/lib/erlang/bin", "/usr/lib/erlang/erts-*/bin")
        self._names = subprocess.Popen(
            [epmd, "-port", str(self._names_port), "-address", "127.0.0.1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.address = f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def command(self) -> list[str]:
        return [self._program]

    def options(self) -> dict[str, Any]:
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.console = true\nlog.file = false\n"
            "disk_free_limit.absolute = 10MB\n",
            "utf-8",
        )
        (self.folder / "enabled_plugins").write_text("[].\n", "utf-8")
        own = {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"tests{self.port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false +S 1:1",
        }
        return {"env": {**os.environ, **own}, "cwd": self.folder}

    def close(self) -> None:
        """Kill it and its `epmd`."""
        super().close()
        self._names.kill()
        self._names.wait(30)

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as client:
            client.settimeout(5)
            client.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(client.recv(1))
        return False


@contextmanager
def serving(kind: type[Server], **options: Any) -> Iterator[Any]:
    """Run a server in a temporary folder that its user can reach."""
    with tempfile.TemporaryDirectory(prefix="conferencing-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = kind(Path(folder), **options)
        try:
            server.start()
            yield server
        finally:
            server.close()
