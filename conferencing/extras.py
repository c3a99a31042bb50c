"""Optional libraries: imported when they are needed, with advice if they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from conferencing.errors import ConfigurationError

__all__ = ["import_extra"]


def import_extra(module: str, *, extra: str, purpose: str) -> Any:
    """Import a module of a library that belongs to an extra. `purpose` is an infinitive, without "to".

    Raises `ConfigurationError` that says what the library is needed for and how to install it. pip
    adds the libraries of an extra to a copy that is installed, also if it is not on PyPI.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        library = module.partition(".")[0]
        if error.name != library:
            raise  # installed, but broken
        raise ConfigurationError(
            f'to {purpose}, install {library}: python -m pip install "conferencing[{extra}]"'
        ) from error
