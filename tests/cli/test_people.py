"""`conferencing people` and `conferencing link`: from a spreadsheet into a room, once and for all."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

PEOPLE = """\
email,first_name,last_name,Company
ann@example.com,Ann,Lee,Acme
lukasz@example.com,Łukasz,Żółć,Acme
nobody,C,D,
ANN@example.com,Ann,Lee,
bo@example.com,Bo,Li,
cy@example.com,Cy,,
"""


async def test_an_import_tells_counts_and_the_rows_that_did_not_come_through(desk: Any) -> None:
    room = await desk.room()
    ran = await desk.run("people", "import", desk.write("people.csv", PEOPLE), "--room", room)
    assert (ran.code, ran.err) == (3, "")
    assert "3 registered, 1 already there, 2 refused." in ran.out
    assert "Columns that were not used: Company." in ran.out
    left = [line.split("\t") for line in ran.out.splitlines() if "\t" in line]
    assert [line[0] for line in left] == ["line", "4", "7"]
    assert "'nobody' is not an e-mail address" in left[1][3]
    assert "last_name" in left[2][3]
    registered = desk.world().participants[room]
    assert [one.email for one in registered] == [
        "ann@example.com", "lukasz@example.com", "bo@example.com",
    ]  # fmt: skip


async def test_for_programs_there_is_an_outcome_for_each_row_in_their_order(desk: Any) -> None:
    room = await desk.room()
    file = desk.write("people.csv", PEOPLE)
    ran = await desk.run("people", "import", file, "--room", room, "--json")
    assert ran.code == 3
    outcomes = [(one["line"], one["outcome"]) for one in ran.data["rows"]]
    assert outcomes == [
        (2, "registered"), (3, "registered"), (4, "refused"),
        (5, "already-there"), (6, "registered"), (7, "refused"),
    ]  # fmt: skip
    assert all(one["reason"] for one in ran.data["rows"] if one["outcome"] == "refused")
    assert (ran.data["complete"], ran.data["journal"]) == (True, "people.csv.journal")
    assert "http" not in ran.out


async def test_running_it_again_registers_nobody_twice(desk: Any) -> None:
    room = await desk.room()
    file = desk.write("people.csv", PEOPLE)
    await desk.run("people", "import", file, "--room", room)
    sent = registrations(desk)
    again = await desk.run("people", "import", file, "--room", room, "--json")
    assert again.data["counts"]["registered"] == 3
    assert registrations(desk) == sent


async def test_all_through_is_a_success(desk: Any) -> None:
    room = await desk.room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    ran = await desk.run("people", "import", file, "--room", room, "--journal", "kept")
    assert (ran.code, ran.out, ran.err) == (0, "1 registered.\n", "")
    assert (desk.folder / "kept").exists()
    assert not (desk.folder / "people.csv.journal").exists()


async def test_an_import_is_rehearsed_without_a_word_to_the_vendor(desk: Any) -> None:
    file = desk.write("people.csv", PEOPLE)
    ran = await desk.run(
        "people", "import", file, "--room", "7", "--field", "Company=company", "--dry-run", "--json"
    )
    assert ran.code == 3
    assert {one["operation"] for one in ran.data["calls"]} == {"register"}
    first = ran.data["calls"][0]["arguments"]
    assert first["room"] == {"id": "7"}
    assert first["draft"]["person"]["email"] == "ann@example.com"
    assert first["draft"]["fields"] == {"company": "Acme"}
    assert [one["line"] for one in ran.data["rows"]] == [4, 5]
    assert not desk.served().requests
    assert not (desk.folder / "people.csv.journal").exists()
    many = desk.write("many.csv", "email\n" + "".join(f"p{n}@example.com\n" for n in range(300)))
    told = await desk.run("people", "import", many, "--room", "7", "--dry-run")
    assert (told.code, told.out.count("register\n")) == (0, 10)
    assert "… and 290 more." in told.out


async def test_an_interrupt_says_how_to_go_on_and_going_on_doubles_nobody(
    desk: Any, until: Any, until_end: Any
) -> None:
    room = await desk.room()
    people = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(40))
    words = ("people", "import", desk.write("people.csv", people), "--room", room)
    desk.configure(rate="20/s")
    process = await desk.shell.start(*words)
    await until(lambda: registrations(desk) >= 5)
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    assert (ran.code, ran.out, ran.err.count("\n")) == (130, "", 1)
    assert "people.csv.journal" in ran.err
    assert "of 40 rows" in ran.err
    assert "again" in ran.err
    desk.configure(rate="1000/s")
    again = await desk.run(*words, "--settle", "0.1", "--json")
    assert (again.code, again.data["complete"]) == (0, True)
    emails = [one.email for one in desk.world().participants[room]]
    assert sorted(emails) == sorted(f"p{n}@example.com" for n in range(40))


async def test_with_json_an_interrupt_is_an_envelope_that_says_it_too(
    desk: Any, until: Any, until_end: Any
) -> None:
    room = await desk.room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    desk.served().fail("hang", match="/registration", times=9)
    process = await desk.shell.start("people", "import", file, "--room", room, "--json")
    await until(lambda: [one for one in desk.served().requests if one.fault])
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    assert (ran.code, ran.err) == (130, "")
    error = ran.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("Interrupted", 130)
    assert "people.csv.journal" in error["message"]


@pytest.mark.parametrize("content", [None, "name\nAnn\n"])
async def test_a_file_that_is_no_list_is_told_in_one_line(desk: Any, content: str | None) -> None:
    if content is not None:
        desk.write("people.csv", content)
    for options in ((), ("--dry-run",)):
        ran = await desk.run("people", "import", "people.csv", "--room", "7", *options)
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert "people.csv" in ran.err
    assert not desk.served().requests


# --------------------------------------------------------------------------- who is there, and how


async def test_links_are_shown_by_the_command_for_it_and_by_no_listing(desk: Any) -> None:
    room = await desk.room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\nb@example.com,Bo Li\n")
    await desk.run("people", "import", file, "--room", room)
    people, as_json = await asyncio.gather(
        desk.run("people", "list", room), desk.run("people", "list", room, "--json")
    )
    assert [one["email"] for one in as_json.lines] == ["a@example.com", "b@example.com"]
    assert "Ann Lee" in people.out
    assert "http" not in people.out + as_json.out
    every = await desk.run("link", room, "--all")
    rows = [line.split("\t") for line in every.out.splitlines()]
    assert [row[0] for row in rows] == ["email", "a@example.com", "b@example.com"]
    of_one = await desk.run("link", room, "--of", "b@example.com", "--json")
    assert of_one.data["url"] == rows[2][2] != rows[1][2]
    lines = (await desk.run("link", room, "--all", "--json")).lines
    assert [one["url"] for one in lines] == [rows[1][2], rows[2][2]]


async def test_a_link_stands_alone_on_its_line(desk: Any) -> None:
    room = await desk.room()
    plain = await desk.run("link", room)
    assert plain.out == f"{desk.world().room(room).join_url or plain.out.strip()}\n"
    words = ("link", room, "--role", "presenter", "--name", "Zoë", "--email", "z@example.com")
    personal = await desk.run(*words)
    assert personal.out.startswith("http")
    assert personal.out.count("\n") == 1
    told = await desk.run(*words, "--json")
    assert (told.data["role"], told.data["personal"]) == ("presenter", True)
    nameless = await desk.run("link", room, "--role", "presenter")
    assert (nameless.code, nameless.out, nameless.err.count("\n")) == (1, "", 1)
    both = await desk.run("link", room, "--all", "--of", "a@example.com")
    assert (both.code, both.err) == (2, "conferencing: give one of --of and --all, not both\n")


async def test_invitations_go_out_to_all_who_were_named(desk: Any) -> None:
    room = await desk.room()
    words = ("people", "invite", room, "a@example.com", "b@example.com", "--role", "presenter")
    ran = await desk.run(*words)
    assert (ran.code, ran.out) == (0, f"2 invited to room {room}.\n")
    assert [(one.to, one.role) for one in desk.world().outbox] == [
        ("a@example.com", "presenter"),
        ("b@example.com", "presenter"),
    ]
    wrong = await desk.run("people", "invite", room, "nobody")
    assert (wrong.code, wrong.out) == (1, "")
    assert "'nobody' is not an e-mail address" in wrong.err


# --------------------------------------------------------------------------------------- helpers


def registrations(desk: Any) -> int:
    """Count the registrations that reached the server."""
    seen = desk.served().requests
    return sum(one.method == "POST" and one.path.endswith("/registration") for one in seen)
