"""`conferencing demo`: one webinar on every provider, with a rejoin, a no-show and bad rows."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

HEAD = "email,first_name,last_name\n"


def with_registration(data: Any) -> list[Any]:
    """Return the runs on the providers that have registration."""
    return [run for run in data["providers"] if run["provider"] in {"clickmeeting", "memory"}]


async def test_unreported_values_are_unknown(run: Any) -> None:
    result = await run("demo", "--json", "--provider", "vconnct")
    first, second = result.data["providers"]
    assert (first["provider"], second["provider"]) == ("vconnct", "vconnct (v4)")
    for row in first["attendance"]:
        assert row["joined"]
        assert row["left"] is row["minutes"] is None
    for row in second["attendance"]:
        assert row["minutes"] > 0
        assert row["joined"] is row["left"] is None
    assert any("registration" in note for note in first["notes"])
    assert "unknown" in (await run("demo", "--provider", "vconnct")).out


async def test_text_for_people_has_all_parts(run: Any, tmp_path: Path) -> None:
    result = await run("demo")
    assert (result.code, result.err) == (0, "")
    for text in (
        "clickmeeting: “Launch & learn: zażółć”, webinar",
        "memory: “Launch & learn: zażółć”, webinar",
        "Łukasz Żółć\t",
        "ليلى المنصور",
        "no-show",
        "Line 8 is left out",
        "Report: PDF in en",
        "Refused before anything was sent",
        'secret = "env:BIGBLUEBUTTON_SECRET"',
    ):
        assert text in result.out
    assert not [letter for letter in result.out if "\u2500" <= letter <= "\u257f"]  # boxes
    assert list_names(tmp_path) == []


async def test_terminal_is_not_wider_than_80(run: Any) -> None:
    result = await run("demo", "--provider", "memory", terminal=True, COLUMNS="80")
    table = result.screen.partition("who")[2].partition("Registered")[0]
    assert "Zofia Lewandowska" in table
    assert max(map(len, table.splitlines())) <= 80


async def test_json_has_rejoin_no_show_and_bad_rows(run: Any) -> None:
    result = await run("demo", "--json")
    assert (result.code, result.err) == (0, "")
    assert result.data["roster"]["people"] == 7
    assert [row["line"] for row in result.data["roster"]["bad"]] == [8, 9, 10]
    assert all(row["reason"] for row in result.data["roster"]["bad"])
    first, second = with_registration(result.data)
    presenter, rejoined, *others, absent = first["attendance"]
    assert presenter["matched_by"] is None
    assert (rejoined["who"], rejoined["minutes"]) == ("Zofia Lewandowska", 40.0)
    assert rejoined["matched_by"] == "email"
    assert 0 < rejoined["share"] < 1
    assert {row["minutes"] for row in others} == {55.0}
    assert {row["attended"] for row in others} == {True}
    assert absent["attended"] is False
    assert {absent[name] for name in ("joined", "left", "minutes", "share")} == {None}
    same = ("who", "minutes", "attended")
    assert [[row[name] for name in same] for row in first["attendance"]] == [
        [row[name] for name in same] for row in second["attendance"]
    ]


@pytest.mark.parametrize("wanted", [["memory"], ["clickmeeting"], ["memory", "clickmeeting"]])
async def test_only_wanted_providers_run(run: Any, wanted: list[str]) -> None:
    options = [word for name in wanted for word in ("--provider", name)]
    data = (await run("demo", "--json", *options)).data
    assert [run["provider"] for run in data["providers"]] == sorted(wanted)


async def test_unknown_provider_is_named(run: Any) -> None:
    result = await run("demo", "--provider", "acme")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert all(word in result.err for word in ("acme", "clickmeeting", "memory"))


# ------------------------------------------------------------------------------------- the roster


async def test_roster_of_300_people_runs(run: Any, tmp_path: Path) -> None:
    rows = [("E-Mail", "First name", "Surname", "Shoe size")]
    rows += [(f"p{n}@example.com", f"Imię{n}", "O'Neill, Żółć", "42") for n in range(300)]
    text = "\ufeff" + "\r\n".join(";".join(f'"{cell}"' for cell in row) for row in rows)
    words = ("demo", "--json", "--provider", "memory", "--roster", write_roster(tmp_path, text))
    data = (await run(*words)).data
    assert (data["roster"]["people"], data["roster"]["bad"]) == (300, [])
    [people] = [run["attendance"] for run in data["providers"]]
    assert len(people) == 301
    assert [row["who"] for row in people if not row["attended"]] == ["Imię299 O'Neill, Żółć"]
    assert sum(row["matched_by"] == "email" for row in people) == 299


async def test_long_table_is_cut_and_counted(run: Any, tmp_path: Path) -> None:
    text = HEAD + "".join(f"p{n}@example.com,P,{n}\n" for n in range(30))
    result = await run("demo", "--provider", "memory", "--roster", write_roster(tmp_path, text))
    assert result.code == 0
    assert "… and 19 more" in result.out
    assert "P 25" not in result.out


@pytest.mark.parametrize("people", [0, 1])
async def test_few_people_run(run: Any, tmp_path: Path, people: int) -> None:
    text = HEAD + "".join(f"p{n}@example.com,P,{n}\n" for n in range(people))
    data = (await run("demo", "--json", "--roster", write_roster(tmp_path, text))).data
    assert data["roster"]["people"] == people
    for provider_run in with_registration(data):
        assert len(provider_run["attendance"]) == people + 1


async def test_refused_registration_is_noted(run: Any, tmp_path: Path) -> None:
    path = write_roster(tmp_path, "email,name\na@example.com,Bo\nb@example.com,Ann Lee\n")
    result = await run("demo", "--json", "--provider", "clickmeeting", "--roster", path)
    assert result.code == 0, result.err
    [provider_run] = result.data["providers"]
    notes = provider_run["notes"]
    assert any("a@example.com" in note and "first_name" in note for note in notes)
    assert any("Registered 1 person" in note for note in notes)


@pytest.mark.parametrize("as_json", [False, True])
async def test_unreadable_roster_is_one_line(run: Any, as_json: bool) -> None:
    result = await run("demo", "--roster", "no-such.csv", *(["--json"] if as_json else []))
    assert result.code == 1
    if as_json:
        error = result.json()["error"]
        kind = (error["kind"], error["exit_code"], error["field"])
        assert kind == ("InvalidRequest", 1, "people")
    else:
        assert (result.out, result.err.count("\n")) == ("", 1)
        assert "no-such.csv cannot be read" in result.err


async def test_interrupt_is_one_line(shell: Any, until_end: Any, tmp_path: Path) -> None:
    """The roster is a FIFO without a writer, so that the program surely is reading it."""
    pipe = tmp_path / "roster.csv"
    os.mkfifo(pipe)
    process = await shell.start("demo", "--roster", "roster.csv")
    writer = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    os.close(writer)
    assert (result.code, result.out, result.err) == (130, "", "conferencing: interrupted\n")


# ---------------------------------------------------------------------------------------- helpers


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def write_roster(folder: Path, text: str) -> str:
    (folder / "people.csv").write_text(text, "utf-8", newline="")
    return "people.csv"
