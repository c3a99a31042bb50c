"""What bodies may hold: declared properties only, each of its type: docs/vendors/teams.md#bodies

A property that is read-only is not in these tables, and is refused like one that does not exist.
`null` and `@odata.type` are accepted everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, cast

from conferencing.sandbox.kit import Problem, Refusal

from .times import read_time

__all__ = [
    "CREATE_OR_GET",
    "EVENT",
    "EVENT_CHANGE",
    "FORWARD",
    "MEETING",
    "MEETING_CHANGE",
    "QUESTION",
    "REGISTRATION",
    "REGISTRATION_OF_USER",
    "RENEWAL",
    "SUBSCRIPTION",
    "WEBINAR",
    "Check",
    "check_body",
]

Check = Callable[[Any, str], None]


def check_body(body: Mapping[str, Any], properties: Mapping[str, Check], *required: str) -> None:
    """Refuse a body with another property, or one of another type, or without a required one."""
    _check_object(body, properties, "")
    for name in required:
        if body.get(name) is None:
            raise _wrong(name, "is required")


def _check_object(body: Mapping[str, Any], properties: Mapping[str, Check], path: str) -> None:
    for name, value in body.items():
        if name.startswith("@odata."):
            continue
        check = properties.get(name)
        if check is None:
            raise _wrong(path + name, "is not a property of this type that can be set")
        if value is not None:
            check(value, path + name)


def _wrong(name: str, message: str) -> Refusal:
    return Refusal(400, Problem(f"The property '{name}' {message}.", code="BadRequest"))


def _of_type(kind: type, word: str) -> Check:
    def check(value: Any, name: str) -> None:
        if type(value) is not kind:
            raise _wrong(name, f"must be {word}")

    return check


TEXT: Final = _of_type(str, "a string")
FLAG: Final = _of_type(bool, "a boolean")
NUMBER: Final = _of_type(int, "a number")


def time(value: Any, name: str) -> None:
    """Refuse what is not a time with its offset."""
    if not isinstance(value, str) or read_time(value) is None:
        raise _wrong(name, "must be a DateTimeOffset")


def day(value: Any, name: str) -> None:
    """Refuse what is not a date."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(name, "must be a Date") from None


def word(*members: str) -> Check:
    """Return a check of an enumeration, whose sentinel is not to be sent."""

    def check(value: Any, name: str) -> None:
        if value not in members:
            raise _wrong(name, f"must be one of {', '.join(members)}")

    return check


def obj(**properties: Check) -> Check:
    """Return a check of an object."""

    def check(value: Any, name: str) -> None:
        if not isinstance(value, dict):
            raise _wrong(name, "must be an object")
        _check_object(cast("dict[str, Any]", value), properties, f"{name}/")

    return check


def many(item: Check) -> Check:
    """Return a check of a list."""

    def check(value: Any, name: str) -> None:
        if not isinstance(value, list):
            raise _wrong(name, "must be a list")
        for each in cast("Iterable[Any]", value):
            item(each, name)

    return check


BODY: Final = obj(content=TEXT, contentType=word("text", "html"))
LOCAL: Final = obj(dateTime=TEXT, timeZone=TEXT)
IDENTITY: Final = obj(id=TEXT, displayName=TEXT, tenantId=TEXT)
IDENTITIES: Final = obj(user=IDENTITY, application=IDENTITY, device=IDENTITY)
PERSON: Final = obj(
    upn=TEXT, role=word("attendee", "presenter", "producer", "coorganizer"), identity=IDENTITIES
)
PARTICIPANTS: Final = obj(attendees=many(PERSON), organizer=PERSON)
ADDRESS: Final = obj(address=TEXT, name=TEXT)
RECIPIENT: Final = obj(emailAddress=ADDRESS)
ATTENDEE: Final = obj(emailAddress=ADDRESS, type=word("required", "optional", "resource"))
WEEKDAY: Final = word("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
RECURRENCE: Final = obj(
    pattern=obj(
        type=word(
            "daily",
            "weekly",
            "absoluteMonthly",
            "relativeMonthly",
            "absoluteYearly",
            "relativeYearly",
        ),
        interval=NUMBER,
        daysOfWeek=many(WEEKDAY),
        dayOfMonth=NUMBER,
        month=NUMBER,
        index=word("first", "second", "third", "fourth", "last"),
        firstDayOfWeek=WEEKDAY,
    ),
    range=obj(
        type=word("endDate", "noEnd", "numbered"),
        startDate=day,
        endDate=day,
        numberOfOccurrences=NUMBER,
        recurrenceTimeZone=TEXT,
    ),
)

CREATE_OR_GET: Final = {
    "externalId": TEXT,
    "startDateTime": time,
    "endDateTime": time,
    "subject": TEXT,
    "participants": PARTICIPANTS,
    "chatInfo": obj(threadId=TEXT, messageId=TEXT, replyChainMessageId=TEXT),
}
MEETING_CHANGE: Final = {
    "subject": TEXT,
    "startDateTime": time,
    "endDateTime": time,
    "participants": PARTICIPANTS,
    "lobbyBypassSettings": obj(
        scope=word(
            "organizer", "organization", "organizationAndFederated", "everyone", "invited",
            "organizationExcludingGuests",
        ),
        isDialInBypassEnabled=FLAG,
    ),
    "allowedPresenters": word("everyone", "organization", "roleIsPresenter", "organizer"),
    "allowMeetingChat": word("enabled", "disabled", "limited"),
    "allowAttendeeToEnableMic": FLAG,
    "allowAttendeeToEnableCamera": FLAG,
    "allowRecording": FLAG,
    "allowTranscription": FLAG,
    "recordAutomatically": FLAG,
    "isEntryExitAnnounced": FLAG,
    "isEndToEndEncryptionEnabled": FLAG,
    "meetingSpokenLanguageTag": TEXT,
}  # fmt: skip
MEETING: Final = {
    **MEETING_CHANGE,
    "externalId": TEXT,
    "meetingTemplateId": TEXT,
    "joinMeetingIdSettings": obj(isPasscodeRequired=FLAG),
}
EVENT_CHANGE: Final = {
    "subject": TEXT,
    "body": BODY,
    "start": LOCAL,
    "end": LOCAL,
    "attendees": many(ATTENDEE),
    "recurrence": RECURRENCE,
    "isOnlineMeeting": FLAG,
    "onlineMeetingProvider": word("unknown", "skypeForBusiness", "skypeForConsumer", "teamsForBusiness"),
    "location": obj(displayName=TEXT),
    "importance": word("low", "normal", "high"),
    "sensitivity": word("normal", "personal", "private", "confidential"),
    "showAs": word("unknown", "free", "tentative", "busy", "oof", "workingElsewhere"),
    "allowNewTimeProposals": FLAG,
    "responseRequested": FLAG,
    "hideAttendees": FLAG,
    "isReminderOn": FLAG,
    "reminderMinutesBeforeStart": NUMBER,
    "categories": many(TEXT),
}  # fmt: skip
EVENT: Final = {**EVENT_CHANGE, "transactionId": TEXT}
FORWARD: Final = {"toRecipients": many(RECIPIENT), "comment": TEXT}
WEBINAR: Final = {
    "displayName": TEXT,
    "description": BODY,
    "startDateTime": LOCAL,
    "endDateTime": LOCAL,
    "audience": word("everyone", "organization"),
    "coOrganizers": many(IDENTITY),
    "settings": obj(isAttendeeEmailNotificationEnabled=FLAG),
}
ANSWER: Final = obj(
    questionId=TEXT, value=TEXT, booleanValue=FLAG, multiChoiceValues=many(TEXT), displayName=TEXT
)
REGISTRATION_OF_USER: Final = {
    "preferredTimezone": TEXT,
    "preferredLanguage": TEXT,
    "registrationQuestionAnswers": many(ANSWER),
    "externalRegistrationInformation": obj(referrer=TEXT, registrationId=TEXT),
}
REGISTRATION: Final = {
    **REGISTRATION_OF_USER,
    "firstName": TEXT,
    "lastName": TEXT,
    "email": TEXT,
}
QUESTION: Final = {
    "displayName": TEXT,
    "isRequired": FLAG,
    "answerInputType": word("text", "multilineText", "singleChoice", "multiChoice", "boolean"),
    "answerChoices": many(TEXT),
    "label": word(
        "street", "city", "state", "postalCode", "countryOrRegion", "industry", "jobTitle",
        "organization",
    ),
}  # fmt: skip
RENEWAL: Final = {"expirationDateTime": time, "notificationUrl": TEXT}
SUBSCRIPTION: Final = {
    **RENEWAL,
    "changeType": TEXT,
    "lifecycleNotificationUrl": TEXT,
    "resource": TEXT,
    "clientState": TEXT,
    "includeResourceData": FLAG,
    "encryptionCertificate": TEXT,
    "encryptionCertificateId": TEXT,
}
