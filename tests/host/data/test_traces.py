"""Recordings: good ones load, bad ones are refused in a sentence, resampling keeps motion."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabij.data import traces
from nabij.data.traces import TraceError
from tests.host.data.tables import KINDS, walk


def still(n: int = 300) -> npt.NDArray[np.int16]:
    return np.tile(np.array([[0, 1000, 0]], np.int16), (n, 1))


def bundle(folder: Path, acc: npt.NDArray[Any], **row: Any) -> Path:
    np.savez(folder / "s1.npz", acc=acc)
    full = {
        "trial_id": "T1",
        "subject": "1",
        "activity_code": "A1",
        "activity": "walk",
        "is_fall": 0,
        "rate_hz": 100,
        "placement": "neck",
        "start": 0,
        "length": len(acc),
        "npz": "s1.npz",
        **row,
    }
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(full))
        writer.writeheader()
        writer.writerow(full)
    return folder


def test_a_trial_of_a_bundle_is_the_samples_its_row_names(tmp_path: Path) -> None:
    acc = still()
    acc[:, 0] = np.arange(300)
    loaded = traces.load_trial(bundle(tmp_path, acc, start=100, length=50), "T1", "neck")
    assert loaded.rate_hz == 100
    assert loaded.duration_s == 0.5
    assert np.array_equal(loaded.samples, acc[100:150])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"start": 290, "length": 50}, "which has 300"),
        ({"start": -1}, "claims samples"),
        ({"rate_hz": "fast"}, "must be a number"),
        ({"rate_hz": ""}, "must be a number"),
        ({"rate_hz": "nan"}, "it must be 10 to 2000 Hz"),
        ({"rate_hz": 0}, "it must be 10 to 2000 Hz"),
        ({"npz": "s2.npz"}, "There is no file"),
        ({"placement": "waist"}, "has no trial"),
        ({"trial_id": "T2"}, "has no trial"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(
    tmp_path: Path, change: dict[str, Any], complaint: str
) -> None:
    folder = bundle(tmp_path, still(), **change)
    with pytest.raises(TraceError, match=complaint):
        traces.load_trial(folder, "T1", "neck")


def float_with_nan() -> npt.NDArray[np.float64]:
    acc = still().astype(np.float64)
    acc[7, 1] = np.nan
    return acc


@pytest.mark.parametrize(
    ("acc", "complaint"),
    [
        (float_with_nan(), "not a number in sample 7"),
        (still() / 1000, "not in milli-g"),
        (still() / 1000 * 9.80665, "not in milli-g"),
        (still()[:, :2], r"shape \(300, 2\)"),
        (still().ravel(), r"shape \(900,\)"),
        (still()[:1], "at least 2"),
        (still().astype(np.int64) * 40, "exceeds 32.767 g"),
        (still().astype(str), "not numbers"),
    ],
)
def test_an_array_that_is_no_recording_is_refused_in_one_sentence(
    tmp_path: Path, acc: npt.NDArray[Any], complaint: str
) -> None:
    file = tmp_path / "one.npz"
    np.savez(file, acc=acc)
    with pytest.raises(TraceError, match=complaint) as raised:
        traces.load_file(file, rate_hz=100)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


def test_an_unknown_rate_is_refused_and_a_given_or_stored_one_taken(tmp_path: Path) -> None:
    file = tmp_path / "one.npz"
    np.savez(file, acc=still())
    with pytest.raises(TraceError, match="does not say its rate"):
        traces.load_file(file)
    assert traces.load_file(file, 50).rate_hz == 50
    np.savez(file, acc=still(), rate_hz=128.0)
    assert traces.load_file(file).rate_hz == 128


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x,y,z\n0,1000,0\n0,one,0\n0,1000,0\n", "line 3 does not have 3 numbers"),
        ("0,1000,0\n0,1000\n0,1000,0\n", "line 2 does not have 3 numbers"),
        ("0,1000,0\n0,nan,0\n0,1000,0\n", "line 2 has a value that is not a number"),
        ("0,1000,0\n", "at least 2"),
        ("", "is empty"),
    ],
)
def test_a_damaged_csv_names_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "one.csv"
    file.write_text(text)
    with pytest.raises(TraceError, match=complaint):
        traces.load_file(file, 100)


def test_a_csv_with_a_heading_and_comments_loads(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("# by hand\nx,y,z\n0,1000,0\n\n1.4,-999.6,2\n")
    assert traces.load_file(file, 100).samples.tolist() == [[0, 1000, 0], [1, -1000, 2]]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("one.npz", b"not a zip", "not a readable .npz"),
        ("one.csv", b"\xff\xfe\x00\x01\x02", "one.csv is not text"),
        ("one.doc", b"", "give an .npz or a table such as .csv"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(TraceError, match=complaint):
        traces.load_file(file, 100)


def test_a_folder_without_an_index_or_a_column_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="not a trace bundle"):
        traces.index(tmp_path)
    (tmp_path / "index.csv").write_text("trial_id,subject\nT1,1\n")
    with pytest.raises(TraceError, match="lacks the column activity_code"):
        traces.index(tmp_path)


@given(rate_hz=st.floats(25, 800), tone_hz=st.floats(0.5, 8))
def test_resampling_keeps_length_and_slow_motion(rate_hz: float, tone_hz: float) -> None:
    t = np.arange(int(rate_hz * 4)) / rate_hz
    acc = np.zeros((len(t), 3), np.int16)
    acc[:, 1] = 1000 + 500 * np.sin(2 * np.pi * tone_hz * t)
    out = traces.resample(acc, rate_hz)
    assert len(out) / 104 == pytest.approx(len(t) / rate_hz, abs=0.011)
    at = np.arange(len(out)) / 104
    inner = (at > 1) & (at < 3)
    expected = 1000 + 500 * np.sin(2 * np.pi * tone_hz * at)
    assert np.abs(out[inner, 1] - expected[inner]).max() < 8
    assert not out[:, 0].any()


def test_resampling_down_removes_what_the_badge_could_not_tell() -> None:
    t = np.arange(2000) / 500
    acc = np.zeros((2000, 3), np.int16)
    acc[:, 1] = 1000 * np.sin(2 * np.pi * 94 * t)  # would alias to 10 Hz at 104 Hz
    assert np.abs(traces.resample(acc, 500)[100:-100]).max() < 10


def test_at_the_badges_own_rate_nothing_changes() -> None:
    samples = np.random.default_rng(1).integers(-16000, 16000, (500, 3)).astype(np.int16)
    recording = traces.check("x", samples, 104)
    assert np.array_equal(recording.at_badge_rate().samples, samples)


def test_the_simulator_file_refuses_what_is_not_int16_rows(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot be written"):
        traces.write_sim_trace(tmp_path / "t", still() / 1.0)  # type: ignore[arg-type]


def test_the_published_recordings_load(data_dir: Path) -> None:
    for name in ("fallalld", "sisfall"):
        folder = data_dir / name
        rows = traces.index(folder)
        falls = [row for row in rows if row["is_fall"] == "1"]
        for row in (rows[0], falls[0], falls[-1]):
            recording = traces.load_row(folder, row)
            assert recording.rate_hz > 100
            badge = recording.at_badge_rate()
            assert badge.duration_s == pytest.approx(recording.duration_s, abs=0.02)


def test_a_table_is_read_as_an_import_reads_it(tmp_path: Path) -> None:
    file = KINDS["Excel in German"].write(tmp_path / "val.csv", walk(), 100)
    loaded = traces.load_file(file)
    assert loaded.rate_hz == 100
    assert np.abs(loaded.samples - walk() * 1000).max() <= 1
    assert loaded.taken is not None
    assert loaded.taken.unit == "m/s2 (by its heading)"


def test_of_a_table_with_a_gap_the_longest_part_counts(tmp_path: Path) -> None:
    lines = [f"{at / 100:.2f},0,1,0\n" for at in range(1000) if not 200 <= at < 500]
    file = tmp_path / "gap.csv"
    file.write_text("t_s,x (g),y (g),z (g)\n" + "".join(lines))
    loaded = traces.load_file(file)
    assert (loaded.rate_hz, len(loaded.samples)) == (100, 500)
    assert loaded.notes[-1] == "gap.csv: its longest part counts."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "n,x,y,z\n" + "".join(f"{k},0,1,0\n" for k in range(200)),
            "give --source-rate, or",
        ),
        ("t_s,up,left,out\n" + "".join(f"{k / 100},0,1,0\n" for k in range(200)), "--columns"),
        ("t_s,x,y,z\n" + "".join(f"{k / 100},0,0.8,0\n" for k in range(200)), "--units g takes"),
    ],
)
def test_a_remedy_that_only_an_import_has_names_the_import(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "walk.csv").write_text(text)
    with pytest.raises(TraceError) as raised:
        traces.load_file(tmp_path / "walk.csv")
    assert words in raised.value.sentence
    assert raised.value.sentence.endswith(
        "(an option of `nabij data import csv`, whose .npz can be given here with --source-rate)."
    )
