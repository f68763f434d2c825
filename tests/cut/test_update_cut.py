"""Power cut at every flash operation of two updates: always one slot that starts, and it resumes.

A failure prints its step; NABIJ_CUT_STEP=torn:17 runs that step alone.
"""

from pathlib import Path

import pytest

from tests.cut.scripts import cuts_of

SCRIPT = Path(__file__).with_name("mp_update_cut.py")


@pytest.mark.parametrize("how", ["whole", "torn"])
def test_every_cut_leaves_one_slot_that_starts_and_an_update_that_completes(how: str) -> None:
    # Two updates of four files, their manifests, and a record at each of eight starts.
    assert cuts_of(SCRIPT, how) > 60
