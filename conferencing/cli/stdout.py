"""Standard output whose errors can be told from all others."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any

__all__ = ["OutputClosed", "OutputFailed", "guard_stdout"]


class OutputClosed(Exception):
    """The reader of a pipe went away, as in `conferencing rooms list | head -1`."""


class OutputFailed(Exception):
    """Standard output cannot be written, for example because a disk is full."""


class _Guarded:
    """A text stream that raises `OutputClosed` and `OutputFailed` in place of `OSError`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with _convert_errors():
            count: int = self._stream.write(text)
            return count

    def flush(self) -> None:
        with _convert_errors():
            self._stream.flush()


@contextmanager
def _convert_errors() -> Generator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise OutputClosed from error
    except OSError as error:
        raise OutputFailed(f"cannot write to standard output: {error.strerror}") from error


@contextmanager
def guard_stdout() -> Generator[None]:
    """Use a guarded `sys.stdout` inside, in UTF-8 if it is not a terminal.

    After an error, what is left of the output is dropped; otherwise Python would report the same
    error again when it exits.
    """
    _set_encodings()
    stdout = sys.stdout
    guarded: Any = _Guarded(stdout)
    sys.stdout = guarded
    try:
        yield
    except (OutputClosed, OutputFailed):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        raise
    finally:
        sys.stdout = stdout


def _set_encodings() -> None:
    """Let files and pipes be in UTF-8, and escape what a terminal cannot write.

    On Windows a pipe has a code page, in which a name could not be written to a table of links.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            keep = stream is sys.stderr or stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if keep else "utf-8", errors="backslashreplace")
