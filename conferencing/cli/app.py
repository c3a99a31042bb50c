"""The command line: commands, and from arguments to an exit code; a failure is one line."""

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
from conferencing.formatting import clean_line

from .output import Output, encode, print_output

__all__ = ["app", "run"]

OK, FAILED, USAGE, CREDENTIALS, INTERRUPTED = 0, 1, 2, 4, 130

HELP: Final = """One command for every meeting and webinar platform.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 partly failed, 4 credentials refused,
130 interrupted.
"""

OPTIONS_BY_ARGUMENT: Final = {
    "replace=True": "--replace",
    "ignore_unsupported=True": "--ignore-unsupported",
    "permanent=False": "--no-permanent",
}
"""What the library's messages suggest, and the option that does it."""

GLOBAL_OPTIONS: Final = {"--json": 1, "--account": 2, "--config": 2}
"""Options that may also come before the command, and how many words each of them takes."""

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
        "Show and check the configuration.",
        {"where": "config:where", "check": "config:check"},
    ),
    "rooms": (
        "List, show, create, update and delete rooms.",
        {
            "list": "rooms:list_",
            "show": "rooms:show",
            "create": "rooms:create",
            "update": "rooms:update",
            "delete": "rooms:delete",
        },
    ),
    "people": (
        "Import people from a spreadsheet, list and invite them.",
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
        "Request and download the provider's own reports.",
        {"create": "reports:create", "get": "reports:get"},
    ),
    "templates": (
        "List, create, update and delete room templates.",
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


def _add_commands(parent: App, commands: dict[str, str]) -> None:
    for name, path in commands.items():  # imported when it is called
        parent.command(f"conferencing.cli.{path}", name=name)


_add_commands(app, COMMANDS)
for group, (summary, commands) in GROUPS.items():
    members = App(name=group, help=summary)
    _add_commands(members, commands)
    app.command(members)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    _replace_unencodable()
    words = _move_options_behind(arguments)
    try:
        return _run(words, as_json="--json" in _option_words(words))
    except BrokenPipeError:  # as in `conferencing rooms list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(words: list[str], *, as_json: bool) -> int:
    if _asks_for_help(words):
        _import_all()
    try:
        result = app(words, exit_on_error=False, print_error=False)
        if isinstance(result, Output):
            print_output(result, as_json=as_json)
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        return _report_failure(str(error) or "interrupted", INTERRUPTED, as_json=as_json)
    except CycloptsError as error:
        return _report_failure(_usage_message(error), USAGE, as_json=as_json)
    except ConferencingError as error:
        return _report_failure(_translate(error), _exit_code(error), as_json=as_json, error=error)
    return result.code if isinstance(result, Output) else OK


def _move_options_behind(arguments: Sequence[str]) -> list[str]:
    """Move global options that come before the command behind it, where cyclopts expects them."""
    words = list(arguments)
    before: list[str] = []
    while words and words[0].partition("=")[0] in GLOBAL_OPTIONS and len(words) > 1:
        count = 1 if "=" in words[0] else GLOBAL_OPTIONS[words[0]]
        before += words[:count]
        words = words[count:]
    options = _option_words(words)
    return [*options, *before, *words[len(options) :]]


def _asks_for_help(words: Sequence[str]) -> bool:
    bare = not words or (len(words) == 1 and words[0] in GROUPS)
    return bare or "--help" in words or "-h" in words


def _import_all() -> None:
    """Import every command: the list of commands shows their docstrings."""
    for group in (app, *(app[name] for name in GROUPS)):
        group.resolved_commands()


def _option_words(words: Sequence[str]) -> Sequence[str]:
    """Return the words before `--`, after which nothing is an option."""
    return words[: words.index("--")] if "--" in words else words


def _replace_unencodable() -> None:
    """Print characters that the encoding of the output lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _translate(error: ConferencingError) -> str:
    message = str(error)
    for argument, option in OPTIONS_BY_ARGUMENT.items():
        message = message.replace(argument, option)
    return message


def _exit_code(error: ConferencingError) -> int:
    if isinstance(error, AuthenticationFailed):
        return CREDENTIALS
    return USAGE if isinstance(error, ConfigurationError) else FAILED


def _usage_message(error: CycloptsError) -> str:
    message = " ".join(str(error).split())
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        message = (
            f"Unexpected argument {error.unused_tokens[0]!r}; quote text that contains spaces."
        )
    return f"{message} See conferencing --help."


def _report_failure(
    message: str, code: int, *, as_json: bool, error: ConferencingError | None = None
) -> int:
    if as_json:
        facts: dict[str, Any] = dict(error.facts) if error else {}
        kind = type(error).__name__ if error else {2: "UsageError", 130: "Interrupted"}[code]
        envelope = {"error": {"kind": kind, "message": message, "exit_code": code, **facts}}
        print(encode(envelope), flush=True)  # noqa: T201
    else:
        console = Console(stderr=True, soft_wrap=True)
        console.print(Text("conferencing: ", "bold red") + Text(clean_line(message)))
    return code
