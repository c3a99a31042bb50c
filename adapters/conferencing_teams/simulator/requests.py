"""A request as the routes see it, and the pages of lists: docs/vendors/teams.md#queries"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from attrs import field, frozen

from conferencing.sandbox.kit import Refusal, page_by_cursor
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .errors import no_permission, no_policy, no_user, refuse
from .state import Caller, TeamsState

__all__ = ["Request", "answer_page", "find_organizer", "find_path_user"]

EMPTY: Final = "empty:"
MOST: Final = 1000


@frozen(kw_only=True)
class Request:
    """Who calls, with which query, body and preferences. `path` is not decoded."""

    caller: Caller
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] = field(factory=dict[str, Any])
    prefer: str = ""


def answer_page(
    simulator: TeamsState, request: Request, rows: Sequence[Any], **beside: Any
) -> Answer:
    """Answer a page of a list. The link to the next page is absolute, and its token opaque."""
    token = request.query.get("$skiptoken", "")
    if token.startswith(EMPTY):
        link = _link(simulator, request, token.removeprefix(EMPTY))
        return Answer.json({"value": [], "@odata.nextLink": link})
    try:
        page = page_by_cursor(rows, token or None, _size(simulator, request))
    except Refusal:
        raise refuse(400, "BadRequest", "Skip token is not valid.") from None
    body: dict[str, Any] = {"value": list(page.rows), **({} if token else beside)}
    if page.next:
        empty = EMPTY if simulator.quirks["empty_middle_page"] and not token else ""
        body["@odata.nextLink"] = _link(simulator, request, empty + page.next)
    return Answer.json(body)


def _size(simulator: TeamsState, request: Request) -> int:
    top = request.query.get("$top", "")
    return min(int(top), MOST) if top.isdecimal() and int(top) else simulator.page_size


def _link(simulator: TeamsState, request: Request, token: str) -> str:
    query = {name: value for name, value in request.query.items() if name != "$skiptoken"}
    text = urlencode({**query, "$skiptoken": token}, quote_via=quote, safe="$")
    return f"{simulator.root}/v1.0{request.path}?{text}"


def find_path_user(simulator: TeamsState, request: Request, name: str) -> User:
    """Return the user in a path of online meetings, which are found by object id only.

    An app needs a policy for the user, and a user may call for nobody else.
    """
    user = simulator.world.users.get(name)
    if user is None or not simulator.directory[user.id].teams:
        raise no_user()
    if request.caller.user_id not in {None, user.id}:
        raise no_permission()
    if request.caller.user_id is None and not simulator.directory[user.id].policy:
        raise no_policy()
    return user


def find_organizer(simulator: TeamsState, request: Request, owner: str) -> None:
    """Refuse a caller that may not act on a webinar of this organizer."""
    if request.caller.user_id not in {None, owner}:
        raise no_permission()
    if request.caller.user_id is None and not simulator.directory[owner].policy:
        raise no_policy()
