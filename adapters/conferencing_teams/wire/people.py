"""Registrations for webinars, with their questions (docs/vendors/teams.md#registrations)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Reply, deep_merge, without_none
from conferencing.model import Participant, RegistrationStatus
from conferencing.model.drafts import RegistrationDraft
from conferencing.model.native import Native
from conferencing.provider import replace_rows

from .base import WIRE, extract
from .zones import find_windows_name, parse_instant

__all__ = [
    "QuestionRow",
    "read_participant",
    "read_participants",
    "read_questions",
    "to_registered",
    "write_registration",
]

# No call approves or denies: people do so in Teams (docs/vendors/teams.md#registrations).
STATUSES: Final = {
    "registered": RegistrationStatus.APPROVED,
    "pendingApproval": RegistrationStatus.PENDING,
    "waitlisted": RegistrationStatus.PENDING,
    "rejectedByOrganizer": RegistrationStatus.DENIED,
    "canceled": RegistrationStatus.CANCELLED,
}
BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LIST_MARK: Final = ";"


@define
class AnswerRow:
    """The answer to a question: a text, a boolean, or several choices."""

    displayName: str | None = None  # noqa: N815 - Graph's spelling
    value: str | None = None
    booleanValue: bool | None = None  # noqa: N815 - Graph's spelling
    multiChoiceValues: list[str] | None = None  # noqa: N815 - Graph's spelling

    def to_text(self) -> str | None:
        """Return the answer as a text."""
        if self.multiChoiceValues:
            return LIST_MARK.join(self.multiChoiceValues)
        if self.booleanValue is not None:
            return str(self.booleanValue).lower()
        return self.value


@define
class RegistrationRow:
    """A registration."""

    id: str
    email: str | None = None
    firstName: str | None = None  # noqa: N815 - Graph's spelling
    lastName: str | None = None  # noqa: N815 - Graph's spelling
    status: str | None = None
    registrationDateTime: str | None = None  # noqa: N815 - Graph's spelling
    registrationQuestionAnswers: list[AnswerRow] | None = None  # noqa: N815 - Graph's spelling


@define
class QuestionRow:
    """A question of the form: one of Microsoft's with a label, or the organizer's own."""

    id: str
    displayName: str | None = None  # noqa: N815 - Graph's spelling
    label: str | None = None
    answerInputType: str | None = None  # noqa: N815 - Graph's spelling


# ------------------------------------------------------------------------------------------ reading


def read_participant(reply: Reply, room_id: str) -> Participant:
    """Return one registration."""
    return WIRE.record(extract(reply), RegistrationRow, partial(_to_participant, room_id=room_id))


def read_participants(reply: Reply, room_id: str) -> Sequence[Participant]:
    """Return a page of registrations, without the canceled ones."""
    build = partial(_to_participant, room_id=room_id)
    people = WIRE.records(reply, RegistrationRow, build, "value")
    cancelled = RegistrationStatus.CANCELLED
    return replace_rows(people, (person for person in people if person.status is not cancelled))


def _to_participant(row: RegistrationRow, native: Native, *, room_id: str) -> Participant:
    answers = {
        answer.displayName: answer.to_text() for answer in row.registrationQuestionAnswers or ()
    }
    return Participant(
        id=row.id,
        room_id=room_id,
        email=row.email or None,
        first_name=row.firstName or None,
        last_name=row.lastName or None,
        status=STATUSES.get(row.status or "", RegistrationStatus.UNKNOWN),
        registered_at=parse_instant(row.registrationDateTime),
        fields={name: text for name, text in answers.items() if name and text},
        native=native,
    )


def to_registered(draft: RegistrationDraft, room_id: str) -> Participant:
    """Return the registration that Graph confirmed without a word (docs/vendors/teams.md#oddity-7)."""
    person = draft.person
    return Participant(
        room_id=room_id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        name=person.name,
        fields=draft.fields,
    )


def read_questions(reply: Reply) -> list[QuestionRow]:
    """Return the questions of a page."""
    return WIRE.records(reply, QuestionRow, lambda row, _: row, "value")


# ------------------------------------------------------------------------------------------ writing


def write_registration(
    draft: RegistrationDraft, questions: Iterable[QuestionRow], *, language: str, timezone: str
) -> dict[str, Any]:
    """Return the body of a registration of somebody who does not sign in.

    Graph wants a zone and a language of everybody: `timezone` is an IANA name, and `language` counts
    where the draft has none.
    """
    person = draft.person
    fields = without_none(
        firstName=person.first_name,
        lastName=person.last_name,
        email=person.email,
        # A few names of IANA have no Windows name (docs/vendors/teams.md#times).
        preferredTimezone=find_windows_name(timezone) or "UTC",
        preferredLanguage=draft.language or language,
        registrationQuestionAnswers=_write_answers(draft.fields, questions) or None,
    )
    return deep_merge(fields, draft.native)


def _write_answers(
    answers: Mapping[str, str], questions: Iterable[QuestionRow]
) -> list[dict[str, Any]]:
    """Return the answers by the ids of their questions. Raises `InvalidRequest` for unknown ones."""
    asked = {
        name: question
        for question in questions
        for name in (question.label, question.displayName)
        if name
    }
    unknown = [name for name in answers if name not in asked]
    if unknown:
        raise InvalidRequest(
            f"this webinar has no question {unknown[0]!r}; it has {', '.join(asked) or 'none'}",
            field="fields",
        )
    return [_write_answer(asked[name], text) for name, text in answers.items()]


def _write_answer(question: QuestionRow, text: str) -> dict[str, Any]:
    match question.answerInputType:
        case "boolean":
            if text.lower() not in BOOLEANS:
                raise InvalidRequest(
                    f"the answer to {question.displayName!r} is {text!r}; it must be yes or no",
                    field="fields",
                )
            return {"questionId": question.id, "booleanValue": BOOLEANS[text.lower()]}
        case "multiChoice":
            choices = [part.strip() for part in text.split(LIST_MARK) if part.strip()]
            return {"questionId": question.id, "multiChoiceValues": choices}
        case _:
            return {"questionId": question.id, "value": text}
