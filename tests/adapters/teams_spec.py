"""Microsoft's own metadata of Graph, where a copy of it lies in `shared/specs` of a folder above.

It is not part of this project. Paths, options of queries, names and types of properties are checked
against it; required are only those that cannot be null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from openapi_specs import find_copy

from conferencing.sandbox import Answer, Call

__all__ = ["CAN_CHECK", "CHECKS_REPLIES", "check_exchange", "reply_faults", "request_faults"]

SPEC = find_copy("teams.json")
CAN_CHECK = SPEC is not None
CHECKS_REPLIES = True

# The metadata has no users and no calendar of one; both are in the vendor's reference.
NOT_IN_SPEC = re.compile(r"/users/[^/]+(/calendar)?|/\$batch|.*/setExternalEventInformation")
# The reference has these below `webinars`, the metadata below `events`.
MOVED = re.compile(r"(/solutions/virtualEvents)/webinars/([^/]+)/(publish|cancel)")

UNLISTED = {"$skiptoken", "$format"}
"""Options that the reference documents, and the metadata does not list."""

MEETING = "onlineMeeting"
TYPES: list[tuple[str, str, str | None, str | None]] = [
    ("GET", r"/users/[^/]+/events", None, "[event"),
    ("POST", r"/users/[^/]+/events", "event", "event"),
    ("GET", r"/users/[^/]+/events/[^/]+", None, "event"),
    ("PATCH", r"/users/[^/]+/events/[^/]+", "event", "event"),
    ("GET", r"/users/[^/]+/events/[^/]+/instances", None, "[event"),
    ("POST", r"/users/[^/]+/onlineMeetings", MEETING, MEETING),
    ("POST", r"/users/[^/]+/onlineMeetings/createOrGet", "createOrGet()", MEETING),
    ("GET", r"/users/[^/]+/onlineMeetings", None, f"[{MEETING}"),
    ("GET", r"/users/[^/]+/onlineMeetings/[^/(]+", None, MEETING),
    ("PATCH", r"/users/[^/]+/onlineMeetings/[^/]+", MEETING, MEETING),
    ("GET", r".*/attendanceReports", None, "[meetingAttendanceReport"),
    ("GET", r".*/attendanceReports/[^/]+", None, "meetingAttendanceReport"),
    ("GET", r".*/attendanceReports/[^/]+/attendanceRecords", None, "[attendanceRecord"),
    ("GET", r".*/(?:recordings|getAllRecordings\(.*\))", None, "[callRecording"),
    ("GET", r".*/(?:transcripts|getAllTranscripts\(.*\))", None, "[callTranscript"),
    ("GET", r".*/recordings/[^/]+", None, "callRecording"),
    ("GET", r".*/webinars/getBy.*", None, "[virtualEventWebinar"),
    ("POST", r".*/webinars", "virtualEventWebinar", "virtualEventWebinar"),
    ("GET", r".*/webinars/[^/(]+", None, "virtualEventWebinar"),
    ("PATCH", r".*/webinars/[^/]+", "virtualEventWebinar", "virtualEventWebinar"),
    ("GET", r".*/sessions", None, "[virtualEventSession"),
    ("POST", r".*/registrations", "virtualEventRegistration", "virtualEventRegistration"),
    ("GET", r".*/registrations", None, "[virtualEventRegistration"),
    ("GET", r".*/registrations(?:/[^/]+|\([^/]*\))", None, "virtualEventRegistration"),
    ("GET", r".*/questions", None, "[virtualEventRegistrationCustomQuestion"),
    ("POST", r"/subscriptions", "subscription", "subscription"),
    ("GET", r"/subscriptions", None, "[subscription"),
    ("GET", r"/subscriptions/[^/]+", None, "subscription"),
    ("PATCH", r"/subscriptions/[^/]+", "subscription", "subscription"),
]
"""Method and path, and the types of body and reply; `[` means a list in `value`."""


@cache
def read_spec() -> Any:
    """Return the metadata."""
    if SPEC is None:
        raise FileNotFoundError("there is no copy of Microsoft's metadata")
    return json.loads(SPEC.read_text("utf-8"))


def check_exchange(call: Call, answer: Answer, by_adapter: bool) -> list[str] | None:
    """Return what does not fit the metadata: a reply, and a request of the adapter.

    None for what is outside of it: tokens, files, batches and join pages.
    """
    path = call.path.removeprefix("/v1.0")
    if path in {call.path, "/$batch"}:
        return None
    target = f"{path}?{call.query}" if call.query else path
    faults = request_faults(call.method, target, call.body) if by_adapter else []
    if answer.media_type.startswith("application/json"):
        faults += reply_faults(call.method, path, answer.body)
    return faults


def request_faults(method: str, target: str, body: bytes) -> list[str]:
    """Return what is wrong with a request below `/v1.0`: its path, its query, or its body."""
    path, _, query = target.partition("?")
    if NOT_IN_SPEC.fullmatch(path):
        return []
    listed = MOVED.sub(r"\1/events/\2/\3", path)
    options = [names for pattern, names in list_paths(method) if pattern.fullmatch(listed)]
    if not options:
        return [f"{method} {unquote(path)} is not in the metadata"]
    sent = {name for name, _ in parse_qsl(query, keep_blank_values=True)} - UNLISTED
    faults = [f"{path} has no option {name}" for name in sent - set().union(*options)]
    kind = _find_type(method, path)[0]
    return faults + (
        list(_check(json.loads(body), kind, path, closed=True)) if kind and body else []
    )


def reply_faults(method: str, path: str, body: bytes) -> list[str]:
    """Return what is wrong with a successful reply."""
    kind = _find_type(method, path)[1]
    if kind is None or not body:
        return []
    document = json.loads(body)
    if not kind.startswith("["):
        return list(_check(document, kind, path))
    rows = document.get("value")
    if not isinstance(rows, list):
        return [f"{path}: there is no list in value"]
    return [fault for row in rows for fault in _check(row, kind[1:], path)]


def _find_type(method: str, path: str) -> tuple[str | None, str | None]:
    for verb, pattern, body, reply in TYPES:
        if verb == method and re.fullmatch(pattern, path):
            return body, reply
    return None, None


@cache
def list_paths(method: str) -> list[tuple[re.Pattern[str], set[str]]]:
    """Return the paths that have a method, each with the options of its query."""
    return [
        _read_template(template)
        for template, verbs in read_spec()["sdkUrlTemplates"].items()
        if method in verbs
    ]


def _read_template(template: str) -> tuple[re.Pattern[str], set[str]]:
    path = re.sub(r"\{[?&][^}]*\}|\?.*", "", template)
    names = {
        unquote(name).rstrip("*") for name in re.findall(r"[?&,]([%\w]+)(?=\*?[,}=])", template)
    }
    names |= set(re.findall(r"(\w+)=\{\1\}", template))
    pattern = re.escape(path)
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern).replace("'", "(?:'|%27)")
    # Optional parameters of a function are left out with their names.
    pattern = re.sub(
        r"\(meetingOrganizerUserId=.*?\\\)", r"(meetingOrganizerUserId='[^']*'\\)", pattern
    )
    return re.compile(pattern), names


# ------------------------------------------------------------------------------------------- types


def _properties(name: str) -> tuple[dict[str, Any], bool]:
    """Return the properties of a type with those of its bases, and whether it may have others."""
    spec = read_spec()
    if name.endswith("()"):
        actions = (each for each in spec["operations"] if each["name"] == name[:-2])
        return next(actions)["parameters"], False
    kind = spec["entityTypes"].get(name) or spec["complexTypes"][name]
    own = {**kind.get("properties", {}), **kind.get("navigation", {})}
    if "base" not in kind:
        return own, bool(kind.get("open"))
    inherited, is_open = _properties(kind["base"])
    return {**inherited, **own}, is_open or bool(kind.get("open"))


def _check(value: Any, kind: str, where: str, *, closed: bool = False) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is not a {kind}"
        return
    own = str(value.get("@odata.type", "")).rpartition(".")[2]
    properties, is_open = _properties(own if own in _list_types() else kind)
    for name, part in value.items():
        if name.startswith("@") or "@odata" in name:
            continue
        declared = properties.get(name)
        if declared is None:
            # Types that are open may have more; this client sends none of them.
            if closed or not is_open:
                yield f"{where}/{name} is not a property of {kind}"
        elif part is None:
            if declared.get("nullable", True) is False:
                yield f"{where}/{name} is null"
        else:
            yield from _check_property(part, declared, f"{where}/{name}", closed=closed)


@cache
def _list_types() -> frozenset[str]:
    return frozenset([*read_spec()["entityTypes"], *read_spec()["complexTypes"]])


def _check_property(value: Any, declared: Any, where: str, *, closed: bool) -> Iterator[str]:
    if not declared.get("collection"):
        yield from _check_value(value, declared["type"], where, closed=closed)
        return
    if not isinstance(value, list):
        yield f"{where} is not a list"
        return
    for part in value:
        yield from _check_value(part, declared["type"], where, closed=closed)


MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)"
PRIMITIVES: dict[str, Any] = {
    "Edm.String": lambda value: isinstance(value, str),
    "Edm.Boolean": lambda value: isinstance(value, bool),
    "Edm.Int32": lambda value: type(value) is int,
    "Edm.Date": lambda value: re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)),
    "Edm.DateTimeOffset": lambda value: re.fullmatch(MOMENT, str(value)),
}
WITHOUT_OFFSET = "/registrationDateTime"
"""What samples have without an offset, although the metadata says otherwise."""


def _check_value(value: Any, kind: str, where: str, *, closed: bool) -> Iterator[str]:
    members = read_spec()["enumTypes"].get(kind)
    if members is not None:
        if value not in members["members"] or value == "unknownFutureValue":
            yield f"{where}: {value!r} is not a word of {kind}"
    elif kind in PRIMITIVES:
        if not PRIMITIVES[kind](value) and not where.endswith(WITHOUT_OFFSET):
            yield f"{where}: {value!r} is not {kind}"
    elif kind in _list_types():
        yield from _check(value, kind, where, closed=closed)
