"""The people of a report as rows for tables: everybody who attended, then the no-shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from conferencing.model import Participant, Role

from .language import Language
from .values import AttendanceReport, Attendee, SessionSegment

__all__ = ["COLUMNS", "PersonRow", "build_rows", "label_column", "round_minutes", "round_share"]

ATTENDED: Final = "attended"
NO_SHOW: Final = "no-show"

COLUMNS: Final = (
    "status", "name", "email", "role", "joined_at", "left_at", "late_by_minutes",
    "left_early_by_minutes", "joins", "minutes", "known_minutes", "share", "known_share", "reached",
    "segments", "participant_id", "registered_at", "matched_by", "merged_by",
)  # fmt: skip
"""The names of the columns for programs. `known_` is what is certain: at least so much."""

_THOUSANDTH: Final = timedelta(milliseconds=60)  # of a minute


@frozen(kw_only=True)
class PersonRow:
    """The row of one person who attended, or of a no-show."""

    status: str
    name: str | None
    email: str | None
    role: Role
    joined_at: datetime | None = None
    left_at: datetime | None = None
    late_by: timedelta | None = None
    left_early_by: timedelta | None = None
    duration: timedelta | None = None
    known_duration: timedelta | None = None
    share: float | None = None
    known_share: float | None = None
    reached: bool | None = None
    segments: tuple[SessionSegment, ...] = ()
    participant_id: str | None = None
    registered_at: datetime | None = None
    matched_by: str | None = None
    merged_by: str | None = None

    @property
    def late_by_minutes(self) -> float | None:
        """How late the person joined."""
        return _to_minutes(self.late_by)

    @property
    def left_early_by_minutes(self) -> float | None:
        """How early the person left."""
        return _to_minutes(self.left_early_by)

    @property
    def joins(self) -> int | None:
        """How often the person joined, None if that is unknown."""
        return len(self.segments) or None

    @property
    def minutes(self) -> float | None:
        """The time present."""
        return _to_minutes(self.duration)

    @property
    def known_minutes(self) -> float | None:
        """The time present that is certain."""
        return _to_minutes(self.known_duration)


def build_rows(report: AttendanceReport) -> list[PersonRow]:
    """Return a row for everybody who attended, then for everybody who did not show up."""
    return [*map(_build_row, report.people), *map(_build_no_show_row, report.no_shows)]


def label_column(name: str, report: AttendanceReport, language: Language) -> str:
    """Return the heading of one of `COLUMNS` in a language."""
    if name == "reached" and report.at_least is not None:
        return language.text("at_least", threshold=language.threshold(report.at_least))
    keys = {"joined_at": "joined", "left_at": "left", "minutes": "present_minutes"}
    return language.text(keys.get(name, name))


def round_minutes(duration: timedelta | None) -> Decimal | None:
    """Return minutes rounded down to thousandths, so that none is shown that was not reached."""
    return None if duration is None else Decimal(duration // _THOUSANDTH) / 1000


def round_share(share: float | None) -> Decimal | None:
    """Return a share rounded down to hundredths of a percent."""
    return None if share is None else Decimal(int(Decimal(repr(share)) * 10_000)) / 10_000


def _to_minutes(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(minutes=1)


def _build_row(person: Attendee) -> PersonRow:
    return PersonRow(
        status=ATTENDED,
        name=person.name,
        email=person.email,
        role=person.role,
        joined_at=person.joined_at,
        left_at=person.left_at,
        late_by=person.late_by,
        left_early_by=person.left_early_by,
        duration=person.duration,
        known_duration=person.known_duration,
        share=person.share,
        known_share=person.known_share,
        reached=person.reached,
        segments=person.segments,
        participant_id=person.participant_id,
        matched_by=person.matched_by,
        merged_by=", ".join(person.merged_by) or None,
    )


def _build_no_show_row(person: Participant) -> PersonRow:
    return PersonRow(
        status=NO_SHOW,
        name=person.display_name,
        email=person.email,
        role=person.role,
        participant_id=person.id,
        registered_at=person.registered_at,
    )
