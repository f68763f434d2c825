"""Recordings as another sensor, or another way of wearing it, would have made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nabij.data import bundles
from nabij.measure import robustness
from nabij.measure.robustness import CHANGES, Change
from nabij.replay.outcome import judge
from nabij.tune import recordings
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

SWAY = np.array([[3000, -2500, 1000], [-1900, 2100, 4100], [0, 1000, -200]] * 400, np.int16)


def _made(name: str) -> NDArray[np.float64]:
    (change,) = [one for one in CHANGES if one.name == name]
    return change.make(SWAY, np.random.default_rng(3)).astype(np.float64)


def test_a_badge_turned_any_way_measures_the_same_motion_and_no_mirror_of_it() -> None:
    turned = _made("turned any way")
    plain = SWAY.astype(np.float64)
    assert np.abs(turned - plain).max() > 500
    assert np.linalg.norm(turned, axis=1) == pytest.approx(np.linalg.norm(plain, axis=1), abs=2)
    volumes = [np.linalg.det(one[:3]) / 1e9 for one in (turned, plain)]
    assert volumes[0] == pytest.approx(volumes[1], rel=0.01)


def test_noise_offset_and_range_are_as_large_as_they_are_called() -> None:
    off = _made("80 mg offset") - SWAY
    assert np.linalg.norm(off, axis=1) == pytest.approx(80, abs=1)
    assert np.ptp(off, axis=0).max() == 0
    assert (_made("noise, 15 mg rms") - SWAY).std() == pytest.approx(15, rel=0.05)
    assert np.abs(_made("clipped at 4 g")).max() == 4000
    assert np.abs(_made("clipped at 2 g")).max() == 2000


def test_a_fast_sensor_takes_more_samples_of_the_same_and_a_slow_one_fewer() -> None:
    counts = [len(_made(name)) / len(SWAY) for name in ("5 % fast", "5 % slow")]
    assert counts == pytest.approx([1.05, 0.95], abs=0.002)


def test_every_recording_is_changed_on_its_own_and_none_is_lost(tmp_path: Path) -> None:
    rows = [Made(str(k), bundle.stands(), is_fall=bool(k)) for k in range(3)]
    data = recordings.gather([bundles.load_bundle(bundle.write(tmp_path / "x", rows))])
    longer = robustness.changed(data, Change("twice", lambda acc, _: np.concatenate([acc, acc])))
    assert (longer.offsets == 2 * data.offsets).all()
    assert longer.trials == data.trials
    first = slice(0, longer.offsets[1])
    assert (longer.samples[first] == np.tile(data.samples[: data.offsets[1]], (2, 1))).all()


def test_shares_are_of_falls_seen_and_of_others_silent(tmp_path: Path) -> None:
    rows = [Made(str(k), bundle.stands(), is_fall=k < 2) for k in range(3)]
    trials = bundles.load_bundle(bundle.write(tmp_path / "x", rows)).rows
    found = robustness.shares([judge(one, one.samples, []) for one in trials])
    assert found == {"x/neck": (0.0, 100.0)}
    assert robustness.shares([judge(trials[2], trials[2].samples, [])]) == {"x/neck": (None, 100)}


def test_a_folder_without_bundles_is_an_error_of_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert robustness.main([str(tmp_path)]) == 2
    assert "There are no bundles in" in capsys.readouterr().err


def test_sets_that_no_table_is_judged_by_give_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.write(tmp_path / "x", [Made("0", bundle.stands(), is_fall=False)])
    assert robustness.main([str(tmp_path), "--only", "belt"]) == 2
    told = capsys.readouterr()
    assert "is judged: it needs dsa_torso/chest (torso), fallalld/waist," in told.err
    assert not told.out
