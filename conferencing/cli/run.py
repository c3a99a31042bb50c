"""From arguments to an exit code: one clear line for each failure, and never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.text import Text

import conferencing
from conferencing.errors import AuthenticationFailed, ConferencingError, ConfigurationError

from .output import Output, printed, written

__all__ = ["run"]

OK, FAILED, USAGE, CREDENTIALS, INTERRUPTED = 0, 1, 2, 4, 130

HELP: Final = """One command for every meeting and webinar platform.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 4 credentials refused, 130 interrupted.
"""

app = App(
    name="conferencing",
    help=HELP,
    version=lambda: conferencing.__version__,
    default_parameter=Parameter(negative=()),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
for command in ("demo", "sandbox", "providers", "doctor"):
    app.command(f"conferencing.cli.{command}:{command}", name=command)  # imported when it is called


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    as_json = "--json" in arguments
    try:
        result = app(list(arguments), exit_on_error=False, print_error=False)
        if isinstance(result, Output):
            printed(result, as_json=as_json)
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except CycloptsError as error:
        return _failed(_plain(error), USAGE, as_json=as_json)
    except ConferencingError as error:
        return _failed(str(error), _code(error), as_json=as_json, error=error)
    return result.code if isinstance(result, Output) else OK


def _code(error: ConferencingError) -> int:
    if isinstance(error, AuthenticationFailed):
        return CREDENTIALS
    return USAGE if isinstance(error, ConfigurationError) else FAILED


def _plain(error: CycloptsError) -> str:
    return f"{' '.join(str(error).split())} (conferencing --help tells what there is)"


def _failed(
    message: str, code: int, *, as_json: bool, error: ConferencingError | None = None
) -> int:
    if as_json:
        facts: dict[str, Any] = dict(error.facts) if error else {}
        kind = type(error).__name__ if error else {2: "Usage", 130: "Interrupted"}[code]
        envelope = {"error": {"kind": kind, "message": message, "exit_code": code, **facts}}
        print(written(envelope))  # noqa: T201
    else:
        console = Console(stderr=True, soft_wrap=True)
        console.print(Text("conferencing: ", "bold red") + Text(message))
    return code
