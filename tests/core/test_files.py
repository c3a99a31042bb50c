"""Writing files atomically."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest

from conferencing import InvalidRequest
from conferencing.files import write_atomically


def test_new_file_has_content_and_umask_mode(tmp_path) -> None:
    path = tmp_path / "report.csv"
    plain = tmp_path / "plain"
    plain.touch()
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode == plain.stat().st_mode


def test_private_mode_is_kept_when_replacing(tmp_path) -> None:
    path = tmp_path / "invitation.ics"
    path.write_bytes(b"old")
    write_atomically(path, b"new", replace=True, mode=0o600)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_existing_path_is_kept_without_replace(tmp_path, kind) -> None:
    path = tmp_path / "x"
    if kind == "file":
        path.write_bytes(b"old")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidRequest, match="exists; pass replace=True") as caught:
        write_atomically(path, b"new", field="to")
    assert caught.value.field == "to"
    assert [child.name for child in tmp_path.iterdir()] == ["x"]


def test_fifo_or_folder_is_never_replaced(tmp_path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "fifo", tmp_path / "folder", Path(os.devnull)):
        before = path.stat()
        with pytest.raises(InvalidRequest, match="not a regular file"):
            write_atomically(path, b"new", replace=True)
        assert path.stat() == before


@pytest.mark.parametrize("name", ["missing/x", "a\0b", "n" * 300])
def test_path_that_cannot_be_written_raises(tmp_path, name) -> None:
    with pytest.raises(InvalidRequest, match="cannot be written: "):
        write_atomically(tmp_path / name, b"new")
    assert list(tmp_path.iterdir()) == []


def test_two_writers_create_one_file(tmp_path) -> None:
    path, barrier = tmp_path / "x", Barrier(8)
    failures: list[InvalidRequest] = []

    def write(number: int) -> None:
        barrier.wait(10)
        try:
            write_atomically(path, str(number).encode())
        except InvalidRequest as error:
            failures.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(failures) == 7
    assert len(path.read_bytes()) == 1
    assert [child.name for child in tmp_path.iterdir()] == ["x"]
