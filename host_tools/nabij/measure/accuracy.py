"""What the shipped detector does on every bundle of a folder: `python -m nabij.measure.accuracy`.

Five tables a configuration, of people whom the table never saw: the kernel alone; badges that are
worn after the person's own walk, of people who walk on and of people who stay as they are; hours
of joined streams; and the very table that ships, which has seen these people. `soft` are the falls
with their motion above 2 Hz scaled by half (nabij.tune.soften). docs/detection.md explains them.

Exit code 1 when an alarm of a fall went before the detector had given its verdict.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nabij import places
from nabij.data import bundles
from nabij.data.bundles import Bundle
from nabij.data.walks import WORN_IN_S, is_walk
from nabij.errors import NabijError
from nabij.measure import before, held_out
from nabij.measure.held_out import SOFT, Choice, Corpus, Fitted, Judged
from nabij.measure.lines import show, show_joined, show_worn
from nabij.replay.outcome import Outcome
from nabij.tune import recipe, recordings
from nabij.tune.recipe import Recipe

_SEED: Final = 1
_TURNS: Final = (1, 2)
_MOST_HOURS: Final = 1000


@dataclass
class Verdicts:
    """How long badges were worn, and how many alarms of a fall went without a verdict."""

    recordings: int = 0
    missing: int = 0

    def of(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Count worn recordings, and return them."""
        self.recordings += len(outcomes)
        self.missing += held_out.without_verdict(outcomes)
        return outcomes


@dataclass(frozen=True)
class Asked:
    """What is to be measured; `hours` of joined streams at each place, `alone` without badges.

    `before` asks for the tables before the present ones, of people held out only.
    """

    presets: bool
    apart: bool
    alone: bool
    before: bool
    hours: float
    verdicts: Verdicts = field(default_factory=Verdicts)


def main(arguments: Sequence[str]) -> int:
    """Print the tables for the bundles of a folder."""
    given = _parser().parse_args(arguments)
    try:
        loaded = list(bundles.load_every(given.folder, resampled=given.every == 1))
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    for bundle in loaded:
        for problem in bundle.problems:
            if problem.left_out:
                print(problem.sentence)
    if given.every > 1:
        loaded = [_thinned(bundle, given.every) for bundle in loaded]
        print(f"One recording in {given.every}, and walks: a trial run, nothing to publish.")
    asked = Asked(given.presets, given.sets_apart, given.alone, given.before, given.hours)
    recipes = before.RECIPES if asked.before else recipe.RECIPES
    _measure(loaded, [one for one in recipes if given.only in {None, one.name}], asked)
    verdicts = asked.verdicts
    if verdicts.missing:
        print(f"{verdicts.missing} alarms of a fall went without a verdict.", file=sys.stderr)
        return 1
    if not asked.alone:
        print(
            f"No alarm of a fall went without a verdict in {verdicts.recordings} worn recordings."
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nabij.measure.accuracy", description=__doc__, allow_abbrev=False
    )
    names = [one.name for one in recipe.RECIPES]
    parser.add_argument("folder", nargs="?", type=Path, default=places.recordings())
    parser.add_argument("--only", choices=names, help="one configuration")
    parser.add_argument("--presets", action="store_true", help="all presets, and other folds")
    parser.add_argument("--alone", action="store_true", help="the kernel, and no worn badges")
    parser.add_argument("--sets-apart", action="store_true", help="leave whole data sets out")
    parser.add_argument(
        "--before", action="store_true", help="fitted as the tables before these were"
    )
    parser.add_argument(
        "--hours", type=_hours, default=24.0, help="of joined streams at each place (24)"
    )
    parser.add_argument(
        "--every", type=_count, default=1, metavar="N", help="one recording in N, to try it out"
    )
    return parser


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= _MOST_HOURS:
        raise argparse.ArgumentTypeError(f"more than 0 and at most {_MOST_HOURS}, not {text}")
    return hours


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"1 or more, not {text}")
    return count


def _thinned(bundle: Bundle, every: int) -> Bundle:
    """Return a bundle with one recording in so many, and the walks that badges are worn in."""
    walked_s: dict[tuple[str, str], float] = {}
    rows = []
    for number, row in enumerate(bundle.rows):
        key = (row.person, row.placement)
        is_needed = is_walk(row) and walked_s.get(key, 0.0) < WORN_IN_S
        if is_needed:
            walked_s[key] = walked_s.get(key, 0.0) + row.duration_s
        if is_needed or number % every == 0:
            rows.append(row)
    return replace(bundle, rows=tuple(rows))


def _measure(loaded: Sequence[Bundle], recipes: Sequence[Recipe], asked: Asked) -> None:
    data = recordings.gather(loaded)
    elsewhere = recordings.gather(loaded, on_trunk=False)
    print(
        f"{len(data.trials)} recordings; {len(elsewhere.trials)} others, where no badge is worn, "
        "are only judged as shipped."
    )
    sample = recordings.sample_of(
        (data.samples, data.offsets), recipe.MOST_COPIES, data.labels.is_fall
    )
    trunk = Corpus(data, recordings.soft_falls(data, SOFT), sample)
    none = (f"{source} {count}" for source, count in held_out.without_impact(trunk).items())
    print(f"Falls without an impact to judge: {', '.join(none)}.\n")
    others = Corpus(elsewhere, recordings.soft_falls(elsewhere, SOFT), sample)
    for chosen in recipes:
        if asked.before:
            print("Fitted as the tables before the present ones.")
            _report(before.without_softened(trunk), chosen, asked)
            continue
        _report(trunk, chosen, asked)
        print(f"\n{chosen.name} as shipped, every bundle; it was fitted to these people:")
        on, off = (held_out.as_shipped(one, chosen.name) for one in (trunk, others))
        show(Judged(on.outcomes + off.outcomes, on.soft + off.soft))
        if asked.alone:
            continue
        print(
            f"\n{chosen.name} as shipped, worn where no table is judged, and the wearer walks on:"
        )
        badges = [
            one for of in (data, elsewhere) for one in held_out.worn_elsewhere(of, chosen.name)
        ]
        show_worn(asked.verdicts.of(badges))
        print()


def _report(corpus: Corpus, chosen: Recipe, asked: Asked) -> None:
    default = recipe.DEFAULT_PRESET
    made = held_out.fitted(corpus, chosen, held_out.by_person(corpus))
    print(f"{chosen.name}, on people held out (over all their placements):")
    show(held_out.judged(corpus, chosen, made, default), chosen.worn)
    if not asked.alone:
        _badges(corpus, chosen, made, asked)
    if asked.presets:
        _presets(corpus, chosen, made, asked)
    if asked.apart:
        print(f"\n{chosen.name}, fitted to other data sets only:")
        away = held_out.fitted(corpus, chosen, held_out.by_set(corpus))
        show(held_out.judged(corpus, chosen, away, default), chosen.worn)


def _badges(corpus: Corpus, chosen: Recipe, made: Fitted, asked: Asked) -> None:
    for then, what in (("walk", "and the wearer walks on"), (None, "and he stays as he is")):
        print(f"\n{chosen.name}, the same, worn after the own walk, {what}:")
        badges = held_out.worn(corpus, chosen, made, recipe.DEFAULT_PRESET, then)
        show_worn(asked.verdicts.of(badges), chosen.worn)
    _streams(corpus, chosen, made, asked)


def _streams(corpus: Corpus, chosen: Recipe, made: Fitted, asked: Asked) -> None:
    print(f"\n{chosen.name}, on people held out, joined streams:")
    joined = held_out.joined(corpus, chosen, made, recipe.DEFAULT_PRESET, asked.hours, _SEED)
    for outcomes in joined.outcomes.values():
        asked.verdicts.of(outcomes)
    show_joined(joined.outcomes)
    if joined.left_out:
        print(f"{joined.left_out} people walk in no recording, or none goes on from it.")


def _presets(corpus: Corpus, chosen: Recipe, made: Fitted, asked: Asked) -> None:
    choice = {}
    for preset in chosen.presets:
        print(f"\n{chosen.name}:{preset}, on people held out:")
        judged = held_out.judged(corpus, chosen, made, preset)
        show(judged, chosen.worn)
        if not asked.alone:
            print("worn, and the wearer walks on:")
            badges = held_out.worn(corpus, chosen, made, preset, "walk")
            show_worn(asked.verdicts.of(badges), chosen.worn)
        choice[preset] = held_out.quiet_and_missed(judged)
    print(f"\n{chosen.name}, by the rule of the default: {_told(choice)}")
    for turn in _TURNS:
        print(f"\n{chosen.name}, on people held out, other folds ({turn}):")
        again = held_out.fitted(corpus, chosen, held_out.by_person(corpus, turn))
        show(held_out.judged(corpus, chosen, again, recipe.DEFAULT_PRESET), chosen.worn)


def _told(choice: Mapping[int, Choice]) -> str:
    each = (
        f"{preset} ({100 * one.quiet:.1f} % quiet, {one.missed} missed)"
        for preset, one in choice.items()
    )
    return f"preset {held_out.best(choice)} of {', '.join(each)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
