"""From arguments to an exit code: one clear line for each failure, and never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, Final

from cyclopts import (
    App,
    CycloptsError,
    Parameter,
    UnusedCliTokensError,
)
from rich.console import Console
from rich.text import Text

import conferencing
from conferencing.errors import AuthenticationFailed, ConferencingError, ConfigurationError

from .output import Output, printed, written
from .values import clean

__all__ = ["app", "run"]

OK, FAILED, USAGE, CREDENTIALS, INTERRUPTED = 0, 1, 2, 4, 130

HELP: Final = """One command for every meeting and webinar platform.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 partly failed, 4 credentials refused,
130 interrupted.
"""

IN_PYTHON: Final = {
    "replace=True": "--replace",
    "ignore_unsupported=True": "--ignore-unsupported",
    "permanent=False": "--no-permanent",
}
"""How the library's errors name what to do, and what that is called here."""

GLOBAL: Final = {"--json": 1, "--account": 2, "--config": 2}
"""Options that may stand before the command too, and how many words each of them has."""

COMMANDS: Final[dict[str, str]] = {
    "demo": "demo:demo",
    "sandbox": "sandbox:sandbox",
    "providers": "providers:providers",
    "doctor": "doctor:doctor",
    "completion": "completion:completion",
    "link": "links:link",
    "attendance": "sessions:attendance",
    "invitation": "invitation:invitation",
    "report": "report:report",
    "usage": "usage:usage",
    "feedback": "usage:feedback",
}
GROUPS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "config": (
        "See which configuration counts, and check it.",
        {"where": "config:where", "check": "config:check"},
    ),
    "rooms": (
        "List, show, create, change and delete rooms.",
        {
            "list": "rooms:list_",
            "show": "rooms:show",
            "create": "rooms:create",
            "update": "rooms:update",
            "delete": "rooms:delete",
        },
    ),
    "people": (
        "Bring in people from a spreadsheet, list them, invite them.",
        {"import": "people:import_", "list": "people:list_", "invite": "people:invite"},
    ),
    "sessions": (
        "List, start and end sessions.",
        {"list": "sessions:list_", "start": "sessions:start", "end": "sessions:end"},
    ),
    "recordings": (
        "List, download and delete recordings.",
        {
            "list": "recordings:list_",
            "download": "recordings:download",
            "delete": "recordings:delete",
        },
    ),
    "reports": (
        "Order reports of the provider's own, and fetch them.",
        {"create": "reports:create", "get": "reports:get"},
    ),
    "templates": (
        "List, create, change and delete templates of rooms.",
        {
            "list": "templates:list_",
            "create": "templates:create",
            "update": "templates:update",
            "delete": "templates:delete",
        },
    ),
}

app = App(
    name="conferencing",
    help=HELP,
    version=lambda: conferencing.__version__,
    default_parameter=Parameter(
        negative_bool=(), negative_iterable=(), negative_none=(), show_default=False
    ),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def _add(parent: App, commands: dict[str, str]) -> None:
    for name, place in commands.items():  # imported when it is called
        parent.command(f"conferencing.cli.{place}", name=name)


_add(app, COMMANDS)
for group, (summary, commands) in GROUPS.items():
    members = App(name=group, help=summary)
    _add(members, commands)
    app.command(members)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    _show_what_cannot_be_written()
    words = _command_first(arguments)
    try:
        return _run(words, as_json="--json" in _options(words))
    except BrokenPipeError:  # as in `conferencing rooms list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(words: list[str], *, as_json: bool) -> int:
    if _asks_for_help(words):
        _import_all()
    try:
        result = app(words, exit_on_error=False, print_error=False)
        if isinstance(result, Output):
            printed(result, as_json=as_json)
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        return _failed(str(error) or "interrupted", INTERRUPTED, as_json=as_json)
    except CycloptsError as error:
        return _failed(_plain(error), USAGE, as_json=as_json)
    except ConferencingError as error:
        return _failed(_said_here(error), _code(error), as_json=as_json, error=error)
    return result.code if isinstance(result, Output) else OK


def _command_first(arguments: Sequence[str]) -> list[str]:
    """Put the options that stand before the command behind it, where they belong."""
    words = list(arguments)
    before: list[str] = []
    while words and words[0].partition("=")[0] in GLOBAL and len(words) > 1:
        count = 1 if "=" in words[0] else GLOBAL[words[0]]
        before += words[:count]
        words = words[count:]
    options = _options(words)
    return [*options, *before, *words[len(options) :]]


def _asks_for_help(words: Sequence[str]) -> bool:
    alone = not words or (len(words) == 1 and words[0] in GROUPS)
    return alone or "--help" in words or "-h" in words


def _import_all() -> None:
    """Import every command, since a list of them says what each is for."""
    for group in (app, *(app[name] for name in GROUPS)):
        group.resolved_commands()


def _options(words: Sequence[str]) -> Sequence[str]:
    """Return the words up to `--`, behind which nothing is an option."""
    return words[: words.index("--")] if "--" in words else words


def _show_what_cannot_be_written() -> None:
    """Let a name that this terminal's encoding has no letters for be shown in its codes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _said_here(error: ConferencingError) -> str:
    told = str(error)
    for argument, option in IN_PYTHON.items():
        told = told.replace(argument, option)
    return told


def _code(error: ConferencingError) -> int:
    if isinstance(error, AuthenticationFailed):
        return CREDENTIALS
    return USAGE if isinstance(error, ConfigurationError) else FAILED


def _plain(error: CycloptsError) -> str:
    told = str(error)
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        told = f"there is no place for {error.unused_tokens[0]!r}; a text with blanks needs quotes."
    return f"{' '.join(told.split())} (conferencing --help tells what there is)"


def _failed(
    message: str, code: int, *, as_json: bool, error: ConferencingError | None = None
) -> int:
    if as_json:
        facts: dict[str, Any] = dict(error.facts) if error else {}
        kind = type(error).__name__ if error else {2: "Usage", 130: "Interrupted"}[code]
        envelope = {"error": {"kind": kind, "message": message, "exit_code": code, **facts}}
        print(written(envelope), flush=True)  # noqa: T201
    else:
        console = Console(stderr=True, soft_wrap=True)
        console.print(Text("conferencing: ", "bold red") + Text(clean(message)))
    return code
