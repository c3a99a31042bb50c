"""Teams passes the suite, with calendar events, plain meetings and webinars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vendor_hooks import TeamsHooks

from conferencing.sandbox import World
from conferencing.testing import ProviderSuite
from conferencing_teams.simulator import TeamsSimulator

NO_REGISTRATION = "people register for webinars, which have tests of their own"
RUNNING = "a run has a report, and with it an id, when it is over"
NO_ORGANIZER = "the account has no organizer's token, so it makes no webinars"
FIELDS = "fields of webinars have a test of their own, since this one creates meetings"
NEWEST = "Graph has the newest 50 reports of a meeting"


def without_fields(reason: str, *fields: str) -> dict[str, str]:
    """Return the exceptions for fields that meetings lack, and webinars have."""
    tests = ("test_created_field_arrives", "test_created_field_is_read_back")
    return {f"{test}[{field}]": reason for test in tests for field in fields}


class TeamsSuite(TeamsHooks, ProviderSuite):
    many = 110  # a page has 100
    exceptions: ClassVar[Mapping[str, str]] = {
        **without_fields(NO_REGISTRATION, "registration"),
        "test_updated_field_arrives[status]": NO_REGISTRATION,
        "test_operation_works[list_attendance, of a running session]": RUNNING,
        "test_listing_returns_every_object[list_sessions]": NEWEST,
    }

    def world_room(self, world: World, room_id: str) -> str:
        """Find a room also by the meeting behind it, under which recordings of an account are."""
        behind: str | None = world.notes["meetings"].get(room_id.rpartition("~")[2])
        return behind or super().world_room(world, room_id)


REGISTRATIONS = dict.fromkeys(
    ("register", "cancel_registration", "list_participants", "get_participant"),
    "people register for webinars",
)


class AppOnly(TeamsSimulator):
    """Teams with an account that has no organizer's token; meetings need none."""

    def settings(self, dialect: str = "") -> dict[str, Any]:
        keys = super().settings(dialect)
        return {name: keys[name] for name in keys if name not in {"refresh_token", "token_store"}}


class TestTeamsEvents(TeamsSuite):
    simulator = AppOnly
    absent: ClassVar[Mapping[str, str]] = REGISTRATIONS
    exceptions: ClassVar[Mapping[str, str]] = {
        **TeamsSuite.exceptions,
        **without_fields(NO_ORGANIZER, "kind"),
    }


class TestTeamsPlainMeetings(TeamsSuite):
    simulator = AppOnly
    dialect = "plain"
    absent: ClassVar[Mapping[str, str]] = {
        **REGISTRATIONS,
        "list_recordings": "Graph serves recordings of meetings in a calendar",
    }
    exceptions: ClassVar[Mapping[str, str]] = {
        **TeamsSuite.exceptions,
        **without_fields(NO_ORGANIZER, "kind"),
    }


class TestTeamsWebinars(TeamsSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"kind": "webinar"}
    absent: ClassVar[Mapping[str, str]] = {
        "invite": "webinars mail nobody but people who register",
        "room_settings": "Graph has no settings of webinars",
    }
    once: ClassVar[Mapping[str, str]] = {"join_link": "it registers people"}
    exceptions: ClassVar[Mapping[str, str]] = {
        **TeamsSuite.exceptions,
        "test_updated_field_arrives": FIELDS,
        "test_undeclared_field_sends_nothing": FIELDS,
        "test_undeclared_operation_sends_nothing[invite]": "an id alone is that of an event",
        "test_undeclared_operation_sends_nothing[room_settings]": "an id alone is that of an event",
    }
