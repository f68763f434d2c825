"""A replay as tables and lists on a terminal, and as JSON for a script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from nabij.replay import figures, reasons
from nabij.replay.figures import Figures
from nabij.replay.outcome import Outcome, subject_group
from nabij.replay.run import Replay
from nabij.replay.settings import Settings
from nabij.terminal import print_table

_DASH: Final = "-"
_NAME_COLUMNS: Final = 52
_PROBLEMS_SHOWN: Final = 20


def to_json(done: Replay) -> dict[str, Any]:
    """Return the figures for a script: one group for each bundle and placement."""
    return document(done.settings, done.outcomes, done.errors)


def document(
    settings: Settings, outcomes: Iterable[Outcome], errors: Sequence[str]
) -> dict[str, Any]:
    """Return what the JSON of a replay holds."""
    groups = figures.by(outcomes, _place)
    return {
        "config": {"name": settings.name, "settings": settings.config.to_dict()},
        "groups": [
            {"bundle": bundle, "placement": placement, **of.to_json()}
            for (bundle, placement), of in groups.items()
        ],
        "errors": list(errors),
    }


def show(done: Replay, console: Console) -> None:
    """Print the figures by data set, subject group and activity, then each wrong recording."""
    print_table(console, _table(done.outcomes, _place, "data set, placement"))
    _show_causes(done, console)
    if done.remark:
        console.print(f"{done.remark}\n", highlight=False)
    groups = figures.by(done.outcomes, _group)
    if len(groups) > len(figures.by(done.outcomes, _place)):
        print_table(console, _table(done.outcomes, _group, "data set, placement, subject group"))
    wrong = [one for one in done.outcomes if not one.is_right]
    if wrong:
        involved = {_activity(one) for one in wrong}
        some = [one for one in done.outcomes if _activity(one) in involved]
        print_table(console, _table(some, _activity, "activity with a wrong decision"))
        rest = len(figures.by(done.outcomes, _activity)) - len(involved)
        console.print(f"The other {rest} activities were judged right in every recording.\n")
    _list(console, "Misses", [one for one in wrong if one.is_miss], done)
    _list(console, "False alarms", [one for one in wrong if one.is_false_alarm], done)
    show_problems(done.errors, console)


def show_problems(sentences: Sequence[str], console: Console) -> None:
    """Print what is wrong with recordings, as much as a person reads."""
    for sentence in sentences[:_PROBLEMS_SHOWN]:
        console.print(f"Problem: {sentence}", style="yellow", markup=False)
    if len(sentences) > _PROBLEMS_SHOWN:
        more = len(sentences) - _PROBLEMS_SHOWN
        console.print(f"... and {more} more: --json lists them all.", style="yellow")


def percent(share: float | None, interval: tuple[float, float] | None) -> str:
    """Return a share with its interval, as 98.1 (97.0-98.8), or a dash for nothing."""
    if share is None or interval is None:
        return _DASH
    low, high = (100 * one for one in interval)
    return f"{_digits(share)} ({low:.1f}-{high:.1f})"


def _digits(share: float) -> str:
    text = f"{100 * share:.1f}"
    # With a miss among thousands it is not all of them, nor with one found none.
    return {"100.0": "99.9", "0.0": "0.1"}.get(text, text) if 0 < share < 1 else text


def _place(one: Outcome) -> tuple[str, str]:
    return one.trial.bundle, one.trial.placement


def _group(one: Outcome) -> tuple[str, str, str]:
    return *_place(one), subject_group(one.trial.subject)


def _activity(one: Outcome) -> tuple[str, str, str]:
    return *_place(one), one.trial.activity


def _table(
    outcomes: Iterable[Outcome], key: Callable[[Outcome], tuple[str, ...]], title: str
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title, no_wrap=True, overflow="ellipsis", max_width=_NAME_COLUMNS)
    for name in ("falls found", "sensitivity %", "others quiet", "specificity %"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("false alarms", "/h", "/24 h", "pre-alarms /h", "latency s", "p95"):
        table.add_column(name, justify="right", no_wrap=True)
    for parts, of in figures.by(outcomes, key).items():
        table.add_row(", ".join(parts), *_cells(of))
    return table


def _cells(of: Figures) -> tuple[str, ...]:
    hourly, felt = of.alarms_per_hour, of.pre_alarms_per_hour
    median, p95 = of.latency_ms(50), of.latency_ms(95)
    quiet = of.others - of.others_with_alarm
    return (
        f"{of.detected} of {of.falls}" if of.falls else _DASH,
        percent(of.sensitivity, figures.wilson(of.detected, of.falls)),
        f"{quiet} of {of.others}" if of.others else _DASH,
        percent(of.specificity, figures.wilson(quiet, of.others)),
        _DASH if hourly is None else f"{of.false_alarms} in {of.other_hours:.2f} h",
        _DASH if hourly is None else f"{hourly:.2f}",
        _DASH if hourly is None else _per_24_h(of.false_alarms, of.other_hours),
        _DASH if felt is None else f"{felt:.1f}",
        _DASH if median is None else f"{median / 1000:.2f}",
        _DASH if p95 is None else f"{p95 / 1000:.2f}",
    )


def _per_24_h(count: int, hours: float) -> str:
    """Return what so many in so many hours are in 24 h, with the exact interval of the count."""
    low, high = (24 / hours * one for one in figures.poisson(count))
    return f"{24 / hours * count:.1f} ({low:.1f}-{high:.1f})"


def _show_causes(done: Replay, console: Console) -> None:
    """Print what raised the alarms of worn badges."""
    for (bundle, placement), of in figures.by(done.outcomes, _place).items():
        if of.causes is None:
            continue
        falls = ", ".join(f"{_of_a_fall(cause)} {n}" for cause, n in of.causes.falls.most_common())
        others = ", ".join(f"{cause} {n}" for cause, n in of.causes.others.most_common())
        console.print(
            f"{bundle}, {placement}: first alarm of the falls by {falls or _DASH}; false alarms "
            f"by {others or _DASH}; of a fall without a verdict {of.causes.without_verdict}.",
            highlight=False,
        )
        if of.other_hours:
            felt = ", ".join(f"{cause} {n}" for cause, n in of.causes.felt.most_common())
            felt = f"Pre-alarms felt in {of.other_hours:.2f} h without a fall: {felt or 'none'}"
            daily = _per_24_h(of.pre_alarms, of.other_hours)
            console.print(f"{felt}; in 24 h {daily}.", highlight=False)


def _of_a_fall(cause: str) -> str:
    return "none: up again" if cause == figures.UP_AGAIN else cause or "none"


def _list(console: Console, title: str, wrong: list[Outcome], done: Replay) -> None:
    console.print(f"{title}: {len(wrong)}", style="bold")
    for one in wrong:
        why = reasons.verdict(one, done.settings.config)
        console.print(f"  {one.name} ({one.trial.placement}, {one.trial.activity})")
        console.print(f"    {why}", style="dim", highlight=False)
