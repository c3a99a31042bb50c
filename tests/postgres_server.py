"""Database servers that tests start themselves, on free ports of loopback.

    with PostgresServer() as server:
        psycopg2.connect(server.new_database())

`find_postgres()` is None where PostgreSQL is not installed: skip then, with `NEEDS_POSTGRES`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

NEEDS_POSTGRES = "PostgreSQL is not installed: apt-get install postgresql"
LIMIT = 60
"""Seconds after which a server that does not start or stop is an error."""


def find_postgres() -> Path | None:
    """Return the folder with PostgreSQL's programs: that on the path, or the newest of Debian's."""
    program = shutil.which("initdb")
    if program:
        return Path(program).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((program.parent for program in folders), default=None)


class PostgresServer:
    """A server of its own in a folder of its own, without passwords and without fsync.

    PostgreSQL does not run as root, so for root it runs as the user `postgres`, or else `nobody`.
    """

    def __init__(self) -> None:
        self._counter = count(1)

    def __enter__(self) -> Self:
        programs = find_postgres()
        assert programs is not None, NEEDS_POSTGRES
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="conferencing-postgres-"))
        self._user = _find_user() if os.name == "posix" and os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user)
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._control("stop", "--mode", "immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def address(self) -> str:
        """The address of the database that every server has."""
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        name = f"test{next(self._counter)}"
        self._call(
            "createdb", "--host", "127.0.0.1", "--port", str(self.port), "-U", "tester", name
        )
        return self.address.removesuffix("postgres") + name

    def _start(self) -> None:
        data = str(self._folder / "data")
        self._call("initdb", "-D", data, "-U", "tester", "--auth=trust", "--no-sync")
        self.port = _find_free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._control("start", "--log", str(self._folder / "log"), "--options", options)

    def _control(self, action: str, *options: str) -> None:
        self._call("pg_ctl", action, "-D", str(self._folder / "data"), "--wait", *options)

    def _call(self, program: str, *arguments: str) -> None:
        # A server that inherited a pipe would keep it open.
        subprocess.run(
            [self._programs / program, *arguments],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=self._folder, user=self._user, timeout=LIMIT,
        )  # fmt: skip


def _find_user() -> str:
    import pwd  # noqa: PLC0415 - not on Windows

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
