"""Registrants, panelists and co-organizers: docs/vendors/gotowebinar.md#registrants"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conferencing.model import JoinLink, Participant, RegistrationStatus, Role
from conferencing.model.emails import same_email
from conferencing.sandbox.kit import Fields, Problem, Refusal, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import Visit

from .rooms import check_future
from .state import WEBINAR, GoToState, page_listed, to_text

__all__ = ["find_registrant", "note_visitor", "registrant_row", "route"]

route = Router()

REGISTRANTS: Final = f"{WEBINAR}/registrants"
REGISTRANT: Final = f"{REGISTRANTS}/{{registrant:\\d+}}"
NAMES: Final = ("firstName", "lastName", "email")
FORM: Final = (
    *("source", "address", "city", "state", "zipCode", "country", "phone", "organization"),
    *("jobTitle", "questionsAndComments", "industry", "numberOfEmployees"),
    *("purchasingTimeFrame", "purchasingRole"),
)
OLD: Final = "application/vnd.citrix.g2wapi-v1.1+json"
WORDS: Final = {
    RegistrationStatus.PENDING: "WAITING",
    RegistrationStatus.APPROVED: "APPROVED",
    RegistrationStatus.DENIED: "DENIED",
}


# ------------------------------------------------------------------------------------- registrants


@route("GET", f"{REGISTRANTS}/fields")
def list_fields(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    details = simulator.details_of(webinar)
    required = {*NAMES, *details.required}
    rows = [
        {"field": name, "required": name in required, "maxSize": 128} for name in (*NAMES, *FORM)
    ]
    return Answer.json({"fields": rows, "questions": details.questions})


@route("POST", REGISTRANTS, *NAMES, *FORM, "responses", "resendConfirmation")
def register(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    details = simulator.details_of(webinar)
    fields.require(*NAMES, *details.required)
    answers = _read_answers(details.questions, fields)
    email = fields.text("email")
    former = find_registrant(simulator, webinar, email)
    if former is not None:
        if fields.get("resendConfirmation") == "true":
            _mail(simulator, webinar, former)
        raise AlreadyRegistered(former)
    values = {name: text for name in FORM if (text := fields.text(name))}
    # The old media type keeps names only: docs/vendors/gotowebinar.md#oddity-16
    keeps = simulator.accept != OLD
    participant = add_registrant(
        simulator,
        webinar,
        {name: fields.text(name) or "" for name in NAMES},
        {"type": "REGULAR", **(values if keeps else {}), "responses": answers if keeps else []},
    )
    _mail(simulator, webinar, participant)
    key = int(participant.id or 0)
    return Answer.json({"registrantKey": key, **_link_fields(simulator, participant)}, 201)


class AlreadyRegistered(Refusal):
    """The refusal of a registration that exists, whose body names it: oddity-3."""

    def __init__(self, participant: Participant) -> None:
        problem = Problem("The user is already registered", code="AlreadyRegistered")
        super().__init__(409, problem)
        self.participant = participant


def _read_answers(questions: list[dict[str, Any]], fields: Fields) -> list[dict[str, str]]:
    by_key = {question["questionKey"]: question for question in questions}
    rows = fields.children("responses")
    given = {row.get("questionKey") for row in rows}
    missing = [each for each in questions if each["required"] and each["questionKey"] not in given]
    if missing:
        raise fields.refuse("responses", f"lacks {missing[0]['question']}")
    return [_read_answer(by_key.get(row.get("questionKey")), row) for row in rows]


def _read_answer(question: dict[str, Any] | None, row: Fields) -> dict[str, str]:
    if question is None:
        raise row.refuse("questionKey", "is not a question of this webinar")
    choices = {each["answerKey"]: each["answer"] for each in question.get("answers", ())}
    answer = choices.get(row.get("answerKey")) if choices else row.text("responseText")
    if not answer:
        raise row.refuse("answerKey" if choices else "responseText", "is not an answer")
    return {"question": question["question"], "answer": answer}


def add_registrant(
    simulator: GoToState, webinar: str, names: Mapping[str, str], details: Mapping[str, Any]
) -> Participant:
    """Add a registration, which waits where the organizer approves registrations."""
    world, manual = simulator.world, simulator.details_of(webinar).approval == "MANUAL"
    key = world.new_id("participant")
    participant = Participant(
        id=key,
        room_id=webinar,
        email=names["email"],
        first_name=names["firstName"],
        last_name=names["lastName"],
        status=RegistrationStatus.PENDING if manual else RegistrationStatus.APPROVED,
        registered_at=world.now.replace(microsecond=0),
    )
    world.notes[key].update(details)
    world.participants[webinar].append(participant)
    world.announce("registered", webinar, key)
    return participant


def _mail(simulator: GoToState, webinar: str, participant: Participant) -> None:
    simulator.world.post("confirmation", participant.email or "", webinar)


def find_registrant(simulator: GoToState, webinar: str, email: str | None) -> Participant | None:
    """Return the registration of an address, compared without case."""
    people = simulator.world.participants[webinar]
    return next((each for each in people if same_email(each.email, email)), None)


def note_visitor(simulator: GoToState, webinar: str, visit: Visit) -> None:
    """Register somebody who comes without a registration, as the page does while a webinar runs."""
    participant = find_registrant(simulator, webinar, visit.email) if visit.email else None
    if participant is None:
        first, _, last = visit.name.partition(" ")
        names = {"firstName": first, "lastName": last, "email": visit.email or ""}
        participant = add_registrant(simulator, webinar, names, {"type": "LATE", "responses": []})
    simulator.world.notes[visit.id]["registrant"] = participant.id


@route("GET", REGISTRANTS, "page", "limit")
def list_registrants(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    """List registrants; without parameters all of them in a bare array: oddity-5."""
    simulator.world.room(webinar)
    people = simulator.world.participants[webinar]
    rows = [registrant_row(simulator, participant) for participant in people]
    if "page" in fields or "limit" in fields:
        return page_listed(fields, rows)
    return Answer.json(rows)


@route("GET", REGISTRANT)
def get_registrant(
    simulator: GoToState, fields: Fields, organizer: str, webinar: str, registrant: str
) -> Answer:
    participant = _registrant(simulator, webinar, registrant)
    details = {"source": None, "unsubscribed": False, **simulator.world.notes[registrant]}
    return Answer.json(registrant_row(simulator, participant) | details)


@route("DELETE", REGISTRANT)
def delete_registrant(
    simulator: GoToState, fields: Fields, organizer: str, webinar: str, registrant: str
) -> Answer:
    check_future(simulator, webinar)
    participant = _registrant(simulator, webinar, registrant)
    simulator.world.participants[webinar].remove(participant)
    return Answer(status=204)


def _registrant(simulator: GoToState, webinar: str, key: str) -> Participant:
    simulator.world.room(webinar)
    for participant in simulator.world.participants[webinar]:
        if participant.id == key:
            return participant
    raise Refusal(404, Problem("Registrant with specified key does not exist.", code="NotFound"))


def registrant_row(simulator: GoToState, participant: Participant) -> dict[str, Any]:
    """Return a registrant as lists have it; the key is a number."""
    registered_at = participant.registered_at or simulator.world.now
    return {
        "registrantKey": int(participant.id or 0),
        "firstName": participant.first_name,
        "lastName": participant.last_name,
        "email": participant.email,
        "registrationDate": to_text(registered_at),
        "status": WORDS[participant.status or RegistrationStatus.APPROVED],
        "timeZone": simulator.zone,
        **_link_fields(simulator, participant),
    }


def _link_fields(simulator: GoToState, participant: Participant) -> dict[str, str]:
    """Return the link, which only an approved registration has."""
    if participant.status not in {None, RegistrationStatus.APPROVED}:
        return {}
    return {"joinUrl": simulator.join_url("join", participant.room_id or "", participant.id or "")}


# ---------------------------------------------------------------------- panelists, co-organizers


@route("GET", f"{WEBINAR}/panelists")
def list_panelists(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    rows = [
        {
            "panelistId": int(row["panelistKey"]),
            **{name: row[name] for name in ("name", "email", "joinLink")},
        }
        for row in simulator.details_of(webinar).panelists
    ]
    return Answer.json(rows)


@route("POST", f"{WEBINAR}/panelists")
def add_panelists(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    details, added = simulator.details_of(webinar), list[dict[str, str]]()
    for row in simulator.read_rows():
        row.require("email", "name")
        key, email = simulator.world.new_id("person"), row.text("email") or ""
        link = simulator.join_url("panel", webinar, key)
        added.append(
            {"name": row.text("name") or "", "email": email, "joinLink": link, "panelistKey": key}
        )
        _invite(simulator, webinar, email, Role.PRESENTER, link)
    details.panelists += added
    return Answer.json(added, 201)


@route("DELETE", f"{WEBINAR}/panelists/{{panelist:\\d+}}")
def delete_panelist(
    simulator: GoToState, fields: Fields, organizer: str, webinar: str, panelist: str
) -> Answer:
    details = simulator.details_of(webinar)
    left = [row for row in details.panelists if row["panelistKey"] != panelist]
    if len(left) == len(details.panelists):
        raise Refusal(404, Problem("Panelist does not exist.", code="NotFound"))
    details.panelists = left
    return Answer(status=204)


@route("GET", f"{WEBINAR}/coorganizers")
def list_hosts(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    return Answer.json(simulator.details_of(webinar).hosts)


@route("POST", f"{WEBINAR}/coorganizers")
def add_hosts(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    details, added = simulator.details_of(webinar), list[dict[str, Any]]()
    for row in simulator.read_rows():
        external = row.flag("external") or False
        row.require(*(("givenName", "email") if external else ("organizerKey",)))
        key, email = simulator.world.new_id("person"), row.text("email") or ""
        link = simulator.join_url("cohost", webinar, key)
        name = row.text("givenName") or ""
        added.append(
            {
                "joinLink": link,
                "email": email,
                "memberKey": key,
                "external": external,
                "givenName": name,
            }
        )
        _invite(simulator, webinar, email, Role.HOST, link)
    details.hosts += added
    return Answer.json(added, 201)


def _invite(simulator: GoToState, webinar: str, email: str, role: Role, link: str) -> None:
    simulator.world.post(
        "invitation", email, webinar, role=role, link=JoinLink(url=link, role=role)
    )
