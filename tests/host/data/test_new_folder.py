"""A bundle comes as a whole: links are followed, and what killed imports left is cleared away."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nabij.data.new_folder import new_folder
from nabij.errors import NabijError, UsageError

# Says where it is, and waits to be killed in the middle of its import.
IMPORT = """
import sys
from pathlib import Path
from nabij.data.new_folder import new_folder
with new_folder(Path(sys.argv[1]), force=True) as folder:
    (folder / "index.csv").write_text("half")
    print(folder, flush=True)
    sys.stdin.read()
"""


def make(target: Path, text: str = "whole", *, force: bool = False) -> None:
    with new_folder(target, force=force) as folder:
        (folder / "index.csv").write_text(text)


def start(target: Path) -> tuple[subprocess.Popen[str], Path]:
    running = subprocess.Popen(
        [sys.executable, "-c", IMPORT, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    return running, Path(running.stdout.readline().strip())


def test_what_a_killed_import_left_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    running, left = start(tmp_path / "a")
    with running:
        running.send_signal(signal.SIGKILL)
    assert (left / "index.csv").read_text() == "half"
    make(tmp_path / "b")
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


def test_the_folder_of_an_import_that_still_runs_stays(tmp_path: Path) -> None:
    running, folder = start(tmp_path / "a")
    with running:
        make(tmp_path / "b")
        assert (folder / "index.csv").read_text() == "half"
        running.communicate("", timeout=60)
    assert running.returncode == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("replaced", [True, False])
def test_an_old_bundle_that_stepped_aside_is_not_lost(tmp_path: Path, *, replaced: bool) -> None:
    aside = tmp_path / ".nabij-old-x1"
    make(tmp_path / "a", "old")
    aside.mkdir()
    (tmp_path / "a").rename(aside / "a")
    if replaced:
        make_plain(tmp_path / "a", "new")
    make(tmp_path / "b")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]
    assert (tmp_path / "a" / "index.csv").read_text() == ("new" if replaced else "old")


def make_plain(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "index.csv").write_text(text)


def test_hidden_folders_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / ".a-old-1234").mkdir()
    (tmp_path / ".nabij-new-file").write_text("no folder")
    make(tmp_path / "a")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_to_a_bundle_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    make(tmp_path / "disk" / "a", "old")
    (tmp_path / "a").symlink_to(tmp_path / "disk" / "a")
    with pytest.raises(UsageError, match="exists already: add --force to replace it"):
        make(tmp_path / "a", "new")
    make(tmp_path / "a", "new", force=True)
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "disk" / "a" / "index.csv").read_text() == "new"


def test_a_link_to_nothing_is_made_where_it_points_or_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    make(tmp_path / "a")
    assert (tmp_path / "b" / "index.csv").read_text() == "whole"
    (tmp_path / "c").symlink_to(tmp_path / "gone" / "b")
    with pytest.raises(NabijError, match=r"There is no folder .*gone for b"):
        make(tmp_path / "c")
