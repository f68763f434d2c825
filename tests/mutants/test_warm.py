"""The warm process: what it says of tests that pass, fail, hang and end it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.mutants import warm
from tests.places import REPO

TESTS = """
import os, subprocess, time
def test_good(): pass
def test_bad(): assert False
def test_long(): time.sleep(60)
def test_end(): os._exit(0)
def test_child(): subprocess.Popen(["sleep", "60"])
"""


def test_it_tells_how_each_run_ended_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "test_some.py"
    file.write_text(TESTS)
    plain = ["-q", "-p", "no:cacheprovider", "-c", str(tmp_path / "none.ini")]
    (tmp_path / "none.ini").touch()
    asked = {"good": 0, "bad": 1, "long": warm.HUNG, "end": 1, "child": 0, "no_such": 4}
    lines = [
        json.dumps([[*plain, f"{file}::test_{name}"], 5 if name == "long" else 60])
        for name in asked
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants.warm"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        cwd=REPO,
        timeout=120,
    )
    assert [int(line) for line in done.stdout.split()] == list(asked.values())
