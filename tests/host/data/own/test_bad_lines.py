"""Lines that hold no sample: all are counted, and left out where that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.recording import Own, read_own
from tests.host.data.tables import Writer, walk

ACC = walk(1200)
WARNING = "WARN: I2C timeout, retry"


def dump(folder: Path, told: Told, *, clock: bool = True, bad: tuple[str, ...] = ()) -> Own:
    """A serial dump with a warning after each 300 samples, and bad lines in place of some."""
    writer = Writer() if clock else Writer(heading=("x (g)", "y (g)", "z (g)"), order="xyz")
    file = writer.write(folder / "one.csv", ACC, 100)
    head, *lines = file.read_text().splitlines()
    for at, line in enumerate(bad):
        lines[200 + at] = line
    for at in (900, 600, 300):
        lines.insert(at, WARNING)
    file.write_text("\n".join([head, *lines]) + "\n")
    return read_own(file, "one.csv", told)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_all_bad_lines_are_counted_at_once(tmp_path: Path, allowed: int) -> None:
    with pytest.raises(UnusableFileError) as raised:
        dump(tmp_path, Told(skip_bad=allowed))
    assert raised.value.sentence.startswith("one.csv line 302 does not have 3 numbers")
    assert raised.value.sentence.endswith(
        "take it out; so must 2 others (--skip-bad 3 leaves them out)."
    )


def test_so_many_are_left_out_as_were_told_and_counted(tmp_path: Path) -> None:
    own = dump(tmp_path, Told(skip_bad=3))
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1
    assert own.notes == (
        "one.csv has lines that hold no sample, left out as told: 3, the first is line 302.",
    )


@pytest.mark.parametrize("bad", ["2.00,0.2,0.9x,0.1", "2.00,0.1,0.2,0.3,0.4,0.5", "0" * 70_000])
def test_a_torn_line_may_be_left_out_too(tmp_path: Path, bad: str) -> None:
    own = dump(tmp_path, Told(skip_bad=4), bad=(bad,))
    assert np.abs(own.acc_mg - np.delete(ACC, 200, axis=0) * 1000).max() < 0.1


def test_without_a_clock_a_damaged_sample_keeps_its_place_in_time(tmp_path: Path) -> None:
    own = dump(tmp_path, Told(skip_bad=4, rate_hz=100), clock=False, bad=("0.2,0.9x,0.1",))
    assert own.t_s is not None
    assert len(own.acc_mg) == 1199
    assert own.t_s[-1] == pytest.approx(11.99)


@pytest.mark.parametrize("other", ["t_s,z (g),y (g),x (g)", "Zeit,X,Y,Z", "t_s,az,ay,ax"])
def test_another_heading_is_never_left_out(tmp_path: Path, other: str) -> None:
    """What is below it may have its axes in another order, or another unit."""
    with pytest.raises(UnusableFileError, match="line 202 is another heading than the first"):
        dump(tmp_path, Told(skip_bad=9), bad=(other,))
