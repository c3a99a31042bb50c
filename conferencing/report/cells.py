"""The cells of a row in a language, for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping

from .language import Language
from .rows import PersonRow

__all__ = ["translate_cells"]


def translate_cells(row: PersonRow, language: Language) -> Mapping[str, str | None]:
    """Return those cells of a row that are words."""
    merged = [language.text(f"merged_{key}") for key in (row.merged_by or "").split(", ") if key]
    reached = None if row.reached is None else language.decision(row.reached)
    return {
        "status": language.text(f"status_{row.status.replace('-', '_')}"),
        "role": language.role(row.role),
        "reached": reached,
        "matched_by": row.matched_by and language.text(f"matched_{row.matched_by}"),
        "merged_by": language.join(merged) or None,
    }
