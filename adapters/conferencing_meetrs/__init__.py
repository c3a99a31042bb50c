"""Meet.rs (https://github.com/meet-rs-api/api-samples) for `conferencing`.

A meet is made with the people who may enter it, in four roles and by several ways each. The vendor
has published how to create meets, how to handle configurations, and two reports; all else is
`unverified`. Creating a meet mails everybody in it who has an address.
"""

from .provider import MeetRS, MeetRSSettings
from .wire import Tenant

__all__ = ["MeetRS", "MeetRSSettings", "Tenant"]
