"""Write a report to a file. The suffix selects the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from conferencing.errors import InvalidRequest
from conferencing.files import check_target, write_atomically

from .values import AttendanceReport

__all__ = ["FORMATS", "render_report", "write_report"]

FORMATS: Final[Mapping[str, str]] = {
    ".html": "html:render_html",
    ".pdf": "pdf:render_pdf",
    ".csv": "tables:render_csv",
    ".xlsx": "workbook:render_xlsx",
    ".json": "tables:render_json",
    ".parquet": "tables:render_parquet",
}
"""The supported suffixes, each with the function that renders the format."""


def write_report(
    report: AttendanceReport, path: str | os.PathLike[str], *, replace: bool = False
) -> Path:
    """Write the report in the format of the suffix of `path`, and return the path.

    The file appears complete or not at all. Raises `InvalidRequest` if the suffix is not supported,
    if the file exists and `replace` is not set, and if it cannot be written; `ConfigurationError` if
    a library is not installed.
    """
    path = Path(path)
    suffix = check_suffix(path)
    check_target(path, replace=replace)
    write_atomically(path, render_report(report, suffix), replace=replace)
    return path


def check_suffix(path: Path) -> str:
    """Return the suffix of a path in lower case. Raises `InvalidRequest` if it is not supported."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InvalidRequest(
            f"{path} has the suffix {suffix!r}; use one of {', '.join(FORMATS)}", field="path"
        )
    return suffix


def render_report(report: AttendanceReport, suffix: str) -> bytes:
    """Return the report in the format of one of the suffixes in `FORMATS`."""
    module, _, name = FORMATS[suffix].partition(":")
    render: Callable[[AttendanceReport], bytes] = getattr(
        import_module(f"{__package__}.{module}"), name
    )
    return render(report)
