"""Registrants: docs/vendors/webex.md#registration"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from conferencing.model import Participant, RegistrationStatus, Room
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer

from .access import find_host, find_series
from .errors import not_found, refuse
from .formats import seconds
from .pages import page_answer
from .state import Caller, Plan, WebexState

__all__ = ["route"]

route = Router()

REGISTRANTS: Final = "/v1/meetings/{meeting}/registrants"
MOST: Final = 100
QUERY: Final = ("current", "hostEmail")
STATUSES: Final = {
    RegistrationStatus.APPROVED: "approved",
    RegistrationStatus.PENDING: "pending",
    RegistrationStatus.DENIED: "rejected",
}
OPTIONAL: Final = {
    "jobTitle": "requireJobTitle",
    "companyName": "requireCompanyName",
    "address1": "requireAddress1",
    "address2": "requireAddress2",
    "city": "requireCity",
    "state": "requireState",
    "zipCode": "requireZipCode",
    "countryRegion": "requireCountryRegion",
    "workPhone": "requireWorkPhone",
    "fax": "requireFax",
}
FIELDS: Final = ("firstName", "lastName", "email", "sendEmail", "customizedQuestions", *OPTIONAL)

Row = dict[str, Any]


def _find(
    simulator: WebexState, fields: Fields, caller: Caller, meeting: str
) -> tuple[Room, Plan, list[Participant]]:
    """Return a room with registration; that one without is refused by 400 is a guess."""
    room, plan = find_series(simulator, find_host(simulator, fields, caller), meeting)
    if plan.form is None:
        raise refuse(400, "Registration is not enabled for this meeting.")
    return room, plan, simulator.world.participants[room.id]


def _row(simulator: WebexState, person: Participant) -> Row:
    at = person.registered_at or simulator.world.now
    status = person.status or RegistrationStatus.PENDING
    return {
        "id": person.id,
        "status": STATUSES.get(status, "pending"),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "registrationTime": seconds(at, simulator.zone),
        **simulator.world.notes[person.id or ""],
    }


def _check(plan: Plan, people: Sequence[Participant], row: Fields) -> None:
    form = plan.form or {}
    needed = [name for name, flag in OPTIONAL.items() if form.get(flag)]
    row.require("firstName", "lastName", "email", *needed)
    row.only(*FIELDS, *QUERY)
    for name in OPTIONAL:
        (row.number if name == "zipCode" else row.text)(name)
    answered = {question.number("questionId") for question in row.children("customizedQuestions")}
    for question in form.get("customizedQuestions", ()):
        if question.get("required") and int(question["id"]) not in answered:
            raise refuse(400, f"Question {question['id']} is required.")
    if any(same_email(person.email, row.text("email")) for person in people):
        raise refuse(409, "This user has registered for the meeting.")
    if form.get("maxRegisterNum") and len(people) >= form["maxRegisterNum"]:
        raise refuse(409, "The maximum number of registrants is reached.")


def _decide(plan: Plan, row: Fields) -> RegistrationStatus:
    """Return the status: by the rules in their order, then by the form."""
    form = plan.form or {}
    for rule in sorted(form.get("rules", ()), key=lambda each: each.get("order", 0)):
        if _applies(rule, str(row.get(rule["question"]) or "")):
            approves = rule["result"] == "approve"
            return RegistrationStatus.APPROVED if approves else RegistrationStatus.DENIED
    accepts = form.get("autoAcceptRequest")
    return RegistrationStatus.APPROVED if accepts else RegistrationStatus.PENDING


def _applies(rule: Row, text: str) -> bool:
    value = rule["value"]
    if not rule.get("matchCase"):
        text, value = text.lower(), value.lower()
    conditions: dict[str, bool] = {
        "contains": value in text,
        "notContains": value not in text,
        "beginsWith": text.startswith(value),
        "endsWith": text.endswith(value),
        "equals": text == value,
        "notEquals": text != value,
    }
    return conditions[rule["condition"]]


def _add(simulator: WebexState, room: Room, plan: Plan, row: Fields) -> Participant:
    person = Participant(
        id=simulator.world.new_id("registrant"),
        room_id=room.id,
        email=row.text("email"),
        first_name=row.text("firstName"),
        last_name=row.text("lastName"),
        status=_decide(plan, row),
        registered_at=simulator.world.now,
    )
    notes = simulator.world.notes[person.id or ""]
    notes |= {name: row[name] for name in (*OPTIONAL, "customizedQuestions") if row.get(name)}
    if (plan.form or {}).get("enabledRegistrationId"):
        notes["registrationId"] = simulator.new_digits(6)
    simulator.world.participants[room.id].append(person)
    if row.flag("sendEmail") is not False:
        approved = person.status is RegistrationStatus.APPROVED
        kind = "confirmation" if approved else "registration received"
        simulator.world.post(kind, person.email or "", room.id)
    return person


@route("POST", REGISTRANTS, *FIELDS, *QUERY)
def register(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Register one person; a second registration of an address is 409, which is a guess."""
    room, plan, people = _find(simulator, fields, caller, meeting)
    _check(plan, people, fields)
    return Answer.json(_row(simulator, _add(simulator, room, plan, fields)))


@route("POST", f"{REGISTRANTS}/bulkInsert", "items", *QUERY)
def register_several(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    """Register people, all or nobody; that there are at most 100 is a guess."""
    room, plan, people = _find(simulator, fields, caller, meeting)
    rows = fields.children("items")
    if not rows or len(rows) > MOST:
        raise refuse(400, "Parameter 'items' has from 1 to 100 registrants.")
    for row in rows:
        _check(plan, people, row)
    added = [_add(simulator, room, plan, row) for row in rows]
    return Answer.json({"items": [_row(simulator, person) for person in added]})


@route("GET", REGISTRANTS, "max", "email", "registrationTimeFrom", "registrationTimeTo", "cursor",
       *QUERY)  # fmt: skip
def list_registrants(simulator: WebexState, fields: Fields, caller: Caller, meeting: str) -> Answer:
    _, _, people = _find(simulator, fields, caller, meeting)
    email = fields.text("email")
    rows = [
        _row(simulator, person) for person in people if not email or same_email(person.email, email)
    ]
    return page_answer(simulator, fields, rows)


@route("POST", f"{REGISTRANTS}/query", "status", "orderType", "orderBy", "emails", *QUERY)
def query_registrants(
    simulator: WebexState, fields: Fields, caller: Caller, meeting: str
) -> Answer:
    _, _, people = _find(simulator, fields, caller, meeting)
    fields.require("emails")
    rows = [
        _row(simulator, person)
        for person in people
        if any(same_email(person.email, email) for email in fields.texts("emails"))
    ]
    status = fields.text("status")
    return Answer.json({"items": [row for row in rows if status in {None, row["status"]}]})


@route("GET", f"{REGISTRANTS}/{{registrant}}", *QUERY)
def get_registrant(
    simulator: WebexState, fields: Fields, caller: Caller, meeting: str, registrant: str
) -> Answer:
    _, _, people = _find(simulator, fields, caller, meeting)
    for person in people:
        if person.id == registrant:
            return Answer.json(_row(simulator, person))
    raise not_found()


@route("DELETE", f"{REGISTRANTS}/{{registrant}}", *QUERY)
def delete_registrant(
    simulator: WebexState, fields: Fields, caller: Caller, meeting: str, registrant: str
) -> Answer:
    _, _, people = _find(simulator, fields, caller, meeting)
    for person in people:
        if person.id == registrant:
            people.remove(person)
            return Answer(status=204)
    raise not_found()


@route("POST", f"{REGISTRANTS}/{{action:approve|reject|cancel|bulkDelete}}", "sendEmail",
       "registrants", *QUERY)  # fmt: skip
def change_registrants(
    simulator: WebexState, fields: Fields, caller: Caller, meeting: str, action: str
) -> Answer:
    """Approve, reject, cancel or delete: 204 also for people who are not there.

    There is no status of those who cancelled; that they are removed is a guess.
    """
    room, _, people = _find(simulator, fields, caller, meeting)
    ids = {row.require_text("id") for row in fields.children("registrants")}
    chosen = [person for person in people if person.id in ids]
    for person in chosen:
        if action in {"approve", "reject"}:
            approves = action == "approve"
            status = RegistrationStatus.APPROVED if approves else RegistrationStatus.DENIED
            simulator.world.change_participant(room.id, person.id or "", status=status)
        else:
            people.remove(person)
        if fields.flag("sendEmail") is not False:
            simulator.world.post(f"registration {action}", person.email or "", room.id)
    return Answer(status=204)
