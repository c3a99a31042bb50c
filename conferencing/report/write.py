"""Write a report to files. The suffix selects the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from conferencing.errors import InvalidRequest
from conferencing.files import check_target, write_atomically

from .language import load_language
from .values import AttendanceReport

__all__ = ["FORMATS", "render_report", "write_report", "write_reports"]

FORMATS: Final[Mapping[str, str]] = {
    ".html": "html:render_html",
    ".pdf": "pdf:render_pdf",
    ".csv": "tables:render_csv",
    ".xlsx": "workbook:render_xlsx",
    ".json": "document:render_json",
    ".parquet": "parquet:render_parquet",
}
"""The supported suffixes, each with the function that renders the format."""

_TRANSLATED: Final = frozenset({".html", ".pdf", ".csv", ".xlsx"})


def write_report(
    report: AttendanceReport,
    path: str | os.PathLike[str],
    *,
    language: str | None = None,
    csv_dialect: str | None = None,
    replace: bool = False,
) -> Path:
    """Write the report in the format of the suffix of `path`, and return the path.

    `language` is `en`, `pl`, `sr`, `de` or `ar`; without it, texts are in English, and CSV has names
    of columns for programs. `csv_dialect` is one of `CSV_DIALECTS`, such as `excel-pl`. JSON and
    Parquet are the same in every language.

    The file appears complete or not at all, with the permissions of the umask. Raises
    `InvalidRequest` if the suffix, the language or the dialect is not supported, if the file exists
    and `replace` is not set, and if it cannot be written; `ConfigurationError` if a library is not
    installed.
    """
    [written] = write_reports(
        report, [path], language=language, csv_dialect=csv_dialect, replace=replace
    )
    return written


def write_reports(
    report: AttendanceReport,
    paths: Iterable[str | os.PathLike[str]],
    *,
    language: str | None = None,
    csv_dialect: str | None = None,
    replace: bool = False,
) -> list[Path]:
    """Write the report to several files, and return their paths.

    Everything is checked and rendered before the first file is written. The rest is that of
    `write_report`.
    """
    targets = [Path(path) for path in paths]
    check_outputs(targets, language=language, csv_dialect=csv_dialect, replace=replace)
    contents = [
        render_report(report, path.suffix.lower(), language=language, csv_dialect=csv_dialect)
        for path in targets
    ]
    for path, content in zip(targets, contents, strict=True):
        write_atomically(path, content, replace=replace)
    return targets


def check_outputs(
    paths: Sequence[Path],
    *,
    language: str | None = None,
    csv_dialect: str | None = None,
    replace: bool = False,
    field: str = "path",
) -> None:
    """Raise `InvalidRequest` if a file or an option cannot be used; `field` names the files."""
    if language is not None:
        load_language(language)
    suffixes = [check_suffix(path, field) for path in paths]
    if csv_dialect is not None:
        _check_dialect(csv_dialect, suffixes)
    for place, path in enumerate(paths):
        if path in paths[:place]:
            raise InvalidRequest(f"{path} is named twice; name each file once", field=field)
        check_target(path, replace=replace, field=field)
        if not path.parent.is_dir():
            raise InvalidRequest(
                f"{path} cannot be written: there is no folder {path.parent}", field=field
            )


def check_suffix(path: Path, field: str = "path") -> str:
    """Return the suffix of a path in lower case. Raises `InvalidRequest` if it is not supported."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InvalidRequest(
            f"{path} has the suffix {suffix!r}; use one of {', '.join(FORMATS)}", field=field
        )
    return suffix


def _check_dialect(csv_dialect: str, suffixes: Sequence[str]) -> None:
    from .tables import find_dialect  # noqa: PLC0415 - most reports are not CSV

    find_dialect(csv_dialect)
    if ".csv" not in suffixes:
        raise InvalidRequest(
            "csv_dialect has no effect on the other formats; write a .csv file", field="csv_dialect"
        )


def render_report(
    report: AttendanceReport,
    suffix: str,
    *,
    language: str | None = None,
    csv_dialect: str | None = None,
) -> bytes:
    """Return the report in the format of one of the suffixes in `FORMATS`."""
    module, _, name = FORMATS[suffix].partition(":")
    render: Callable[..., bytes] = getattr(import_module(f"{__package__}.{module}"), name)
    options = {"language": language} if language and suffix in _TRANSLATED else {}
    if csv_dialect and suffix == ".csv":
        options["dialect"] = csv_dialect
    return render(report, **options)
