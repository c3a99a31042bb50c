"""ClickMeeting (https://dev.clickmeeting.com/api-doc/) for `conferencing`.

Where the vendor's reference differs from what is told elsewhere, the reference counts: access
types are 1 open, 2 password and 3 token; rooms change by PUT; durations are `H:MM`; bodies are
forms. `native={...}` sends anything else as it is, `native={"access_type": 4}` say.
"""

from .provider import ClickMeeting, ClickMeetingSettings

__all__ = ["ClickMeeting", "ClickMeetingSettings"]
