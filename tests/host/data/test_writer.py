"""What is written can be read, whatever its length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.bundles import load_bundle
from nabij.data.common import Recorded
from nabij.data.writer import BundleWriter, Conversion


@pytest.mark.parametrize("hours", [0.1, 6.0])
def test_a_recording_reads_back(tmp_path: Path, hours: float) -> None:
    """One that is packed, and one that is too long to be packed."""
    acc = np.zeros((round(hours * 3600 * 104), 3), np.float32)
    acc[:, 1] = 1000 + np.arange(len(acc)) % 40
    writer = BundleWriter("own", Conversion())
    writer.add(Recorded("day", "P1", "walk", "walk", False, 104.0, "neck", acc))
    writer.finish(tmp_path, {})
    (one,) = load_bundle(tmp_path).rows
    np.testing.assert_array_equal(one.samples, acc)
