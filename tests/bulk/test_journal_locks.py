"""The lock of a journal is on the file itself, and is refused where it would not hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conferencing import InvalidRequest
from conferencing.bulk import Journal, JournalError

SUBJECT = "clickmeeting main 1"

NO_LOCKS = """
int flock(int descriptor, int operation) { return 0; }
"""
REFUSING = """
#include <errno.h>
int flock(int descriptor, int operation) { errno = ENOLCK; return -1; }
"""
OPEN = """
import sys
from conferencing import InvalidRequest
from conferencing.bulk import Journal
try:
    Journal(sys.argv[1], "clickmeeting main 1", [])
except InvalidRequest as error:
    print(error.field, error.message)
"""


@pytest.fixture
def other_name(request: pytest.FixtureRequest, journal: Path) -> Path:
    """Return another name of the same journal."""
    Journal(journal, SUBJECT, []).close()
    other = journal.parent / "other" / "people.journal"
    other.parent.mkdir()
    if request.param == "symlink":
        other.symlink_to(journal)
    elif request.param == "hard link":
        other.hardlink_to(journal)
    else:
        other.parent.rmdir()
        other.parent.symlink_to(journal.parent)
    return other


@pytest.mark.parametrize("other_name", ["symlink", "hard link", "folder"], indirect=True)
@pytest.mark.parametrize("swapped", [False, True])
def test_second_run_by_another_name_is_refused(
    journal: Path, other_name: Path, swapped: bool
) -> None:
    first, second = (other_name, journal) if swapped else (journal, other_name)
    with Journal(first, SUBJECT, []), pytest.raises(InvalidRequest, match="in use by another run"):
        Journal(second, SUBJECT, [])
    Journal(second, SUBJECT, []).close()


def test_journal_leaves_no_lock_file_to_remove(journal: Path) -> None:
    with Journal(journal, SUBJECT, []) as first:
        first.write(begun=["a"])
        assert list(journal.parent.iterdir()) == [journal]
    assert list(journal.parent.iterdir()) == [journal]


@pytest.mark.parametrize("change", ["deleted", "replaced", "renamed"])
def test_write_to_a_file_of_another_name_fails(journal: Path, change: str) -> None:
    """A second run would find no lock at the old name."""
    with Journal(journal, SUBJECT, []) as first:
        first.write(begun=["a"])
        if change == "deleted":
            journal.unlink()
        elif change == "renamed":
            journal.rename(journal.with_name("renamed"))
        else:
            copy = journal.with_name("copy")
            shutil.copyfile(journal, copy)
            copy.replace(journal)
        second = Journal(journal, SUBJECT, [])
        with second, pytest.raises(JournalError, match="deleted or replaced"):
            first.write(begun=["b"])


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD is how Linux does it")
@pytest.mark.parametrize(
    ("library", "reason"), [(NO_LOCKS, "a second lock on it succeeds"), (REFUSING, "No locks")]
)
def test_file_system_without_locks_is_refused(tmp_path: Path, library: str, reason: str) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    source, preload = tmp_path / "locks.c", tmp_path / "locks.so"
    source.write_text(library)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", preload, source], check=True)
    run = subprocess.run(
        [sys.executable, "-c", OPEN, tmp_path / "people.journal"],
        env={**os.environ, "LD_PRELOAD": str(preload)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith("journal the journal")
    assert reason in run.stdout
    assert "local disk" in run.stdout


def test_pipe_as_journal_is_refused_at_once(journal: Path) -> None:
    os.mkfifo(journal)
    with pytest.raises(InvalidRequest, match="not a regular file"):
        Journal(journal, SUBJECT, [])
