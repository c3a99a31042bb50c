"""The settings of rooms with Zoom's defaults: docs/vendors/zoom.md#fields"""

from __future__ import annotations

from typing import Any, Final

from .state import RoomDetails

__all__ = ["settings_of_room"]

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "meeting": {
        "host_video": False,
        "participant_video": False,
        "join_before_host": False,
        "jbh_time": 0,
        "mute_upon_entry": False,
        "watermark": False,
        "use_pmi": False,
        "approval_type": 2,
        "registration_type": 1,
        "audio": "both",
        "auto_recording": "none",
        "alternative_hosts": "",
        "close_registration": False,
        "waiting_room": False,
        "meeting_authentication": False,
        "registrants_email_notification": True,
        "registrants_confirmation_email": True,
        "encryption_type": "enhanced_encryption",
        "cn_meeting": False,
        "in_meeting": False,
        "enforce_login": False,
        "enforce_login_domains": "",
        "global_dial_in_numbers": [],
        "breakout_room": {"enable": False},
        "meeting_invitees": [],
    },
    "webinar": {
        "host_video": False,
        "panelists_video": False,
        "practice_session": False,
        "approval_type": 2,
        "registration_type": 1,
        "audio": "both",
        "auto_recording": "none",
        "alternative_hosts": "",
        "close_registration": False,
        "on_demand": False,
        "meeting_authentication": False,
        "registrants_email_notification": True,
        "registrants_confirmation_email": True,
        "registrants_restrict_number": 0,
        "panelists_invitation_email_notification": True,
        "question_and_answer": {"enable": False},
        "email_language": "en-US",
        "enforce_login": False,
        "enforce_login_domains": "",
        "global_dial_in_numbers": [],
    },
}


def settings_of_room(details: RoomDetails) -> dict[str, Any]:
    """Return all settings of a room: its own, and the defaults of its kind."""
    return DEFAULTS[details.kind] | details.settings
