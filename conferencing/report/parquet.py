"""The report as Parquet, which data frames and warehouses load: typed columns, with time zones."""

from __future__ import annotations

import json
from typing import Any

from conferencing.extras import import_extra
from conferencing.formatting import replace_surrogates

from .document import SCHEMA, build_document
from .rows import COLUMNS, PersonRow, build_rows
from .values import AttendanceReport, SessionSegment

__all__ = ["render_parquet"]


def render_parquet(report: AttendanceReport) -> bytes:
    """Return one row per person in typed columns; the metadata of the file has the summary.

    Names keep all that UTF-8 can hold. Raises `ConfigurationError` if pyarrow is not installed.
    """
    arrow = import_extra("pyarrow", extra="arrow", purpose="write reports as Parquet")
    parquet = import_extra("pyarrow.parquet", extra="arrow", purpose="write reports as Parquet")
    people = {"people", "no_shows"}
    head = {name: value for name, value in build_document(report).items() if name not in people}
    columns = _read_columns(arrow, report.timezone.key)
    schema = arrow.schema(columns, metadata={SCHEMA: json.dumps(head)})
    rows = [_to_typed_row(row) for row in build_rows(report)]
    target = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), target)
    content: bytes = target.getvalue().to_pybytes()
    return content


def _to_typed_row(row: PersonRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    return {
        name: replace_surrogates(value) if isinstance(value, str) else value
        for name, value in values.items()
    } | {"segments": [_to_typed_segment(segment) for segment in row.segments]}


def _to_typed_segment(segment: SessionSegment) -> dict[str, Any]:
    return {
        "session_id": replace_surrogates(segment.session_id),
        "joined_at": segment.joined_at,
        "left_at": segment.left_at,
    }


def _read_columns(arrow: Any, zone: str) -> list[tuple[str, Any]]:
    text, number, moment = arrow.string(), arrow.float64(), arrow.timestamp("us", tz=zone)
    segment = arrow.struct([("session_id", text), ("joined_at", moment), ("left_at", moment)])
    types = {
        **dict.fromkeys(("joined_at", "left_at", "registered_at"), moment),
        **dict.fromkeys((name for name in COLUMNS if name.endswith(("minutes", "share"))), number),
        "joins": arrow.int64(),
        "reached": arrow.bool_(),
        "segments": arrow.list_(segment),
    }
    return [(name, types.get(name, text)) for name in COLUMNS]
