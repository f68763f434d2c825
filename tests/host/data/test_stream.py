"""Joined recordings: where one goes over into the next, and that a seed says all."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from badge.core.detector import detect
from badge.core.settings import config
from nabij.cli.app import app
from nabij.data.bundles import load_bundle
from nabij.data.stream import Joiner, Stream
from nabij.detector.worn import Badge
from nabij.errors import EXIT_USAGE
from nabij.virtual.body_model import Body
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

RATE_HZ = detect.RATE_HZ
BODY = Body()


def _made(name: str, person: str, activity: str, samples: np.ndarray) -> Made:
    # Each person's badge hangs in his own way: turned about the vertical, and S02's lies down.
    if person == "S02":
        samples = samples[:, [2, 0, 1]]
    points = [tuple(row) for row in samples.tolist()]
    return Made(name, points, is_fall=False, subject=person, activity=activity)


def _life(person: str) -> list[Made]:
    return [
        _made(f"{person}-walks", person, "Walking", BODY.walking(20)),
        _made(f"{person}-stands", person, "standing", BODY.standing(8)),
        _made(f"{person}-jogs", person, "jogging", BODY.jogging(8)),
    ]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    fell = Made("S01-fell", bundle.lies_down(), is_fall=True)
    return bundle.write(tmp_path / "life", [*_life("S01"), *_life("S02"), fell])


def _stream(folder: Path, *, seed: int = 1, seconds: float = 200) -> Stream:
    return Joiner(load_bundle(folder).rows, seed).stream(seconds)


def _posture(samples: np.ndarray) -> np.ndarray:
    mean: np.ndarray = np.asarray(samples, np.float64).mean(axis=0)
    return mean


def test_postures_on_both_sides_of_a_seam_are_within_10_degrees(day: Path) -> None:
    one = _stream(day)
    assert len(one.samples) >= 200 * RATE_HZ
    assert len(one.seams) >= 5
    assert {seam.trial_id[:3] for seam in one.seams} == {"S01", "S02"}
    for seam in one.seams:
        before = _posture(one.samples[seam.at - RATE_HZ : seam.at])
        after = _posture(one.samples[seam.at + RATE_HZ : seam.at + 2 * RATE_HZ])
        cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
        assert np.degrees(np.arccos(cosine)) < 20
        assert seam.apart_deg <= 10


def test_between_seams_a_stream_is_the_recording_turned(day: Path) -> None:
    one = _stream(day)
    known = {row.trial_id: row for row in load_bundle(day).rows}
    for seam, after in itertools.pairwise(one.seams):
        here = one.samples[seam.at + RATE_HZ : after.at].astype(np.float64)
        there = known[seam.trial_id].samples[RATE_HZ : RATE_HZ + len(here)].astype(np.float64)
        assert np.linalg.norm(here, axis=1) == pytest.approx(np.linalg.norm(there, axis=1), abs=3)


def test_no_fall_is_joined_and_a_badge_that_wears_it_stays_quiet(day: Path) -> None:
    one = _stream(day)
    assert not any("fell" in seam.trial_id for seam in one.seams)
    assert not Badge(config.defaults()).wear(one.samples).of("alarm")


def test_the_same_seed_gives_the_same_stream_and_another_does_not(day: Path) -> None:
    first, again, other = _stream(day), _stream(day), _stream(day, seed=2)
    assert np.array_equal(first.samples, again.samples)
    assert first.seams == again.seams
    assert [seam.trial_id for seam in other.seams] != [seam.trial_id for seam in first.seams]


def test_a_recording_from_which_nobody_gets_up_is_left_out_and_counted(tmp_path: Path) -> None:
    down = np.concatenate([BODY.walking(5), BODY.faint(), BODY.lying(5)])
    made = [*_life("S01"), _made("S01-bed", "S01", "lies down", down)]
    joiner = Joiner(load_bundle(bundle.write(tmp_path / "life", made)).rows, 1)
    one = joiner.stream(300)
    assert joiner.dead_ends == {("life", "S01-bed")}
    assert "S01-bed" not in {seam.trial_id for seam in one.seams}


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["data", "stream", *(str(one) for one in arguments)])


def test_the_bundle_can_be_replayed_and_its_seams_are_listed(day: Path, tmp_path: Path) -> None:
    out = tmp_path / "day"
    result = _run(day, "-o", out, "--hours", 0.1, "--minutes", 3, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["streams"], told["people"]) == (2, 2)
    with (out / "seams.csv").open() as file:
        seams = list(csv.DictReader(file))
    assert len(seams) == told["seams"]
    assert {row["trial_id"] for row in seams} == {"stream-001", "stream-002"}
    rows = load_bundle(out).rows
    assert [row.is_fall for row in rows] == [False, False]
    assert sum(row.duration_s for row in rows) >= 360


@pytest.mark.parametrize(
    ("made", "options", "told"),
    [
        ([_made("a", "S01", "standing", BODY.standing(8))], [], "the vertical is unknown"),
        (_life("S01"), ["--placement", "wrist"], "No recording was made at 'wrist'"),
        (
            [*_life("S01"), Made("hip", bundle.stands(), is_fall=False, placement="waist")],
            [],
            "choose one with --placement",
        ),
    ],
)
def test_what_cannot_be_joined_is_one_sentence(
    tmp_path: Path, made: list[Made], options: list[str], told: str
) -> None:
    result = _run(bundle.write(tmp_path / "life", made), "-o", tmp_path / "out", *options)
    assert result.exit_code == EXIT_USAGE
    assert told in result.stderr
    assert not (tmp_path / "out").exists()
