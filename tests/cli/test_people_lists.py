"""`people import` with lists that need an option, rows that fail, and dry runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

POLISH = (
    "Goście\n\nImię;Nazwisko;Adres;Uwagi\nŁucja;Żak;lucja@example.com;x\nJan;Lis;jan@example.com;\n"
)
MIXED = (
    "email,name\nann@example.com,Ann Lee\nnobody,Bo Li\ncy@example.com,Cy\n"
    "ANN@example.com,Ann Moe\nann@example.com,Ann Lee\n"
)


async def test_list_options_reach_the_reader(desk: Any) -> None:
    room = await desk.create_room()
    path = desk.folder / "people.csv"
    path.write_bytes(POLISH.encode("cp1250"))
    command = ["people", "import", "people.csv", "--room", room]
    for option, remedy in (
        (["--encoding", "cp1250"], "--encoding cp1250"),
        (["--header-line", "3"], "no column of e-mail addresses"),
        (["--column", "Adres=email"], None),
    ):
        refused = await desk.run(*command)
        assert (refused.code, refused.out) == (1, "")
        assert remedy is None or remedy in refused.err
        command += option
    ran = await desk.run(*command)
    assert (ran.code, ran.out) == (0, "2 registered.\n")
    assert ran.err == "note: unused columns: Uwagi\n"
    people = desk.world().participants[room]
    assert [person.display_name for person in people] == ["Łucja Żak", "Jan Lis"]


async def test_sheet_that_was_not_read_is_named(desk: Any) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="the extra `excel` is not installed")
    with xlsxwriter.Workbook(str(desk.folder / "people.xlsx")) as book:
        for name in ("Guests", "Staff"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["email", "name"])
            sheet.write_row(1, 0, [f"{name}@example.com", "Ann Lee"])
    room = await desk.create_room()
    ran = await desk.run("people", "import", "people.xlsx", "--room", room)
    assert ran.err == "note: sheet 'Guests' was read, and not 'Staff' (--sheet selects one)\n"
    staff = await desk.run("people", "import", "people.xlsx", "--room", room, "--sheet", "Staff")
    assert (staff.code, staff.out, staff.err) == (0, "1 registered.\n", "")
    wrong = await desk.run("people", "import", "people.xlsx", "--room", room, "--sheet", "Staf")
    assert "has no sheet 'Staf'; it has 'Guests', 'Staff'" in wrong.err


async def test_hidden_rows_that_cannot_be_seen_are_noted(desk: Any) -> None:
    pytest.importorskip("python_calamine", reason="the extra `excel` is not installed")
    filtered = Path(__file__).parents[1] / "bulk" / "lists" / "filtered.xls"
    words = ("people", "import", str(filtered), "--room", await desk.create_room(), "--dry-run")
    result = await desk.run(*words)
    assert "note: hidden rows of this workbook are read too" in result.err
    as_json = await desk.run(*words, "--json")
    assert as_json.data["columns"]["hidden_rows_known"] is False


async def test_two_people_on_one_mailbox_fail_the_import(desk: Any) -> None:
    room = await desk.create_room()
    desk.write("people.csv", "email,name\noffice@example.com,Ann Lee\noffice@example.com,Bo Li\n")
    ran = await desk.run("people", "import", "people.csv", "--room", room)
    assert ran.code == 3
    assert "1 registered, 1 with the address of another person." in ran.out
    assert "line 2 has this address already, for Ann Lee; Bo Li needs an address" in ran.out


async def test_address_registered_for_another_is_shown(desk: Any) -> None:
    room = await desk.create_room()
    desk.write("people.csv", "email,name\noffice@example.com,Ann Lee\n")
    await desk.run("people", "import", "people.csv", "--room", room)
    desk.write("people.csv", "email,name\noffice@example.com,Bo Li\n")
    ran = await desk.run("people", "import", "people.csv", "--room", room, "--journal", "other")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "1 already registered.")
    assert "this address is registered for Ann Lee, not for Bo Li" in ran.out


async def test_dry_run_reports_what_the_import_reports(desk: Any) -> None:
    room = await desk.create_room()
    desk.write("people.csv", MIXED)
    command = ("people", "import", "people.csv", "--room", room)
    rehearsed = await desk.run(*command, "--dry-run", "--json")
    assert rehearsed.code == 3, rehearsed
    assert not desk.world().participants[room]
    assert not list(desk.folder.glob("*.journal*"))
    ran = await desk.run(*command, "--json")
    assert (rehearsed.code, ran.code) == (3, 3)
    assert [row["outcome"] for row in ran.data["rows"]] == [
        "registered", "refused", "refused", "conflict", "already-registered"
    ]  # fmt: skip
    assert [row["outcome"] for row in rehearsed.data["rows"]] == [
        "not-sent", "refused", "refused", "conflict", "already-registered"
    ]  # fmt: skip
    assert [row["email"] for row in ran.data["rows"]][1] == "nobody"
    assert ran.data["rows"][1:] == rehearsed.data["rows"][1:]
    assert [call["operation"] for call in rehearsed.data["calls"]] == ["register"]
    shown = await desk.run(*command, "--dry-run", "--journal", "new")
    assert "2 already registered, 2 refused, 1 with the address of another person" in shown.out


async def test_second_room_has_a_journal_of_its_own(desk: Any) -> None:
    first, second = await desk.create_room(), await desk.create_room()
    desk.write("people.csv", "email,name\nann@example.com,Ann Lee\n")
    command = ("people", "import", "people.csv", "--room")
    assert (await desk.run(*command, first)).out == "1 registered.\n"
    assert (await desk.run(*command, second)).out == "1 registered.\n"
    assert (await desk.run(*command, first)).out == "1 already registered.\n"
    names = sorted(path.name for path in desk.folder.glob("people.csv*"))
    journals = sorted(f"people.csv.{room}.journal" for room in (first, second))
    assert names == ["people.csv", *journals]
    wrong = await desk.run(*command, second, "--journal", f"people.csv.{first}.journal")
    assert wrong.code == 1
    assert "name another file with --journal" in wrong.err


@pytest.mark.parametrize("address", ["ann@example.com;", "ann@example..com", "ann@example.com (A)"])
async def test_text_beside_an_address_is_refused(desk: Any, address: str) -> None:
    room = await desk.create_room()
    desk.write("people.csv", f'email,name\n"{address}",Ann Lee\n')
    imported = await desk.run("people", "import", "people.csv", "--room", room)
    invited = await desk.run("people", "invite", room, address)
    hosted = await desk.run("rooms", "create", "x", "--host", address, "--dry-run")
    organized = await desk.run("invitation", room, "--to", "x.ics", "--organizer", address)
    assert [run.code for run in (imported, invited, hosted, organized)] == [3, 1, 2, 2]
    for text in (imported.out, invited.err, hosted.err, organized.err):
        assert "is not an e-mail address" in text
        assert "write ann@example.com or Ann Lee <ann@example.com>" in text


@pytest.mark.parametrize(
    "address", ["Lee, Ann <ann@example.com>", "mailto:ann@example.com", "<ann@example.com>"]
)
async def test_written_form_of_an_address_is_read(desk: Any, address: str) -> None:
    room = await desk.create_room()
    desk.write("people.csv", f'email,first_name,last_name\n"{address}",Ann,Lee\n')
    assert (await desk.run("people", "import", "people.csv", "--room", room)).code == 0
    assert (await desk.run("people", "invite", room, address)).code == 0
    organizer = ("invitation", room, "--to", "x.ics", "--organizer", address, "--dry-run")
    assert (await desk.run(*organizer)).code == 0
    assert [person.email for person in desk.world().participants[room]] == ["ann@example.com"]
    assert {mail.to for mail in desk.world().outbox} == {"ann@example.com"}


async def test_links_for_a_spreadsheet_hold_no_formula(desk: Any) -> None:
    room = await desk.create_room()
    name = '=HYPERLINK("http://example.org")'
    desk.write("people.csv", f"email,first_name,last_name\nann@example.com,{name},Lee\n")
    assert (await desk.run("people", "import", "people.csv", "--room", room)).code == 0
    links = await desk.run("link", room, "--all")
    assert f"\t'{name} Lee\t" in links.out
