"""Dry runs: all checks of the real run, and nothing sent or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cutting import Forgetful
from vendor import Planned, always, people

from conferencing import Conference, InvalidRequest, Room, UnsupportedOption, sync
from conferencing.bulk import Outcome, read_roster

LIST = (
    "email,name\nann@example.com,Ann Lee\nnobody,Bo Li\ncy@example.com,Cy\n"
    "ANN@example.com,Ann Moe\nhere@example.com,Here Already\n"
)
OUTCOMES = [
    Outcome.UNSENT, Outcome.REFUSED, Outcome.REFUSED, Outcome.CONFLICT, Outcome.EXISTED
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(LIST)
    return path


async def test_dry_run_refuses_what_the_run_refuses(
    conference: Conference, served: Planned, room: Room, path: Path, journal: Path
) -> None:
    await conference.register(room, email="here@example.com", first_name="H", last_name="Already")
    served.counts.clear()
    rehearsed = await conference.register_many(room, path, journal=journal, dry_run=True)
    assert served.counts["post"] == 0
    assert names_beside(path) == [path.name]
    result = await conference.register_many(room, path, journal=journal)
    assert [row.outcome for row in rehearsed.rows] == OUTCOMES
    assert [row.outcome for row in result.rows] == [Outcome.REGISTERED, *OUTCOMES[1:]]
    assert [row.reason for row in rehearsed.rows[1:]] == [row.reason for row in result.rows[1:]]
    assert rehearsed.rows[2].reason is not None
    assert "a registration needs first_name and last_name" in rehearsed.rows[2].reason
    assert names_beside(path) == sorted([path.name, journal.name])


async def test_dry_run_follows_the_journal(
    conference: Conference, served: Planned, room: Room, journal: Path
) -> None:
    served.plan = always("reset")
    await conference.register_many(room, people(1), journal=journal)
    served.plan = lambda _kind, _number: None
    content = bytes_of(journal)
    result = await conference.register_many(room, people(2), journal=journal, dry_run=True)
    assert [row.outcome for row in result.rows] == [Outcome.IN_DOUBT, Outcome.UNSENT]
    assert bytes_of(journal) == content
    other = await conference.create_room("Week 2", registration=True, permanent=True)
    with pytest.raises(InvalidRequest, match=f"belongs to .* {room.id}, not to .* {other.id}"):
        await conference.register_many(other, people(2), journal=journal, dry_run=True)
    damage(journal)
    result = await conference.register_many(room, people(2), journal=journal, dry_run=True)
    assert [row.outcome for row in result.rows] == [Outcome.IN_DOUBT, Outcome.IN_DOUBT]
    assert bytes_of(journal) == content[: len(content) // 2]


async def test_dry_run_refuses_what_concerns_all_rows(
    conference: Conference, served: Planned, room: Room
) -> None:
    with pytest.raises(InvalidRequest, match="settle"):
        await conference.register_many(room, people(1), settle=-1, dry_run=True)
    result = await conference.register_many(room, people(1), language="pl", dry_run=True)
    assert "add confirmation=True" in (result.rows[0].reason or "")
    with pytest.raises(UnsupportedOption, match="add confirmation=True"):
        await conference.register(room, **people(1)[0], language="pl")  # type: ignore[arg-type]
    assert served.counts["post"] == 0


async def test_options_of_lists_reach_the_reader(
    conference: Conference, room: Room, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(
        "Goście\n\nImię;Nazwisko;Kontakt;Firma;Uwagi\nŁucja;Żak;l@example.com;A;\n".encode("cp1250")
    )
    options: dict[str, Any] = {
        "columns": {"Kontakt": "email"},
        "header_line": 3,
        "encoding": "cp1250",
    }
    result = await conference.register_many(room, path, fields={"Firma": "10"}, **options)
    assert [row.person and row.person.first_name for row in result.rows] == ["Łucja"]
    assert result.rows[0].number == 4
    assert result.columns.recognized == {
        "Imię": "first_name", "Nazwisko": "last_name", "Kontakt": "email"
    }  # fmt: skip
    assert result.columns.answers == {"Firma": "10"}
    assert result.columns.ignored == ("Uwagi",)
    roster = read_roster(path, {"Firma": "10"}, **options)
    again = await conference.register_many(room, roster)
    assert (again.rows[0].outcome, again.columns) == (Outcome.EXISTED, result.columns)
    with pytest.raises(InvalidRequest, match="encoding does not apply to a roster"):
        await conference.register_many(room, roster, encoding="cp1250")
    with pytest.raises(InvalidRequest, match="header_line does not apply to rows"):
        await conference.register_many(room, people(1), header_line=2)
    with pytest.raises(InvalidRequest, match="header_line"):
        await conference.register_many(room, path, header_line="3")  # type: ignore[arg-type]


def test_blocking_client_has_the_same_options(tmp_path: Path, clock: Any) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="the extra `excel` is not installed")
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("Guests", "Staff"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Kontakt", "Name"])
            sheet.write_row(1, 0, [f"{name}@example.com", "Ann Lee"])
    with sync.Conference(Forgetful(clock)) as conference:
        room = conference.create_room("Launch")
        options: dict[str, Any] = {"columns": {"kontakt": "email"}, "sheet": "Staff"}
        rehearsed = conference.register_many(room, path, dry_run=True, **options)
        assert [*conference.participants(room)] == []
        result = conference.register_many(room, path, **options)
    assert (rehearsed.sheet, rehearsed.counts[Outcome.UNSENT]) == ("Staff", 1)
    assert [row.email for row in result.rows] == ["Staff@example.com"]
    assert result.counts[Outcome.REGISTERED] == 1


def names_beside(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def damage(path: Path) -> None:
    """Cut a file in half."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_columns_of_application_rows_are_reported() -> None:
    rows = [
        {"E-mail": "ann@example.com", "Town": "Oslo"},
        {"email": "bo@example.com", "name": "Bo Li"},
    ]
    columns = read_roster(rows).columns
    assert columns.recognized == {"E-mail": "email", "email": "email", "name": "name"}
    assert columns.ignored == ("Town",)
    with pytest.raises(InvalidRequest, match="no row has a column 'Firm'; they have 'E-mail'"):
        read_roster(rows, {"Firm": "10"})
