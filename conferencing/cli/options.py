"""Options that commands share, and how times, lengths and passcodes are written."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen
from cyclopts import Group, Parameter

from conferencing.errors import ConferencingError, ConfigurationError
from conferencing.model.secret import Secret

__all__ = [
    "DELETE",
    "LIST",
    "MAKE",
    "READ",
    "WRITE",
    "CommonOptions",
    "CreateOptions",
    "DeleteOptions",
    "LaxBool",
    "Length",
    "Listing",
    "Moment",
    "Usage",
    "WriteOptions",
    "Zone",
    "confirm",
    "instant",
    "pairs",
    "passcode",
]

EVERYWHERE: Final = Group("Everywhere", sort_key=99)


class Usage(ConfigurationError):
    """Say that the command line is not as it should be."""


# ------------------------------------------------------------------------------- what is shared


def _zone(_: Any, tokens: Sequence[Any]) -> ZoneInfo:
    name = tokens[0].value
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(f"{name!r} is no time zone; write its IANA name, like Europe/Warsaw")


Zone = Annotated[ZoneInfo, Parameter(converter=_zone, n_tokens=1, metavar="ZONE")]

LaxBool = Annotated[bool | None, Parameter(negative_bool="no-")]
"""On, off (with `--no-`), or not said."""


@Parameter(name="*", group=EVERYWHERE)
@frozen(kw_only=True)
class CommonOptions:
    """Say on which account, and how to print."""

    account: str | None = None
    "The account; without it CONFERENCING_ACCOUNT or the default of the configuration counts."

    config: Path | None = None
    "The configuration file; `conferencing config where` tells which one counts without it."

    json: bool = False
    "Print JSON: one object a line, with `data` or `error`."

    timezone: Zone | None = None
    "The IANA zone of times that are given without an offset, and to show times in."


@frozen(kw_only=True)
class Listing(CommonOptions):
    """Add what listings have."""

    quiet: Annotated[bool, Parameter(alias="-q")] = False
    "Print the ids and nothing else."


@frozen(kw_only=True)
class WriteOptions(CommonOptions):
    """Add what everything has that changes something."""

    dry_run: bool = False
    "Say exactly what would be sent, and send nothing."


@frozen(kw_only=True)
class CreateOptions(WriteOptions):
    """Add what everything has that makes something."""

    quiet: Annotated[bool, Parameter(alias="-q")] = False
    "Print the id and nothing else."


@frozen(kw_only=True)
class DeleteOptions(WriteOptions):
    """Add what everything has that deletes."""

    yes: Annotated[bool, Parameter(alias="-y")] = False
    "Do not ask first."


READ: Final = CommonOptions()
LIST: Final = Listing()
WRITE: Final = WriteOptions()
MAKE: Final = CreateOptions()
DELETE: Final = DeleteOptions()


def confirm(at: DeleteOptions, question: str) -> None:
    """Ask on the terminal before something is deleted. Raises unless it is wanted."""
    if at.yes or at.dry_run:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Usage("this asks before it deletes, and there is no terminal to ask on: add --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise ConferencingError("nothing was deleted")


# ----------------------------------------------------------------------------- times and lengths


def _moment(_: Any, tokens: Sequence[Any]) -> datetime:
    text = tokens[0].value
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no time; write it like 2027-03-01T17:00+01:00")


def _length(_: Any, tokens: Sequence[Any]) -> timedelta:
    text = tokens[0].value
    found = re.fullmatch(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", text, re.ASCII)
    if not text or not found:
        raise ValueError(f"{text!r} is no length of time; write it like 90m, 1h30m or 2h")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


Moment = Annotated[datetime, Parameter(converter=_moment, n_tokens=1, metavar="TIME")]
Length = Annotated[timedelta, Parameter(converter=_length, n_tokens=1, metavar="LENGTH")]


def instant(moment: datetime | None, zone: ZoneInfo | None, option: str) -> datetime | None:
    """Return the time as an instant: with its own offset, or in the zone of `--timezone`.

    Raises `Usage` for one without either, and for one that a change of clocks skips or repeats.
    """
    if moment is None:
        return None
    if moment.tzinfo is not None:
        return moment.astimezone(zone) if zone else moment
    text = moment.isoformat(timespec="minutes")
    if zone is None:
        raise Usage(
            f"{option}: {text} could be anywhere; write {text}+01:00, say,"
            " or add --timezone Europe/Warsaw"
        )
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC) != second.astimezone(UTC):
        raise Usage(
            f"{option}: clocks change in {zone.key} at that time, so {text} comes twice or never;"
            f" write it with its offset, like {text}{first.isoformat()[-6:]}"
        )
    return first


# ------------------------------------------------------------------------------- other arguments


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return the mapping that is written `NAME=VALUE NAME=VALUE`. Raises `Usage`."""
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Usage(f"{option} is {text!r}; it must be like NAME=VALUE")
        found[name] = value
    return found


def passcode(source: str | None) -> Secret | None:
    """Return the passcode that `env:NAME`, `file:PATH` or `prompt` leads to. Raises `Usage`.

    A value on the command line would stay in the shell's history and show in the list of processes.
    """
    if source is None:
        return None
    kind, _, rest = source.partition(":")
    if source == "prompt":
        return Secret(_prompted())
    if kind == "env" and rest:
        value = os.environ.get(rest, "")
        fault = f"the environment variable {rest} is not set"
    elif kind == "file" and rest:
        value, fault = _read(Path(rest))
    else:
        raise Usage(
            "--passcode takes no passcode, which the shell would remember, but the place of one:"
            " env:NAME, file:PATH or prompt"
        )
    if not value:
        raise Usage(f"--passcode: {fault}")
    return Secret(value)


def _prompted() -> str:
    if not sys.stdin.isatty():
        raise Usage("--passcode: there is no terminal to ask on; use env:NAME or file:PATH")
    return getpass("Passcode: ")


def _read(path: Path) -> tuple[str, str]:
    try:
        return path.expanduser().read_text("utf-8").strip(), f"the file {path} is empty"
    except OSError as error:
        return "", f"the file {path} cannot be read: {error.strerror}"
    except ValueError:
        return "", f"the file {path} is not UTF-8 text"
