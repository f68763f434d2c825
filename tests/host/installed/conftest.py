"""The wheel, and an environment with receiver and simulator: each made once for all workers."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.installed.environment import Environment, build_wheel, make


def _once(folder: Path, make_in: Callable[[Path], object]) -> Path:
    """The folder, with what was made in it by whichever worker came first."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_name(f"{folder.name}.done")
        if not done.exists():
            make_in(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def wheel(run_folder: Path) -> Path:
    def build(folder: Path) -> None:
        folder.mkdir()
        build_wheel(folder)

    (found,) = _once(run_folder / "wheel", build).glob("nabij-*.whl")
    return found


@pytest.fixture(scope="session")
def both(wheel: Path, run_folder: Path) -> Environment:
    """With receiver and simulator."""
    return Environment(
        _once(run_folder / "both", lambda folder: make(folder, wheel, "sim,receiver"))
    )
