"""Writing a report to a file: its name says in which form, and it appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from conferencing.errors import InvalidRequest

from .values import AttendanceReport

__all__ = ["FORMATS", "render_report", "write_report"]

FORMATS: Final[Mapping[str, str]] = {
    ".html": "html:report_html",
    ".pdf": "pdf:report_pdf",
    ".csv": "tables:report_csv",
    ".xlsx": "workbook:report_xlsx",
    ".json": "tables:report_json",
    ".parquet": "tables:report_parquet",
}
"""The endings that are known, each with what makes it."""


def write_report(
    report: AttendanceReport, path: str | os.PathLike[str], *, replace: bool = False
) -> Path:
    """Write the report in the form that the ending of `path` names; return the path.

    Raises `InvalidRequest` for an ending that is not known, for a file that is there already unless
    `replace` is set, and if it cannot be written; `ConfigurationError` if a library is missing.
    """
    to = Path(path)
    suffix = format_of(to)
    if to.exists() and not replace:
        raise InvalidRequest(f"{to} is there already (replace=True overwrites it)", field="path")
    content = render_report(report, suffix)
    problem = _put(content, to)
    if problem is not None:
        raise InvalidRequest(f"{to} cannot be written ({problem})", field="path")
    return to


def format_of(path: Path) -> str:
    """Return the ending of a path that says what to write. Raises `InvalidRequest`."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InvalidRequest(
            f"path ends in {suffix!r}; a report can be written as {', '.join(FORMATS)}",
            field="path",
        )
    return suffix


def render_report(report: AttendanceReport, suffix: str) -> bytes:
    """Return the report in the form of one of the `FORMATS`."""
    module, _, name = FORMATS[suffix].partition(":")
    make: Callable[[AttendanceReport], str | bytes] = getattr(
        import_module(f"{__package__}.{module}"), name
    )
    made = make(report)
    return made.encode() if isinstance(made, str) else made


def _put(content: bytes, to: Path) -> str | None:
    """Write a file beside the one that is wanted and give it its name; return what went wrong."""
    try:
        with tempfile.NamedTemporaryFile(
            dir=to.parent, prefix=f".{to.name}.", delete=False
        ) as part:
            kept = Path(part.name)
            try:
                part.write(content)
                part.close()
                kept.replace(to)
            finally:
                kept.unlink(missing_ok=True)
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
