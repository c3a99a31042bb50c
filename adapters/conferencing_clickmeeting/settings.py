"""What an account on ClickMeeting has."""

from __future__ import annotations

from attrs import frozen

from conferencing.model import Secret

__all__ = ["ClickMeetingSettings"]


@frozen(kw_only=True)
class ClickMeetingSettings:
    """An account's key, as the account panel shows it under API."""

    api_key: Secret
    base_url: str = "https://api.clickmeeting.com/v1"
