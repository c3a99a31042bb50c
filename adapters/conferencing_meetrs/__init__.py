"""Meet.rs (https://github.com/meet-rs-api/api-samples) for `conferencing`.

A meeting is created with the people who may enter it, in four roles and with several rules each. The
vendor has published how to create meetings, how to list configurations, and two reports; all else
is `unverified`. Creating a meeting mails everybody in it who has an address.
"""

from .provider import MeetRS
from .settings import MeetRSSettings
from .wire.templates import Tenant

__all__ = ["MeetRS", "MeetRSSettings", "Tenant"]
