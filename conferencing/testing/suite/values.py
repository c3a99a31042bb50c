"""Awkward values: texts, times and ids arrive unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote
from zoneinfo import ZoneInfo

from conferencing.capabilities import Operation
from conferencing.model import Person
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.expect import expect, expect_equal, expect_success, outcome_of
from conferencing.testing.operations import OperationCase
from conferencing.testing.packed import separator_of
from conferencing.testing.scenario import Scenario
from conferencing.testing.server import Received

__all__ = ["ValueTests", "check_ids"]

WARSAW: Final = ZoneInfo("Europe/Warsaw")
TEXTS: Final = {
    "Latin-2": "Zażółć gęślą jaźń Đặng Ő",
    "Arabic": "اجتماع الفريق",
    "Chinese": "发布会 東京",
    "emoji": "Launch 🚀👩‍👩‍👧‍👦🏳️‍🌈",
    "directional marks": "a\u200fb\u202ec\u2066d",
    "combining": "e\u0301 n\u0303 \u1100\u1161",
    "255 characters": "Ω" * 255,
    "HTML": "<b>Ann</b> & \"Zoë\" 'O' &amp; &lt;",
    "percent": "100 % %41 %2F a+b a=b&c=d;e #f ?g",
    "slashes": "a/b\\c ../d {e} [f] $g `h`",
}
TIMES: Final = {
    "far east": datetime(2026, 12, 31, 23, 45, tzinfo=ZoneInfo("Pacific/Kiritimati")),
    "three quarters": datetime(2026, 11, 5, 7, 30, tzinfo=ZoneInfo("Pacific/Chatham")),
    "far west": datetime(2027, 1, 1, 0, 15, tzinfo=ZoneInfo("Pacific/Pago_Pago")),
    "half an hour": datetime(2026, 11, 20, 6, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "leap day": datetime(2028, 2, 29, 12, 0, tzinfo=WARSAW),
    "first of two": datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW),
    "second of two": datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW, fold=1),
    "after the gap": datetime(2027, 3, 28, 3, 30, tzinfo=WARSAW),
    "UTC": datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
}
PLAIN: Final = "7f3a91"
IDS: Final = (
    "..", ".", "../admin", "a/b", "/a", "%2e%2e", "%2F", "a?b=c", "a#b", "a&b=c", "a b", "a;b",
    "a\\b", "a\nb", "a\u202eb", "żółć", "🚀", "a+b", "{id}", "a:b:c", "x" * 300,
)  # fmt: skip


class ValueTests(SuiteBase):
    """Send awkward values, and see whether they arrive."""

    def test_awkward_text_round_trips(self) -> None:
        """Names and descriptions in every script, with every kind of character."""
        self.run(self._check_texts)

    async def _check_texts(self, harness: Harness) -> None:
        names = self.adapter().features.create_fields & {"name", "description"}
        for script, full in TEXTS.items():
            async with harness.scenario() as scenario:
                text = full[: scenario.features.limits.get("name", len(full))]
                keywords: dict[str, Any] = dict.fromkeys(names, text)
                call = scenario.make_room(keywords.pop("name", "Launch"), **keywords)
                room = await expect_success(call, f"a room named in {script}")
                rooms = [room, scenario.real_room(room)]
                if scenario.can(Operation.GET_ROOM):
                    rooms.append(await scenario.conference.get_room(room.id))
                for name in names:
                    for each in rooms:
                        actual = getattr(each, name, None)
                        expect(actual in {None, text}, f"{name} in {script} became {actual!r}")

    def test_awkward_name_round_trips(self) -> None:
        """Names of registered people, and of those in the attendance."""
        self.run(self._check_names)

    async def _check_names(self, harness: Harness) -> None:
        longest = self.adapter().features.limits.get("first_name", 255)
        for script, full in TEXTS.items():
            text = full[:longest]
            person = Person(email="ann@example.com", first_name=text, last_name=text)
            async with harness.scenario("room") as scenario:
                if scenario.can(Operation.REGISTER):
                    await scenario.conference.register(scenario.room, person)
                    there = [(each.first_name, each.last_name) for each in scenario.real_people()]
                    if scenario.world is not None:
                        subject = f"a person's name in {script}"
                        expect_equal(there, [(text, text)], subject)
                if scenario.can(Operation.LIST_PARTICIPANTS) and scenario.can(Operation.REGISTER):
                    (listed,) = await scenario.conference.participants(scenario.room).collect()
                    name = f"{text} {text}"
                    expect_equal(listed.display_name, name, f"a listed person's name in {script}")
                if scenario.can(Operation.LIST_ATTENDANCE) and scenario.world is not None:
                    await scenario.start()
                    scenario.world.enter(scenario.world_room_id, text, "ann@example.com")
                    await scenario.end()
                    (session, *_) = await scenario.sessions()
                    records = await scenario.conference.attendance(session).collect()
                    names = {record.display_name or text for record in records}
                    # A person who registered may have the name of the registration there.
                    shown = names & {text, f"{text} {text}"}
                    expect(shown, f"a name in {script} came back as one of {names}")

    def test_start_is_the_same_instant(self) -> None:
        """Far zones, a leap day, and the hour that occurs twice."""

        async def test(harness: Harness) -> None:
            if "starts_at" not in self.adapter().features.create_fields:
                return
            for place, moment in TIMES.items():
                async with harness.scenario() as scenario:
                    room = await scenario.make_room(starts_at=moment)
                    real = scenario.real_room(room)
                    for owner, each in (("the vendor's", real), ("the returned", room)):
                        actual = each.starts_at if each else None
                        if actual is not None:
                            offset = actual.astimezone(UTC) - moment.astimezone(UTC)
                            expect(not offset, f"{owner} start {place} is off by {offset}")

        self.run(test)

    def test_hostile_id_keeps_path(self, served_case: OperationCase) -> None:
        """Whatever an id contains, the path and the parameters stay the same."""
        if served_case.by_id is None:
            return

        async def test(harness: Harness) -> None:
            await check_ids(harness, served_case, IDS)

        self.run(test)


async def check_ids(harness: Harness, case: OperationCase, ids: tuple[str, ...]) -> None:
    """Raise `AssertionError` unless each of the ids leads to the request that a plain id makes."""
    async with harness.scenario(*case.states) as scenario:
        for shape in _shapes(scenario, case):
            plain = await _first_request(scenario, case, shape, PLAIN)
            for hostile in ids:
                actual = await _first_request(scenario, case, shape, hostile)
                if plain is not None and actual is not None:
                    expected = _with_id(plain, shape, hostile)
                    subject = f"the request of {case} for the id {hostile!r}"
                    expect_equal(_summary(actual), expected, subject)


_SESSION_OPERATIONS: Final = frozenset({
    Operation.END_SESSION, Operation.GET_SESSION, Operation.LIST_ATTENDANCE,
    Operation.CREATE_REPORT,
})  # fmt: skip


def _shapes(scenario: Scenario, case: OperationCase) -> Iterator[str]:
    """Yield the forms of an id: plain, or packed with others."""
    yield "{}"
    packed_ids = {
        Operation.DELETE_RECORDING: scenario.recording.id,
        Operation.GET_REPORT: scenario.report.id,
        **dict.fromkeys(_SESSION_OPERATIONS, scenario.session.id),
    }
    packed = packed_ids.get(case.operation, "")
    separator = separator_of(packed)
    parts = packed.split(separator)
    for place in range(len(parts) if len(parts) > 1 else 0):
        yield separator.join([*parts[:place], "{}", *parts[place + 1 :]])


async def _first_request(
    scenario: Scenario, case: OperationCase, shape: str, object_id: str
) -> Received | None:
    """Make the call and return its first request; None if there is none to compare."""
    if scenario.server is None:
        return None
    scenario.server.clear()
    subject = f"{case} for the id {object_id!r}"
    await outcome_of(case.perform(scenario, _pack(shape, object_id)), subject)
    requests = scenario.server.requests
    for request in requests:
        climbing = {".", ".."} & {unquote(part) for part in request.path.split("/")}
        expect(not climbing, f"{subject}: the path {request.path!r} climbs")
    sendable = object_id == object_id.encode("utf-8", "replace").decode()
    return requests[0] if requests and sendable else None


def _pack(shape: str, object_id: str) -> str:
    quoted = quote(object_id, safe="", errors="replace") if ":" in shape else object_id
    return shape.replace("{}", quoted)


def _summary(request: Received) -> tuple[str, str, list[str]]:
    """Return what an id must not change: the method, the path, and the names of parameters."""
    path, _, query = request.target.partition("?")
    return request.method, path, [name for name, _ in parse_qsl(query, keep_blank_values=True)]


def _with_id(plain: Received, shape: str, object_id: str) -> tuple[str, str, list[str]]:
    """Return the summary of a request for the plain id, with another id in its place."""
    method, path, names = _summary(plain)
    quoted = {PLAIN: object_id, _pack(shape, PLAIN): _pack(shape, object_id)}
    for plain_id, other in quoted.items():
        old, new = quote(plain_id, safe=""), quote(other, safe="", errors="replace")
        path = "/".join(new if part == old else part for part in path.split("/"))
    return method, path, names
