"""What the third look gains, and what it costs: `python -m nabij.measure.third_look`.

Badges are worn after the person's own walk, with the third look off (fall_clear_mg 0) and as it
ships, on people whom the table never saw; where no table is judged, as shipped.

* "walks on": whoever did not fall, or got up from the fall, goes on walking. What is gained are
  false alarms; whoever falls and stays down should lose no alarm by it.
* "gets up": whoever was to stay down gets up too, once the fall is confirmed, and walks on. To
  end these alarms is what the third look is for: who walks may need help all the same.

Both are what `nabij replay --engine badge --then walk`, and `--then up`, do with a recording.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from badge.core.settings import config as badge_config
from nabij import places
from nabij.data import bundles
from nabij.detector import decide
from nabij.errors import NabijError
from nabij.measure import held_out, lines
from nabij.measure.held_out import Corpus
from nabij.replay.outcome import MAN_DOWN, Outcome
from nabij.terminal import output_console, print_table
from nabij.tune import recipe, recordings
from nabij.tune.recipe import Recipe
from nabij.tune.recordings import Recordings

_OFF: Final[Mapping[str, Any]] = {"fall_clear_mg": 0}
_SHIPPED_MG: Final[int] = badge_config.defaults().fall_clear_mg
_COLUMNS: Final = (
    "others with an alarm",
    "alarms of a fall",
    "alarms/h",
    "pre-alarms/h",
    "stays down: alarm",
    "confirmed, gets up: alarm",
)
_ARROW: Final = " -> "

# Wears badges through recordings: what the wearers do then, and settings of the badge.
Wearing = Callable[[str, Mapping[str, Any]], list[Outcome]]


def main(arguments: Sequence[str]) -> int:
    """Print what the third look changes in the bundles of a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m nabij.measure.third_look",
        description=__doc__,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [one.name for one in recipe.RECIPES]
    parser.add_argument("folder", nargs="?", type=Path, default=places.recordings())
    parser.add_argument("--only", choices=names, help="one configuration")
    given = parser.parse_args(arguments)
    try:
        loaded = list(bundles.load_every(given.folder, resampled=True))
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    data = recordings.gather(loaded)
    elsewhere = recordings.gather(loaded, on_trunk=False)
    sample = recordings.sample_of(
        (data.samples, data.offsets), recipe.MOST_COPIES, data.labels.is_fall
    )
    # No softened falls are asked about.
    corpus = Corpus(data, data, sample)
    for chosen in recipe.RECIPES:
        if given.only in {None, chosen.name}:
            _report(f"{chosen.name}, on people held out", _held_out(corpus, chosen))
            shipped = _as_shipped((data, elsewhere), chosen.name)
            _report(f"{chosen.name} as shipped, where no table is judged", shipped)
    return 0


def cells(
    walks_on: tuple[Sequence[Outcome], Sequence[Outcome]],
    gets_up: tuple[Sequence[Outcome], Sequence[Outcome]],
) -> tuple[str, ...]:
    """Return the cells of _COLUMNS; of each pair the first is without the third look."""
    of_others = [[one for one in side if not one.trial.is_fall] for side in walks_on]
    of_fallers = [[one for one in side if _stays_down(one)] for side in walks_on]
    confirmed = [
        [one for one in side if _stays_down(one) and any(fall.kept for fall in one.falls)]
        for side in gets_up
    ]
    hours = sum(one.hours for one in of_others[0])
    by_fall = [sum(map(_alarms_of_fall, side)) for side in of_others]
    alarms = [sum(len(one.raised or ()) for one in side) for side in of_others]
    felt = [sum(one.pre_alarms for one in side) for side in of_others]
    return (
        _of([sum(bool(one.raised) for one in side) for side in of_others], len(of_others[0])),
        _ARROW.join(map(str, by_fall)) if of_others[0] else "",
        _ARROW.join(f"{count / hours:.2f}" for count in alarms) if hours else "",
        _ARROW.join(f"{count / hours:.1f}" for count in felt) if hours else "",
        _of([sum(bool(one.raised) for one in side) for side in of_fallers], len(of_fallers[0])),
        _of([sum(map(bool, map(_alarms_of_fall, side))) for side in confirmed], len(confirmed[0])),
    )


def _held_out(corpus: Corpus, chosen: Recipe) -> Wearing:
    made = held_out.fitted(corpus, chosen, held_out.by_person(corpus))
    preset = recipe.DEFAULT_PRESET
    return lambda then, more: held_out.worn(corpus, chosen, made, preset, then, more)


def _as_shipped(sets: Sequence[Recordings], name: str) -> Wearing:
    return lambda then, more: [
        one for data in sets for one in held_out.worn_elsewhere(data, name, then, more)
    ]


def _report(title: str, wear: Wearing) -> None:
    walks_on, gets_up = ((wear(then, _OFF), wear(then, {})) for then in ("walk", "up"))
    if not walks_on[0]:
        return
    of = lines.by_source_of(walks_on[0])
    print(f"\n{title}: fall_clear_mg 0 -> {_SHIPPED_MG}")
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for header in _COLUMNS:
        table.add_column(header, justify="right", no_wrap=True)
    for source in of:
        for name, has in lines.lines_of(source, of):
            sides = [has(_from(source, side)) for side in (*walks_on, *gets_up)]
            table.add_row(name, *cells((sides[0], sides[1]), (sides[2], sides[3])))
    table.add_row("all", *cells(walks_on, gets_up))
    print_table(output_console(), table)


def _from(source: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if recordings.source_of(one.trial) == source]


def _stays_down(one: Outcome) -> bool:
    return one.trial.is_fall and not decide.gets_up_again(one.trial.activity)


def _alarms_of_fall(one: Outcome) -> int:
    return sum(alarm.cause == MAN_DOWN for alarm in one.raised or ())


def _of(counts: Sequence[int], total: int) -> str:
    return f"{_ARROW.join(map(str, counts))} of {total}" if total else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
