"""What a report says it cannot know: from what the vendor can tell, and from what it told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from crowd import FEATURES, participant, record, report_of, session

from conferencing import Features, MergedBy, Precision, SessionStatus
from conferencing.report import AttendanceReport, GapKind

EXACT = evolve(FEATURES, resolution=timedelta())
MINUTES = timedelta(minutes=20)


def test_a_provider_that_tells_everything_leaves_no_gap() -> None:
    report = report_of([record(1, "Ann", (0, 60))], [participant(1), participant(2)], EXACT)
    assert report.gaps == ()


@pytest.mark.parametrize(
    ("features", "rows", "kind"),
    [
        (Features(attendance=Precision.COUNT), [], GapKind.COUNT_ONLY),
        (Features(attendance=None), [], GapKind.COUNT_ONLY),
        (EXACT, [record(1, "A", (0, None), precision=Precision.JOINED)], GapKind.JOIN_ONLY),
        (EXACT, [record(1, "A", (0, 9), precision=Precision.SPAN)], GapKind.SPAN_ONLY),
        (
            EXACT,
            [record(1, "A", reported_duration=MINUTES, precision=Precision.DURATION)],
            GapKind.DURATION_ONLY,
        ),
        (EXACT, [record(1, "A", (0, None))], GapKind.LEAVE_UNKNOWN),
        (EXACT, [record(1, "A")], GapKind.TIMES_UNKNOWN),
        (FEATURES, [record(1, "A", (0, 9))], GapKind.RESOLUTION),
        (EXACT, [record(1, "A", (0, 9), email=None)], GapKind.NAMES_ONLY),
        (
            EXACT,
            [record(1, "A", (0, 9)), record(2, "B", (0, 9), email=None)],
            GapKind.EMAIL_UNKNOWN,
        ),
    ],
)
def test_each_weakness_is_told_and_only_that(features, rows, kind) -> None:
    report = report_of(rows, [participant(1)], features)
    assert [gap.kind for gap in report.gaps] == [kind]


def test_rows_put_together_by_name_are_confessed() -> None:
    rows = [record(n, "Kim", (0, 9), email=None) for n in (1, 2)]
    assert GapKind.MERGED_BY_NAME not in kinds(report_of(rows, None, EXACT))
    assert GapKind.MERGED_BY_NAME in kinds(report_of(rows, None, EXACT, by=[MergedBy.NAME]))


def test_without_registrations_the_no_shows_are_unknown() -> None:
    report = report_of([record(1, "A", (0, 9))], None, EXACT)
    assert kinds(report) == [GapKind.NO_REGISTRATION]
    assert report.no_shows == ()


def test_a_no_show_may_be_one_of_those_who_came_under_another_address() -> None:
    report = report_of([record(1, "A", (0, 9))], [participant(2)], EXACT)
    assert kinds(report) == [GapKind.UNMATCHED]
    assert "1 person in the room" in report.gaps[0].text


def test_a_session_that_runs_or_has_no_end_makes_shares_unknown() -> None:
    rows = [record(1, "A", (0, None))]
    running = session(status=SessionStatus.RUNNING, ended_at=None)
    assert kinds(report_of([], [], EXACT, visits=[(running, rows)])) == [GapKind.RUNNING]
    endless = session(ended_at=None)
    rows = [record(1, "A", (0, 9))]
    assert kinds(report_of([], [], EXACT, visits=[(endless, rows)])) == [GapKind.LENGTH_UNKNOWN]


def test_a_count_of_the_providers_own_that_differs_is_shown() -> None:
    rows = [record(1, "A", (0, 9))]
    differing = session(people=3)
    assert kinds(report_of([], [], EXACT, visits=[(differing, rows)])) == [GapKind.COUNTS_DIFFER]
    assert kinds(report_of([], [], EXACT, visits=[(session(people=1), rows)])) == []
    counted = Features(attendance=Precision.COUNT)
    summary = report_of([], [participant(1)], counted, visits=[(differing, [])]).summary
    assert (summary.registered, summary.came, summary.no_shows) == (1, None, None)
    assert kinds(report_of([], [], counted, visits=[(differing, [])])) == [GapKind.COUNT_ONLY]


def kinds(report: AttendanceReport) -> list[GapKind]:
    return [gap.kind for gap in report.gaps]
