"""Following join links, and who is let in: docs/vendors/bigbluebutton.md#join"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from conferencing.errors import Conflict, NotFound
from conferencing.model import Person, Role
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer, EntryOption, JoinTarget
from conferencing.world import Visit

from .state import BigBlueButtonState, Meeting, Ticket
from .xml import Elements, answer_xml, write_failure, write_success

__all__ = ["enter_meeting", "open_ticket", "route"]

route = Router()

JOIN: tuple[str, ...] = (
    *("fullName", "meetingID", "password", "role", "createTime", "userID", "guest", "auth"),
    *("redirect", "avatarURL", "logoutURL", "errorRedirectUrl", "excludeFromDashboard"),
)


@route("GET", "join", *JOIN)
def join(simulator: BigBlueButtonState, fields: Fields) -> Answer:
    """Admit somebody to a meeting, and send the browser to the client, or back with an error."""
    problem = _find_problem(simulator, fields)
    if problem is not None:
        return _refuse(simulator, fields, *problem)
    meeting = simulator.find_meeting(fields["meetingID"])
    assert meeting is not None  # noqa: S101 - a missing one is a problem
    moderator = _read_role(meeting, fields)
    if moderator is None:
        return answer_xml(write_failure("Params required", "You must provide a role or password"))
    ticket = Ticket(
        internal=meeting.internal,
        name=fields["fullName"],
        user_id=fields.text("userID") or None,
        moderator=moderator,
        guest=fields.text("guest") == "true",
    )
    token = simulator.new_text(16)
    simulator.tickets[token] = ticket
    waits = _waits(meeting, ticket)
    url = f"{simulator.join_url(token)}?sessionToken={token}"
    if fields.text("redirect") == "false":
        return answer_xml(_build_joined(simulator, meeting, token, url, waits=waits))
    cookie = {"Set-Cookie": f"JSESSIONID={simulator.new_text(32).upper()}; Path=/bigbluebutton"}
    return Answer(status=302, headers={"Location": url, **cookie})


def _find_problem(simulator: BigBlueButtonState, fields: Fields) -> tuple[str, str] | None:
    """Return key and text of what is wrong with a link, or None."""
    return next(_list_problems(simulator, fields), None)


def _list_problems(simulator: BigBlueButtonState, fields: Fields) -> Iterator[tuple[str, str]]:
    for name in ("fullName", "meetingID"):
        if not fields.text(name):
            yield "validationError", f"{name} is missing"
    meeting = simulator.find_meeting(fields.text("meetingID") or "")
    if meeting is None:
        yield "notFound", "We could not find a meeting with that meeting ID"
        return
    if meeting.forcibly_ended:
        yield "meetingForciblyEnded", "You can not re-join a meeting that has been ended"
    if fields.text("createTime") not in {None, str(meeting.create_time)}:
        yield "mismatchCreateTimeParam", "The createTime parameter does not match the meeting's"
    if fields.text("guest") == "true" and _policy(meeting) == "ALWAYS_DENY":
        yield "guestDeniedAccess", "Guests are not let into this meeting"
    if _is_full(simulator, meeting, fields.text("userID")):
        yield "maxParticipantsReached", "The number of participants is reached"


def _policy(meeting: Meeting) -> str:
    return meeting.parameters.get("guestPolicy", "ALWAYS_ACCEPT")


def _is_full(simulator: BigBlueButtonState, meeting: Meeting, user_id: str | None) -> bool:
    """Return whether a further person is too much; the same one may come with several devices."""
    most = meeting.number("maxParticipants")
    users = {simulator.external_user(visit) for visit in simulator.list_present(meeting)}
    return bool(most) and user_id not in users and len(users) >= most


def _read_role(meeting: Meeting, fields: Fields) -> bool | None:
    """Return whether a link admits as a moderator; None if it admits nobody.

    A valid role wins over a password, which is compared with the moderator's first.
    """
    role = (fields.text("role") or "").upper()
    if role in {"MODERATOR", "VIEWER"}:
        return role == "MODERATOR"
    passwords = {meeting.attendee_password: False, meeting.moderator_password: True}
    return passwords.get(fields.text("password") or "")


def _waits(meeting: Meeting, ticket: Ticket) -> bool:
    """Return whether somebody has to be let in. Without the parameter, people are not guests.

    That the others are let in under `ASK_MODERATOR` too is what the parameter means.
    """
    policy = _policy(meeting)
    return ticket.guest and policy in {"ASK_MODERATOR", "ALWAYS_ACCEPT_AUTH"}


def _build_joined(
    simulator: BigBlueButtonState, meeting: Meeting, token: str, url: str, *, waits: bool
) -> Elements:
    key = "guestWait" if waits else "successfullyJoined"
    user = f"w_{simulator.new_text(12)}"
    elements: Elements = [
        ("meeting_id", meeting.internal),
        ("user_id", user),
        ("auth_token", simulator.new_text(12)),
        ("session_token", token),
        ("guestStatus", "WAIT" if waits else "ALLOW"),
        ("url", url),
    ]
    return write_success(elements, key, "You have joined successfully.")


def _refuse(simulator: BigBlueButtonState, fields: Fields, key: str, text: str) -> Answer:
    """Send the browser to the logout URL with the errors as JSON, or answer in XML."""
    if fields.text("redirect") == "false":
        return answer_xml(write_failure(key, text))
    target = fields.text("errorRedirectUrl") or fields.text("logoutURL") or f"{simulator.root}/"
    errors = quote(json.dumps([{"key": key, "message": text}]), safe="")
    joint = "&" if "?" in target else "?"
    return Answer(status=302, headers={"Location": f"{target}{joint}errors={errors}"})


# ---------------------------------------------------------------------------------------- the client


def open_ticket(
    simulator: BigBlueButtonState, parts: Sequence[str], query: Mapping[str, str]
) -> JoinTarget:
    """Return what a session token opens. Raises `NotFound` and `Conflict`."""
    ticket = simulator.tickets.get(parts[0] if len(parts) == 1 else "")
    if ticket is None:
        raise NotFound("this link leads nowhere")
    meeting = simulator.meetings[ticket.internal]
    if simulator.find_meeting(meeting.id) is not meeting:
        raise Conflict("this meeting has ended")
    role = Role.HOST if ticket.moderator else Role.GUEST if ticket.guest else Role.ATTENDEE
    person = Person(name=ticket.name, email=ticket.user_id)
    return JoinTarget(room_id=meeting.id, entry_options=(EntryOption(role=role, person=person),))


def enter_meeting(
    simulator: BigBlueButtonState,
    target: JoinTarget,
    option: EntryOption,
    name: str,
    email: str | None,
) -> Visit:
    """Admit somebody, or let a guest wait. Raises `Conflict`."""
    meeting = simulator.find_meeting(target.room_id)
    if meeting is None:
        raise Conflict("this meeting has ended")
    if _is_full(simulator, meeting, email):
        raise Conflict("this meeting is full")
    guest = option.role is Role.GUEST
    ticket = Ticket(
        internal=meeting.internal, name=name, user_id=email, moderator=False, guest=guest
    )
    waits = guest and _waits(meeting, ticket)
    return simulator.world.enter(meeting.id, name, email, option.role, waits=waits)
