"""Power cut at every flash operation of a provisioning: the old identity or the new one, whole.

A failure prints its step; NABIJ_CUT_STEP=torn:17 runs that step alone.
"""

from pathlib import Path

import pytest

from tests.cut.scripts import cuts_of

SCRIPT = Path(__file__).with_name("mp_provision_cut.py")


@pytest.mark.parametrize("how", ["whole", "torn"])
def test_every_cut_leaves_one_whole_identity_with_its_own_settings(how: str) -> None:
    # Three provisionings of five files, each in at least one program.
    assert cuts_of(SCRIPT, how) > 15
