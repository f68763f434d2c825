"""A copy of the sources in which code may be broken: the working tree is left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.places import REPO

BUILD: Final = REPO / "build" / "mutants"
TREE: Final = BUILD / "tree"


def copy() -> None:
    """Copy what git knows or would take, anew."""
    shutil.rmtree(TREE, ignore_errors=True)
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPO, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        source = REPO / name
        if name and source.is_file():
            target = TREE / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def environment() -> dict[str, str]:
    """The variables under which the copy's tests import the copy's sources."""
    # Before the editable install of the working tree.
    paths = [TREE, TREE / "firmware", TREE / "host_tools"]
    data = os.environ.get("NABIJ_DATA", str(REPO.parent / "shared" / "data"))
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "NABIJ_DATA": data,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def python() -> Path:
    """The interpreter with everything that the tests need."""
    return REPO / ".venv" / "bin" / "python"
