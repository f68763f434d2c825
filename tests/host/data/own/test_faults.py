"""Sensors and loggers that fail: their files are refused or flagged, and always told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Floats, Told, UnusableFileError
from nabij.data.own.recording import Own, read_own
from nabij.errors import NabijError
from tests.host.data.importing import imported
from tests.host.data.tables import Writer, walk

BARE = Writer(heading=("t_s", "x", "y", "z"))
IN_G = Writer()


def read(folder: Path, acc: Floats, writer: Writer = BARE, told: Told | None = None) -> Own:
    file = writer.write(folder / "one.csv", acc, 100)
    return read_own(file, "one.csv", told or Told())


def refusal(folder: Path, acc: Floats, writer: Writer = BARE, told: Told | None = None) -> str:
    with pytest.raises(UnusableFileError) as raised:
        read(folder, acc, writer, told)
    assert raised.value.sentence.startswith("one.csv ")
    assert raised.value.sentence.endswith(".")
    return raised.value.sentence


@pytest.mark.parametrize("factor", [2.0, 0.25, 9.80665, 1000.0])
def test_a_unit_or_range_that_changes_in_a_file_is_refused_with_the_place(
    tmp_path: Path, factor: float
) -> None:
    acc = walk(1200)
    acc[900:] = acc[:100].repeat(3, axis=0)[np.random.default_rng(1).permutation(300)]
    acc[700:] *= factor
    said = refusal(tmp_path, acc, Writer(heading=("t_s", "x", "y", "z"), digits=5))
    assert "up to about 7 s" in said
    assert said.endswith("its unit or range changed: make a file of each part.")


def test_a_hard_life_is_no_change_of_unit(tmp_path: Path) -> None:
    acc = walk(1200)
    # Half a second of free fall, a blow, and a second on a shaking machine.
    acc[300:350] *= 0.02
    acc[350:354] *= 12
    acc[700:800] *= 3 + np.random.default_rng(1).normal(0, 1, (100, 1))
    assert read(tmp_path, acc).notes == ()


@pytest.mark.parametrize("sensors", [2, 3])
def test_sensors_in_turn_are_refused(tmp_path: Path, sensors: int) -> None:
    acc = walk(1200)
    for k in range(1, sensors):
        acc[k::sensors] = np.roll(acc[k::sensors], k, axis=1)
    assert f"samples of {sensors} sensors in turn" in refusal(tmp_path, acc)


def test_a_column_that_names_the_sensor_of_each_line_is_told(tmp_path: Path) -> None:
    lines = ["t,sensor,x,y,z"]
    for at, row in enumerate(walk(300)):
        for sensor, scale in (("left", 1.0), ("right", 0.97)):
            cells = ",".join(f"{value * scale:.4f}" for value in row)
            lines.append(f"{at / 100:.2f},{sensor},{cells}")
    (tmp_path / "one.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match=r"2 sensors in turn \(its column 'sensor' has l"):
        read_own(tmp_path / "one.csv", "one.csv", Told())


def test_dropouts_are_bridged_counted_and_flagged(tmp_path: Path) -> None:
    acc = walk(1200)
    whole = acc.copy()
    acc[[100, 500, 501, 900]] = 0
    bundle, problems = imported("csv", BARE.write(tmp_path / "one.csv", acc, 100), tmp_path / "o")
    assert any("left out: 4" in one and "dropped out" in one for one in problems)
    (row,) = bundle.rows
    assert row.extra["quality"] == "dropouts+bridged"
    assert len(row.samples) == 1200
    assert np.abs(row.samples - whole * 1000).max() < 60


@pytest.mark.parametrize(
    ("nothing", "scale"), [(-1, 1000 / 16_384), (-999, 1.0), (9999, 1.0), (-32_768, 1000 / 4096)]
)
def test_what_stands_for_nothing_is_a_dropout(tmp_path: Path, nothing: int, scale: float) -> None:
    """A bus that does not answer reads 0xFFFF: a body that stands would fall for a moment."""
    acc = np.rint(walk(1200) * 1000 / scale)
    acc[[100, 500, 501, 900]] = nothing
    own = read(tmp_path, acc, Writer(heading=("t_s", "x", "y", "z"), digits=0), Told(scale=scale))
    assert own.flags == ("dropouts",)
    assert f"nothing but {nothing}, left out: 4" in own.notes[0]
    assert len(own.acc_mg) == 1196


@pytest.mark.parametrize("end", [32_767, -32_768])
def test_a_blow_that_drives_all_axes_to_an_end_of_the_range_is_no_dropout(
    tmp_path: Path, end: int
) -> None:
    acc = np.rint(walk(1200) * 2048)
    acc[498:503] *= 6
    acc[500] = end
    told = Told(scale=1000 / 2048)
    own = read(tmp_path, acc, Writer(heading=("t_s", "x", "y", "z"), digits=0), told)
    assert (own.flags, len(own.acc_mg)) == ((), 1200)
    assert own.acc_mg[500].tolist() == [pytest.approx(end * 1000 / 2048)] * 3


def test_dropouts_do_not_shift_time_where_the_rate_is_told(tmp_path: Path) -> None:
    acc = walk(1200)
    acc[500:503] = 0
    own = read(tmp_path, acc, told=Told(rate_hz=100.0))
    assert own.t_s is not None
    assert own.t_s[-1] == pytest.approx(11.99)


def test_free_fall_is_no_dropout(tmp_path: Path) -> None:
    acc = walk(1200)
    acc[500:540] = np.linspace(0.3, -0.3, 40)[:, None] / 3
    acc[519:521] = 0
    assert "dropouts" not in read(tmp_path, acc).flags


@pytest.mark.parametrize("per_g", [1000, 4096])
@pytest.mark.parametrize(("cells", "thousands"), [(";", "."), ("\t", ",")])
def test_thousands_that_read_as_fractions_are_refused(
    tmp_path: Path, cells: str, thousands: str, per_g: int
) -> None:
    """Excel writes 1.024 for 1024 mg; a fall would become a body at rest."""
    acc = walk(1200)
    acc[600:610, 1] += 3 * np.hanning(10)
    unit = "_mg" if per_g == 1000 else ""
    lines = [cells.join(("t_ms", f"x{unit}", f"y{unit}", f"z{unit}"))]
    for at, row in enumerate(np.rint(acc * per_g).astype(int)):
        texts = [f"{value:,}".replace(",", thousands) for value in row]
        lines.append(cells.join((f"{at * 10}", *texts)))
    file = tmp_path / "one.csv"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match=r"can only be \d{4,5}: export it without"):
        read_own(file, "one.csv", Told())


def test_numbers_that_lost_their_points_here_and_there_are_called_that(tmp_path: Path) -> None:
    """A spreadsheet of decimal commas makes 1034 of 1.034, and leaves 0.998 as it is."""
    acc = walk(1600)
    for second in (4, 5, 9):
        acc[second * 100 : second * 100 + 100, 2] = 1.034
    lines = ["t_s,x,y,z"]
    for at, row in enumerate(acc.tolist()):
        texts = [f"{value:.3f}" for value in row]
        cells = [text.replace(".", "") if float(text) >= 1 else text for text in texts]
        lines.append(",".join([f"{at / 100:.2f}", *cells]))
    file = tmp_path / "one.csv"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match="took decimal points out of some numbers: export"):
        read_own(file, "one.csv", Told())


def test_too_many_dropouts_are_refused(tmp_path: Path) -> None:
    acc = walk(1200)
    acc[::10] = 0
    assert "120 of 1200 samples that are exactly 0 on all axes" in refusal(tmp_path, acc)


@pytest.mark.parametrize("range_g", [2.0, 4.0])
def test_flat_tops_are_flagged_and_told(tmp_path: Path, range_g: float) -> None:
    acc = walk(1200)
    acc[600:610, 1] += 6 * np.hanning(10)
    acc = acc.clip(-range_g, range_g)
    bundle, problems = imported("csv", BARE.write(tmp_path / "one.csv", acc, 100), tmp_path / "o")
    assert f"at the end of its range, {range_g:g} g, in" in " ".join(problems)
    assert bundle.rows[0].extra["quality"] == "clipped"


def test_a_blow_that_is_not_cut_off_is_not_flagged(tmp_path: Path) -> None:
    acc = walk(1200)
    acc[600:610, 1] += 6 * np.hanning(10)
    own = read(tmp_path, acc)
    assert (own.rail_mg, own.flags, own.notes) == (None, (), ())


def test_a_sensor_that_stands_still_is_flagged_and_told(tmp_path: Path) -> None:
    acc = walk(1200)
    acc[600:900] = acc[600]
    own = read(tmp_path, acc)
    assert own.flags == ("frozen",)
    assert "stood still for 2.99 s from 6.00 s" in own.notes[0]


@pytest.mark.parametrize("steps", [0.004, 0.0156])
def test_coarse_steps_at_rest_are_not_a_sensor_that_stands(tmp_path: Path, steps: float) -> None:
    acc = np.rint(walk(1200) / steps / 4) * steps * 4
    assert read(tmp_path, acc).flags == ()


def test_counts_that_look_like_mg_are_told_with_their_factor(tmp_path: Path) -> None:
    counts = Writer(heading=("t_s", "x", "y", "z"), unit="mg", digits=0)
    acc = walk(400) * 1.024
    (note,) = read(tmp_path, acc, counts).notes
    assert "taken as mg" in note
    assert "1024 a g" in note
    assert "--scale 0.9766" in note
    assert read(tmp_path, acc, counts, Told(units="mg")).notes == ()


@pytest.mark.parametrize(
    ("size", "writer", "words"),
    [
        (0.82, BARE, "its sensor is 18 % off; --units g takes it as it is, --scale 12"),
        (0.03, BARE, "acceleration without gravity"),
        (0.3, BARE, "acceleration without gravity"),
        (3.0, BARE, "would make it 1 g, if it rests at all"),
    ],
)
def test_what_rests_at_1_g_in_no_unit_has_the_remedy_that_fits(
    tmp_path: Path, size: float, writer: Writer, words: str
) -> None:
    said = refusal(tmp_path, walk() * size, writer)
    assert words in said
    assert "raw counts" not in said


def test_a_heading_without_gravity_gets_no_other_unit(tmp_path: Path) -> None:
    names = tuple(f"Linear Acceleration {axis} (m/s^2)" for axis in "xyz")
    said = refusal(tmp_path, walk() / 9.80665, Writer(heading=("t_s", *names), unit="m/s2"))
    assert "acceleration without gravity" in said
    assert "--units" not in said


@pytest.mark.parametrize("names", ["x (uT)", "x (µT)", "x (rad/s)", "x (deg/s)", "compass x"])
def test_columns_of_another_quantity_are_no_acceleration(tmp_path: Path, names: str) -> None:
    writer = Writer(heading=("t_s", *(names.replace("x", axis) for axis in "xyz")))
    assert "has no columns x, y, z of an acceleration" in refusal(tmp_path, walk(), writer)


def test_what_a_bundle_cannot_hold_is_named_by_its_line(tmp_path: Path) -> None:
    acc = walk(400)
    acc[[200, 300], 1] = 40
    said = refusal(tmp_path, acc, IN_G)
    assert said.startswith("one.csv line 202 has 40 g, which exceeds 32.767 g, as have 1 others:")


def test_a_line_is_named_though_lines_before_it_are_no_samples(tmp_path: Path) -> None:
    acc = walk(400)
    acc[10:12] = 0
    acc[200, 1] = 40
    file = IN_G.write(tmp_path / "one.csv", acc, 100)
    lines = file.read_text().split("\n")
    lines[50:50] = ["# a remark", "", lines[0]]
    file.write_text("\n".join(lines))
    with pytest.raises(NabijError, match=r"line 205 has 40 g"):
        read_own(file, "one.csv", Told())
