"""A virtual badge can change nothing of the working tree that it runs from."""

import hashlib
from pathlib import Path

import pytest

from tests.places import FIRMWARE, REPO
from tests.sim.stub import run_main

TREE = (FIRMWARE, REPO / "sim")
EROFS = 30

TRY = """
import os, sys
def attempt(what):
    try:
        what()
    except (OSError, ImportError, AttributeError) as error:
        return getattr(error, "errno", None) or type(error).__name__
    return "done"

def opened(path, mode):
    with open(path, mode) as file:
        file.write("x" if "b" not in mode else b"x")
"""


def _state() -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in TREE
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("folder", ["/rom", "/sim"])
def test_what_is_mounted_cannot_be_changed_in_any_way(tmp_path: Path, folder: str) -> None:
    file = {"/rom": "/rom/main.py", "/sim": "/sim/boot.py"}[folder]
    before = _state()
    run = run_main(
        tmp_path,
        TRY
        + f"""
for mode in ("w", "a", "r+", "w+", "wb", "ab", "r+b"):
    print(mode, attempt(lambda: opened({file!r}, mode)))
print("new", attempt(lambda: opened({folder!r} + "/new.txt", "w")))
print("mkdir", attempt(lambda: os.mkdir({folder!r} + "/new")))
print("remove", attempt(lambda: os.remove({file!r})))
print("rename", attempt(lambda: os.rename({file!r}, {file!r} + ".old")))
os.chdir({folder!r})
print("relative", attempt(lambda: opened("new.txt", "w")))
print(len(open({file!r}).read()) > 100, attempt(lambda: os.stat({file!r})))
""",
    )
    *tries, read = run.console
    assert [line.split()[1] for line in tries] == [str(EROFS)] * 12
    assert read == "True done"
    assert _state() == before


def test_a_badge_sees_nothing_of_the_host_but_what_is_mounted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    run = run_main(
        tmp_path,
        TRY
        + f"""
print(sorted(os.listdir("/")))
print(attempt(lambda: opened({str(outside)!r} + "/x", "w")))
import vfs
print([name for name in ("VfsPosix", "system", "putenv") if name in dir(vfs) + dir(os)])
""",
    )
    assert run.console[0] in {"['rom', 'sim']", "[]"}
    assert run.console[1] == "2"  # no such folder
    assert run.console[2] == "[]"
    assert list(outside.iterdir()) == []
