"""Users: docs/vendors/zoom.md#users"""

from __future__ import annotations

from typing import Any

from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .endpoints import Endpoints
from .errors import no_user, refuse
from .formats import instant
from .pages import PAGING, write_page
from .state import Caller, ZoomState

__all__ = ["endpoints", "find_user", "user_of"]

endpoints = Endpoints()

BASIC, LICENSED = 1, 2


@endpoints("GET", "/users", "M", "user:read:list_users:admin", *PAGING, "status", "role_id")
def list_users(simulator: ZoomState, fields: Fields, caller: Caller) -> Answer:
    rows = [_row(simulator, user) for user in simulator.world.users.values()]
    return Answer.json(write_page(simulator, fields, "users", rows, numbered=True))


@endpoints("GET", "/users/{user}", "L", "user:read:user", "login_type")
def get_user(simulator: ZoomState, fields: Fields, caller: Caller, user: str) -> Answer:
    return Answer.json(_row(simulator, user_of(simulator, caller, user)))


def user_of(simulator: ZoomState, caller: Caller, name: str) -> User:
    """Return the user of a path: an id, an e-mail address, or `me` with a token of a user.

    An app on its own has no `me`; how Zoom refuses that is a guess. A user's token for another
    user is 401 with code 124. docs/vendors/zoom.md#me
    """
    if caller.user_id is None:
        return find_user(simulator, name)
    own = simulator.world.users[caller.user_id]
    if name != "me" and find_user(simulator, name) != own:
        raise refuse(401, 124, "Invalid access token.")
    return own


def find_user(simulator: ZoomState, name: str) -> User:
    """Return the user with an id or an e-mail address."""
    for user in simulator.world.users.values():
        if user.id == name or same_email(user.email, name):
            return user
    raise no_user(name)


def _row(simulator: ZoomState, user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": f"{user.first_name} {user.last_name}".strip(),
        "email": user.email,
        "type": LICENSED if user.licensed else BASIC,
        "role_name": "Owner" if user == simulator.host else "Member",
        "pmi": int(f"9{int(user.id.encode().hex(), 16) % 10**9:09}"),
        "timezone": user.timezone,
        "verified": 1,
        "dept": "",
        "created_at": instant(simulator.world.start),
        "language": "en-US",
        "status": "active",
        "account_id": simulator.account_id,
    }
