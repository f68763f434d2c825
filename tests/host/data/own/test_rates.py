"""Rates above a table: that of the acceleration is taken, one of anything else is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.rates import rates_in
from nabij.data.own.recording import read_own
from tests.host.data.tables import ACTIGRAPH, Writer, walk

BARE = Writer(heading=("ax", "ay", "az"), order="xyz")


@pytest.mark.parametrize(
    ("line", "rates"),
    [
        ("Sampling rate: 100 Hz", (100,)),
        ("Measurement Frequency,100 Hz", (100,)),
        ("Abtastrate 62,5 Hz", (62.5,)),
        ("Sampling rate: 100 Hz, low-pass at 20 Hz", (100,)),
        ("Low-pass filter cut-off frequency: 20 Hz", ()),
        ("Bandwidth 50 Hz at a sample rate of 100 Hz", (100,)),
        ("Frequency band 0.5-20 Hz", ()),
        ("Gyro sampling rate 200 Hz; Accelerometer sampling rate 100 Hz", (100,)),
        ("Sampling: 100 Hz (accelerometer), 200 Hz (gyroscope)", (100,)),
        ("100 Hz accelerometer, 200 Hz gyroscope sampled", (100,)),
        ("Gyroscope sampling rate 200 Hz", ()),
        ("GPS rate: 1 Hz", ()),
        ("Rate 50 Hz, later at 100 Hz", (50, 100)),
        (ACTIGRAPH.split("\n")[0], (100,)),
        ("Sampling rate: 0.1 kHz", (100,)),
        ("Abtastrate;100", (100,)),
        ("Abtastrate;62,5;;", (62.5,)),
        ('"Sample Rate (Hz)","100"', (100,)),
        ("# fs = 50", (50,)),
        ("Fr\u00e9quence d'\u00e9chantillonnage : 100", (100,)),
        ("Bemonsteringsfrequentie [Hz]: 100", (100,)),
        ("Sample interval (ms),10", (100,)),
        ("Sampling period = 0.02 s", (50,)),
        ("Sample interval: 10", ()),
        ("Sample rate (rpm): 100", ()),
        ("Number of samples: 1000", ()),
        ("Baud rate: 1200", ()),
        ("Frame rate: 30", ()),
        ("Heart rate: 72", ()),
        ("Gyroscope sample rate: 200", ()),
        ("Filter frequency: 20", ()),
    ],
)
def test_only_the_rate_of_the_samples_is_one(line: str, rates: tuple[float, ...]) -> None:
    assert rates_in([line]) == rates


def test_a_unit_of_time_that_was_guessed_does_not_outvote_a_stated_rate(tmp_path: Path) -> None:
    lines = ["# Sample rate: 100.0Hz", "timestamp,x,y,z"]
    lines += [f"{at * 100},{x:.4f},{y:.4f},{z:.4f}" for at, (x, y, z) in enumerate(walk())]
    file = tmp_path / "one.csv"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(UnusableFileError, match=r"says 100 Hz above .* in ms would mean 10 Hz"):
        read_own(file, "one.csv", Told())
    own = read_own(file, "one.csv", Told(rate_hz=100))
    assert own.rules.told_hz == 100


@pytest.mark.parametrize("line", ["Ger\u00e4t;X1\nAbtastrate;100", "Sampling rate: 0.1 kHz;;"])
def test_a_table_without_a_clock_has_the_rate_of_its_settings(tmp_path: Path, line: str) -> None:
    file = Writer(heading=("ax", "ay", "az"), order="xyz", separator=";", decimal=",").write(
        tmp_path / "one.csv", walk(), 100
    )
    file.write_text(f"{line}\n{file.read_text()}")
    own = read_own(file, "one.csv", Told())
    assert (own.rules.told_hz, own.taken.time) == (100, "none; 100 Hz as stated above the table")


def test_a_rate_that_is_none_is_not_taken_for_one(tmp_path: Path) -> None:
    for remark, words in (
        ("# Filter cut-off frequency: 20 Hz", "no column of time: give --source-rate"),
        ("# sampled at 50 Hz, resampled at 100 Hz", "and states 50 Hz and 100 Hz above its table"),
    ):
        file = BARE.write(tmp_path / "one.csv", walk(), 100)
        file.write_text(f"{remark}\n{file.read_text()}")
        with pytest.raises(UnusableFileError, match=words):
            read_own(file, "one.csv", Told())
