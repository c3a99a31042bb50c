"""ClickMeeting passes the suite."""

from __future__ import annotations

from conferencing.testing import ProviderSuite

ANSWERS = "an answer to the form that is no text is left to native: nobody says what else it can be"
WRONG_TYPE = "test_a_value_of_the_wrong_type_is_refused_or_was_not_read"


class TestClickMeeting(ProviderSuite):
    provider = "clickmeeting"
    exceptions = {  # noqa: RUF012
        f"{WRONG_TYPE}[list_participants]": ANSWERS,
        f"{WRONG_TYPE}[get_participant]": ANSWERS,
    }
