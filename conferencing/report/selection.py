"""Select the sessions of a report: named ones, or all within a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from conferencing.errors import InvalidRequest
from conferencing.model import Room, Session
from conferencing.model.base import to_utc
from conferencing.model.zones import zone_of

from .threshold import AtLeast, parse_at_least

__all__ = ["check_options", "fetch_sessions", "select_sessions"]


class GetsSessions(Protocol):
    """A source of single sessions."""

    async def get_session(self, session_id: str, /) -> Session: ...


def check_options(
    session: Session | str | Iterable[Session | str] | None,
    *,
    since: datetime | None,
    until: datetime | None,
    timezone: str | None,
    at_least: AtLeast | None,
) -> None:
    """Raise `InvalidRequest` for options that cannot be used, before anything is sent."""
    if timezone is not None:
        zone_of(timezone)
    parse_at_least(at_least)
    _check_type(
        "session", session, (Session, Iterable), "pass a session, its id, or a list of them"
    )
    for name, moment in (("since", since), ("until", until)):
        if moment is None:
            continue
        if session is not None:
            raise InvalidRequest(
                f"session and {name} exclude each other; name sessions, or a time", field=name
            )
        _check_type(name, moment, (datetime,), "pass a datetime with its zone")
        if moment.utcoffset() is None:
            raise InvalidRequest(
                f"{name} is {moment.isoformat()} without a time zone; pass one such as"
                " ZoneInfo('Europe/Warsaw')",
                field=name,
            )
    if since is not None and until is not None and until <= since:
        raise InvalidRequest("until must be later than since", field="until")


def _check_type(name: str, value: object, kinds: tuple[type, ...], remedy: str) -> None:
    if value is not None and not isinstance(value, kinds):
        raise InvalidRequest(f"{name} is {value!r}; {remedy}", field=name)


async def fetch_sessions(
    conference: GetsSessions, room: Room, session: Session | str | Iterable[Session | str]
) -> list[Session]:
    """Return the named sessions, each once. Raises `InvalidRequest` for one of another room."""
    named = [session] if isinstance(session, Session | str) else list(session)
    if not named:
        raise InvalidRequest(
            "session is empty; name a session, or pass None for all", field="session"
        )
    sessions: dict[str, Session] = {}
    for each in named:
        selected = each if isinstance(each, Session) else await conference.get_session(each)
        if selected.room_id not in {None, room.id}:
            raise InvalidRequest(
                f"session {selected.id!r} is one of room {selected.room_id!r}, not of {room.id!r}",
                field="session",
            )
        sessions[selected.id] = selected
    return list(sessions.values())


def select_sessions(
    sessions: Sequence[Session], *, since: datetime | None, until: datetime | None
) -> list[Session]:
    """Return the sessions that started at or after `since` and before `until`."""
    if since is None and until is None:
        return list(sessions)
    return [session for session in sessions if _is_selected(session, since, until)]


def _is_selected(session: Session, since: datetime | None, until: datetime | None) -> bool:
    if session.started_at is None:
        raise InvalidRequest(
            f"session {session.id!r} has no known start, so since and until cannot select it; name"
            " the sessions of the report instead",
            field="since" if since else "until",
        )
    start = to_utc(session.started_at)
    return not (since and start < since) and not (until and start >= until)
