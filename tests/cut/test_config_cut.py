"""Power cut at every flash operation of a change of settings: one whole set, at last a good one.

A failure prints its step; NABIJ_CUT_STEP=torn:17 runs that step alone.
"""

from pathlib import Path

import pytest

from tests.cut.scripts import cuts_of

SCRIPT = Path(__file__).with_name("mp_config_cut.py")


@pytest.mark.parametrize("how", ["whole", "torn"])
def test_every_cut_leaves_a_whole_set_and_ends_with_the_confirmed_one(how: str) -> None:
    # Six files are replaced, each in at least two programs, before the run ends.
    assert cuts_of(SCRIPT, how) > 12
