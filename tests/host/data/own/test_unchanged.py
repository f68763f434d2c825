"""A file that vanishes, shrinks or grows while it is read is refused, and the others are taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nabij.data import importing
from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import read_own
from tests.host.data.tables import Writer, walk


def when_opened(file: Path, do: Callable[[], object]) -> threading.Thread:
    """Do it as soon as this process has the file open."""

    def watch() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for one in Path("/proc/self/fd").iterdir():
                try:
                    is_open = one.readlink() == file
                except OSError:
                    continue
                if is_open:
                    do()
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def cut(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(200_000)


def grow(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b"9999.0,0.1,1.0,0.1\n")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="sees open files as Linux does")
@pytest.mark.parametrize(
    ("change", "words"),
    [(Path.unlink, "cannot be read to its end"), (cut, "changed while"), (grow, "changed while")],
)
def test_what_changes_while_it_is_read_is_refused(
    tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    file = Writer().write(tmp_path / "one.csv", walk(40_000), 100)
    thread = when_opened(file, lambda: change(file))
    with pytest.raises(UnusableFileError, match=words) as raised:
        read_own(file, "one.csv", Told())
    thread.join()
    assert raised.value.sentence.startswith("one.csv ")


def test_a_file_that_is_gone_before_its_turn_leaves_the_others(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        Writer().write(tmp_path / "in" / name, walk(), 100)
    request = importing.Request("csv", tmp_path / "in", tmp_path / "out")

    def pull_out(done: int, _of: int) -> None:
        if done == 1:
            (tmp_path / "in" / "b.csv").unlink()

    report = importing.run(request, pull_out)
    assert (report.counts["recordings"], report.left_out) == (1, 1)
    assert report.problems[0].startswith("b.csv cannot be read to its end (No such file")
