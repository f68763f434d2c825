"""Bundles: every usable recording loads, every other is named in one sentence."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nabij.data import bundles
from nabij.data.bundle_files import TraceError, read_index
from nabij.data.bundles import Bundle, load_bundle, samples_104

COLUMNS = [
    *("trial_id", "subject", "activity_code", "activity", "is_fall"),
    *("rate_hz", "placement", "start", "length", "npz"),
]


def motion(n: int, seed: int = 0) -> npt.NDArray[np.int16]:
    noise = np.random.default_rng(seed).integers(-50, 50, (n, 3))
    acc: npt.NDArray[np.int16] = (noise + np.array([0, 1000, 0])).astype(np.int16)
    return acc


def row(**changes: Any) -> dict[str, Any]:
    return {
        "trial_id": "T1",
        "subject": "P1",
        "activity_code": "A1",
        "activity": "walk, then sit",
        "is_fall": 0,
        "rate_hz": 200,
        "placement": "neck",
        "start": 0,
        "length": 400,
        "npz": "a.npz",
        **changes,
    }


def write(folder: Path, rows: list[dict[str, Any]], **arrays: npt.NDArray[Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, acc in (arrays or {"a": motion(1200)}).items():
        np.savez_compressed(folder / f"{name}.npz", acc=acc)
    columns = list(dict.fromkeys(key for one in rows for key in one)) or COLUMNS
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def ids(bundle: Bundle) -> list[str]:
    return [one.trial_id for one in bundle.rows]


def test_rows_are_typed_and_their_samples_are_the_ones_they_name(tmp_path: Path) -> None:
    acc = motion(1200)
    folder = write(
        tmp_path / "set",
        [
            row(trial_id="T1", quality="clipped"),
            row(trial_id="T2", start=400, length=800, is_fall=1, rate_hz="99.5"),
        ],
        a=acc,
    )
    bundle = load_bundle(folder)
    assert (bundle.name, bundle.path, bundle.problems, bundle.manifest) == ("set", folder, (), {})
    first, second = bundle.rows
    assert (first.bundle, first.subject, first.activity) == ("set", "P1", "walk, then sit")
    assert first.extra == {"quality": "clipped"}
    assert (second.is_fall, second.rate_hz, second.placement) == (True, 99.5, "neck")
    assert second.duration_s == pytest.approx(8.04, abs=0.01)
    assert np.array_equal(first.samples, acc[:400])
    assert np.array_equal(second.samples, acc[400:])


def test_samples_at_the_badges_rate_are_computed_once(tmp_path: Path) -> None:
    bundle = load_bundle(write(tmp_path / "set", [row()]), resampled=True)
    (one,) = bundle.rows
    first = samples_104(one)
    assert first.shape == (208, 3)
    assert first.dtype == np.int16
    assert samples_104(one) is first


GOOD = row(trial_id="good", start=400, length=400)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row(npz="b.npz"), "no file"),
        (row(npz="../a.npz"), "in the bundle itself"),
        (row(npz="/etc/passwd"), "in the bundle itself"),
        (row(npz=""), "in the bundle itself"),
        (row(start=1000), "claims samples 1000 to 1400 of a.npz, which has 1200"),
        (row(start=-1), "claims samples -1"),
        (row(start=""), "start ''"),
        (row(length=0), "has 0 samples"),
        (row(length=-5), "has 0 samples"),
        (row(length=1), "has 1 samples"),
        (row(length="12.5"), "whole number"),
        (row(length="long"), "must be a number"),
        (row(rate_hz=""), "rate_hz ''"),
        (row(rate_hz="fast"), "rate_hz 'fast'"),
        (row(rate_hz="nan"), "10 to 2000 Hz"),
        (row(rate_hz="inf"), "10 to 2000 Hz"),
        (row(rate_hz=0), "10 to 2000 Hz"),
        (row(is_fall="yes"), "is_fall 'yes'"),
        (row(trial_id="good"), "second row of that trial_id at 'neck'"),
    ],
)
def test_a_bad_row_is_told_in_one_sentence_and_hides_no_other(
    tmp_path: Path, bad: dict[str, Any], words: str
) -> None:
    bundle = load_bundle(write(tmp_path / "set", [GOOD, bad]))
    assert ids(bundle) == ["good"]
    (problem,) = bundle.problems
    assert words in problem.sentence
    assert "set" in problem.sentence
    assert problem.trials == (bad["trial_id"],)
    assert problem.left_out
    assert problem.sentence.endswith(".")
    assert "\n" not in problem.sentence


def scaled(by: float) -> npt.NDArray[Any]:
    return motion(400) * by


def with_nan() -> npt.NDArray[Any]:
    acc = motion(400).astype(np.float32)
    acc[7, 1] = np.nan
    return acc


@pytest.mark.parametrize(
    ("acc", "words"),
    [
        (scaled(1.0), "holds float64"),
        (scaled(0.001), "holds float64 with a median |a| of 1"),
        (with_nan(), "holds float32"),
        ((scaled(0.001) + 0.5).astype(np.int16), "is not in milli-g"),
        ((scaled(0.0098)).astype(np.int16), "is not in milli-g"),
        ((motion(400).astype(np.int32) * 4), "multiply raw counts"),
        (motion(400).astype(np.int32) * 40, "exceeds 32.767 g"),
        (np.zeros((400, 3), np.int16), "is not in milli-g"),
        (motion(400)[:, :2], "has the shape (400, 2)"),
        (motion(400).astype(str), "not numbers"),
        (np.zeros((0, 3), np.int16), "which has 0"),
    ],
)
def test_samples_that_are_no_milli_g_are_told(
    tmp_path: Path, acc: npt.NDArray[Any], words: str
) -> None:
    rows = [row(npz="bad.npz"), GOOD]
    bundle = load_bundle(write(tmp_path / "set", rows, a=motion(1200), bad=acc))
    assert ids(bundle) == ["good"]
    (problem,) = bundle.problems
    assert words in problem.sentence
    assert problem.trials == ("T1",)


def test_whole_numbers_of_another_width_are_taken(tmp_path: Path) -> None:
    bundle = load_bundle(write(tmp_path / "set", [row()], a=motion(400).astype(np.int64)))
    assert bundle.problems == ()
    assert bundle.rows[0].samples.dtype == np.int16


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def other_array(file: Path) -> None:
    np.savez(file, data=motion(400))


def pickled(file: Path) -> None:
    np.savez(file, acc=np.array([{"a": 1}], dtype=object))


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[200:220] = bytes(20)
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_in_half, other_array, pickled, flipped])
def test_a_damaged_file_costs_its_own_recordings_in_one_sentence(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    rows = [row(npz="bad.npz"), row(trial_id="T2", npz="bad.npz", start=400), GOOD]
    folder = write(tmp_path / "set", rows, a=motion(1200), bad=motion(800))
    damage(folder / "bad.npz")
    bundle = load_bundle(folder)
    assert ids(bundle) == ["good"]
    (problem,) = bundle.problems
    assert problem.sentence.startswith("bad.npz ")
    assert "its 2 recordings are left out" in problem.sentence
    assert problem.trials == ("T1", "T2")


def test_the_same_trial_at_two_places_is_no_duplicate(tmp_path: Path) -> None:
    bundle = load_bundle(write(tmp_path / "set", [row(), row(placement="waist", start=400)]))
    assert bundle.problems == ()
    assert len(bundle.rows) == 2


def test_of_one_placement_no_other_file_is_read(tmp_path: Path) -> None:
    rows = [row(), row(placement="waist", npz="b.npz")]
    folder = write(tmp_path / "set", rows, a=motion(1200), b=motion(1200))
    (folder / "b.npz").write_bytes(b"damaged")
    assert load_bundle(folder).problems
    bundle = load_bundle(folder, placement=row()["placement"])
    assert ids(bundle) == [row()["trial_id"]]
    assert not bundle.problems


def test_gaps_are_told_but_the_recording_is_used(tmp_path: Path) -> None:
    acc = motion(1200)
    acc[500:650] = 0
    rows = [
        row(max_gap_s="1.2"),
        row(trial_id="zeros", start=400, max_gap_s=""),
        row(trial_id="fine", start=800, max_gap_s="0.03"),
    ]
    bundle = load_bundle(write(tmp_path / "set", rows, a=acc))
    assert ids(bundle) == ["T1", "zeros", "fine"]
    told = {problem.trials: problem for problem in bundle.problems}
    assert set(told) == {("T1",), ("zeros",)}
    assert "misses 1.2 s" in told["T1",].sentence
    assert "misses 0.8 s" in told["zeros",].sentence
    assert not any(problem.left_out for problem in bundle.problems)


def index(folder: Path) -> str:
    return (folder / "index.csv").read_text(encoding="utf-8")


def test_a_cut_index_loses_its_last_line_only(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", [row(), row(trial_id="T2", start=400)])
    text = index(folder)
    (folder / "index.csv").write_text(text[: text.index("T2") + 12], encoding="utf-8")
    bundle = load_bundle(folder)
    assert ids(bundle) == ["T1"]
    (problem,) = bundle.problems
    assert "set/index.csv line 3 has" in problem.sentence
    assert problem.trials == ("T2",)


def test_a_comma_without_quotes_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", [row(), row(trial_id="T2", start=400)])
    text = index(folder).replace('T1,P1,A1,"walk, then sit"', "T1,P1,A1,walk, then sit")
    (folder / "index.csv").write_text(text, encoding="utf-8")
    bundle = load_bundle(folder)
    assert ids(bundle) == ["T2"]
    assert "a comma lacks its quotes" in bundle.problems[0].sentence


def test_what_spreadsheets_add_is_accepted(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", [row()])
    text = index(folder).replace("\r\n", "\n").replace("\n", "\r\n") + "\r\n"
    (folder / "index.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    bundle = load_bundle(folder)
    assert ids(bundle) == ["T1"]
    assert bundle.problems == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace(",", ";").encode(), "is separated by semicolons"),
        (lambda text: text.replace(",", "\t").encode(), "is separated by tabs"),
        (lambda text: text.encode("utf-16"), "is not UTF-8 text"),
        (lambda text: text.replace("walk", "l\xf6pen").encode("latin-1"), "is not UTF-8 text"),
        (lambda text: text.replace("walk", "\0").encode(), "not text"),
        (lambda text: text.replace("rate_hz", "hz").encode(), "lacks the column rate_hz"),
        (lambda _text: b"", "is empty"),
    ],
)
def test_an_index_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, change: Callable[[str], bytes], words: str
) -> None:
    folder = write(tmp_path / "set", [row()])
    (folder / "index.csv").write_bytes(change(index(folder)))
    with pytest.raises(TraceError, match=words) as raised:
        load_bundle(folder)
    assert raised.value.sentence.endswith(".")
    assert "\n" not in raised.value.sentence


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="it has no readable index"):
        load_bundle(tmp_path)
    with pytest.raises(TraceError, match="there is no such folder"):
        load_bundle(tmp_path / "nowhere")


def test_a_bundle_without_rows_is_empty_and_not_an_error(tmp_path: Path) -> None:
    bundle = load_bundle(write(tmp_path / "set", []))
    assert bundle.rows == ()
    assert bundle.problems == ()


def test_a_broken_manifest_is_told_and_costs_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", [row()])
    (folder / "manifest.json").write_text("[1, 2")
    bundle = load_bundle(folder)
    assert ids(bundle) == ["T1"]
    assert "is not a manifest" in bundle.problems[0].sentence


@pytest.mark.parametrize(
    ("manifest", "person"),
    [
        ('{"set": "fallalld"}', "fallalld:P1"),
        ('{"set": "csv"}', "at_neck:P1"),
        ('{"set": 3}', "at_neck:P1"),
        ("[]", "at_neck:P1"),
    ],
)
def test_a_person_has_one_name_in_all_bundles_of_a_published_set(
    tmp_path: Path, manifest: str, person: str
) -> None:
    folder = write(tmp_path / "at_neck", [row()])
    (folder / "manifest.json").write_text(manifest)
    assert [one.person for one in load_bundle(folder).rows] == [person]


def test_a_name_cannot_steer_the_terminal_that_shows_it(tmp_path: Path) -> None:
    rows = [row(trial_id="T\x1b[2J1", activity="r\u00fcckw\u00e4rts\u202e\x07")]
    (one,) = load_bundle(write(tmp_path / "set", rows)).rows
    assert (one.trial_id, one.activity) == ("T [2J1", "r\u00fcckw\u00e4rts  ")


def test_many_problems_of_many_kinds_are_each_told_once(tmp_path: Path) -> None:
    rows = [
        GOOD,
        row(trial_id="past", start=9000),
        row(trial_id="norate", rate_hz=""),
        row(trial_id="gone", npz="gone.npz"),
        row(trial_id="floats", npz="floats.npz"),
        row(trial_id="good"),
    ]
    folder = write(tmp_path / "set", rows, a=motion(1200), floats=scaled(0.001))
    bundle = load_bundle(folder)
    assert ids(bundle) == ["good"]
    assert sorted(trial for problem in bundle.problems for trial in problem.trials) == [
        *("floats", "gone", "good", "norate", "past"),
    ]


def test_the_published_recordings_load_and_resample_in_time(data_dir: Path) -> None:
    """Six seconds on a quiet core; the limit allows for one that is shared with other work."""
    folders = sorted(index.parent for index in data_dir.glob("*/index.csv"))
    if not folders:
        pytest.skip("no bundles here")
    started, rows = time.process_time(), 0
    for folder in folders:
        bundle = load_bundle(folder, resampled=True)
        left_out = {trial for one in bundle.problems if one.left_out for trial in one.trials}
        # Two of SmartFallMM rest at 20 and 33 g.
        assert left_out == {
            row.columns["trial_id"]
            for row in read_index(folder)[0]
            if float(row.columns["rest_mg"] or 0) > 3500
        }
        for one in bundle.rows:
            assert len(bundles.samples_104(one)) == pytest.approx(one.duration_s * 104, abs=1)
        rows += len(bundle.rows)
    assert rows > 100
    assert time.process_time() - started < 60
