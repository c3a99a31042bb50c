"""Make a small call again and again, 16 at a time: what the library adds to bare aiohttp."""

from __future__ import annotations

from collections.abc import Iterator

from results import Goal, Result, alone, ratio
from server import serving
from sides import Side, environment, taken

ROUNDS = 20
OURS = "conferencing: check()"
ROOM = "conferencing: get_room(), a Room of a kilobyte"
BARE = "aiohttp: session.get() and .json()"
BARE_ROOM = "aiohttp: session.get() and .json(), the same kilobyte"
TOOLS = "aiohttp with tenacity, aiolimiter, timeout and tracing"
HTTPX = "httpx.AsyncClient"
BODIES = {
    "/ping": b'{"ping":"pong"}',
    "/conferences/2632001": b'{"conference":{"id":2632001,"room_type":"webinar","room_pin":121851000,'
    b'"name":"Launch","name_url":"launch","access_type":1,"lobby_enabled":true,'
    b'"lobby_description":"Welcome","registration_enabled":true,"status":"active",'
    b'"timezone":"Europe/Berlin","timezone_offset":7200,"starts_at":"2026-10-01T10:00:00+02:00",'
    b'"ends_at":"2026-10-01T11:00:00+02:00","permanent_room":false,"ccc":"2026-10-01 08:00:00",'
    b'"created_at":"2026-09-01T10:00:00+02:00","updated_at":"2026-09-02T10:00:00+02:00",'
    b'"room_url":"https://acme.clickmeeting.com/launch","embed_room_url":"https://embed.example",'
    b'"settings":{"show_on_personal_page":1,"recorder_autostart_enabled":false}}}',
}


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds."""
    tools = environment("calls", "aiohttp[speedups]", "tenacity", "aiolimiter", "httpx")
    with serving(BODIES) as base:
        ours = {OURS: "check", BARE: "bare", ROOM: "get_room", BARE_ROOM: "bare_room"}
        others = {TOOLS: "tools", HTTPX: "httpx"}
        sides = {name: Side("peers/calls_ours.py", way, base) for name, way in ours.items()}
        sides |= {
            name: Side("peers/calls_others.py", way, base, python=tools)
            for name, way in others.items()
        }
        spent = taken(sides, max(3, int(ROUNDS * scale)))
    yield _cpu({name: [cost[0] for cost in costs] for name, costs in spent.items()})
    yield _rate({name: [1e6 / cost[1] for cost in costs] for name, costs in spent.items()})


def _cpu(costs: dict[str, list[float]]) -> Result:
    return Result(
        title="A small call, 16 at a time: CPU of the client",
        unit="µs a call",
        note="A call of ours goes through capabilities, credentials, pacing, retry and strict"
        " decoding, and ends in a value of the model.",
        costs=costs,
        goals=[
            Goal("check() beside bare aiohttp", ratio(costs, OURS, BARE), 1.10),
            Goal("get_room() beside bare aiohttp", ratio(costs, ROOM, BARE_ROOM), 1.10),
        ],
    )


def _rate(rates: dict[str, list[float]]) -> Result:
    return Result(
        title="A small call, 16 at a time: calls",
        unit="a second",
        costs=rates,
        goals=[
            Goal("beside bare aiohttp", ratio(rates, OURS, BARE), 0.9, at_least=True),
            Goal("beside httpx", ratio(rates, OURS, HTTPX), 10, at_least=True),
        ],
    )


if __name__ == "__main__":
    alone(measure)
