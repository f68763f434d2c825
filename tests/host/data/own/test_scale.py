"""What 1 in a file is: units that headings state, offsets of unsigned numbers, lost signs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import STANDARD_GRAVITY, Floats, Told, UnusableFileError
from nabij.data.own.recording import Own, read_own
from tests.host.data.tables import walk

ACC = walk(1200)
ACC[700:706, 0] -= 3 * np.hanning(6)


def table(
    folder: Path,
    values: Floats,
    heading: str = "t_s,x,y,z",
    told: Told | None = None,
    digits: int = 0,
) -> Own:
    lines = [heading]
    for at, row in enumerate(values.tolist()):
        lines.append(",".join([f"{at / 100:.2f}", *(f"{value:.{digits}f}" for value in row)]))
    (folder / "one.csv").write_text("\n".join(lines) + "\n")
    return read_own(folder / "one.csv", "one.csv", told or Told())


def refusal(folder: Path, values: Floats, heading: str = "t_s,x,y,z", digits: int = 0) -> str:
    with pytest.raises(UnusableFileError) as raised:
        table(folder, values, heading, digits=digits)
    return raised.value.sentence


@pytest.mark.parametrize(
    ("unit", "a_g"),
    [
        *((one, 100 * STANDARD_GRAVITY) for one in ("cm/s2", "cm/s^2", "cm/s²", "Gal")),
        *((one, STANDARD_GRAVITY) for one in ("m/s²", "米/秒²", "\u043c/\u0441²")),
        *(("mm/s²", 1000 * STANDARD_GRAVITY), ("ft/s2", STANDARD_GRAVITY / 0.3048)),
        *(("ug", 1e6), ("µg", 1e6), ("\N{GREEK SMALL LETTER MU}g", 1e6), ("milli-g", 1e3)),
    ],
)
def test_a_unit_that_a_heading_states_counts(tmp_path: Path, unit: str, a_g: float) -> None:
    heading = f"t_s,x ({unit}),y ({unit}),z ({unit})"
    own = table(tmp_path, ACC * a_g, heading, digits=4)
    assert "(by its heading)" in own.taken.unit
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


@pytest.mark.parametrize("heading", ["t_s,x_cm_s2,y_cm_s2,z_cm_s2", "t_s,ax_gal,ay_gal,az_gal"])
def test_a_unit_without_brackets_counts(tmp_path: Path, heading: str) -> None:
    own = table(tmp_path, ACC * 100 * STANDARD_GRAVITY, heading, digits=4)
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


@pytest.mark.parametrize("unit", ["km/h²", "in/s^2", "dag"])
def test_a_unit_that_nobody_knows_is_refused_by_its_name(tmp_path: Path, unit: str) -> None:
    sentence = refusal(tmp_path, ACC * 980, f"t_s,x ({unit}),y ({unit}),z ({unit})")
    assert "which is no unit that is known: give --units (g, mg, m/s2, cm/s2" in sentence
    assert f"'{unit.casefold().replace('²', '2')}'" in sentence
    told = Told(scale=1000 / 980)
    own = table(tmp_path, ACC * 980, f"t_s,x ({unit}),y ({unit}),z ({unit})", told)
    assert np.abs(own.acc_mg - ACC * 1000).max() < 1


@pytest.mark.parametrize("word", ["left", "wrist", "cal", "LPF output of the sensor"])
def test_a_word_in_brackets_that_is_no_unit_is_none(tmp_path: Path, word: str) -> None:
    heading = f"t_s,acc x ({word}),acc y ({word}),acc z ({word})"
    assert "by its size at rest" in table(tmp_path, ACC, heading, digits=4).taken.unit


def test_axes_in_different_units_are_refused(tmp_path: Path) -> None:
    heading = "t_s,x (g),y (m/s2),z (g)"
    assert "different units (g, m/s2)" in refusal(tmp_path, ACC, heading, digits=4)


@pytest.mark.parametrize(
    ("middle", "a_g", "words"),
    [(512, 102, "0 g were 512"), (2048, 409.6, "0 g were 2048"), (32768, 2048, "0 g were 32768")],
)
def test_unsigned_numbers_are_refused_until_their_middle_is_told(
    tmp_path: Path, middle: int, a_g: float, words: str
) -> None:
    values = np.rint(ACC * a_g + middle)
    sentence = refusal(tmp_path, values)
    assert words in sentence
    assert "give --offset" in sentence
    told = Told(scale=1000 / a_g, offset=(float(middle),))
    own = table(tmp_path, values, told=told)
    assert own.taken.unit == f"{1000 / a_g:g} mg each (as told); 0 g at {middle}"
    assert np.abs(own.acc_mg - ACC * 1000).max() <= 500 / a_g + 0.1
    # With one of the two options only the other is asked for, or told.
    assert "give --offset too" in table(tmp_path, values, told=Told(scale=0.5)).notes[-1]


def test_each_axis_may_have_an_offset_of_its_own(tmp_path: Path) -> None:
    middles = np.array([1.65, 1.62, 1.70])
    told = Told(scale=1000 / 0.3, offset=tuple(middles.tolist()))
    own = table(tmp_path, ACC * 0.3 + middles, told=told, digits=5)
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def test_numbers_that_lost_their_sign_get_it_again(tmp_path: Path) -> None:
    counts = np.rint(ACC * 4096)
    own = table(tmp_path, counts % 65_536, told=Told(scale=1000 / 4096))
    assert np.abs(own.acc_mg - counts / 4.096).max() < 0.01
    assert "near 65536 and few between" in own.notes[0]


@pytest.mark.parametrize("unit", ["mG", "uG", "µG"])
def test_a_unit_in_capitals_is_one_word(tmp_path: Path, unit: str) -> None:
    a_g = 1e3 if unit == "mG" else 1e6
    for heading in (f"t_s,x ({unit}),y ({unit}),z ({unit})", f"t_s,x_{unit},y_{unit},z_{unit}"):
        own = table(tmp_path, ACC * a_g, heading)
        assert "(by its heading)" in own.taken.unit
        assert np.abs(own.acc_mg - ACC * 1000).max() < 1


def test_gravity_comes_before_none_where_all_sensors_are_in_one_file(tmp_path: Path) -> None:
    stems = ("accelerometer", "totalacceleration")
    heads = [f"{stem}_{axis}" for stem in stems for axis in "zyx"]
    values = np.hstack([(ACC - ACC[0])[:, ::-1], ACC[:, ::-1]]) * STANDARD_GRAVITY
    own = table(tmp_path, values, ",".join(["seconds_elapsed", *heads]), digits=4)
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1
