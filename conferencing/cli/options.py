"""Options that commands share, and the types of arguments: times, durations, passcodes."""

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

from conferencing.accounts.settings import read_private_text
from conferencing.errors import ConferencingError, ConfigurationError
from conferencing.model.secret import Secret

__all__ = [
    "COMMON",
    "CREATE",
    "DELETE",
    "LIST",
    "WRITE",
    "CommonOptions",
    "CreateOptions",
    "DeleteOptions",
    "Duration",
    "LaxBool",
    "ListOptions",
    "Time",
    "UsageError",
    "WriteOptions",
    "Zone",
    "confirm",
    "parse_pairs",
    "read_passcode",
    "read_secret",
    "resolve_time",
]

COMMON_GROUP: Final = Group("Common options", sort_key=99)


class UsageError(ConfigurationError):
    """The command line is wrong."""


# --------------------------------------------------------------------------------- shared options


def _parse_zone(_: Any, tokens: Sequence[Any]) -> ZoneInfo:
    name = tokens[0].value
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name!r} is not a time zone; use an IANA name such as Europe/Warsaw"
    raise ValueError(message)


Zone = Annotated[ZoneInfo, Parameter(converter=_parse_zone, n_tokens=1, metavar="ZONE")]

LaxBool = Annotated[bool | None, Parameter(negative_bool="no-")]
"""On, off (with `--no-`), or not set."""


@Parameter(name="*", group=COMMON_GROUP)
@frozen(kw_only=True)
class CommonOptions:
    """Account and output options."""

    account: str | None = None
    "Account to use (default: CONFERENCING_ACCOUNT, then the default of the configuration)."

    config: Path | None = None
    "Configuration file (default: see `conferencing config where`)."

    json: bool = False
    "Print JSON: one object per line, with `data` or `error`."

    timezone: Zone | None = None
    "Time zone for times without an offset, and for output (default: the zone of the room)."


@frozen(kw_only=True)
class ListOptions(CommonOptions):
    """Options of commands that list records."""

    quiet: Annotated[bool, Parameter(alias="-q")] = False
    "Print only ids."


@frozen(kw_only=True)
class WriteOptions(CommonOptions):
    """Options of commands that change something."""

    dry_run: bool = False
    "Show what would be sent, and send nothing."


@frozen(kw_only=True)
class CreateOptions(WriteOptions):
    """Options of commands that create something."""

    quiet: Annotated[bool, Parameter(alias="-q")] = False
    "Print only the id."


@frozen(kw_only=True)
class DeleteOptions(WriteOptions):
    """Options of commands that ask for confirmation."""

    yes: Annotated[bool, Parameter(alias="-y")] = False
    "Do not ask for confirmation."


COMMON: Final = CommonOptions()
LIST: Final = ListOptions()
WRITE: Final = WriteOptions()
CREATE: Final = CreateOptions()
DELETE: Final = DeleteOptions()


def confirm(options: DeleteOptions, question: str) -> None:
    """Ask on the terminal before something irreversible. Raises unless the answer is yes."""
    if options.yes or options.dry_run:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("--yes is required when there is no terminal to ask for confirmation")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise ConferencingError("cancelled; nothing was changed")


# ---------------------------------------------------------------------------- times and durations


def _parse_time(_: Any, tokens: Sequence[Any]) -> datetime:
    text = tokens[0].value
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a time; write it like 2027-03-01T17:00+01:00"
    raise ValueError(message)


def _parse_duration(_: Any, tokens: Sequence[Any]) -> timedelta:
    text = tokens[0].value
    match = re.fullmatch(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", text, re.ASCII)
    if not text or not match:
        raise ValueError(f"{text!r} is not a duration; write it like 90m, 1h30m or 2h")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


Time = Annotated[datetime, Parameter(converter=_parse_time, n_tokens=1, metavar="TIME")]
Duration = Annotated[
    timedelta, Parameter(converter=_parse_duration, n_tokens=1, metavar="DURATION")
]


def resolve_time(time: datetime | None, zone: ZoneInfo | None, option: str) -> datetime | None:
    """Return an aware time: with its own offset, or in the zone of `--timezone`.

    Raises `UsageError` if it has neither, and if a clock change skips or repeats it.
    """
    if time is None:
        return None
    if time.tzinfo is not None:
        return time.astimezone(zone) if zone else time
    text = time.isoformat(timespec="minutes")
    if zone is None:
        raise UsageError(
            f"{option}: {text} has no UTC offset; write for example {text}+01:00,"
            " or add --timezone Europe/Warsaw"
        )
    first, second = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC) != second.astimezone(UTC):
        raise UsageError(
            f"{option}: clocks change in {zone.key} at that time, so {text} occurs twice or not at"
            f" all; add the UTC offset, for example {text}{first.isoformat()[-6:]}"
        )
    return first


# ------------------------------------------------------------------------------- other arguments


def parse_pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return a mapping from `NAME=VALUE` arguments. Raises `UsageError`."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"{option}: {text!r} is not of the form NAME=VALUE")
        pairs[name] = value
    return pairs


def read_passcode(source: str | None) -> Secret | None:
    """Return the passcode from `env:NAME`, `file:PATH` or `prompt`. Raises `UsageError`."""
    return read_secret(source, "--passcode")


def read_secret(source: str | None, option: str) -> Secret | None:
    """Return the secret from `env:NAME`, `file:PATH` or `prompt`. Raises `UsageError`.

    The secret itself is refused: the shell's history and the list of processes would show it.
    """
    if source is None:
        return None
    word = option.removeprefix("--").replace("-", " ")
    kind, _, rest = source.partition(":")
    if source == "prompt":
        return Secret(_prompt(word, option))
    if kind == "env" and rest:
        value = os.environ.get(rest, "")
        problem = f"the environment variable {rest} is not set"
    elif kind == "file" and rest:
        value, problem = _read_secret_file(Path(rest))
    else:
        raise UsageError(
            f"{option} takes env:NAME, file:PATH or prompt; a {word} on the command line would"
            " stay in the shell history"
        )
    if not value:
        raise UsageError(f"{option}: {problem}")
    return Secret(value)


def _prompt(word: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"{option}: there is no terminal to ask on; use env:NAME or file:PATH")
    return getpass(f"{word.capitalize()}: ")


def _read_secret_file(path: Path) -> tuple[str, str]:
    try:
        return read_private_text(path.expanduser()).strip(), f"the file {path} is empty"
    except OSError as error:
        return "", f"the file {path} cannot be read: {error.strerror}"
    except ValueError as error:
        return "", f"the file {path} cannot be read: {error}"
