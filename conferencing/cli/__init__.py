"""The `conferencing` command. Its libraries come with an extra, and this says so if they are missing."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        from .run import run  # noqa: PLC0415
    except ImportError as error:
        if error.name is None or error.name.startswith("conferencing"):
            raise
        missing = error.name
    else:
        sys.exit(run(sys.argv[1:]))
    sys.exit(
        f"conferencing: the command line needs {missing}, which comes with an extra:"
        ' python -m pip install "conferencing[cli]"'
    )
