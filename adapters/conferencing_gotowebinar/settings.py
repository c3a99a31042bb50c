"""What an account on GoTo Webinar has."""

from __future__ import annotations

from attrs import frozen

from conferencing.model import Secret

__all__ = ["GoToWebinarSettings"]


@frozen(kw_only=True)
class GoToWebinarSettings:
    """An OAuth client of GoTo's, and the organizer whose webinars are managed.

    GoTo replaces `refresh_token` when its 30 days are nearly over, so the account needs a
    `token_store`. Without `organizer_key` and `account_key`, GoTo is asked for those of the user who
    signed in. `history` and `horizon` are how many days back and ahead webinars are listed.
    `delete_all` deletes all dates of a series or a sequence, not only the one date. `webhook_secret`
    is the value of the secret key, `webhook_secret_previous` the one before it while they are
    replaced. `token_url` is where tokens are fetched, and `identity_url` has the user.
    """

    client_id: str
    client_secret: Secret
    refresh_token: Secret
    organizer_key: str | None = None
    account_key: str | None = None
    history: int = 365
    horizon: int = 730
    delete_all: bool = False
    webhook_secret: Secret | None = None
    webhook_secret_previous: Secret | None = None
    base_url: str = "https://api.getgo.com/G2W/rest/v2"
    # The user is not below the API's root (docs/vendors/gotowebinar.md#general).
    identity_url: str = "https://api.getgo.com/admin/rest/v1"
    # The end of the address at api.getgo.com was announced (docs/vendors/gotowebinar.md#oauth).
    token_url: str = "https://authentication.logmeininc.com/oauth/token"  # noqa: S105
