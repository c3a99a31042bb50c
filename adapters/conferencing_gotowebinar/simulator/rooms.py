"""Webinars: docs/vendors/gotowebinar.md#rooms"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import available_timezones

from conferencing.model import Room, RoomKind
from conferencing.sandbox.kit import Fields, Problem, Refusal, Router
from conferencing.sandbox.simulator import Answer

from .state import API, WEBINAR, GoToState, WebinarDetails, hal, require_window, to_text

__all__ = ["add_webinar", "check_future", "route"]

route = Router()

ORGANIZER: Final = f"{API}/organizers/{{organizer:\\d+}}"
TYPES: Final = ("single_session", "series", "sequence")
LOCALES: Final = ("en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "zh_CN")
EXPERIENCES: Final = ("CLASSIC", "BROADCAST", "SIMULIVE")
STEPS: Final = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(28)}
BODY: Final = (
    *("subject", "description", "times", "timeZone", "locale", "type", "emailSettings"),
    *("recurrenceStart", "recurrencePattern", "recurrenceEnd", "experienceType"),
    *("recordingAssetKey", "isOndemand", "isBreakout", "isPasswordProtected"),
)
SUBJECT: Final = 128
DESCRIPTION: Final = 2048


# ---------------------------------------------------------------------------------------- reading


@route("GET", f"{ORGANIZER}/webinars", "fromTime", "toTime", "page", "size")
def list_webinars(simulator: GoToState, fields: Fields, organizer: str) -> Answer:
    return _list_within(simulator, fields)


@route("GET", f"{API}/accounts/{{account:\\d+}}/webinars", "fromTime", "toTime", "page", "size")
def list_account_webinars(simulator: GoToState, fields: Fields, account: str) -> Answer:
    return _list_within(simulator, fields)


def _list_within(simulator: GoToState, fields: Fields) -> Answer:
    start, end = require_window(fields)
    rows = [
        _list_row(simulator, webinar)
        for webinar in simulator.world.rooms
        if any(start <= times[0] <= end for times in simulator.details_of(webinar).times)
    ]
    return hal(fields, "webinars", rows)


@route("GET", f"{ORGANIZER}/insessionWebinars", "fromTime", "toTime")
def list_running(simulator: GoToState, fields: Fields, organizer: str) -> Answer:
    require_window(fields)
    running = [each for each in simulator.world.rooms if simulator.world.running(each)]
    return Answer.json([_row(simulator, webinar) for webinar in running])


@route("GET", WEBINAR)
def get_webinar(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    details = simulator.details_of(webinar)
    if details.reads_of_former:
        details.reads_of_former -= 1
        return Answer.json(details.former)
    return Answer.json(_row(simulator, webinar))


@route("GET", f"{WEBINAR}/meetingtimes")
def list_times(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    return Answer.json(_write_times(simulator.details_of(webinar).times))


@route("GET", f"{API}/webinars/{{webinar:\\d+}}/startUrl")
def get_start_url(simulator: GoToState, fields: Fields, webinar: str) -> Answer:
    code = simulator.details_of(webinar).start_code
    return Answer.json({"startUrl": simulator.join_url("start", webinar, code)})


def _common_row(simulator: GoToState, room: Room, details: WebinarDetails) -> dict[str, Any]:
    row = {
        "webinarID": details.number,
        "subject": room.name,
        "description": room.description or "",
        "accountKey": simulator.account_key,
        "times": _write_times(_list_dates(simulator, details)),
        "timeZone": room.timezone,
        "locale": details.locale,
        "registrationUrl": room.join_url,
        "impromptu": False,
        "isPasswordProtected": False,
        # docs/vendors/gotowebinar.md#oddity-6
        "experienceType": details.experience.lower(),
    }
    return (
        row if details.recurrence_key is None else row | {"recurrenceKey": details.recurrence_key}
    )


def _list_dates(simulator: GoToState, details: WebinarDetails) -> list[tuple[datetime, datetime]]:
    """Return the dates that a row has: of a sequence only those to come."""
    if details.type != "sequence":
        return details.times
    return [times for times in details.times if times[1] > simulator.world.now]


def _row(simulator: GoToState, webinar: str) -> dict[str, Any]:
    """Return a single webinar, whose keys are numbers."""
    room, details = simulator.world.room(webinar), simulator.details_of(webinar)
    row = {
        "webinarKey": int(webinar),
        "organizerKey": int(simulator.organizer_key),
        "organizerEmail": simulator.organizer_email,
        "organizerName": "Olga Host",
        **_common_row(simulator, room, details),
        "type": details.type,
        "inSession": simulator.world.running(webinar) is not None,
        "numberOfRegistrants": len(simulator.world.participants[webinar]),
        "registrationLimit": details.limit,
    }
    return row if details.period is None else row | {"recurrencePeriod": details.period}


def _list_row(simulator: GoToState, webinar: str) -> dict[str, Any]:
    """Return a webinar of a list, whose keys are texts, and which does not say what runs."""
    details = simulator.details_of(webinar)
    return {
        "webinarKey": webinar,
        "organizerKey": simulator.organizer_key,
        **_common_row(simulator, simulator.world.room(webinar), details),
        "recurrenceType": details.type,
        "approvalType": details.approval,
    }


def _write_times(times: list[tuple[datetime, datetime]]) -> list[dict[str, str]]:
    return [{"startTime": to_text(start), "endTime": to_text(end)} for start, end in times]


# ---------------------------------------------------------------------------------------- writing


@route("POST", f"{ORGANIZER}/webinars", *BODY)
def create_webinar(simulator: GoToState, fields: Fields, organizer: str) -> Answer:
    fields.require("subject")
    kind = fields.choice("type", TYPES) or "single_session"
    times = _read_sequence(fields) if kind == "sequence" else _read_times(fields)
    if (kind == "single_session") != (len(times) == 1) and kind != "sequence":
        raise fields.refuse("times", f"does not fit the type {kind}")
    if kind != "series":
        return Answer.json({"webinarKey": add_webinar(simulator, fields, kind, times)}, 201)
    series = simulator.world.new_id("series")
    keys = [add_webinar(simulator, fields, kind, [pair], series) for pair in times]
    return Answer.json({"webinarKey": keys[0], "recurrenceKey": series}, 201)


@route("PUT", f"{API}/webinars/{{webinar:\\d+}}/copy", *BODY)
def copy_webinar(simulator: GoToState, fields: Fields, webinar: str) -> Answer:
    room, details = simulator.world.room(webinar), simulator.details_of(webinar)
    times = _read_times(fields) if "times" in fields else details.times
    values = {"subject": room.name, "description": room.description, **fields}
    key = add_webinar(simulator, simulator.fields(values), "single_session", times)
    return Answer.json({"webinarKey": key}, 201)


def add_webinar(
    simulator: GoToState,
    fields: Fields,
    kind: str,
    times: list[tuple[datetime, datetime]],
    series: str | None = None,
) -> str:
    """Add a webinar as a body describes it, and return its key."""
    texts = _read_texts(simulator, fields)
    locale = fields.choice("locale", LOCALES) or "en_US"
    experience = fields.choice("experienceType", EXPERIENCES, any_case=True) or "CLASSIC"
    mails = fields.child("emailSettings")
    start, end = times[0]
    webinar = simulator.world.add_room(
        kind=RoomKind.WEBINAR, registration=True, starts_at=start, duration=end - start, capacity=1000,
        **texts,
    ).id  # fmt: skip
    simulator.add_details(
        webinar,
        times,
        kind,
        locale=locale,
        experience=experience,
        recurrence_key=series,
        period=fields.text("recurrencePattern"),
        mails=dict(mails),
    )
    simulator.world.change_room(webinar, join_url=simulator.join_url("register", webinar))
    simulator.world.announce("webinar created", webinar)
    return webinar


def _read_texts(simulator: GoToState, fields: Fields) -> dict[str, Any]:
    for name, most in (("subject", SUBJECT), ("description", DESCRIPTION)):
        if len(fields.text(name) or "") > most:
            raise fields.refuse(name, f"must have at most {most} characters")
    zone = fields.text("timeZone") or simulator.zone
    if zone not in available_timezones():
        raise fields.refuse("timeZone", "must be an IANA time zone")
    return {
        "name": fields.text("subject"),
        "description": fields.text("description") or None,
        "timezone": zone,
    }


def _read_times(fields: Fields) -> list[tuple[datetime, datetime]]:
    fields.require("times")
    return [_read_pair(row) for row in fields.children("times")]


def _read_pair(row: Fields) -> tuple[datetime, datetime]:
    row.require("startTime", "endTime")
    start, end = row.time("startTime"), row.time("endTime")
    if start is None or end is None or end <= start:
        raise row.refuse("endTime", "must be after startTime")
    return start, end


def _read_sequence(fields: Fields) -> list[tuple[datetime, datetime]]:
    """Return the dates of a sequence, whose rule is in no schema: oddity-10."""
    fields.require("recurrenceStart", "recurrencePattern", "recurrenceEnd")
    start, end = _read_pair(fields.child("recurrenceStart"))
    step = STEPS[fields.choice("recurrencePattern", STEPS) or "daily"]
    try:
        last = date.fromisoformat(fields.text("recurrenceEnd") or "")
    except ValueError:
        raise fields.refuse("recurrenceEnd", "must be a date") from None
    dates: list[tuple[datetime, datetime]] = []
    while start.date() <= last:
        dates.append((start, end))
        start, end = start + step, end + step
    return dates


@route("PUT", WEBINAR, "notifyParticipants", *BODY)
def update_webinar(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    """Replace a webinar's definition: docs/vendors/gotowebinar.md#oddity-8"""
    details = simulator.details_of(webinar)
    check_future(simulator, webinar)
    former = _row(simulator, webinar)
    times = _read_times(fields) if "times" in fields else details.times
    texts = _read_texts(simulator, fields)
    texts["name"] = texts["name"] or simulator.world.room(webinar).name
    details.locale = fields.choice("locale", LOCALES) or "en_US"
    details.mails = dict(fields.child("emailSettings"))
    details.times, (start, end) = times, times[0]
    simulator.world.change_room(webinar, starts_at=start, duration=end - start, **texts)
    if simulator.quirks["late_changes"]:
        details.former, details.reads_of_former = former, 2
    if fields.get("notifyParticipants") == "true":
        _mail_all(simulator, webinar, "change")
    simulator.world.announce("webinar changed", webinar)
    return Answer(status=202)


def check_future(simulator: GoToState, webinar: str) -> None:
    """Refuse a change of a webinar that is running or over."""
    over = all(end <= simulator.world.now for _, end in simulator.details_of(webinar).times)
    if over or simulator.world.running(webinar):
        raise Refusal(
            400, Problem("The webinar is in progress or has ended.", code="InvalidRequest")
        )


@route("DELETE", WEBINAR, "sendCancellationEmails", "deleteAll")
def delete_webinar(simulator: GoToState, fields: Fields, organizer: str, webinar: str) -> Answer:
    """Delete all dates, or with `deleteAll=false` this one: docs/vendors/gotowebinar.md#oddity-9"""
    details, everything = simulator.details_of(webinar), fields.get("deleteAll") != "false"
    if simulator.world.running(webinar):
        raise Refusal(409, Problem("The webinar is in session.", code="Conflict"))
    if fields.get("sendCancellationEmails") == "true":
        _mail_all(simulator, webinar, "cancellation")
    dates = _list_dates(simulator, details)
    if details.type == "sequence" and len(dates) > 1 and not everything:
        details.times.remove(dates[0])
        return Answer(status=204)
    series = details.recurrence_key if everything else None
    for key in [
        key for key, each in simulator.details.items() if series and each.recurrence_key == series
    ] or [webinar]:
        simulator.world.announce("webinar deleted", key)
        simulator.world.remove_room(key)
        del simulator.details[key]
    return Answer(status=204)


def _mail_all(simulator: GoToState, webinar: str, kind: str) -> None:
    for participant in simulator.world.participants[webinar]:
        simulator.world.post(kind, participant.email or "", webinar)
