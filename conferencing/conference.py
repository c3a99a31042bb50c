"""What users hold: one account of one provider, with all operations and clear refusals."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from attrs import evolve

from conferencing.accounts.config import Account, Config, read_account
from conferencing.accounts.context import Clock
from conferencing.accounts.settings import hide_texts
from conferencing.capabilities import Operation
from conferencing.client.people import PeopleOperations
from conferencing.client.rooms import RoomOperations
from conferencing.client.sessions import SessionOperations
from conferencing.model import JoinLink, Participant, Person, Room, Session
from conferencing.provider import RawReply

if TYPE_CHECKING:
    import aiohttp

    from conferencing.report import AttendanceReport

__all__ = ["Conference", "connect"]


def connect(
    account: str | Mapping[str, Any] | Account | None = None,
    *,
    config: str | os.PathLike[str] | Config | None = None,
    session: aiohttp.ClientSession | None = None,
    clock: Clock | None = None,
    app: str | None = None,
) -> Conference:
    """Return a `Conference` for an account: a name in the configuration, or a mapping of its keys.

    Without `account`, `CONFERENCING_ACCOUNT` or the configuration's `default` counts. `session` is
    borrowed and never closed. `app` goes in front of the User-Agent. Nothing is sent. Raises
    `ConfigurationError` and its kin.
    """
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: the texts are gone from this frame
    known = read_account(account, config)
    context = evolve(known.context, session=session, app=app)
    if clock is not None:
        context = evolve(context, clock=clock)
    return Conference(known.provider.open(known.settings, context))


class Conference(RoomOperations, PeopleOperations, SessionOperations):
    """One account of one provider. Use it in `async with`, or call `aclose()` in the end.

    Where a room or a session is asked for, its id does as well. Raises `UnsupportedOperation`
    before anything is sent where the provider has no such thing; `capabilities` tells it before.
    """

    def __repr__(self) -> str:
        return f"<Conference {self.account} on {self.provider.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Conference holds connections and credentials and is not pickled")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; calling it again does nothing."""
        await self.provider.aclose()

    async def attendance_report(
        self,
        room: Room | str,
        session: Session | str | None = None,
        *,
        timezone: str | None = None,
    ) -> AttendanceReport:
        """Gather who was there over all sessions of a room, or in one, for `write_report`.

        `timezone` is the IANA name of the zone to tell times in; without it, it is the room's.
        Where the provider cannot know something, the report says so in words.
        """
        from conferencing.report import collect_report  # noqa: PLC0415 - few programs report

        with self._operation(Operation.LIST_SESSIONS):
            return await collect_report(self, room, session, timezone=timezone)

    def invitation(
        self,
        room: Room,
        link: JoinLink | None = None,
        *,
        person: Person | Participant | None = None,
        organizer: Person | None = None,
        method: str | None = None,
        sequence: int | None = None,
    ) -> bytes:
        """Return a calendar file with the room's dates and the way in; nothing is sent.

        See `conferencing.calendar.invitation` for what becomes of each argument.
        """
        from conferencing.calendar import invitation  # noqa: PLC0415 - few programs invite

        with self._operation(None):
            return invitation(
                room,
                link,
                provider=self.provider.name,
                account=self.account,
                person=person,
                organizer=organizer,
                method=method,
                sequence=sequence,
                now=self.provider.context.clock.now(),
            )

    async def request(self, method: str, path: str, **options: Any) -> RawReply:
        """Make a call that the model does not cover, with this account's credentials and limits.

        `path` is below the base URL. `options` are those of the provider; over HTTP: `query`,
        `form`, `json`, `files`, `headers`, and `effect`, which says whether it may be repeated
        (a POST is not, unless you say so). Failures raise as everywhere.
        """
        with self._operation(Operation.REQUEST):
            return await self.provider.request(method, path, **options)
