"""Whose number it is: People and the Directory (docs/vendors/googlemeet.md#people)."""

from __future__ import annotations

from typing import Any, Final

from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .endpoints import Endpoints, Query
from .errors import calendar_failure, meet_failure
from .formats import user_number
from .state import Caller, MeetState

__all__ = ["endpoints"]

endpoints = Endpoints()

PEOPLE: Final = ("directory.readonly", "contacts.readonly", "userinfo.profile", "userinfo.email")
DIRECTORY: Final = ("admin.directory.user.readonly", "admin.directory.user")
MOST: Final = 200


def _find_user(simulator: MeetState, number: str) -> User | None:
    users = simulator.world.users.values()
    return next((each for each in users if number in {user_number(each.email), each.email}), None)


def _person(simulator: MeetState, number: str, fields: str) -> dict[str, Any]:
    """Return what a person shows: to others than those of the domain, nothing but the number."""
    row: dict[str, Any] = {"resourceName": f"people/{number}", "etag": "%EgUBAj0JPg=="}
    user = _find_user(simulator, number)
    if user is None:
        return row
    if "names" in fields:
        row["names"] = [{"displayName": f"{user.first_name} {user.last_name}"}]
    if "emailAddresses" in fields:
        row["emailAddresses"] = [{"metadata": {"primary": True}, "value": user.email}]
    return row


def _check_fields(query: Query) -> str:
    fields = query.text("personFields")
    if not fields:
        raise meet_failure(400, "personFields mask is required.")
    return fields


@endpoints("GET", "/v1/people/{person}", PEOPLE, "personFields", "sources")
def get_person(simulator: MeetState, query: Query, caller: Caller, person: str) -> Answer:
    number = caller.number if person == "me" else person
    return Answer.json(_person(simulator, number, _check_fields(query)))


@endpoints("GET", "/v1/people:batchGet", PEOPLE, "personFields", "sources", "resourceNames")
def get_people(simulator: MeetState, query: Query, caller: Caller) -> Answer:
    names, fields = query.all("resourceNames"), _check_fields(query)
    if not 0 < len(names) <= MOST:
        raise meet_failure(400, "Must request between 1 and 200 resource names.")
    return Answer.json(
        {
            "responses": [
                {
                    "httpStatusCode": 200,
                    "person": _person(simulator, name.removeprefix("people/"), fields),
                    "requestedResourceName": name,
                    "status": {},
                }
                for name in names
            ]
        }
    )


@endpoints("GET", "/admin/directory/v1/users/{user}", DIRECTORY, "viewType", "projection")
def get_user(simulator: MeetState, query: Query, caller: Caller, user: str) -> Answer:
    person = _find_user(simulator, user)
    if person is None:
        raise calendar_failure(404, "notFound", "Resource Not Found: userKey")
    name = {
        "fullName": f"{person.first_name} {person.last_name}",
        "givenName": person.first_name,
        "familyName": person.last_name,
    }
    return Answer.json(
        {
            "kind": "admin#directory#user",
            "id": user_number(person.email),
            "primaryEmail": person.email,
            "name": name,
        }
    )
