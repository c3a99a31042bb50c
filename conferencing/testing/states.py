"""The states that a test can ask for: rooms, people and sessions that exist before the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from conferencing.capabilities import Operation
from conferencing.errors import UnsupportedOperation, UnsupportedOption
from conferencing.model import AccessToken, Template

from .expect import expect_result, expect_success, outcome_of
from .scenario import ANN, NAMESAKE, RECORDED, Scenario

__all__ = ["STATES", "set_up"]


async def set_up(scenario: Scenario, *states: str) -> None:
    """Bring a scenario into states, and forget the requests that it took.

    The states are the keys of `STATES`. What the adapter cannot do happens in the world. Raises
    `UnsupportedOperation` for a state that the vendor cannot express.
    """
    for state in states:
        outcome = await outcome_of(STATES[state](scenario), f"set_up({state!r})")
        if isinstance(outcome, UnsupportedOperation):
            raise outcome
        expect_result(outcome, f"set_up({state!r})")
    if scenario.can(Operation.CHECK):  # so that a token which has to be fetched is there
        await expect_success(scenario.conference.check(), "check()")
    if scenario.server is not None:
        scenario.server.clear()


async def _make_room(scenario: Scenario) -> None:
    """Create a room for registrations and recordings."""
    scenario.room = await scenario.make_room(**scenario.fields())


async def _plan_room(scenario: Scenario) -> None:
    """Create a room that starts in an hour."""
    start = scenario.clock.now() + timedelta(hours=1)
    scenario.room = await scenario.make_room(starts_at=start)


async def _lock_room(scenario: Scenario) -> None:
    """Start a session in a room with a passcode."""
    scenario.room = await scenario.make_room_with_passcode()
    await scenario.start()


async def _make_tokens(scenario: Scenario) -> None:
    """Create a room that asks for tokens, and three tokens."""
    scenario.room = await scenario.make_room(**scenario.fields(tokens=True))
    if scenario.can(Operation.CREATE_ACCESS_TOKENS):
        scenario.tokens = tuple(await scenario.conference.create_access_tokens(scenario.room, 3))
    elif scenario.world is not None:
        made = [AccessToken(code=f"T0K3N-{n}", room_id=scenario.room.id) for n in range(3)]
        scenario.world.tokens[scenario.world_room_id].extend(made)
        scenario.tokens = tuple(made)


async def _register_ann(scenario: Scenario) -> None:
    """Create a room and register Ann for it."""
    await _make_room(scenario)
    scenario.participant = await scenario.register(ANN)


async def _await_approval(scenario: Scenario) -> None:
    """Register Ann for a room whose host approves registrations."""
    names = scenario.features.create_fields
    approval: dict[str, Any] = {"approval": True} if "approval" in names else {}
    scenario.room = await scenario.make_room(**scenario.fields() | approval)
    scenario.participant = await scenario.register(ANN)


async def _start_session(scenario: Scenario) -> None:
    """Start a session, with the host in it."""
    await _register_ann(scenario)
    await scenario.start()
    await scenario.find_session()


async def _enter_session(scenario: Scenario) -> None:
    """Start a session, with the host and Ann in it."""
    await _start_session(scenario)
    scenario.enter(ANN)
    await scenario.find_session()


async def _hold_session(scenario: Scenario) -> None:
    """Hold a session that the host attends once, and Ann twice."""
    await _start_session(scenario)
    scenario.visit(ANN, 12)
    scenario.visit(ANN, 7, rating=4)
    await scenario.end()
    await scenario.find_session()


async def _hold_session_with_namesakes(scenario: Scenario) -> None:
    """Hold a session with two people of the same name, with different addresses."""
    await _start_session(scenario)
    scenario.visit(ANN, 12)
    scenario.visit(NAMESAKE, 7)
    await scenario.end()
    await scenario.find_session()


async def _record_session(scenario: Scenario) -> None:
    """Hold a session and record it, unless the vendor has made a recording already."""
    before = len(scenario.world.recordings) if scenario.world is not None else 0
    await _hold_session(scenario)
    if scenario.world is not None and len(scenario.world.recordings) == before:
        scenario.world.record(scenario.world_room_id, RECORDED)
    if scenario.can(Operation.LIST_RECORDINGS):
        recordings = await scenario.conference.recordings(scenario.room).collect()
        scenario.recording = recordings[0] if recordings else scenario.recording


async def _order_report(scenario: Scenario) -> None:
    """Hold a session and order a report of it."""
    await _hold_session(scenario)
    if scenario.can(Operation.CREATE_REPORT):
        kind = min(scenario.features.reports, default="pdf")
        scenario.report = await scenario.conference.create_report(scenario.session, kind=kind)


async def _make_template(scenario: Scenario) -> None:
    """Create a room, and a template, which some vendors make from the room."""
    await _make_room(scenario)
    if scenario.can(Operation.CREATE_TEMPLATE):
        scenario.template = await scenario.conference.create_template(
            "Mine", description="for tests", native=scenario.suite.template_native(scenario.room)
        )
    elif scenario.world is not None:
        made = Template(id=scenario.world.new_id("template"), name="Mine", description="for tests")
        scenario.world.templates[made.id] = scenario.template = made


async def _subscribe(scenario: Scenario) -> None:
    """Create a room, and have its events sent."""
    await _make_room(scenario)
    if scenario.can(Operation.SUBSCRIBE_WEBHOOKS):
        try:
            await scenario.conference.webhooks.subscribe(scenario.webhook_url, scenario.room)
        except UnsupportedOption:
            await scenario.conference.webhooks.subscribe(scenario.webhook_url)


async def _find_path(scenario: Scenario) -> None:
    """Find the path of a GET that the adapter has made, as `Conference.request` takes it."""
    if scenario.server is not None:
        scenario.server.clear()
    if scenario.can(Operation.LIST_ROOMS):
        await scenario.conference.rooms().collect()
    # Some vendors insist on the parameters of a listing, of which a path has none.
    if all("?" in request.target for request in scenario.requests):
        await scenario.conference.get_room(scenario.room.id)
    provider: Any = scenario.conference.provider
    base = urlsplit(str(provider.settings.base_url)).path
    gets = [request for request in scenario.requests if request.method == "GET"]
    gets.sort(key=lambda request: "?" in request.target)
    # Some adapters have calls to another address, such as that of the user who signed in.
    below = (each.path.removeprefix(base) for each in gets if each.path.startswith(f"{base}/"))
    scenario.path = next(below, scenario.path)


STATES: Final[Mapping[str, Callable[[Scenario], Awaitable[None]]]] = {
    "room": _make_room,
    "planned": _plan_room,
    "locked": _lock_room,
    "ticketed": _make_tokens,
    "registered": _register_ann,
    "pending": _await_approval,
    "running": _start_session,
    "occupied": _enter_session,
    "ended": _hold_session,
    "namesakes": _hold_session_with_namesakes,
    "recorded": _record_session,
    "reported": _order_report,
    "template": _make_template,
    "subscribed": _subscribe,
    "path": _find_path,
}
