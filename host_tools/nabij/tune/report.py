"""What a tuning found: as tables, as JSON, and as the configuration file it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import tomlkit
from rich import box
from rich.console import Console
from rich.table import Table

from badge.core.settings import config as badge_config
from nabij.detector import verifier
from nabij.detector.verifier import Verifier
from nabij.replay.figures import Figures, wilson
from nabij.replay.text import percent, show_problems
from nabij.terminal import print_table
from nabij.tune.finalists import Finalist, Pick, limits_of

_DASH: Final = "-"
_SETTINGS: Final = ("impact_mg", "decide_ms", "confirm_ms", "fall_points", "down_points")


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A tuning that is done; `problems` are one sentence each, of recordings."""

    position: str
    trials: int
    seed: int
    front: Sequence[Finalist]
    pick: Pick
    verifier: Verifier
    problems: Sequence[str]

    @property
    def picked(self) -> Finalist:
        """The finalist that became the configuration."""
        return next(one for one in self.front if one.picked)


def show(tuned: Tuned, console: Console) -> None:
    """Print the front, the pick, and its figures by source."""
    console.print(
        f"Pareto front of {tuned.trials} trials, some of it; the figures are the kernel's, on "
        "people held out in a division that the search did not use:"
    )
    print_table(console, _front(tuned))
    picked = tuned.picked
    console.print(f"Picked trial {picked.number}: {tuned.pick.rule}.\n")
    print_table(console, _sources(picked))
    console.print(
        "Choosing from many trials flatters the one chosen: replay it on people that are in none "
        "of these bundles."
    )
    show_problems(tuned.problems, console)


def to_json(tuned: Tuned) -> dict[str, Any]:
    """Return the front and the pick for a script."""
    return {
        "position": tuned.position,
        "trials": tuned.trials,
        "seed": tuned.seed,
        "rule": tuned.pick.rule,
        "picked": tuned.picked.number,
        "front": [_finalist(one) for one in tuned.front],
        "errors": list(tuned.problems),
    }


def to_toml(tuned: Tuned, command: str) -> str:
    """Return the configuration file, with what is known of it on top."""
    picked = tuned.picked
    defaults = badge_config.defaults()
    lines = [
        f"# Written by `{_one_line(command)}`: trial {picked.number} of {tuned.trials},",
        f"# {tuned.pick.rule}.",
        "# On people held out (95 % Wilson intervals); the table below learned from all of them:",
    ]
    for source, of in picked.held_out.items():
        hourly = of.alarms_per_hour
        told = [
            f"sensitivity {_sensitivity(of)} % of {of.falls}" if of.falls else "",
            f"specificity {_specificity(of)} % of {of.others}" if of.others else "",
            f"{hourly:.2f} false alarms an hour" if hourly is not None else "",
        ]
        lines.append(f"#   {_one_line(source)}: {', '.join(one for one in told if one)}")
    settings = {"detector": {name: getattr(defaults, name) for name in _SETTINGS}}
    above = "\n".join(lines)
    return f"{above}\n\n{tomlkit.dumps(settings)}\n{verifier.to_toml(tuned.verifier)}"


def _finalist(one: Finalist) -> dict[str, Any]:
    return {
        "trial": one.number,
        "picked": one.picked,
        "params": one.params,
        "search": {
            "sensitivity": one.score.sensitivity,
            "false_per_hour": one.score.false_per_hour,
        },
        "held_out": [
            {
                "source": source,
                **of.to_json(),
                "sensitivity_95": wilson(of.detected, of.falls),
                "specificity_95": wilson(of.others - of.others_with_alarm, of.others),
            }
            for source, of in one.held_out.items()
        ],
    }


def _front(tuned: Tuned) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "trial", "search: mean sens. %", "false/h", "held out: falls found"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("sensitivity %", "specificity %", "false alarms", "/h", "limits"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in tuned.front:
        of = one.together
        table.add_row(
            "*" if one.picked else "",
            str(one.number),
            f"{100 * one.score.sensitivity:.1f}",
            f"{one.score.false_per_hour:.2f}",
            *_cells(of),
            "{} {}".format(*limits_of(one.params)),
        )
    return table


def _sources(picked: Finalist) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("data set and placement, held out", no_wrap=True)
    for name in ("falls found", "sensitivity %", "specificity %", "false alarms", "/h"):
        table.add_column(name, justify="right", no_wrap=True)
    for source, of in picked.held_out.items():
        table.add_row(source, *_cells(of))
    return table


def _cells(of: Figures) -> tuple[str, ...]:
    hourly = of.alarms_per_hour
    return (
        f"{of.detected} of {of.falls}" if of.falls else _DASH,
        _sensitivity(of),
        _specificity(of),
        _DASH if hourly is None else f"{of.false_alarms} in {of.other_hours:.2f} h",
        _DASH if hourly is None else f"{hourly:.2f}",
    )


def _sensitivity(of: Figures) -> str:
    return percent(of.sensitivity, wilson(of.detected, of.falls))


def _specificity(of: Figures) -> str:
    return percent(of.specificity, wilson(of.others - of.others_with_alarm, of.others))


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in text)
