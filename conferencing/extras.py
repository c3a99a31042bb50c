"""Libraries that come with an extra: imported where they are needed, and asked for by name if missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from conferencing.errors import ConfigurationError

__all__ = ["library"]


def library(module: str, *, extra: str, purpose: str) -> Any:
    """Import a library that an extra brings.

    Raises `ConfigurationError` that says for what it is needed and how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # it is there, and broken
    raise ConfigurationError(f"for {purpose}: python -m pip install 'conferencing[{extra}]'")
