"""Runs a script of this folder that cuts the power at each step, under MicroPython."""

import os
import re
from pathlib import Path

import pytest

from tests.mp import run_mp


def cuts_of(script: Path, how: str) -> float:
    """Run the script in one manner ("whole" or "torn"); how many cuts it made.

    NABIJ_CUT_STEP=torn:17 runs that step alone, whose number of cuts counts as enough.
    """
    chosen, _, step = os.environ.get("NABIJ_CUT_STEP", "").partition(":")
    if chosen not in ("", how):
        pytest.skip(f"NABIJ_CUT_STEP asks for {chosen}")
    args = [how, step] if chosen else [how]
    printed = run_mp(script.read_text(), args=args, timeout_s=150)
    # Files that a cut left open complain when they are finalised, hence the search.
    cuts = re.search(rf"{how}: (\d+) cuts", printed)
    assert cuts
    return float("inf") if chosen else int(cuts[1])
