"""Man-down by tilt and rest on recordings of daily life and of falls."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from badge.core.settings import config
from nabij.data import bundles
from nabij.measure import daily_life, flights
from nabij.measure.daily_life import Tally
from nabij.virtual.body_model import Body, Samples

COLUMNS = (
    "trial_id",
    "subject",
    "activity_code",
    "activity",
    "is_fall",
    "rate_hz",
    "placement",
    "start",
    "length",
    "npz",
)


Made = dict[str, tuple[Samples, int]]


def daily_life_made() -> Made:
    """A person who walks, sits for a quarter of an hour, lies for two minutes, and falls."""
    body = Body(seed=2)
    return {
        "Walking": (body.walking(130), 0),
        "Sitting": (body.sitting(900), 0),
        "Lying": (np.concatenate([body.standing(5), body.lying(120)]), 0),
        "Fall": (np.concatenate([body.walking(8), body.fall(), body.lying(8)]), 1),
    }


def made_bundle(folder: Path, made: Made) -> Path:
    """A bundle of recordings by activity, with whether each is a fall."""
    folder.mkdir()
    np.savez_compressed(folder / "all.npz", acc=np.concatenate([acc for acc, _ in made.values()]))
    start = 0
    with (folder / "index.csv").open("w", newline="") as file:
        index = csv.writer(file)
        index.writerow(COLUMNS)
        for number, (name, (acc, is_fall)) in enumerate(made.items()):
            row = (f"t{number}", "s1", f"A{number}", name, is_fall, 104, "neck", start, len(acc))
            index.writerow((*row, "all.npz"))
            start += len(acc)
    return folder


def test_the_tables_say_what_fired_in_how_many_hours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_bundle(tmp_path / "made", daily_life_made())
    assert daily_life.main(["--data", str(tmp_path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    (lying,) = [line for line in lines if line[:1] == ["Lying"]]
    # Fall, lanyard, flight, tilt, rest; then confirmed and not worn.
    none = ["0", "/", "0"]
    assert lying[1:] == ["0.03", *none, *none, *none, "3", "/", "2", *none, "0", "0"]
    assert not [line for line in lines if line[:1] in (["Sitting"], ["Walking"])]
    (fall,) = [" ".join(line) for line in lines if line[:1] == ["after"]]
    assert "after 1 falls, neck: first alarm by man_down 1" in fall


def test_the_flight_tables_say_what_ran_and_how_soon_it_was_an_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = Body(seed=2)
    made = {
        "Walking": (body.walking(1800), 0),
        "Jogging": (body.jogging(360), 0),
        "Start jogging": (np.concatenate([body.walking(60), body.jogging(20)]), 0),
        "Hopping": (body.jogging(36), 0),
        "Fall": (np.concatenate([body.jogging(20), body.fall(), body.lying(8)]), 1),
    }
    made_bundle(tmp_path / "made", made)
    assert daily_life.main(["--data", str(tmp_path), "--flight"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    (runs,) = [line for line in lines if line.startswith("all that runs")]
    assert runs.endswith("0.10 1 1 10.0 median 6.0, longest 6.0, within 10 s 1")
    (others,) = [line for line in lines if line.startswith("all without")]
    # An alarm in 1836 s.
    assert others.endswith("0.51 2 1 2.0")
    assert [line for line in lines if line.startswith("Start jogging 0.02 1 1")]
    assert not [line for line in lines if line.startswith(("Walking", "Fall"))]


@pytest.mark.slow
@pytest.mark.requirement("R05")
def test_recorded_running_is_flight_and_walking_stairs_and_cycling_are_not(data_dir: Path) -> None:
    bundle = bundles.load_bundle(data_dir / "dsa_torso")
    on = config.Config.from_dict({"flight_alarm": True})
    found = flights.in_recordings(bundle, on)
    quiet = ("walking", "ascending", "descending", "cycling", "sitting", "standing", "moving")
    for (_, activity), seen in found.items():
        if flights.runs_throughout(activity):
            assert seen.recordings == len(seen.first_s) == 4
            assert max(seen.first_s) <= 10
        elif activity.startswith(quiet):
            assert not seen.alarms, activity


def test_without_a_bundle_to_look_at_it_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NABIJ_DATA", str(tmp_path))
    assert daily_life.main([]) == 2
    assert capsys.readouterr().err == f"There are no bundles in {tmp_path}: set NABIJ_DATA.\n"
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "index.csv").touch()
    assert daily_life.main(["walk"]) == 2
    assert "There is no bundle walk in" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.requirement("R03")
def test_in_recorded_daily_life_tilt_fires_on_lying_and_rest_on_sitting_still(
    data_dir: Path,
) -> None:
    bundle = bundles.load_bundle(data_dir / "dsa_torso")
    for profile, most_per_hour in (("discreet", 2), ("pna11", 10)):
        found = daily_life.long_recordings(bundle, config.defaults(profile))
        still = Tally()
        for activity, tally in found.items():
            if activity.startswith("lying"):
                assert tally.alarms["tilt"] > 20
            elif activity.startswith(("sitting", "standing")):
                still.hours += tally.hours
                still.pre_alarms += tally.pre_alarms
            else:
                assert not tally.pre_alarms["rest"], activity
            assert not tally.tables, activity
        assert not still.pre_alarms["tilt"]
        assert still.pre_alarms["rest"] <= most_per_hour * still.hours


@pytest.mark.slow
@pytest.mark.requirement("R01")
def test_no_recorded_fall_is_taken_for_a_badge_on_a_table(data_dir: Path) -> None:
    bundle = bundles.load_bundle(data_dir / "fallalld")
    rows = [row for row in bundle.rows if row.placement == "neck"]
    falls = [row for row in rows if row.is_fall][::15]
    walks = [row for row in rows if not row.is_fall and "alk" in row.activity]
    # Once as shipped, and once with a detector that misses every fall.
    for points, least in ((0, 0.97), (1000, 0.85)):
        settings = config.Config.from_dict({"fall_points": points})
        kept = replace(bundle, rows=(*walks, *falls))
        (seen,) = daily_life.after_falls(kept, settings).values()
        assert seen.falls > 15
        assert seen.tables == seen.thrown == 0
        assert sum(seen.caught.values()) - seen.caught["nothing"] >= least * seen.falls
