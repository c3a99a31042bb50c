"""`conferencing people` and `conferencing link`: from a spreadsheet into a room."""

from __future__ import annotations

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


async def test_import_prints_counts_and_failed_rows(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", PEOPLE)
    result = await desk.run("people", "import", file, "--room", room)
    assert (result.code, result.err) == (3, "note: unused columns: Company\n")
    assert "3 registered, 1 already registered, 2 refused." in result.out
    failed = [line.split("\t") for line in result.out.splitlines() if "\t" in line]
    assert [line[0] for line in failed] == ["line", "4", "7"]
    assert "'nobody' is not an e-mail address" in failed[1][3]
    assert "last_name" in failed[2][3]
    assert [person.email for person in desk.world().participants[room]] == [
        "ann@example.com", "lukasz@example.com", "bo@example.com",
    ]  # fmt: skip


async def test_import_as_json_has_outcome_of_each_row(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", PEOPLE)
    result = await desk.run("people", "import", file, "--room", room, "--json")
    assert result.code == 3
    rows = result.data["rows"]
    assert [(row["line"], row["outcome"]) for row in rows] == [
        (2, "registered"), (3, "registered"), (4, "refused"),
        (5, "already-registered"), (6, "registered"), (7, "refused"),
    ]  # fmt: skip
    assert all(row["reason"] for row in rows if row["outcome"] == "refused")
    assert result.data["complete"]
    assert result.data["journal"] == f"people.csv.{room}.journal"
    assert result.data["columns"]["ignored"] == ["Company"]
    assert "http" not in result.out


async def test_second_import_registers_nobody_twice(desk: Any) -> None:
    room = await desk.create_room()
    words = ("people", "import", desk.write("people.csv", PEOPLE), "--room", room)
    await desk.run(*words)
    sent = count_registrations(desk)
    again = await desk.run(*words, "--json")
    counts = again.data["counts"]
    assert (counts["registered"], counts["already-registered"]) == (0, 4)
    assert count_registrations(desk) == sent


async def test_import_without_failures_succeeds(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    result = await desk.run("people", "import", file, "--room", room, "--journal", "kept")
    assert (result.code, result.out, result.err) == (0, "1 registered.\n", "")
    assert "kept" in desk.names()
    assert f"people.csv.{room}.journal" not in desk.names()


async def test_dry_run_of_import_sends_nothing(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", PEOPLE)
    words = ("people", "import", file, "--room", room, "--dry-run", "--json")
    result = await desk.run(*words, "--field", "Company=company")
    assert result.code == 3
    assert {call["operation"] for call in result.data["calls"]} == {"register"}
    arguments = result.data["calls"][0]["arguments"]
    assert arguments["room"] == {"id": room}
    assert arguments["draft"]["person"]["email"] == "ann@example.com"
    assert arguments["draft"]["fields"] == {"company": "Acme"}
    assert [row["outcome"] for row in result.data["rows"]] == [
        "not-sent", "not-sent", "refused", "already-registered", "not-sent", "refused",
    ]  # fmt: skip
    assert count_registrations(desk) == 0
    assert not any(name.endswith(".journal") for name in desk.names())


async def test_dry_run_of_many_shows_first_calls(desk: Any) -> None:
    room = await desk.create_room()
    rows = "".join(f"p{number}@example.com,P N\n" for number in range(30))
    file = desk.write("many.csv", f"email,name\n{rows}")
    result = await desk.run("people", "import", file, "--room", room, "--dry-run")
    assert (result.code, result.out.count("register\n")) == (0, 10)
    assert "… and 20 more" in result.out
    assert "30 would be registered." in result.out
    absent = await desk.run("people", "import", file, "--room", "7", "--dry-run")
    assert absent.code == 1
    assert "there is no room '7'" in absent.err


@pytest.mark.parametrize("content", [None, "name\nAnn\n"])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
async def test_unreadable_list_is_one_line(
    desk: Any, content: str | None, options: tuple[str, ...]
) -> None:
    if content is not None:
        desk.write("people.csv", content)
    result = await desk.run("people", "import", "people.csv", "--room", "7", *options)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "people.csv" in result.err
    assert not desk.count_requests()


# ------------------------------------------------------------------------------------- interrupts


async def test_interrupted_import_can_be_continued(desk: Any, until: Any, until_end: Any) -> None:
    room = await desk.create_room()
    people = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(40))
    words = ("people", "import", desk.write("people.csv", people), "--room", room)
    desk.configure(rate="20/s")
    process = await desk.shell.start(*words)
    await until(lambda: count_registrations(desk) >= 5)
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.out, result.err.count("\n")) == (130, "", 1)
    assert f"people.csv.{room}.journal" in result.err
    assert "of 40 rows" in result.err
    assert "run the same command again to continue" in result.err
    desk.configure(rate="1000/s")
    again = await desk.run(*words, "--settle", "0.1", "--json")
    assert (again.code, again.data["complete"]) == (0, True)
    emails = [person.email for person in desk.world().participants[room]]
    assert sorted(emails) == sorted(f"p{n}@example.com" for n in range(40))


async def test_interrupt_as_json_is_envelope(desk: Any, until: Any, until_end: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    desk.served().fail("hang", match="/registration", times=9)
    process = await desk.shell.start("people", "import", file, "--room", room, "--json")
    await until(lambda: any(request.fault for request in desk.served().requests))
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.err) == (130, "")
    error = result.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("Interrupted", 130)
    assert f"people.csv.{room}.journal" in error["message"]


async def test_repeated_interrupts_end_quietly(desk: Any, until: Any, until_end: Any) -> None:
    """A second and a third Ctrl-C arrive while the first one is being handled."""
    room = await desk.create_room()
    people = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(40))
    file = desk.write("people.csv", people)
    desk.served().fail("hang", match="/registration", times=99)
    process = await desk.shell.start("people", "import", file, "--room", room)
    await until(lambda: any(request.fault for request in desk.served().requests))
    for _ in range(3):
        process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.out) == (130, "")
    assert result.err.count("\n") <= 1, result.err


# ------------------------------------------------------------------------------ lists and links


async def test_people_are_listed_in_zone_of_room(desk: Any) -> None:
    room = await desk.create_room("--starts-at", "2027-03-01T17:00", "--timezone", "Europe/Warsaw")
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    await desk.run("people", "import", file, "--room", room)
    [person] = (await desk.run("people", "list", room, TZ="America/New_York")).rows
    assert person["name"] == "Ann Lee"
    assert person["registered at"].endswith("+02:00")


async def test_listing_shows_no_links(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\nb@example.com,Bo Li\n")
    await desk.run("people", "import", file, "--room", room)
    people = await desk.run("people", "list", room)
    as_json = await desk.run("people", "list", room, "--json")
    assert [person["email"] for person in as_json.lines] == ["a@example.com", "b@example.com"]
    assert "http://" not in people.out + as_json.out


async def test_link_of_all_equals_link_of_each(desk: Any) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\nb@example.com,Bo Li\n")
    await desk.run("people", "import", file, "--room", room)
    first, second = (await desk.run("link", room, "--all")).rows
    assert (first["email"], second["name"]) == ("a@example.com", "Bo Li")
    of_second = await desk.run("link", room, "--of", "b@example.com", "--json")
    assert of_second.data["url"] == second["url"] != first["url"]
    lines = (await desk.run("link", room, "--all", "--json")).lines
    assert [line["url"] for line in lines] == [first["url"], second["url"]]


@pytest.mark.parametrize("command", [("link", "--all"), ("people", "list")])
async def test_formulas_are_escaped_in_pipe(desk: Any, command: tuple[str, str]) -> None:
    room = await desk.create_room()
    file = desk.write("people.csv", "email,first_name,last_name\na@example.com,=HYPERLINK(1),Lee\n")
    await desk.run("people", "import", file, "--room", room)
    words = ("link", room, "--all") if command[0] == "link" else ("people", "list", room)
    [row] = (await desk.run(*words)).rows
    assert row["name"].startswith("'=HYPERLINK")


async def test_link_is_alone_on_its_line(desk: Any) -> None:
    room = await desk.create_room()
    shared = await desk.run("link", room)
    assert shared.out == f"{desk.world().room(room).join_url or shared.out.strip()}\n"
    words = ("link", room, "--role", "presenter", "--name", "Zoë", "--email", "z@example.com")
    personal = await desk.run(*words)
    assert personal.out.startswith("http")
    assert personal.out.count("\n") == 1
    as_json = await desk.run(*words, "--json")
    assert (as_json.data["role"], as_json.data["personal"]) == ("presenter", True)


async def test_wrong_options_of_link_are_refused(desk: Any) -> None:
    nameless = await desk.run("link", "7", "--role", "presenter")
    assert (nameless.code, nameless.out, nameless.err.count("\n")) == (1, "", 1)
    both = await desk.run("link", "7", "--all", "--of", "a@example.com")
    assert both.code == 2
    assert both.err == "conferencing: --of and --all cannot be used together\n"


async def test_invite_sends_to_all_addresses(desk: Any) -> None:
    room = await desk.create_room()
    words = ("people", "invite", room, "a@example.com", "b@example.com", "--role", "presenter")
    result = await desk.run(*words)
    assert (result.code, result.out) == (0, f"Invited 2 people to room {room}.\n")
    assert [(mail.to, mail.role) for mail in desk.world().outbox] == [
        ("a@example.com", "presenter"),
        ("b@example.com", "presenter"),
    ]
    wrong = await desk.run("people", "invite", room, "nobody")
    assert (wrong.code, wrong.out) == (1, "")
    assert "'nobody' is not an e-mail address" in wrong.err


# ---------------------------------------------------------------------------------------- helpers


def count_registrations(desk: Any) -> int:
    """Count the registrations that reached the server."""
    requests = desk.served().requests
    return sum(
        request.method == "POST" and request.path.endswith("/registration") for request in requests
    )
