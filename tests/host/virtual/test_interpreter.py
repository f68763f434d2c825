"""MicroPython is the same however it is started."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nabij.virtual import interpreter

WHEELS = Path(sys.executable).parent / "micropython"
TELL = "import sys; print(sys.implementation, sys.path, sys.argv, input()); sys.exit(42)"


@pytest.fixture
def of_the_wheel() -> Path:
    if not WHEELS.exists():
        pytest.skip("MicroPython does not come from its wheel")
    return WHEELS


def ran(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [*command, "-c", TELL, "one", "-X"],
        input="typed\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout, done.stderr


def test_without_the_script_of_the_wheel_it_is_the_same(of_the_wheel: Path) -> None:
    started = interpreter.command(of_the_wheel)
    assert started[0] == sys.executable
    assert ran(started) == ran([str(of_the_wheel)])
    assert ran(started)[0] == 42


def test_any_other_program_is_started_as_it_is(of_the_wheel: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "micropython"
    shutil.copy(of_the_wheel, elsewhere)
    for other in (elsewhere, tmp_path / "none", Path(sys.executable)):
        assert interpreter.command(other) == [str(other)]
