"""Registering webhooks: docs/vendors/bigbluebutton.md#webhooks"""

from __future__ import annotations

from uuid import UUID

from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.webhooks import WebhookSender

from .errors import refuse
from .state import BigBlueButtonState, Hook
from .xml import Elements, write_success

__all__ = ["drop_silent_hooks", "route"]

route = Router()


@route("GET", "hooks/create", "callbackURL", "meetingID", "eventID", "getRaw")
def create_hook(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Register an address. It has one webhook at most, whatever meeting that is for."""
    url = fields.text("callbackURL")
    if not url:
        raise refuse("missingParamCallbackURL", "You must specify a callbackURL in the parameters.")
    for hook in simulator.hooks.values():
        if hook.url == url:
            text = "There is already a hook for this callback URL."
            return write_success([("hookID", hook.id)], "duplicateWarning", text)
    hook = Hook(
        id=str(UUID(bytes=simulator.world.random.randbytes(16), version=4)),
        url=url,
        meeting=fields.text("meetingID") or None,
        events=tuple(filter(None, (fields.text("eventID") or "").split(","))),
        raw=fields.text("getRaw") == "true",
    )
    simulator.hooks[hook.id] = hook
    return write_success([("hookID", hook.id), ("permanentHook", False), ("rawData", hook.raw)])


@route("GET", "hooks/list", "meetingID")
def list_hooks(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Return the webhooks; with a meeting, its own and those for all."""
    meeting = fields.text("meetingID")
    hooks = [
        hook
        for hook in simulator.hooks.values()
        if meeting in {None, hook.meeting} or hook.meeting is None
    ]
    return write_success([("hooks", [("hook", _write(hook)) for hook in hooks])])


def _write(hook: Hook) -> Elements:
    meeting: Elements = [("meetingID", hook.meeting)] if hook.meeting else []
    return [
        ("hookID", hook.id),
        ("callbackURL", hook.url),
        *meeting,
        ("eventID", ",".join(hook.events)),
        ("permanentHook", False),
        ("rawData", hook.raw),
    ]


@route("GET", "hooks/destroy", "hookID")
def destroy_hook(simulator: BigBlueButtonState, fields: Fields) -> Elements:
    """Remove a webhook."""
    hook_id = fields.text("hookID")
    if not hook_id:
        raise refuse("missingParamHookID", "You must specify a hookID in the parameters.")
    if simulator.hooks.pop(hook_id, None) is None:
        raise refuse("destroyMissingHook", "The hook informed was not found.")
    return write_success([("removed", True)])


def drop_silent_hooks(simulator: BigBlueButtonState, sender: WebhookSender) -> None:
    """Remove the webhooks whose address did not accept one in all of its attempts."""
    for message in sender.dropped:
        simulator.hooks.pop(simulator.hook_messages.pop(message, ""), None)
