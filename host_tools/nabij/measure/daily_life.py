"""How often man-down by tilt and rest fires in recordings: `python -m nabij.measure.daily_life`.

The shipped classes run over real recordings (nabij.detector.worn). No set holds a day, so three
things are made, and all figures are of these:

* long: each recording of two minutes or more, after a minute of the same person's walking from
  which the badge learns how it hangs;
* short: all daily-life trials of a person and placement end to end, walking first;
* after a fall: a minute of walking, the fall, and then its last seconds backwards and forwards
  for five minutes, because recordings end about 10 s after the impact.

With --flight it prints what the flight alarm does in the same recordings (nabij.measure.flights).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from badge.core.alarm import kinds
from badge.core.detector import detect
from badge.core.settings import config as badge_config
from badge.core.settings.fields import PROFILES
from nabij import places
from nabij.data import bundles
from nabij.data.bundles import Bundle, Trial
from nabij.data.walks import own_walk
from nabij.detector import sampling
from nabij.detector.decide import gets_up_again, tail_index
from nabij.detector.sampling import Samples
from nabij.detector.worn import Badge
from nabij.errors import NabijError
from nabij.measure import flights

_LONG_S: Final = 120
_LEARN_S: Final = 60
_AFTER_S: Final = 300
_DEAF_POINTS: Final = 1000
_KINDS: Final = tuple(kinds.of(number).name for number in kinds.AUTOMATIC)


@dataclass
class Tally:
    """What fired in how many hours; `confirmed` is what the detector alone would have raised."""

    hours: float = 0.0
    pre_alarms: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    tables: int = 0

    def add(self, badge: Badge, from_s: float, hours: float) -> None:
        """Count what a badge did after `from_s`."""
        self.hours += hours
        for moment in badge.happened:
            if moment.at_s < from_s:
                continue
            if moment.what == "pre_alarm":
                self.pre_alarms[moment.kind] += 1
            elif moment.what == "alarm":
                self.alarms[moment.kind] += 1
            elif moment.what == "motion.confirmed":
                self.confirmed += 1
            elif moment.what == "felt" and moment.kind == "NOT_WORN":
                self.tables += 1


@dataclass
class AfterFall:
    """What became of falls that their person did not get up from."""

    falls: int = 0
    impact: int = 0
    caught: Counter[str] = field(default_factory=Counter)
    thrown: int = 0
    tables: int = 0
    unknown_frame: int = 0
    delays_s: list[float] = field(default_factory=list)


def long_recordings(bundle: Bundle, config: Any) -> dict[str, Tally]:
    """Return by activity what fired in the recordings of two minutes or more."""
    found: dict[str, Tally] = defaultdict(Tally)
    trials = [trial for trial in bundle.rows if trial.duration_s >= _LONG_S and not trial.is_fall]
    for trial in trials:
        walk = own_walk(bundle.rows, trial, _LEARN_S)
        badge = Badge(config).wear(walk).wear(_samples(trial))
        found[trial.activity].add(badge, len(walk) / detect.RATE_HZ, trial.duration_s / 3600)
    return dict(found)


def short_recordings(bundle: Bundle, config: Any) -> dict[str, Tally]:
    """Return by placement what fired in the daily life of each person, put end to end."""
    found: dict[str, Tally] = defaultdict(Tally)
    worn: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in bundle.rows:
        if not trial.is_fall and trial.duration_s < _LONG_S:
            worn[trial.placement, trial.subject].append(trial)
    for (placement, _), trials in worn.items():
        badge = Badge(config).wear(own_walk(bundle.rows, trials[0], _LEARN_S))
        for trial in trials:
            badge.wear(_samples(trial))
        hours = sum(trial.duration_s for trial in trials) / 3600
        found[placement].add(badge, _LEARN_S, hours)
    return dict(found)


def after_falls(bundle: Bundle, config: Any) -> dict[str, AfterFall]:
    """Return by placement which condition raised the first alarm after each fall."""
    found: dict[str, AfterFall] = defaultdict(AfterFall)
    for trial in bundle.rows:
        if not trial.is_fall or gets_up_again(trial.activity):
            continue
        seen = found[trial.placement]
        walk, fall = own_walk(bundle.rows, trial, _LEARN_S), _samples(trial)
        badge = Badge(config).wear(walk)
        seen.unknown_frame += not badge.man_down.conditions.frame.known
        badge.wear(fall).wear(_tail(fall))
        _note_fall(seen, badge, len(walk) / detect.RATE_HZ)
    return dict(found)


def _note_fall(seen: AfterFall, badge: Badge, from_s: float) -> None:
    after = [moment for moment in badge.happened if moment.at_s >= from_s]
    alarms = [moment for moment in after if moment.what == "alarm"]
    seen.falls += 1
    seen.caught[alarms[0].kind if alarms else "nothing"] += 1
    if alarms:
        seen.delays_s.append(alarms[0].at_s - from_s)
    seen.thrown += any(m.what == "mandown.cleared" and m.fields["why"] == "thrown" for m in after)
    seen.tables += any(m.what == "felt" and m.kind == "NOT_WORN" for m in after)


def _samples(trial: Trial) -> Samples:
    return sampling.measured(bundles.samples_104(trial))


def _tail(acc: Samples) -> Samples:
    tail: Samples = acc[tail_index(len(acc) - 1, np.arange(_AFTER_S * detect.RATE_HZ))]
    return tail


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables for the bundles of a folder."""
    parser = argparse.ArgumentParser(description="Man-down by tilt and rest in daily life.")
    parser.add_argument("names", nargs="*", help="bundles; all of the folder without any")
    parser.add_argument("--data", type=Path, default=places.recordings())
    parser.add_argument("--profile", default="discreet", choices=sorted(PROFILES))
    parser.add_argument("--deaf", action="store_true", help="the detector misses every fall")
    parser.add_argument("--flight", action="store_true", help="the flight alarm and nothing else")
    parser.add_argument("--flight-mg", type=int, help="its threshold in place of the default")
    options = parser.parse_args(argv)
    settings: dict[str, Any] = {"profile": options.profile, "flight_alarm": options.flight}
    if options.flight_mg is not None:
        settings["flight_mg"] = options.flight_mg
    if options.deaf:
        settings["fall_points"] = _DEAF_POINTS
    config = badge_config.Config.from_dict(settings)
    try:
        for bundle in bundles.load_every(options.data, options.names):
            print(f"\n{bundle.name}, profile {options.profile}")
            if options.flight:
                flights.show(flights.in_recordings(bundle, config))
            else:
                _print_bundle(bundle, config)
    except NabijError as error:
        print(error.sentence, file=sys.stderr)
        return error.exit_code
    return 0


def _print_bundle(bundle: Bundle, config: Any) -> None:
    _print_tallies("long recordings", long_recordings(bundle, config))
    _print_tallies("short recordings end to end", short_recordings(bundle, config))
    _print_falls(after_falls(bundle, config))


def _print_tallies(title: str, tallies: dict[str, Tally]) -> None:
    if not tallies:
        return
    head = " ".join(f"{kind:>15}" for kind in _KINDS)
    print(f"  {title:<40} {'hours':>6} {head}  confirmed  not worn")
    everything = Tally()
    for name, tally in tallies.items():
        everything.hours += tally.hours
        everything.pre_alarms += tally.pre_alarms
        everything.alarms += tally.alarms
        everything.confirmed += tally.confirmed
        everything.tables += tally.tables
        if tally.pre_alarms or tally.tables:
            _print_tally(name, tally)
    _print_tally("all", everything)


def _print_tally(name: str, tally: Tally) -> None:
    cells = " ".join(
        f"{f'{tally.pre_alarms[kind]} / {tally.alarms[kind]}':>15}" for kind in _KINDS
    )
    print(f"  {name[:40]:<40} {tally.hours:6.2f} {cells} {tally.confirmed:>10} {tally.tables:>9}")


def _print_falls(found: dict[str, AfterFall]) -> None:
    for placement, seen in found.items():
        first = ", ".join(f"{kind} {seen.caught[kind]}" for kind in (*_KINDS, "nothing"))
        print(
            f"  after {seen.falls} falls, {placement}: first alarm by {first}; taken for thrown "
            f"{seen.thrown}, for put down {seen.tables}; frame unknown {seen.unknown_frame}"
        )


if __name__ == "__main__":
    raise SystemExit(main())
