"""The `conferencing` command. Its libraries are an extra; a missing one is reported in one line."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        from .app import run  # noqa: PLC0415

        code = run(sys.argv[1:])
    except ImportError as error:
        library = _missing_library(error)
    except KeyboardInterrupt:  # before the command started, or again while it ended
        sys.exit(130)
    else:
        sys.exit(code)
    message = (
        f"the command line needs {library}, which is part of an extra;"
        ' run: python -m pip install "conferencing[cli]"'
    )
    if "--json" not in sys.argv:
        sys.exit(f"conferencing: {message}")
    print(json.dumps({"error": {"kind": "MissingExtra", "message": message, "exit_code": 1}}))  # noqa: T201
    sys.exit(1)


def _missing_library(error: ImportError) -> str:
    """Return the name of the library that is not installed, or raise if the fault is our own.

    cyclopts raises its own ImportError for a command that cannot be imported; the library is in its
    cause.
    """
    cause = error.__cause__
    name = cause.name if isinstance(cause, ImportError) else error.name
    if name is None or name.startswith("conferencing"):
        raise error
    return name
