"""Two configurations on the same recordings: what changed, and whether chance explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from nabij.replay import figures, reasons
from nabij.replay.figures import Paired
from nabij.replay.outcome import Outcome
from nabij.replay.run import Replay
from nabij.replay.text import percent, show_problems
from nabij.terminal import print_table


@dataclass(frozen=True)
class Comparison:
    """Two replays of the same recordings; `pairs` holds the outcomes of both, in order."""

    a: Replay
    b: Replay
    pairs: list[tuple[Outcome, Outcome]]

    @property
    def falls(self) -> Paired:
        """The recordings of falls: right is an alarm."""
        return _paired([(one, other) for one, other in self.pairs if one.trial.is_fall])

    @property
    def others(self) -> Paired:
        """The other recordings: right is silence."""
        return _paired([(one, other) for one, other in self.pairs if not one.trial.is_fall])

    @property
    def changed(self) -> list[tuple[Outcome, Outcome]]:
        """The recordings that one configuration got right and the other wrong."""
        return [(one, other) for one, other in self.pairs if one.is_right != other.is_right]


def compare(a: Replay, b: Replay) -> Comparison:
    """Pair the outcomes of two replays; a recording that failed in one of them is left out."""
    second = {(one.name, one.trial.placement): one for one in b.outcomes}
    keys = [(one, (one.name, one.trial.placement)) for one in a.outcomes]
    return Comparison(a, b, [(one, second[key]) for one, key in keys if key in second])


def to_json(done: Comparison) -> dict[str, Any]:
    """Return the comparison for a script."""
    return {
        "a": done.a.settings.name,
        "b": done.b.settings.name,
        "falls": _json(done.falls),
        "others": _json(done.others),
        "pre_alarms_per_hour": {"a": _felt(done.a), "b": _felt(done.b)},
        "changed": [
            {
                "bundle": one.trial.bundle,
                "placement": one.trial.placement,
                "trial_id": one.trial.trial_id,
                "is_fall": one.trial.is_fall,
                "better": "a" if one.is_right else "b",
            }
            for one, _ in done.changed
        ],
        "errors": done.a.errors,
    }


def show(done: Comparison, console: Console) -> None:
    """Print rates, paired counts and p values, then each recording whose decision changed."""
    name_a, name_b = done.a.settings.name, done.b.settings.name
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("recordings", f"A: {name_a} %", f"B: {name_b} %", "B - A", "only A right"):
        table.add_column(name, justify="left" if name == "recordings" else "right")
    for name in ("only B right", "McNemar p"):
        table.add_column(name, justify="right")
    for name, of in (("falls", done.falls), ("other", done.others)):
        right_a, right_b = of.both_right + of.only_a, of.both_right + of.only_b
        table.add_row(
            f"{of.recordings} {name}",
            _rate(right_a, of.recordings),
            _rate(right_b, of.recordings),
            f"{100 * of.difference:+.2f}" if of.recordings else "-",
            str(of.only_a),
            str(of.only_b),
            f"{of.p_value:.3g}" if of.recordings else "-",
        )
    print_table(console, table)
    console.print(
        "Right is an alarm for a fall and silence for the others. p: exact McNemar test, the "
        "chance of so unequal a split of the changed recordings if neither were better."
    )
    a_felt, b_felt = _felt(done.a), _felt(done.b)
    if a_felt is not None and b_felt is not None:
        console.print(
            f"Pre-alarms that the wearer would feel, an hour without a fall: "
            f"A {a_felt:.1f}, B {b_felt:.1f}."
        )
    changed = done.changed
    console.print(f"\nChanged: {len(changed)}", style="bold")
    for one, other in changed:
        better, worse = ("A", done.b) if one.is_right else ("B", done.a)
        wrong = other if one.is_right else one
        kind = "fall" if one.trial.is_fall else "no fall"
        console.print(
            f"  only {better} right: {one.name} ({kind}, {one.trial.placement}, "
            f"{one.trial.activity})",
            markup=False,
        )
        why = reasons.verdict(wrong, worse.settings.config)
        console.print(f"    {worse.settings.name}: {why}", style="dim", markup=False)
    show_problems(done.a.errors, console)


def _paired(pairs: Sequence[tuple[Outcome, Outcome]]) -> Paired:
    return figures.paired([one for one, _ in pairs], [other for _, other in pairs])


def _felt(done: Replay) -> float | None:
    """Pre-alarms an hour of recordings without a fall, or None without such recordings."""
    (of,) = figures.by(done.outcomes, lambda _one: ()).values()
    return of.pre_alarms_per_hour


def _rate(right: int, of: int) -> str:
    return percent(right / of if of else None, figures.wilson(right, of))


def _json(of: Paired) -> dict[str, Any]:
    return {
        "recordings": of.recordings,
        "both_right": of.both_right,
        "only_a_right": of.only_a,
        "only_b_right": of.only_b,
        "difference": of.difference,
        "p": of.p_value,
    }
