"""Optional libraries: imported when they are needed, with advice if they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from conferencing.errors import ConfigurationError

__all__ = ["library"]


def library(module: str, *, extra: str, purpose: str) -> Any:
    """Import a library that belongs to an extra.

    Raises `ConfigurationError` that says what it is needed for and how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # installed, but broken
        raise ConfigurationError(
            f"for {purpose}: python -m pip install 'conferencing[{extra}]'"
        ) from error
