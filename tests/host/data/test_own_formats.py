"""Recordings that are no text: workbooks of all kinds, Axivity's blocks, Empatica's counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nabij.data.common import Floats, Told
from nabij.data.own.recording import read_own
from nabij.errors import NabijError
from tests.host.data.importing import imported
from tests.host.data.own import loggers
from tests.host.data.tables import EPOCH_S, KINDS, Writer, walk

HEADING = ["tijd (s)", "x (g)", "y (g)", "z (g)"]
# A sheet of 250 samples of `walk`, rounded to 0.1 mg, saved by xlwt 1.3.0.
XLS = Path(__file__).parent / "own" / "walk.xls"


def timed(acc: Floats, rate_hz: float = 100.0) -> Floats:
    return np.column_stack([np.arange(len(acc)) / rate_hz, acc])


def taken(file: Path, tmp_path: Path) -> tuple[float, Floats, str]:
    bundle, problems = imported("csv", file, tmp_path / "out")
    assert problems == []
    (row,) = bundle.rows
    return row.rate_hz, row.samples.astype(float), str(row.extra["quality"])


@pytest.mark.parametrize(
    ("write", "suffix"), [(loggers.write_xlsb, ".xlsb"), (loggers.write_ods, ".ods")]
)
def test_a_workbook_of_another_form_is_read(
    tmp_path: Path, write: Callable[[Path, list[str], Floats], Path], suffix: str
) -> None:
    acc = walk(300)
    rate_hz, samples, quality = taken(
        write(tmp_path / f"a{suffix}", HEADING, timed(acc)), tmp_path
    )
    assert (rate_hz, quality) == (100, "")
    assert np.abs(samples - acc * 1000).max() <= 1


def two_sensors(tmp_path: Path, names: tuple[str, str], headings: list[list[str]]) -> Path:
    """A workbook whose first and longer sheet is no acceleration, as phyphox writes them."""
    turning = np.random.default_rng(1).normal(0, 0.2, (500, 3))
    sheets = {
        names[0]: (headings[0], timed(turning)),
        names[1]: (headings[1], timed(walk(300))),
        "Metadata Device": (["property", "value"], np.zeros((0, 2))),
    }
    return loggers.write_sheets(tmp_path / "a.ods", sheets)


GYRO_HEADING = ["Time (s)", "X (rad/s)", "Y (rad/s)", "Z (rad/s)"]
BARE_HEADING = ["Time (s)", "X", "Y", "Z"]


@pytest.mark.parametrize(
    ("names", "headings"),
    [
        (("Gyroscope", "Accelerometer"), [BARE_HEADING, BARE_HEADING]),
        (("Sheet1", "Sheet2"), [GYRO_HEADING, HEADING]),
        (("Blad1", "Acc"), [BARE_HEADING, BARE_HEADING]),
    ],
)
def test_of_several_sheets_that_of_the_acceleration_is_taken(
    tmp_path: Path, names: tuple[str, str], headings: list[list[str]]
) -> None:
    samples = taken(two_sensors(tmp_path, names, headings), tmp_path)[1]
    assert np.abs(samples - walk(300) * 1000).max() <= 1


def test_a_sheet_is_found_by_its_name_however_it_is_written(tmp_path: Path) -> None:
    file = two_sensors(tmp_path, ("Left", "Right"), [HEADING, HEADING])
    bundle, problems = imported("csv", file, tmp_path / "out", told=Told(sheet="right"))
    assert problems == []
    assert bundle.rows[0].length == 300
    with pytest.raises(NabijError, match="no sheet 'Middle': it has Left, Right, Metadata Device"):
        imported("csv", file, tmp_path / "no", told=Told(sheet="Middle"))


def test_another_sheet_with_samples_is_told_and_none_is_named(tmp_path: Path) -> None:
    file = two_sensors(tmp_path, ("Right", "Left"), [HEADING, HEADING])
    own = read_own(file, "a.ods", Told(sheet="Left"))
    assert "sheet Left" in own.taken.form
    file = two_sensors(tmp_path, ("Gyro", "Mag"), [GYRO_HEADING, GYRO_HEADING])
    with pytest.raises(NabijError, match=r"this is its sheet .* of Gyro, Mag, Metadata Device"):
        read_own(file, "a.ods", Told())
    left, right = ((HEADING, timed(walk(count))) for count in (300, 280))
    file = loggers.write_sheets(tmp_path / "b.ods", {"Left": left, "Right": right})
    (note,) = read_own(file, "b.ods", Told()).notes
    assert note == "b.ods has samples in its sheets Right too: see --sheet."


def test_a_workbook_of_the_old_excel_is_read(tmp_path: Path) -> None:
    rate_hz, samples, quality = taken(XLS, tmp_path)
    assert (rate_hz, quality) == (100, "")
    assert np.abs(samples - walk(250) * 1000).max() <= 1


@pytest.mark.parametrize("form", ["OLE", "zip", "text"])
def test_a_workbook_under_another_ending_is_read_or_told(tmp_path: Path, form: str) -> None:
    """Renamed by a mail program; what it is decides, or the sentence says what to do."""
    acc = walk(300)
    content = {
        "OLE": XLS.read_bytes(),
        "zip": loggers.write_ods(tmp_path / "b.ods", HEADING, timed(acc)).read_bytes(),
        "text": b"no table at all",
    }[form]
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    if form == "text":
        with pytest.raises(NabijError, match=r"a\.xlsx has no three columns of numbers"):
            taken(file, tmp_path)
    else:
        assert taken(file, tmp_path)[0] == 100


def test_axivitys_own_file_is_read_at_its_rate_and_size(tmp_path: Path) -> None:
    pytest.importorskip("cwa_reader_rs")
    acc = walk(800)
    rate_hz, samples, _ = taken(loggers.write_cwa(tmp_path / "a.cwa", acc), tmp_path)
    assert rate_hz == pytest.approx(100, rel=2e-3)
    assert len(samples) == pytest.approx(800, abs=2)
    # A count is 3.9 mg, and the reader puts the samples on a grid of its own.
    assert np.median(np.linalg.norm(samples, axis=1)) == pytest.approx(
        np.median(np.linalg.norm(acc, axis=1)) * 1000, abs=6
    )


def test_empaticas_counts_are_sixty_fourths_of_a_g(tmp_path: Path) -> None:
    acc = walk(256, 32.0)
    counts = np.rint(acc * 64).astype(int)
    lines = [", ".join([f"{EPOCH_S:.6f}"] * 3), ", ".join(["32.000000"] * 3)]
    lines += [",".join(map(str, row)) for row in counts.tolist()]
    (tmp_path / "ACC.csv").write_text("\n".join(lines) + "\n")
    rate_hz, samples, _ = taken(tmp_path / "ACC.csv", tmp_path)
    assert rate_hz == 32
    assert np.abs(samples - counts * 1000 / 64).max() <= 1


@pytest.mark.parametrize("name", ["gyro+acc.csv", "flight.csv", "heading_north.csv"])
def test_a_name_that_only_sounds_like_another_sensors_is_no_reason(
    tmp_path: Path, name: str
) -> None:
    writer = Writer(
        heading=("t_s", "gx", "gy", "gz", "ax (g)", "ay (g)", "az (g)"), order="t123xyz"
    )
    rate_hz, samples, _ = taken(writer.write(tmp_path / name, walk(), 100), tmp_path)
    assert rate_hz == 100
    assert np.abs(samples - walk() * 1000).max() <= 1


def test_a_file_of_another_sensor_is_not_taken_for_an_acceleration(tmp_path: Path) -> None:
    file = Writer(heading=("t_s", "x", "y", "z")).write(tmp_path / "Gyroscope.csv", walk(), 100)
    with pytest.raises(NabijError, match="another sensor, by its name"):
        taken(file, tmp_path)


def test_a_typographers_minus_sign_is_one(tmp_path: Path) -> None:
    """As spreadsheets in Swedish, Norwegian and Finnish write numbers below zero."""
    acc = -walk()
    file = KINDS["Excel in Dutch"].write(tmp_path / "a.csv", acc, 100)
    file.write_text(file.read_text("utf-8-sig").replace("-", "\N{MINUS SIGN}"), "utf-8")
    rate_hz, samples, _ = taken(file, tmp_path)
    assert rate_hz == 100
    assert np.abs(samples - acc * 1000).max() <= 1
