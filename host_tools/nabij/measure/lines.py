"""The published tables as lines of text: what the detector does by data set, place and part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.table import Table

from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.measure.held_out import SOFT, Judged
from nabij.replay import figures
from nabij.replay.figures import Figures, wilson
from nabij.replay.outcome import Outcome
from nabij.terminal import output_console, print_table
from nabij.tune import recordings

_BED: Final = frozenset({"A016", "A017", "A018", "A127", "A128", "A135"})
_RUNS: Final = re.compile(r"\b(run|jog|playing basketball)", re.IGNORECASE)
_WALKS: Final = re.compile(r"^(?!stumble|near fall).*(walk|stairs)", re.IGNORECASE)

# Fewer people cannot tell how people differ.
_LEAST_PEOPLE: Final = 3
_DRAWS: Final = 10_000
_SEED: Final = 1


@dataclass(frozen=True)
class Subset:
    """Some recordings that get a line of their own."""

    name: str
    has: Callable[[Trial], bool]

    def of(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return those of its recordings."""
        return [one for one in outcomes if self.has(one.trial)]


_NO_BED: Final = Subset(
    "  without bed, sitting end", lambda trial: trial.activity_code not in _BED
)
_NEAR: Final = Subset("  near falls alone", lambda trial: trial.activity_code.startswith("NF_"))
_RUNNING: Final = Subset("  running, basketball", lambda trial: _is_life(trial, _RUNS))
_WALKING: Final = Subset("  walking, stairs", lambda trial: _is_life(trial, _WALKS))
_PARTS_OF: Final = {
    "fallalld": (_NO_BED, _RUNNING, _WALKING),
    "imufd": (_NEAR,),
    "sisfall": (_RUNNING, _WALKING),
    "dsa_torso": (_RUNNING, _WALKING),
}


def show(judged: Judged, sources: Iterable[str] | None = None) -> None:
    """Print a line for each data set and place, and for the parts that matter in it."""
    by_source, soft = by_source_of(judged.outcomes), by_source_of(judged.soft)
    table = _table(
        (
            "people/fell",
            "falls seen",
            "by people",
            f"soft (k = {SOFT})",
            "soft by people",
            "others silent",
            "alarms/h",
            "pre-alarm",
            "pre-alarms/h",
            "up again",
            "latency/p95",
        )
    )
    listed = list(sources or sorted(by_source))
    for source in listed:
        weaker = soft.get(source, [])
        for name, has in lines_of(source, by_source):
            table.add_row(name, *_cells(has(by_source.get(source, [])), has(weaker)))
    print_table(output_console(), table)
    shown = [one for source in listed for one in by_source.get(source, [])]
    late = sum(any(event.at > len(one.acc) for event in one.events) for one in shown)
    print(f"{late} of {len(shown)} recordings were decided in their tail.")


def show_worn(outcomes: Iterable[Outcome], sources: Iterable[str] | None = None) -> None:
    """Print the same lines at the level of the badge: alarms by cause, and when they go."""
    by_source = by_source_of(outcomes)
    table = _table(
        (
            "alarm or up again",
            "by people",
            "alarms of who stays down",
            "falls by",
            "after/p95",
            "others silent",
            "alarms/h",
            "alarms by",
            "pre-alarms/h",
            "pre-alarms by",
            "no verdict",
        )
    )
    for source in sources or sorted(by_source):
        for name, has in lines_of(source, by_source):
            table.add_row(name, *_worn_cells(has(by_source.get(source, []))))
    print_table(output_console(), table)


def show_joined(outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    """Print a line for the joined streams of each place: alarms and pre-alarms in 24 h."""
    table = _table(
        (
            "hours",
            "alarms in 24 h",
            "alarms by",
            "pre-alarms in 24 h",
            "pre-alarms by",
            "no verdict",
        )
    )
    for place, here in outcomes.items():
        of = figures.by(here, lambda _: "")[""] if here else Figures()
        causes = of.causes or figures.Causes()
        table.add_row(
            place,
            f"{of.other_hours:.1f}",
            _daily(of.false_alarms, of.other_hours),
            _causes(causes.others),
            _daily(of.pre_alarms, of.other_hours),
            _causes(causes.felt),
            str(causes.without_verdict),
        )
    print_table(output_console(), table)


def _table(headers: Sequence[str]) -> Table:
    """Return a table of figures beside names."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for header in headers:
        table.add_column(header, justify="right")
    return table


def lines_of(
    source: str, by_source: Mapping[str, Sequence[Outcome]]
) -> Iterator[tuple[str, Callable[[Sequence[Outcome]], list[Outcome]]]]:
    """Return the name of each line of a source, and what chooses its recordings."""
    yield source, list
    for part in _PARTS_OF.get(source.partition("/")[0], ()):
        if any(part.has(one.trial) for one in by_source.get(source, ())):
            yield part.name, part.of


def _daily(count: int, hours: float) -> str:
    if not hours:
        return "-"
    of = figures.per_24_h(count, hours)
    return f"{of['rate']:.1f} [{of['low']:.1f}, {of['high']:.1f}]"


def _worn_cells(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    of = figures.by(outcomes, lambda _: "")[""] if outcomes else Figures()
    causes = of.causes or figures.Causes()
    median, late = of.latency_ms(50), of.latency_ms(95)
    hourly, felt = of.alarms_per_hour, of.pre_alarms_per_hour
    falls = [one for one in outcomes if one.trial.is_fall]
    down = [one for one in falls if not decide.gets_up_again(one.trial.activity)]
    return (
        _share(of.detected, of.falls),
        _by_people(falls),
        _share(sum(bool(one.raised) for one in down), len(down)),
        _causes(causes.falls),
        "" if median is None else f"{median / 1000:.0f}/{(late or 0) / 1000:.0f} s",
        _share(of.others - of.others_with_alarm, of.others),
        "" if hourly is None else f"{hourly:.2f}",
        _causes(causes.others),
        "" if felt is None else f"{felt:.1f}",
        _causes(causes.felt),
        str(causes.without_verdict),
    )


def _causes(causes: Counter[str]) -> str:
    return ", ".join(
        f"{cause.replace('_', ' ') if cause == figures.UP_AGAIN else cause or 'none'} {count}"
        for cause, count in causes.most_common()
    )


def by_source_of(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Return the outcomes of each data set and place."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        found.setdefault(recordings.source_of(one.trial), []).append(one)
    return found


def _cells(outcomes: Sequence[Outcome], soft: Sequence[Outcome]) -> tuple[str, ...]:
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
        f"{len(_people(outcomes))}/{len(_people(falls))}",
        _share(sum(bool(one.alarms) for one in falls), len(falls)),
        _by_people(falls),
        _brief(sum(bool(one.alarms) for one in soft), len(soft)) if soft else "",
        _by_people(soft),
        _share(sum(not one.alarms for one in others), len(others)),
        f"{alarms / hours:.2f}" if hours else "",
        f"{_brief(seen, len(falls))}/{_brief(quiet, len(others))}",
        f"{felt / hours:.1f}" if hours else "",
        _brief(taken_back, len(up)),
        f"{median:.1f}/{late:.1f} s" if waits else "",
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


def _is_life(trial: Trial, activities: re.Pattern[str]) -> bool:
    return not trial.is_fall and activities.search(trial.activity) is not None
