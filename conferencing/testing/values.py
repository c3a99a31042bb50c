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
from conferencing.sandbox.server import Seen

from .base import House, SuiteBase
from .expect import equal, expect, outcome
from .plays import PLAYS, Play
from .stage import Stage

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

    async def _texts(self, house: House) -> None:
        known = self.adapter().features.create_fields & {"name", "description"}
        for what, text in TEXTS.items():
            async with house.stage() as stage:
                said: dict[str, Any] = dict.fromkeys(known, text)
                made = await outcome(
                    stage.make_room(said.pop("name", "Launch"), **said), f"a room named in {what}"
                )
                expect(not isinstance(made, ConferencingError), f"{what} was refused: {made!r}")
                rooms = [made, stage.real_room(made)]
                if stage.can(Operation.GET_ROOM):
                    rooms.append(await stage.conference.get_room(made.id))
                for name in known:
                    for room in rooms:
                        got = getattr(room, name, None)
                        expect(got in {None, text}, f"{name} in {what} became {got!r}")

    def test_awkward_names_of_people_arrive_and_come_back_as_they_are(self) -> None:
        """As registrants, as hosts, and in the attendance."""
        self.run(self._people)

    async def _people(self, house: House) -> None:
        for what, text in TEXTS.items():
            person = Person(email="ann@example.com", first_name=text, last_name=text)
            async with house.stage("room") as stage:
                if stage.can(Operation.REGISTER):
                    await stage.conference.register(stage.room, person)
                    _check_registered(stage, text, what)
                if stage.can(Operation.LIST_PARTICIPANTS) and stage.can(Operation.REGISTER):
                    (found,) = await stage.conference.participants(stage.room).collect()
                    name = f"{text} {text}"
                    equal(found.display_name, name, f"a listed person's name in {what}")
                if not stage.can(Operation.LIST_ATTENDANCE) or stage.world is None:
                    continue
                await stage.begin()
                stage.world.enter(stage.room.id, text, "ann@example.com")
                await stage.end()
                (session, *_) = await stage.sessions(stage.room)
                found_names = {
                    one.display_name or text
                    for one in await stage.conference.attendance(session).collect()
                }
                expect(text in found_names, f"a name in {what} came back as one of {found_names}")

    def test_every_time_is_the_same_instant_there(self) -> None:
        """Far zones, a leap day, and the hour that comes twice."""

        async def scene(house: House) -> None:
            if "starts_at" not in self.adapter().features.create_fields:
                return
            for what, moment in TIMES.items():
                async with house.stage() as stage:
                    made = await stage.make_room(starts_at=moment)
                    real = stage.real_room(made)
                    for whose, room in (("the vendor's", real), ("the returned", made)):
                        got = room.starts_at if room else None
                        if got is not None:
                            far = got.astimezone(UTC) - moment.astimezone(UTC)
                            expect(not far, f"{whose} start {what} is off by {far}")

        self.run(scene)

    def test_no_id_changes_the_path(self, sent: Operation) -> None:
        """Whatever stands in an id, the same path and the same parameters are asked for."""
        play = PLAYS[sent]
        if play.by_id is None:
            return

        async def scene(house: House) -> None:
            async with house.stage(*play.needs) as stage:
                for shape in _shapes(stage, play):
                    plain = await _asked(stage, play, shape, PLAIN)
                    for hostile in IDS:
                        asked = await _asked(stage, play, shape, hostile)
                        if plain is not None and asked is not None:
                            equal(asked, plain, f"what {sent} asks for with the id {hostile!r}")

        self.run(scene)


def _check_registered(stage: Stage, text: str, what: str) -> None:
    if stage.world is None:
        return
    (real,) = stage.world.participants[stage.room.id]
    equal((real.first_name, real.last_name), (text, text), f"a person's name in {what}")


def _shapes(stage: Stage, play: Play) -> Iterator[str]:
    """Give the shapes an id can have: a text, or one that is packed with others."""
    yield "{}"
    session = play.operation in {
        Operation.END_SESSION,
        Operation.GET_SESSION,
        Operation.LIST_ATTENDANCE,
        Operation.CREATE_REPORT,
    }
    known = {
        Operation.DELETE_RECORDING: stage.recording.id,
        Operation.GET_REPORT: stage.report.id,
    }.get(play.operation, stage.session.id if session else "")
    parts = known.split(":")
    for place in range(len(parts) if len(parts) > 1 else 0):
        yield ":".join([*parts[:place], "{}", *parts[place + 1 :]])


async def _asked(stage: Stage, play: Play, shape: str, an_id: str) -> Any:
    """Return what the first request asks for, with the id as a star; None if none was made."""
    stand = stage.stand
    if stand is None:
        return None
    stand.seen.clear()
    packed = shape.replace("{}", quote(an_id, safe="") if ":" in shape else an_id)
    what = f"{play.operation} with the id {packed!r}"
    await outcome(play.perform(stage, packed), what)
    if not stand.seen:
        return None
    first = stand.seen[0]
    climbing = {".", ".."} & {unquote(part) for part in first.path.split("/")}
    expect(not climbing, f"{what} asked for {first.path!r}, which climbs")
    return _template(first, an_id, packed)


def _template(seen: Seen, *ids: str) -> Any:
    path, _, query = seen.target.partition("?")
    for one in sorted(ids, key=len, reverse=True):
        quoted = quote(one, safe="")
        path = "/".join("*" if part == quoted else part for part in path.split("/"))
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    return seen.method, path, names
