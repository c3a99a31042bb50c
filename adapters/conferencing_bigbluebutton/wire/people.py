"""Join links, which are signed here and never sent (docs/vendors/bigbluebutton.md#join)."""

from __future__ import annotations

from typing import Final

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.model import Person, Role

from .rooms import Run

__all__ = ["ROLES", "check_name", "to_email", "to_role", "write_join"]

# A guest is a viewer for whom the guest policy counts: docs/vendors/bigbluebutton.md#join
ROLES: Final = {Role.HOST: "MODERATOR", Role.ATTENDEE: "VIEWER", Role.GUEST: "VIEWER"}


def check_name(person: Person | None) -> str:
    """Return the name in a person's link. Raises `InvalidRequest` if there is none."""
    name = (person.display_name or person.email) if person else None
    if name:
        return name
    raise InvalidRequest(
        "a BigBlueButton link is for one person and carries the name; pass name= or person=",
        field="name",
    )


def write_join(
    run: Run, role: Role, person: Person | None, *, links: str, pinned: bool
) -> dict[str, str]:
    """Return the query of a link for a person, in the session of `run` alone if it is `pinned`.

    The e-mail address becomes the user id, by which the server names the person later on: without
    it, everybody who comes is somebody new.
    """
    query = {
        "fullName": check_name(person),
        "meetingID": run.meeting,
        **_write_credential(run, role, links),
    }
    if pinned and run.create_time is not None:
        query["createTime"] = str(run.create_time)
    if person is not None and person.email:
        query["userID"] = person.email
    if role is Role.GUEST:
        query["guest"] = "true"
    return query


def _write_credential(run: Run, role: Role, links: str) -> dict[str, str]:
    """Return what admits: the role, or the password of the role on servers before 2.4.

    docs/vendors/bigbluebutton.md#oddity-6
    """
    if links == "role":
        return {"role": ROLES[role]}
    password = run.moderator_password if role is Role.HOST else run.attendee_password
    if password is None:
        raise MalformedResponse(
            "the server names no password of this meeting, and links = 'password' needs it",
            path="$.moderatorPW" if role is Role.HOST else "$.attendeePW",
        )
    return {"password": password}


def to_role(word: str | None) -> Role:
    """Return a role by the server's word for it; whether a viewer is a guest is not in it."""
    return {"MODERATOR": Role.HOST, "VIEWER": Role.ATTENDEE}.get((word or "").upper(), Role.UNKNOWN)


def to_email(user_id: str | None) -> str | None:
    """Return the e-mail address that a user id is, in links of this library; None for other ids."""
    name, at, domain = (user_id or "").rpartition("@")
    return user_id if name and at and "." in domain and " " not in domain else None
