"""What an account on Microsoft Teams has."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from conferencing.errors import ConfigurationError
from conferencing.model import Secret

__all__ = ["CALENDAR", "PLAIN", "TeamsSettings"]

CALENDAR: Final = "calendar"
PLAIN: Final = "plain"


@frozen(kw_only=True)
class TeamsSettings:
    """An app that is registered in a tenant of Microsoft Entra ID, and the user who organizes.

    `host` is the organizer's object id, or the sign-in name, which costs one more call. With a
    `refresh_token`, calls that only a signed-in organizer may make are made in that user's name:
    creating, changing and publishing webinars. `delegated` makes all other calls in that name, too.
    `meetings` says what a meeting is: an event in the host's `calendar`, or a `plain` online meeting,
    which is in no calendar and mails nobody. `language` and `timezone` are those of people who
    register for a webinar, which Graph wants of each. `webhook_secret` is the `clientState` of
    subscriptions, and `webhook_secret_previous` the one before it while they are replaced.
    `webhook_key` is the private key (PEM) for notifications with content, and `webhook_certificate`
    its certificate. `auth_url` is where tokens are fetched.
    """

    tenant: str
    client_id: str
    client_secret: Secret
    host: str
    refresh_token: Secret | None = None
    delegated: bool = False
    meetings: str = CALENDAR
    language: str = "en-US"
    timezone: str = "UTC"
    webhook_secret: Secret | None = None
    webhook_secret_previous: Secret | None = None
    webhook_key: Secret | None = None
    webhook_certificate: str | None = None
    base_url: str = "https://graph.microsoft.com/v1.0"
    auth_url: str = "https://login.microsoftonline.com"

    def __attrs_post_init__(self) -> None:
        if self.meetings not in {CALENDAR, PLAIN}:
            raise ConfigurationError(
                f"meetings is {self.meetings!r}; it must be {CALENDAR} or {PLAIN}", field="meetings"
            )
        if self.delegated and self.refresh_token is None:
            raise ConfigurationError(
                "delegated needs a refresh_token: sign in as the organizer, with the scope"
                " offline_access",
                field="refresh_token",
            )
        if (self.webhook_key is None) != (self.webhook_certificate is None):
            raise ConfigurationError(
                "webhook_key and webhook_certificate belong together; set both or neither",
                field="webhook_certificate",
            )
