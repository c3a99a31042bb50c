"""Writing a report to a file, and the errors for files and missing libraries."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conferencing import InvalidRequest
from conferencing.report import FORMATS, AttendanceReport, write_report, write_reports

STARTS = {
    ".html": b"<!DOCTYPE html>",
    ".pdf": b"%PDF-",
    ".csv": b"\xef\xbb\xbf",
    ".xlsx": b"PK",
    ".json": b"{",
    ".parquet": b"PAR1",
}


@pytest.mark.parametrize("suffix", [*FORMATS, ".HTML"])
def test_suffix_selects_the_format(three: AttendanceReport, tmp_path: Path, suffix: str) -> None:
    path = write_report(three, tmp_path / f"report.v2{suffix}")
    assert path.read_bytes().startswith(STARTS[suffix.lower()])
    assert [path.name for path in tmp_path.iterdir()] == [f"report.v2{suffix}"]


@pytest.mark.parametrize("name", ["report.docx", "report", "report.html.exe", ".html"])
def test_unsupported_suffix_raises_with_formats(
    three: AttendanceReport, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        write_report(three, tmp_path / name)
    assert all(suffix in str(caught.value) for suffix in FORMATS)
    assert caught.value.field == "path"
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_kept_without_replace(three: AttendanceReport, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("mine")
    with pytest.raises(InvalidRequest, match="replace=True"):
        write_report(three, path)
    assert path.read_text() == "mine"
    write_report(three, path, replace=True)
    assert b"Zo" in path.read_bytes()


@pytest.mark.parametrize(
    ("second", "options", "field"),
    [
        ("b.docx", {}, "path"),
        ("there.html", {}, "path"),
        ("nowhere/b.html", {}, "path"),
        ("a.csv", {}, "path"),
        ("b.html", {"language": "fr"}, "language"),
        ("b.html", {"csv_dialect": "excel-xx"}, "csv_dialect"),
    ],
)
def test_all_files_are_checked_before_one_is_written(
    three: AttendanceReport, tmp_path: Path, second: str, options: dict[str, str], field: str
) -> None:
    (tmp_path / "there.html").write_text("mine")
    with pytest.raises(InvalidRequest) as caught:
        write_reports(three, [tmp_path / "a.csv", tmp_path / second], **options)
    assert caught.value.field == field
    assert [path.name for path in tmp_path.iterdir()] == ["there.html"]


def test_several_files_are_written(three: AttendanceReport, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.json", "c.html")]
    assert write_reports(three, paths, language="pl", csv_dialect="excel-pl") == paths
    assert "Imię i nazwisko" in paths[0].read_text("utf-8-sig")
    assert 'lang="pl"' in paths[2].read_text("utf-8")


def test_dialect_without_csv_raises(three: AttendanceReport, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"write a \.csv"):
        write_report(three, tmp_path / "a.html", csv_dialect="excel-pl")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_report_has_the_permissions_of_the_umask(three: AttendanceReport, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    path = write_report(three, tmp_path / "a.csv")
    assert path.stat().st_mode == plain.stat().st_mode


def test_failed_write_leaves_no_file(three: AttendanceReport, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be written"):
        write_report(three, tmp_path / "nowhere" / "report.csv")
    folder = tmp_path / "report.json"
    folder.mkdir()
    with pytest.raises(InvalidRequest, match="cannot be written"):
        write_report(three, folder, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("module", "suffix", "extra"),
    [
        ("jinja2", ".html", "report"),
        ("vl_convert", ".html", "report"),
        ("typst", ".pdf", "report"),
        ("xlsxwriter", ".xlsx", "excel"),
        ("pyarrow", ".parquet", "arrow"),
    ],
)
def test_missing_library_raises_with_its_extra(
    tmp_path: Path, python: Callable[..., str], module: str, suffix: str, extra: str
) -> None:
    program = f"""
import sys; sys.modules[{module!r}] = None
sys.path.insert(0, {str(Path(__file__).parent)!r})
import crowd, conferencing
from conferencing.report import write_report
try:
    write_report(crowd.three(), {str(tmp_path / "report")!r} + {suffix!r})
except conferencing.ConfigurationError as error:
    print(error)
"""
    output = python(program)
    assert f'pip install "conferencing[{extra}]"' in output
    assert list(tmp_path.iterdir()) == []


def test_import_loads_no_optional_library(python: Callable[..., str]) -> None:
    libraries = {"jinja2", "vl_convert", "typst", "xlsxwriter", "pyarrow", "icalendar"}
    output = python(
        "import conferencing.report.build, conferencing.report.write, conferencing.calendar, sys;"
        f"print({libraries!r} & set(sys.modules))"
    )
    assert output == "set()"
