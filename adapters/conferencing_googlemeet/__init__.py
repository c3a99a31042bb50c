"""Google Meet with its calendar: events with a conference, and spaces without an event.

https://developers.google.com/workspace/meet/api/reference/rest/v2
https://developers.google.com/workspace/calendar/api/v3/reference
"""

from .provider import GoogleMeet
from .wire.rooms import make_event_id

__all__ = ["GoogleMeet", "make_event_id"]
