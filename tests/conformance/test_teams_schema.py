"""What the suite makes Teams' adapter and simulator say to each other, against Microsoft's metadata."""

from __future__ import annotations

import pytest
import test_teams
from teams_checking import CheckingTeams
from teams_spec import SPEC

from conferencing.testing import cases

pytestmark = pytest.mark.skipif(SPEC is None, reason="there is no copy of Microsoft's metadata")

TESTS = (
    "test_operation_works",
    "test_created_field_arrives",
    "test_updated_field_arrives",
    "test_missing_object_raises_not_found",
    "test_personal_link_stays_personal",
)
SUITES = [
    test_teams.TestTeamsEvents,
    test_teams.TestTeamsPlainMeetings,
    test_teams.TestTeamsWebinars,
]


class CheckingAppOnly(CheckingTeams, test_teams.AppOnly):
    """The same with an account that has no organizer's token."""


@pytest.mark.parametrize("suite", SUITES, ids=["events", "plain", "webinars"])
def test_exchanges_fit_microsofts_metadata(suite: type[test_teams.TeamsSuite]) -> None:
    CheckingTeams.forget()
    simulator = CheckingAppOnly if suite.simulator is test_teams.AppOnly else CheckingTeams
    own = {"simulator": simulator, "exceptions": suite.exceptions}
    checked = type("Checked", (suite,), own)
    for name in TESTS:
        for case in cases(checked, name):
            case.run()
    requests, replies = CheckingTeams.exchanges
    print(f"{requests} requests, {replies} replies with a body")  # noqa: T201 - shown with -s
    assert requests > 100
    assert CheckingTeams.violations == set()
