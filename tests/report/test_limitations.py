"""The limitations that a report lists, by what the vendor supports and what it reported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from crowd import FEATURES, participant, record, report_of, session

from conferencing import Features, MergedBy, Precision, Role, SessionStatus
from conferencing.report import AttendanceReport, LimitationKind

EXACT = evolve(FEATURES, resolution=timedelta())
MINUTES = timedelta(minutes=20)


def test_complete_data_has_no_limitation() -> None:
    report = report_of([record(1, "Ann", (0, 60))], [participant(1), participant(2)], EXACT)
    assert report.limitations == ()


@pytest.mark.parametrize(
    ("features", "rows", "kind"),
    [
        (Features(attendance=Precision.COUNT), [], LimitationKind.COUNT_ONLY),
        (Features(attendance=None), [], LimitationKind.COUNT_ONLY),
        (EXACT, [record(1, "A", (0, None), precision=Precision.JOINED)], LimitationKind.JOIN_ONLY),
        (EXACT, [record(1, "A", (0, 9), precision=Precision.SPAN)], LimitationKind.SPAN_ONLY),
        (
            EXACT,
            [record(1, "A", reported_duration=MINUTES, precision=Precision.DURATION)],
            LimitationKind.DURATION_ONLY,
        ),
        (EXACT, [record(1, "A", (0, None))], LimitationKind.LEAVE_UNKNOWN),
        (EXACT, [record(1, "A")], LimitationKind.TIMES_UNKNOWN),
        (FEATURES, [record(1, "A", (0, 9))], LimitationKind.RESOLUTION),
        (EXACT, [record(1, "A", (0, 9), email=None)], LimitationKind.NAMES_ONLY),
        (
            EXACT,
            [record(1, "A", (0, 9)), record(2, "B", (0, 9), email=None)],
            LimitationKind.EMAIL_UNKNOWN,
        ),
    ],
)
def test_limitation_of_data_is_listed_alone(features, rows, kind) -> None:
    report = report_of(rows, [participant(1)], features)
    assert [limitation.kind for limitation in report.limitations] == [kind]


def test_nobody_recognized_leaves_no_shows_unknown() -> None:
    host = record(9, "Host", (0, 9), role=Role.HOST)
    rows = [record(1, "A", (0, 9), email=None), host]
    report = report_of(rows, [participant(1), participant(2)], EXACT)
    assert LimitationKind.NAMES_ONLY in kinds(report)
    assert report.no_shows == ()
    summary = report.summary
    assert (summary.registered, summary.attended) == (2, 1)
    assert (summary.no_shows, summary.attended_registered) == (None, None)


def test_merging_by_name_is_a_limitation() -> None:
    rows = [record(n, "Kim", (0, 9), email=None) for n in (1, 2)]
    assert LimitationKind.MERGED_BY_NAME not in kinds(report_of(rows, None, EXACT))
    assert LimitationKind.MERGED_BY_NAME in kinds(report_of(rows, None, EXACT, by=[MergedBy.NAME]))


def test_no_registrations_is_a_limitation() -> None:
    report = report_of([record(1, "A", (0, 9))], None, EXACT)
    assert kinds(report) == [LimitationKind.NO_REGISTRATION]
    assert report.no_shows == ()


def test_unmatched_person_is_a_limitation() -> None:
    report = report_of([record(1, "A", (0, 9))], [participant(2)], EXACT)
    assert kinds(report) == [LimitationKind.UNMATCHED]
    assert "1 attendee in the room" in report.limitations[0].text


def test_session_without_end_is_a_limitation() -> None:
    rows = [record(1, "A", (0, None))]
    running = session(status=SessionStatus.RUNNING, ended_at=None)
    assert kinds(report_of([], [], EXACT, attendance=[(running, rows)])) == [LimitationKind.RUNNING]
    endless = session(ended_at=None)
    rows = [record(1, "A", (0, 9))]
    assert kinds(report_of([], [], EXACT, attendance=[(endless, rows)])) == [
        LimitationKind.DURATION_UNKNOWN
    ]


def test_differing_count_of_provider_is_a_limitation() -> None:
    rows = [record(1, "A", (0, 9))]
    differing = session(people=3)
    assert kinds(report_of([], [], EXACT, attendance=[(differing, rows)])) == [
        LimitationKind.COUNTS_DIFFER
    ]
    assert kinds(report_of([], [], EXACT, attendance=[(session(people=1), rows)])) == []
    counted = Features(attendance=Precision.COUNT)
    summary = report_of([], [participant(1)], counted, attendance=[(differing, [])]).summary
    assert (summary.registered, summary.attended, summary.no_shows) == (1, None, None)
    assert kinds(report_of([], [], counted, attendance=[(differing, [])])) == [
        LimitationKind.COUNT_ONLY
    ]


def kinds(report: AttendanceReport) -> list[LimitationKind]:
    return [limitation.kind for limitation in report.limitations]
