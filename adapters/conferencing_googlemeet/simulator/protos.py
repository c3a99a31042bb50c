"""Bodies of Meet, which are protos: both spellings of fields, enums by name and by number.

docs/vendors/googlemeet.md#json
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from .errors import meet_failure
from .formats import find_part, to_camel

__all__ = ["CONFIG", "ENUMS", "apply_mask", "number_enums", "read_message"]

ON_OFF: Final = ("ON", "OFF")
RESTRICTIONS: Final = ("HOSTS_ONLY", "NO_RESTRICTION")
ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "accessType": ("OPEN", "TRUSTED", "RESTRICTED"),
    "entryPointAccess": ("ALL", "CREATOR_APP_ONLY"),
    "moderation": ("OFF", "ON"),  # the other way round than all others
    "chatRestriction": RESTRICTIONS,
    "reactionRestriction": RESTRICTIONS,
    "presentRestriction": RESTRICTIONS,
    "defaultJoinAsViewerType": ON_OFF,
    "attendanceReportGenerationType": ("GENERATE_REPORT", "DO_NOT_GENERATE"),
    "autoRecordingGeneration": ON_OFF,
    "autoTranscriptionGeneration": ON_OFF,
    "autoSmartNotesGeneration": ON_OFF,
    "role": ("COHOST",),
    "state": ("STARTED", "ENDED", "FILE_GENERATED"),
}
"""The words of each enum in the order of their numbers, which begin with 1."""

Schema = Mapping[str, "Schema | None"]

CONFIG: Final[dict[str, Any]] = {
    "accessType": None,
    "entryPointAccess": None,
    "moderation": None,
    "attendanceReportGenerationType": None,
    "moderationRestrictions": {
        "chatRestriction": None,
        "reactionRestriction": None,
        "presentRestriction": None,
        "defaultJoinAsViewerType": None,
    },
    "artifactConfig": {
        "recordingConfig": {"autoRecordingGeneration": None},
        "transcriptionConfig": {"autoTranscriptionGeneration": None},
        "smartNotesConfig": {"autoSmartNotesGeneration": None},
    },
}


def read_message(value: Any, schema: Schema, where: str) -> dict[str, Any]:
    """Return a message with its fields in camelCase and its enums as words. Raises `Refusal`."""
    if not isinstance(value, dict):
        raise meet_failure(400, f"Invalid value at '{where}'")
    message: dict[str, Any] = {}
    for name, part in cast("dict[str, Any]", value).items():
        camel = to_camel(name)
        if camel not in schema:
            raise meet_failure(
                400,
                f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find"
                " field.",
            )
        child = schema[camel]
        if child is not None:
            message[camel] = read_message(part, child, f"{where}.{name}")
        else:
            message[camel] = _read_enum(camel, part, f"{where}.{name}")
    return message


def _read_enum(name: str, value: Any, where: str) -> Any:
    words = ENUMS.get(name)
    if words is None:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= len(words):
        return words[value - 1] if value else None
    if value in words:
        return value
    if isinstance(value, str) and value.endswith("_UNSPECIFIED"):
        return None
    raise meet_failure(
        400, f"Invalid value at '{where}' (type.googleapis.com/google.apps.meet.v2), \"{value}\""
    )


def number_enums(value: Any) -> Any:
    """Return a reply with numbers in place of the words of enums."""
    if isinstance(value, list):
        return [number_enums(part) for part in cast("Iterable[Any]", value)]
    if not isinstance(value, Mapping):
        return value
    row = cast("Mapping[str, Any]", value)
    return {
        name: ENUMS[name].index(part) + 1
        if name in ENUMS and part in ENUMS[name]
        else number_enums(part)
        for name, part in row.items()
    }


def apply_mask(
    old: Mapping[str, Any], new: Mapping[str, Any], mask: str | None, schema: Schema
) -> dict[str, Any]:
    """Return a message with what a mask names taken from another; without one, all that is there.

    `*` replaces everything. Raises `Refusal` for a path that does not exist.
    """
    if mask == "*":
        return dict(new)
    result: dict[str, Any] = _copy(old)
    paths = (
        [path.strip().split(".") for path in mask.split(",") if path.strip()]
        if mask
        else [*_leaves(new)]
    )
    for path in paths:
        names = [to_camel(name) for name in path]
        _check_path(names, schema, ".".join(path))
        place = result
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = find_part(new, *names)
    return result


def _check_path(names: list[str], schema: Schema, text: str) -> None:
    level: Schema | None = schema
    for name in names:
        if level is None or name not in level:
            raise meet_failure(400, f"Invalid update mask: {text}")
        level = level[name]


def _leaves(message: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    for name, value in message.items():
        if isinstance(value, Mapping):
            yield from _leaves(cast("Mapping[str, Any]", value), (*path, name))
        else:
            yield [*path, name]


def _copy(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _copy(cast("Mapping[str, Any]", part)) if isinstance(part, Mapping) else part
        for name, part in message.items()
    }
