"""The part of the suite on awkward values: texts, times and ids arrive as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote
from zoneinfo import ZoneInfo

from conferencing.capabilities import Operation
from conferencing.errors import ConferencingError
from conferencing.model import Person
from conferencing.sandbox.served import RecordedRequest

from .base import Harness, SuiteBase
from .expect import equal, expect, outcome
from .plays import CASES, OperationCase
from .scenario import Scenario

__all__ = ["ValueTests"]

WARSAW: Final = ZoneInfo("Europe/Warsaw")
TEXTS: Final = {
    "Latin-2": "Zażółć gęślą jaźń Đặng Ő",
    "Arabic": "اجتماع الفريق",
    "Chinese": "发布会 東京",
    "emoji": "Launch 🚀👩‍👩‍👧‍👦🏳️‍🌈",
    "marks of direction": "a\u200fb\u202ec\u2066d",
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
    """Say awkward things, and look whether they arrive."""

    def test_awkward_texts_arrive_and_come_back_as_they_are(self) -> None:
        """Names and descriptions in every script, with every character."""
        self.run(self._texts)

    async def _texts(self, harness: Harness) -> None:
        known = self.adapter().features.create_fields & {"name", "description"}
        for what, text in TEXTS.items():
            async with harness.scenario() as scenario:
                said: dict[str, Any] = dict.fromkeys(known, text)
                made = await outcome(
                    scenario.make_room(said.pop("name", "Launch"), **said),
                    f"a room named in {what}",
                )
                expect(not isinstance(made, ConferencingError), f"{what} was refused: {made!r}")
                rooms = [made, scenario.real_room(made)]
                if scenario.can(Operation.GET_ROOM):
                    rooms.append(await scenario.conference.get_room(made.id))
                for name in known:
                    for room in rooms:
                        got = getattr(room, name, None)
                        expect(got in {None, text}, f"{name} in {what} became {got!r}")

    def test_awkward_names_of_people_arrive_and_come_back_as_they_are(self) -> None:
        """As registrants, as hosts, and in the attendance."""
        self.run(self._people)

    async def _people(self, harness: Harness) -> None:
        for what, text in TEXTS.items():
            person = Person(email="ann@example.com", first_name=text, last_name=text)
            async with harness.scenario("room") as scenario:
                if scenario.can(Operation.REGISTER):
                    await scenario.conference.register(scenario.room, person)
                    _check_registered(scenario, text, what)
                if scenario.can(Operation.LIST_PARTICIPANTS) and scenario.can(Operation.REGISTER):
                    (found,) = await scenario.conference.participants(scenario.room).collect()
                    name = f"{text} {text}"
                    equal(found.display_name, name, f"a listed person's name in {what}")
                if not scenario.can(Operation.LIST_ATTENDANCE) or scenario.world is None:
                    continue
                await scenario.begin()
                scenario.world.enter(scenario.room.id, text, "ann@example.com")
                await scenario.end()
                (session, *_) = await scenario.sessions(scenario.room)
                found_names = {
                    one.display_name or text
                    for one in await scenario.conference.attendance(session).collect()
                }
                expect(text in found_names, f"a name in {what} came back as one of {found_names}")

    def test_every_time_is_the_same_instant_there(self) -> None:
        """Far zones, a leap day, and the hour that comes twice."""

        async def scene(harness: Harness) -> None:
            if "starts_at" not in self.adapter().features.create_fields:
                return
            for what, moment in TIMES.items():
                async with harness.scenario() as scenario:
                    made = await scenario.make_room(starts_at=moment)
                    real = scenario.real_room(made)
                    for whose, room in (("the vendor's", real), ("the returned", made)):
                        got = room.starts_at if room else None
                        if got is not None:
                            far = got.astimezone(UTC) - moment.astimezone(UTC)
                            expect(not far, f"{whose} start {what} is off by {far}")

        self.run(scene)

    def test_no_id_changes_the_path(self, sent: Operation) -> None:
        """Whatever stands in an id, the same path and the same parameters are asked for."""
        play = CASES[sent]
        if play.by_id is None:
            return

        async def scene(harness: Harness) -> None:
            async with harness.scenario(*play.needs) as scenario:
                for shape in _shapes(scenario, play):
                    plain = await _asked(scenario, play, shape, PLAIN)
                    for hostile in IDS:
                        asked = await _asked(scenario, play, shape, hostile)
                        if plain is not None and asked is not None:
                            equal(asked, plain, f"what {sent} asks for with the id {hostile!r}")

        self.run(scene)


def _check_registered(scenario: Scenario, text: str, what: str) -> None:
    if scenario.world is None:
        return
    (real,) = scenario.world.participants[scenario.room.id]
    equal((real.first_name, real.last_name), (text, text), f"a person's name in {what}")


def _shapes(scenario: Scenario, play: OperationCase) -> Iterator[str]:
    """Give the shapes an id can have: a text, or one that is packed with others."""
    yield "{}"
    session = play.operation in {
        Operation.END_SESSION,
        Operation.GET_SESSION,
        Operation.LIST_ATTENDANCE,
        Operation.CREATE_REPORT,
    }
    known = {
        Operation.DELETE_RECORDING: scenario.recording.id,
        Operation.GET_REPORT: scenario.report.id,
    }.get(play.operation, scenario.session.id if session else "")
    parts = known.split(":")
    for place in range(len(parts) if len(parts) > 1 else 0):
        yield ":".join([*parts[:place], "{}", *parts[place + 1 :]])


async def _asked(scenario: Scenario, play: OperationCase, shape: str, an_id: str) -> Any:
    """Return what the first request asks for, with the id as a star; None if none was made."""
    served = scenario.served
    if served is None:
        return None
    served.requests.clear()
    packed = shape.replace("{}", quote(an_id, safe="") if ":" in shape else an_id)
    what = f"{play.operation} with the id {packed!r}"
    await outcome(play.perform(scenario, packed), what)
    if not served.requests:
        return None
    first = served.requests[0]
    climbing = {".", ".."} & {unquote(part) for part in first.path.split("/")}
    expect(not climbing, f"{what} asked for {first.path!r}, which climbs")
    return _template(first, an_id, packed)


def _template(seen: RecordedRequest, *ids: str) -> Any:
    path, _, query = seen.target.partition("?")
    for one in sorted(ids, key=len, reverse=True):
        quoted = quote(one, safe="")
        path = "/".join("*" if part == quoted else part for part in path.split("/"))
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    return seen.method, path, names
