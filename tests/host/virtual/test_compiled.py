"""A badge that starts from compiled files lives as one that starts from its sources."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from nabij import places
from nabij.virtual import badge
from nabij.virtual.badge import Scenario, micropython_path, run_fast
from nabij.virtual.compiled import START, Tools, start_script, tools_for

FAILS = """
import sys
from time import ticks_ms
from badge.core.codec import cbor
from badge.drivers.lsm6dsox import Lsm6dsox
def deep():
    try:
        cbor.decode(b"\\xff")
    except Exception as error:
        sys.print_exception(error, sys.stdout)
    from sim.stalls import STALLS_MS
    from sim.options.option import filled
    try:
        filled((), {"no": 1}, "It")
    except Exception as error:
        sys.print_exception(error, sys.stdout)
deep()
"""


@pytest.fixture
def tools() -> Tools:
    return tools_for(micropython_path())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small tree with what a badge starts from."""
    for file in (START, Path("firmware", "main.py")):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text("print('as text')\n")
    (tmp_path / "sim" / "one.py").write_text("ONE = 1\n")
    return tmp_path


def lived(scenario: Scenario) -> list[str]:
    return [line.text for line in run_fast(scenario).lines if "wall_ms" not in line.text]


@pytest.mark.parametrize("main", [False, True])
def test_its_life_and_its_tracebacks_are_those_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main: bool
) -> None:
    (tmp_path / "main.py").write_text(FAILS)
    scenario = Scenario(
        duration_ms=15_000,
        main=tmp_path / "main.py" if main else None,
        events=[{"at_ms": 5000, "do": "press", "ms": 1600}],
    )
    of_copy = lived(scenario)
    monkeypatch.setattr(badge, "start_script", lambda _tools, _root: places.ROOT / START)
    assert of_copy == lived(scenario)
    assert any("line" in text for text in of_copy) == main
    assert any("alarm.durable" in text for text in of_copy) != main


def test_a_copy_is_made_once_and_anew_when_a_source_changes(tools: Tools, root: Path) -> None:
    first = start_script(tools, root)
    assert first != root / START
    assert first.read_text() == (root / START).read_text()
    (one,) = first.parent.glob("one.*")
    made_ns = one.stat().st_mtime_ns
    assert start_script(tools, root) == first
    assert one.stat().st_mtime_ns == made_ns
    (root / "sim" / "one.py").write_text("ONE = 2\n")
    second = start_script(tools, root)
    assert second != first
    assert second.with_name("one.mpy").read_bytes() != one.read_bytes()


def test_what_does_not_compile_is_left_to_the_interpreter(tools: Tools, root: Path) -> None:
    (root / "sim" / "one.py").write_text("ONE =\n")
    assert start_script(tools, root).with_name("one.py").read_text() == "ONE =\n"


def test_many_starts_at_once_leave_one_whole_copy(tools: Tools, root: Path) -> None:
    found: list[Path] = []
    starts = [
        threading.Thread(target=lambda: found.append(start_script(tools, root))) for _ in range(6)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    (copy,) = (root / "build" / "virtual").iterdir()
    assert set(found) == {copy / START}
    assert {path.name for path in copy.rglob("*.*")} == {"boot.py", "main.py", "one.mpy"}


def test_without_a_compiler_or_with_one_of_another_version_the_sources_are_run(
    tools: Tools, root: Path
) -> None:
    assert start_script(Tools(tools.micropython, None), root) == root / START
    other = root / "mpy-cross"
    other.write_text("#!/bin/sh\necho 'MicroPython v1.20.0 on 2023-04-26; emitting mpy v6.1'\n")
    other.chmod(0o755)
    for _ in range(2):
        assert start_script(Tools(tools.micropython, other), root) == root / START


@pytest.mark.parametrize("broken", ["place", "compiler"])
def test_where_no_copy_can_be_made_the_sources_are_run(
    tools: Tools, root: Path, broken: str
) -> None:
    compiler = tools.compiler
    if broken == "place":
        (root / "build").write_text("a file where the folder should be")
    else:
        compiler = root / "mpy-cross"
        compiler.write_text("#!/bin/sh\nexit 1\n")
        compiler.chmod(0o755)
    assert start_script(Tools(tools.micropython, compiler), root) == root / START


def test_copies_of_yesterday_are_removed(tools: Tools, root: Path) -> None:
    first = start_script(tools, root)
    old = first.parent.parent
    shutil.copytree(old, old.with_name("kept"))
    os.utime(old, (0, 0))
    (root / "sim" / "one.py").write_text("ONE = 3\n")
    start_script(tools, root)
    assert not old.exists()
    assert old.with_name("kept").exists()
