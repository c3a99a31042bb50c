"""What the tokens of an account permit, by their claims."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from conferencing.capabilities import Operation
from conferencing.http import TokenAuth
from conferencing.model import Permissions

from .client import GraphProvider
from .settings import PLAIN
from .wire.tokens import NEEDS, Needs, list_granted

__all__ = ["list_permissions"]

BY_ORGANIZER: Final = frozenset(
    {Operation.CREATE_ROOM, Operation.UPDATE_ROOM, Operation.DELETE_ROOM}
)


async def list_permissions(graph: GraphProvider) -> list[Permissions]:
    """Return the permissions of the app's token, and of the organizer's if there is one."""
    listed = [await _read(graph, "application", graph.app_auth)]
    if graph.organizer_auth:
        listed.append(await _read(graph, "delegated", graph.organizer_auth))
    return listed


async def _read(graph: GraphProvider, credential: str, auth: TokenAuth) -> Permissions:
    """Return what one token has, unknown for an opaque one: Microsoft promises no form of them."""
    granted = list_granted((await auth.acquire()).token)
    meetings = "meetings" if graph.settings.meetings == PLAIN else "events"
    operations = {
        f"{operation.value} ({subject})": _has_all(granted, groups)
        for subject in (meetings, "webinars")
        for operation, groups in _needs(subject, credential).items()
        if granted is not None
    }
    return Permissions(credential=credential, granted=granted, operations=operations)


def _needs(subject: str, credential: str) -> Needs:
    """Return what the operations need, without those that an app on its own never may."""
    needs: Mapping[Operation, tuple[tuple[str, ...], ...]] = NEEDS[subject]
    if subject == "webinars" and credential == "application":
        return {each: groups for each, groups in needs.items() if each not in BY_ORGANIZER}
    return needs


def _has_all(granted: Collection[str] | None, groups: tuple[tuple[str, ...], ...]) -> bool:
    return all(any(name in (granted or ()) for name in group) for group in groups)
