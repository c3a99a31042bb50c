"""Users and their calendars: docs/vendors/teams.md#users"""

from __future__ import annotations

from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints, Rights
from .errors import no_user, refuse
from .requests import Request
from .state import TeamsState

__all__ = ["endpoints"]

endpoints = Endpoints()


@endpoints("GET", "/users/{user}", Rights(app="User.Read.All", user="User.Read"), options="select")
def get_user(simulator: TeamsState, request: Request, user: str) -> Answer:
    person = simulator.find_user(user)
    if person is None:
        message = f"Resource '{user}' does not exist or one of its queried objects is not present."
        raise refuse(404, "Request_ResourceNotFound", message)
    row = {
        "id": person.id,
        "userPrincipalName": person.email,
        "displayName": f"{person.first_name} {person.last_name}",
    }
    chosen = request.query.get("$select")
    return Answer.json({name: row[name] for name in chosen.split(",")} if chosen else row)


@endpoints(
    "GET", "/users/{user}/calendar", Rights(app="Calendars.ReadWrite", user="Calendars.ReadWrite")
)
def get_calendar(simulator: TeamsState, request: Request, user: str) -> Answer:
    owner = simulator.find_user(user)
    if owner is None:
        raise no_user(outlook=True)
    directory = simulator.directory[owner.id]
    if not directory.mailbox:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise refuse(404, "MailboxNotEnabledForRESTAPI", message)
    providers = ["teamsForBusiness"] if directory.teams else []
    return Answer.json(
        {
            "id": f"AAMkCal{owner.id}",
            "name": "Calendar",
            "isDefaultCalendar": True,
            "allowedOnlineMeetingProviders": providers,
            "defaultOnlineMeetingProvider": providers[0] if providers else "unknown",
            "owner": {"name": f"{owner.first_name} {owner.last_name}", "address": owner.email},
        }
    )
