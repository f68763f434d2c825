"""What is fitted without a person, what counts against a preset, and who could not be joined."""

from __future__ import annotations

from pathlib import Path

from badge.core.detector import detect
from nabij.data import bundles
from nabij.detector.decide import Decision
from nabij.measure import held_out
from nabij.measure.held_out import Choice, Corpus, Judged
from nabij.replay.outcome import Outcome, Raised, judge, judge_worn
from nabij.tune import recordings
from nabij.tune.recordings import Copies
from tests.host.replay import bundle
from tests.host.replay.bundle import Made

LONG = bundle.stands() * 4
ALARM = ((10, detect.EV_FALL), (16, detect.EV_CONFIRMED))


def _outcomes(folder: Path, *made: tuple[bool, bool]) -> list[Outcome]:
    """Outcomes of recordings: whether each is a fall, and whether there is an alarm in it."""
    rows = [Made(str(k), LONG, is_fall=is_fall) for k, (is_fall, _) in enumerate(made)]
    trials = bundles.load_bundle(bundle.write(folder, rows)).rows
    return [
        judge(
            trial,
            trial.samples,
            [Decision(104 * s, bits, 104 * (s - 2)) for s, bits in (ALARM if has_alarm else ())],
        )
        for trial, (_, has_alarm) in zip(trials, made, strict=True)
    ]


def test_the_default_is_the_most_sensitive_of_the_presets_that_are_quiet_enough() -> None:
    assert (
        held_out.best(
            {1: Choice(0.99, 40), 2: Choice(0.985, 20), 3: Choice(0.981, 12), 4: Choice(0.97, 5)}
        )
        == 3
    )
    assert held_out.best({1: Choice(0.96, 40), 2: Choice(0.95, 20)}) == 1


def test_quiet_is_counted_where_there_are_falls_and_missed_in_recorded_and_soft_ones(
    tmp_path: Path,
) -> None:
    judged = _outcomes(tmp_path / "x", (True, True), (True, False), (False, True))
    sports = _outcomes(tmp_path / "sports", (False, False))
    assert held_out.quiet_and_missed(Judged([*judged, *sports], judged[1:2])) == (0.0, 2)


def test_only_alarms_of_a_fall_can_lack_a_verdict(tmp_path: Path) -> None:
    one = _outcomes(tmp_path / "x", (False, False))[0]
    raised = [
        Raised("man_down", 9, 99),
        Raised("man_down", 9, 99, "confirmed"),
        Raised("tilt", 9, 99),
    ]
    worn = judge_worn(one.trial, one.acc, [], [], raised)
    assert held_out.without_verdict([worn, one]) == 1


def test_a_fall_without_a_blow_is_told_apart_from_one_that_is_misjudged(tmp_path: Path) -> None:
    rows = [
        Made("blow", bundle.lies_down(), is_fall=True),
        Made("none", bundle.stands(), is_fall=True),
        Made("stood", bundle.stands(), is_fall=False),
    ]
    data = recordings.gather([bundles.load_bundle(bundle.write(tmp_path / "x", rows))])
    sample = recordings.sample_of((data.samples, data.offsets), Copies(1, 1), data.labels.is_fall)
    assert held_out.without_impact(Corpus(data, data, sample)) == {"x/neck": 1}
