"""Google Meet passes the suite, with rooms that are events and with bare spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from vendor_hooks import GoogleMeetHooks

from conferencing.testing import ProviderSuite

EMPTY = (
    "Google leaves out empty lists; an object with unknown keys alone is refused, not read as one"
)
ONE_NAME = "a guest of an event has one name, without first and last name"
PERMANENT = "a permanent room is a bare space, which has no name"
FIELDS = "these are fields of events; the suite of events checks them"
FOREIGN = "Google refuses to change a space alike if there is none, and if it is somebody else's"
BY_ID = "an id says whether a room is an event; this one does not, and is not an id of a room"


class GoogleMeetSuite(GoogleMeetHooks, ProviderSuite):
    exceptions: ClassVar[Mapping[str, str]] = {
        "test_unknown_key_is_ignored[list_recordings]": EMPTY
    }


class TestGoogleMeetEvents(GoogleMeetSuite):
    absent: ClassVar[Mapping[str, str]] = {
        "end_session": "Google ends sessions only in spaces that the app has made itself"
    }
    exceptions: ClassVar[Mapping[str, str]] = {
        **GoogleMeetSuite.exceptions,
        "test_undeclared_operation_sends_nothing[end_session]": BY_ID,
        "test_awkward_name_round_trips": ONE_NAME,
        "test_update_keeps_other_fields[entry]": "whoever may not enter knocks, which is one setting",
        "test_created_field_arrives[permanent]": PERMANENT,
        "test_created_field_is_read_back[permanent]": PERMANENT,
    }


class TestGoogleMeetSpaces(GoogleMeetSuite):
    room_fields: ClassVar[Mapping[str, Any]] = {"permanent": True}
    absent: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ["list_rooms", "delete_room", "register", "register_batch", "cancel_registration",
         "list_participants", "get_participant", "invite"],
        "Google has no such call for a space without an event",
    )  # fmt: skip
    exceptions: ClassVar[Mapping[str, str]] = {
        **GoogleMeetSuite.exceptions,
        **dict.fromkeys([f"test_undeclared_operation_sends_nothing[{name}]" for name in absent], BY_ID),
        **dict.fromkeys(
            ["test_created_field_arrives", "test_created_field_is_read_back",
             "test_updated_field_arrives", "test_update_keeps_other_fields",
             "test_awkward_text_round_trips", "test_awkward_name_round_trips"],
            FIELDS,
        ),
        "test_missing_object_raises_not_found[update_room]": FOREIGN,
    }  # fmt: skip
