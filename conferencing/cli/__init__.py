"""The `conferencing` command. Its libraries come with an extra, and this says so if they are missing."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        from .run import run  # noqa: PLC0415

        code = run(sys.argv[1:])
    except ImportError as error:
        missing = _missing(error)
    else:
        sys.exit(code)
    message = (
        f"the command line needs {missing}, which comes with an extra:"
        ' python -m pip install "conferencing[cli]"'
    )
    if "--json" not in sys.argv:
        sys.exit(f"conferencing: {message}")
    print(json.dumps({"error": {"kind": "MissingExtra", "message": message, "exit_code": 1}}))  # noqa: T201
    sys.exit(1)


def _missing(error: ImportError) -> str:
    """Return the library that is not there; a command that cannot be imported has it as its cause."""
    cause = error.__cause__
    name = cause.name if isinstance(cause, ImportError) else error.name
    if name is None or name.startswith("conferencing"):
        raise error
    return name
