"""Power cut at every flash operation of journal and boot counter: nothing lost, nothing invented.

A failure prints its step; NABIJ_CUT_STEP=torn:137 runs that step alone.
"""

import os
import re
from pathlib import Path

import pytest

from tests.mp import run_mp

SCRIPT = Path(__file__).with_name("mp_outbox_cut.py")


@pytest.mark.parametrize("how", ["whole", "torn"])
def test_every_cut_leaves_all_alarms_and_no_other(how):
    args = [how]
    chosen, _, step = os.environ.get("NABIJ_CUT_STEP", "").partition(":")
    if chosen:
        if chosen != how:
            pytest.skip(f"NABIJ_CUT_STEP asks for {chosen}")
        args.append(step)
    printed = run_mp(SCRIPT.read_text(), args=args, timeout_s=150)
    # Files that a cut left open complain when they are finalised, hence the search.
    cuts = re.search(rf"{how}: (\d+) cuts", printed)
    assert cuts
    # 28 appends of at least two programs each: fewer cuts would mean that the run ended early.
    assert chosen or int(cuts[1]) > 56
