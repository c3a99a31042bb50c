"""Sessions of PostgreSQL, for stores that several machines share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, LiteralString, TypeVar
from weakref import WeakValueDictionary

from attrs import define, field

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    from psycopg import AsyncConnection

__all__ = ["PostgresSessions", "make_tables", "open_postgres", "share_postgres"]

T = TypeVar("T")

TIMEOUT: Final = 5

_SHARED: Final[WeakValueDictionary[tuple[Secret, str], PostgresSessions]] = WeakValueDictionary()
_SHARING: Final = Lock()


@define(eq=False)
class Session:
    """The session of one event loop, and the lock under which it is used."""

    lock: asyncio.Lock = field(factory=asyncio.Lock)
    connection: AsyncConnection[Any] | None = None


class PostgresSessions:
    """One session for each event loop, opened at its first use and again after it broke.

    `users` is how many stores share it; the last one that closes it closes the session.
    """

    def __init__(self, connect: Callable[[], Awaitable[AsyncConnection[Any]]]) -> None:
        self.users = 1
        self._connect = connect
        self._sessions: dict[asyncio.AbstractEventLoop, Session] = {}
        self._lock = Lock()

    async def run_on(
        self,
        connection: AsyncConnection[Any],
        work: Callable[[AsyncConnection[Any]], Awaitable[T]],
    ) -> T:
        """Return what `work` makes of this connection, which is not opened again if it broke."""
        async with self._session().lock:
            return await work(connection)

    async def run(self, work: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
        """Return what `work` makes of the running loop's connection; one caller at a time uses it.

        A connection that the server closed while it was idle is opened again, once.
        """
        session = self._session()
        async with session.lock:
            fresh = session.connection is None or session.connection.closed
            connection = await self._open(session)
            try:
                return await work(connection)
            except Exception:
                if fresh or not connection.closed:
                    raise
            return await work(await self._open(session))

    async def aclose(self) -> None:
        """Close the running loop's session, unless others use it."""
        self.users -= 1
        if self.users > 0:
            return
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None and session.connection is not None:
            await session.connection.close()

    async def _open(self, session: Session) -> AsyncConnection[Any]:
        if session.connection is None or session.connection.closed:
            session.connection = await self._connect()
        return session.connection

    def _session(self) -> Session:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._sessions:
                self._sessions = {
                    other: session
                    for other, session in self._sessions.items()
                    if not other.is_closed()
                }
                self._sessions[loop] = Session()
            return self._sessions[loop]


def open_postgres(
    address: Secret,
    setting: str,
    prepare: Callable[[AsyncConnection[Any]], Awaitable[object]],
    **options: Any,
) -> PostgresSessions:
    """Return sessions for a `postgresql://` address; nothing is connected yet.

    `prepare` is called with each new connection, and `options` are parameters of the server, such
    as `synchronous_commit`. Raises `ConfigurationError` that names `setting` for a malformed
    address, and without the extra.
    """
    try:
        psycopg: Any = import_module("psycopg")
    except ImportError:
        problem = (
            f"{setting} in PostgreSQL needs an extra:"
            ' python -m pip install "conferencing[postgres]"'
        )
    else:
        try:
            psycopg.conninfo.conninfo_to_dict(address.reveal())
        except psycopg.Error:  # its text may repeat the address, which may hold a password
            problem = f"{setting} is not a postgresql:// address"
        else:
            return PostgresSessions(lambda: _connect(psycopg, address, prepare, options))
    raise ConfigurationError(problem, field=setting)


def share_postgres(
    address: Secret,
    setting: str,
    prepare: Callable[[AsyncConnection[Any]], Awaitable[object]],
    **options: Any,
) -> PostgresSessions:
    """Return the sessions of an address that all stores of this process share.

    A server has few sessions, and a process may have hundreds of accounts. Raises like
    `open_postgres`.
    """
    with _SHARING:
        sessions = _SHARED.get((address, setting))
        if sessions is None or sessions.users <= 0:
            sessions = open_postgres(address, setting, prepare, **options)
            _SHARED[address, setting] = sessions
        else:
            sessions.users += 1
        return sessions


async def _connect(
    psycopg: Any,
    address: Secret,
    prepare: Callable[[AsyncConnection[Any]], Awaitable[object]],
    options: dict[str, Any],
) -> AsyncConnection[Any]:
    connection: AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
        address.reveal(), autocommit=True, connect_timeout=TIMEOUT, application_name="conferencing"
    )
    try:
        for name, value in options.items():
            await connection.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
        await prepare(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


async def make_tables(
    connection: AsyncConnection[Any], tables: Mapping[str, LiteralString]
) -> None:
    """Create the tables that do not exist; `tables` are their definitions by name.

    Where they exist, the user needs no right to create tables. Two sessions that create the same
    table at once would fail on a catalogue's unique index, so one waits for the other.
    """
    statement = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS name"
    row = await (await connection.execute(statement, ([*tables],))).fetchone()
    if row is not None and row[0]:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('conferencing tables'))")
        for table in tables.values():
            await connection.execute(table)
