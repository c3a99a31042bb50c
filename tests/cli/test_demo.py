"""`conferencing demo`: one story on every provider, with the rejoin, the no-show and bad rows."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

HEAD = "email,first_name,last_name\n"


# ----------------------------------------------------------------------------------- as it comes


def registered(told: Any) -> list[Any]:
    """Return the chapters of the providers that have registration: they tell the whole story."""
    return [one for one in told["providers"] if one["provider"] in {"clickmeeting", "memory"}]


async def test_what_a_provider_does_not_tell_is_said_to_be_unknown(run: Any) -> None:
    told = {one["provider"]: one for one in (await run("demo", "--json")).data["providers"]}
    joined = told["vconnct"]["attendance"]
    assert all(one["joined"] and one["left"] is one["minutes"] is None for one in joined)
    present = told["vconnct (v4)"]["attendance"]
    assert all(one["minutes"] > 0 and one["joined"] is one["left"] is None for one in present)
    assert any("registration" in note for note in told["vconnct"]["notes"])
    assert "unknown" in (await run("demo", "--provider", "vconnct")).out


async def test_the_story_for_people(run: Any, tmp_path: Path) -> None:
    ran = await run("demo")
    assert (ran.code, ran.err) == (0, "")
    for word in (
        "clickmeeting: “Launch & learn: zażółć”, webinar",
        "memory: “Launch & learn: zażółć”, webinar",
        "Łukasz Żółć",
        "ليلى المنصور",
        "did not come",
        "line 8 is left out",
        "Report: PDF in en",
        "Refused before anything was sent",
        'api_key = "env:CLICKMEETING_API_KEY"',
    ):
        assert word in ran.out
    assert names(tmp_path) == []


async def test_the_story_for_programs_has_the_rejoin_the_no_show_and_the_bad_rows(
    run: Any,
) -> None:
    ran = await run("demo", "--json")
    assert (ran.code, ran.err) == (0, "")
    told = ran.data
    assert told["roster"]["people"] == 7
    assert [one["line"] for one in told["roster"]["bad"]] == [8, 9, 10]
    assert all(one["reason"] for one in told["roster"]["bad"])
    for chapter in registered(told):
        presenter, back, *others, missing = chapter["attendance"]
        assert presenter["matched_by"] is None
        assert (back["who"], back["minutes"], back["matched_by"]) == (
            "Zofia Lewandowska",
            40.0,
            "email",
        )
        assert {one["minutes"] for one in others} == {55.0}
        assert {one["came"] for one in others} == {True}
        assert missing["came"] is False
        assert {missing[name] for name in ("joined", "left", "minutes", "share")} == {None}
        assert 0 < back["share"] < 1


async def test_the_story_is_the_same_on_every_provider_with_registration(run: Any) -> None:
    chapters = registered((await run("demo", "--json")).data)
    told = [
        [(one["who"], one["minutes"], one["came"]) for one in chapter["attendance"]]
        for chapter in chapters
    ]
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize(
    ("wanted", "played"),
    [
        (["memory"], ["memory"]),
        (["clickmeeting"], ["clickmeeting"]),
        (["memory", "clickmeeting"], ["clickmeeting", "memory"]),
    ],
)
async def test_only_what_was_asked_for_is_played(
    run: Any, wanted: list[str], played: list[str]
) -> None:
    options = [word for name in wanted for word in ("--provider", name)]
    told = (await run("demo", "--json", *options)).data
    assert [one["provider"] for one in told["providers"]] == played


async def test_a_provider_that_is_not_there_is_named_with_those_that_are(run: Any) -> None:
    ran = await run("demo", "--provider", "zoom")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert all(word in ran.err for word in ("zoom", "clickmeeting", "memory"))


# -------------------------------------------------------------------------------- one's own roster


@pytest.mark.parametrize(("delimiter", "mark"), [(",", ""), (";", "\ufeff"), ("\t", "")])
async def test_three_hundred_people_as_a_spreadsheet_saves_them(
    run: Any, tmp_path: Path, delimiter: str, mark: str
) -> None:
    rows = [("E-Mail", "First name", "Surname", "Shoe size")]
    rows += [(f"p{n}@example.com", f"Imię{n}", "O'Neill, Żółć", "42") for n in range(300)]
    cells = ([f'"{one}"' for one in row] for row in rows)
    text = mark + "\r\n".join(delimiter.join(row) for row in cells)
    ran = await run("demo", "--json", "--roster", roster(tmp_path, text))
    assert ran.code == 0
    told = ran.data
    assert (told["roster"]["people"], told["roster"]["bad"]) == (300, [])
    for chapter in registered(told):
        people = chapter["attendance"]
        assert len(people) == 301
        assert [one["who"] for one in people if not one["came"]] == ["Imię299 O'Neill, Żółć"]
        assert sum(one["matched_by"] == "email" for one in people) == 299


async def test_of_many_people_the_first_are_shown_and_the_rest_counted(
    run: Any, tmp_path: Path
) -> None:
    text = HEAD + "".join(f"p{n}@example.com,P,{n}\n" for n in range(300))
    ran = await run("demo", "--provider", "memory", "--roster", roster(tmp_path, text))
    assert ran.code == 0
    assert "… and 289 more" in ran.out
    assert "P 250" not in ran.out


@pytest.mark.parametrize("people", [0, 1])
async def test_few_people_are_people_too(run: Any, tmp_path: Path, people: int) -> None:
    text = HEAD + "".join(f"p{n}@example.com,P,{n}\n" for n in range(people))
    told = (await run("demo", "--json", "--roster", roster(tmp_path, text))).data
    assert told["roster"]["people"] == people
    for chapter in registered(told):
        assert len(chapter["attendance"]) == people + 1


async def test_bad_rows_are_told_by_the_line_in_the_file(run: Any, tmp_path: Path) -> None:
    text = (
        HEAD + "a@example.com,A,B\n\n\nnobody,C,D\n,E,F\n\nA@example.com,G,H\nb@example.com,I,J\n"
    )
    ran = await run("demo", "--json", "--provider", "memory", "--roster", roster(tmp_path, text))
    told = ran.data["roster"]
    assert told["people"] == 2
    assert [one["line"] for one in told["bad"]] == [5, 6, 8]


async def test_a_cell_of_two_lines_does_not_shift_the_lines_that_follow(
    run: Any, tmp_path: Path
) -> None:
    text = 'email,note\na@example.com,"two\nlines"\nnobody,\n'
    ran = await run("demo", "--json", "--provider", "memory", "--roster", roster(tmp_path, text))
    told = ran.data["roster"]
    assert told["people"] == 1
    assert [one["line"] for one in told["bad"]] == [4]


async def test_one_column_for_the_name_is_enough(run: Any, tmp_path: Path) -> None:
    text = "email,name\na@example.com,Ann Lee\nb@example.com,Bo Li\nc@example.com,Cy van Dyk\n"
    ran = await run("demo", "--json", "--roster", roster(tmp_path, text))
    assert ran.code == 0, ran.err
    assert {len(one["attendance"]) for one in registered(ran.data)} == {4}


async def test_who_cannot_be_registered_is_named_and_the_others_go_on(
    run: Any, tmp_path: Path
) -> None:
    path = roster(tmp_path, "email,name\na@example.com,Bo\nb@example.com,Ann Lee\n")
    ran = await run("demo", "--json", "--provider", "clickmeeting", "--roster", path)
    assert ran.code == 0, ran.err
    [told] = ran.data["providers"]
    assert any("a@example.com" in note and "first_name" in note for note in told["notes"])
    assert any("1 registered" in note for note in told["notes"])


NO_ROSTERS = {
    "empty.csv": (b"", "is empty"),
    "phones.csv": (b"name,phone\nAnn,5\n", "e-mail"),
    "utf16.csv": (b"\xff\xfee\x00m\x00", "e-mail"),
    "windows.csv": ("email,name\nŻ@example.com,Ł\n".encode("cp1250"), "UTF-8"),
    "no-such.csv": (None, "cannot be read"),
    ".": (None, "cannot be read"),
}


async def test_a_file_that_is_no_roster_is_told_in_one_line(run: Any, tmp_path: Path) -> None:
    for name, (content, _) in NO_ROSTERS.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    told = await asyncio.gather(*(run("demo", "--roster", name) for name in NO_ROSTERS))
    for ran, (name, (_, reason)) in zip(told, NO_ROSTERS.items(), strict=True):
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert name in ran.err
        assert reason in ran.err


async def test_name_that_is_too_long_stops_its_row(run: Any, tmp_path: Path) -> None:
    text = f'{HEAD}a@example.com,"{"x" * 140_000}",B\nb@example.com,Ann,Lee\n'
    ran = await run("demo", "--json", "--provider", "memory", "--roster", roster(tmp_path, text))
    assert [row["line"] for row in ran.data["roster"]["bad"]] == [2]


async def test_with_json_a_failure_is_an_envelope(run: Any) -> None:
    ran = await run("demo", "--json", "--roster", "no-such.csv")
    assert (ran.code, ran.err) == (1, "")
    error = ran.json()["error"]
    assert (error["kind"], error["exit_code"], error["field"]) == ("InvalidRequest", 1, "people")


async def test_an_interrupt_ends_it_with_one_line(
    shell: Any, until_end: Any, tmp_path: Path
) -> None:
    """The roster is a pipe that nobody writes to, so it is surely in the middle of reading it."""
    pipe = tmp_path / "roster.csv"
    os.mkfifo(pipe)
    process = await shell.start("demo", "--roster", "roster.csv")
    writer = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    os.close(writer)
    assert (ran.code, ran.out, ran.err) == (130, "", "conferencing: interrupted\n")


# --------------------------------------------------------------------------------------- helpers


def roster(folder: Path, text: str) -> str:
    (folder / "people.csv").write_text(text, "utf-8", newline="")
    return "people.csv"


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]
