"""What an account on Meet.rs has."""

from __future__ import annotations

from attrs import frozen

from conferencing.model import Secret

__all__ = ["MeetRSSettings"]


@frozen(kw_only=True)
class MeetRSSettings:
    """An account's key and secret, as the Pro app shows them under Company profile.

    `join_url` is what precedes a meeting's code in its link. `history` is how many days back the
    sessions of a room are looked for.
    """

    client_key: Secret
    client_secret: Secret
    base_url: str = "https://api.meet.rs/v1"
    join_url: str = "https://meet.rs"
    history: int = 365
