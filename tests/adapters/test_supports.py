"""What the vendors' published APIs do not have, and what an adapter does for them."""

from __future__ import annotations

import pytest

from conferencing import Operation, Support, connect
from conferencing.sandbox import Sandbox

WITHOUT_EVENTS = {"subscribe_webhooks", "unsubscribe_webhooks"}
WITHOUT_DECISIONS = {
    "approve_registration", "cancel_registration", "deny_registration", "register_batch",
}  # fmt: skip
WITHOUT_PEOPLE = {"register", "list_participants", "get_participant", "invite"}
WITHOUT_TEMPLATES = {"list_templates", "create_template", "update_template", "delete_template"}
WITHOUT_TOKENS = {"create_access_tokens", "list_access_tokens", "revoke_access_tokens"}
WITHOUT_SETTINGS = {"default_settings", "room_settings"}
WITHOUT_REPORTS = {"create_report", "get_report"}
WITHOUT_DELETIONS = {"delete_recording", "delete_recordings"}

SUPPORTS: dict[tuple[str, str], dict[Support, set[str]]] = {
    ("clickmeeting", ""): {
        Support.ABSENT: {
            "start_session", "end_session", "usage",
            *WITHOUT_EVENTS, *WITHOUT_DECISIONS, *WITHOUT_SETTINGS, *WITHOUT_TEMPLATES,
        },
        Support.EMULATED: {"get_participant", "feedback"},
    },
    ("meetrs", ""): {
        Support.ABSENT: {
            "start_session", "end_session", "list_attendance", "list_recordings",
            *WITHOUT_EVENTS, *WITHOUT_DECISIONS, *WITHOUT_PEOPLE, *WITHOUT_DELETIONS,
            *WITHOUT_REPORTS, *WITHOUT_SETTINGS, *WITHOUT_TOKENS,
        },
        Support.EMULATED: {"list_sessions", "get_session"},
        Support.UNVERIFIED: {
            "list_rooms", "get_room", "update_room", "delete_room",
            "create_template", "update_template", "delete_template",
        },
    },
    ("vconnct", ""): {
        Support.ABSENT: {
            "usage", "feedback",
            *WITHOUT_EVENTS, *WITHOUT_DECISIONS, *WITHOUT_PEOPLE, *WITHOUT_DELETIONS,
            *WITHOUT_REPORTS, *WITHOUT_TEMPLATES, *WITHOUT_TOKENS,
        },
        Support.EMULATED: {"get_room", "get_session"},
    },
    ("vconnct", "v4"): {
        Support.ABSENT: {
            "update_room", "delete_room", "usage", "feedback",
            *WITHOUT_EVENTS, *WITHOUT_DECISIONS, *WITHOUT_PEOPLE, *WITHOUT_DELETIONS,
            *WITHOUT_REPORTS, *WITHOUT_SETTINGS, *WITHOUT_TEMPLATES, *WITHOUT_TOKENS,
        },
        Support.EMULATED: {"get_room"},
    },
}  # fmt: skip
"""The operations that an account does not have natively."""


@pytest.mark.parametrize(("provider", "dialect"), SUPPORTS)
async def test_capabilities_match_the_published_api(provider: str, dialect: str) -> None:
    async with (
        Sandbox([provider]) as sandbox,
        connect(sandbox.account(provider, dialect)) as conference,
    ):
        supports = {name.value: conference.capabilities[name] for name in Operation}
    for support in (Support.ABSENT, Support.EMULATED, Support.UNVERIFIED):
        names = {name for name, own in supports.items() if own is support}
        assert names == SUPPORTS[provider, dialect].get(support, set()), support
