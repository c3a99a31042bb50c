"""The suites hold for every shape of reply that was observed, in random combinations.

The seed of a combination is in the name of its class, so that a failure can be repeated.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import test_gotowebinar
import test_webex
import test_zoom

from conferencing.testing import Case, ProviderSuite, cases

COMMON = ("failures_in_200", "empty_deletes", "extra_fields", "other_spellings", "missing_fields")
ZOOM = (
    "failures_in_200",
    "extra_fields",
    "other_spellings",
    "missing_fields",
    "ids_as_text",
    "fractional_times",
    "duplicate_rows",
    "other_language",
    "no_plan_in_200",
)
WEBEX = (
    "extra_fields",
    "other_spellings",
    "missing_fields",
    "unknown_is_1970",
    "broken_links",
    "empty_page",
    "masked_passwords",
)
SHAPES: dict[str, tuple[str, ...]] = {
    "clickmeeting": (*COMMON, "no_sessions_is_404", "bare_registration"),
    "gotowebinar": (
        *("extra_fields", "other_spellings", "missing_fields", "token_errors_401", "old_tokens"),
        *("late_changes", "bare_conflicts", "empty_404"),
    ),
    "meetrs": ("extra_fields", "other_spellings", "missing_fields", "milliseconds"),
    "vconnct": (*COMMON, "settings_as_rows", "no_record_is_null", "underscores", "no_join_path"),
    "vconnct v4": (
        *COMMON, "rooms_in_response", "records_as_list", "past_rooms_as_list", "idle_is_failure",
        "analytics_at_top",
    ),
    "webex meetings": WEBEX,
    "webex webinars": WEBEX,
    "zoom meetings": ZOOM,
    "zoom webinars": ZOOM,
}  # fmt: skip
"""The switches that change how the same facts are told."""

SUITES: dict[str, type[ProviderSuite]] = {
    "gotowebinar": test_gotowebinar.TestGoToWebinar,
    "webex meetings": test_webex.TestWebexMeetings,
    "webex webinars": test_webex.TestWebexWebinars,
    "zoom meetings": test_zoom.TestZoomMeetings,
    "zoom webinars": test_zoom.TestZoomWebinars,
}
"""Suites that say more about an adapter than its name."""

WITHOUT_A_LINK = "the reply leaves the link out"
UNTITLED = "the reply leaves the title out"
BY_DATA = "without a status, the data that is missing names the place"
A_MAP = "the reply is a map: a new key is a new entry"
RUNS_ONCE = "a room runs once, so that it has one session"
DATED = "a rating of somebody without a time of leaving is dated by the end of the session"
EXCEPTIONS: dict[str, dict[str, str]] = {
    "clickmeeting": {"test_unknown_value_stays_unknown[feedback]": DATED},
    "meetrs": {},
    "webex meetings": dict.fromkeys(
        [
            "test_wrong_type_is_refused[subscribe_webhooks]",
            "test_unknown_value_stays_unknown[subscribe_webhooks]",
        ],
        "an empty page comes only before a full one, so that the numbers of requests differ",
    ),
    "vconnct": {
        "test_wrong_type_is_refused[join_link]": BY_DATA,
        "test_unknown_value_stays_unknown[join_link]": BY_DATA,
        "test_unknown_key_is_ignored[default_settings]": A_MAP,
    },
    "vconnct v4": {
        "test_unknown_key_is_ignored[list_attendance]": A_MAP,
        "test_listing_returns_every_object[list_sessions]": RUNS_ONCE,
    },
}
MISSING: dict[str, dict[str, str]] = {
    "clickmeeting": {
        "test_personal_link_stays_personal": WITHOUT_A_LINK,
        "test_operation_works[join_link, for a participant]": WITHOUT_A_LINK,
    },
    "zoom meetings": {
        "test_created_field_is_read_back[host]": "the reply leaves the host out",
        **dict.fromkeys(
            ["test_wrong_type_is_refused[get_room]", "test_unknown_value_stays_unknown[get_room]"],
            "without its other forms, a passcode that is missing is one that was never set",
        ),
    },
    "meetrs": {
        **{
            f"test_operation_works[{case}]": UNTITLED
            for case in (
                "create_room", "create_room, with a passcode", "create_room, with people", "usage"
            )
        },
        "test_listing_returns_every_object[usage]": UNTITLED,
        "test_awkward_text_round_trips": UNTITLED,
        "test_created_field_arrives[name]": UNTITLED,
    },
}  # fmt: skip
"""What cannot hold while `missing_fields` is on."""

DEFAULT = ("test_operation_works", "test_missing_object_raises_not_found")
"""The tests that are run with one combination each time; the long run has all tests and more."""

SEEDS = range(1)


def suite_with(name: str, seed: int) -> type[ProviderSuite]:
    """Return the suite of an adapter with a random combination of its switches."""
    random = Random(f"{name} {seed}")
    quirks = {quirk: random.random() < 0.5 for quirk in SHAPES[name]}
    provider, _, part = name.partition(" ")
    base = SUITES.get(name, ProviderSuite)
    body: dict[str, Any] = {
        "provider": provider,
        "quirks": {**base.quirks, **quirks},
        "exceptions": {
            **base.exceptions,
            **EXCEPTIONS.get(name, {}),
            **(MISSING.get(name, {}) if quirks["missing_fields"] else {}),
        },
        **({"dialect": part} if part and base is ProviderSuite else {}),
        "__module__": __name__,
    }
    return type(f"Test{provider.title()}{part.title()}Seed{seed}", (base,), body)


CASES = [
    pytest.param(case, id=f"{name}-{case.name}")
    for name in SHAPES
    for case in cases(suite_with(name, SEEDS[0]), *DEFAULT)
]


@pytest.mark.parametrize("case", CASES)
def test_operation_works_with_quirks(case: Case) -> None:
    case()


for adapter in SHAPES:
    for number in SEEDS:
        made = pytest.mark.exhaustive(suite_with(adapter, number))
        globals()[made.__name__] = made
