"""ClickMeeting (https://dev.clickmeeting.com/api-doc/) for `conferencing`.

Where the vendor's reference differs from other descriptions, the reference counts: access types are
1 open, 2 password and 3 token; rooms change by PUT; durations are `H:MM`; bodies are forms.
`native={...}` sends anything else unchanged, for example `native={"access_type": 4}`.
"""

from .provider import ClickMeeting
from .settings import ClickMeetingSettings

__all__ = ["ClickMeeting", "ClickMeetingSettings"]
