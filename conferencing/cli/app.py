"""From arguments to an exit code: run one command and print its output or its failure."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from cyclopts import CycloptsError
from rich.console import Console
from rich.text import Text

from conferencing.errors import ConferencingError
from conferencing.formatting import clean_line

from .commands import GROUPS, app, import_commands
from .errors import (
    FAILED,
    INTERRUPTED,
    OK,
    USAGE,
    describe_error,
    describe_usage_error,
    get_exit_code,
)
from .output import Output, encode, print_output
from .stdout import OutputClosed, OutputFailed, guard_stdout

__all__ = ["run"]

GLOBAL_OPTIONS: Final = {"--json": 1, "--account": 2, "--config": 2}
"""Options that may also come before the command, and how many words each of them takes."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    words = _move_options_behind(arguments)
    as_json = "--json" in _option_words(words)
    try:
        with guard_stdout():
            return _run(words, as_json=as_json)
    except OutputClosed:
        return OK
    except OutputFailed as error:
        _print_error(str(error))
        return FAILED


def _run(words: list[str], *, as_json: bool) -> int:
    if _asks_for_help(words):
        import_commands()
    bound_arguments: dict[str, Any] = {}
    try:
        command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        bound_arguments |= bound.arguments
        result: object = command(*bound.args, **bound.kwargs)
        if isinstance(result, Output):
            _print_result(result, bound.arguments, as_json=as_json)
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        _ignore_interrupts()
        return _report(str(error) or "interrupted", INTERRUPTED, as_json=as_json)
    except CycloptsError as error:
        return _report(describe_usage_error(error), USAGE, as_json=as_json)
    except ConferencingError as error:
        message = describe_error(error, bound_arguments)
        return _report(message, get_exit_code(error), as_json=as_json, error=error)
    return result.code if isinstance(result, Output) else OK


def _print_result(output: Output, arguments: Mapping[str, Any], *, as_json: bool) -> None:
    if output.error is None:
        print_output(output, as_json=as_json)
        return
    message = describe_error(output.error, arguments)
    if as_json:
        _report(message, output.code, as_json=True, error=output.error, data=output.data)
    else:
        print_output(output, as_json=False)
        _report(message, output.code, as_json=False)


def _ignore_interrupts() -> None:
    """Let a second Ctrl-C not interrupt the message about the first one."""
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)


# -------------------------------------------------------------------------------------- arguments


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


def _option_words(words: Sequence[str]) -> Sequence[str]:
    """Return the words before `--`, after which nothing is an option."""
    return words[: words.index("--")] if "--" in words else words


# --------------------------------------------------------------------------------------- failures


def _report(
    message: str,
    code: int,
    *,
    as_json: bool,
    error: ConferencingError | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Print an error, as JSON with the `data` that the command has besides; return the exit code."""
    if as_json:
        facts: Mapping[str, Any] = error.facts if error else {}
        kind = type(error).__name__ if error else {2: "UsageError", 130: "Interrupted"}[code]
        envelope = {"kind": kind, "message": message, "exit_code": code, **(data or {}), **facts}
        print(encode({"error": envelope}), flush=True)  # noqa: T201
    else:
        _print_error(message)
    return code


def _print_error(message: str) -> None:
    console = Console(stderr=True, soft_wrap=True)
    console.print(Text("conferencing: ", "bold red") + Text(clean_line(message)))
