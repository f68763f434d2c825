"""What the shipped detector does on every bundle of a folder: `python -m nabij.measure.accuracy`.

Two tables a configuration. Held out: each recording went through the kernel with a verifier that
was fitted without the person, over all placements; the way of fitting and the limits of points
are those of the shipped one. As shipped: the very table, which has seen these people.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from badge.core.settings import config as badge_config
from nabij.data import bundles
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.detector.decide import Params
from nabij.errors import NabijError
from nabij.replay import settings
from nabij.replay.figures import wilson
from nabij.replay.outcome import Outcome, judge
from nabij.tune import fit, recipe, recordings
from nabij.tune.fit import Bools, Ints, Sample
from nabij.tune.recipe import Recipe
from nabij.tune.recordings import Recordings

_BED: Final = frozenset({"A016", "A017", "A018", "A127", "A128", "A135"})

# Fewer people cannot tell how people differ.
_LEAST_PEOPLE: Final = 3
_DRAWS: Final = 10_000
_SEED: Final = 1


@dataclass(frozen=True)
class Part:
    """Some recordings that get a line of their own."""

    name: str
    has: Callable[[Trial], bool]


_PARTS: Final = (
    Part(
        "  without bed, sitting end",
        lambda trial: trial.activity_code not in _BED,
    ),
    Part("  near falls alone", lambda trial: trial.activity_code.startswith("NF_")),
)
_PARTS_OF: Final = {"fallalld": _PARTS[:1], "imufd": _PARTS[1:]}


def held_out(
    data: Recordings, sample: Sample, chosen: Recipe, turn: int = 0
) -> dict[int, list[Outcome]]:
    """Return by preset each recording's outcome, by verifiers that never saw its person.

    `turn` divides the people into folds in another way.
    """
    people = fit.folds(data.labels, recipe.FOLDS, turn)
    return _judged_by_fold(data, sample, chosen, people)


def sets_apart(data: Recordings, sample: Sample, chosen: Recipe) -> list[Outcome]:
    """Return the outcomes by verifiers that never saw the recording's data set."""
    names = np.array([trial.bundle for trial in data.trials])
    known = sorted(set(names))
    place = np.array([known.index(name) for name in names])
    return _judged_by_fold(data, sample, chosen, place)[recipe.DEFAULT_PRESET]


def as_shipped(data: Recordings, name: str) -> list[Outcome]:
    """Return the outcome of each recording by a shipped configuration."""
    params = decide.params_of(settings.load(name).config)
    everyone = np.ones(len(data.trials), np.bool_)
    return _judge(data, everyone, params)


def _judged_by_fold(
    data: Recordings, sample: Sample, chosen: Recipe, fold: Ints
) -> dict[int, list[Outcome]]:
    worn = np.isin(data.labels.source, chosen.worn)
    sample = fit.first_copies(sample, chosen.copies)
    found: dict[int, list[Outcome]] = {preset: [] for preset in chosen.presets}
    for k, verifier in enumerate(fit.cross_fit(sample, data.labels, chosen.how, fold)):
        for preset, limits in chosen.presets.items():
            table = fit.with_bases(verifier, limits).text()
            config = badge_config.Config.from_dict({"verifier": table})
            found[preset] += _judge(data, worn & (fold == k), decide.params_of(config))
    return found


def _judge(data: Recordings, chosen: Bools, params: Params) -> list[Outcome]:
    numbers = np.flatnonzero(chosen)
    spans = [slice(data.offsets[n], data.offsets[n + 1]) for n in numbers]
    offsets = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum([span.stop - span.start for span in spans], out=offsets[1:])
    if not len(numbers):
        return []
    samples = np.concatenate([data.samples[span] for span in spans])
    events = decide.decide_many(samples, offsets, params)
    return [
        judge(data.trials[number], data.samples[span], found)
        for number, span, found in zip(numbers, spans, events, strict=True)
    ]


def show(outcomes: Iterable[Outcome], sources: Iterable[str] | None = None) -> None:
    """Print a line for each data set and place, and for the parts that matter in it."""
    by_source: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_source.setdefault(recordings.source_of(one.trial), []).append(one)
    print(
        f"{'':28}{'people/fell':>12}{'falls seen':>32}{'by people':>13}{'others silent':>32}"
        f"{'alarms/h':>10}{'pre-alarm':>14}{'pre-alarms/h':>13}{'up again':>10}{'latency/p95':>12}"
    )
    listed = list(sources or sorted(by_source))
    for source in listed:
        here = by_source.get(source, [])
        print(_line(source, here))
        for part in _PARTS_OF.get(source.split("/")[0], ()):
            print(_line(part.name, [one for one in here if part.has(one.trial)]))
    shown = [one for source in listed for one in by_source.get(source, [])]
    late = sum(any(event.at > len(one.acc) for event in one.events) for one in shown)
    print(f"{late} of {len(shown)} recordings were decided in their tail.")


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    falls = [one for one in outcomes if one.trial.is_fall]
    others = [one for one in outcomes if not one.trial.is_fall]
    up = [one for one in falls if decide.gets_up_again(one.trial.activity)]
    hours = sum(one.hours for one in others)
    alarms = sum(len(one.alarms) for one in others)
    seen = sum(bool(one.falls) for one in falls)
    quiet = sum(not one.falls for one in others)
    # One fall taken back is no relief while another one of the recording stays an alarm.
    taken_back = sum(bool(one.falls) and not any(fall.kept for fall in one.falls) for one in up)
    waits = [one.latency_ms for one in falls if one.latency_ms is not None]
    median, late = np.percentile(waits, (50, 95)) / 1000 if waits else (0.0, 0.0)
    felt = sum(len(one.falls) for one in others)
    return (
        f"{name:28}"
        f"{f'{len(_people(outcomes))}/{len(_people(falls))}':>12}"
        f"{_share(sum(bool(one.alarms) for one in falls), len(falls)):>32}"
        f"{_by_people(falls):>13}"
        f"{_share(sum(not one.alarms for one in others), len(others)):>32}"
        f"{(f'{alarms / hours:.2f}' if hours else ''):>10}"
        f"{_brief(seen, len(falls)) + '/' + _brief(quiet, len(others)):>14}"
        f"{(f'{felt / hours:.1f}' if hours else ''):>13}"
        f"{_brief(taken_back, len(up)):>10}"
        f"{(f'{median:.1f}/{late:.1f} s' if waits else ''):>12}"
    )


def _people(outcomes: Iterable[Outcome]) -> set[str]:
    return {one.trial.person for one in outcomes}


def _by_people(falls: Sequence[Outcome]) -> str:
    """95 % of the share of falls seen if other people of the same kind had come, by bootstrap."""
    people = sorted(_people(falls))
    if len(people) < _LEAST_PEOPLE:
        return ""
    each = np.zeros((len(people), 2))
    for one in falls:
        each[people.index(one.trial.person)] += (bool(one.alarms), 1)
    drawn = np.random.default_rng(_SEED).integers(0, len(people), (_DRAWS, len(people)))
    seen, of = each[drawn].sum(axis=1).T
    low, high = 100 * np.percentile(seen / of, (2.5, 97.5))
    return f"{low:.1f}-{high:.1f}"


def _share(hits: int, of: int) -> str:
    interval = wilson(hits, of)
    if interval is None:
        return ""
    low, high = interval
    return f"{hits}/{of} {100 * hits / of:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def _brief(hits: int, of: int) -> str:
    return f"{100 * hits / of:.1f}" if of else "-"


def main(arguments: Sequence[str]) -> int:
    """Print the tables for the bundles of a folder."""
    parser = argparse.ArgumentParser(prog="python -m nabij.measure.accuracy", description=__doc__)
    default = os.environ.get("NABIJ_DATA", "../shared/data")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--presets", action="store_true", help="all presets, and other folds")
    parser.add_argument("--sets-apart", action="store_true", help="leave whole data sets out")
    given = parser.parse_args(arguments)
    folders = sorted(index.parent for index in given.folder.glob("*/index.csv"))
    if not folders:
        print(f"There are no bundles in {given.folder}: set NABIJ_DATA.", file=sys.stderr)
        return 2
    try:
        loaded = [bundles.load_bundle(folder, resampled=True) for folder in folders]
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    for bundle in loaded:
        for problem in bundle.problems:
            if problem.left_out:
                print(problem.sentence)
    data = recordings.gather(loaded)
    elsewhere = recordings.gather(loaded, on_trunk=False)
    print(
        f"{len(data.trials)} recordings; {len(elsewhere.trials)} others, where no badge is worn, "
        "are only judged as shipped.\n"
    )
    sample = recordings.sample_of(data.samples, data.offsets, recipe.MOST_COPIES)
    for chosen in recipe.RECIPES:
        _report(data, sample, chosen, presets=given.presets, apart=given.sets_apart)
        print(f"\n{chosen.name} as shipped, every bundle; it was fitted to these people:")
        show(as_shipped(data, chosen.name) + as_shipped(elsewhere, chosen.name))
        print()
    return 0


def _report(
    data: Recordings, sample: Sample, chosen: Recipe, *, presets: bool, apart: bool
) -> None:
    print(f"{chosen.name}, on people held out (over all their placements):")
    by_preset = held_out(data, sample, chosen)
    show(by_preset[recipe.DEFAULT_PRESET], chosen.worn)
    if presets:
        for preset, outcomes in by_preset.items():
            print(f"\n{chosen.name}:{preset}, on people held out:")
            show(outcomes, chosen.worn)
        for turn in (1, 2):
            print(f"\n{chosen.name}, on people held out, other folds ({turn}):")
            show(held_out(data, sample, chosen, turn)[recipe.DEFAULT_PRESET], chosen.worn)
    if apart:
        print(f"\n{chosen.name}, fitted to other data sets only:")
        show(sets_apart(data, sample, chosen), chosen.worn)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
