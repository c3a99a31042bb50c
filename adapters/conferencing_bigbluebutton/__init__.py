"""BigBlueButton (https://docs.bigbluebutton.org/development/api/) for `conferencing`.

A meeting lives on the server only while it is used. What a room is, and who was in its sessions, is
kept in the account's `room_store`.
"""

from .provider import BigBlueButton
from .settings import BigBlueButtonSettings

__all__ = ["BigBlueButton", "BigBlueButtonSettings"]
