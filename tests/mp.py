"""Run a script under the real MicroPython, with the firmware and the simulator importable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nabij.virtual import interpreter
from tests.places import FIRMWARE, REPO


def micropython() -> list[str]:
    """What starts the MicroPython to test with: NABIJ_MICROPYTHON, the wheel's, or one on PATH."""
    named = os.environ.get("NABIJ_MICROPYTHON")
    beside = Path(sys.executable).parent / "micropython"
    found = named or (str(beside) if beside.exists() else shutil.which("micropython"))
    if not found:
        raise AssertionError("No micropython found; run `make setup` or set NABIJ_MICROPYTHON.")
    return interpreter.command(Path(found))


def run_mp(
    script_text: str,
    *,
    args: Sequence[str] = (),
    heap: str = "16m",
    timeout_s: float = 200.0,
) -> str:
    """Run a script and return what it printed; a traceback or a time-out is an AssertionError."""
    paths = [".frozen", str(FIRMWARE), str(REPO)]
    with tempfile.TemporaryDirectory(prefix="nabij-mp-") as folder:
        script = Path(folder) / "script.py"
        script.write_text(f"import sys; sys.path[:] = {paths!r}\n{script_text}")
        command = [*micropython(), "-X", f"heapsize={heap}", str(script), *args]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, timeout=timeout_s, cwd=folder
            )
        except subprocess.TimeoutExpired as late:
            raise AssertionError(
                f"The script did not end within {timeout_s} s.\n{late.stdout!r}\n{late.stderr!r}"
            ) from late
    if done.returncode != 0 or "Traceback (most recent call last)" in done.stderr:
        raise AssertionError(
            f"MicroPython ended with code {done.returncode}.\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout
