"""The dependency rule of docs/architecture.md and the other rules of the house, on all sources."""

import functools
import gc
import subprocess
from pathlib import Path

import pytest

from tests.house.file_rules import names_no_machine
from tests.house.mirrors import not_mirrored, read_table
from tests.house.rules import RULES
from tests.house.sources import Sources
from tests.places import REPO


@functools.cache
def sources() -> Sources:
    read = Sources.read()
    # A million nodes that stay: looking for garbage among them takes longer than to read them.
    gc.disable()
    _ = [file.nodes for file in read]
    gc.freeze()
    gc.enable()
    return read


@pytest.mark.parametrize("name", RULES)
def test_the_sources_keep_the_rule(name: str) -> None:
    assert RULES[name](sources()) == []


def test_a_modules_test_is_found_by_its_name() -> None:
    assert not_mirrored(sources(), *read_table()) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    files = ((path.relative_to(REPO).as_posix(), path.read_bytes()) for path in _files())
    assert names_no_machine(files) == []


def _files() -> list[Path]:
    """Files that git knows or would take."""
    if not (REPO / ".git").exists():
        pytest.skip("these sources are not a git working tree")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPO, capture_output=True, check=True).stdout
    paths = [REPO / name.decode() for name in listed.split(b"\0") if name]
    assert paths, "git lists no files here"
    return [path for path in paths if path.is_file()]
