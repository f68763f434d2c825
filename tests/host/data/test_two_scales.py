"""A unit or range that changes while a body moves: told by gravity, which does not change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Floats, Told, UnusableFileError
from nabij.data.own.recording import read_own
from nabij.data.two_scales import two_scales
from tests.host.data.tables import Writer

RATE_HZ = 100.0


def moving(seconds: int = 40) -> Floats:
    """A body that never rests, in g: gravity and steps of up to 1.5 g."""
    t = np.arange(seconds * 100) / RATE_HZ
    steps = np.sin(2 * np.pi * 1.9 * t)[:, None] * [0.3, 1.2, 0.5]
    noise = np.random.default_rng(7).normal(0, 0.02, (len(t), 3))
    return steps + noise + [0.2, 0.96, 0.1]


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0, 4.0, 9.80665])
def test_a_range_that_changes_in_a_movement_is_found(factor: float) -> None:
    acc = moving()
    acc[2000:] *= factor
    change = two_scales(acc, RATE_HZ)
    assert change is not None
    assert 16 <= change.at_s <= 24
    assert max(change.factor, 1 / change.factor) == pytest.approx(max(factor, 1 / factor), rel=0.1)


def test_what_a_body_may_do_is_no_other_range() -> None:
    acc = moving()
    acc[:1000] = [0.2, 0.96, 0.1]
    # A hard run, a fall and a blow, and an arm that swings at 1.5 g.
    acc[1000:2000] *= 1.4
    acc[2100:2200] *= 0.02
    acc[2200:2210] *= 10
    acc[3000:] += [0.5, 0, 0]
    assert two_scales(acc, RATE_HZ) is None


def test_a_file_with_a_change_in_a_movement_is_refused_with_its_place(tmp_path: Path) -> None:
    acc = moving()
    acc[2000:] *= 4
    file = Writer().write(tmp_path / "one.csv", acc, RATE_HZ)
    with pytest.raises(UnusableFileError, match=r"usual size from about 20 s on, as if its unit"):
        read_own(file, "one.csv", Told())


def test_a_recording_of_less_than_two_stretches_says_nothing() -> None:
    assert two_scales(moving(7), RATE_HZ) is None
